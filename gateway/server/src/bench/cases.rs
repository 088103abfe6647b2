//! What is measured on a gateway without a backlog: durable acceptance, acceptance to delivery, synchronous calls. It starts no stand.

use std::sync::Arc;

use http::StatusCode;
use tokio::time::Instant;

use super::gateway::{API_KEY, Gateway};
use super::load::{Load, Make, Until};
use super::messages;
use super::report::Row;
use super::stand::{CONNECTIONS, Sample, Stand, sampled};

/// Requests a second of the gateway over those of the bare proxy, at least.
const ACCEPT_RATIO: f64 = 0.4;
const DELIVER_RATIO: f64 = 0.2;
const CALL_RATIO: f64 = 0.45;
/// Dossiers submitted and delivered before anything is measured.
pub(super) const WARM_UP: u64 = 2_000;

/// Durable acceptance: nothing is sent, every answer follows its commit.
pub(super) async fn accept(stand: &Stand) -> anyhow::Result<Vec<Row>> {
    let before = stand.yardstick(messages::portal_writes()?, CONNECTIONS).await?;
    let gateway = Gateway::start(stand, "accept").await?;
    gateway.pause().await?;
    stand.progress.step("durable acceptance, 64 connections, 2 KiB");
    let sample = gateway.submit(stand, 0).await?;
    drop(gateway);
    let after = stand.yardstick(messages::portal_writes()?, CONNECTIONS).await?;
    let yardstick = Sample::mean(&before, &after);
    Ok(vec![
        Row::told("accept.throughput", sample.per_second, PER_SECOND)
            .beside(yardstick.per_second)
            .at_least(ACCEPT_RATIO),
        Row::told("accept.p50", sample.p50_ms, "ms").beside(yardstick.p50_ms),
        Row::told("accept.p99", sample.p99_ms, "ms").beside(yardstick.p99_ms),
        Row::told("accept.cpu", sample.cpu_micros, "µs/request").beside(yardstick.cpu_micros),
    ])
}

/// From full acceptance to the last outcome on disk.
pub(super) async fn deliver(stand: &Stand) -> anyhow::Result<Vec<Row>> {
    let before = stand.yardstick(messages::portal_writes()?, CONNECTIONS).await?;
    let gateway = Gateway::start(stand, "deliver").await?;
    stand.progress.step("accepted to delivered, 64 connections, 2 KiB");
    let (received, warm_up) = (stand.received().await?, load(&gateway, 0, Until::Count(WARM_UP))?);
    sampled(&gateway.child, warm_up).await?;
    gateway.delivered(stand, received + WARM_UP).await?;
    let (received, began, cpu) = (stand.received().await?, Instant::now(), gateway.child.cpu_seconds()?);
    let until = Until::Time { warm_up: std::time::Duration::ZERO, measured: stand.seconds };
    let accepted = sampled(&gateway.child, load(&gateway, WARM_UP, until)?).await?.answered;
    gateway.delivered(stand, received + accepted).await?;
    let (over, cpu) = (began.elapsed(), gateway.child.cpu_seconds()? - cpu);
    let memory = gateway.memory()?;
    drop(gateway);
    let after = stand.yardstick(messages::portal_writes()?, CONNECTIONS).await?;
    let yardstick = Sample::mean(&before, &after);
    let per_second = count(accepted) / over.as_secs_f64();
    Ok(vec![
        Row::told("deliver.throughput", per_second, "deliveries/s")
            .beside(yardstick.per_second)
            .at_least(DELIVER_RATIO),
        Row::told("deliver.cpu", cpu * 1e6 / count(accepted), "µs/delivery").beside(yardstick.cpu_micros),
        Row::told("deliver.memory", memory.resident, "MiB"),
        Row::told("deliver.memory_peak", memory.peak, "MiB"),
    ])
}

/// Synchronous questions, at full load and one at a time.
pub(super) async fn call(stand: &Stand) -> anyhow::Result<Vec<Row>> {
    let before = stand.yardstick(messages::portal_reads()?, CONNECTIONS).await?;
    let single_before = stand.yardstick(messages::portal_reads()?, 1).await?;
    let gateway = Gateway::start(stand, "call").await?;
    stand.progress.step("synchronous calls, 64 in flight, then one");
    let sample = gateway.load(stand, CONNECTIONS, StatusCode::OK, messages::calls(API_KEY)?).await?;
    let single = gateway.load(stand, 1, StatusCode::OK, messages::calls(API_KEY)?).await?;
    drop(gateway);
    let after = stand.yardstick(messages::portal_reads()?, CONNECTIONS).await?;
    let single_after = stand.yardstick(messages::portal_reads()?, 1).await?;
    let yardstick = Sample::mean(&before, &after);
    let single_yardstick = Sample::mean(&single_before, &single_after);
    let added = single.p50_ms - single_yardstick.p50_ms;
    Ok(vec![
        Row::told("call.throughput", sample.per_second, PER_SECOND).beside(yardstick.per_second).at_least(CALL_RATIO),
        Row::told("call.p50", sample.p50_ms, "ms").beside(yardstick.p50_ms),
        Row::told("call.p99", sample.p99_ms, "ms").beside(yardstick.p99_ms),
        Row::told("call.cpu", sample.cpu_micros, "µs/request").beside(yardstick.cpu_micros),
        Row::told("call.single_p50", single.p50_ms, "ms").beside(single_yardstick.p50_ms),
        Row::told("call.added_latency", added, "ms"),
    ])
}

pub(super) const PER_SECOND: &str = "requests/s";

/// Submissions beginning with dossier `first`.
pub(super) fn load(gateway: &Gateway, first: u64, until: Until) -> anyhow::Result<Load> {
    let make: Make = messages::submissions(API_KEY, first)?;
    let to = gateway.child.address();
    Ok(Load { to, connections: CONNECTIONS, until, expect: StatusCode::ACCEPTED, make, progress: Arc::default() })
}

#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
pub(super) fn count(number: u64) -> f64 {
    number as f64
}
