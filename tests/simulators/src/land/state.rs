//! Everything one simulated land office knows, shared by its connections and its own work; it must not speak HTTP.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::client::Caller;
use super::dossiers::Dossiers;
use super::faults::{Fault, Faults, MAX_PERIOD_MILLIS};
use super::options::{Desk, Entry, LandOptions, TaxDesk};
use super::push::Notice;
use super::report::{DossierReport, Report, Tally};
use super::tokens::Tokens;
use crate::net::profile::FaultProfile;
use crate::net::rng::Rng;

pub(super) struct Shared {
    pub(super) options: LandOptions,
    pub(super) caller: Caller,
    pub(super) state: Mutex<State>,
    pub(super) requests: AtomicU64,
    /// Told when a dossier may go on.
    pub(super) awake: Notify,
    outage: mpsc::Sender<Duration>,
}

pub(super) struct State {
    pub(super) faults: Faults,
    pub(super) tokens: Tokens,
    pub(super) dossiers: Dossiers,
    pub(super) officers: Vec<Entry>,
    pub(super) desk: Option<Desk>,
    pub(super) tax: Option<TaxDesk>,
    pub(super) tally: Tally,
    /// Dossiers that may go on; each at most as often as it was woken.
    pub(super) woken: VecDeque<String>,
    /// Decides which pushes go again.
    repeats: Rng,
    maintenance: Option<(Instant, u16)>,
}

impl Shared {
    pub(super) fn new(options: LandOptions, outage: mpsc::Sender<Duration>) -> Self {
        let state = State {
            faults: Faults::new(options.profile, options.seed),
            tokens: Tokens::new(options.token_ttl, options.seed),
            dossiers: Dossiers::default(),
            officers: options.officers.clone(),
            desk: options.desk.clone(),
            tax: options.tax.clone(),
            tally: Tally::default(),
            woken: VecDeque::new(),
            repeats: Rng::new(options.seed ^ 0x7265_7065_6174),
            maintenance: None,
        };
        Self {
            options,
            caller: Caller::default(),
            state: Mutex::new(state),
            requests: AtomicU64::new(0),
            awake: Notify::new(),
            outage,
        }
    }

    /// Adds a commanded fault; outages and maintenance begin at once.
    pub(super) fn inject(&self, fault: Fault, times: u32, on: Option<String>) -> bool {
        match fault {
            Fault::Outage { millis } => {
                self.begin_outage(millis);
                true
            }
            Fault::Maintenance { millis, status } => {
                self.state.lock().begin_maintenance(millis, status);
                true
            }
            other => self.state.lock().faults.command(other, times, on),
        }
    }

    pub(super) fn begin_outage(&self, millis: u64) {
        let length = Duration::from_millis(millis.min(MAX_PERIOD_MILLIS));
        if self.outage.try_send(length).is_err() {
            tracing::debug!("an outage is already waiting");
        }
    }

    /// The dossier may go on, where the office works by itself.
    pub(super) fn wake(&self, code: &str) {
        if self.options.script.auto {
            self.state.lock().woken.push_back(code.to_owned());
            self.awake.notify_one();
        }
    }

    fn wake_all(&self) {
        if self.options.script.auto {
            let state = &mut *self.state.lock();
            let open = |code: &&String| state.dossiers.get(code).is_some_and(|dossier| !dossier.plan.is_empty());
            state.woken.extend(state.dossiers.codes().iter().filter(open).cloned());
            self.awake.notify_one();
        }
    }

    pub(super) fn set_desk(&self, desk: Desk) {
        self.state.lock().desk = Some(desk);
        self.wake_all();
    }

    pub(super) fn set_tax(&self, tax: TaxDesk) {
        self.state.lock().tax = Some(tax);
        self.wake_all();
    }

    /// Replaces the notices of a dossier. False when nobody knows it.
    pub(super) fn give_notices(&self, code: &str, notices: Vec<Notice>) -> bool {
        let known = self.state.lock().dossiers.get_mut(code).map(|dossier| dossier.notices = notices).is_some();
        if known {
            self.wake(code);
        }
        known
    }

    /// Everything the dossier's notices ask for is paid. False when nobody knows it.
    pub(super) fn paid(&self, code: &str) -> bool {
        let known = self.state.lock().dossiers.get_mut(code).map(|dossier| dossier.pay_all()).is_some();
        if known {
            self.wake(code);
        }
        known
    }

    pub(super) fn dossier(&self, code: &str) -> Option<DossierReport> {
        self.state.lock().dossiers.get(code).map(|dossier| dossier.report(code))
    }

    pub(super) fn report(&self) -> Report {
        let state = self.state.lock();
        let mut stages = BTreeMap::new();
        for dossier in state.dossiers.values() {
            *stages.entry(dossier.stage()).or_default() += 1;
        }
        Report {
            profile: state.faults.profile(),
            seed: self.options.seed,
            dialect: self.options.dialect,
            requests: self.requests.load(Ordering::Relaxed),
            logins: state.tokens.logins,
            refreshes: state.tokens.refreshes,
            tokens_while_valid: state.tokens.while_valid,
            faults_waiting: state.faults.waiting(),
            dossiers: state.dossiers.codes().len() as u64,
            totals: state.dossiers.totals(),
            stages,
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

    /// Adds an account, or gives it another name.
    pub(super) fn add_officer(&mut self, officer: Entry) {
        self.officers.retain(|known| known.code != officer.code);
        self.officers.push(officer);
    }

    /// Whether a push that was answered goes again.
    pub(super) fn repeats(&mut self, options: &LandOptions) -> bool {
        let chance = options.script.repeats.unwrap_or(match self.faults.profile() {
            FaultProfile::None => 0,
            FaultProfile::Real => 15,
            FaultProfile::Harsh => 120,
        });
        self.repeats.per_mille(chance)
    }
}

#[expect(clippy::disallowed_methods, reason = "a stand-alone simulator depends on no crate of ours")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}
