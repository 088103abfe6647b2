//! The date forms of the systems, checked against the calendar, local times in Việt Nam's. It guesses no form and reads no clock.

mod format;
mod pattern;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

pub use format::Format;

#[cfg(test)]
mod tests;

/// Asia/Ho_Chi_Minh has been UTC+7 without summer time since 1975; a fixed offset needs no zone files.
pub const HERE: Offset = Offset::constant(7);

/// What a text says, no more precise than it says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Parsed {
    Moment(Timestamp),
    Day(Date),
    Month { year: i16, month: i8 },
    Year(i16),
}

impl Parsed {
    /// The day in Việt Nam, where it is known.
    pub fn day(&self) -> Option<Date> {
        match self {
            Self::Moment(at) => Some(HERE.to_datetime(*at).date()),
            Self::Day(day) => Some(*day),
            Self::Month { .. } | Self::Year(_) => None,
        }
    }

    pub fn moment(&self) -> Option<Timestamp> {
        match self {
            Self::Moment(at) => Some(*at),
            Self::Day(_) | Self::Month { .. } | Self::Year(_) => None,
        }
    }

    pub fn year(&self) -> i16 {
        match self {
            Self::Moment(at) => HERE.to_datetime(*at).year(),
            Self::Day(day) => day.year(),
            Self::Month { year, .. } | Self::Year(year) => *year,
        }
    }

    /// Whether it is 0001-01-01: what .NET systems send for a date they do not have or could not read.
    pub fn is_unset(&self) -> bool {
        self.day().is_some_and(|day| (day.year(), day.month(), day.day()) == (1, 1, 1))
    }
}

/// Why a text is no date of its form, or a date cannot be written in one. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    #[error("is not in the form {}", .0.pattern())]
    Form(Format),
    /// The form holds, but no calendar has such a day, or no clock such a time.
    #[error("is in the form {} but is no day or time that exists", .0.pattern())]
    Calendar(Format),
    #[error("is not known as precisely as the form {} needs", .0.pattern())]
    Precision(Format),
    #[error("lies outside the years the form {} can write", .0.pattern())]
    Range(Format),
}

/// Reads a text in one form, blanks around it ignored.
pub fn parse(format: Format, text: &str) -> Result<Parsed, DateError> {
    let text = text.trim();
    match format {
        Format::Iso => iso(text, false),
        Format::IsoLocal => iso(text, true),
        Format::DotNet => pattern::dot_net(text),
        _pattern => pattern::parse(format, text),
    }
}

/// Writes a date in one form. A moment may be written as its local day; nothing is made more precise than it is.
pub fn print(format: Format, date: &Parsed) -> Result<String, DateError> {
    let moment = |form: Format| date.moment().ok_or(DateError::Precision(form));
    match format {
        Format::Iso => Ok(moment(format)?.to_string()),
        Format::IsoLocal => Ok(moment(format)?.display_with_offset(HERE).to_string()),
        Format::DotNet => Ok(format!("/Date({})/", moment(format)?.as_millisecond())),
        _pattern => pattern::print(format, date),
    }
}

/// `yyMMdd` of this century, as dossier codes have it.
pub(crate) fn two_digit_year(text: &str) -> Option<Date> {
    (text.len() == 6).then_some(())?;
    match pattern::parse(Format::CompactDay, &format!("20{text}")) {
        Ok(Parsed::Day(day)) => Some(day),
        Ok(Parsed::Moment(_) | Parsed::Month { .. } | Parsed::Year(_)) | Err(_) => None,
    }
}

/// ISO 8601 with seconds; without an offset it is UTC (VBDLIS) or local.
fn iso(text: &str, local: bool) -> Result<Parsed, DateError> {
    let format = if local { Format::IsoLocal } else { Format::Iso };
    let shaped = text.len() >= 19 && matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    if !shaped || text.contains('[') {
        return Err(DateError::Form(format));
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Parsed::Moment(at));
    }
    let offset = if local { HERE } else { Offset::UTC };
    let has_offset = text.ends_with(['Z', 'z']) || text.get(19..).is_some_and(|rest| rest.contains(['+', '-']));
    match text.parse::<DateTime>() {
        Ok(civil) if !has_offset => {
            offset.to_timestamp(civil).map(Parsed::Moment).map_err(|_| DateError::Range(format))
        }
        Ok(_) | Err(_) if iso_digits(text) => Err(DateError::Calendar(format)),
        Ok(_) | Err(_) => Err(DateError::Form(format)),
    }
}

fn iso_digits(text: &str) -> bool {
    text.bytes().take(19).zip(*b"0000-00-00T00:00:00").all(|(byte, like)| match like {
        b'0' => byte.is_ascii_digit(),
        _mark => byte.eq_ignore_ascii_case(&like),
    })
}
