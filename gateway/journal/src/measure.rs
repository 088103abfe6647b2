//! What is measured by the hour beside the exchanges, and how open deliveries stand against time. What a measure says is not the journal's business.

use lienthong_core::{Class, StateName, SystemId, Timestamp};

use crate::pace::Standstill;

/// Most bytes of a measure's text.
pub const MEASURE_BYTES: usize = 64 * 1024;

/// What was measured of one subject in one hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Of what: `system/portal`, `client/one-stop`.
    pub subject: String,
    /// The hour that begins then.
    pub hour: Timestamp,
    pub text: String,
}

/// An open delivery and its times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDelivery {
    pub system: SystemId,
    pub class: Class,
    pub state: StateName,
    /// The date promised, where one is.
    pub due: Option<Timestamp>,
    /// What it is drained by.
    pub rank: Timestamp,
    pub received_at: Timestamp,
    /// Where a date is promised: when those of its key stood still, oldest first.
    pub stood: Vec<Standstill>,
}

/// Open deliveries of all systems, inboxes apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenDeliveries {
    /// In no order.
    pub rows: Vec<OpenDelivery>,
    /// Whether there are more than were looked at.
    pub truncated: bool,
}
