//! A system described wholly by configuration: where it is, how we prove who we are, what can be asked and what its answers mean. It opens nothing.

mod auth;
mod operation;
mod rules;
mod validate;

use std::collections::BTreeMap;

use lienthong_core::Timestamp;
use lienthong_kit::config::{Address, TransportConfig};
use schemars::JsonSchema;
use serde::Deserialize;

pub use auth::{ApiKeyConfig, AuthenticationConfig, BasicConfig, BearerConfig, ClientProof, OAuth2Config, Where};
pub use operation::{
    AnswerConfig, AnswerForm, BodyConfig, BodyForm, EffectName, LookupConfig, MethodName, OperationConfig,
    RequestConfig, XmlConfig,
};
pub(crate) use validate::is_header_text;

pub use rules::{ProblemsConfig, RuleConfig, StatusPattern, Then, WhenConfig};

/// One system that speaks HTTP: nothing about it is known to this program but what stands here.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestConfig {
    /// Dated addresses. Several may exist side by side; the one valid now with the latest `from` is used.
    pub endpoints: Vec<EndpointConfig>,
    /// Name of the end point to use whatever the dates say.
    #[serde(default)]
    pub active: Option<String>,
    /// The HTTP client; `identity` is the certificate shown for mTLS.
    #[serde(default)]
    pub transport: TransportConfig,
    /// Headers of every request, as they are.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Rules for the answers of every operation, after the operation's own.
    #[serde(default)]
    pub outcomes: Vec<RuleConfig>,
    /// The cheapest harmless request that shows the system serves us; without it the base address is asked.
    #[serde(default)]
    pub probe: Option<ProbeConfig>,
    pub operations: Vec<OperationConfig>,
}

/// One address of the system, the time it is valid, and how it wants us to prove who we are.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointConfig {
    pub name: String,
    /// First instant of validity, RFC 3339; absent: always was.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub from: Option<Timestamp>,
    /// First instant after validity, RFC 3339; absent: until further notice.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub until: Option<Timestamp>,
    /// What every path is put below.
    pub base: Address,
    #[serde(default)]
    pub authentication: AuthenticationConfig,
}

/// A request without input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProbeConfig {
    #[serde(default)]
    pub method: MethodName,
    /// Below the base address, query included; no placeholders.
    pub path: String,
    /// Statuses that show it serves us.
    #[serde(default = "ok")]
    pub status: Vec<StatusPattern>,
}

fn ok() -> Vec<StatusPattern> {
    vec![StatusPattern::Class(2)]
}
