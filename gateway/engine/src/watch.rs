//! Keeps what is measured: takes it over from the journal at the start, writes it down every minute, looks at the backlog's dates. It judges nothing.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::service::Service;

/// Between two turns.
const TURN: Duration = Duration::from_secs(5);
/// Measured hours are written this often.
const KEEP_EVERY: Duration = Duration::from_secs(60);
/// The backlog's dates are looked at this often at most, and never so often that it takes a noticeable part of the time.
const LOOK_EVERY: Duration = Duration::from_secs(15);
const LOOK_SHARE: u32 = 50;

/// Runs until `stopping`, and keeps what was measured until then.
pub async fn run(service: Service, stopping: CancellationToken) {
    let clock = service.clock();
    while let Err(fault) = service.restore_vitals().await {
        tracing::warn!(%fault, "what was measured before could not be read and is read again");
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(TURN) => {}
        }
    }
    let (mut kept, mut look_at) = (clock.monotonic(), clock.monotonic());
    loop {
        let now = clock.monotonic();
        if now >= look_at {
            if let Err(fault) = service.look_at_backlog().await {
                tracing::warn!(%fault, "the backlog could not be looked at");
            }
            let took = clock.monotonic().saturating_sub(now);
            look_at = now.saturating_add(LOOK_EVERY.max(took.saturating_mul(LOOK_SHARE)));
        }
        service.note_states().await;
        if now.saturating_sub(kept) >= KEEP_EVERY {
            kept = now;
            service.keep_vitals().await;
        }
        tokio::select! {
            () = stopping.cancelled() => break,
            () = tokio::time::sleep(TURN) => {}
        }
    }
    service.keep_vitals().await;
}
