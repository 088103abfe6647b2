//! Exchanges, deliveries and attempts in the public JSON.

use lienthong_core::delivery::ExchangeState;
use lienthong_core::exchange;
use lienthong_core::{DeliveryId, ExchangeMeta, Timestamp};
use lienthong_engine::service;
use lienthong_journal::{AttemptOutcome, AttemptRecord, DeliveryRecord, ExchangeRecord, Page};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Insight, ShownFault};
use super::flow::{Copied, Flow, StoodStill};
use super::names::{AttemptOutcomeName, ClassName, DeliveryStateName, ExchangeStateName, FoundByName};

/// What a submission got: on disk when this is answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Receipt {
    #[schema(format = Uuid, example = "0199c2f0-7b1a-7c3e-9d55-0f6f1f0a2b3c")]
    pub id: String,
    pub state: ExchangeStateName,
    /// The business key after alias resolution.
    #[schema(example = "000.00.14.H56-250115-0007")]
    pub key: String,
    /// The same idempotency key had made this exchange before.
    pub replayed: bool,
    /// Present when the request asked to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Box<Exchange>>,
}

impl From<service::Receipt> for Receipt {
    fn from(receipt: service::Receipt) -> Self {
        let service::Receipt { id, state, key, replayed } = receipt;
        Self { id: id.to_string(), state: state.into(), key: key.into(), replayed, exchange: None }
    }
}

/// Why a delivered exchange is sent again.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResendRequest {
    /// Mandatory: kept with the new exchange.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

/// One message accepted from a client or a system.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Exchange {
    #[schema(format = Uuid)]
    pub id: String,
    pub client: String,
    #[schema(example = "portal.sync-dossier")]
    pub operation: String,
    pub key: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    pub state: ExchangeStateName,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// The date promised to the citizen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub not_before: Option<Timestamp>,
    pub class: ClassName,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<OnBehalfOf>,
    /// The version of the configuration that accepted it.
    pub configuration: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// True for a synchronous call.
    pub call: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
    pub body_bytes: u64,
    pub deliveries: Vec<Delivery>,
}

/// Who the client acts for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OnBehalfOf {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
}

/// Why an exchange exists because of another.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Link {
    /// A delivered exchange sent again by a person.
    Resend { of: String, reason: String },
    /// The follow-up of a delivery.
    Child { parent: String, index: u16 },
}

/// How the gateway made an exchange.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Made {
    /// The route that made it.
    pub route: String,
    /// Exchanges between it and what came from outside, this one included.
    pub depth: u8,
    /// Its place in the list it was split from, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// Which content under its identity it is, from 1, where copies are recognised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}

/// One exchange on its way to one system.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Delivery {
    #[schema(example = "0199c2f0-7b1a-7c3e-9d55-0f6f1f0a2b3c.0")]
    pub id: String,
    pub system: String,
    pub operation: String,
    pub route: String,
    pub state: DeliveryStateName,
    /// What orders it among others of its system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_key: Option<String>,
    /// Whether it is its lane's head; only heads move.
    pub is_head: bool,
    /// Rises with each move; an act may say which one it saw.
    pub version: u32,
    /// The number of the amendment that it sends instead of what was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amended: Option<u32>,
    pub attempts: u32,
    /// When something happens to it by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<ShownFault>,
    /// The error group of its fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_group: Option<String>,
    /// Every attempt, where a single exchange or key is shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attempt_records: Vec<Attempt>,
}

/// One try of a delivery.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// What the target system saw as the message's id.
    pub reference: String,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// The version of the configuration that made what was sent.
    pub configuration: String,
    pub outcome: AttemptOutcomeName,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<ShownFault>,
}

/// One page of a list of exchanges.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExchangePage {
    pub exchanges: Vec<Exchange>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// How the text of a search was understood; absent when it found nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found_by: Option<FoundByName>,
}

/// Everything known of one business key, oldest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Timeline {
    /// After alias resolution.
    pub key: String,
    pub exchanges: Vec<Exchange>,
    /// Whether rows were left out.
    pub truncated: bool,
    /// The flows of this key that have begun.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flows: Vec<Flow>,
    /// Copies of its messages that came another way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<Copied>,
    /// When its promised dates stood still, by what its messages said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stood_still: Vec<StoodStill>,
}

impl Exchange {
    /// As a list shows it: deliveries without their attempts.
    pub fn of_record(record: &ExchangeRecord, insight: Insight) -> Self {
        let state = ExchangeState::of(record.deliveries.iter().map(|delivery| delivery.state.name()));
        let deliveries = record.deliveries.iter().map(|delivery| Delivery::of(delivery, &[], insight)).collect();
        Self::with(record, state, deliveries)
    }

