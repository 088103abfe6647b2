//! The tax authority's gateway (GIP) as an adapter: translates and speaks; it never retries, queues, stores or routes.

mod call;
mod client;
mod config;
mod fault;
mod map;
pub mod model;
mod operations;
mod signature;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use lienthong_core::inbound::InboundOperation;
use lienthong_core::network::{NetworkEndpoint, SessionState};
use lienthong_core::{
    Adapter, AttemptContext, Body, CallContext, Clock, Fault, FaultCode, FaultKind, Lookup, OperationName,
    OperationSpec, Surroundings, SystemId, Timestamp,
};
use lienthong_kit::within;
use serde_json::Value;

pub use config::{
    AnswerDate, AuthenticationConfig, Created, DigestConfig, EmptyAnswer, EndpointConfig, ErrorMeaning, ErrorsConfig,
    HeaderConfig, LedgerConfig, MessageId, PartnerConfig, SendDate, SignatureConfig, SlipAnswerConfig, SlipConfig,
    SlipRowConfig, SoapConfig, TaxConfig, TaxpayerConfig, Wrapping,
};

use client::Client;
use operations::Asked;
use signature::Rules;

#[cfg(test)]
mod tests;

/// One tax gateway, spoken to at its configured end points.
pub struct Tax {
    system: SystemId,
    operations: Vec<OperationSpec>,
    client: Client,
    config: Arc<TaxConfig>,
    slips: Arc<Rules>,
    clock: Arc<dyn Clock>,
}

impl Tax {
    /// Builds the adapter: reads secrets and prepares connections, and opens none. The text says what is wrong and what to do.
    pub fn build(system: SystemId, config: TaxConfig, around: &Surroundings<'_>) -> Result<Self, String> {
        let problems: Vec<String> =
            config.validate().into_iter().map(|(pointer, problem)| format!("{pointer} {problem}")).collect();
        if !problems.is_empty() {
            return Err(problems.join("; "));
        }
        let Surroundings { secrets, clock, files: _, programs: _ } = around;
        let mut slips = Rules::default();
        if let Some(SlipConfig { dossier_element, unsigned, authorities, .. }) = &config.slip {
            slips.dossier_element.clone_from(dossier_element);
            slips.unsigned.clone_from(unsigned);
            if let Some(reference) = authorities {
                slips.authorities = signature::authorities(&secrets.read(reference)?, &reference.to_string())?;
            }
        }
        let config = Arc::new(config);
        Ok(Self {
            operations: operations::all(&system, &config)?,
            client: Client::build(&config, *secrets, Arc::clone(clock))?,
            system,
            config,
            slips: Arc::new(slips),
            clock: Arc::clone(clock),
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

impl TaxConfig {
    /// What can be asked of a gateway configured so: known before anything is built, so that routes can be checked without secrets.
    pub fn operations(&self, system: &SystemId) -> Result<Vec<OperationSpec>, String> {
        operations::all(system, self)
    }

    /// Nothing comes in: notices and receipts reach a province through the national portal.
    pub fn inbound_operations(&self, _: &SystemId) -> Result<Vec<InboundOperation>, String> {
        Ok(Vec::new())
    }
}

impl std::fmt::Debug for Tax {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tax({})", self.system)
    }
}

#[async_trait]
impl Adapter for Tax {
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
            Ok(_) => tracing::debug!(%operation, reference = %cx.reference, "tax gateway answered"),
            Err(fault) => {
                tracing::debug!(%operation, reference = %cx.reference, code = fault.code.as_str(), "tax gateway call failed");
            }
        }
        outcome
    }

    /// Nothing public tells whether tax has a slip: nothing can be looked up.
    async fn lookup(&self, _: &CallContext, operation: &OperationName, _: &AttemptContext) -> Result<Lookup, Fault> {
        self.asked(operation).map(|_| Lookup::Unknown)
    }

    async fn probe(&self, cx: &CallContext) -> Result<(), Fault> {
        within(cx, self.knock(cx)).await
    }

    fn endpoints(&self, now: Timestamp) -> Vec<NetworkEndpoint> {
        self.client.reach(now)
    }

    /// Each request is signed on its own.
    fn session(&self, _now: Timestamp) -> SessionState {
        SessionState::Sessionless
    }

    fn check(&self, operation: &OperationName, input: &Value) -> Result<(), Fault> {
        self.check_input(self.asked(operation)?, input)
    }
}
