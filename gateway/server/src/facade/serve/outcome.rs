//! What became of stored messages within the wait, followed through what their routes made of them. It stores nothing.

use std::time::Duration;

use futures::future::join_all;
use lienthong_core::delivery::ExchangeState;
use lienthong_core::exchange::Link;
use lienthong_core::{ExchangeId, Fault};
use lienthong_engine::internal;
use lienthong_engine::service::{ExchangeDetail, Receipt};
use lienthong_journal::{AttemptOutcome, DeliveryRecord, ExchangeFilter};
use serde_json::Value;

use crate::facade::answer::{Ended, Standing};
use crate::facade::home::unreadable;
use crate::facade::items::Item;
use crate::state::AppState;

/// Exchanges that one message's way may lead through.
const FOLLOWED: usize = 16;
/// Exchanges of a key among which the next of the way is looked for.
const LOOKED_AT: usize = 100;

/// Where each message stands when the wait is over, or when all have ended.
pub(super) async fn of_all(
    state: &AppState,
    wait: Duration,
    items: &[Item],
    received: Vec<Result<Receipt, Fault>>,
) -> Vec<Ended> {
    // So many wait already that nobody is waited for: it is on disk all the same.
    let place = state.doors.wait();
    let until = state.clock.monotonic().saturating_add(if place.is_some() { wait } else { Duration::ZERO });
    let each = items.iter().zip(received).map(|(item, received)| of_one(state, until, item, received));
    join_all(each).await
}

async fn of_one(state: &AppState, until: Duration, item: &Item, received: Result<Receipt, Fault>) -> Ended {
    let key = item.key.clone();
    match received {
        Err(fault) => Ended { key, exchange: None, standing: Standing::Refused(fault) },
        Ok(receipt) => {
            let standing = standing(state, receipt.id, until).await.unwrap_or_else(|fault| {
                // It is on disk: whatever keeps us from telling more, it was received.
                let (exchange, code) = (receipt.id, fault.code.as_str());
                tracing::warn!(%exchange, code, detail = %fault.detail, "wait for an outcome failed");
                Standing::Pending(None)
            });
            Ended { key, exchange: Some(receipt.id), standing }
        }
    }
}

async fn standing(state: &AppState, id: ExchangeId, until: Duration) -> Result<Standing, Fault> {
    let (mut ahead, mut answer) = (vec![id], None);
    for _each in 0..FOLLOWED {
        let Some(id) = ahead.pop() else { return Ok(Standing::Delivered(answer)) };
        let detail = waited(state, id, until).await?;
        if let Some(ended) = not_delivered(&detail) {
            return Ok(ended);
        }
        let stages: Vec<&DeliveryRecord> = detail.record.deliveries.iter().filter(|one| is_stage(one)).collect();
        if stages.is_empty() {
            answer = answer.or(answer_of(state, &detail).await?);
            continue;
        }
        let next = made_of(state, &detail).await?;
        if next.is_empty() {
            return Ok(Standing::Pending(None));
        }
        ahead.extend(next);
    }
    Ok(Standing::Pending(None))
}

/// The state within what is left of the wait.
async fn waited(state: &AppState, id: ExchangeId, until: Duration) -> Result<ExchangeDetail, Fault> {
    let left = until.saturating_sub(state.clock.monotonic());
    if left.is_zero() {
        return state.service.exchange(id).await;
    }
    tokio::select! {
        outcome = state.service.wait(id, left) => outcome,
        () = state.stopping.cancelled() => state.service.exchange(id).await,
    }
}

/// `None` when every delivery is delivered.
fn not_delivered(detail: &ExchangeDetail) -> Option<Standing> {
    let fault = detail.record.deliveries.iter().find_map(|delivery| delivery.fault.clone());
    match (detail.state, fault) {
        (ExchangeState::Delivered, _) => None,
        (ExchangeState::Attention, Some(fault)) => Some(Standing::Failed(fault)),
        (ExchangeState::Attention, None) | (ExchangeState::Closed, None) => Some(Standing::Pending(None)),
        // Given up by a person, with the reason why it had failed.
        (ExchangeState::Closed, Some(fault)) => Some(Standing::Failed(fault)),
        (ExchangeState::InProgress, fault) => Some(Standing::Pending(fault)),
    }
}

/// A stage of a route, whose outcome makes the next exchange.
fn is_stage(delivery: &DeliveryRecord) -> bool {
    delivery.system.as_str() == internal::SYSTEM
}

/// The exchanges that the stages of this one made, of the same key.
async fn made_of(state: &AppState, detail: &ExchangeDetail) -> Result<Vec<ExchangeId>, Fault> {
    let meta = &detail.record.meta;
    let filter = ExchangeFilter { key: Some(meta.key.clone()), ..ExchangeFilter::default() };
    let page = state.service.exchanges(filter, None, LOOKED_AT).await?;
    let is_next = |link: &Option<Link>| match link {
        Some(Link::Child { parent, index }) => parent.exchange == meta.id && *index < Link::OUTCOMES,
        Some(Link::Resend { .. }) | None => false,
    };
    Ok(page.rows.iter().filter(|record| is_next(&record.meta.link)).map(|record| record.meta.id).collect())
}

/// What the target answered.
async fn answer_of(state: &AppState, detail: &ExchangeDetail) -> Result<Option<Value>, Fault> {
    let done = |outcome: &Option<AttemptOutcome>| match outcome {
        Some(AttemptOutcome::Delivered | AttemptOutcome::FoundDone) => true,
        Some(AttemptOutcome::Failed(_) | AttemptOutcome::Lost | AttemptOutcome::FoundNotDone) | None => false,
    };
    let attempts = detail.attempts.iter().flat_map(|(_, attempts)| attempts);
    let Some(answer) = attempts.filter(|attempt| done(&attempt.outcome)).find_map(|attempt| attempt.answer) else {
        return Ok(None);
    };
    let bytes = state.journal.body(answer).await.map_err(|cause| unreadable(&cause))?;
    Ok(bytes.map(|bytes| value_of(&bytes)))
}

/// JSON as it is, anything else as a text.
pub(super) fn value_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(bytes).into_owned()))
}
