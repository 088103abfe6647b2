//! The gateway as a system of its own: an adapter without a network, whose deliveries wait, split and make messages by their outcomes. It decides none of that.

use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;
use lienthong_core::{
    Adapter, AttemptContext, Body, CallContext, Effect, Fault, FaultKind, Lookup, OperationName, OperationSpec,
    SystemId, limits,
};
use serde_json::{Value, json};

use crate::config::{Configuration, SystemPolicy};
use crate::routing::Catalogue;

/// The name of the gateway's own system.
pub const SYSTEM: &str = "gateway";
/// The operation of a delivery that waits for what must come first.
pub const AWAIT: &str = "gateway.await";
/// The operation of a delivery that says a flow is late.
pub const STALLED: &str = "gateway.stalled";

/// Splitting is work for the processor: more at once gains nothing.
const CONCURRENCY: u32 = 4;

/// Answers each call with what it was given: the outcome is what counts.
struct Internal {
    system: SystemId,
    operations: Vec<OperationSpec>,
}

impl Configuration {
    /// Adds the gateway's own system, with the catalogue's declared messages.
    #[must_use]
    pub fn with_gateway(mut self) -> Self {
        let Some(internal) = Internal::of(&self.catalogue) else { return self };
        let concurrency = NonZeroU32::new(CONCURRENCY).unwrap_or(NonZeroU32::MIN);
        let policy = SystemPolicy { concurrency, ..SystemPolicy::default() };
        self.systems.insert(internal.system.clone(), policy);
        self.adapters.insert(internal.system.clone(), Arc::new(internal));
        self
    }
}

/// Whether it is the gateway's own.
pub(crate) fn is_internal(system: &SystemId) -> bool {
    system.as_str() == SYSTEM
}

impl Internal {
    fn of(catalogue: &Catalogue) -> Option<Self> {
        let mut operations: Vec<OperationSpec> = catalogue.messages().cloned().collect();
        operations.push(own(AWAIT, "Waits for what must come first.")?);
        operations.push(own(STALLED, "Says that a flow is late.")?);
        Some(Self { system: SystemId::new(SYSTEM).ok()?, operations })
    }
}

fn own(name: &str, summary: &'static str) -> Option<OperationSpec> {
    Some(OperationSpec {
        name: OperationName::new(name).ok()?,
        summary: summary.into(),
        effect: Effect::Upsert,
        snapshot: false,
        lookup: None,
        input: Value::Bool(true),
        output: Value::Bool(true),
        example: json!({}),
        key_field: None,
        personal: Vec::new(),
        body_limit: limits::BODY_BYTES,
        splits: false,
    })
}

#[async_trait]
impl Adapter for Internal {
    fn system(&self) -> &SystemId {
        &self.system
    }

    fn operations(&self) -> &[OperationSpec] {
        &self.operations
    }

    async fn call(&self, _cx: &CallContext, _operation: &OperationName, _body: &Body) -> Result<Body, Fault> {
        Ok(Body::json(&b"{}"[..]))
    }

    async fn lookup(&self, _: &CallContext, operation: &OperationName, _: &AttemptContext) -> Result<Lookup, Fault> {
        Err(Fault::of(FaultKind::Internal, format!("{operation} is never looked up")))
    }

    async fn probe(&self, _cx: &CallContext) -> Result<(), Fault> {
        Ok(())
    }
}
