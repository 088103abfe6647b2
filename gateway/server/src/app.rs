//! Assembles journal, engine, ports and shuts them down in order. It reads no file by itself and handles no request.

mod console;
mod reload;
mod retention;
mod rows;
mod signals;
mod stamps;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use lienthong_core::Clock;
use lienthong_engine::clock::SystemClock;
use lienthong_engine::dispatch::Dispatcher;
use lienthong_engine::service::Service;
use lienthong_journal::files::{FileFolder, FileOptions};
use lienthong_journal::sqlite::{SqliteJournal, SqliteOptions, Watermarks};
use lienthong_journal::{EventKind, Journal, JournalError, OpenError};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::{Around, Built, GatewayModel, Loaded, Problem, Running, build};
use crate::listener::Listener;
use crate::lists::Lists;
use crate::state::{AppState, Doors, RequestLimits};
use crate::{amqp, grpc, http, telemetry};

pub use signals::{Signals, run_until_signal};

use reload::Reloader;

/// What a start may choose besides the configuration.
#[derive(Clone)]
pub struct Options {
    pub clock: Arc<dyn Clock>,
    /// Instead of the configured address.
    pub listen: Option<SocketAddr>,
    /// Instead of the configured journal folder.
    pub journal: Option<PathBuf>,
    /// How often is looked for lists that are due.
    pub lists_every: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock::new()), listen: None, journal: None, lists_every: crate::lists::LOOK }
    }
}

