//! What the journal answers: records as they stand, pages, events. Versioned types of their own, not the public JSON.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use lienthong_core::delivery::OnParked;
use lienthong_core::{
    BusinessKey, Class, ClientId, ConfigVersion, ContentType, DeliveryId, DeliveryState, ExchangeId, ExchangeMeta,
    Fault, FaultCode, FaultKind, Fingerprint, OperationName, OrderKey, RouteName, StateName, SystemId, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::pace::Standstill;
use crate::search::{FaultFilter, IdPrefix, Term};

/// A stored body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BodyId(pub i64);

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "who", content = "name")]
pub enum Actor {
    Gateway,
    Client(ClientId),
    Operator(String),
}

/// What an event says happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Accepted,
    /// A send intent.
    Admitted,
    Delivered,
    /// Failed and will go again by itself.
    Waiting,
    /// The outcome is unknown and being settled.
    Verifying,
    Parked,
    Released,
    Discarded,
    Cancelled,
    Superseded,
    InboxLeased,
    GateChanged,
    SystemSet,
    ConfigurationLoaded,
    /// A copy of this exchange came another way; the note says which.
    Recognised,
    /// Operators changed a memo of theirs, or were shown a content; the note says which and how.
    MemoChanged,
    /// An operator put other content in the place of what was to be sent, and it goes again; the note says why.
    Amended,
}

/// One row of the append-only log.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRecord {
    /// Rises by one per event within the chain; SQLite has one chain.
    pub seq: u64,
    pub at: Timestamp,
    pub kind: EventKind,
    pub exchange: Option<ExchangeId>,
    pub delivery: Option<DeliveryId>,
    pub system: Option<SystemId>,
    pub client: Option<ClientId>,
    pub operation: Option<OperationName>,
    pub key: Option<BusinessKey>,
    pub state: Option<StateName>,
    pub attempt: Option<u32>,
    pub fault: Option<FaultCode>,
    pub fingerprint: Option<Fingerprint>,
    pub actor: Actor,
    pub note: Option<String>,
}

/// A delivery as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryRecord {
    pub id: DeliveryId,
    pub system: SystemId,
    pub operation: OperationName,
    pub route: RouteName,
    pub client: ClientId,
    pub class: Class,
    /// `None` for calls.
    pub lane: Option<OrderKey>,
    /// Its place in the lane, rising.
    pub lane_seq: u64,
    pub on_parked: OnParked,
    pub version: u32,
    pub state: DeliveryState,
    pub attempts: u32,
    pub spent: u32,
    pub unsettled: Option<u32>,
    pub fault: Option<Fault>,
    pub fingerprint: Option<Fingerprint>,
    /// Its own content when it is a part of the exchange's body.
    pub body: Option<BodyId>,
    /// The number of the amendment in force ([`crate::Journal::amendments`]).
    pub amended: Option<u32>,
    /// Stands in the place of the exchange's body for this delivery alone, by an amendment.
    pub instead: Option<BodyId>,
    pub updated_at: Timestamp,
    /// Whether it is its lane's head.
    pub is_head: bool,
}

/// Which exchanges that are not at their targets to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSince {
    /// Received then or later.
    pub from: Timestamp,
    /// What waits at this system counts for nothing (its timers); inboxes never count.
    pub aside: SystemId,
    /// Where counting may stop.
    pub most: usize,
}

/// A number, and whether it is only the least it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AtLeast {
    pub count: u64,
    pub more: bool,
}

/// A delivery with all that is needed to dispatch it.
#[derive(Debug, Clone)]
pub struct Head {
    pub delivery: DeliveryRecord,
    pub exchange: Arc<ExchangeMeta>,
    /// The exchange's body, or what an amendment put in its place for this delivery.
    pub body_id: BodyId,
    /// Of what is to be dispatched: the delivery's own content where it has one, the exchange's body otherwise.
    pub content_type: ContentType,
    /// Of the same.
    pub body_bytes: u64,
    /// The same itself when it was at hand (just accepted, inline); otherwise read by id: `delivery.body`, else `body_id`.
    pub body: Option<Bytes>,
}

/// An exchange with its deliveries.
#[derive(Debug, Clone)]
pub struct ExchangeRecord {
    pub meta: Arc<ExchangeMeta>,
    pub body: BodyId,
    pub body_bytes: u64,
    pub content_type: ContentType,
    pub deliveries: Vec<DeliveryRecord>,
}

/// Content that was put forward for a delivery, or, with number 0, its own content as it was born.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmendmentRecord {
    pub number: u32,
    pub body: BodyId,
    pub content_type: ContentType,
    pub body_bytes: u64,
    pub at: Timestamp,
    pub actor: Actor,
    pub reason: Option<String>,
}

/// One try of a delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptRecord {
    pub attempt: u32,
    pub reference: String,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub config: ConfigVersion,
    pub sent: BodyId,
    pub sent_type: ContentType,
    /// `None` while in flight.
    pub outcome: Option<AttemptOutcome>,
    pub answer: Option<BodyId>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "fault")]
pub enum AttemptOutcome {
    Delivered,
    Failed(Fault),
    /// The process ended in flight.
    Lost,
    /// Settled later by a lookup: it had happened.
    FoundDone,
    /// Settled later by a lookup: it had not happened.
    FoundNotDone,
}

