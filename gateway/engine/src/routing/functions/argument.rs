//! Reads the arguments of our functions: texts, codes, days, lists. What does not fit is told by its class, never by its value.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::civil::Date;
use lienthong_formats::date::{self, Format, Parsed};
use vrl::value::Value;

use super::own::Refused;
use super::told::Told;

/// Keyword and place of a parameter.
pub(super) type At = (&'static str, usize);

fn value_of(values: &[Value], at: At) -> &Value {
    values.get(at.1).unwrap_or(&Value::Null)
}

pub(super) fn text(values: &[Value], at: At) -> Result<&str, Told> {
    let value = value_of(values, at);
    value.to_str().ok_or_else(|| Told::new(at, "must be a text").of(value))
}

/// A code: a text or an integer; several parts as an array of them.
pub(super) fn code(values: &[Value], at: At) -> Result<Vec<String>, Told> {
    let value = value_of(values, at);
    let part = |part: &Value| match part {
        Value::Integer(number) => Some(number.to_string()),
        other => other.to_str().map(str::to_owned),
    };
    let parts = match value {
        Value::Array(parts) => parts.iter().map(part).collect::<Option<Vec<String>>>(),
        single => part(single).map(|code| vec![code]),
    };
    parts.ok_or_else(|| Told::new(at, "must be a code: a text, an integer or an array of them").of(value))
}

/// A day: a timestamp (its day in Việt Nam), `yyyy-MM-dd`, or a time with its offset.
pub(super) fn day(values: &[Value], at: At) -> Result<Date, Told> {
    let value = value_of(values, at);
    let wrong = || Told::new(at, "must be a day (yyyy-MM-dd) or a time").of(value);
    if let Value::Timestamp(_) = value {
        return timestamp(value).and_then(|at| Parsed::Moment(at).day()).ok_or_else(wrong);
    }
    let text = value.to_str().ok_or_else(wrong)?;
    let read = date::parse(Format::DashedDay, text).or_else(|_| date::parse(Format::IsoLocal, text));
    read.ok().and_then(|parsed| parsed.day()).ok_or_else(wrong)
}

/// A VRL timestamp as ours.
pub(super) fn timestamp(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Timestamp(at) => Timestamp::try_from(SystemTime::from(*at)).ok(),
        Value::Bytes(_)
        | Value::String(_)
        | Value::Regex(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Object(_)
        | Value::Array(_)
        | Value::Null => None,
    }
}

/// Ours as a VRL timestamp; `None` before or after what the machine's time can hold.
pub(super) fn from_timestamp(at: Timestamp) -> Option<Value> {
    let since = at.as_duration();
    let length = Duration::new(since.unsigned_abs().as_secs(), since.unsigned_abs().subsec_nanos());
    let time = if since.is_negative() {
        SystemTime::UNIX_EPOCH.checked_sub(length)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(length)
    };
    time.map(|time| Value::Timestamp(time.into()))
}

/// A list of texts; none when it was left out.
pub(super) fn list(values: &[Value], at: At) -> Result<Vec<String>, Told> {
    let value = value_of(values, at);
    let wrong = || Told::new(at, "must be an array of texts").of(value);
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => {
            items.iter().map(|item| item.to_str().map(str::to_owned)).collect::<Option<_>>().ok_or_else(wrong)
        }
        Value::Bytes(_)
        | Value::String(_)
        | Value::Regex(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Timestamp(_)
        | Value::Object(_) => Err(wrong()),
    }
}

/// A text that must be written into the program.
pub(super) fn written(known: &[Option<Value>], at: At, what: &str) -> Result<String, Refused> {
    let text = known.get(at.1).and_then(Option::as_ref).and_then(Value::to_str).map(str::to_owned);
    text.ok_or_else(|| {
        let problem = format!("`{}` is not written out", at.0);
        (problem, format!("write {what} as a text in the program, so that it can be checked before a message comes"))
    })
}

/// As [`written`], where it may be left out.
pub(super) fn written_or_none(known: &[Option<Value>], at: At) -> Option<String> {
    known.get(at.1).and_then(Option::as_ref).and_then(Value::to_str).map(str::to_owned)
}
