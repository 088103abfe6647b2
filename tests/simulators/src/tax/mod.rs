//! A simulated tax gateway (GIP): proves who asks, answers about synthetic taxpayers and land debts, keeps slips, issues notices, misbehaves on command; it must share no code with the adapter.

mod answers;
mod control;
mod faults;
mod http;
mod ledger;
mod message;
mod notices;
mod options;
mod pipeline;
mod report;
mod signature;
mod slips;
mod soap;
mod state;
mod taxpayers;
mod token;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

pub use self::faults::Fault;
pub use self::ledger::Debt;
pub use self::notices::{BadRow, NoticeBatch, NoticeFile};
pub use self::options::{NotFound, Proof, TaxOptions, Texts, Wrapping};
pub use self::report::{Report, Tally};
pub use self::slips::Slip;
pub use self::taxpayers::Taxpayer;
pub use crate::net::profile::FaultProfile;
pub use crate::portal::TermSpelling;

use self::state::Shared;
use crate::net::listener::{self, Port};

/// A running simulator. Dropping it stops it without waiting.
pub struct Tax {
    shared: Arc<Shared>,
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Tax {
    /// Listens and serves on the current runtime.
    ///
    /// # Errors
    /// When the address cannot be listened on, or when signatures are to be verified and `xmlsec1` cannot be run.
    pub async fn start(options: TaxOptions) -> anyhow::Result<Self> {
        let verifier = signature::Verifier::of(&options.proof)?;
        let listener = listener::bind(options.listen)?;
        let addr = listener.local_addr().context("the listener has no address")?;
        // One outage may wait behind a running one.
        let (outage, outages) = mpsc::channel(1);
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared::new(options, verifier, outage));
        let port = Port { addr, host: Arc::clone(&shared), outages, stop: stopped };
        let task = tokio::spawn(listener::run(port, listener));
        tracing::info!(%addr, "simulated tax gateway listens");
        Ok(Self { shared, addr, stop, task })
    }

    /// Where it listens, for the whole run.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://host:port`; SOAP is taken at any path.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What it received and answered so far.
    pub fn report(&self) -> Report {
        self.shared.report()
    }

    /// Everybody who is registered, the same for the same seed.
    pub fn taxpayers(&self) -> &[Taxpayer] {
        self.shared.taxpayers.all()
    }

    /// Every slip taken, in the order they first came.
    pub fn slips(&self) -> Vec<Slip> {
        self.shared.state.lock().slips.all()
    }

    /// Enters a debt of a dossier into the ledger. False when it is full.
    pub fn owe(&self, debt: Debt) -> bool {
        self.shared.state.lock().ledger.owe(debt)
    }

    /// The debts of a dossier, whoever owes them.
    pub fn debts(&self, dossier: &str) -> Vec<Debt> {
        self.shared.state.lock().ledger.of(dossier)
    }

    /// What was paid of a dossier's decision: it leaves the ledger. Counts the rows that left.
    pub fn paid(&self, dossier: &str, decision: &str) -> usize {
        self.shared.state.lock().ledger.paid(dossier, decision)
    }

    /// The notices of these dossiers' debts, as the file the portal relays.
    pub fn notices(&self, dossiers: &[&str], spelling: TermSpelling) -> NoticeFile {
        let state = self.shared.state.lock();
        NoticeFile::of(dossiers.iter().map(|code| ((*code).to_owned(), state.ledger.of(code))), spelling)
    }

    /// Changes how it misbehaves by itself; commanded faults stay.
    pub fn set_profile(&self, profile: FaultProfile) {
        self.shared.state.lock().faults.set_profile(profile);
    }

    /// The next `times` calls meet the fault. An outage or a maintenance begins at once. False when too many commands wait.
    pub fn inject(&self, fault: Fault, times: u32) -> bool {
        self.shared.inject(fault, times, None)
    }

    /// As [`Tax::inject`], for requests of this type (`00003`, `00109`, `slip`).
    pub fn inject_on(&self, kind: &str, fault: Fault, times: u32) -> bool {
        self.shared.inject(fault, times, Some(kind.to_owned()))
    }

    /// Stops: running answers get a second, then connections are cut.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "the simulated tax gateway ended badly");
        }
    }
}

#[cfg(test)]
mod tests;
