//! Progress steps and status notices as callers hand them over. No step is ever added or made up.

use lienthong_core::Timestamp;
use lienthong_core::secret::Personal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Paper, Status};

/// Steps of one dossier, in the order they happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    #[schemars(length(min = 1, max = 64))]
    pub code: String,
    /// More than one request takes become several ordered deliveries.
    #[schemars(length(min = 1))]
    pub steps: Vec<ProgressStep>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgressStep {
    /// Who worked on it.
    #[schemars(length(min = 1))]
    pub officer: Personal<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub started_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub due_at: Option<Timestamp>,
}

/// The status of a dossier that began at the portal.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusUpdate {
    /// Our dossier code.
    #[schemars(length(min = 1, max = 64))]
    pub code: String,
    /// The portal's own code of the dossier.
    #[schemars(length(min = 1, max = 128), extend("x-searchable" = "exact"))]
    pub portal_code: String,
    #[serde(default)]
    pub owner_tech_id: Option<Personal<String>>,
    #[serde(default)]
    pub content: Option<String>,
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    pub status: Status,
    #[serde(default)]
    pub papers: Vec<Paper>,
}

/// Output of `sync-progress` and `sync-status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Accepted {
    /// The portal's own words.
    pub message: Personal<String>,
}
