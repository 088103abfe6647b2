//! Reads and writes the patterns made of digits and marks. It knows nothing of who uses them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

use super::{DateError, Format, HERE, Parsed};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// Most digits of a fraction of a second.
const FRACTION: usize = 9;

/// What a pattern asks for, piece by piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Year,
    Month,
    MonthName,
    Day,
    Hour,
    Minute,
    Second,
    Fraction,
    Millisecond,
    Mark(char),
}

const PIECES: [(&str, Piece); 9] = [
    ("yyyy", Piece::Year),
    ("MMM", Piece::MonthName),
    ("MM", Piece::Month),
    ("dd", Piece::Day),
    ("HH", Piece::Hour),
    ("mm", Piece::Minute),
    ("ss", Piece::Second),
    ("SSSS", Piece::Millisecond),
    ("S", Piece::Fraction),
];

/// The pieces of one alternative.
fn pieces(mut pattern: &str) -> impl Iterator<Item = Piece> {
    std::iter::from_fn(move || {
        for (letters, piece) in PIECES {
            if let Some(rest) = pattern.strip_prefix(letters) {
                pattern = rest;
                return Some(piece);
            }
        }
        let mut marks = pattern.chars();
        let mark = marks.next()?;
        pattern = marks.as_str();
        Some(Piece::Mark(mark))
    })
}

/// The numbers a text gave.
#[derive(Default)]
struct Numbers {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    time: Option<(i8, i8, i8, i32)>,
}

impl Numbers {
    fn settle(self) -> Option<Parsed> {
        let year = self.year.filter(|year| *year > 0)?;
        let (Some(month), day) = (self.month, self.day) else { return Some(Parsed::Year(year)) };
        let Some(day) = day else {
            return (1..=12).contains(&month).then_some(Parsed::Month { year, month });
        };
        let date = Date::new(year, month, day).ok()?;
        let Some((hour, minute, second, nanos)) = self.time else { return Some(Parsed::Day(date)) };
        let time = Time::new(hour, minute, second, nanos).ok()?;
        HERE.to_timestamp(DateTime::from_parts(date, time)).ok().map(Parsed::Moment)
    }
}

pub(super) fn parse(format: Format, text: &str) -> Result<Parsed, DateError> {
    let mut shaped = false;
    for pattern in format.alternatives() {
        if let Some(numbers) = scan(pattern, text) {
            shaped = true;
            if let Some(parsed) = numbers.settle() {
                return Ok(parsed);
            }
        }
    }
    Err(if shaped { DateError::Calendar(format) } else { DateError::Form(format) })
}

fn scan(pattern: &str, mut text: &str) -> Option<Numbers> {
    let mut found = Numbers::default();
    for piece in pieces(pattern) {
        match piece {
            Piece::Year => found.year = Some(number(&mut text, 4)?),
            Piece::Month => found.month = Some(number(&mut text, 2)?),
            Piece::MonthName => found.month = Some(month_name(&mut text)?),
            Piece::Day => found.day = Some(number(&mut text, 2)?),
            Piece::Hour => found.time.get_or_insert_default().0 = number(&mut text, 2)?,
            Piece::Minute => found.time.get_or_insert_default().1 = number(&mut text, 2)?,
            Piece::Second => found.time.get_or_insert_default().2 = number(&mut text, 2)?,
            Piece::Fraction => found.time.get_or_insert_default().3 = fraction(&mut text)?,
            Piece::Millisecond => {
                let milliseconds: i32 = number(&mut text, 4)?;
                found.time.get_or_insert_default().3 = milliseconds.checked_mul(1_000_000)?;
            }
            Piece::Mark(mark) => text = text.strip_prefix(mark)?,
        }
    }
    text.is_empty().then_some(found)
}

fn number<N: std::str::FromStr>(text: &mut &str, digits: usize) -> Option<N> {
    let (head, rest) = text.split_at_checked(digits)?;
    *text = rest;
    head.bytes().all(|b| b.is_ascii_digit()).then(|| head.parse().ok()).flatten()
}

fn month_name(text: &mut &str) -> Option<i8> {
    let (head, rest) = text.split_at_checked(3)?;
    *text = rest;
    (1i8..).zip(MONTHS).find(|(_, name)| name.eq_ignore_ascii_case(head)).map(|(month, _)| month)
}