/// Why the gateway did not start. Nothing of it runs then.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the configuration has {} problem(s)", .0.len())]
    Configuration(Vec<Problem>),
    #[error("the journal does not open: {0}")]
    Journal(#[from] OpenError),
    #[error("the journal does not answer: {0}")]
    Recovery(#[from] JournalError),
    #[error("cannot listen on {address}: {error}; choose another address under `listen` in gateway.yaml")]
    Listen { address: SocketAddr, error: std::io::Error },
    #[error("the gateway cannot be assembled: {0:#}")]
    Assembly(anyhow::Error),
}

/// A running gateway. Several may run in one process, each with its own folder and port.
pub struct App {
    addr: SocketAddr,
    state: AppState,
    dispatcher: Dispatcher,
    gateway: Arc<ArcSwap<GatewayModel>>,
    stopping: CancellationToken,
    port: Option<JoinHandle<bool>>,
    /// What runs beside the port until it stops, by name.
    beside: Vec<(&'static str, JoinHandle<()>)>,
}

impl App {
    /// Builds adapters, takes the port (so that a taken one is told at once), opens the journal, settles what was in flight, and
    /// only then answers: the first request meets a gateway that is ready.
    pub async fn start(loaded: Loaded, options: Options) -> Result<Self, StartError> {
        install_crypto();
        let (around, files) = surroundings(&loaded, &options);
        let (folder, clock) = (loaded.folder.clone(), Arc::clone(&options.clock));
        let built = build(loaded, &Running::default(), &around).map_err(StartError::Configuration)?;
        let address = options.listen.unwrap_or(built.gateway.listen.address);
        let listener = Listener::bind(address).map_err(|error| StartError::Listen { address, error })?;
        let journal = open_journal(&built.gateway, &built.root, options.journal, &clock, &files).await?;
        let built = rows::over(built, &folder, journal.as_ref(), &around).await?;
        let Built { root, gateway, configuration, directory, facades, console, tls, hub, running } = built;
        let (addr, version, configuration) = (listener.addr(), configuration.version.clone(), swapped(configuration));
        // Before anything is written under this start's clock.
        let last = stamps::last_written(journal.as_ref()).await?;
        let dispatcher =
            Dispatcher::start(Arc::clone(&journal), Arc::clone(&clock), Arc::clone(&configuration)).await?;
        let service =
            Service::new(Arc::clone(&journal), dispatcher.clone(), Arc::clone(&clock), Arc::clone(&configuration));
        let (directory, facades, gateway) = (swapped(directory), swapped(facades), swapped(gateway));
        let tls = tls.map(|tls| Arc::new(ArcSwap::new(tls)));
        let stopping = CancellationToken::new();
        let (console, admission) = console::console(console, (&service, &journal, &files), &clock, &stopping)?;
        let ((hub, configured_hub), lists) = (watch::channel(hub), root.clone());
        let reloader = Reloader::new(reload::Parts {
            root,
            configuration,
            directory: Arc::clone(&directory),
            facades: Arc::clone(&facades),
            admission,
            gateway: Arc::clone(&gateway),
            tls: tls.clone(),
            hub,
            dispatcher: dispatcher.clone(),
            service: service.clone(),
            journal: Arc::clone(&journal),
            clock: Arc::clone(&clock),
            around,
            running,
            folder,
        });
        service.take_rows_by(Arc::new(reloader.taker()));
        let limits = request_limits(&gateway.load());
        let handle = telemetry::metrics().map_err(StartError::Assembly)?;
        telemetry::keep_up(handle.clone(), stopping.clone());
        let state = AppState {
            service,
            journal,
            files,
            clock,
            directory,
            facades,
            console,
            doors: Arc::new(Doors::new(&limits)),
            limits: Arc::new(limits),
            reload: Arc::new(reloader),
            metrics: Arc::new(move || handle.render()),
            stopping: stopping.clone(),
        };
        note(&state, EventKind::ConfigurationLoaded, format!("started with configuration {version}")).await;
        let drain = gateway.load().shutdown.drain.0;
        let router = match router(state.clone()).await {
            Ok(router) => router,
            Err(error) => return Err(undone(&state, &dispatcher, drain, error).await),
        };
        let retention = retention::spawn(&state, Arc::clone(&gateway), last);
        let broker = amqp::spawn(state.clone(), configured_hub).await;
        let beside = beside(&state, (&lists, options.lists_every), retention, broker);
        let port = tokio::spawn(listener.serve(router, tls, stopping.clone(), drain));
        tracing::info!(%addr, version = version.as_str(), "gateway is ready");
        Ok(Self { addr, state, dispatcher, gateway, stopping, port: Some(port), beside })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What the handlers use: for the sandbox, the bench and tests in this process.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Refuses new work, waits at most the configured bound for what is in flight, closes the journal.
    /// True when nothing was left in flight.
    pub async fn stop(mut self) -> bool {
        let bound = self.gateway.load().shutdown.drain.0;
        tracing::info!(bound_seconds = bound.as_secs(), "stopping: new work is refused, work in flight is finished");
        self.state.service.stop_accepting();
        self.stopping.cancel();
        let port = self.port.take();
        let requests = async {
            match port {
                Some(port) => port.await.unwrap_or(false),
                None => true,
            }
        };
        let (requests, sends) = tokio::join!(requests, self.dispatcher.drain(bound));
        for (name, task) in std::mem::take(&mut self.beside) {
            stamps::joined(name, task).await;
        }
        self.state.journal.close().await;
        tracing::info!(drained = requests && sends, "stopped");
        requests && sends
    }
}

impl Drop for App {
    /// A gateway that is dropped without [`App::stop`] refuses new work at least.
    fn drop(&mut self) {
        self.state.service.stop_accepting();
        self.stopping.cancel();
    }
}

/// One crypto provider for the process, whoever asks first.
pub fn install_crypto() {
    // Installed already by another gateway of this process: it is the same one.
    let _already: Result<(), _> = rustls::crypto::ring::default_provider().install_default();
}

async fn open_journal(
    gateway: &GatewayModel,
    root: &std::path::Path,
    instead: Option<PathBuf>,
    clock: &Arc<dyn Clock>,
    files: &FileFolder,
) -> Result<Arc<dyn Journal>, StartError> {
    let folder = instead.unwrap_or_else(|| root.join(&gateway.journal.folder));
    let mut options = SqliteOptions::new(folder, Arc::clone(clock));
    options.watermarks = watermarks(gateway);
    let opened = tokio::task::spawn_blocking(move || SqliteJournal::open(options)).await;
    let journal = opened.map_err(|error| StartError::Assembly(error.into()))??;
    prepare(files).await?;
    Ok(Arc::new(journal))
}

fn watermarks(gateway: &GatewayModel) -> Watermarks {
    Watermarks { low: gateway.journal.accept_above.0, critical: gateway.journal.send_above.0 }
}

/// The files beside the journal; nothing is touched before the journal is ours.
fn surroundings(loaded: &Loaded, options: &Options) -> (Around, FileFolder) {
    let Loaded { root, gateway, .. } = loaded;
    let journal = options.journal.clone().unwrap_or_else(|| root.join(&gateway.journal.folder));
    let mut files = FileOptions::new(journal, Arc::clone(&options.clock));
    files.watermarks = watermarks(gateway);
    files.largest = gateway.limits.file.0;
    let files = FileFolder::new(files);
    (Around { clock: Arc::clone(&options.clock), files: Arc::new(files.clone()) }, files)
}

async fn prepare(files: &FileFolder) -> Result<(), StartError> {
    match files.prepare().await {
        Ok(0) => Ok(()),
        Ok(swept) => {
            tracing::info!(swept, "files that were half-written when the process ended were removed");
            Ok(())
        }
        Err(error) => Err(StartError::Assembly(anyhow::Error::new(error).context("the folder of files"))),
    }
}

/// What runs beside the port, by name.
fn beside(
    state: &AppState,
    (root, lists_every): (&std::path::Path, Duration),
    retention: JoinHandle<()>,
    broker: JoinHandle<()>,
) -> Vec<(&'static str, JoinHandle<()>)> {
    let (service, stopping) = (|| state.service.clone(), || state.stopping.clone());
    let lists = Lists::new(service(), root.to_owned());
    vec![
        ("retention", retention),
        ("polls", tokio::spawn(lienthong_engine::poll::run(service(), stopping()))),
        ("releases", tokio::spawn(lienthong_engine::release::run(service(), stopping()))),
        ("watch", tokio::spawn(lienthong_engine::watch::run(service(), stopping()))),
        ("alerts", tokio::spawn(lienthong_engine::alert::run(service(), stopping()))),
        ("reports", tokio::spawn(lienthong_engine::reporter::run(service(), stopping()))),
        ("lists", tokio::spawn(crate::lists::run(lists, lists_every, stopping()))),
        ("reconciliations", tokio::spawn(lienthong_engine::reconciler::run(service(), stopping()))),
        ("broker", broker),
    ]
}

fn swapped<T>(value: T) -> Arc<ArcSwap<T>> {
    Arc::new(ArcSwap::from_pointee(value))
}

/// What has begun already must end before the journal is free for another.
async fn undone(state: &AppState, dispatcher: &Dispatcher, drain: Duration, error: anyhow::Error) -> StartError {
    dispatcher.drain(drain).await;
    state.journal.close().await;
    StartError::Assembly(error)
}

async fn router(state: AppState) -> anyhow::Result<Router> {
    let router = http::router(state.clone()).merge(grpc::routes(state).await?);
    Ok(router.layer(axum::middleware::from_fn(telemetry::trace_requests)))
}

fn request_limits(gateway: &GatewayModel) -> RequestLimits {
    let limits = &gateway.limits;
    RequestLimits {
        body_bytes: limits.body.bytes(),
        concurrent_requests: limits.concurrent_requests.get(),
        bytes_in_flight: limits.bytes_in_flight.bytes(),
        read_timeout: limits.read_timeout.0,
        event_streams: limits.event_streams.get(),
        file_downloads: limits.file_downloads.get(),
    }
}

/// Keeps something worth knowing in the event log; a journal that cannot take it says so in the log only.
async fn note(state: &AppState, kind: EventKind, text: String) {
    stamps::note(state.journal.as_ref(), state.clock.now(), kind, text).await;
}

#[cfg(test)]
mod tests;
