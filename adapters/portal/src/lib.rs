//! The national public service portal (Cổng Dịch vụ công quốc gia) as an adapter: translates and speaks; it never retries, queues, stores or routes.

mod call;
mod client;
mod config;
mod inbound;
mod known;
mod map;
pub mod model;
mod operations;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use lienthong_core::inbound::InboundOperation;
use lienthong_core::network::{NetworkEndpoint, Opened, SessionState};
use lienthong_core::{
    Adapter, AttemptContext, Body, CallContext, Fault, FaultCode, FaultKind, Inbound, Lookup, OperationName,
    OperationSpec, Surroundings, SystemId, Timestamp,
};
use lienthong_kit::within;
use lienthong_kit::words::Words;
use serde_json::Value;

pub use config::{
    AnswerCodes, AxisConfig, CodeRule, Destination, EndpointConfig, FieldLimits, InboundConfig, LgspConfig, LgspPaths,
    PortalConfig, ReadMethod, RepeatReply, SentAs, UnreadableReply,
};

use client::Client;
use inbound::{Manners, PortalInbound};
use known::Known;
use map::Rules;
use map::answer::Judge;
use operations::Asked;

#[cfg(test)]
mod tests;

/// One portal, spoken to at its configured end points.
pub struct Portal {
    system: SystemId,
    operations: Vec<OperationSpec>,
    client: Client,
    judge: Arc<Judge>,
    rules: Rules,
    known: Known,
    settle: Option<std::time::Duration>,
    inbound: Option<Arc<PortalInbound>>,
}

impl Portal {
    /// Builds the adapter: reads secrets and prepares connections, and opens none. The text says what is wrong and what to do.
    pub fn build(system: SystemId, config: PortalConfig, around: &Surroundings<'_>) -> Result<Self, String> {
        let problems: Vec<String> =
            config.validate().into_iter().map(|(pointer, problem)| format!("{pointer} {problem}")).collect();
        if !problems.is_empty() {
            return Err(problems.join("; "));
        }
        let judge = Arc::new(Judge { words: Words::new(&config.phrases), codes: config.codes.clone() });
        let client = Client::build(&system, &config, around, Arc::clone(&judge))?;
        let inbound = match &config.inbound {
            None => None,
            Some(InboundConfig { security_key, repeat_window, repeated, unreadable }) => {
                let manners = Manners { window: repeat_window.0, repeated: *repeated, unreadable: *unreadable };
                let key = around.secrets.read(security_key)?;
                Some(Arc::new(PortalInbound::new(system.clone(), key, manners)?))
            }
        };
        Ok(Self {
            operations: operations::all(&system, &config.field_limits)?,
            known: Known::new(config.remembered_dossiers),
            settle: config.settle_time.map(|wait| wait.0),
            rules: Rules {
                codes: config.dossier_codes,
                limits: config.field_limits,
                lossy_statuses: config.lossy_statuses,
                status_numbers: config.status_numbers,
                progress_steps: config.progress_steps.get(),
            },
            system,
            client,
            judge,
            inbound,
        })
    }

    /// What the portal pushes to us, where configured.
    pub fn inbound(&self) -> Option<Arc<dyn Inbound>> {
        self.inbound.clone().map(|inbound| inbound as Arc<dyn Inbound>)
    }

    fn asked(&self, operation: &OperationName) -> Result<Asked, Fault> {
        Asked::of(&self.system, operation).ok_or_else(|| {
            let detail = format!("{operation} is no operation of {}", self.system);
            Fault::new(FaultKind::NotFound, FaultCode::UnknownOperation, detail)
        })
    }
}

impl PortalConfig {
    /// What can be asked of a portal configured so: known before anything is built, so that routes can be checked without secrets.
    pub fn operations(&self, system: &SystemId) -> Result<Vec<OperationSpec>, String> {
        operations::all(system, &self.field_limits)
    }

    /// What it may push; nothing where `inbound` is not configured.
    pub fn inbound_operations(&self, system: &SystemId) -> Result<Vec<InboundOperation>, String> {
        match &self.inbound {
            Some(_) => inbound::operations(system).map(Vec::from),
            None => Ok(Vec::new()),
        }
    }
}

impl std::fmt::Debug for Portal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Portal({})", self.system)
    }
}

#[async_trait]
impl Adapter for Portal {
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
            Ok(_) => tracing::debug!(%operation, reference = %cx.reference, "portal answered"),
            Err(fault) => {
                tracing::debug!(%operation, reference = %cx.reference, code = fault.code.as_str(), "portal call failed");
            }
        }
        outcome
    }

    /// `TraCuuHoSo` tells existence and nothing else. That a dossier exists never shows *this* content arrived: an earlier insert,
    /// another channel or an earlier attempt may have made it. So this never answers `Done`. That it does not exist, after the
    /// configured settle time, shows that neither an insert nor an update happened: only then `NotDone`.
    async fn lookup(
        &self,
        cx: &CallContext,
        operation: &OperationName,
        attempt: &AttemptContext,
    ) -> Result<Lookup, Fault> {
        let asked = self.asked(operation)?;
        within(cx, self.look_up(cx, asked, attempt)).await
    }

    async fn probe(&self, cx: &CallContext) -> Result<(), Fault> {
        within(cx, self.probe_once(cx)).await
    }

    fn endpoints(&self, now: Timestamp) -> Vec<NetworkEndpoint> {
        self.client.reach(now)
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

    fn split(&self, operation: &OperationName, body: &Body) -> Result<Vec<Body>, Fault> {
        match self.asked(operation)? {
            Asked::SyncProgress => map::work::split(&self.rules, body, &map::input::read(body)?),
            Asked::SyncDossier
            | Asked::SyncStatus
            | Asked::FindDossier
            | Asked::ListProcedures
            | Asked::GetProcedure
            | Asked::ListAgencies
            | Asked::ListFields => Ok(vec![body.clone()]),
        }
    }
}
