//! The journal's events for one watcher: what it missed, then live, without gap or repeat. It knows neither SSE nor gRPC.

use std::collections::VecDeque;
use std::sync::Arc;

use lienthong_core::{BusinessKey, Fault, FaultCode, FaultKind, FieldProblem, SystemId};
use lienthong_journal::{EventRecord, Journal, JournalError};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::security::Identity;

/// Events read from the journal at once.
const PAGE: usize = 256;

/// Which events a watcher gets.
#[derive(Debug, Clone)]
pub struct FeedFilter {
    /// Confines the feed to what this caller may see.
    pub identity: Identity,
    pub key: Option<BusinessKey>,
    pub system: Option<SystemId>,
}

/// Where a feed begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedStart {
    Now,
    /// After this sequence number; 0 = from the oldest event kept.
    After(u64),
}

/// What a feed says.
#[derive(Debug, Clone, PartialEq)]
pub enum FeedItem {
    Event(Box<EventRecord>),
    /// Retention has removed the events from `from` to `to`, both included, before they could be read.
    Gap {
        from: u64,
        to: u64,
    },
}

/// A place in the journal's log that moves forward. Memory is bounded: one page, or one committed batch.
pub struct Feed {
    journal: Arc<dyn Journal>,
    live: broadcast::Receiver<Arc<[EventRecord]>>,
    filter: FeedFilter,
    /// Everything up to here was looked at.
    read_to: u64,
    /// The journal holds more than was read from it.
    behind: bool,
    ready: VecDeque<FeedItem>,
}

impl Feed {
    /// Subscribes first and looks into the journal after, so that nothing falls between. A place that lies ahead of the journal is refused.
    pub async fn open(journal: Arc<dyn Journal>, filter: FeedFilter, start: FeedStart) -> Result<Self, Fault> {
        let live = journal.subscribe();
        let last = journal.last_event().await.map_err(unreadable)?;
        let read_to = match start {
            FeedStart::Now => last,
            FeedStart::After(place) if place <= last => place,
            FeedStart::After(_) => return Err(ahead(last)),
        };
        Ok(Self { journal, live, filter, read_to, behind: read_to < last, ready: VecDeque::new() })
    }

    /// The last sequence number looked at: where to resume, also when nothing was of interest for long.
    pub fn position(&self) -> u64 {
        self.read_to
    }

    /// Whether [`Feed::next`] would answer at once.
    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The next event of interest; waits for it. `None` when the journal is closed. Nothing is lost when this is cancelled.
    pub async fn next(&mut self) -> Result<Option<FeedItem>, Fault> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(Some(item));
            }
            if self.behind {
                self.read_page().await?;
            } else if !self.hear().await {
                return Ok(None);
            }
        }
    }

    async fn read_page(&mut self) -> Result<(), Fault> {
        let rows = self.journal.events(self.read_to, PAGE).await.map_err(unreadable)?;
        self.behind = rows.len() == PAGE;
        for event in &rows {
            let missing = self.read_to + 1;
            if self.read_to > 0 && event.seq > missing {
                self.ready.push_back(FeedItem::Gap { from: missing, to: event.seq - 1 });
            }
            self.look_at(event);
        }
        Ok(())
    }

    /// False when no more will come.
    async fn hear(&mut self) -> bool {
        match self.live.recv().await {
            Ok(batch) => {
                let follows = batch.first().is_none_or(|event| event.seq <= self.read_to + 1);
                self.behind = !follows;
                if follows {
                    batch.iter().for_each(|event| self.look_at(event));
                }
                true
            }
            Err(RecvError::Lagged(_)) => {
                self.behind = true;
                true
            }
            Err(RecvError::Closed) => false,
        }
    }

    fn look_at(&mut self, event: &EventRecord) {
        if event.seq <= self.read_to {
            return;
        }
        self.read_to = event.seq;
        if self.filter.takes(event) {
            self.ready.push_back(FeedItem::Event(Box::new(event.clone())));
        }
    }
}

impl FeedFilter {
    fn takes(&self, event: &EventRecord) -> bool {
        self.identity.may_see_event(event)
            && self.key.as_ref().is_none_or(|key| event.key.as_ref() == Some(key))
            && self.system.as_ref().is_none_or(|system| event.system.as_ref() == Some(system))
    }
}

fn ahead(last: u64) -> Fault {
    Fault::new(FaultKind::Invalid, FaultCode::BadParameter, "a feed was asked for from beyond its end")
        .with_problem(FieldProblem::new("after", format!("lies after the last event, {last}")))
}

fn unreadable(cause: JournalError) -> Fault {
    Fault::new(FaultKind::Unavailable, FaultCode::JournalUnavailable, format!("events cannot be read: {cause}"))
}

#[cfg(test)]
mod tests;