fn fraction(text: &mut &str) -> Option<i32> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=FRACTION).contains(&digits) {
        return None;
    }
    let (head, rest) = text.split_at_checked(digits)?;
    *text = rest;
    format!("{head:0<FRACTION$}").parse().ok()
}

pub(super) fn print(format: Format, date: &Parsed) -> Result<String, DateError> {
    let fitting = format.alternatives().find(|pattern| precise_enough(pattern, date));
    let pattern = fitting.ok_or(DateError::Precision(format))?;
    let local = local(date).filter(|local| (1..=9999).contains(&local.year())).ok_or(DateError::Range(format))?;
    let mut text = String::with_capacity(pattern.len());
    pieces(pattern).for_each(|piece| write(piece, local, &mut text));
    Ok(text)
}

fn precise_enough(pattern: &str, date: &Parsed) -> bool {
    pieces(pattern).all(|piece| match piece {
        Piece::Year | Piece::Mark(_) => true,
        Piece::Month | Piece::MonthName => !matches!(date, Parsed::Year(_)),
        Piece::Day => matches!(date, Parsed::Day(_) | Parsed::Moment(_)),
        Piece::Hour | Piece::Minute | Piece::Second | Piece::Fraction | Piece::Millisecond => {
            matches!(date, Parsed::Moment(_))
        }
    })
}

fn local(date: &Parsed) -> Option<DateTime> {
    let day = match date {
        Parsed::Moment(at) => return Some(HERE.to_datetime(*at)),
        Parsed::Day(day) => *day,
        Parsed::Month { year, month } => Date::new(*year, *month, 1).ok()?,
        Parsed::Year(year) => Date::new(*year, 1, 1).ok()?,
    };
    Some(DateTime::from_parts(day, Time::midnight()))
}

fn write(piece: Piece, at: DateTime, text: &mut String) {
    match piece {
        Piece::Year => digits(at.year().unsigned_abs().into(), 4, text),
        Piece::Month => digits(at.month().unsigned_abs().into(), 2, text),
        Piece::MonthName => {
            let place = usize::from(at.month().unsigned_abs()).saturating_sub(1);
            text.push_str(MONTHS.get(place).copied().unwrap_or_default());
        }
        Piece::Day => digits(at.day().unsigned_abs().into(), 2, text),
        Piece::Hour => digits(at.hour().unsigned_abs().into(), 2, text),
        Piece::Minute => digits(at.minute().unsigned_abs().into(), 2, text),
        Piece::Second => digits(at.second().unsigned_abs().into(), 2, text),
        Piece::Fraction => {
            let nanos = format!("{:09}", at.subsec_nanosecond());
            let short = nanos.trim_end_matches('0');
            text.push_str(if short.is_empty() { "0" } else { short });
        }
        Piece::Millisecond => digits(at.subsec_nanosecond().unsigned_abs() / 1_000_000, 4, text),
        Piece::Mark(mark) => text.push(mark),
    }
}

/// A number with leading zeros.
fn digits(number: u32, width: u32, text: &mut String) {
    for place in (0..width).rev() {
        let digit = number / 10_u32.pow(place) % 10;
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

/// `/Date(ms)/`, with an offset that says how it is shown and not when it is.
pub(super) fn dot_net(text: &str) -> Result<Parsed, DateError> {
    let error = DateError::Form(Format::DotNet);
    let inner = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")).ok_or(error)?;
    let (sign, digits) = inner.strip_prefix('-').map_or((1, inner), |rest| (-1, rest));
    let (digits, offset) = digits.find(['+', '-']).map_or((digits, None), |at| {
        let (number, offset) = digits.split_at(at);
        (number, Some(offset))
    });
    let offset_holds = offset.is_none_or(|o| o.len() == 5 && o.bytes().skip(1).all(|b| b.is_ascii_digit()));
    if !offset_holds || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(error);
    }
    let milliseconds: i64 = digits.parse().map_err(|_| DateError::Range(Format::DotNet))?;
    Timestamp::from_millisecond(sign * milliseconds).map(Parsed::Moment).map_err(|_| DateError::Range(Format::DotNet))
}
