//! The running configuration as the engine needs it: built and checked whole by the server, swapped atomically. It parses no file.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil;
use lienthong_core::{
    Adapter, ClientId, ConfigVersion, FaultKind, Inbound, OperationName, Poller, RetryPolicy, SystemId, Timestamp,
};

use crate::alert::Alerting;
use crate::callback::CallbackPolicy;
use crate::desk::silence::SilencePolicy;
use crate::drill::TestKeys;
use crate::expiry::Expiry;
use crate::flow::Flows;
use crate::pace::Paces;
use crate::queue::QueuePolicy;
use crate::reconcile::Reconciliations;
use crate::report::Reports;
use crate::routing::{Catalogue, RouteTable};
use crate::tables::Tables;
use crate::terms::Digests;

/// One whole configuration. Every record names its version; a reload swaps the whole of it.
pub struct Configuration {
    pub version: ConfigVersion,
    pub systems: BTreeMap<SystemId, SystemPolicy>,
    pub clients: HashMap<ClientId, ClientPolicy>,
    pub adapters: HashMap<SystemId, Arc<dyn Adapter>>,
    pub inbound: HashMap<SystemId, Arc<dyn Inbound>>,
    /// Of all systems that are polled.
    pub pollers: Vec<Arc<dyn Poller>>,
    pub catalogue: Catalogue,
    /// Code tables, as programs and operators see them.
    pub tables: Arc<Tables>,
    pub routes: RouteTable,
    pub flows: Flows,
    /// Whether the time of a dossier's promised dates stands still, by what its messages say.
    pub paces: Arc<Paces>,
    pub reconciliations: Reconciliations,
    /// What reports tell units and procedures by.
    pub reports: Reports,
    /// Makes what exchanges are found by.
    pub digests: Digests,
    pub watch: Watch,
    /// What one person alone may not do.
    pub approval: Approval,
}

/// What is watched for operators besides the traffic.
#[derive(Clone, Default)]
pub struct Watch {
    /// Until when certificates and secrets hold.
    pub expiries: Arc<[Expiry]>,
    /// Rules of alerts and the targets they tell.
    pub alerting: Arc<Alerting>,
    /// Keys that fire drills are for.
    pub test_keys: TestKeys,
    /// How long clients and systems (`system-<name>`) may be silent, where that is declared; otherwise it is learned.
    pub silences: Arc<BTreeMap<ClientId, SilencePolicy>>,
}

/// Acts that a second person has to approve, by the operations they are done to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Approval {
    pub amend: HashSet<OperationName>,
}

/// How one external system is treated.
#[derive(Debug, Clone, PartialEq)]
pub struct SystemPolicy {
    /// Calls in flight at once.
    pub concurrency: NonZeroU32,
    /// Calls begun per second, at most.
    pub rate: Option<RatePolicy>,
    /// How long one call may take.
    pub timeout: Duration,
    pub retry: RetryPolicy,
    /// Where a kind of fault is retried otherwise than `retry` says.
    pub retry_by_kind: BTreeMap<&'static str, RetryPolicy>,
    pub gate: GatePolicy,
    /// Times in which nothing is sent.
    pub maintenance: Vec<MaintenanceWindow>,
    pub bulk: BulkPolicy,
    /// Ready heads kept in memory per client and class.
    pub window: usize,
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatePolicy {
    pub per_second: f64,
    pub burst: NonZeroU32,
}

/// When a system counts as down, and how it is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatePolicy {
    /// Consecutive failures of the system (not of the data) that close the gate.
    pub failures: NonZeroU32,
    /// Wait before the first probe; doubles up to `probe_longest`.
    pub probe_first: Duration,
    pub probe_longest: Duration,
    /// After reopening, concurrency doubles from one each time this many calls succeeded.
    pub ramp_every: NonZeroU32,
}

/// A time in which a system is not called, local to Asia/Ho_Chi_Minh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MaintenanceWindow {
    /// Every day from one time to another, across midnight when `until` is earlier.
    Daily {
        from: civil::Time,
        until: civil::Time,
    },
    Once {
        from: Timestamp,
        until: Timestamp,
    },
}

/// What bulk traffic may use.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BulkPolicy {
    /// Only in this daily window, local to Asia/Ho_Chi_Minh; always when absent.
    pub window: Option<(civil::Time, civil::Time)>,
    pub per_hour: Option<NonZeroU32>,
}

/// How one client is treated.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientPolicy {
    /// Its share beside other clients.
    pub weight: NonZeroU32,
    /// Submissions per second, at most.
    pub rate: Option<RatePolicy>,
    /// Open deliveries it may have, at most.
    pub open_deliveries: Option<u64>,
    /// Whether submissions need an `Idempotency-Key`.
    pub idempotency_key_required: bool,
    /// Where it is told of outcomes, if it wants to be.
    pub callback: Option<CallbackPolicy>,
    /// What it finds in its own queue, if it has one.
    pub queue: Option<QueuePolicy>,
}

impl Default for SystemPolicy {
    fn default() -> Self {
        Self {
            concurrency: NonZeroU32::new(16).unwrap_or(NonZeroU32::MIN),
            rate: None,
            timeout: Duration::from_secs(30),
            retry: RetryPolicy::default(),
            retry_by_kind: BTreeMap::new(),
            gate: GatePolicy::default(),
            maintenance: Vec::new(),
            bulk: BulkPolicy::default(),
            window: 1024,
        }
    }
}

impl Default for GatePolicy {
    fn default() -> Self {
        Self {
            failures: NonZeroU32::new(5).unwrap_or(NonZeroU32::MIN),
            probe_first: Duration::from_secs(1),
            probe_longest: Duration::from_secs(60),
            ramp_every: NonZeroU32::new(4).unwrap_or(NonZeroU32::MIN),
        }
    }
}

impl Default for ClientPolicy {
    fn default() -> Self {
        Self {
            weight: NonZeroU32::MIN,
            rate: None,
            open_deliveries: None,
            idempotency_key_required: true,
            callback: None,
            queue: None,
        }
    }
}

impl SystemPolicy {
    /// The retry policy after a fault of this kind.
    pub fn retry_for(&self, kind: FaultKind) -> &RetryPolicy {
        self.retry_by_kind.get(kind.as_str()).unwrap_or(&self.retry)
    }
}
