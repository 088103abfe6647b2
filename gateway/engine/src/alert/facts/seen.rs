//! What is kept and told of one instance of a condition: plain data, nothing personal.

use lienthong_core::{SystemId, Timestamp};
use serde::{Deserialize, Serialize};

/// One instance of a condition, as it was seen last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Stable for as long as it is the same trouble.
    pub instance: String,
    pub what: What,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemId>,
    /// Where the window of time begins.
    pub since: Timestamp,
    pub count: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// The page of the console that shows it, from `/console` on.
    pub page: String,
    /// It was made by a fire drill.
    #[serde(default)]
    pub drill: bool,
}

/// One of those concerned; nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub exchange: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// What it is, with what its text needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// `code` of the cause, and its public text.
    Group {
        code: String,
        operation: String,
        vi: String,
        en: String,
    },
    Due {
        code: String,
        operation: String,
        overdue: u64,
        near: u64,
    },
    Down {
        reason: String,
    },
    /// `None`: as much or more comes as goes.
    Drain {
        at: Option<Timestamp>,
        will_miss: Option<u64>,
    },
    Expiry {
        setting: String,
        subject: Option<String>,
        until: Timestamp,
    },
    Disk {
        sending: bool,
    },
    Journal {
        says: String,
    },
    Release {
        because: String,
    },
    /// Silent for longer than declared: so many seconds, of working time where there is a calendar.
    Silent {
        client: String,
        after: u64,
    },
    /// Silent in hours in which at least so many messages came in each of so many weeks before.
    Missed {
        client: String,
        least: u64,
        weeks: i64,
    },
    /// So many fields are to be amended.
    Approval {
        operation: String,
        fields: u64,
    },
    /// More instances than are told one by one.
    More,
}
