//! What the journal can be told: batches of these, each guarded and answered on its own. It holds no SQL.

use bytes::Bytes;
use lienthong_core::delivery::OnParked;
use lienthong_core::{
    BusinessKey, ClientId, ContentType, DeliveryId, DeliveryState, ExchangeId, ExchangeMeta, Fault, Fingerprint,
    OperationName, OrderKey, RouteName, SystemId, Timestamp, exchange::TraceContext,
};

use crate::desk::{ActRecord, MemoChange};
use crate::measure::Measure;
use crate::pace::Noted;
use crate::record::{Actor, AttemptOutcome, BodyId, EventKind};

/// One command of a batch.
#[derive(Debug, Clone)]
pub enum Command {
    /// A new exchange with its routing decision: exchange, deliveries, lanes' sequence numbers, aliases and idempotency in one.
    Accept(Box<Acceptance>),
    /// A delivery moves.
    Move(Box<Transition>),
    /// A client takes inbox items: each is invisible until `until` unless acknowledged (by a [`Command::Move`] to delivered).
    LeaseInbox { deliveries: Vec<DeliveryId>, until: Timestamp, at: Timestamp },
    /// An operator's setting of a system.
    Set(SystemSetting),
    /// Where a reader that goes on after a restart stands: a poller at its system, a follower of the event log. It is no event. Setting it
    /// again with an older value must do no harm to its owner, who may find that one after a crash.
    SetCursor { name: String, value: String, at: Timestamp },
    /// Measured hours, each in place of what was written of it before; those that began before `keep_from` are forgotten. It is no event.
    Measure { hours: Vec<Measure>, keep_from: Timestamp },
    /// An operators' memo is made, changed or removed.
    Memo(Box<MemoChange>),
    /// Something was done that changes nothing here and is to be remembered: a content was shown. It is an event, as a memo's change is:
    /// by events the journal knows what of a doubtful commit is on disk.
    Act(Box<ActRecord>),
    /// Other content is put forward for a delivery, or put in force.
    Amend(Box<Amend>),
    /// Something worth keeping that moves no delivery (configuration loaded, gate changed).
    Note { at: Timestamp, kind: EventKind, system: Option<SystemId>, actor: Actor, text: String },
}

/// A body to store, or one stored already.
#[derive(Debug, Clone)]
pub enum BodyInput {
    New { content_type: ContentType, bytes: Bytes },
    Stored(BodyId),
}

/// What is stored when a message is accepted.
#[derive(Debug, Clone)]
pub struct Acceptance {
    pub exchange: ExchangeMeta,
    pub body: BodyInput,
    pub idempotency: Option<Idempotency>,
    /// In the order of their index, which is their place here.
    pub deliveries: Vec<NewDelivery>,
    pub noted: Noted,
    /// Exchanges of their own that are born with this one and only with it: a repeat of it makes none of them. They carry no
    /// idempotency, no aliases and no such exchanges themselves.
    pub also: Vec<Acceptance>,
}

/// Recognises a message sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The client, or `system-<name>` for pushes.
    pub scope: ClientId,
    pub key: String,
    /// Digest over operation, key, body and options. Same key and fingerprint = the same exchange; another fingerprint is refused.
    pub fingerprint: [u8; 32],
    pub expires_at: Timestamp,
}

/// A place in an ordered lane of one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    pub key: OrderKey,
    pub on_parked: OnParked,
    /// Older unsent deliveries of the same lane and operation, never one in flight or unsettled, become superseded in this transaction.
    pub supersede: bool,
}

/// A delivery as it is born.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    pub system: SystemId,
    /// The target's operation.
    pub operation: OperationName,
    pub route: RouteName,
    /// Whose share of the system's capacity it uses; for inbox items the receiving client.
    pub client: ClientId,
    /// `None` for synchronous calls, which are never queued.
    pub lane: Option<Lane>,
    /// Queued, waiting (`not_before`), parked (unreadable), or in flight (a call).
    pub state: DeliveryState,
    /// Its own content, transformed already, when it is a part of the exchange's body.
    pub body: Option<BodyInput>,
    pub fault: Option<(Fault, Fingerprint)>,
    /// The first attempt's intent, for calls.
    pub attempt: Option<AttemptStart>,
}

