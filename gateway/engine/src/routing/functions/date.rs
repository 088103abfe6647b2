//! `parse_date` and `format_date`: dates in the forms of the systems. Nothing is made more precise than it is.

use lienthong_formats::date::{self, Format, Parsed};
use vrl::compiler::TypeDef;
use vrl::compiler::function::Parameter;
use vrl::prelude::kind;
use vrl::value::Value;

use super::argument::{self, At};
use super::own::{Own, Prepared, Refused};
use super::told::Told;

const FORMAT: At = ("format", 0);
const TEXT: At = ("text", 1);
const DATE: At = ("date", 1);
const FORMAT_PARAMETER: Parameter = Parameter::required("format", kind::BYTES, "The form, written out.");

pub(super) const PARSE_DATE: Own = Own {
    name: "parse_date",
    usage: "Reads a date in a system's form: a timestamp where it tells a time, else yyyy-MM-dd, yyyy-MM or yyyy.",
    parameters: &[FORMAT_PARAMETER, Parameter::required("text", kind::BYTES, "The date as it came.")],
    returns: kind::TIMESTAMP | kind::BYTES,
    prepare: |_, known| {
        let format = format(known)?;
        Ok(Prepared::new(kind_of(format).fallible(), move |values| {
            let text = argument::text(values, TEXT)?;
            let parsed = date::parse(format, text).map_err(|error| told(&error.to_string(), TEXT))?;
            value(&parsed).ok_or_else(|| told("lies outside what a time can be", TEXT))
        }))
    },
};

pub(super) const FORMAT_DATE: Own = Own {
    name: "format_date",
    usage: "Writes a date in a system's form, in Việt Nam's time.",
    parameters: &[
        FORMAT_PARAMETER,
        Parameter::required(
            "date",
            kind::BYTES | kind::TIMESTAMP | kind::NULL,
            "A timestamp, a time with its offset, yyyy-MM-dd, yyyy-MM or yyyy.",
        ),
    ],
    returns: kind::BYTES,
    prepare: |_, known| {
        let format = format(known)?;
        Ok(Prepared::new(TypeDef::bytes().fallible(), move |values| {
            let written = date::print(format, &read(values)?).map_err(|error| told(&error.to_string(), DATE))?;
            Ok(Value::from(written))
        }))
    },
};

fn told(problem: &str, at: At) -> Told {
    Told::new(at, problem).classed("date")
}

fn format(known: &[Option<Value>]) -> Result<Format, Refused> {
    let pattern = argument::written(known, FORMAT, "the form")?;
    Format::named(&pattern).ok_or_else(|| {
        let patterns: Vec<&str> = Format::ALL.into_iter().map(Format::pattern).collect();
        (format!("`{pattern}` is no form of dates"), format!("the forms are {}", patterns.join(", ")))
    })
}

/// What a form can tell, for the types of programs.
fn kind_of(format: Format) -> TypeDef {
    let tells_time = |pattern: &str| ["HH", "ms", "iso"].iter().any(|sign| pattern.contains(sign));
    let mut alternatives = format.pattern().split('|').map(tells_time);
    match (alternatives.clone().any(|time| time), alternatives.all(|time| time)) {
        (true, true) => TypeDef::timestamp(),
        (true, false) => TypeDef::bytes().or_timestamp(),
        (false, _) => TypeDef::bytes(),
    }
}

fn value(parsed: &Parsed) -> Option<Value> {
    match parsed {
        Parsed::Moment(at) => argument::from_timestamp(*at),
        Parsed::Day(_) => date::print(Format::DashedDay, parsed).ok().map(Value::from),
        Parsed::Month { year, month } => Some(Value::from(format!("{year:04}-{month:02}"))),
        Parsed::Year(year) => Some(Value::from(format!("{year:04}"))),
    }
}

fn read(values: &[Value]) -> Result<Parsed, Told> {
    let given = values.get(DATE.1).unwrap_or(&Value::Null);
    if let Some(at) = argument::timestamp(given) {
        return Ok(Parsed::Moment(at));
    }
    let wrong =
        || Told::new(DATE, "must be a timestamp, a time with its offset, yyyy-MM-dd, yyyy-MM or yyyy").of(given);
    let text = given.to_str().ok_or_else(wrong)?;
    let month = |text: &str| {
        let (year, month) = text.split_once('-')?;
        date::parse(Format::SlashedMonth, &format!("{month}/{year}")).ok()
    };
    let year = |text: &str| match date::parse(Format::CompactBirth, text).ok()? {
        year @ Parsed::Year(_) => Some(year),
        Parsed::Moment(_) | Parsed::Day(_) | Parsed::Month { .. } => None,
    };
    let has_offset = text.ends_with(['Z', 'z']) || text.get(19..).is_some_and(|rest| rest.contains(['+', '-']));
    let read = date::parse(Format::DashedDay, text).ok();
    let read = read.or_else(|| date::parse(Format::Iso, text).ok().filter(|_| has_offset));
    read.or_else(|| month(text)).or_else(|| year(text)).ok_or_else(wrong)
}
