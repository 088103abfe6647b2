//! Who normally sends and has stopped, in the public JSON.

use lienthong_core::Timestamp;
use lienthong_engine::desk::silence::SilentBy;
use serde::Serialize;
use utoipa::ToSchema;

/// A client or system that normally sends and has stopped.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Silence {
    /// Of an external system: `system-<name>`.
    pub client: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Its last message, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last: Option<Timestamp>,
    /// Since when it is silent, as far as was listened.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// `declared` or `learned`.
    #[schema(value_type = String, example = "declared")]
    pub by: &'static str,
    /// Declared: longer silence than this is reported, in working time where a calendar is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_seconds: Option<u64>,
    /// Learned: at least so many messages came in the same hours of each of so many weeks before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weeks: Option<i64>,
}

/// All who are silent now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SilenceList {
    pub silences: Vec<Silence>,
}

impl From<lienthong_engine::service::Silence> for Silence {
    fn from(silence: lienthong_engine::service::Silence) -> Self {
        let lienthong_engine::service::Silence { client, system, last, since, by } = silence;
        let (by, after_seconds, least, weeks) = match by {
            SilentBy::Declared { after } => ("declared", Some(after.as_secs()), None, None),
            SilentBy::Learned { least, weeks } => ("learned", None, Some(least), Some(weeks)),
        };
        let system = system.map(|system| system.to_string());
        Self { client: client.to_string(), system, last, since, by, after_seconds, least, weeks }
    }
}
