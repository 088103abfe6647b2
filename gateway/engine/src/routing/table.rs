//! All routes, in order: which of them take a message. It makes deliveries' plans, never deliveries.

mod check;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use lienthong_core::exchange::Source;
use lienthong_core::{Effect, ExchangeMeta, Fault, FaultCode, FaultKind, OperationName, OrderKey, RouteName, limits};
use serde_json::Value;

use super::catalogue::{Catalogue, Entry};
use super::patterns::Compiled;
use super::problem::RouteProblem;
use super::program::{Predicate, Programs, Transform};
use super::route::{Route, RouteSource, RouteSpec, RouteTarget};

/// The compiled routes.
#[derive(Default)]
pub struct RouteTable {
    routes: Vec<Arc<Route>>,
    by_name: HashMap<RouteName, Arc<Route>>,
    /// Enabled routes of each operation, in order.
    by_operation: HashMap<OperationName, Vec<Arc<Route>>>,
}

/// Where one message goes.
pub struct Plan {
    pub deliveries: Vec<PlannedDelivery>,
    /// Copies, each an exchange of its own. They alone take no message.
    pub taps: Vec<PlannedTap>,
}

/// A copy to be made; its fault is its own.
pub struct PlannedTap {
    pub route: Arc<Route>,
    pub order_key: Result<OrderKey, Fault>,
}

/// One delivery to be made.
pub struct PlannedDelivery {
    pub route: Arc<Route>,
    pub order_key: OrderKey,
}

impl RouteTable {
    /// Compiles and checks everything, disabled routes too: names used twice, unknown operations and sources, targets that cannot be sent to,
    /// programs, pointers, superseding of what is no snapshot; all problems at once, in the order of the routes.
    pub fn compile(specs: Vec<RouteSpec>, catalogue: &Catalogue) -> Result<Self, Vec<RouteProblem>> {
        Self::compile_with(specs, catalogue, &Programs::new())
    }

    /// As [`Self::compile`], with programs that know the configuration's code tables.
    pub fn compile_with(
        specs: Vec<RouteSpec>,
        catalogue: &Catalogue,
        programs: &Programs,
    ) -> Result<Self, Vec<RouteProblem>> {
        let mut problems = check::names(&specs);
        let mut table = Self::default();
        for spec in specs {
            let mut found = check::spec(&spec, catalogue);
            let when = spec.when.as_ref().map(|source| programs.predicate(source)).transpose();
            let transform = spec.transform.as_ref().map(|source| programs.transform(source)).transpose();
            let when = when.map_err(|errors| found.extend(errors));
            let transform = transform.map_err(|errors| found.extend(errors));
            let patterns = Compiled::of(&spec.patterns, programs, catalogue).map_err(|errors| found.extend(errors));
            if let (Ok(when), Ok(transform), Ok(patterns), true) = (when, transform, patterns, found.is_empty()) {
                table.add(Arc::new(route(spec, catalogue, when, transform, patterns)));
            }
            problems.extend(found);
        }
        problems.extend(table.loops());
        if problems.is_empty() { Ok(table) } else { Err(problems) }
    }

    fn add(&mut self, route: Arc<Route>) {
        self.by_name.insert(route.spec.name.clone(), Arc::clone(&route));
        for operation in route.spec.operations.iter().filter(|_| route.spec.enabled) {
            self.by_operation.entry(operation.clone()).or_default().push(Arc::clone(&route));
        }
        self.routes.push(route);
    }

    /// The routes that take this message. None but taps taking it is a `LT-NO-ROUTE` fault.
    /// A condition or an order key that fails is a `mapping` fault of the whole message: nothing of it is accepted.
    pub fn plan(&self, meta: &ExchangeMeta, body: &Value) -> Result<Plan, Fault> {
        let (mut deliveries, mut taps) = (Vec::new(), Vec::new());
        for route in self.candidates(meta) {
            if deliveries.len() + taps.len() == limits::DELIVERIES {
                return Err(too_many(meta));
            }
            if route.spec.patterns.tap {
                taps.extend(tap(route, meta, body));
                continue;
            }
            if !route.wants(meta, body)? {
                continue;
            }
            deliveries.push(PlannedDelivery { route: Arc::clone(route), order_key: route.order_key(meta, body)? });
            if route.spec.stop {
                break;
            }
        }
        if deliveries.is_empty() { Err(self.no_route(meta)) } else { Ok(Plan { deliveries, taps }) }
    }

