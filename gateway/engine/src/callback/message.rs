//! The message that tells of an outcome: small, versioned, without personal data; and the envelope it is kept in until it is sent. It signs nothing.

use bytes::Bytes;
use lienthong_core::exchange::Link;
use lienthong_core::fault::PublicText;
use lienthong_core::{ContentType, ExchangeMeta, Fault, Timestamp};
use lienthong_journal::{BodyInput, DeliveryRecord};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::CallbackEvent;

/// The version of [`Data`].
const VERSION: u32 = 1;

/// How a callback is kept: the message's own bytes, and the address its exchange named.
#[derive(Debug, Serialize, Deserialize)]
pub struct Envelope<'a> {
    /// Absent: the client's configured address, as it is when the message is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Sent as it stands, byte for byte.
    #[serde(borrow)]
    pub message: &'a RawValue,
}

#[derive(Serialize)]
struct Message<'a> {
    r#type: &'static str,
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    version: u32,
    exchange: String,
    /// The exchange this one was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    delivery: String,
    key: &'a str,
    operation: &'a str,
    system: &'a str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<PublicFault<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
}

#[derive(Serialize)]
struct PublicFault<'a> {
    code: &'static str,
    kind: &'static str,
    text: &'a PublicText,
}

/// The message's own bytes. `None` never happens: nothing in it cannot be written.
pub(super) fn made(
    event: CallbackEvent,
    exchange: &ExchangeMeta,
    delivery: &DeliveryRecord,
    at: Timestamp,
    fault: Option<&Fault>,
) -> Option<Box<RawValue>> {
    let parent = exchange.link.as_ref().and_then(|link| match link {
        Link::Child { parent, index: _ } => Some(parent.exchange.to_string()),
        Link::Resend { .. } => None,
    });
    let data = Data {
        version: VERSION,
        exchange: exchange.id.to_string(),
        parent,
        delivery: delivery.id.to_string(),
        key: exchange.key.as_str(),
        operation: exchange.operation.as_str(),
        system: delivery.system.as_str(),
        state: event.as_str(),
        fault: fault.map(|fault| PublicFault {
            code: fault.code.as_str(),
            kind: fault.kind.as_str(),
            text: &fault.public,
        }),
        trace_id: exchange.trace.as_ref().and_then(|trace| trace.trace_id()),
    };
    let message = Message { r#type: event.message_type(), timestamp: at, data };
    serde_json::value::to_raw_value(&message).ok()
}

/// As a callback keeps it.
pub(super) fn in_envelope(message: &RawValue, exchange: &ExchangeMeta) -> Option<BodyInput> {
    let envelope = Envelope { url: exchange.callback.clone(), message };
    let bytes = serde_json::to_vec(&envelope).ok()?;
    Some(BodyInput::New { content_type: ContentType::Json, bytes: Bytes::from(bytes) })
}

/// As a queue takes it.
pub(super) fn alone(message: &RawValue) -> BodyInput {
    BodyInput::New { content_type: ContentType::Json, bytes: Bytes::from(message.get().to_owned()) }
}
