//! The portal's answers as they come: `{error_code, message, result}` and the login's. It judges nothing.

use serde::Deserialize;
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
