//! The three generations of the connection and how each proves who asks, as configuration. It reads no secret.

use std::collections::BTreeMap;

use lienthong_core::secret::SecretRef;
use lienthong_kit::token::TokenConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which generation an end point is of.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessConfig {
    /// SOAP across the national axis, Basic over a hash of the time.
    Ndxp(NdxpConfig),
    /// SOAP through a provincial LGSP, a token and a key per officer.
    Lgsp(LgspConfig),
    /// A provincial JSON wrapper that returns the SOAP answer as a text, a Bearer token.
    Wrapper(WrapperConfig),
}

/// `Authorization: Basic b64(user:sha256hex(service_url + user + timestamp + secret_key))` with the same `Timestamp`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NdxpConfig {
    pub user: SecretRef,
    pub secret_key: SecretRef,
    /// Sent as `ApiKey`; absent: no such header.
    #[serde(default)]
    pub api_key: Option<SecretRef>,
    /// Sent as `X-Road-Client`: `<instance>/<class>/<member>/<subsystem>`.
    pub road_client: String,
    #[serde(default)]
    pub timestamps: TimestampUnit,
    /// What stands for the service's address in the hash; absent: the address that is asked, without its query.
    #[serde(default)]
    pub service_url: Option<String>,
}

/// Since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimestampUnit {
    /// As the C# and Java clients do.
    #[default]
    Milliseconds,
    /// As the PHP client does.
    Seconds,
}

/// A token of the LGSP, and `AuthHash: b64(name:password)` of the officer who asks.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LgspConfig {
    pub token: TokenConfig,
    /// The officers' keys by the officer's code. Who has none may not ask.
    pub officers: BTreeMap<String, OfficerKey>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficerKey {
    pub name: SecretRef,
    pub password: SecretRef,
}

/// Flat JSON in, `{error_code, message}` out.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WrapperConfig {
    pub token: TokenConfig,
    #[serde(default)]
    pub field_names: FieldNames,
    /// Sent as `userNameService`, where a province wants it.
    #[serde(default)]
    pub user_name_service: Option<String>,
    /// Values of `error_code` that come with an answer.
    #[serde(default = "answered")]
    pub success_codes: Vec<String>,
}

/// How the wrapper's fields are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldNames {
    /// `MaYeuCau`
    #[default]
    Pascal,
    /// `maYeuCau`
    Camel,
}

fn answered() -> Vec<String> {
    vec!["0".to_owned()]
}
