//! The life of deliveries after acceptance: gates, admission, lanes in memory, attempts, recovery. It decides nothing the state machine decides.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arc_swap::ArcSwap;
use futures::FutureExt;
use lienthong_core::{
    Body, Class, ClientId, Clock, ExchangeId, ExchangeMeta, Fault, OperationName, RouteName, StateName, SystemId,
    Timestamp,
};
use lienthong_journal::{BacklogRow, Head, Journal, JournalError, Noted};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use crate::config::{Configuration, SystemPolicy};
use crate::drill::Drill;
use crate::service::{Windows, in_force};
use crate::vitals::Vitals;
use line::{Core, Letter, Line, Slot};
use system::System;
use valve::User;

mod attempt;
mod awaiting;
mod bucket;
mod calendar;
mod call;
pub(crate) mod content;
mod drills;
pub(crate) mod flows;
mod follow;
mod gate;
mod instruments;
mod launch;
mod line;
mod outcome;
mod reader;
mod record;
mod recovery;
mod settled;
mod steps;
mod system;
#[cfg(test)]
mod tests;
mod valve;
mod window;

pub(crate) use drills::KIND as DRILLS;
pub use settled::Settled;

/// The backlog on disk is counted this often, for metrics and against what memory knows.
const COUNT_EVERY: Duration = Duration::from_secs(10);

/// Moves deliveries to their outcome: one task per system. Cheap to clone.
#[derive(Clone)]
pub struct Dispatcher {
    core: Arc<Core>,
}

/// Whether a system is open for sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateState {
    Open,
    /// One real head or a probe is trying it.
    Probing,
    /// Down.
    Closed,
    /// By an operator.
    Paused,
    /// By its calendar, an operator's window, or because it says so itself.
    Maintenance,
}

impl GateState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Probing => "probing",
            Self::Closed => "closed",
            Self::Paused => "paused",
            Self::Maintenance => "maintenance",
        }
    }
}

/// A gate as operators see it.
#[derive(Debug, Clone)]
pub struct GateView {
    pub state: GateState,
    /// Since when it has this state.
    pub since: Timestamp,
    /// The fault that closed it, or the operator's reason.
    pub reason: Option<String>,
    /// When it is tried next.
    pub next_probe: Option<Timestamp>,
    /// When this state ends by itself, where that is known.
    pub until: Option<Timestamp>,
    pub in_flight: u32,
    /// Calls it allows at once now (less than configured while ramping up).
    pub concurrency: u32,
    pub last_success: Option<Timestamp>,
}

/// A synchronous call, routed and validated.
pub struct PlannedCall {
    pub meta: ExchangeMeta,
    pub route: RouteName,
    pub system: SystemId,
    pub operation: OperationName,
    /// As received, for the record.
    pub received: Body,
    /// After the route's transform.
    pub body: Body,
    /// What it is found by.
    pub noted: Noted,
    pub timeout: Option<Duration>,
}

impl Dispatcher {
    /// Settles what was in flight when the last process ended, then starts a task per configured system.
    pub async fn start(
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
        config: Arc<ArcSwap<Configuration>>,
    ) -> Result<Self, JournalError> {
        Self::start_with(journal, clock, config, rand::random::<f64>).await
    }

    async fn start_with(
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
        config: Arc<ArcSwap<Configuration>>,
        draw: fn() -> f64,
    ) -> Result<Self, JournalError> {
        let (events, comings, flowing) = (journal.subscribe(), journal.subscribe(), journal.subscribe());
        let drills = drills::Drills::read(&*journal, &*clock).await?;
        let core = Arc::new(Core {
            journal,
            clock,
            config,
            lines: ArcSwap::default(),
            settled: Arc::default(),
            work: TaskTracker::new(),
            draining: false.into(),
            paused: Mutex::default(),
            windows: ArcSwap::default(),
            vitals: Arc::default(),
            drills,
            draw,
        });
        let settled = recovery::settle_lost(&core).await?;
        if settled > 0 {
            tracing::info!(deliveries = settled, "attempts in flight at the last end are settled");
        }
        flows::mark(&core).await?;
        let settings = core.journal.system_settings().await?;
        let paused = settings.into_iter().filter(|setting| setting.paused);
        core.paused.lock().extend(paused.map(|setting| (setting.system, setting.reason)));
        core.windows.store(Arc::new(in_force(&*core.journal).await?));
        let dispatcher = Self { core };
        dispatcher.open_lines();
        tokio::spawn(settled::listen(events, Arc::clone(&dispatcher.core)));
        tokio::spawn(awaiting::listen(comings, Arc::clone(&dispatcher.core)));
        tokio::spawn(flows::watch(flowing, Arc::clone(&dispatcher.core)));
        tokio::spawn(count_backlog(Arc::clone(&dispatcher.core)));
        Ok(dispatcher)
    }

