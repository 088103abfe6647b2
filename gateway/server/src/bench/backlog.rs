//! What a gateway does with a backlog of waiting exchanges, beside what it did on an empty journal in the same run. It starts no stand.

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use http::StatusCode;
use tokio::time::Instant;

use super::cases::{PER_SECOND, count, load};
use super::gateway::{API_KEY, Gateway};
use super::load::{Load, Until};
use super::messages;
use super::report::Row;
use super::stand::{Stand, sampled};

/// Memory of the gateway at its highest, in MiB, below.
const MEMORY: f64 = 200.0;
/// Throughput with a backlog over that without, at least.
const THROUGHPUT_RATIO: f64 = 0.8;
/// From start to ready after a kill, in seconds, below.
const RESTART: f64 = 3.0;
/// Look-up by key, the slowest of a hundred, in milliseconds, below.
const LOOK_UP: f64 = 20.0;
/// Look-ups measured, spread over all dossiers by a step that shares no divisor with any round number.
const LOOK_UPS: u64 = 500;
const STEP: u64 = 7_919_993;
/// Between two looks at what the portal has received.
const LOOK: Duration = Duration::from_millis(20);

/// The backlog is made as clients make it: submitted over HTTP to a gateway whose system is paused, every dossier a lane of its own.
pub(super) async fn backlog(stand: &Stand, exchanges: u64) -> anyhow::Result<Vec<Row>> {
    let gateway = Gateway::start(stand, "backlog").await?;
    stand.progress.step("acceptance and sending without a backlog");
    gateway.pause().await?;
    let accept_without = gateway.submit(stand, 0).await?;
    let mut submitted = accept_without.answered;
    let send_without = drained(stand, &gateway, submitted).await?;
    gateway.pause().await?;

    stand.progress.step(&format!("a backlog of {exchanges}, submitted over HTTP"));
    let fill = load(&gateway, submitted, Until::Count(exchanges))?;
    let watched = stand.progress.watch("waiting", exchanges, Arc::clone(&fill.progress));
    let filled = sampled(&gateway.child, fill).await?;
    drop(watched);
    submitted += filled.answered;

    stand.progress.step("acceptance with the backlog");
    let accept_with = gateway.submit(stand, submitted).await?;
    submitted += accept_with.answered;
    let before_restart = gateway.memory()?;

    stand.progress.step("killed and started again");
    let (gateway, restart) = gateway.restart(stand).await?;
    stand.progress.step("look-ups by key");
    let make = messages::look_ups(API_KEY, submitted, STEP)?;
    let (to, until) = (gateway.child.address(), Until::Count(LOOK_UPS));
    let look_ups = Load { to, connections: 1, until, expect: StatusCode::OK, make, progress: Arc::default() };
    let look_ups = sampled(&gateway.child, look_ups).await?;

    stand.progress.step("sending with the backlog");
    let send_with = sending(stand, &gateway).await?;
    let after_restart = gateway.memory()?;
    let peak = before_restart.peak.max(after_restart.peak);
    Ok(vec![
        Row::told("backlog.exchanges", count(filled.answered + accept_with.answered), "exchanges"),
        Row::told("backlog.fill", filled.per_second, PER_SECOND),
        Row::told("backlog.memory", before_restart.resident, "MiB"),
        Row::told("backlog.memory_peak", peak, "MiB").below(MEMORY),
        Row::told("backlog.accept", accept_with.per_second, PER_SECOND)
            .beside(accept_without.per_second)
            .at_least(THROUGHPUT_RATIO),
        Row::told("backlog.send", send_with, "deliveries/s").beside(send_without).at_least(THROUGHPUT_RATIO),
        Row::told("backlog.restart", restart.as_secs_f64(), "s").below(RESTART),
        Row::told("backlog.look_up_p50", look_ups.p50_ms, "ms"),
        Row::told("backlog.look_up_p99", look_ups.p99_ms, "ms").below(LOOK_UP),
    ])
}

/// Resumes and waits until everything is delivered; deliveries a second.
async fn drained(stand: &Stand, gateway: &Gateway, waiting: u64) -> anyhow::Result<f64> {
    let (received, began) = (stand.received().await?, Instant::now());
    gateway.resume().await?;
    gateway.delivered(stand, received + waiting).await?;
    Ok(count(waiting) / began.elapsed().as_secs_f64())
}

/// Resumes and counts deliveries for the run's time, after a warm-up; the rest of the backlog is left.
async fn sending(stand: &Stand, gateway: &Gateway) -> anyhow::Result<f64> {
    gateway.resume().await?;
    tokio::time::sleep(stand.seconds / 5).await;
    let (before, began) = (stand.received().await?, Instant::now());
    while began.elapsed() < stand.seconds {
        tokio::time::sleep(LOOK).await;
    }
    let (sent, over) = (stand.received().await? - before, began.elapsed());
    if sent == 0 {
        bail!("nothing was sent from the backlog in {} s", over.as_secs());
    }
    Ok(count(sent) / over.as_secs_f64())
}
