//! The dispatcher's metrics: names, labels and cached handles. It measures nothing itself.

use std::collections::HashMap;
use std::time::Duration;

use lienthong_core::{OperationName, StateName, SystemId};
use lienthong_journal::BacklogRow;
use metrics::{Counter, Gauge, Histogram};

use super::GateState;

/// Handles of one system, kept so that no attempt looks them up.
pub(super) struct Instruments {
    system: SystemId,
    attempts: HashMap<(OperationName, &'static str), Counter>,
    durations: HashMap<OperationName, Histogram>,
    gate: Gauge,
    in_flight: Gauge,
    live_heads: Gauge,
    bulk_heads: Gauge,
}

impl Instruments {
    pub(super) fn new(system: &SystemId) -> Self {
        let name = || system.to_string();
        Self {
            system: system.clone(),
            attempts: HashMap::new(),
            durations: HashMap::new(),
            gate: metrics::gauge!("lienthong_gate_state", "system" => name()),
            in_flight: metrics::gauge!("lienthong_in_flight", "system" => name()),
            live_heads: metrics::gauge!("lienthong_window_heads", "system" => name(), "class" => "live"),
            bulk_heads: metrics::gauge!("lienthong_window_heads", "system" => name(), "class" => "bulk"),
        }
    }

    /// One attempt ended: `delivered`, or the fault's kind.
    pub(super) fn attempt(&mut self, operation: &OperationName, outcome: &'static str, took: Duration) {
        let system = &self.system;
        let counter = self.attempts.entry((operation.clone(), outcome)).or_insert_with(|| {
            let labels = [("system", system.to_string()), ("operation", operation.to_string())];
            metrics::counter!("lienthong_attempts_total", &with_outcome(labels, outcome))
        });
        counter.increment(1);
        let histogram = self.durations.entry(operation.clone()).or_insert_with(|| {
            metrics::histogram!(
                "lienthong_attempt_duration_seconds",
                "system" => system.to_string(),
                "operation" => operation.to_string(),
            )
        });
        histogram.record(took.as_secs_f64());
    }

    pub(super) fn standing(&self, gate: GateState, in_flight: u32, live: usize, bulk: usize) {
        self.gate.set(code(gate));
        self.in_flight.set(f64::from(in_flight));
        self.live_heads.set(count(live));
        self.bulk_heads.set(count(bulk));
    }
}

/// An answer of a read operation filled a message in: data nobody had to type again.
pub(super) fn data_reused(system: &SystemId, operation: &OperationName) {
    let labels = [("system", system.to_string()), ("operation", operation.to_string())];
    metrics::counter!("lienthong_data_reuse_total", &labels).increment(1);
}

/// Open deliveries by system and state, over all clients and classes.
pub(super) fn backlog(rows: &[BacklogRow], systems: impl Iterator<Item = SystemId>) {
    let mut counts: HashMap<(&SystemId, StateName), u64> = HashMap::new();
    for row in rows {
        *counts.entry((&row.system, row.state)).or_default() += row.count;
    }
    for system in systems {
        for state in StateName::ALL.into_iter().filter(|state| !state.is_final()) {
            let count = counts.get(&(&system, state)).copied().unwrap_or_default();
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let system = system.to_string();
            metrics::gauge!("lienthong_deliveries", "system" => system, "state" => state.as_str())
                .set(self::count(count));
        }
    }
}

fn with_outcome(
    [system, operation]: [(&'static str, String); 2],
    outcome: &'static str,
) -> [(&'static str, String); 3] {
    [system, operation, ("outcome", outcome.to_owned())]
}

/// 0 open, 1 probing, 2 closed, 3 paused, 4 in maintenance.
fn code(gate: GateState) -> f64 {
    match gate {
        GateState::Open => 0.0,
        GateState::Probing => 1.0,
        GateState::Closed => 2.0,
        GateState::Paused => 3.0,
        GateState::Maintenance => 4.0,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; counts beyond 2^52 do not occur")]
fn count(of: usize) -> f64 {
    of as f64
}
