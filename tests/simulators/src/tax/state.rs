//! Everything one simulated tax gateway knows, shared by its connections; it must not speak HTTP.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::faults::{Fault, Faults, MAX_PERIOD_MILLIS};
use super::ledger::Ledger;
use super::options::TaxOptions;
use super::report::{Report, Tally};
use super::signature::Verifier;
use super::slips::Slips;
use super::taxpayers::Taxpayers;
use super::token::Nonces;

pub(super) struct Shared {
    pub(super) options: TaxOptions,
    pub(super) verifier: Option<Verifier>,
    pub(super) taxpayers: Taxpayers,
    pub(super) state: Mutex<State>,
    pub(super) requests: AtomicU64,
    outage: mpsc::Sender<Duration>,
}

pub(super) struct State {
    pub(super) faults: Faults,
    pub(super) nonces: Nonces,
    pub(super) ledger: Ledger,
    pub(super) slips: Slips,
    pub(super) tally: Tally,
    /// Counts answers, so that habits take turns.
    pub(super) turn: u64,
    ids: HashSet<String>,
    maintenance: Option<(Instant, u16)>,
}

impl Shared {
    pub(super) fn new(options: TaxOptions, verifier: Option<Verifier>, outage: mpsc::Sender<Duration>) -> Self {
        let state = State {
            faults: Faults::new(options.profile, options.seed),
            nonces: Nonces::default(),
            ledger: Ledger::default(),
            slips: Slips::default(),
            tally: Tally::default(),
            turn: 0,
            ids: HashSet::new(),
            maintenance: None,
        };
        Self {
            taxpayers: Taxpayers::new(options.seed, options.taxpayers),
            options,
            verifier,
            state: Mutex::new(state),
            requests: AtomicU64::new(0),
            outage,
        }
    }

    /// Adds a commanded fault; outages and maintenance begin at once.
    pub(super) fn inject(&self, fault: Fault, times: u32, kind: Option<String>) -> bool {
        match fault {
            Fault::Outage { millis } => {
                self.begin_outage(millis);
                true
            }
            Fault::Maintenance { millis, status } => {
                self.state.lock().begin_maintenance(millis, status);
                true
            }
            other => self.state.lock().faults.command(other, times, kind),
        }
    }

    fn begin_outage(&self, millis: u64) {
        let length = Duration::from_millis(millis.min(MAX_PERIOD_MILLIS));
        if self.outage.try_send(length).is_err() {
            tracing::debug!("an outage is already waiting");
        }
    }

    pub(super) fn report(&self) -> Report {
        let state = self.state.lock();
        let (slips, slip_duplicates) = state.slips.counts();
        Report {
            profile: state.faults.profile(),
            seed: self.options.seed,
            taxpayers: self.taxpayers.all().len() as u64,
            requests: self.requests.load(Ordering::Relaxed),
            faults_waiting: state.faults.waiting(),
            slips,
            slip_duplicates,
            tally: state.tally.clone(),
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

    /// Whether the real one minds a repeated MSG_ID is not public: it is counted.
    pub(super) fn note_id(&mut self, id: &str, most: usize) {
        if id.is_empty() {
            return;
        }
        if self.ids.contains(id) {
            self.tally.repeated_ids += 1;
        } else if self.ids.len() < most {
            self.ids.insert(id.to_owned());
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a stand-alone simulator depends on no crate of ours")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}
