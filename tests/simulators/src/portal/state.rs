//! Everything one simulated portal knows, shared by its connections; it must not speak HTTP.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::faults::{Fault, Faults, MAX_PERIOD_MILLIS, Matcher};
use super::options::PortalOptions;
use super::report::{Report, Tally};
use super::sessions::Sessions;
use super::store::Store;

pub(super) struct Shared {
    pub(super) options: PortalOptions,
    pub(super) counters: Counters,
    pub(super) state: Mutex<State>,
    started: Instant,
    started_ms: u64,
    outage: mpsc::Sender<Duration>,
}

pub(super) struct State {
    pub(super) faults: Faults,
    pub(super) sessions: Sessions,
    pub(super) store: Store,
    pub(super) tally: Tally,
    /// Counts answers, so that spellings take turns.
    pub(super) turn: u64,
    maintenance: Option<(Instant, u16)>,
    /// Addresses that may call; `None`: all.
    pub(super) callers: Option<Vec<IpAddr>>,
}

/// What is counted without the lock, for the cheap mode's sake.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) requests: AtomicU64,
    pub(super) logins: AtomicU64,
    pub(super) connections: AtomicU64,
    logins_running: AtomicU64,
    logins_at_once: AtomicU64,
}

impl Shared {
    pub(super) fn new(options: PortalOptions, outage: mpsc::Sender<Duration>) -> Self {
        let state = State {
            faults: Faults::new(options.profile, options.seed),
            sessions: Sessions::new(options.session_ttl, options.seed),
            store: Store::new(options.limits),
            tally: Tally::default(),
            turn: 0,
            maintenance: None,
            callers: None,
        };
        Self {
            options,
            counters: Counters::default(),
            state: Mutex::new(state),
            started: Instant::now(),
            started_ms: wall_millis(),
            outage,
        }
    }

    /// Whether callers from this address are refused; counted when they are.
    pub(super) fn is_stranger(&self, caller: IpAddr) -> bool {
        let mut state = self.state.lock();
        let strange = state.callers.as_ref().is_some_and(|known| !known.contains(&caller));
        if strange {
            state.tally.answer("refused");
            state.tally.refusal("unknown-address");
        }
        strange
    }

    /// Milliseconds since the epoch; never steps back within a run.
    pub(super) fn at_ms(&self) -> u64 {
        let run = self.started.elapsed().as_millis();
        self.started_ms.saturating_add(u64::try_from(run).unwrap_or(u64::MAX))
    }

    /// Adds a commanded fault; outages and maintenance begin at once.
    pub(super) fn inject(&self, fault: Fault, times: u32, matcher: Matcher) -> bool {
        match fault {
            Fault::Outage { millis } => {
                self.begin_outage(millis);
                true
            }
            Fault::Maintenance { millis, status } => {
                self.state.lock().begin_maintenance(millis, status);
                true
            }
            other => self.state.lock().faults.command(other, times, matcher),
        }
    }

    pub(super) fn begin_outage(&self, millis: u64) {
        let length = Duration::from_millis(millis.min(MAX_PERIOD_MILLIS));
        if self.outage.try_send(length).is_err() {
            tracing::debug!("an outage is already waiting");
        }
    }

    pub(super) fn report(&self) -> Report {
        let state = self.state.lock();
        let counters = &self.counters;
        Report {
            profile: state.faults.profile(),
            seed: self.options.seed,
            cheap: self.options.cheap,
            requests: counters.requests.load(Ordering::Relaxed),
            connections: counters.connections.load(Ordering::Relaxed),
            logins: counters.logins.load(Ordering::Relaxed),
            logins_at_once: counters.logins_at_once.load(Ordering::Relaxed),
            sessions_open: state.sessions.count(Instant::now()),
            faults_waiting: state.faults.waiting(),
            tally: state.tally.clone(),
            stored: state.store.totals(),
        }
    }
}

impl State {
    pub(super) fn begin_maintenance(&mut self, millis: u64, status: u16) {
        let length = Duration::from_millis(millis.min(MAX_PERIOD_MILLIS));
        self.maintenance = Some((Instant::now() + length, status));
        self.tally.maintenances += 1;
    }

    /// The status of the page, while maintenance lasts.
    pub(super) fn maintenance(&mut self) -> Option<u16> {
        let (ends, status) = self.maintenance?;
        if Instant::now() < ends {
            return Some(status);
        }
        self.maintenance = None;
        None
    }
}

/// Counts a login from its arrival to its answer.
pub(super) struct LoginRunning<'a>(&'a Counters);

impl Counters {
    pub(super) fn login(&self) -> LoginRunning<'_> {
        self.logins.fetch_add(1, Ordering::Relaxed);
        let running = self.logins_running.fetch_add(1, Ordering::Relaxed) + 1;
        self.logins_at_once.fetch_max(running, Ordering::Relaxed);
        LoginRunning(self)
    }
}

impl Drop for LoginRunning<'_> {
    fn drop(&mut self) {
        self.0.logins_running.fetch_sub(1, Ordering::Relaxed);
    }
}

#[expect(clippy::disallowed_methods, reason = "a stand-alone simulator depends on no crate of ours")]
fn wall_millis() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
