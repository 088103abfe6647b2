//! Reads values of answers: dates in every form of a tax body, amounts, areas. What cannot be read is told by its place, never with the value.

use jiff::civil::Date;
use lienthong_core::{Fault, FaultKind, FieldProblem, Timestamp};
use lienthong_formats::date::{self, DateError, Format, Parsed};

use super::some;
use crate::model::{TaxArea, TaxUnit};
use crate::wire::answer::AreaFields;

/// Forms of dates in tax bodies and notices; no text has two of them.
const DATES: [Format; 6] = [
    Format::DashedMomentFraction,
    Format::DashedMoment,
    Format::DashedDay,
    Format::SlashedDay,
    Format::SlashedMoment,
    Format::DayFirstDashedDay,
];

/// Values that could not be read.
#[derive(Default)]
pub(crate) struct Reading {
    problems: Vec<FieldProblem>,
}

/// A date as an answer has it: the day, and the moment where it says one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct When {
    pub(crate) day: Option<Date>,
    pub(crate) at: Option<Timestamp>,
}

impl Reading {
    fn note(&mut self, pointer: impl Into<String>, problem: impl Into<String>, class: &str) {
        self.problems.push(FieldProblem::new(pointer, problem).of_class(class));
    }

    /// A date in any of the forms. Blank and 0001-01-01 are none.
    pub(crate) fn date(&mut self, pointer: impl Into<String>, text: &str) -> When {
        if text.is_empty() {
            return When::default();
        }
        let mut exists_not = None;
        for format in DATES {
            match date::parse(format, text) {
                Ok(parsed) if parsed.is_unset() => return When::default(),
                Ok(parsed) => return When { day: parsed.day(), at: moment(&parsed) },
                Err(error @ DateError::Calendar(_)) => exists_not = Some(error),
                Err(DateError::Form(_) | DateError::Precision(_) | DateError::Range(_)) => {}
            }
        }
        match exists_not {
            Some(error) => self.note(pointer, error.to_string(), "date"),
            None => self.note(pointer, "is a date in none of the forms the tax authority is known to write", "date"),
        }
        When::default()
    }

    /// An amount in đồng: digits, nothing else.
    pub(crate) fn amount(&mut self, pointer: impl Into<String>, text: &str) -> String {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            self.note(pointer, "is no amount in whole đồng", "amount");
        }
        text.to_owned()
    }

    /// The value when everything could be read, else a fault that names what could not.
    pub(crate) fn settle<T>(self, value: T) -> Result<T, Fault> {
        if self.problems.is_empty() {
            return Ok(value);
        }
        let detail = format!("the answer holds {} values that cannot be read", self.problems.len());
        Err(Fault::of(FaultKind::Unintelligible, detail).with_problems(self.problems))
    }
}

/// A moment that says more than its day.
fn moment(parsed: &Parsed) -> Option<Timestamp> {
    let at = parsed.moment()?;
    let local = date::HERE.to_datetime(at);
    (local.time() != jiff::civil::Time::midnight()).then_some(at)
}

pub(crate) fn area(fields: AreaFields) -> TaxArea {
    let AreaFields { ma_tinh, ten_tinh, ma_huyen, ten_huyen, ma_xa, ten_xa } = fields;
    TaxArea { province: unit(ma_tinh, ten_tinh), district: unit(ma_huyen, ten_huyen), commune: unit(ma_xa, ten_xa) }
}

fn unit(code: String, name: String) -> Option<TaxUnit> {
    let unit = TaxUnit { code: some(code), name: some(name) };
    (unit.code.is_some() || unit.name.is_some()).then_some(unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> (When, usize) {
        let mut reading = Reading::default();
        (reading.date("/x", text), reading.problems.len())
    }

    #[test]
    fn every_form_of_a_tax_body_is_read() {
        let day = Some(jiff::civil::date(2025, 1, 10));
        let at: Option<Timestamp> = Some("2025-01-10T01:05:25Z".parse().unwrap());
        for (text, at) in [
            ("2025-01-10 08:05:25.0", at),
            ("2025-01-10 08:05:25", at),
            ("2025-01-10 00:00:00.0", None),
            ("2025-01-10", None),
            ("10/01/2025", None),
            ("10/01/2025 08:05:25", at),
            ("10-01-2025", None),
        ] {
            assert_eq!(read(text), (When { day, at }, 0), "{text}");
        }
        for none in ["", "0001-01-01 00:00:00.0", "01/01/0001"] {
            assert_eq!(read(none), (When::default(), 0), "{none}");
        }
    }

    #[test]
    fn a_day_that_does_not_exist_is_told_and_never_bent() {
        for text in ["2014/02/30", "2014-02-30 00:00:00.0", "30/02/2014", "30-02-2014", "hôm qua", "2014-02-30"] {
            let mut reading = Reading::default();
            assert_eq!(reading.date("/due_date", text), When::default());
            let fault = reading.settle(()).unwrap_err();
            assert_eq!((fault.kind, fault.problems[0].pointer.as_str()), (FaultKind::Unintelligible, "/due_date"));
            assert!(!format!("{fault:?}").contains("2014"), "{fault:?}");
        }
    }

    #[test]
    fn an_amount_is_digits() {
        for (text, problems) in [("4634000", 0), ("", 1), ("4.634.000", 1), ("-1", 1), ("1e6", 1)] {
            let mut reading = Reading::default();
            assert_eq!(reading.amount("/amount", text), text);
            assert_eq!(reading.problems.len(), problems, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _read = read(&text);
        }
    }
}
