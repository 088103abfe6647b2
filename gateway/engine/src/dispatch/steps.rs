//! Notices when the wall clock steps away from monotonic time, and mends durable timers that a step left too far ahead. It sends nothing.

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{DeliveryState, ExchangeMeta, OperationSpec, RetryPolicy, SignedDuration, StateName, Timestamp};
use lienthong_journal::{Actor, Command, Cursor, DeliveryRecord, EventKind, ExchangeFilter, JournalError, Transition};

use super::line::Line;
use super::valve::Now;
use crate::config::Configuration;
use crate::internal::is_internal;

/// Less than this is a clock being slewed.
const STEP: SignedDuration = SignedDuration::from_secs(2);
const PAGE: usize = 200;
/// Longer than anything is kept.
const NEVER: Duration = Duration::from_secs(100 * 366 * 86_400);

/// Compares the two clocks from turn to turn.
pub(super) struct StepWatch(Now);

impl StepWatch {
    pub(super) fn new(now: Now) -> Self {
        Self(now)
    }

    /// How far the wall clock stepped since the last look, when it did.
    pub(super) fn check(&mut self, now: Now) -> Option<SignedDuration> {
        let before = std::mem::replace(&mut self.0, now);
        let passed = now.mono.saturating_sub(before.mono);
        let expected = before.wall.saturating_add(passed).unwrap_or(before.wall);
        let off = now.wall.duration_since(expected);
        (off.abs() >= STEP).then_some(off)
    }
}

/// The longest any lookup of this system must wait before "not done" can be believed.
pub(super) fn longest_settle(config: &Configuration, line: &Line) -> Duration {
    let specs = config.adapters.get(&line.id).map(|adapter| adapter.operations());
    let settle = |spec: &OperationSpec| spec.lookup.map(|lookup| lookup.settle);
    specs.into_iter().flatten().filter_map(settle).max().unwrap_or_default()
}

/// A journal that fails is asked again after this.
const AGAIN: Duration = Duration::from_secs(10);

/// Brings timers that lie further ahead than any policy allows back to the longest wait from now. Dates a client chose
/// (`not_before`) stay. What moves meanwhile is left alone. Tried until it succeeds or the journal is closed.
pub(super) async fn clamp_timers(line: Arc<Line>) {
    let config = line.core.config.load_full();
    let longest = longest_wait(&config, &line);
    for state in [StateName::Waiting, StateName::Verifying] {
        while let Err(error) = clamp_state(&line, state, longest).await {
            if matches!(error, JournalError::Closed) {
                return;
            }
            tracing::warn!(system = %line.id, %error, "timers could not be clamped and are tried again");
            tokio::time::sleep(AGAIN).await;
        }
    }
    line.look_again();
}

async fn clamp_state(line: &Line, state: StateName, longest: Duration) -> Result<(), JournalError> {
    let filter = ExchangeFilter { system: Some(line.id.clone()), state: Some(state), ..ExchangeFilter::default() };
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = line.core.journal.exchanges(filter.clone(), cursor.take(), PAGE).await?;
        let now = line.core.clock.now();
        let deliveries = page.rows.iter().flat_map(|row| row.deliveries.iter().map(|delivery| (&row.meta, delivery)));
        let moves: Vec<Command> = deliveries
            .filter(|(_, delivery)| delivery.system == line.id)
            .filter_map(|(meta, delivery)| clamped(meta, delivery, now, longest))
            .collect();
        if !moves.is_empty() {
            tracing::info!(system = %line.id, timers = moves.len(), "timers too far ahead are clamped");
            // Refusals are deliveries that moved meanwhile: their timers are new.
            line.core.journal.commit(moves).await?;
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
}

fn clamped(meta: &ExchangeMeta, delivery: &DeliveryRecord, now: Timestamp, longest: Duration) -> Option<Command> {
    let latest = now.saturating_add(longest).unwrap_or(now);
    let late = delivery.state.wake_at().is_some_and(|until| until > latest);
    if !late || meta.not_before.is_some_and(|date| date > now) {
        return None;
    }
    let state = match delivery.state {
        DeliveryState::Waiting { .. } => DeliveryState::Waiting { until: latest },
        DeliveryState::Verifying { attempt, how, .. } => DeliveryState::Verifying { attempt, how, until: latest },
        DeliveryState::Queued
        | DeliveryState::InFlight { .. }
        | DeliveryState::Delivered
        | DeliveryState::Parked
        | DeliveryState::Cancelled
        | DeliveryState::Discarded
        | DeliveryState::Superseded => return None,
    };
    let event = if state.name() == StateName::Waiting { EventKind::Waiting } else { EventKind::Verifying };
    Some(Command::Move(Box::new(Transition {
        delivery: delivery.id,
        version: delivery.version,
        at: now,
        state,
        attempts: delivery.attempts,
        spent: delivery.spent,
        unsettled: delivery.unsettled,
        fault: delivery.fault.clone().zip(delivery.fingerprint.clone()),
        event,
        actor: Actor::Gateway,
        note: Some("further ahead than any policy allows: the wait is clamped".to_owned()),
        start: None,
        end: None,
        spawn: Vec::new(),
    })))
}

/// The longest wait any policy or settle time of this system asks for.
fn longest_wait(config: &Configuration, line: &Line) -> Duration {
    let policies = config.systems.get(&line.id).into_iter();
    let of_system = policies.flat_map(|policy| policy.retry_by_kind.values().chain([&policy.retry]));
    let of_routes = config.routes.iter().filter_map(|route| route.spec.retry.as_ref());
    let awaits = config.routes.iter().filter_map(|route| route.spec.patterns.awaits.as_ref());
    let awaited = awaits.map(|awaits| awaits.within).filter(|_| is_internal(&line.id));
    if is_internal(&line.id) && !config.flows.is_empty() {
        // Working days and pauses have no end that could be told.
        return NEVER;
    }
    let longest = of_system.chain(of_routes).map(|retry| retry.longest).chain(awaited).max();
    let longest = longest.unwrap_or_else(|| RetryPolicy::default().longest);
    longest.max(longest_settle(config, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall: i64, mono: u64) -> Now {
        Now { wall: Timestamp::from_second(wall).unwrap(), mono: Duration::from_secs(mono) }
    }

    #[test]
    fn a_step_is_told_once_in_its_direction_and_slewing_is_none() {
        let mut watch = StepWatch::new(at(1_000, 0));
        assert_eq!(watch.check(at(1_011, 10)), None);
        assert_eq!(watch.check(at(4_621, 20)), Some(SignedDuration::from_secs(3_600)));
        assert_eq!(watch.check(at(4_631, 30)), None);
        assert_eq!(watch.check(at(1_041, 40)), Some(SignedDuration::from_secs(-3_600)));
    }
}
