//! What external systems push to us, in their own dialect: pure translation both ways. It stores nothing and checks no route.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::body::Body;
use crate::fault::Fault;
use crate::operation::Text;
use crate::{BusinessKey, OperationName, SystemId};

/// A request that arrived at `/in/{system}/…`.
#[derive(Clone)]
pub struct InboundRequest {
    pub method: String,
    /// The part after `/in/{system}`, beginning with `/`.
    pub path: String,
    pub query: Option<String>,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// One message found in a push.
#[derive(Debug, Clone)]
pub struct InboundSubmission {
    /// `system.verb-noun`, one of [`Inbound::operations`].
    pub operation: OperationName,
    pub key: BusinessKey,
    pub aliases: Vec<BusinessKey>,
    pub body: Body,
}

/// A part of a push that cannot be read, where the rest can: kept for a person, and in nobody's way.
#[derive(Debug, Clone)]
pub struct InboundPart {
    /// One of [`Inbound::operations`]: what it would have been.
    pub operation: OperationName,
    /// Whom it is about, where that can be read.
    pub key: Option<BusinessKey>,
    /// What is wrong with it; pointers lead into `body`.
    pub fault: Fault,
    /// As far as it was read.
    pub body: Body,
}

/// What a push says.
#[derive(Debug, Clone)]
pub enum InboundContent {
    /// Understood: all of it is committed before the reply.
    Submissions(Vec<InboundSubmission>),
    /// Understood but for these parts: all of it is committed before the reply, the parts as parked exchanges.
    Partly { submissions: Vec<InboundSubmission>, unreadable: Vec<InboundPart> },
    /// Authenticated but unreadable: journaled raw as a parked exchange, so that a national push is never lost.
    Unreadable { operation: OperationName, fault: Fault },
}

/// An authenticated push.
#[derive(Debug, Clone)]
pub struct InboundMessage {
    pub content: InboundContent,
    /// Natural key plus content hash: what recognises the same push sent again.
    pub dedupe_key: String,
    /// How long a repeat is recognised (a value may legitimately come back later: 4→5→4).
    pub dedupe_window: Duration,
    /// The raw body as received, secrets removed.
    pub raw: Body,
}

/// What became of a push.
#[derive(Debug, Clone)]
pub enum InboundResult {
    /// On disk.
    Accepted,
    /// Recognised as a repeat: the first answer again.
    Repeated,
    /// On disk as a parked exchange, for a person.
    Kept,
    /// Nothing was stored; they should send again.
    NotAccepted(Fault),
}

/// The answer in the system's dialect.
#[derive(Debug, Clone)]
pub struct InboundReply {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Bytes,
}

/// What can come in from a system, for the operation catalogue and routes.
#[derive(Debug, Clone)]
pub struct InboundOperation {
    pub name: OperationName,
    pub summary: Text,
    /// JSON Schema of the body handed to routes.
    pub body: Value,
    pub example: Value,
    pub personal: Vec<Text>,
}

/// The inbound side of an adapter. Every method is pure.
pub trait Inbound: Send + Sync + 'static {
    fn system(&self) -> &SystemId;

    fn operations(&self) -> &[InboundOperation];

    /// Authenticates and reads a push. `Err` is for what is not authenticated or not for us: nothing is kept.
    fn read(&self, request: &InboundRequest) -> Result<InboundMessage, Fault>;

    /// Our result as their reply; `request` because some dialects repeat parts of it.
    fn reply(&self, request: &InboundRequest, result: &InboundResult) -> InboundReply;
}
