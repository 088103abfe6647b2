//! A simulated national public service portal: keeps what it is sent, refuses what the real one refuses, misbehaves on command; it must share no code with the adapter.

mod answers;
mod call;
mod catalogue;
mod cheap;
mod checks;
mod control;
mod faults;
mod files;
mod history;
mod http;
mod lgsp;
mod marks;
mod options;
mod org;
mod pipeline;
mod profile;
mod push;
mod raw;
mod report;
mod services;
mod sessions;
mod state;
mod store;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

pub use self::faults::{Fault, Matcher};
pub use self::history::{DossierHistory, SeqSummary, Totals, Write, WriteKind};
pub use self::options::{Limits, PortalOptions, Strangers, Texts};
pub use self::profile::FaultProfile;
pub use self::push::{PushReply, PushShape, Pusher, TaxLine, TaxNotice, TaxReceipt, TermSpelling};
pub use self::report::{Report, Tally};
pub use crate::net::digest::Digest;

use self::state::Shared;
use crate::net::listener::{self, Port};

/// A running simulator. Dropping it stops it without waiting.
pub struct Portal {
    shared: Arc<Shared>,
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Portal {
    /// Listens and serves on the current runtime.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(options: PortalOptions) -> anyhow::Result<Self> {
        let listener = listener::bind(options.listen)?;
        let addr = listener.local_addr().context("the listener has no address")?;
        // One outage may wait behind a running one.
        let (outage, outages) = mpsc::channel(1);
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared::new(options, outage));
        let port = Port { addr, host: Arc::clone(&shared), outages, stop: stopped };
        let task = tokio::spawn(listener::run(port, listener));
        tracing::info!(%addr, "simulated portal listens");
        Ok(Self { shared, addr, stop, task })
    }

    /// Where it listens, for the whole run.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://host:port`; both forms and `/_sim/` live under it, at any prefix.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What it received and answered so far.
    pub fn report(&self) -> Report {
        self.shared.report()
    }

    /// Changes how it misbehaves by itself; commanded faults stay.
    pub fn set_profile(&self, profile: FaultProfile) {
        self.shared.state.lock().faults.set_profile(profile);
    }

    /// The next `times` calls for which the fault makes sense meet it. An outage or a maintenance begins at once.
    /// False when too many commands are already waiting.
    pub fn inject(&self, fault: Fault, times: u32) -> bool {
        self.inject_on(Matcher::default(), fault, times)
    }

    /// As [`Portal::inject`], for calls that the matcher accepts.
    pub fn inject_on(&self, matcher: Matcher, fault: Fault, times: u32) -> bool {
        self.shared.inject(fault, times, matcher)
    }

    /// Ends every session, as a restart of the portal does.
    pub fn expire_sessions(&self) {
        self.shared.state.lock().sessions.end_all();
    }

    /// From now on only these addresses may call; `None`: every one may, as in the beginning.
    pub fn register(&self, callers: Option<Vec<IpAddr>>) {
        self.shared.state.lock().callers = callers;
    }

    /// A dossier with everything accepted about it.
    pub fn dossier(&self, code: &str) -> Option<DossierHistory> {
        self.shared.state.lock().store.history(code)
    }

    /// The accepted progress steps of a dossier, oldest first.
    pub fn steps(&self, code: &str) -> Vec<Write> {
        let writes = self.dossier(code).map(|history| history.writes).unwrap_or_default();
        writes.into_iter().filter(|write| write.kind == WriteKind::Progress).collect()
    }

    /// The client's marks that arrived, per dossier: what a test compares with what it submitted.
    pub fn last_sequences(&self) -> HashMap<String, SeqSummary> {
        self.shared.state.lock().store.sequences()
    }

    /// Pushes towards the province with this portal's key.
    pub fn pusher(&self) -> Pusher {
        Pusher::new(&self.shared.options.security_key)
    }

    /// Stops: running answers get a second, then connections are cut.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "the simulated portal ended badly");
        }
    }
}

#[cfg(test)]
mod tests;
