//! Until when certificates and secrets hold, in the public JSON. It shows references and never what they lead to.

use lienthong_core::Timestamp;
use lienthong_engine::expiry;
use serde::Serialize;
use utoipa::ToSchema;

/// Something a system is reached with until a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Expiry {
    /// `certificate` (read from the file in use) or `secret` (declared in the configuration).
    #[schema(example = "certificate")]
    pub material: &'static str,
    /// Where the configuration names it.
    #[schema(example = "transport.identity")]
    pub setting: String,
    /// What stands there: a reference or a path.
    #[schema(example = "file:tls/portal.pem")]
    pub reference: String,
    /// Whose certificate it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The first instant at which it no longer holds.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
}

impl From<expiry::Expiry> for Expiry {
    fn from(expiry: expiry::Expiry) -> Self {
        let expiry::Expiry { system: _, material, setting, reference, subject, until } = expiry;
        Self { material: material.as_str(), setting, reference, subject, until }
    }
}
