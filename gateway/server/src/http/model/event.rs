//! Events in the public JSON.

use lienthong_core::Timestamp;
use lienthong_journal::{Actor, EventRecord};
use serde::Serialize;
use utoipa::ToSchema;

use super::names::{DeliveryStateName, EventKindName};

/// One change of state; the data of a server-sent event whose id is `seq`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Event {
    pub seq: u64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub kind: EventKindName,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<DeliveryStateName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The fault's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_group: Option<String>,
    /// `gateway`, `client:<name>` or `operator:<name>`.
    pub actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The data of a `gap` event: retention removed these events before they could be sent.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct EventGap {
    pub from: u64,
    pub to: u64,
}

impl From<&EventRecord> for Event {
    fn from(record: &EventRecord) -> Self {
        let EventRecord {
            seq,
            at,
            kind,
            exchange,
            delivery,
            system,
            client,
            operation,
            key,
            state,
            attempt,
            fault,
            fingerprint,
            actor,
            note,
        } = record;
        Self {
            seq: *seq,
            at: *at,
            kind: (*kind).into(),
            exchange: exchange.map(|id| id.to_string()),
            delivery: delivery.map(|id| id.to_string()),
            system: system.as_ref().map(ToString::to_string),
            client: client.as_ref().map(ToString::to_string),
            operation: operation.as_ref().map(ToString::to_string),
            key: key.as_ref().map(ToString::to_string),
            state: state.map(DeliveryStateName::from),
            attempt: *attempt,
            code: fault.map(lienthong_core::FaultCode::as_str),
            error_group: fingerprint.as_ref().map(ToString::to_string),
            actor: match actor {
                Actor::Gateway => "gateway".to_owned(),
                Actor::Client(name) => format!("client:{name}"),
                Actor::Operator(name) => format!("operator:{name}"),
            },
            note: note.clone(),
        }
    }
}
