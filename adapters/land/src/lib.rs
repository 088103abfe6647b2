//! The land registry (VBDLIS, iLIS) as an adapter: translates and speaks; it never retries, queues, stores or routes.

mod call;
mod client;
mod config;
mod fault;
mod inbound;
mod map;
pub mod model;
mod operations;
mod poller;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use lienthong_core::file::FileStore;
use lienthong_core::inbound::InboundOperation;
use lienthong_core::network::{NetworkEndpoint, Opened, SessionState};
use lienthong_core::{
    Adapter, AttemptContext, Body, CallContext, Fault, FaultCode, FaultKind, Inbound, Lookup, OperationName,
    OperationSpec, Poller, Surroundings, SystemId, Timestamp,
};
use lienthong_kit::within;
use serde_json::Value;

pub use config::{
    AreaIds, AttachmentLimits, Dialect, EndpointConfig, FilesConfig, InboundConfig, LandConfig, LandPhrases,
    ListConfig, ListsConfig, OauthConfig, Paths, TablesConfig, TimesConfig, UnreadableReply, Zone,
};
pub use map::lists::missing_counterparts;

use client::Client;
use fault::words::LandWords;
use inbound::{Kind, LandInbound, Manners};
use map::Rules;
use map::answer::Judge;
use model::ListKind;
use operations::Asked;
use poller::ListPoller;

#[cfg(test)]
mod tests;

/// One land office, spoken to at its configured end points.
pub struct Land {
    system: SystemId,
    operations: Vec<OperationSpec>,
    client: Arc<Client>,
    rules: Rules,
    files: Arc<dyn FileStore>,
    file_places: Option<FilesConfig>,
    inbound: Option<Arc<LandInbound>>,
    poller: Option<Arc<ListPoller>>,
}

impl Land {
    /// Builds the adapter: reads secrets and prepares connections, and opens none. The text says what is wrong and what to do.
    pub fn build(system: SystemId, config: LandConfig, around: &Surroundings<'_>) -> Result<Self, String> {
        let problems: Vec<String> =
            config.validate().into_iter().map(|(pointer, problem)| format!("{pointer} {problem}")).collect();
        if !problems.is_empty() {
            return Err(problems.join("; "));
        }
        let Surroundings { secrets, clock, files, programs: _ } = around;
        let judge = Arc::new(Judge { words: LandWords::new(&config.phrases), tables: config.tables.clone() });
        let client = Arc::new(Client::build(system.as_str(), &config, *secrets, clock, judge)?);
        let inbound = match &config.inbound {
            None => None,
            Some(InboundConfig { secret, repeat_window, unreadable }) => {
                let secret = secrets.read(secret)?;
                let manners = Manners { window: repeat_window.0, unreadable: *unreadable, zone: config.times.incoming };
                Some(Arc::new(LandInbound::new(system.clone(), config.dialect, secret, manners)?))
            }
        };
        let poller = config.lists.as_ref().map(|lists| {
            Arc::new(ListPoller {
                system: system.clone(),
                client: Arc::clone(&client),
                lists: ListKind::ALL.into_iter().filter(|kind| lists.of(*kind).is_some()).collect(),
                daily_at: lists.daily_at,
            })
        });
        Ok(Self {
            operations: operations::all(&system, &config)?,
            rules: Rules::of(&config),
            files: Arc::clone(files),
            file_places: config.files,
            system,
            client,
            inbound,
            poller,
        })
    }

    /// What the land office pushes to us, where configured.
    pub fn inbound(&self) -> Option<Arc<dyn Inbound>> {
        self.inbound.clone().map(|inbound| inbound as Arc<dyn Inbound>)
    }

    /// The daily pull of its lists, where configured.
    pub fn pollers(&self) -> Vec<Arc<dyn Poller>> {
        self.poller.iter().cloned().map(|poller| poller as Arc<dyn Poller>).collect()
    }

    fn config_files(&self) -> Option<&FilesConfig> {
        self.file_places.as_ref()
    }

    fn asked(&self, operation: &OperationName) -> Result<Asked, Fault> {
        let offered = self.operations.iter().any(|spec| spec.name == *operation);
        Asked::of(&self.system, operation).filter(|_| offered).ok_or_else(|| {
            let detail = format!("{operation} is no operation of {}", self.system);
            Fault::new(FaultKind::NotFound, FaultCode::UnknownOperation, detail)
        })
    }
}

impl LandConfig {
    /// What can be asked of a land office configured so: known before anything is built, so that routes can be checked without secrets.
    pub fn operations(&self, system: &SystemId) -> Result<Vec<OperationSpec>, String> {
        operations::all(system, self)
    }

    /// What comes in: pushes where `inbound` is configured, lists where `lists` is.
    pub fn inbound_operations(&self, system: &SystemId) -> Result<Vec<InboundOperation>, String> {
        let mut all = if self.inbound.is_some() { inbound::operations_of(system)? } else { Vec::new() };
        if self.lists.is_some() {
            all.push(Kind::List.operation(system)?);
        }
        Ok(all)
    }
}

impl std::fmt::Debug for Land {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Land({})", self.system)
    }
}

#[async_trait]
impl Adapter for Land {
    fn system(&self) -> &SystemId {
        &self.system
    }

    fn operations(&self) -> &[OperationSpec] {
        &self.operations
    }

    async fn call(&self, cx: &CallContext, operation: &OperationName, body: &Body) -> Result<Body, Fault> {
        let asked = self.asked(operation)?;
        let outcome = within(cx, self.perform(cx, asked, body)).await;
        match &outcome {
            Ok(_) => tracing::debug!(%operation, reference = %cx.reference, "land office answered"),
            Err(fault) => {
                tracing::debug!(%operation, reference = %cx.reference, code = fault.code.as_str(), "land office call failed");
            }
        }
        outcome
    }

    /// The land office has no machine interface that tells about a dossier: nothing can be looked up.
    async fn lookup(&self, _: &CallContext, operation: &OperationName, _: &AttemptContext) -> Result<Lookup, Fault> {
        self.asked(operation).map(|_| Lookup::Unknown)
    }

    async fn probe(&self, cx: &CallContext) -> Result<(), Fault> {
        within(cx, self.client.probe(cx)).await
    }

    fn endpoints(&self, now: Timestamp) -> Vec<NetworkEndpoint> {
        self.client.reach(now, self.file_places.as_ref())
    }

    async fn open_session(&self, cx: &CallContext) -> Result<Opened, Fault> {
        self.client.open_session(cx.clock.now()).await
    }

    fn session(&self, now: Timestamp) -> SessionState {
        self.client.session(now)
    }

    fn check(&self, operation: &OperationName, input: &Value) -> Result<(), Fault> {
        self.check_input(self.asked(operation)?, input)
    }
}