    /// Ready heads just committed by someone else: taken into the window where there is room, otherwise found on disk later.
    pub fn offer(&self, heads: Vec<Head>) {
        self.core.offer(heads);
    }

    /// Heads of this system changed on disk (released, reconfigured): look again.
    pub fn nudge(&self, system: &SystemId) {
        if let Some(line) = self.core.line(system) {
            line.look_again();
        }
    }

    /// The configuration was swapped: systems come and go, policies change, nothing in flight is disturbed.
    pub fn reloaded(&self) {
        self.open_lines();
        self.core.lines.load().values().for_each(|line| line.look_again());
    }

    /// The gate of a configured system.
    pub fn gate(&self, system: &SystemId) -> Option<GateView> {
        let configured = self.core.config.load().systems.contains_key(system);
        let line = self.core.line(system).filter(|_| configured)?;
        let view = line.valve.lock().view(self.core.now());
        Some(view)
    }

    /// What is measured of systems and clients.
    pub fn vitals(&self) -> &Arc<Vitals> {
        &self.core.vitals
    }

    /// Stops or restarts sending; the caller has stored the setting.
    pub fn set_paused(&self, system: &SystemId, paused: bool, reason: Option<String>) {
        if paused {
            self.core.paused.lock().insert(system.clone(), reason.clone());
        } else {
            self.core.paused.lock().remove(system);
        }
        if let Some(line) = self.core.line(system) {
            line.valve.lock().set_paused(paused, reason, self.core.now());
            line.poke.notify_one();
        }
    }

    /// From now on the system fails for the drill's key, or no more; the caller has stored the drill.
    pub(crate) fn set_drill(&self, system: &SystemId, drill: Option<Drill>) {
        self.core.drills.set(system, drill, &*self.core.clock);
    }

    /// Other windows of operators; the caller has stored them.
    pub(crate) fn set_windows(&self, windows: Windows) {
        self.core.windows.store(Arc::new(windows));
        self.core.lines.load().values().for_each(|line| line.poke.notify_one());
    }

    /// Probes now, whatever the gate says, and lets the gate learn from it.
    pub async fn probe(&self, system: &SystemId) -> Result<(), Fault> {
        let line = self.core.line(system).ok_or_else(|| Line::unknown(system))?;
        let config = self.core.config.load_full();
        let adapter = config.adapters.get(system).ok_or_else(|| Line::unknown(system))?;
        let timeout = config.systems.get(system).ok_or_else(|| Line::unknown(system))?.timeout;
        let ticket = line.valve.lock().probe_now(self.core.now());
        let slot = Slot::new(&line, User::Probe, ticket);
        attempt::probe(line, Arc::clone(adapter), timeout, slot).await
    }

    /// Admission, intent on disk, one attempt, outcome recorded.
    ///
    /// Refused without being sent: `LT-OVERLOADED` when there is no room within its timeout, `LT-UNAVAILABLE` while the gate is
    /// closed or paused, `LT-MAINTENANCE`, `LT-SHUTTING-DOWN`, and what the journal refuses.
    pub async fn call(&self, call: PlannedCall) -> Result<Body, Fault> {
        call::call(&self.core, call).await
    }

    /// Resolves when a delivery of the exchange reaches delivered, parked or another final state; register before submitting
    /// or check the state after. Never keeps memory for exchanges nobody waits for.
    pub fn settled(&self, id: ExchangeId) -> Settled {
        self.core.settled.register(id)
    }

