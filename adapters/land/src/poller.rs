//! Pulls the other side's lists daily: a page is one list, handed on as a message of its own. It compares nothing.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::civil;
use jiff::tz::Offset;
use lienthong_core::inbound::{InboundContent, InboundMessage, InboundSubmission};
use lienthong_core::poller::{Page, PollCursor, PollRequest, PollSchedule, PollTime};
use lienthong_core::{BusinessKey, CallContext, Fault, FaultKind, Poller, SystemId};
use lienthong_kit::within;
use sha2::{Digest, Sha256};

use crate::client::Client;
use crate::inbound::Kind;
use crate::map::json;
use crate::model::{ListKind, ListReceived};

/// The same list asked again on one day is the same message.
const WINDOW: Duration = Duration::from_secs(48 * 3600);
/// Việt Nam's time.
const HERE: Offset = Offset::constant(7);

/// The daily pull of one land office.
pub(crate) struct ListPoller {
    pub(crate) system: SystemId,
    pub(crate) client: Arc<Client>,
    /// Those configured.
    pub(crate) lists: Vec<ListKind>,
    pub(crate) daily_at: civil::Time,
}

impl ListPoller {
    fn message(&self, kind: ListKind, list: &ListReceived) -> Result<InboundMessage, Fault> {
        let defect = |problem: String| Fault::of(FaultKind::Internal, problem);
        let key = BusinessKey::new(&format!("{}:{}", self.system, kind.name()))
            .map_err(|error| defect(format!("a list's key {error}")))?;
        // What the list says, not when it was taken.
        let said = json(&list.entries)?;
        let digest = Sha256::digest(&said.bytes);
        let short: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let day = HERE.to_datetime(list.taken_at).date();
        let body = json(list)?;
        let submission = InboundSubmission {
            operation: Kind::List.name(&self.system).map_err(defect)?,
            key,
            aliases: Vec::new(),
            body: body.clone(),
        };
        Ok(InboundMessage {
            content: InboundContent::Submissions(vec![submission]),
            dedupe_key: format!("list:{}:{day}:{short}", kind.name()),
            dedupe_window: WINDOW,
            raw: body,
        })
    }
}

#[async_trait]
impl Poller for ListPoller {
    fn system(&self) -> &SystemId {
        &self.system
    }

    fn name(&self) -> &str {
        "lists"
    }

    fn schedule(&self) -> PollSchedule {
        PollSchedule { when: PollTime::Daily(self.daily_at), pages: self.lists.len().max(1) }
    }

    /// The cursor is the place of the next list; each day begins at the first.
    async fn poll(&self, cx: &CallContext, request: PollRequest<'_>) -> Result<Page, Fault> {
        let place = match request {
            PollRequest { first: true, .. } | PollRequest { cursor: None, .. } => 0,
            PollRequest { cursor: Some(PollCursor(place)), first: false } => place.parse().unwrap_or(0),
        };
        let end = |place: usize| PollCursor(place.to_string());
        let Some(kind) = self.lists.get(place).copied() else {
            return Ok(Page { messages: Vec::new(), next: end(0), acknowledgement: None, more: false });
        };
        let entries = within(cx, self.client.list(cx, kind))
            .await?
            .ok_or_else(|| Fault::of(FaultKind::Mapping, format!("no list of {} is configured", kind.name())))?;
        let list = ListReceived { list: kind, taken_at: cx.clock.now(), entries };
        let next = place.saturating_add(1);
        let more = next < self.lists.len();
        let messages = vec![self.message(kind, &list)?];
        Ok(Page { messages, next: end(if more { next } else { 0 }), acknowledgement: None, more })
    }
}
