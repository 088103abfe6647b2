//! What happened to a key, as its flows read it: from the exchanges and deliveries that are kept. It reads, and judges nothing.

use lienthong_core::exchange::Link;
use lienthong_core::{BusinessKey, DeliveryState};
use lienthong_journal::{BodyId, Cursor, DeliveryRecord, ExchangeFilter, ExchangeRecord, Journal, JournalError};
use serde_json::Value;

use super::timer::Timer;
use crate::config::Configuration;
use crate::draft::{ROW, UNREADABLE, UNROUTED};
use crate::flow::{Flow, Happening, Mark, On};
use crate::internal;

/// Exchanges read at once.
const PAGE: usize = 200;
/// Most exchanges of one key that flows look at.
const MOST: usize = 2_000;

/// What the flows make of a key's past.
pub(crate) struct History {
    /// By flow, in the order of their times.
    marks: Vec<(String, Vec<Mark>)>,
    /// Timers that are not settled.
    pub(super) timers: Vec<(Timer, DeliveryRecord)>,
}

impl History {
    pub(crate) fn of(&self, flow: &str) -> &[Mark] {
        self.marks.iter().find(|(name, _)| name == flow).map_or(&[], |(_, marks)| marks)
    }
}

/// Reads a key's past. A body that is no longer kept means nothing to a condition.
pub(crate) async fn history(
    journal: &dyn Journal,
    config: &Configuration,
    key: &BusinessKey,
) -> Result<History, JournalError> {
    let marks = config.flows.iter().map(|flow| (flow.spec.name.clone(), Vec::new())).collect();
    let mut reader = Reader { journal, config, history: History { marks, timers: Vec::new() } };
    let filter = ExchangeFilter { key: Some(key.clone()), oldest_first: true, ..ExchangeFilter::default() };
    let (mut cursor, mut read): (Option<Cursor>, usize) = (None, 0);
    while read < MOST {
        let page = journal.exchanges(filter.clone(), cursor.take(), PAGE).await?;
        read += page.rows.len();
        for record in &page.rows {
            reader.take(record).await?;
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let mut history = reader.history;
    history.marks.iter_mut().for_each(|(_, marks)| marks.sort_by_key(|mark| mark.at));
    Ok(history)
}

struct Reader<'a> {
    journal: &'a dyn Journal,
    config: &'a Configuration,
    history: History,
}

impl Reader<'_> {
    async fn take(&mut self, record: &ExchangeRecord) -> Result<(), JournalError> {
        if record.meta.operation.as_str() == internal::STALLED {
            return self.timer(record).await;
        }
        if self.is_copy(record) {
            return Ok(());
        }
        if counts_as_accepted(record) {
            self.mark(record, On::Accepted, record.meta.received_at, None).await?;
        }
        for delivery in record.deliveries.iter().filter(|delivery| is_delivered(delivery)) {
            self.mark(record, On::Delivered, delivery.updated_at, Some(delivery)).await?;
        }
        Ok(())
    }

    async fn timer(&mut self, record: &ExchangeRecord) -> Result<(), JournalError> {
        let Some(delivery) = record.deliveries.first().filter(|delivery| !delivery.state.name().is_final()) else {
            return Ok(());
        };
        if let Some(timer) = self.journal.body(record.body).await?.and_then(|body| Timer::read(&body)) {
            self.history.timers.push((timer, delivery.clone()));
        }
        Ok(())
    }

    async fn mark(
        &mut self,
        record: &ExchangeRecord,
        on: On,
        at: lienthong_core::Timestamp,
        delivery: Option<&DeliveryRecord>,
    ) -> Result<(), JournalError> {
        let operation = delivery.map_or(&record.meta.operation, |delivery| &delivery.operation);
        let flows: Vec<&Flow> = self.config.flows.iter().filter(|flow| flow.looks_at(operation, on)).collect();
        if flows.is_empty() {
            return Ok(());
        }
        let reads = flows.iter().any(|flow| flow.reads(operation, on));
        let body = if reads { self.body(record, delivery).await? } else { None };
        let happening = Happening { operation, on, at, meta: &record.meta, body: body.as_ref() };
        for flow in flows {
            let made = flow.marks(&happening);
            if let Some((_, marks)) = self.history.marks.iter_mut().find(|(name, _)| *name == flow.spec.name) {
                marks.extend(made);
            }
        }
        Ok(())
    }

    /// What was accepted, or what was sent.
    async fn body(
        &self,
        record: &ExchangeRecord,
        delivery: Option<&DeliveryRecord>,
    ) -> Result<Option<Value>, JournalError> {
        let id: BodyId = match delivery {
            Some(delivery) => match self.journal.attempts(delivery.id).await?.last() {
                Some(attempt) => attempt.sent,
                None => return Ok(None),
            },
            None => record.body,
        };
        let bytes = self.journal.body(id).await?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Copies for tap routes happen beside the flow.
    fn is_copy(&self, record: &ExchangeRecord) -> bool {
        let of_tap = |link: &Link| matches!(link, Link::Child { index, .. } if *index >= Link::TAPS);
        let route = record.meta.descent.as_ref().and_then(|descent| self.config.routes.route(&descent.route));
        record.meta.link.as_ref().is_some_and(of_tap) || route.is_some_and(|route| route.spec.patterns.tap)
    }
}

/// Whether the exchange is a message that came, rather than one on its way through stages, sent again, or taken up in another's place.
fn counts_as_accepted(record: &ExchangeRecord) -> bool {
    let meta = &record.meta;
    let on_its_way = meta.descent.as_ref().is_some_and(|descent| descent.stage.is_some());
    let again = matches!(meta.link, Some(Link::Resend { .. }));
    let kept = |delivery: &DeliveryRecord| match delivery.route.as_str() {
        ROW | UNREADABLE => true,
        // Routed since: the exchange that took its place counts.
        UNROUTED => delivery.state == DeliveryState::Delivered,
        _other => false,
    };
    !(on_its_way || again || meta.call || record.deliveries.iter().any(kept))
}

/// Kept ones are only taken up in another's place.
fn is_delivered(delivery: &DeliveryRecord) -> bool {
    let kept = matches!(delivery.route.as_str(), ROW | UNREADABLE | UNROUTED);
    delivery.state == DeliveryState::Delivered && !kept
}
