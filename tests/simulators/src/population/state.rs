//! Everything one simulated database knows, shared by its connections; it must not speak HTTP.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::auth::Tokens;
use super::faults::{Fault, Faults, MAX_PERIOD_MILLIS};
use super::options::PopulationOptions;
use super::registry::Registry;
use super::report::{Report, Tally};

pub(super) struct Shared {
    pub(super) options: PopulationOptions,
    pub(super) registry: Registry,
    pub(super) state: Mutex<State>,
    pub(super) requests: AtomicU64,
    tokens_running: AtomicU64,
    tokens_at_once: AtomicU64,
    outage: mpsc::Sender<Duration>,
}

pub(super) struct State {
    pub(super) faults: Faults,
    pub(super) tokens: Tokens,
    pub(super) tally: Tally,
    /// Counts answers, so that habits take turns.
    pub(super) turn: u64,
    ids: HashSet<String>,
    maintenance: Option<(Instant, u16)>,
}

impl Shared {
    pub(super) fn new(options: PopulationOptions, outage: mpsc::Sender<Duration>) -> Self {
        let state = State {
            faults: Faults::new(options.profile, options.seed),
            tokens: Tokens::new(options.token_ttl, options.seed),
            tally: Tally::default(),
            turn: 0,
            ids: HashSet::new(),
            maintenance: None,
        };
        Self {
            registry: Registry::new(options.seed, options.citizens),
            options,
            state: Mutex::new(state),
            requests: AtomicU64::new(0),
            tokens_running: AtomicU64::new(0),
            tokens_at_once: AtomicU64::new(0),
            outage,
        }
    }

    /// Adds a commanded fault; outages and maintenance begin at once.
    pub(super) fn inject(&self, fault: Fault, times: u32, service: Option<String>) -> bool {
        match fault {
            Fault::Outage { millis } => {
                self.begin_outage(millis);
                true
            }
            Fault::Maintenance { millis, status } => {
                self.state.lock().begin_maintenance(millis, status);
                true
            }
            other => self.state.lock().faults.command(other, times, service),
        }
    }

    fn begin_outage(&self, millis: u64) {
        let length = Duration::from_millis(millis.min(MAX_PERIOD_MILLIS));
        if self.outage.try_send(length).is_err() {
            tracing::debug!("an outage is already waiting");
        }
    }

    pub(super) fn token_running(&self) -> TokenRunning<'_> {
        let running = self.tokens_running.fetch_add(1, Ordering::Relaxed) + 1;
        self.tokens_at_once.fetch_max(running, Ordering::Relaxed);
        TokenRunning(self)
    }

    pub(super) fn report(&self) -> Report {
        let state = self.state.lock();
        Report {
            profile: state.faults.profile(),
            seed: self.options.seed,
            citizens: self.registry.all().len() as u64,
            requests: self.requests.load(Ordering::Relaxed),
            tokens_valid: state.tokens.count(),
            tokens_at_once: self.tokens_at_once.load(Ordering::Relaxed),
            faults_waiting: state.faults.waiting(),
            tally: state.tally.clone(),
        }
    }
}

/// A token request from its arrival to its answer.
pub(super) struct TokenRunning<'a>(&'a Shared);

impl Drop for TokenRunning<'_> {
    fn drop(&mut self) {
        self.0.tokens_running.fetch_sub(1, Ordering::Relaxed);
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

    /// False when this request id was used before.
    pub(super) fn first_use(&mut self, id: &str, most: usize) -> bool {
        if self.ids.contains(id) {
            self.tally.duplicates += 1;
            return false;
        }
        if self.ids.len() >= most {
            self.tally.ids_capped = true;
        } else {
            self.ids.insert(id.to_owned());
        }
        self.tally.request_ids += 1;
        true
    }
}

/// Milliseconds since the epoch.
#[expect(clippy::disallowed_methods, reason = "a stand-alone simulator depends on no crate of ours")]
pub(super) fn wall_millis() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
