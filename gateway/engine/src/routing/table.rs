//! All routes, in order: which of them take a message. It makes deliveries' plans, never deliveries.

mod check;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use lienthong_core::exchange::Source;
use lienthong_core::{Effect, ExchangeMeta, Fault, FaultCode, FaultKind, OperationName, OrderKey, RouteName, limits};
use serde_json::Value;

use super::catalogue::Catalogue;
use super::problem::RouteProblem;
use super::program::Programs;
use super::route::{Route, RouteSpec, RouteTarget};

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
        let programs = Programs::new();
        let mut problems = check::names(&specs);
        let mut table = Self::default();
        for spec in specs {
            let mut found = check::spec(&spec, catalogue);
            let when = spec.when.as_ref().map(|source| programs.predicate(source)).transpose();
            let transform = spec.transform.as_ref().map(|source| programs.transform(source)).transpose();
            let when = when.map_err(|errors| found.extend(errors));
            let transform = transform.map_err(|errors| found.extend(errors));
            if let (Ok(when), Ok(transform), true) = (when, transform, found.is_empty()) {
                let target = match &spec.to {
                    RouteTarget::Operation(operation) => catalogue.get(operation),
                    RouteTarget::Inbox(_) => None,
                };
                let (effect, input) = (target.map(|entry| entry.spec.effect), target.map(|entry| entry.input()));
                table.add(Arc::new(Route { spec, when, transform, effect, input }));
            }
            problems.extend(found);
        }
        if problems.is_empty() { Ok(table) } else { Err(problems) }
    }

    fn add(&mut self, route: Arc<Route>) {
        self.by_name.insert(route.spec.name.clone(), Arc::clone(&route));
        for operation in route.spec.operations.iter().filter(|_| route.spec.enabled) {
            self.by_operation.entry(operation.clone()).or_default().push(Arc::clone(&route));
        }
        self.routes.push(route);
    }

    /// The routes that take this message. None taking it is a `LT-NO-ROUTE` fault.
    /// A condition or an order key that fails is a `mapping` fault of the whole message: nothing of it is accepted.
    pub fn plan(&self, meta: &ExchangeMeta, body: &Value) -> Result<Plan, Fault> {
        let mut deliveries = Vec::new();
        for route in self.candidates(meta) {
            if !route.wants(meta, body)? {
                continue;
            }
            if deliveries.len() == limits::DELIVERIES {
                return Err(too_many(meta));
            }
            deliveries.push(PlannedDelivery { route: Arc::clone(route), order_key: route.order_key(meta, body)? });
            if route.spec.stop {
                break;
            }
        }
        if deliveries.is_empty() { Err(self.no_route(meta)) } else { Ok(Plan { deliveries }) }
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

    /// A route by its name, enabled or not.
    pub fn route(&self, name: &RouteName) -> Option<&Arc<Route>> {
        self.by_name.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.routes.iter()
    }

    /// Enabled routes for this operation and sender.
    fn candidates<'a>(&'a self, meta: &'a ExchangeMeta) -> impl Iterator<Item = &'a Arc<Route>> {
        let routes = self.by_operation.get(&meta.operation).map(Vec::as_slice).unwrap_or_default();
        routes.iter().filter(|route| route.is_from(&meta.source))
    }

    fn no_route(&self, meta: &ExchangeMeta) -> Fault {
        let sender = match &meta.source {
            Source::Client(client) => format!("client {client}"),
            Source::System(system) => format!("system {system}"),
        };
        let detail = match self.candidates(meta).count() {
            0 => format!("no route takes {} from {sender}", meta.operation),
            asked => format!("{asked} routes take {} from {sender}, and none takes this message", meta.operation),
        };
        Fault::new(FaultKind::Forbidden, FaultCode::NoRoute, detail)
    }
}

fn too_many(meta: &ExchangeMeta) -> Fault {
    let most = limits::DELIVERIES;
    Fault::of(FaultKind::Mapping, format!("more than {most} routes take {} of {}", meta.operation, meta.client))
}
