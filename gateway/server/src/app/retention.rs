//! Removes what is too old, in small steps between which traffic flows. It decides no period.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use lienthong_core::{Clock, SignedDuration, Timestamp};
use lienthong_journal::files::{FileFolder, FileSweep};
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
    let (files, stopping) = (state.files.clone(), state.stopping.clone());
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
            files_round(&files, clock.as_ref(), &gateway, &stopping).await;
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

/// A shelf a step. A file's age alone counts, not who tells of it.
async fn files_round(
    files: &FileFolder,
    clock: &dyn Clock,
    gateway: &ArcSwap<GatewayModel>,
    stopping: &CancellationToken,
) {
    let mut sum = FileSweep { next: Some(0), ..FileSweep::default() };
    while let Some(shelf) = sum.next {
        let kept = gateway.load().retention.files.0;
        let Ok(before) = clock.now().checked_sub(kept) else { break };
        match files.sweep(before, shelf).await {
            Ok(FileSweep { removed, bytes, next }) => {
                sum = FileSweep { removed: sum.removed + removed, bytes: sum.bytes + bytes, next };
            }
            Err(error) => {
                tracing::warn!(%error, "retention of files stopped early and goes on next time");
                break;
            }
        }
        if elapsed_or_stopped(PAUSE, stopping).await {
            break;
        }
    }
    if sum.removed > 0 {
        tracing::info!(files = sum.removed, bytes = sum.bytes, "old files were removed");
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
    use lienthong_core::file::FileStore as _;
    use lienthong_journal::files::FileOptions;

    use super::*;

    /// Says the same time for ever.
    struct Still(Timestamp);

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            self.0
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_removes_the_files_that_are_older_than_configured_from_every_shelf() {
        let folder = tempfile::tempdir().unwrap();
        let text = "organisation: H56\nlisten: { address: '127.0.0.1:0' }\njournal: { folder: j }\nretention: { bodies: 1d, files: 2d }";
        let model = Arc::new(ArcSwap::from_pointee(serde_saphyr::from_str::<GatewayModel>(text).unwrap()));
        let begin: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let at = |hours: i64| Arc::new(Still(begin + SignedDuration::from_hours(hours))) as Arc<dyn Clock>;
        let files = |hours: i64| FileFolder::new(FileOptions::new(folder.path(), at(hours)));
        files(0).prepare().await.unwrap();
        let mut names = Vec::new();
        for (number, hours) in (0..40_u8).zip([0, 1].into_iter().cycle()) {
            let mut writer = files(hours).begin().await.unwrap();
            writer.write(&[number]).await.unwrap();
            names.push((hours, writer.finish().await.unwrap().sha256));
        }
        files_round(&files(0), at(49).as_ref(), &model, &CancellationToken::new()).await;
        for (hours, name) in names {
            assert_eq!(files(0).has(&name).await.unwrap(), hours == 1, "{name}");
        }
    }

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
