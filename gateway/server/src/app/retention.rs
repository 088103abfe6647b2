//! Removes what is too old, in small steps between which traffic flows. It decides no period.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use lienthong_core::{Clock, SignedDuration, Timestamp};
use lienthong_journal::{Journal, Retention, RetentionStep};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::GatewayModel;
use crate::state::AppState;

/// Rows of one step: a few milliseconds of the writer's time.
const STEP_ROWS: usize = 500;
/// Left to others between two steps.
const PAUSE: Duration = Duration::from_millis(50);
/// The first round begins this long after the start, so that a process that is restarted daily removes too.
const FIRST: Duration = Duration::from_secs(60);

/// A clock this far ahead of the journal's last event may be wrong: nothing is removed by it …
const LEAP: SignedDuration = SignedDuration::from_hours(30 * 24);
/// … until it has been believed this long, during which a time service would have put it right.
const BELIEVED: Duration = Duration::from_secs(24 * 3600);

/// Runs until the gateway stops; periods are read anew for each round. `last` is when the journal was last written before this start.
pub(super) fn spawn(state: &AppState, gateway: Arc<ArcSwap<GatewayModel>>, last: Option<Timestamp>) -> JoinHandle<()> {
    let (journal, clock) = (Arc::clone(&state.journal), Arc::clone(&state.clock));
    let stopping = state.stopping.clone();
    tokio::spawn(async move {
        let started = clock.monotonic();
        let mut wait = FIRST.min(gateway.load().retention.every.0);
        while !elapsed_or_stopped(wait, &stopping).await {
            let up = clock.monotonic().saturating_sub(started);
            if leapt(last, clock.now(), up) {
                tracing::warn!(
                    ?last,
                    "the clock is far ahead of the journal: nothing is removed until it proves right"
                );
                wait = gateway.load().retention.every.0;
                continue;
            }
            round(journal.as_ref(), clock.as_ref(), &gateway, &stopping).await;
            wait = gateway.load().retention.every.0;
        }
    })
}

/// Whether the clock may be wrong: far ahead of what the journal last saw, and not yet believed for long.
fn leapt(last: Option<Timestamp>, now: Timestamp, up: Duration) -> bool {
    last.is_some_and(|last| now.duration_since(last) > LEAP) && up < BELIEVED
}

/// True when the gateway stops.
async fn elapsed_or_stopped(wait: Duration, stopping: &CancellationToken) -> bool {
    tokio::select! {
        () = stopping.cancelled() => true,
        () = tokio::time::sleep(wait) => false,
    }
}

async fn round(
    journal: &dyn Journal,
    clock: &dyn Clock,
    gateway: &ArcSwap<GatewayModel>,
    stopping: &CancellationToken,
) {
    let mut sum = RetentionStep::default();
    loop {
        let periods = gateway.load().retention.clone();
        let retention = Retention {
            bodies: periods.bodies.0,
            exchanges: periods.exchanges.0,
            events: periods.events.0,
            step_rows: STEP_ROWS,
        };
        match journal.retain(retention, clock.now()).await {
            Ok(step) => {
                sum = added(sum, step);
                if step.done {
                    break;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "retention stopped early and goes on next time");
                break;
            }
        }
        if elapsed_or_stopped(PAUSE, stopping).await {
            break;
        }
    }
    if sum.bodies + sum.exchanges + sum.events + sum.idempotency_keys > 0 {
        let RetentionStep { bodies, exchanges, events, idempotency_keys, done: _ } = sum;
        tracing::info!(bodies, exchanges, events, idempotency_keys, "old records were removed");
    }
}

fn added(sum: RetentionStep, step: RetentionStep) -> RetentionStep {
    RetentionStep {
        bodies: sum.bodies + step.bodies,
        exchanges: sum.exchanges + step.exchanges,
        events: sum.events + step.events,
        idempotency_keys: sum.idempotency_keys + step.idempotency_keys,
        done: step.done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_leapt_removes_nothing_until_it_is_believed() {
        let last: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let (soon, leap) = ("2026-01-20T00:00:00Z".parse().unwrap(), "2036-01-01T00:00:00Z".parse().unwrap());
        assert!(!leapt(Some(last), soon, Duration::ZERO));
        assert!(leapt(Some(last), leap, Duration::from_secs(3600)));
        assert!(!leapt(Some(last), leap, BELIEVED));
        assert!(!leapt(None, leap, Duration::ZERO));
    }
}
