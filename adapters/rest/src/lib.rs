//! A system that configuration alone describes: its adapter translates and speaks by what stands there; it never retries, queues, stores or routes.

mod answer;
mod auth;
mod call;
mod client;
pub mod config;
mod encode;
mod fault;
mod operation;
mod request;
mod rules;
mod template;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use lienthong_core::inbound::InboundOperation;
use lienthong_core::network::{NetworkEndpoint, Opened, SessionState};
use lienthong_core::program::Compiler;
use lienthong_core::{
    Adapter, AttemptContext, Body, CallContext, Fault, FaultCode, FaultKind, Inbound, Lookup, OperationName,
    OperationSpec, Surroundings, SystemId, Timestamp,
};
use lienthong_kit::config::Problems;
use lienthong_kit::within;
use serde_json::Value;

pub use config::RestConfig;

use call::Probe;
use client::Client;
use operation::Operation;

/// One configured system, spoken to at its configured end points.
pub struct Rest {
    system: SystemId,
    specs: Vec<OperationSpec>,
    operations: Vec<Operation>,
    client: Client,
    probe: Option<Probe>,
}

impl Rest {
    /// Builds the adapter: compiles programs, reads secrets and prepares connections, and opens none. The text says what is wrong
    /// and what to do.
    pub fn build(system: SystemId, config: RestConfig, around: &Surroundings<'_>) -> Result<Self, String> {
        let mut problems = config.validate();
        if problems.is_empty() {
            problems = config.trial(&system, around.programs.as_ref());
        }
        if !problems.is_empty() {
            let told = problems.into_iter().map(|(pointer, problem)| format!("{pointer} {problem}"));
            return Err(told.collect::<Vec<_>>().join("; "));
        }
        let operations = operation::compile(&config, &system, around.programs.as_ref())
            .map_err(|found| format!("{} problems in programs", found.len()))?;
        Ok(Self {
            specs: config.operations(&system)?,
            operations,
            client: Client::build(&config, around)?,
            probe: config.probe.as_ref().map(Probe::new),
            system,
        })
    }

    /// What the system pushes to us: nothing.
    pub fn inbound(&self) -> Option<Arc<dyn Inbound>> {
        None
    }

    fn operation(&self, name: &OperationName) -> Result<&Operation, Fault> {
        self.operations.iter().find(|operation| operation.name == *name).ok_or_else(|| {
            let detail = format!("{name} is no operation of {}", self.system);
            Fault::new(FaultKind::NotFound, FaultCode::UnknownOperation, detail)
        })
    }
}

impl RestConfig {
    /// What can be asked of a system configured so: known before anything is built.
    pub fn operations(&self, system: &SystemId) -> Result<Vec<OperationSpec>, String> {
        self.operations.iter().map(|config| operation::spec(system, config)).collect()
    }

    /// What it may push: nothing.
    pub fn inbound_operations(&self, _system: &SystemId) -> Result<Vec<InboundOperation>, String> {
        Ok(Vec::new())
    }

    /// Compiles every program and makes every request of its example; reads no secret. For a configuration that
    /// [`RestConfig::validate`] finds nothing wrong with.
    pub fn trial(&self, system: &SystemId, programs: &dyn Compiler) -> Problems {
        operation::compile(self, system, programs).err().unwrap_or_default()
    }
}

impl std::fmt::Debug for Rest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rest({})", self.system)
    }
}

#[async_trait]
impl Adapter for Rest {
    fn system(&self) -> &SystemId {
        &self.system
    }

    fn operations(&self) -> &[OperationSpec] {
        &self.specs
    }

    async fn call(&self, cx: &CallContext, operation: &OperationName, body: &Body) -> Result<Body, Fault> {
        let asked = self.operation(operation)?;
        let outcome = within(cx, self.perform(cx, asked, body)).await;
        match &outcome {
            Ok(_) => tracing::debug!(%operation, reference = %cx.reference, "system answered"),
            Err(fault) => {
                tracing::debug!(%operation, reference = %cx.reference, code = fault.code.as_str(), "call failed");
            }
        }
        outcome
    }

    /// As configured: another request, and a program that decides. Without one, nothing can be told.
    async fn lookup(
        &self,
        cx: &CallContext,
        operation: &OperationName,
        attempt: &AttemptContext,
    ) -> Result<Lookup, Fault> {
        let asked = self.operation(operation)?;
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
        self.check_input(self.operation(operation)?, input)
    }
}
