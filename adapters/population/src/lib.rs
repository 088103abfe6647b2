//! The national population database (CSDLQG về dân cư) as an adapter: translates and speaks; it never retries, queues, stores or routes.

mod call;
mod client;
mod config;
mod fault;
mod map;
pub mod model;
mod operations;
mod wire;

use async_trait::async_trait;
use lienthong_core::network::{NetworkEndpoint, Opened, SessionState};
use lienthong_core::{
    Adapter, AttemptContext, Body, CallContext, Fault, FaultCode, FaultKind, Lookup, OperationName, OperationSpec,
    Surroundings, SystemId, Timestamp,
};
use lienthong_kit::within;
use serde_json::Value;

pub use config::{
    AccessConfig, AccountConfig, BirthForm, ConfirmMaritalStatusConfig, Destination, EndpointConfig, FieldNames,
    FindCitizenConfig, FindHouseholdConfig, LgspConfig, Meaning, NameForm, NdxpConfig, OfficerKey, OperationAddresses,
    OperationsConfig, PopulationConfig, PopulationPhrases, SentAs, TimestampUnit, UnitConfig, UnitSent,
    VerifyCitizenConfig, WrapperConfig,
};

use client::Client;
use map::question::Rules;
use operations::Asked;

#[cfg(test)]
mod tests;

/// The population database as one province reaches it.
pub struct Population {
    system: SystemId,
    operations: Vec<OperationSpec>,
    client: Client,
    rules: Rules,
    answers: OperationsConfig,
}

impl Population {
    /// Builds the adapter: reads secrets and prepares connections, and opens none. The text says what is wrong and what to do.
    pub fn build(system: SystemId, config: PopulationConfig, around: &Surroundings<'_>) -> Result<Self, String> {
        let problems: Vec<String> =
            config.validate().into_iter().map(|(pointer, problem)| format!("{pointer} {problem}")).collect();
        if !problems.is_empty() {
            return Err(problems.join("; "));
        }
        let Surroundings { secrets, clock, files: _, programs: _ } = around;
        Ok(Self {
            operations: operations::all(&system, &config)?,
            client: Client::build(system.as_str(), &config, *secrets, clock)?,
            rules: Rules::of(&config),
            answers: config.operations,
            system,
        })
    }

    fn asked(&self, operation: &OperationName) -> Result<Asked, Fault> {
        let offered = self.operations.iter().any(|spec| spec.name == *operation);
        Asked::of(&self.system, operation).filter(|_| offered).ok_or_else(|| {
            let detail = format!("{operation} is no operation of {}", self.system);
            Fault::new(FaultKind::NotFound, FaultCode::UnknownOperation, detail)
        })
    }
}

impl PopulationConfig {
    /// What can be asked of a database reached so: known before anything is built, so that routes can be checked without secrets.
    pub fn operations(&self, system: &SystemId) -> Result<Vec<OperationSpec>, String> {
        operations::all(system, self)
    }
}

impl std::fmt::Debug for Population {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Population({})", self.system)
    }
}

#[async_trait]
impl Adapter for Population {
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
            Ok(_) => tracing::debug!(%operation, reference = %cx.reference, "population database answered"),
            Err(fault) => {
                tracing::debug!(%operation, reference = %cx.reference, code = fault.code.as_str(), "population database call failed");
            }
        }
        outcome
    }

    /// Every operation reads: there is nothing to settle.
    async fn lookup(&self, _: &CallContext, operation: &OperationName, _: &AttemptContext) -> Result<Lookup, Fault> {
        self.asked(operation).map(|_| Lookup::Unknown)
    }

    async fn probe(&self, cx: &CallContext) -> Result<(), Fault> {
        within(cx, self.client.probe(cx)).await
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
        self.asked(operation).and_then(|_| self.check_input(input))
    }
}