    /// With every attempt.
    pub fn of_detail(detail: &service::ExchangeDetail, insight: Insight) -> Self {
        let service::ExchangeDetail { record, state, attempts } = detail;
        let attempts_of = |id: DeliveryId| attempts.iter().find(|(of, _)| *of == id).map_or(&[][..], |(_, all)| all);
        let delivery = |delivery: &DeliveryRecord| Delivery::of(delivery, attempts_of(delivery.id), insight);
        Self::with(record, *state, record.deliveries.iter().map(delivery).collect())
    }

    fn with(record: &ExchangeRecord, state: ExchangeState, deliveries: Vec<Delivery>) -> Self {
        let ExchangeMeta {
            id,
            client,
            authenticated_by: _,
            source: _,
            operation,
            key,
            aliases,
            purpose,
            on_behalf_of,
            due_at,
            expires_at,
            not_before,
            class,
            trace,
            callback: _,
            link,
            descent,
            call,
            config,
            received_at,
        } = &*record.meta;
        Self {
            id: id.to_string(),
            client: client.to_string(),
            operation: operation.to_string(),
            key: key.to_string(),
            aliases: aliases.iter().map(ToString::to_string).collect(),
            state: state.into(),
            received_at: *received_at,
            due_at: *due_at,
            expires_at: *expires_at,
            not_before: *not_before,
            class: (*class).into(),
            purpose: purpose.clone(),
            on_behalf_of: on_behalf_of.as_ref().map(OnBehalfOf::from),
            configuration: config.to_string(),
            trace_id: trace.as_ref().and_then(|trace| trace.trace_id()).map(str::to_owned),
            call: *call,
            link: link.as_ref().map(Link::from),
            made: descent.as_ref().map(Made::from),
            body_bytes: record.body_bytes,
            deliveries,
        }
    }
}

impl From<&exchange::OnBehalfOf> for OnBehalfOf {
    fn from(behalf: &exchange::OnBehalfOf) -> Self {
        let exchange::OnBehalfOf { unit, officer } = behalf.clone();
        Self { unit, officer }
    }
}

impl From<&exchange::Link> for Link {
    fn from(link: &exchange::Link) -> Self {
        match link {
            exchange::Link::Resend { of, reason } => Self::Resend { of: of.to_string(), reason: reason.clone() },
            exchange::Link::Child { parent, index } => Self::Child { parent: parent.to_string(), index: *index },
        }
    }
}

impl From<&exchange::Descent> for Made {
    fn from(descent: &exchange::Descent) -> Self {
        let exchange::Descent { depth, route, item, stage: _, recognition: _, version } = descent;
        Self { route: route.to_string(), depth: *depth, item: *item, version: *version }
    }
}

impl Delivery {
    pub fn of(record: &DeliveryRecord, attempts: &[AttemptRecord], insight: Insight) -> Self {
        Self {
            id: record.id.to_string(),
            system: record.system.to_string(),
            operation: record.operation.to_string(),
            route: record.route.to_string(),
            state: record.state.name().into(),
            order_key: record.lane.as_ref().map(ToString::to_string),
            is_head: record.is_head,
            version: record.version,
            amended: record.amended,
            attempts: record.attempts,
            next_at: record.state.wake_at(),
            updated_at: record.updated_at,
            fault: record.fault.as_ref().map(|fault| ShownFault::of(fault, insight)),
            error_group: record.fingerprint.as_ref().map(ToString::to_string),
            attempt_records: attempts.iter().map(|attempt| Attempt::of(attempt, insight)).collect(),
        }
    }
}

impl Attempt {
    fn of(record: &AttemptRecord, insight: Insight) -> Self {
        let AttemptRecord {
            attempt,
            reference,
            started_at,
            ended_at,
            config,
            sent: _,
            sent_type: _,
            outcome,
            answer: _,
        } = record;
        let fault = match outcome {
            Some(AttemptOutcome::Failed(fault)) => Some(ShownFault::of(fault, insight)),
            None
            | Some(
                AttemptOutcome::Delivered
                | AttemptOutcome::Lost
                | AttemptOutcome::FoundDone
                | AttemptOutcome::FoundNotDone,
            ) => None,
        };
        Self {
            number: *attempt,
            reference: reference.clone(),
            started_at: *started_at,
            ended_at: *ended_at,
            configuration: config.to_string(),
            outcome: outcome.as_ref().into(),
            fault,
        }
    }
}

impl ExchangePage {
    pub fn of(page: &Page<ExchangeRecord>, insight: Insight) -> Self {
        Self {
            exchanges: page.rows.iter().map(|record| Exchange::of_record(record, insight)).collect(),
            next_cursor: page.next.as_ref().map(|cursor| cursor.0.clone()),
            found_by: None,
        }
    }
}