/// What a command did.
#[derive(Debug, Clone)]
pub enum Committed {
    Accepted {
        exchange: ExchangeId,
        /// The key after alias resolution.
        key: BusinessKey,
        /// Deliveries that are their lanes' heads now and may go: queued, or waiting for a time that has come. One that moved
        /// up because its elder was superseded is among them.
        heads: Vec<Head>,
        /// Older deliveries this one superseded.
        superseded: Vec<DeliveryId>,
    },
    /// The same idempotency key and fingerprint: the exchange it made the first time.
    Replayed {
        exchange: ExchangeId,
    },
    Moved {
        delivery: DeliveryId,
        version: u32,
        /// The body stored for the attempt's intent, when there was one.
        sent: Option<BodyId>,
        /// The next of the lane, when the lane moved on, or this one when it became a head that may go again: queued, or with a
        /// wake time that has come at the command's time.
        head: Option<Box<Head>>,
        /// Heads of the follow-ups.
        spawned: Vec<Head>,
    },
    /// How many of the asked were visible and are leased now. Ask for one a command to know which.
    Leased(usize),
    Done,
}

/// Which ready heads to read.
#[derive(Debug, Clone)]
pub struct HeadQuery {
    pub system: SystemId,
    pub class: Class,
    /// One client's, for fairness; `None` for all.
    pub client: Option<ClientId>,
    pub now: Timestamp,
    /// Deliveries the dispatcher holds already are skipped by it; this many more are read at most.
    pub limit: usize,
    /// Bodies up to this many bytes come along.
    pub inline: usize,
    /// Ids already in memory, not to be returned again.
    pub skip: Arc<std::collections::HashSet<DeliveryId>>,
}

/// Open deliveries that share system, client, class and state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BacklogRow {
    pub system: SystemId,
    pub client: ClientId,
    pub class: Class,
    pub state: StateName,
    pub count: u64,
}

/// A place in a list; opaque outside the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// Rows and where the next page begins.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub next: Option<Cursor>,
}

/// Which exchanges to list; all given conditions hold.
#[derive(Debug, Clone, Default)]
pub struct ExchangeFilter {
    /// After alias resolution.
    pub key: Option<BusinessKey>,
    pub operation: Option<OperationName>,
    /// Of any delivery.
    pub system: Option<SystemId>,
    /// Of any delivery; with `system`, of one delivery that has both.
    pub state: Option<StateName>,
    pub client: Option<ClientId>,
    /// Received at or after.
    pub from: Option<Timestamp>,
    /// Received before.
    pub to: Option<Timestamp>,
    /// Oldest first instead of newest first (timelines).
    pub oldest_first: bool,
    /// Of any delivery; with `system` and `state`, of one delivery that has them all. So are `fault` and `updated_since`.
    pub route: Option<RouteName>,
    pub fault: FaultFilter,
    /// Of a delivery that moved at or after.
    pub updated_since: Option<Timestamp>,
    pub id: Option<IdPrefix>,
    /// It was accepted with one of each.
    pub terms: Vec<Vec<Term>>,
}

/// Which error groups to list.
#[derive(Debug, Clone, Default)]
pub struct GroupFilter {
    pub system: Option<SystemId>,
    pub operation: Option<OperationName>,
    pub kind: Option<FaultKind>,
    /// Also groups of which nothing is parked, waiting or being verified any more.
    pub include_closed: bool,
    /// What is held behind is not counted (0): counting it looks at every parked delivery and its lane.
    pub brief: bool,
}

/// Sync errors with one cause.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupRecord {
    pub fingerprint: Fingerprint,
    pub system: SystemId,
    pub operation: OperationName,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// Times a delivery failed with this cause, ever.
    pub seen: u64,
    /// Parked now.
    pub parked: u64,
    /// Waiting or being verified now, with this cause.
    pub waiting: u64,
    /// Deliveries held behind the parked ones in their lanes.
    pub held_behind: u64,
    /// The latest fault of this cause.
    pub sample: Fault,
    pub sample_delivery: DeliveryId,
    /// Since when something of it has been open without a break: the first time, or when it came back after nothing was.
    pub opened_at: Timestamp,
    /// Times it came back.
    pub reopened: u64,
}

/// A date promised for a message, and when that message came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Promise {
    pub due: Timestamp,
    pub received_at: Timestamp,
    /// When the promised dates of its key stood still, oldest first.
    pub stood: Vec<Standstill>,
}

/// One message for a client that polls.
#[derive(Debug, Clone)]
pub struct InboxItem {
    pub delivery: DeliveryRecord,
    pub exchange: Arc<ExchangeMeta>,
    pub content_type: ContentType,
    pub body: Bytes,
    /// Times it has been handed out before.
    pub handed_out: u32,
}

/// Room on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskState {
    Enough,
    /// Below the first watermark: nothing new is accepted, outcomes are written.
    Low,
    /// Below the second: sending stops too.
    Critical,
}

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Bodies of finished exchanges.
    pub bodies: Duration,
    /// Finished exchanges with deliveries and attempts; at least as long as bodies.
    pub exchanges: Duration,
    pub events: Duration,
    /// Rows touched by one step.
    pub step_rows: usize,
}

/// What one step of retention removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RetentionStep {
    pub bodies: u64,
    pub exchanges: u64,
    pub events: u64,
    pub idempotency_keys: u64,
    pub done: bool,
}
