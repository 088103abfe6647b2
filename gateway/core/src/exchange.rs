//! An accepted message without its bytes: who sent it, what is asked, about whom, and until when. It does not know its deliveries.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{BusinessKey, ClientId, ConfigVersion, DeliveryId, ExchangeId, OperationName, RouteName, SystemId, limits};

/// Live traffic goes first; `bulk` follows in its own window and rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    #[default]
    Live,
    Bulk,
}

/// Who a client acts for: the law asks for it on personal data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnBehalfOf {
    /// The unit's organisation id or name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The officer's account at the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
}

/// Where a message came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "from", content = "name")]
pub enum Source {
    /// A client's submission or call.
    Client(ClientId),
    /// A push or pull from an external system; the record's `client` is then `system-<name>`.
    System(SystemId),
    /// A declared message, made by a route of the gateway.
    Gateway,
    /// The answer this system gave to a delivery of the exchange's operation.
    Answer(SystemId),
}

/// How the sender proved who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticatedBy {
    ApiKey,
    ClientCertificate,
    /// The external system's own way (a shared key, a secret path).
    SystemSecret,
    /// The message broker, which lets each client write to its own queues only.
    Broker,
    /// Made by the gateway from another exchange.
    Gateway,
}

/// Why an exchange exists because of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Link {
    /// A delivered exchange sent again by a person, with the reason.
    Resend { of: ExchangeId, reason: String },
    /// The `index`-th follow-up of a delivery; unique by (parent, index). Routing counts from 0, copies that tap routes take from
    /// [`Link::TAPS`]; what tells others of an outcome counts from [`Link::QUEUED`] and [`Link::OUTCOMES`].
    Child { parent: DeliveryId, index: u16 },
}

impl Link {
    /// The first index of what tells of an outcome in a client's queue.
    pub const QUEUED: u16 = 0xD000;
    /// The first index of what tells of an outcome at a client's address.
    pub const OUTCOMES: u16 = 0xE000;
    /// The first index of copies for tap routes.
    pub const TAPS: u16 = 0xF000;
}

/// Where a message stands on its way through the stages of one route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Until what must come first has come.
    Await,
    /// Filled with what a read operation knows.
    Enrich,
    /// On its way to where the route leads.
    Target,
}

/// What the gateway knows of an exchange that it made itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descent {
    /// Exchanges between this one and what came from outside, this one included; bounded by [`limits::CHAIN_DEPTH`].
    pub depth: u8,
    /// The route that made it.
    pub route: RouteName,
    /// Its place in the list it was split from, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// It goes on through its route alone, from this stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// What it is recognised by, where its route recognises copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recognition: Option<Recognition>,
    /// Which content under its identity this is, from 1; given when it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}

/// What makes two messages copies of one, or versions of one. Both digests are 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognition {
    /// The same for every copy and version.
    pub identity: String,
    /// The same for every copy. Empty when the message tells nothing that could differ: it is a copy of whatever is known.
    pub content: String,
    /// Until when it is recognised.
    pub until: Timestamp,
}

/// W3C trace context taken in with the message, passed on and stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceContext {
    /// The `traceparent` header.
    pub parent: String,
    /// The `tracestate` header, when there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl TraceContext {
    /// The 32 hex digits of the trace id.
    pub fn trace_id(&self) -> Option<&str> {
        self.parent.split('-').nth(1)
    }
}

/// One message accepted from a client or a system, without its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeMeta {
    pub id: ExchangeId,
    pub client: ClientId,
    pub authenticated_by: AuthenticatedBy,
    pub source: Source,
    /// What the sender asked for; a delivery may be of another operation after routing.
    pub operation: OperationName,
    /// Resolved through aliases when accepted.
    pub key: BusinessKey,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<BusinessKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<OnBehalfOf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    #[serde(default)]
    pub class: Class,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
    /// Where the sender wants to be told of outcomes, instead of its configured address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// How the gateway made it, when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub descent: Option<Descent>,
    /// True for a synchronous call: recorded, never queued.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub call: bool,
    pub config: ConfigVersion,
    pub received_at: Timestamp,
}

impl ExchangeMeta {
    /// What ready lanes drain by: the due date, or a day after receipt where there is none.
    pub fn rank(&self) -> Timestamp {
        self.due_at.unwrap_or_else(|| self.received_at.saturating_add(limits::DEFAULT_LEAD).unwrap_or(self.received_at))
    }
}