/// A delivery's next standing, guarded by the version it was computed from.
#[derive(Debug, Clone)]
pub struct Transition {
    pub delivery: DeliveryId,
    /// The version this was computed from; another one is refused as stale.
    pub version: u32,
    pub at: Timestamp,
    pub state: DeliveryState,
    pub attempts: u32,
    pub spent: u32,
    pub unsettled: Option<u32>,
    /// The latest fault; `None` clears it.
    pub fault: Option<(Fault, Fingerprint)>,
    pub event: EventKind,
    pub actor: Actor,
    /// An operator's reason, or what the machine has to say.
    pub note: Option<String>,
    pub start: Option<AttemptStart>,
    pub end: Option<AttemptEnd>,
    /// Follow-ups born of this outcome, in this transaction; their exchanges carry a `Link::Child`, unique by (parent, index). One that
    /// is recognised as a copy of an earlier exchange ([`lienthong_core::exchange::Recognition`]) is not born: an event says so.
    pub spawn: Vec<Acceptance>,
}

/// Content that people put forward for a delivery and what becomes of it: all of this, or nothing.
#[derive(Debug, Clone)]
pub struct Amend {
    pub delivery: DeliveryId,
    /// The version of the delivery that was seen; another one is refused as stale.
    pub version: u32,
    pub keep: Option<Kept>,
    pub memo: Option<MemoChange>,
    pub step: Option<Step>,
}

/// Content to be kept beside what the delivery was born with.
#[derive(Debug, Clone)]
pub struct Kept {
    /// One more than the last of the delivery, from 1; another one is refused as stale.
    pub number: u32,
    pub body: BodyInput,
    pub at: Timestamp,
    pub actor: Actor,
    pub reason: Option<String>,
}

/// Kept content is put in force while the delivery moves: in the place of the delivery's own content where it has such, of the
/// exchange's body otherwise. Nothing that was there is lost.
#[derive(Debug, Clone)]
pub struct Step {
    pub number: u32,
    pub to: Box<Transition>,
    /// What is remembered of how it was and became: places, never people's data.
    pub before: String,
    pub after: String,
}

/// A send intent.
#[derive(Debug, Clone)]
pub struct AttemptStart {
    pub attempt: u32,
    pub reference: String,
    pub at: Timestamp,
    /// Exactly what is handed to the adapter.
    pub sent: BodyInput,
    /// The running configuration that made it.
    pub config: lienthong_core::ConfigVersion,
}

/// How an attempt (or a lookup of it) ended.
#[derive(Debug, Clone)]
pub struct AttemptEnd {
    pub attempt: u32,
    pub at: Timestamp,
    pub outcome: AttemptOutcome,
    pub answer: Option<BodyInput>,
}

/// An operator's setting of one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemSetting {
    pub system: SystemId,
    pub paused: bool,
    pub reason: Option<String>,
    pub actor: Actor,
    pub at: Timestamp,
}

impl BodyInput {
    /// Bytes that come along with a head: at hand, and no more than this many, so that they lie in no file.
    pub(crate) fn at_hand(&self, inline: usize) -> Option<Bytes> {
        match self {
            Self::New { bytes, .. } if bytes.len() <= inline => Some(bytes.clone()),
            Self::New { .. } | Self::Stored(_) => None,
        }
    }
}

impl Acceptance {
    pub fn id(&self) -> ExchangeId {
        self.exchange.id
    }

    pub fn key(&self) -> &BusinessKey {
        &self.exchange.key
    }

    pub fn trace(&self) -> Option<&TraceContext> {
        self.exchange.trace.as_ref()
    }
}