    /// The one route a synchronous call of this operation takes: the first that takes the message and leads to a `read` operation.
    pub fn for_call(&self, meta: &ExchangeMeta, body: &Value) -> Result<Arc<Route>, Fault> {
        for route in self.candidates(meta).filter(|route| route.effect == Some(Effect::Read)) {
            if route.wants(meta, body)? {
                return Ok(Arc::clone(route));
            }
        }
        Err(self.no_route(meta))
    }

    /// Whether any route takes the answers to this operation.
    pub fn takes_answers_of(&self, operation: &OperationName) -> bool {
        let routes = self.by_operation.get(operation).map(Vec::as_slice).unwrap_or_default();
        routes.iter().any(|route| matches!(route.spec.from, RouteSource::AnswerOf(_)))
    }

    /// Chains of routes that would never end.
    fn loops(&self) -> Vec<RouteProblem> {
        check::loops(self.routes.iter().map(|route| &route.spec))
    }

    /// A route by its name, enabled or not.
    pub fn route(&self, name: &RouteName) -> Option<&Arc<Route>> {
        self.by_name.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.routes.iter()
    }

    /// Enabled routes for this operation and sender.
    pub(super) fn candidates<'a>(&'a self, meta: &'a ExchangeMeta) -> impl Iterator<Item = &'a Arc<Route>> {
        let routes = self.by_operation.get(&meta.operation).map(Vec::as_slice).unwrap_or_default();
        routes.iter().filter(|route| route.is_from(&meta.source))
    }

    fn no_route(&self, meta: &ExchangeMeta) -> Fault {
        let sender = match &meta.source {
            Source::Client(client) => format!("client {client}"),
            Source::System(system) => format!("system {system}"),
            Source::Gateway => "the gateway".to_owned(),
            Source::Answer(system) => format!("the answers of {system}"),
        };
        let detail = match self.candidates(meta).count() {
            0 => format!("no route takes {} from {sender}", meta.operation),
            asked => format!("{asked} routes take {} from {sender}, and none takes this message", meta.operation),
        };
        Fault::new(FaultKind::Forbidden, FaultCode::NoRoute, detail)
    }
}

/// A tap's condition or order key that fails is no fault of the original.
fn tap(route: &Arc<Route>, meta: &ExchangeMeta, body: &Value) -> Option<PlannedTap> {
    let order_key = match route.wants(meta, body) {
        Ok(false) => return None,
        Ok(true) => route.order_key(meta, body),
        Err(fault) => Err(fault),
    };
    Some(PlannedTap { route: Arc::clone(route), order_key })
}

fn route(
    spec: RouteSpec,
    catalogue: &Catalogue,
    when: Option<Predicate>,
    transform: Option<Transform>,
    patterns: Compiled,
) -> Route {
    let target = match &spec.to {
        RouteTarget::Operation(operation) | RouteTarget::Message(operation) => catalogue.get(operation),
        RouteTarget::Inbox(_) => None,
    };
    let effect = target.filter(|entry| !entry.message).map(|entry| entry.spec.effect);
    let message = target.filter(|entry| entry.message);
    Route {
        input: target.filter(|_| spec.patterns.split.is_none()).map(Entry::input),
        message: message.map(Entry::input),
        key_field: message.and_then(|entry| entry.spec.key_field.clone()),
        spec,
        when,
        transform,
        effect,
        patterns,
    }
}

fn too_many(meta: &ExchangeMeta) -> Fault {
    let most = limits::DELIVERIES;
    Fault::of(FaultKind::Mapping, format!("more than {most} routes take {} of {}", meta.operation, meta.client))
}
