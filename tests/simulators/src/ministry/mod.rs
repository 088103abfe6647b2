//! A simulated ministry with an API of permits, JSON and a legacy dialect beside it: no published protocol, only what such APIs do. It must share no code with the adapter.

mod answers;
mod api;
mod control;
mod faults;
mod http;
mod legacy;
mod options;
mod store;
mod tokens;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

pub use self::faults::Fault;
pub use self::http::Report;
pub use self::options::MinistryOptions;
pub use self::store::{Permit, PermitState};
pub use crate::net::profile::FaultProfile;

use self::http::Shared;
use crate::net::listener::{self, Port};

/// A running simulator. Dropping it stops it without waiting.
pub struct Ministry {
    shared: Arc<Shared>,
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Ministry {
    /// Listens and serves on the current runtime.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(options: MinistryOptions) -> anyhow::Result<Self> {
        let listener = listener::bind(options.listen)?;
        let addr = listener.local_addr().context("the listener has no address")?;
        let (outage, outages) = mpsc::channel(1);
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared::new(options, outage));
        let port = Port { addr, host: Arc::clone(&shared), outages, stop: stopped };
        let task = tokio::spawn(listener::run(port, listener));
        tracing::info!(%addr, "simulated ministry listens");
        Ok(Self { shared, addr, stop, task })
    }

    /// Where it listens, for the whole run.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://host:port`; `/oauth/token`, `/v2` (JSON), `/v1` (form and XML) and `/_sim/` live under it.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What it received, answered and stored so far.
    pub fn report(&self) -> Report {
        self.shared.report()
    }

    /// The next `times` calls for which the fault makes sense meet it. An outage or a maintenance begins at once.
    /// False when too many commands are already waiting.
    pub fn inject(&self, fault: Fault, times: u32) -> bool {
        self.shared.inject(fault, times)
    }

    /// Changes how it misbehaves by itself; commanded faults stay.
    pub fn set_profile(&self, profile: FaultProfile) {
        self.shared.state.lock().faults.set_profile(profile);
    }

    /// Ends every token, as a change of keys does.
    pub fn expire_tokens(&self) {
        self.shared.state.lock().tokens.end_all();
    }

    /// The permit of that number.
    pub fn permit(&self, number: &str) -> Option<Permit> {
        self.shared.state.lock().store.get(number).cloned()
    }

    /// The permits registered under a request's own id: more than one is a request that happened twice.
    pub fn registered(&self, request: &str) -> Vec<Permit> {
        self.shared.state.lock().store.of_request(request)
    }

    /// Stops: running answers get a second, then connections are cut.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "the simulated ministry ended badly");
        }
    }
}
