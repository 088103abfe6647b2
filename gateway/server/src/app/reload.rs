//! Replaces the running configuration as a whole, or keeps it. Checking comes first; nothing in flight is disturbed.

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use lienthong_core::{Clock, ConfigVersion};
use lienthong_engine::Configuration;
use lienthong_engine::dispatch::Dispatcher;
use lienthong_engine::service::Service;
use lienthong_journal::{EventKind, Journal};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinError;

use super::console::Admission;
use super::stamps;
use crate::amqp::Hub;
use crate::config::{Around, Built, GatewayModel, Problem, Running, build, load};
use crate::facade::Facades;
use crate::security::ClientDirectory;
use crate::state::Reload;

/// What a reload replaces, and what it must tell.
pub(super) struct Parts {
    pub(super) root: PathBuf,
    pub(super) configuration: Arc<ArcSwap<Configuration>>,
    pub(super) directory: Arc<ArcSwap<ClientDirectory>>,
    pub(super) facades: Arc<ArcSwap<Facades>>,
    pub(super) admission: Admission,
    pub(super) gateway: Arc<ArcSwap<GatewayModel>>,
    pub(super) tls: Option<Arc<ArcSwap<rustls::ServerConfig>>>,
    pub(super) hub: watch::Sender<Option<Arc<Hub>>>,
    pub(super) dispatcher: Dispatcher,
    pub(super) service: Service,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) around: Around,
    pub(super) running: Running,
}

/// One reload at a time, each to its end: a caller that goes away does not leave one half done.
pub(super) struct Reloader(Arc<Inner>);

struct Inner {
    parts: Parts,
    running: Mutex<Running>,
}

impl Reloader {
    pub(super) fn new(parts: Parts) -> Self {
        let running = Mutex::new(parts.running.clone());
        Self(Arc::new(Inner { parts, running }))
    }
}

#[async_trait]
impl Reload for Reloader {
    async fn reload(&self) -> Result<ConfigVersion, Vec<Problem>> {
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move { inner.reload().await }).await.unwrap_or_else(|error| Err(ended_badly(&error)))
    }
}

fn ended_badly(error: &JoinError) -> Vec<Problem> {
    let problem = format!("the reload ended badly: {error}");
    let remedy = "this is a defect of the gateway: report it with the configuration's version".to_owned();
    vec![Problem { file: ".".to_owned(), line: 0, column: None, problem, remedy }]
}

impl Inner {
    /// Reads and builds on a thread of its own: files, secrets and programs take their time.
    async fn read(&self, running: Running) -> Result<Built, Vec<Problem>> {
        let (root, around) = (self.parts.root.clone(), self.parts.around.clone());
        let read =
            tokio::task::spawn_blocking(move || load(&root).and_then(|loaded| build(loaded, &running, &around))).await;
        read.unwrap_or_else(|error| Err(ended_badly(&error)))
    }

    fn swap(&self, built: Built) -> (ConfigVersion, Running) {
        let Built { root: _, gateway, configuration, directory, facades, console, tls, hub, running } = built;
        let version = configuration.version.clone();
        for setting in needs_restart(&self.parts.gateway.load(), &gateway) {
            tracing::warn!(setting, "this setting takes effect after a restart only");
        }
        if let (Some(current), Some(new)) = (&self.parts.tls, tls) {
            current.store(new);
        }
        self.parts.directory.store(Arc::new(directory));
        self.parts.configuration.store(Arc::new(configuration));
        self.parts.facades.store(Arc::new(facades));
        self.parts.admission.store(console);
        self.parts.gateway.store(Arc::new(gateway));
        self.parts.hub.send_if_modified(|current| replaced(current, hub));
        self.parts.dispatcher.reloaded();
        (version, running)
    }

    /// What was parked for a reason that the new configuration may have mended goes again.
    async fn release(&self) {
        if let Err(fault) = self.parts.service.reloaded().await {
            tracing::warn!(%fault, "deliveries parked for the old configuration were not released");
        }
    }

    async fn reload(&self) -> Result<ConfigVersion, Vec<Problem>> {
        let mut running = self.running.lock().await;
        let built = match self.read(running.clone()).await {
            Ok(built) => built,
            Err(problems) => {
                for problem in &problems {
                    tracing::error!(problem = %problem, "the new configuration has a problem");
                }
                let kept = self.parts.configuration.load().version.clone();
                tracing::error!(problems = problems.len(), version = kept.as_str(), "the old configuration is kept");
                return Err(problems);
            }
        };
        let (version, now_running) = self.swap(built);
        *running = now_running;
        tracing::info!(version = version.as_str(), "configuration is reloaded");
        let text = format!("reloaded configuration {version}");
        let at = self.parts.clock.now();
        stamps::note(self.parts.journal.as_ref(), at, EventKind::ConfigurationLoaded, text).await;
        self.release().await;
        Ok(version)
    }
}

/// True when it is another one.
fn replaced(current: &mut Option<Arc<Hub>>, new: Option<Arc<Hub>>) -> bool {
    let same = match (&*current, &new) {
        (Some(current), Some(new)) => Arc::ptr_eq(current, new),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    *current = new;
    !same
}

/// Settings of `gateway.yaml` that differ and are read at the start only.
fn needs_restart(old: &GatewayModel, new: &GatewayModel) -> Vec<&'static str> {
    let shown = |value: &dyn std::fmt::Debug| format!("{value:?}");
    let compared = [
        ("organisation", shown(&old.organisation), shown(&new.organisation)),
        ("listen.address", shown(&old.listen.address), shown(&new.listen.address)),
        ("listen.tls", shown(&old.listen.tls.is_some()), shown(&new.listen.tls.is_some())),
        ("journal", shown(&old.journal), shown(&new.journal)),
        ("limits", shown(&old.limits), shown(&new.limits)),
        ("telemetry", shown(&old.telemetry), shown(&new.telemetry)),
    ];
    compared.into_iter().filter(|(_, old, new)| old != new).map(|(setting, ..)| setting).collect()
}
