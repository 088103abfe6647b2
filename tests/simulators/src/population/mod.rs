//! A simulated national population database behind its interchange: checks who asks, how and what for, answers about synthetic citizens, misbehaves on command; it must share no code with the adapter.

mod answers;
mod auth;
mod control;
mod faults;
mod http;
mod options;
mod pipeline;
mod registry;
mod report;
mod request;
mod soap;
mod state;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

pub use self::faults::Fault;
pub use self::options::{LgspAccount, NdxpAccount, PopulationOptions, Texts, TimestampUnit};
pub use self::registry::Citizen;
pub use self::report::{Report, Tally};
pub use crate::net::profile::FaultProfile;

use self::state::Shared;
use crate::net::listener::{self, Port};

/// A running simulator. Dropping it stops it without waiting.
pub struct Population {
    shared: Arc<Shared>,
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Population {
    /// Listens and serves on the current runtime.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(options: PopulationOptions) -> anyhow::Result<Self> {
        let listener = listener::bind(options.listen)?;
        let addr = listener.local_addr().context("the listener has no address")?;
        // One outage may wait behind a running one.
        let (outage, outages) = mpsc::channel(1);
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared::new(options, outage));
        let port = Port { addr, host: Arc::clone(&shared), outages, stop: stopped };
        let task = tokio::spawn(listener::run(port, listener));
        tracing::info!(%addr, "simulated population database listens");
        Ok(Self { shared, addr, stop, task })
    }

    /// Where it listens, for the whole run.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://host:port`. SOAP and the JSON wrapper are taken at any path, tokens at any path that ends with `/token`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What it received and answered so far.
    pub fn report(&self) -> Report {
        self.shared.report()
    }

    /// Everybody who is registered, the same for the same seed.
    pub fn citizens(&self) -> &[Citizen] {
        self.shared.registry.all()
    }

    /// Changes how it misbehaves by itself; commanded faults stay.
    pub fn set_profile(&self, profile: FaultProfile) {
        self.shared.state.lock().faults.set_profile(profile);
    }

    /// The next `times` calls for which the fault makes sense meet it. An outage or a maintenance begins at once.
    /// False when too many commands are already waiting.
    pub fn inject(&self, fault: Fault, times: u32) -> bool {
        self.shared.inject(fault, times, None)
    }

    /// As [`Population::inject`], for calls of this operation (`TraCuuThongTinCongDan`, …, `token`).
    pub fn inject_on(&self, service: &str, fault: Fault, times: u32) -> bool {
        self.shared.inject(fault, times, Some(service.to_owned()))
    }

    /// Ends every token, as a restart of the token service does.
    pub fn expire_tokens(&self) {
        self.shared.state.lock().tokens.end_all();
    }

    /// Stops: running answers get a second, then connections are cut.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "the simulated population database ended badly");
        }
    }
}

#[cfg(test)]
mod tests;
