//! Replaces the running configuration as a whole, or keeps it. Checking comes first; nothing in flight is disturbed.

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use lienthong_core::{Clock, ConfigVersion, Fault, FaultCode};
use lienthong_engine::Configuration;
use lienthong_engine::dispatch::Dispatcher;
use lienthong_engine::service::{Service, rows_kept};
use lienthong_journal::{EventKind, Journal};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinError;

use super::console::Admission;
use super::rows::{self, Taker};
use super::stamps;
use crate::amqp::Hub;
use crate::config::{Around, Built, Folder, GatewayModel, Problem, Running};
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
    /// The texts that run.
    pub(super) folder: Folder,
}

/// One reload at a time, each to its end: a caller that goes away does not leave one half done.
pub(super) struct Reloader(Arc<Inner>);

pub(super) struct Inner {
    parts: Parts,
    running: Mutex<(Running, Folder)>,
}

impl Reloader {
    pub(super) fn new(parts: Parts) -> Self {
        let running = Mutex::new((parts.running.clone(), parts.folder.clone()));
        Self(Arc::new(Inner { parts, running }))
    }

    /// Takes rows into what runs.
    pub(super) fn taker(&self) -> Taker {
        Taker(Arc::downgrade(&self.0))
    }
}

#[async_trait]
impl Reload for Reloader {
    async fn reload(&self) -> Result<ConfigVersion, Vec<Problem>> {
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move { inner.reload().await }).await.unwrap_or_else(|error| Err(ended_badly(&error)))
    }
}

fn unread_rows(fault: &Fault) -> Vec<Problem> {
    let problem = format!("the rows that operators added cannot be read: {fault}");
    let remedy = "look at the journal's disk, then reload again".to_owned();
    vec![Problem { file: ".".to_owned(), line: 0, column: None, problem, remedy }]
}

fn ended_badly(error: &JoinError) -> Vec<Problem> {
    let problem = format!("the reload ended badly: {error}");
    let remedy = "this is a defect of the gateway: report it with the configuration's version".to_owned();
    vec![Problem { file: ".".to_owned(), line: 0, column: None, problem, remedy }]
}

impl Inner {
    /// Reads and builds on a thread of its own: files, secrets and programs take their time.
    async fn read(&self, running: Running) -> Result<(Built, Folder), Vec<Problem>> {
        let rows = rows_kept(self.parts.journal.as_ref()).await.map_err(|fault| unread_rows(&fault))?;
        let (root, around) = (self.parts.root.clone(), self.parts.around.clone());
        let read = tokio::task::spawn_blocking(move || {
            let folder = Folder::read(&root)?;
            rows::with_rows(&folder, &rows, &running, &around).map(|built| (built, folder))
        });
        read.await.unwrap_or_else(|error| Err(ended_badly(&error)))
    }

    /// The files that run, with the journal's rows over them.
    pub(super) async fn take_rows(&self) -> Result<(), Fault> {
        let refused =
            |why: String| Fault::new(FaultCode::ConfigurationRefused.kind(), FaultCode::ConfigurationRefused, why);
        let mut running = self.running.lock().await;
        let rows = rows_kept(self.parts.journal.as_ref()).await?;
        let (folder, before, around) = (running.1.clone(), running.0.clone(), self.parts.around.clone());
        let built = tokio::task::spawn_blocking(move || rows::with_rows(&folder, &rows, &before, &around)).await;
        let built = built.unwrap_or_else(|error| Err(ended_badly(&error)));
        let built = built.map_err(|found| refused(found.first().map(ToString::to_string).unwrap_or_default()))?;
        rows::tell(&built);
        let (version, now_running) = self.swap(built);
        running.0 = now_running;
        tracing::info!(version = version.as_str(), "rows were taken into the configuration");
        let text = format!("rows of operators make configuration {version}");
        let at = self.parts.clock.now();
        stamps::note(self.parts.journal.as_ref(), at, EventKind::ConfigurationLoaded, text).await;
        Ok(())
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
        let (built, folder) = match self.read(running.0.clone()).await {
            Ok(read) => read,
            Err(problems) => {
                for problem in &problems {
                    tracing::error!(problem = %problem, "the new configuration has a problem");
                }
                let kept = self.parts.configuration.load().version.clone();
                tracing::error!(problems = problems.len(), version = kept.as_str(), "the old configuration is kept");
                return Err(problems);
            }
        };
        rows::tell(&built);
        let (version, now_running) = self.swap(built);
        *running = (now_running, folder);
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
