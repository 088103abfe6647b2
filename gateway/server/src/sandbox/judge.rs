//! Counts what was promised against what the simulated portal received. It asks the journal only whether something missing is waiting for a person.

use std::collections::{BTreeMap, HashMap, HashSet};

use hdrhistogram::Histogram;
use lienthong_core::delivery::ExchangeState;
use lienthong_core::{ExchangeId, StateName};
use lienthong_engine::service::Service;
use lienthong_journal::{Cursor, ExchangeFilter, ExchangeRecord, GroupFilter};
use lienthong_simulators::portal::{Portal, SeqSummary};

use super::desks::Promise;
use super::life;

/// Rows read at a time.
const PAGE: usize = 500;

/// What a run came to.
#[derive(Debug, Clone, Default)]
pub(super) struct Verdict {
    /// Of what the client submitted.
    pub(super) delivered: u64,
    /// Of questions, what the systems pushed, and what the gateway made of messages.
    pub(super) others_delivered: u64,
    pub(super) retried: u64,
    pub(super) parked: u64,
    pub(super) held_behind: u64,
    /// Why deliveries are parked, and how many for each reason.
    pub(super) reasons: BTreeMap<String, u64>,
    pub(super) lost: u64,
    pub(super) duplicated: u64,
    pub(super) out_of_order: u64,
    pub(super) per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

/// Judges a finished run.
pub(super) async fn judge(service: &Service, portal: &Portal, promises: &[Promise]) -> anyhow::Result<Verdict> {
    let records = records(service).await?;
    let totals = portal.report().stored;
    let mut verdict =
        Verdict { duplicated: totals.duplicated, out_of_order: totals.out_of_order, ..Verdict::default() };
    verdict.lost = lost(&records, &portal.last_sequences(), promises);
    count_deliveries(&records, promises, &mut verdict);
    measure(&records, &mut verdict)?;
    for group in service.groups(GroupFilter::default(), None, PAGE).await?.rows {
        if group.parked > 0 {
            let reason = format!("{} {} ({})", group.operation, group.sample.code.as_str(), group.sample.public.en);
            *verdict.reasons.entry(reason).or_default() += group.parked;
        }
        verdict.held_behind += group.held_behind;
    }
    Ok(verdict)
}

async fn records(service: &Service) -> anyhow::Result<HashMap<ExchangeId, ExchangeRecord>> {
    let mut found = HashMap::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = service.exchanges(ExchangeFilter::default(), cursor, PAGE).await?;
        found.extend(page.rows.into_iter().map(|record| (record.meta.id, record)));
        cursor = page.next;
        if cursor.is_none() {
            return Ok(found);
        }
    }
}

/// Acknowledged marks that the portal never received, unless their delivery is parked, or waits behind one that is.
fn lost(
    records: &HashMap<ExchangeId, ExchangeRecord>,
    received: &HashMap<String, SeqSummary>,
    promises: &[Promise],
) -> u64 {
    let nothing = SeqSummary::default();
    let mut lost = 0;
    for promise in promises.iter().filter(|promise| !promise.marks.is_empty()) {
        let summary = received.get(&promise.key).unwrap_or(&nothing);
        let marks = if promise.operation == life::DOSSIER { &summary.snapshots } else { &summary.steps };
        let arrived: HashSet<&u64> = marks.iter().collect();
        let missing = promise.marks.iter().filter(|mark| !arrived.contains(mark)).count();
        if missing > 0 && !awaits_a_person(records.get(&promise.exchange)) {
            lost += 1;
        }
    }
    lost
}

fn awaits_a_person(record: Option<&ExchangeRecord>) -> bool {
    record.is_some_and(|record| {
        record.deliveries.iter().any(|delivery| match delivery.state.name() {
            StateName::Parked => true,
            StateName::Queued => !delivery.is_head,
            StateName::Waiting
            | StateName::InFlight
            | StateName::Verifying
            | StateName::Delivered
            | StateName::Cancelled
            | StateName::Discarded
            | StateName::Superseded => false,
        })
    })
}

fn count_deliveries(records: &HashMap<ExchangeId, ExchangeRecord>, promises: &[Promise], verdict: &mut Verdict) {
    let promised: HashSet<ExchangeId> = promises.iter().map(|promise| promise.exchange).collect();
    for record in records.values() {
        let state = ExchangeState::of(record.deliveries.iter().map(|delivery| delivery.state.name()));
        let delivered = u64::from(state == ExchangeState::Delivered);
        match promised.contains(&record.meta.id) {
            true => verdict.delivered += delivered,
            false => verdict.others_delivered += delivered,
        }
        for delivery in &record.deliveries {
            verdict.retried += u64::from(delivery.attempts > 1);
            verdict.parked += u64::from(delivery.state.name() == StateName::Parked);
        }
    }
}

/// From acceptance to the last delivery's outcome, over what was delivered.
#[expect(clippy::cast_precision_loss, reason = "counts of a sandbox run are far below 2^52")]
fn measure(records: &HashMap<ExchangeId, ExchangeRecord>, verdict: &mut Verdict) -> anyhow::Result<()> {
    let mut micros = Histogram::<u64>::new(3)?;
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    for record in records.values() {
        if !record.deliveries.iter().all(|delivery| delivery.state.name() == StateName::Delivered) {
            continue;
        }
        let accepted = record.meta.received_at.as_microsecond();
        let done = record.deliveries.iter().map(|d| d.updated_at.as_microsecond()).max().unwrap_or(accepted);
        first = first.min(accepted);
        last = last.max(done);
        micros.record(done.saturating_sub(accepted).unsigned_abs().max(1))?;
    }
    if last > first {
        verdict.per_second = verdict.delivered as f64 / ((last - first) as f64 / 1e6);
        verdict.p50_ms = micros.value_at_quantile(0.5) as f64 / 1e3;
        verdict.p99_ms = micros.value_at_quantile(0.99) as f64 / 1e3;
    }
    Ok(())
}
