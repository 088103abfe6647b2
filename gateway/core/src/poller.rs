//! Systems that must be asked for their messages. Messages are committed before their cursor; the acknowledgement follows as a delivery.

use std::time::Duration;

use async_trait::async_trait;
use jiff::civil;

use crate::adapter::CallContext;
use crate::fault::Fault;
use crate::inbound::InboundMessage;
use crate::{OperationName, SystemId, body::Body};

/// Where a poller stands at its system; opaque to everyone else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollCursor(pub String);

/// When a system is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollTime {
    /// This long after the last time.
    Every(Duration),
    /// Once a day at this time, local to Asia/Ho_Chi_Minh; a day missed while nothing ran is made up for at the next start.
    Daily(civil::Time),
}

/// How a system is asked; the adapter's configuration says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollSchedule {
    pub when: PollTime,
    /// Pages asked for at one time, at most; the rest follows at the next.
    pub pages: usize,
}

/// One question.
#[derive(Debug, Clone, Copy)]
pub struct PollRequest<'a> {
    /// What the last page answered with; `None` the first time.
    pub cursor: Option<&'a PollCursor>,
    /// The first page of this time: a poller that overlaps (asks again for what it may have missed) does so here.
    pub first: bool,
}

/// One page of a poll.
#[derive(Debug, Clone)]
pub struct Page {
    /// Recognised by their dedupe keys when they come again.
    pub messages: Vec<InboundMessage>,
    /// Committed after the messages, together with the acknowledgement.
    pub next: PollCursor,
    /// What tells the system that the page arrived: an operation of the same system with its whole input, delivered in order.
    pub acknowledgement: Option<(OperationName, Body)>,
    /// Whether another page is waiting.
    pub more: bool,
}

/// The pulling side of an adapter. One runner asks it: never two at once.
#[async_trait]
pub trait Poller: Send + Sync + 'static {
    fn system(&self) -> &SystemId;

    /// Unique within its system: its cursor is kept by it.
    fn name(&self) -> &str;

    fn schedule(&self) -> PollSchedule;

    /// One page. Asking twice with one cursor must do no harm.
    async fn poll(&self, cx: &CallContext, request: PollRequest<'_>) -> Result<Page, Fault>;
}
