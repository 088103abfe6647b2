//! The portal's answers as they come: `{error_code, message, result}` and the login's. It judges nothing.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// Any answer of `mapi/g`. Other fields are ignored.
#[derive(Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub(crate) error_code: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) result: Option<&'a RawValue>,
}

/// The answer of `mapi/login`.
#[derive(Deserialize)]
pub(crate) struct LoginAnswer<'a> {
    #[serde(borrow, default)]
    pub(crate) session: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) error_code: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) message: Option<&'a RawValue>,
}

/// The status a row of `TraCuuHoSo` tells, as a number or a text, where it tells one; the shape of these rows is not public.
pub(crate) fn told_status(row: &Value) -> Option<u8> {
    match row.get("TrangThaiHoSo")? {
        Value::Number(number) => number.as_u64().and_then(|number| u8::try_from(number).ok()),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
