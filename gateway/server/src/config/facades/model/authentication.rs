//! How callers of a façade prove themselves, as its file says it. It holds references and hashes, never a secret.

use std::time::Duration;

use lienthong_core::secret::SecretRef;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::types::{KeyHash, Span};

/// What callers show; everything that is given must hold.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthenticationModel {
    /// Hashes of static tokens in `Authorization: Bearer`, as `lienthong hash-key --stdin` prints them.
    #[serde(default)]
    pub(crate) bearer: Vec<KeyHash>,
    /// `Authorization: Basic`.
    #[serde(default)]
    pub(crate) basic: Option<AccountModel>,
    /// A header that holds base64 of `{"AccessKey", "SecretKey", …}`.
    #[serde(default)]
    pub(crate) lgsp_header: Option<LgspHeaderModel>,
    /// A session from a login, in the body of every call.
    #[serde(default)]
    pub(crate) session: Option<SessionModel>,
    /// A token end point (client credentials), whose tokens come as `Authorization: Bearer`.
    #[serde(default)]
    pub(crate) token: Option<TokenModel>,
}

/// A user and a password.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountModel {
    pub(crate) username: SecretRef,
    pub(crate) password: SecretRef,
}

/// The `lgspaccesstoken` header of several provinces.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LgspHeaderModel {
    #[serde(default = "lgspaccesstoken")]
    pub(crate) name: String,
    pub(crate) access_key: SecretRef,
    pub(crate) secret_key: SecretRef,
    /// Must be told too when given.
    #[serde(default)]
    pub(crate) app_name: Option<String>,
    /// Must be told too when given.
    #[serde(default)]
    pub(crate) partner_code: Option<String>,
}

/// `mapi/login`: `{"username", "password"}` is answered `{"session", "error_code", "message"}`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionModel {
    /// Below the façade's path.
    #[serde(default = "mapi_login")]
    pub(crate) path: String,
    pub(crate) username: SecretRef,
    pub(crate) password: SecretRef,
    /// Where a call's body has the session.
    #[serde(default = "session_field")]
    pub(crate) field: String,
    /// How long a session lasts. Callers keep one for ten minutes and do not log in again before: make it longer.
    #[serde(default = "half_an_hour")]
    pub(crate) lifetime: Span,
}

/// An OAuth 2 token end point for client credentials, by Basic or in the form.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenModel {
    /// Below the façade's path.
    #[serde(default = "slash_token")]
    pub(crate) path: String,
    pub(crate) client_id: SecretRef,
    pub(crate) client_secret: SecretRef,
    #[serde(default = "one_hour")]
    pub(crate) lifetime: Span,
}

fn half_an_hour() -> Span {
    Span(Duration::from_secs(30 * 60))
}

fn one_hour() -> Span {
    Span(Duration::from_secs(3600))
}

fn lgspaccesstoken() -> String {
    "lgspaccesstoken".to_owned()
}

fn mapi_login() -> String {
    "/mapi/login".to_owned()
}

fn session_field() -> String {
    "/session".to_owned()
}

fn slash_token() -> String {
    "/token".to_owned()
}
