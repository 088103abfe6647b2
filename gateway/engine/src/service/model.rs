//! What the service functions take and give, free of HTTP and gRPC. The server converts its wire types to and from these.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use lienthong_core::delivery::ExchangeState;
use lienthong_core::exchange::{AuthenticatedBy, TraceContext};
use lienthong_core::{
    Body, BusinessKey, Class, ClientId, DeliveryId, ExchangeId, ExchangeMeta, Fingerprint, OnBehalfOf, OperationName,
    SystemId, Timestamp,
};
use lienthong_journal::{AttemptRecord, DeliveryRecord, EventRecord, ExchangeRecord, Standstill};

use crate::dispatch::GateView;
use crate::expiry::Expiry;
use crate::flow::Standing;
use crate::poll::PollView;

/// An authenticated client; permissions are checked before the service is called.
#[derive(Debug, Clone)]
pub struct Caller {
    pub client: ClientId,
    pub authenticated_by: AuthenticatedBy,
}

/// A message to be accepted. Names and times are typed already; the body is raw JSON.
#[derive(Debug, Clone)]
pub struct Submission {
    pub operation: OperationName,
    pub key: BusinessKey,
    pub body: Bytes,
    pub purpose: Option<String>,
    pub on_behalf_of: Option<OnBehalfOf>,
    pub due_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub not_before: Option<Timestamp>,
    pub aliases: Vec<BusinessKey>,
    pub class: Class,
    pub idempotency_key: Option<String>,
    /// The address that is told of this message's outcomes instead of the client's own: one its configuration allows.
    pub callback: Option<String>,
    pub trace: Option<TraceContext>,
}

/// What a submission got: on disk when this exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub id: ExchangeId,
    pub state: ExchangeState,
    pub key: BusinessKey,
    /// The same idempotency key had made this exchange before.
    pub replayed: bool,
}

/// A synchronous question.
#[derive(Debug, Clone)]
pub struct CallSubmission {
    pub operation: OperationName,
    pub body: Bytes,
    pub key: Option<BusinessKey>,
    pub purpose: Option<String>,
    pub on_behalf_of: Option<OnBehalfOf>,
    pub trace: Option<TraceContext>,
    /// No longer than the system's own timeout.
    pub timeout: Option<Duration>,
}

/// A synchronous answer.
#[derive(Debug, Clone)]
pub struct CallAnswer {
    pub exchange: ExchangeId,
    pub body: Body,
}

/// An exchange with its deliveries and their attempts.
#[derive(Debug, Clone)]
pub struct ExchangeDetail {
    pub record: ExchangeRecord,
    pub state: ExchangeState,
    pub attempts: Vec<(DeliveryId, Vec<AttemptRecord>)>,
}

/// Everything known of one key, oldest first.
#[derive(Debug, Clone)]
pub struct KeyTimeline {
    /// After alias resolution.
    pub key: BusinessKey,
    pub exchanges: Vec<ExchangeDetail>,
    /// Whether older or newer rows were left out.
    pub truncated: bool,
    /// The flows of this key that have begun.
    pub flows: Vec<FlowView>,
    /// Copies of its messages that came another way, oldest first.
    pub copies: Vec<EventRecord>,
    /// When its promised dates stood still, by what its messages said; oldest first.
    pub stood_still: Vec<Standstill>,
}

impl KeyTimeline {
    /// What somebody may see of it: their exchanges, copies of those, and the flows where there is any such exchange.
    #[must_use]
    pub fn seen_by(mut self, may_see: impl Fn(&ExchangeRecord) -> bool) -> Self {
        self.exchanges.retain(|detail| may_see(&detail.record));
        let seen: HashSet<ExchangeId> = self.exchanges.iter().map(|detail| detail.record.meta.id).collect();
        self.copies.retain(|copy| copy.exchange.is_some_and(|id| seen.contains(&id)));
        if seen.is_empty() {
            self.flows.clear();
            self.stood_still.clear();
        }
        self
    }
}

/// Where one flow of a key stands.
#[derive(Debug, Clone)]
pub struct FlowView {
    pub name: String,
    pub summary: String,
    pub standing: Standing,
}

/// Who operates, and why; the reason is mandatory where something is given up or sent again.
#[derive(Debug, Clone)]
pub struct OperatorAct {
    pub operator: String,
    pub reason: Option<String>,
    /// The operator knows that it may send twice, or out of order.
    pub confirmed: bool,
}

/// What an act on a group did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupOutcome {
    pub moved: u64,
    /// Changed meanwhile, or needing a confirmation of their own; at most [`lienthong_core::limits::PAGE_ROWS`].
    pub refused: Vec<(DeliveryId, String)>,
    /// Refused beyond those listed.
    pub refused_unlisted: u64,
}

/// A delivery after an operator's act.
#[derive(Debug, Clone)]
pub struct DeliveryOutcome {
    pub delivery: DeliveryRecord,
}

/// One external system as operators see it.
#[derive(Debug, Clone)]
pub struct SystemView {
    pub system: SystemId,
    pub gate: GateView,
    pub queued: u64,
    pub waiting: u64,
    pub verifying: u64,
    pub in_flight: u64,
    pub parked: u64,
    /// Its pollers, where it is polled.
    pub pollers: Vec<PollView>,
    /// Until when its certificates and secrets hold, the soonest first.
    pub expiries: Vec<Expiry>,
}

/// One inbox message.
#[derive(Debug, Clone)]
pub struct InboxMessage {
    pub id: DeliveryId,
    pub exchange: Arc<ExchangeMeta>,
    pub body: Body,
    pub handed_out: u32,
    /// Comes again then unless acknowledged.
    pub visible_again_at: Timestamp,
}

/// Which group an act is on.
pub type GroupId = Fingerprint;
