//! JSON to VRL's values and back, losing nothing: what one side cannot hold is refused. It runs no program.

mod exact;
#[cfg(test)]
mod tests;

use serde_json::{Map, Number, Value as Json};
use vrl::prelude::KeyString;
use vrl::value::Value;

/// Deepest nesting of a result; the same as what is accepted.
const DEPTH: usize = 128;

/// Why a body cannot become a program's event.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// The parser's words, without the content.
    Syntax(String),
    /// The pointer of a number that VRL's 64-bit integers and floats would change.
    Inexact(String),
}

/// Why a result cannot become JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unwritable {
    pub(super) pointer: String,
    pub(super) problem: &'static str,
    pub(super) class: &'static str,
}

/// The class of an event's value, in JSON's words.
pub(super) fn class_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Boolean(_) => "boolean",
        Value::Integer(_) => "integer",
        Value::Float(_) => "number",
        Value::Bytes(_) | Value::String(_) | Value::Regex(_) => "string",
        Value::Timestamp(_) => "timestamp",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Bytes to an event, straight. A number is kept exactly in value (`1.50` may come out as `1.5`) or refused: money is never rounded in passing.
pub(super) fn read(bytes: &[u8]) -> Result<Value, Unread> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| Unread::Syntax(error.to_string()))?;
    if has_float(&value)
        && let Some(pointer) = exact::first_inexact(bytes)
    {
        return Err(Unread::Inexact(pointer));
    }
    Ok(value)
}

/// Every number that is no 64-bit integer arrives as a float, so that only these bodies are looked at twice.
fn has_float(value: &Value) -> bool {
    match value {
        Value::Float(_) => true,
        Value::Object(fields) => fields.values().any(has_float),
        Value::Array(items) => items.iter().any(has_float),
        Value::Bytes(_)
        | Value::String(_)
        | Value::Regex(_)
        | Value::Integer(_)
        | Value::Boolean(_)
        | Value::Timestamp(_)
        | Value::Null => false,
    }
}

/// Whether a value holds a number that is no 64-bit integer.
pub(super) fn may_be_inexact(value: &Json) -> bool {
    match value {
        Json::Number(number) => !number.is_i64(),
        Json::Array(items) => items.iter().any(may_be_inexact),
        Json::Object(fields) => fields.values().any(may_be_inexact),
        Json::Null | Json::Bool(_) | Json::String(_) => false,
    }
}

/// A parsed body as an event for conditions, which change nothing: integers beyond 64 bits become the nearest float.
pub(super) fn from_json(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Boolean(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => Value::from_f64_or_zero(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::Array(items.iter().map(from_json).collect()),
        Json::Object(fields) => {
            Value::Object(fields.iter().map(|(name, field)| (key(name), from_json(field))).collect())
        }
    }
}

fn key(name: &str) -> KeyString {
    KeyString::from(name)
}

/// A program's result as JSON. Bytes that are no text, infinite numbers and regular expressions have no JSON form and are refused.
pub(super) fn into_json(value: Value) -> Result<Json, Unwritable> {
    write(value, DEPTH).map_err(|(mut path, problem, class)| {
        path.reverse();
        let pointer = path.iter().map(|part| format!("/{}", escaped(part))).collect();
        Unwritable { pointer, problem, class }
    })
}

/// The path to the culprit, innermost first; what is wrong; what it is.
type Refusal = (Vec<String>, &'static str, &'static str);

fn write(value: Value, depth: usize) -> Result<Json, Refusal> {
    let inner = depth.checked_sub(1);
    match value {
        Value::Null => Ok(Json::Null),
        Value::Boolean(flag) => Ok(Json::Bool(flag)),
        Value::Integer(integer) => Ok(Json::Number(integer.into())),
        Value::Float(float) => match Number::from_f64(float.into_inner()) {
            Some(number) => Ok(Json::Number(number)),
            None => Err((Vec::new(), "is an infinite number", "number")),
        },
        Value::String(text) => Ok(Json::String(String::from(&*text))),
        Value::Bytes(bytes) => match String::from_utf8(Vec::from(bytes)) {
            Ok(text) => Ok(Json::String(text)),
            Err(_) => Err((Vec::new(), "holds bytes that are no UTF-8 text", "bytes")),
        },
        Value::Timestamp(_) => Ok(Json::String(value.to_string_lossy().into_owned())),
        Value::Regex(_) => Err((Vec::new(), "is a regular expression", "regex")),
        Value::Array(items) => {
            let Some(inner) = inner else { return Err(too_deep()) };
            let items = items.into_iter().enumerate();
            let written =
                items.map(|(index, item)| write(item, inner).map_err(|refusal| under(refusal, index.to_string())));
            Ok(Json::Array(written.collect::<Result<_, _>>()?))
        }
        Value::Object(fields) => {
            let Some(inner) = inner else { return Err(too_deep()) };
            let mut written = Map::new();
            for (name, field) in fields {
                let field = write(field, inner).map_err(|refusal| under(refusal, name.to_string()))?;
                written.insert(name.into(), field);
            }
            Ok(Json::Object(written))
        }
    }
}

fn too_deep() -> Refusal {
    (Vec::new(), "is nested too deep", "object")
}

fn under((mut path, problem, class): Refusal, part: String) -> Refusal {
    path.push(part);
    (path, problem, class)
}

/// A name as a part of an RFC 6901 pointer.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
