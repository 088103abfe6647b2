//! One route: from whom and what, when, changed how, to which operation, in which order. It knows no other route.

use bytes::Bytes;
use lienthong_core::delivery::OnParked;
use lienthong_core::exchange::{Source, Stage};
use lienthong_core::operation::Text;
use lienthong_core::{
    Body, Class, ClientId, Effect, ExchangeMeta, Fault, FaultKind, FieldProblem, OperationName, OrderKey, RetryPolicy,
    RouteName, SystemId,
};
use serde_json::Value;

use super::catalogue::InputSchema;
use super::class_of;
use super::patterns::{Compiled, Patterns};
use super::program::{Predicate, ProgramSource, Transform};
use crate::internal;

/// A route as configured, before it is compiled.
#[derive(Debug, Clone)]
pub struct RouteSpec {
    pub name: RouteName,
    /// Where it stands, for problems.
    pub file: String,
    pub line: usize,
    pub enabled: bool,
    pub from: RouteSource,
    /// The operations it takes.
    pub operations: Vec<OperationName>,
    /// A VRL predicate over the body (`.`) and the exchange (`%`); absent = always.
    pub when: Option<ProgramSource>,
    /// A VRL program that leaves the target operation's input in `.`; absent = as received.
    pub transform: Option<ProgramSource>,
    pub to: RouteTarget,
    pub order_key: OrderKeySpec,
    pub class: Option<Class>,
    pub retry: Option<RetryPolicy>,
    pub on_parked: OnParked,
    /// Older unsent snapshots of the same key give way; only for operations declared snapshots.
    pub supersede: bool,
    /// Later routes are not asked when this one takes the message.
    pub stop: bool,
    pub patterns: Patterns,
}

/// Where a message may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteSource {
    /// These clients.
    Clients(Vec<ClientId>),
    AnyClient,
    System(SystemId),
    /// Declared messages that routes of the gateway make.
    Gateway,
    /// The answers to deliveries of this operation, each a message `{input, answer}` of its own.
    AnswerOf(OperationName),
}

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteTarget {
    Operation(OperationName),
    /// A client's inbox.
    Inbox(ClientId),
    /// A declared message, made anew as an exchange of its own.
    Message(OperationName),
}

/// What orders deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderKeySpec {
    BusinessKey,
    /// An RFC 6901 pointer into the received body.
    Pointer(String),
}

/// A compiled route. A disabled one takes no message, and still serves the deliveries made while it was enabled.
pub struct Route {
    pub spec: RouteSpec,
    pub(super) when: Option<Predicate>,
    pub(super) transform: Option<Transform>,
    /// The target operation's effect; `None` for an inbox.
    pub(super) effect: Option<Effect>,
    /// What a transform's result must pass; `None` for an inbox, and for what is split.
    pub(super) input: Option<InputSchema>,
    /// What a declared message must pass, where the route makes one.
    pub(super) message: Option<InputSchema>,
    /// Where a declared message names its key.
    pub(super) key_field: Option<Text>,
    pub(super) patterns: Compiled,
}

impl Route {
    /// The target's input made from the received body; a failure is a `mapping` fault that names file and line.
    /// Without a transform it is the received bytes themselves, neither parsed nor copied; with one, the result has passed the
    /// target's input schema (an inbox has none).
    pub fn transform(&self, meta: &ExchangeMeta, received: &Body) -> Result<Body, Fault> {
        let Some(transform) = &self.transform else { return Ok(received.clone()) };
        let made = transform.apply(meta, received)?;
        let breaches = self.input.as_ref().map(|schema| schema.breaches(&made)).unwrap_or_default();
        if !breaches.is_empty() {
            return Err(self.wrong_result(transform, breaches));
        }
        match serde_json::to_vec(&made) {
            Ok(bytes) => Ok(Body::json(Bytes::from(bytes))),
            Err(error) => Err(Fault::of(FaultKind::Internal, format!("a JSON value cannot be written: {error}"))),
        }
    }

