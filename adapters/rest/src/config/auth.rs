//! How we prove who we are, as configuration: references to secrets and where they are put. It reads no secret.

use std::collections::BTreeMap;
use std::time::Duration;

use lienthong_core::secret::SecretRef;
use lienthong_kit::config::{Address, Wait};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The proof that goes with every request. A certificate (mTLS) is `transport.identity`, and may come with any of these.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuthenticationConfig {
    #[default]
    None,
    /// A key of our own in a header or the query.
    #[serde(rename = "api_key")]
    ApiKey(ApiKeyConfig),
    /// RFC 7617.
    Basic(BasicConfig),
    /// RFC 6750, with a token that does not change.
    Bearer(BearerConfig),
    /// RFC 6749 client credentials: a token is fetched, kept and renewed.
    OAuth2(OAuth2Config),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyConfig {
    /// Of the header or query parameter.
    pub name: String,
    #[serde(default, rename = "in")]
    pub place: Where,
    pub value: SecretRef,
}

/// Where an API key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Where {
    #[default]
    Header,
    /// Shows in other people's logs: only where the system knows no header.
    Query,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BasicConfig {
    pub username: SecretRef,
    pub password: SecretRef,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BearerConfig {
    pub token: SecretRef,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OAuth2Config {
    /// Where tokens are given.
    pub token_url: Address,
    pub client_id: SecretRef,
    pub client_secret: SecretRef,
    /// How client id and secret are shown there.
    #[serde(default)]
    pub proof: ClientProof,
    /// Scopes, blank-separated; not sent when left out.
    #[serde(default)]
    pub scope: Option<String>,
    /// Other form fields the token end point wants, such as `audience`.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// How long a token lives that does not say so.
    #[serde(default = "five_minutes")]
    pub lifetime: Wait,
    /// A token is renewed this long before it expires.
    #[serde(default = "ten_seconds")]
    pub renew_before: Wait,
    /// How long fetching a token may take.
    #[serde(default = "ten_seconds")]
    pub timeout: Wait,
}

/// RFC 6749 §2.3.1: Basic is what every server must take; some take the form only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientProof {
    #[default]
    Basic,
    Form,
}

fn five_minutes() -> Wait {
    Wait(Duration::from_secs(300))
}

fn ten_seconds() -> Wait {
    Wait(Duration::from_secs(10))
}
