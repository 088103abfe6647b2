//! A simulated land registration office in both dialects: takes dossiers, works on them by a script, pushes what it does, sends its slips to tax, misbehaves on command; it must share no code with the adapter.

mod answers;
mod client;
mod control;
mod dossiers;
mod faults;
mod files;
mod http;
mod message;
mod office;
mod options;
mod pipeline;
mod push;
mod report;
mod script;
mod slip;
mod state;
mod tokens;
mod weather;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

pub use self::faults::Fault;
pub use self::files::{FileKind, HUGE_BYTES, bytes_of};
pub use self::office::Stepped;
pub use self::options::{Account, Desk, Dialect, Entry, LandOptions, Limits, Script, TaxDesk, Texts};
pub use self::push::{FileLink, Notice, Push, PushReply};
pub use self::report::{Counts, DossierReport, PushRecord, Report, Stage, Tally};
pub use self::slip::CERTIFICATE;
pub use crate::net::profile::FaultProfile;

use self::state::Shared;
use crate::net::listener::{self, Port};

/// A running simulator. Dropping it stops it without waiting.
pub struct Land {
    shared: Arc<Shared>,
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    office: JoinHandle<()>,
}

impl Land {
    /// Listens, serves and works on the current runtime.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(options: LandOptions) -> anyhow::Result<Self> {
        let listener = listener::bind(options.listen)?;
        let addr = listener.local_addr().context("the listener has no address")?;
        // One outage may wait behind a running one.
        let (outage, outages) = mpsc::channel(1);
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared::new(options, outage));
        let port = Port { addr, host: Arc::clone(&shared), outages, stop: stopped.clone() };
        let task = tokio::spawn(listener::run(port, listener));
        let office = tokio::spawn(office::run(Arc::clone(&shared), stopped));
        tracing::info!(%addr, "simulated land office listens");
        Ok(Self { shared, addr, stop, task, office })
    }

    /// Where it listens, for the whole run.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://host:port`; messages, lists, `/files/` and iLIS's `/token` live under it, at any prefix.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What it received, pushed and answered so far.
    pub fn report(&self) -> Report {
        self.shared.report()
    }

    /// One dossier as the office has it: received once, again, out of order, and every push with its answers.
    pub fn dossier(&self, code: &str) -> Option<DossierReport> {
        self.shared.dossier(code)
    }

    /// Every dossier received, in order.
    pub fn dossiers(&self) -> Vec<String> {
        self.shared.state.lock().dossiers.codes().to_vec()
    }

    /// Where pushes go from now on. What waited for it goes on.
    pub fn set_desk(&self, desk: Desk) {
        self.shared.set_desk(desk);
    }

    /// Where slips go from now on. Dossiers received before keep their script.
    pub fn set_tax(&self, tax: TaxDesk) {
        self.shared.set_tax(tax);
    }

    /// Adds an account, which dossiers may then be received by.
    pub fn add_officer(&self, account: &str, name: &str) {
        self.shared.state.lock().add_officer(Entry::new(account, name));
    }

    /// Takes an account away.
    pub fn remove_officer(&self, account: &str) {
        self.shared.state.lock().officers.retain(|known| known.code != account);
    }

    /// Takes the next step of a dossier's script, where the office does not go on by itself.
    ///
    /// # Errors
    /// When nobody received the dossier, or the tax office gives no answer in all tries.
    pub async fn step(&self, code: &str) -> anyhow::Result<Stepped> {
        self.shared.step(code).await
    }

    /// Pushes anything, beside the script; again while it gets no answer.
    ///
    /// # Errors
    /// When the desk's address is not known.
    pub async fn push(&self, code: &str, push: Push) -> anyhow::Result<PushRecord> {
        self.shared.push_by_hand(code, push).await
    }

    /// Replaces the tax notices of a dossier. False when nobody received it.
    pub fn give_notices(&self, code: &str, notices: Vec<Notice>) -> bool {
        self.shared.give_notices(code, notices)
    }

    /// The office learns that everything is paid. False when nobody received the dossier.
    pub fn paid(&self, code: &str) -> bool {
        self.shared.paid(code)
    }

    /// The signed slip of a dossier, once it was written.
    pub fn slip(&self, code: &str) -> Option<String> {
        self.shared.state.lock().dossiers.get(code).and_then(|dossier| dossier.slip.clone())
    }

    /// The link to a file of that kind, as the office writes it.
    pub fn link(&self, kind: FileKind, name: &str) -> String {
        kind.link(name, &self.shared.options.elsewhere)
    }

    /// Changes how it misbehaves by itself; commanded faults stay.
    pub fn set_profile(&self, profile: FaultProfile) {
        self.shared.state.lock().faults.set_profile(profile);
    }

    /// The next `times` calls for which the fault makes sense meet it. An outage or a maintenance begins at once. False when
    /// too many commands wait.
    pub fn inject(&self, fault: Fault, times: u32) -> bool {
        self.shared.inject(fault, times, None)
    }

    /// As [`Land::inject`], for calls of this name (`tiepnhan`, `GetDanhMucNguoiDung`, `files`).
    pub fn inject_on(&self, call: &str, fault: Fault, times: u32) -> bool {
        self.shared.inject(fault, times, Some(call.to_owned()))
    }

    /// Ends every token; with `refresh` the refresh token too.
    pub fn expire_tokens(&self, refresh: bool) {
        self.shared.state.lock().tokens.end_all(refresh);
    }

    /// Stops: running answers get a second, then connections are cut; the office's work ends where it is.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in [self.task, self.office] {
            if let Err(error) = task.await {
                tracing::warn!(%error, "the simulated land office ended badly");
            }
        }
    }
}

#[cfg(test)]
mod tests;