    /// The stage a message begins at, or goes on with after `from`.
    pub fn stage(&self, meta: &ExchangeMeta, body: &Value, from: Stage) -> Result<Stage, Fault> {
        match from {
            Stage::Await if self.spec.patterns.awaits.is_some() => Ok(Stage::Await),
            Stage::Await | Stage::Enrich if self.needs_filling(meta, body)? => Ok(Stage::Enrich),
            Stage::Await | Stage::Enrich | Stage::Target => Ok(Stage::Target),
        }
    }

    /// Whether what a read operation knows is missing in the message.
    pub fn needs_filling(&self, meta: &ExchangeMeta, body: &Value) -> Result<bool, Fault> {
        match &self.patterns.enrich {
            Some(enrich) => enrich.when.as_ref().map_or(Ok(true), |when| when.holds(meta, body)),
            None => Ok(false),
        }
    }

    /// The stage a delivery of this operation stands for.
    pub fn stage_of(&self, operation: &OperationName) -> Stage {
        let asks = self.spec.patterns.enrich.as_ref().is_some_and(|enrich| enrich.operation == *operation);
        match operation.as_str() {
            internal::AWAIT => Stage::Await,
            _other if asks => Stage::Enrich,
            _other => Stage::Target,
        }
    }

    fn wrong_result(&self, transform: &Transform, breaches: Vec<FieldProblem>) -> Fault {
        let ProgramSource { file, line, text: _ } = transform.source();
        let first = breaches.first().map_or("", |breach| breach.pointer.as_str());
        let detail = format!(
            "{file}:{line}: what the transform of route {} makes breaks the target's input schema at `{first}`",
            self.spec.name
        );
        Fault::of(FaultKind::Mapping, detail).with_problems(breaches)
    }

    /// Whether messages of this sender are for this route at all.
    pub(super) fn is_from(&self, source: &Source) -> bool {
        match (&self.spec.from, source) {
            (RouteSource::Clients(clients), Source::Client(client)) => clients.contains(client),
            (RouteSource::AnyClient, Source::Client(_)) => true,
            (RouteSource::System(system), Source::System(sender)) => system == sender,
            (RouteSource::Gateway, Source::Gateway) => true,
            (RouteSource::AnswerOf(operation), Source::Answer(system)) => operation.system() == system.as_str(),
            (
                RouteSource::Clients(_) | RouteSource::AnyClient,
                Source::System(_) | Source::Gateway | Source::Answer(_),
            )
            | (RouteSource::System(_), Source::Client(_) | Source::Gateway | Source::Answer(_))
            | (RouteSource::Gateway, Source::Client(_) | Source::System(_) | Source::Answer(_))
            | (RouteSource::AnswerOf(_), Source::Client(_) | Source::System(_) | Source::Gateway) => false,
        }
    }

    /// Whether the condition holds; a condition that cannot be told is a `mapping` fault.
    pub(super) fn wants(&self, meta: &ExchangeMeta, body: &Value) -> Result<bool, Fault> {
        self.when.as_ref().map_or(Ok(true), |when| when.holds(meta, body))
    }

    /// What orders this message among those to the same system.
    pub(crate) fn order_key(&self, meta: &ExchangeMeta, body: &Value) -> Result<OrderKey, Fault> {
        let OrderKeySpec::Pointer(pointer) = &self.spec.order_key else { return Ok(meta.key.clone().into()) };
        let (key, class) = match body.pointer(pointer) {
            Some(Value::String(text)) => (OrderKey::new(text).map_err(|error| error.to_string()), "string"),
            Some(Value::Number(number)) if !number.is_f64() => {
                (OrderKey::new(&number.to_string()).map_err(|error| error.to_string()), "integer")
            }
            Some(other) => (Err("must be a text or an integer".to_owned()), class_of(other)),
            None => (Err("is required".to_owned()), "missing"),
        };
        key.map_err(|why| {
            let RouteSpec { name, file, line, .. } = &self.spec;
            let detail = format!("{file}:{line}: the order key of route {name} at `{pointer}` {why}");
            let problem = FieldProblem::new(pointer, format!("as the route's order key, {why}")).of_class(class);
            Fault::of(FaultKind::Mapping, detail).with_problem(problem)
        })
    }
}
