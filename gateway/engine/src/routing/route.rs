//! One route: from whom and what, when, changed how, to which operation, in which order. It knows no other route.

use bytes::Bytes;
use lienthong_core::delivery::OnParked;
use lienthong_core::exchange::Source;
use lienthong_core::{
    Body, Class, ClientId, Effect, ExchangeMeta, Fault, FaultKind, FieldProblem, OperationName, OrderKey, RetryPolicy,
    RouteName, SystemId,
};
use serde_json::Value;

use super::catalogue::InputSchema;
use super::class_of;
use super::program::{Predicate, ProgramSource, Transform};

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
}

/// Where a message may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteSource {
    /// These clients.
    Clients(Vec<ClientId>),
    AnyClient,
    System(SystemId),
}

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteTarget {
    Operation(OperationName),
    /// A client's inbox.
    Inbox(ClientId),
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
    /// What a transform's result must pass; `None` for an inbox.
    pub(super) input: Option<InputSchema>,
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
            (RouteSource::Clients(_) | RouteSource::AnyClient, Source::System(_))
            | (RouteSource::System(_), Source::Client(_)) => false,
        }
    }

    /// Whether the condition holds; a condition that cannot be told is a `mapping` fault.
    pub(super) fn wants(&self, meta: &ExchangeMeta, body: &Value) -> Result<bool, Fault> {
        self.when.as_ref().map_or(Ok(true), |when| when.holds(meta, body))
    }

    /// What orders this message among those to the same system.
    pub(super) fn order_key(&self, meta: &ExchangeMeta, body: &Value) -> Result<OrderKey, Fault> {
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
