//! Inbox messages in the public JSON. JSON bodies stand as they are; anything else comes in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lienthong_core::{ContentType, Timestamp};
use lienthong_engine::service;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// Messages to be fetched; each comes again unless acknowledged.
#[derive(Debug, Serialize, ToSchema)]
pub struct Inbox {
    pub messages: Vec<InboxMessage>,
}

/// One message.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxMessage {
    /// What to acknowledge.
    pub id: String,
    pub exchange: String,
    pub operation: String,
    pub key: String,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    #[schema(example = "application/json")]
    pub content_type: &'static str,
    /// The body when it is JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub body: Option<Box<RawValue>>,
    /// The body when it is anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Byte)]
    pub body_base64: Option<String>,
    /// Times it was handed out before.
    pub handed_out: u32,
    /// Comes again then unless acknowledged.
    #[schema(value_type = String, format = DateTime)]
    pub visible_again_at: Timestamp,
}

impl From<service::InboxMessage> for InboxMessage {
    fn from(message: service::InboxMessage) -> Self {
        let service::InboxMessage { id, exchange, body, handed_out, visible_again_at } = message;
        let json = match body.content_type {
            ContentType::Json => {
                std::str::from_utf8(&body.bytes).ok().and_then(|text| RawValue::from_string(text.to_owned()).ok())
            }
            ContentType::Xml | ContentType::Text | ContentType::Binary => None,
        };
        let body_base64 = json.is_none().then(|| STANDARD.encode(&body.bytes));
        Self {
            id: id.to_string(),
            exchange: exchange.id.to_string(),
            operation: exchange.operation.to_string(),
            key: exchange.key.to_string(),
            received_at: exchange.received_at,
            content_type: body.content_type.media_type(),
            body: json,
            body_base64,
            handed_out,
            visible_again_at,
        }
    }
}
