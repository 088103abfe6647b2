//! Shapes of answers: outcomes, tokens, lists. Everything may be missing or of another type; `map` and `client` decide.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use lienthong_kit::loose::Text;

/// `{data, status: {success, code, type, time, message}}`
#[derive(Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(borrow)]
    pub(crate) data: Option<&'a RawValue>,
    pub(crate) status: Option<Status>,
}

#[derive(Deserialize)]
pub(crate) struct Status {
    /// `true`, `false`, and nothing else counts.
    pub(crate) success: Option<Value>,
    #[serde(default)]
    pub(crate) code: Text,
    #[serde(default)]
    pub(crate) message: Text,
}

/// OAuth2 (RFC 6749 §5.1 and §5.2).
#[derive(Deserialize)]
pub(crate) struct Token {
    pub(crate) access_token: Option<String>,
    pub(crate) refresh_token: Option<String>,
    /// Seconds, as a number or as a text.
    #[serde(default)]
    pub(crate) expires_in: Text,
    #[serde(default)]
    pub(crate) error: Text,
}
