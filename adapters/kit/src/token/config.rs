//! How Bearer tokens are obtained, as configuration: references to secrets and where tokens are given. It reads no secret.

use std::collections::BTreeMap;
use std::time::Duration;

use lienthong_core::secret::SecretRef;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::{Address, Problems, Wait};

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
    /// `client_id` and `client_secret` in the form, for servers that take these only.
    Form(FormConfig),
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
pub struct FormConfig {
    pub client_id: SecretRef,
    pub client_secret: SecretRef,
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

impl TokenConfig {
    /// How it is granted, when it is.
    pub fn grant(&self) -> Option<&GrantConfig> {
        match self {
            Self::Static(_) => None,
            Self::Granted(grant) => Some(grant),
        }
    }
}

impl GrantConfig {
    /// What is wrong with it, `at` being the pointer of the whole. Its address is checked with the others.
    pub fn check(&self, at: &str, found: &mut Problems) {
        if self.scope.as_ref().is_some_and(|scope| scope.trim().is_empty()) {
            found.push((format!("{at}/scope"), "is empty".into()));
        }
        for name in self.fields.keys() {
            if name.is_empty() || matches!(name.as_str(), "grant_type" | "scope" | "client_id" | "client_secret") {
                found.push((format!("{at}/fields"), "names a field that has a setting of its own, or none".into()));
            }
        }
        let application = match &self.proof {
            TokenProof::Client(_) | TokenProof::Form(_) => return,
            TokenProof::Application(application) => application,
        };
        let ApplicationConfig { access_key: _, secret_key: _, app_name, partner_code, partner_code_cus } = application;
        let all = [("app_name", app_name), ("partner_code", partner_code), ("partner_code_cus", partner_code_cus)];
        for (name, value) in all {
            if value.trim().is_empty() {
                found.push((format!("{at}/proof/application/{name}"), "is empty".into()));
            }
        }
    }
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