    /// Stops admitting, waits at most `bound` for what is in flight. True when nothing is in flight any more.
    pub async fn drain(&self, bound: Duration) -> bool {
        self.core.draining.store(true, Ordering::Release);
        self.core.work.close();
        self.core.lines.load().values().for_each(|line| line.poke.notify_one());
        tokio::time::timeout(bound, self.core.work.wait()).await.is_ok()
    }

    /// A line and a task for every configured system that has none. A system that left the configuration keeps its idle task,
    /// and its gate, for when it comes back.
    fn open_lines(&self) {
        let config = self.core.config.load_full();
        let lines = self.core.lines.load_full();
        let new: Vec<(&SystemId, &SystemPolicy)> =
            config.systems.iter().filter(|(system, _)| !lines.contains_key(*system)).collect();
        if new.is_empty() {
            return;
        }
        let mut all = HashMap::clone(&lines);
        for (system, policy) in new {
            let (line, inbox) = Line::new(&self.core, system.clone(), policy);
            line.valve.lock().set_maintenance(line.window_open(policy), self.core.now());
            if let Some(reason) = self.core.paused.lock().get(system) {
                line.valve.lock().set_paused(true, reason.clone(), self.core.now());
            }
            // The clock may have been set back, or the policy made shorter, while nothing ran.
            tokio::spawn(steps::clamp_timers(Arc::clone(&line)));
            tokio::spawn(supervised(Arc::clone(&line), inbox));
            all.insert(system.clone(), line);
        }
        self.core.lines.store(Arc::new(all));
    }
}

/// A system's task that ends is a defect nobody else would notice; what it had in flight is settled at the next start.
async fn supervised(line: Arc<Line>, inbox: mpsc::Receiver<Letter>) {
    let system = System::new(Arc::clone(&line), inbox);
    if let Err(panic) = AssertUnwindSafe(system.run()).catch_unwind().await {
        attempt::panicked("the system's task", &*panic);
    }
    tracing::error!(system = %line.id, "nothing is sent to this system any more: restart the process");
}

/// Counts the backlog from time to time: for metrics, and so that no client's heads stay on disk unseen.
async fn count_backlog(core: Arc<Core>) {
    loop {
        match core.journal.backlog().await {
            Ok(rows) => {
                let lines = core.lines.load_full();
                instruments::backlog(&rows, lines.keys().cloned());
                sample(&core, &rows);
                let mut counts: HashMap<SystemId, Vec<(Class, ClientId, u64)>> = HashMap::new();
                for row in rows.into_iter().filter(|row| goes_by_itself(row.state)) {
                    counts.entry(row.system).or_default().push((row.class, row.client, row.count));
                }
                for (system, counts) in counts {
                    if let Some(line) = lines.get(&system) {
                        // Without room for it now, the next count tells the same.
                        line.hint(Letter::Backlog(counts));
                    }
                }
            }
            Err(JournalError::Closed) => return,
            Err(error) => tracing::warn!(%error, "the backlog could not be counted"),
        }
        tokio::time::sleep(COUNT_EVERY).await;
    }
}

/// Measures every system's backlog and whether it is down.
fn sample(core: &Core, rows: &[BacklogRow]) {
    let now = core.clock.now();
    for (system, line) in core.lines.load().iter() {
        let going = rows.iter().filter(|row| row.system == *system && is_going(row.state));
        let open = going.fold(0_u64, |open, row| open.saturating_add(row.count));
        let down = match line.valve.lock().state() {
            GateState::Closed | GateState::Probing | GateState::Maintenance => true,
            GateState::Open | GateState::Paused => false,
        };
        core.vitals.sampled(system, open, down, now);
    }
}

/// Whether it is on its way, without anybody's help.
pub(crate) fn is_going(state: StateName) -> bool {
    state == StateName::InFlight || goes_by_itself(state)
}

fn goes_by_itself(state: StateName) -> bool {
    match state {
        StateName::Queued | StateName::Waiting | StateName::Verifying => true,
        StateName::InFlight
        | StateName::Delivered
        | StateName::Parked
        | StateName::Cancelled
        | StateName::Discarded
        | StateName::Superseded => false,
    }
}
