//! Systems that must be asked for their messages. A page and its cursor are committed together; the acknowledgement follows as a delivery.

use async_trait::async_trait;

use crate::adapter::CallContext;
use crate::fault::Fault;
use crate::inbound::InboundMessage;
use crate::{OperationName, SystemId, body::Body};

/// Where a poller stands at its system; opaque to everyone else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollCursor(pub String);

/// One page of a poll.
#[derive(Debug, Clone)]
pub struct Page {
    pub messages: Vec<InboundMessage>,
    /// Committed in the same transaction as the messages.
    pub next: PollCursor,
    /// What tells the system that the page arrived: delivered after the commit, in order.
    pub acknowledgement: Option<(OperationName, Body)>,
    /// Whether another page is waiting.
    pub more: bool,
}

/// The pulling side of an adapter.
#[async_trait]
pub trait Poller: Send + Sync + 'static {
    fn system(&self) -> &SystemId;

    /// One page after `cursor` (`None` the first time). Asking twice with one cursor must do no harm.
    async fn poll(&self, cx: &CallContext, cursor: Option<&PollCursor>) -> Result<Page, Fault>;
}
