//! What a preview is asked and what it tells, free of HTTP and gRPC.

use std::collections::BTreeMap;

use lienthong_core::{
    BusinessKey, ConfigVersion, DeliveryId, Fault, Fingerprint, OperationName, RouteName, SystemId, Timestamp,
};
use lienthong_journal::Cursor;
use serde_json::Value;

use crate::tables::EditedRow;

/// Most deliveries previewed at once.
pub const MOST: usize = 10_000;
/// Most deliveries told of one by one.
pub const ROWS: usize = 500;
/// Most of them with their differences.
pub const DIFFERENCES: usize = 100;

/// What is previewed.
#[derive(Debug, Clone)]
pub enum Selection {
    /// The parked members of an error group, oldest first, from a place of it on.
    Group { group: Fingerprint, cursor: Option<Cursor> },
    /// These, in this order.
    Deliveries(Vec<DeliveryId>),
}

/// What is not yet live. Nothing of it is kept.
#[derive(Debug, Clone, Default)]
pub struct Edits {
    /// Rows to add to tables or to take the place of some of theirs.
    pub tables: BTreeMap<String, Vec<EditedRow>>,
    /// Transforms of routes.
    pub transforms: BTreeMap<String, String>,
}

impl Edits {
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.transforms.is_empty()
    }
}

/// How much is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Deliveries previewed at most; kept within 1 to [`MOST`].
    pub limit: usize,
    /// Deliveries told of one by one at most; kept within [`ROWS`], and [`DIFFERENCES`] with differences.
    pub rows: usize,
    /// Only those of this verdict are told of one by one.
    pub only: Option<Verdict>,
    /// With the fields that differ from what went before.
    pub differences: bool,
    /// Also what is in marked fields: needs the operator's reason, and is an act.
    pub reveal: bool,
}

impl Default for Extent {
    fn default() -> Self {
        Self { limit: MOST, rows: DIFFERENCES, only: None, differences: false, reveal: false }
    }
}

/// What a release would come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// It would come to the adapter's door, and be let in.
    Passes,
    /// It would be parked again before anything is sent.
    Fails,
    /// It would pass; the release must be confirmed, since it may happen twice or out of order.
    NeedsConfirmation,
    /// The target would first be asked whether it has happened.
    LookedUpFirst,
    /// Nothing would be sent yet: what must come before it has not come, or its time.
    Waits,
    /// It cannot be released: a newer state was delivered, it is not waiting for anybody, or nobody can read it.
    Refused,
    /// It cannot be previewed.
    NotPreviewed,
}

impl Verdict {
    pub const ALL: [Self; 7] = [
        Self::Passes,
        Self::Fails,
        Self::NeedsConfirmation,
        Self::LookedUpFirst,
        Self::Waits,
        Self::Refused,
        Self::NotPreviewed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Fails => "fails",
            Self::NeedsConfirmation => "needs_confirmation",
            Self::LookedUpFirst => "looked_up_first",
            Self::Waits => "waits",
            Self::Refused => "refused",
            Self::NotPreviewed => "not_previewed",
        }
    }
}

/// What a release of the selection would come to, as things stand.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The running configuration.
    pub configuration: ConfigVersion,
    /// Whether edits took the place of parts of it.
    pub edited: bool,
    pub at: Timestamp,
    /// Parked in the whole group, where a group was asked for.
    pub parked: Option<u64>,
    /// Previewed here.
    pub previewed: u64,
    pub counts: BTreeMap<Verdict, u64>,
    /// Why those that do not simply pass do not: one for each cause, the most frequent first, at most [`ROWS`].
    pub causes: Vec<Cause>,
    /// Told of one by one, in the selection's order.
    pub rows: Vec<Previewed>,
    /// Where the next preview of the group goes on.
    pub next: Option<Cursor>,
}

/// One reason, and how many it concerns.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    pub verdict: Verdict,
    pub fingerprint: Fingerprint,
    pub system: SystemId,
    pub operation: OperationName,
    /// Of the first.
    pub fault: Fault,
    pub sample: DeliveryId,
    pub count: u64,
}

/// One delivery.
#[derive(Debug, Clone)]
pub struct Previewed {
    pub id: DeliveryId,
    pub verdict: Verdict,
    /// `None`: there is no such delivery.
    pub subject: Option<Subject>,
    /// Why it fails, is refused, must be confirmed or is not previewed.
    pub fault: Option<Fault>,
    /// Why its release must be confirmed, also where it would fail after that.
    pub confirmation: Option<Fault>,
    /// Until when it would wait.
    pub until: Option<Timestamp>,
    /// What else there is to know.
    pub note: Option<String>,
    /// Where it would go; several where a message that was kept is routed anew.
    pub sends: Vec<Sending>,
}

/// What a previewed delivery is.
#[derive(Debug, Clone)]
pub struct Subject {
    pub key: BusinessKey,
    pub system: SystemId,
    pub operation: OperationName,
    pub route: RouteName,
}

/// One request at an adapter's door.
#[derive(Debug, Clone)]
pub struct Sending {
    pub system: SystemId,
    pub operation: OperationName,
    pub route: RouteName,
    /// Size of what would be sent.
    pub bytes: u64,
    /// Where it was asked for.
    pub difference: Option<Difference>,
}

/// What a difference is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// What this attempt, the last, sent.
    Sent { attempt: u32 },
    /// The body received: nothing was ever sent.
    Received,
}

/// Field by field, what would be sent otherwise than before.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub against: Against,
    /// The very same bytes.
    pub identical: bool,
    pub fields: Vec<FieldChange>,
    /// Differing fields beyond those.
    pub more: u64,
}

/// One field that differs; absent on the side where it is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    pub pointer: String,
    pub before: Option<Shown>,
    pub after: Option<Shown>,
}

/// A value as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    Value(Value),
    /// The beginning of a long text.
    Cut(String),
    /// Personal.
    Hidden,
}
