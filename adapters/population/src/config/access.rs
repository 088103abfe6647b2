//! The three generations of the connection and how each proves who asks, as configuration. It reads no secret.

use std::collections::BTreeMap;
use std::time::Duration;

use lienthong_core::secret::SecretRef;
use lienthong_kit::config::{Address, Wait};
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

/// A Bearer token.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenConfig {
    /// One that does not change.
    Static(SecretRef),
    /// One that is fetched, kept and renewed.
    Granted(Box<GrantConfig>),
}

/// RFC 6749 client credentials: form `grant_type=client_credentials`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantConfig {
    /// Where tokens are given.
    pub address: Address,
    /// What is shown there.
    pub proof: TokenProof,
    /// How long a token lives that does not say so.
    #[serde(default = "five_minutes")]
    pub lifetime: Wait,
    /// A token is renewed this long before it expires.
    #[serde(default = "half_a_minute")]
    pub renew_before: Wait,
    /// How long fetching a token may take.
    #[serde(default = "ten_seconds")]
    pub timeout: Wait,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenProof {
    /// `Authorization: Basic b64(key:secret)`, as WSO2 and the national axis take it.
    Client(ClientConfig),
    /// `lgspaccesstoken: b64({AccessKey, SecretKey, AppName, PartnerCode, PartnerCodeCus})`, which every later call shows too.
    Application(ApplicationConfig),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientConfig {
    pub key: SecretRef,
    pub secret: SecretRef,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationConfig {
    pub access_key: SecretRef,
    pub secret_key: SecretRef,
    pub app_name: String,
    pub partner_code: String,
    pub partner_code_cus: String,
}

fn answered() -> Vec<String> {
    vec!["0".to_owned()]
}

fn five_minutes() -> Wait {
    Wait(Duration::from_secs(300))
}

fn half_a_minute() -> Wait {
    Wait(Duration::from_secs(30))
}

fn ten_seconds() -> Wait {
    Wait(Duration::from_secs(10))
}
