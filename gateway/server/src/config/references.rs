//! What one section says of another must be there: clients, systems, operations, routes. It reads no file.

use std::collections::{BTreeMap, BTreeSet};

use lienthong_engine::flow::{FlowSpec, MatchSpec};
use lienthong_engine::routing::{Catalogue, RouteSource, RouteSpec, RouteTarget};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::clients::{ClientModel, PatternModel};
use super::problems::Problems;
use super::read::read;
use super::routes::{FromModel, RouteModel, ToModel};
use super::sections::{At, Section, Systems};
use super::suggest::nearest;
use super::tests_model::{ExpectModel, SenderModel, TestModel};
use super::tree::{Node, Place};
use crate::security::OperationPattern;

/// Every name that can be referred to.
pub(crate) struct References {
    clients: BTreeSet<String>,
    /// Whether each is enabled.
    systems: BTreeMap<String, bool>,
    /// Systems whose operations are not known because their settings cannot be read.
    unread: BTreeSet<String>,
    routes: BTreeSet<String>,
    operations: BTreeSet<String>,
}

/// Where a reference stands.
struct From<'a> {
    file: &'a str,
    place: Place,
}

impl References {
    pub(crate) fn new(
        clients: &Section<ClientModel>,
        systems: &Systems,
        routes: &Section<RouteModel>,
        catalogue: &Catalogue,
    ) -> Self {
        let disabled =
            |name: &str| systems.section.read.iter().any(|at| at.value.id.as_str() == name && !at.value.enabled);
        let loaded: BTreeSet<&str> = systems.loaded.iter().map(|loaded| loaded.model.id.as_str()).collect();
        let declared = &systems.section.declared;
        Self {
            clients: clients.declared.keys().cloned().collect(),
            systems: declared.keys().map(|name| (name.clone(), !disabled(name))).collect(),
            unread: declared.keys().filter(|name| !loaded.contains(name.as_str())).cloned().collect(),
            routes: routes.declared.keys().cloned().collect(),
            operations: catalogue.iter().map(|entry| entry.spec.name.to_string()).collect(),
        }
    }

    /// A route to or from a system whose settings cannot be read is not compiled: its operations are not known yet.
    pub(crate) fn can_be_compiled(&self, spec: &RouteSpec) -> bool {
        let target = match &spec.to {
            RouteTarget::Operation(operation) => Some(operation.system()),
            RouteTarget::Inbox(_) | RouteTarget::Message(_) => None,
        };
        let source = match &spec.from {
            RouteSource::System(system) => Some(system.as_str()),
            RouteSource::AnswerOf(operation) => Some(operation.system()),
            RouteSource::Clients(_) | RouteSource::AnyClient | RouteSource::Gateway => None,
        };
        let filled = spec.patterns.enrich.iter().map(|enrich| enrich.operation.system());
        let awaited = spec.patterns.awaits.iter().flat_map(|awaits| &awaits.any_of).map(|awaited| awaited.system());
        let operations = spec.operations.iter().map(|operation| operation.system());
        !operations.chain(filled).chain(awaited).chain(target).chain(source).any(|system| self.unread.contains(system))
    }

    /// Flows that look at nothing of a system whose settings cannot be read.
    pub(crate) fn known_flows(&self, flows: Vec<FlowSpec>) -> Vec<FlowSpec> {
        let unread = |what: &MatchSpec| self.unread.contains(what.operation.system());
        let is_known = |flow: &FlowSpec| {
            let steps = flow.steps.iter().flat_map(|step| &step.completed_by);
            let ends = flow.ends.iter().map(|end| &end.on);
            let edges = flow.begins.iter().chain(&flow.pauses).chain(&flow.resumes);
            !edges.chain(steps).chain(ends).any(unread)
        };
        flows.into_iter().filter(is_known).collect()
    }

    /// What clients, routes and tests name.
    pub(crate) fn check(
        &self,
        clients: &Section<ClientModel>,
        routes: &Section<RouteModel>,
        tests: &[At<TestModel>],
        problems: &mut Problems,
    ) {
        self.check_clients(clients, problems);
        self.check_routes(routes, problems);
        self.check_tests(tests, problems);
    }

    fn check_clients(&self, clients: &Section<ClientModel>, problems: &mut Problems) {
        let read = clients.read.iter().map(|at| (&at.file, &at.node));
        let unread = clients.unread.iter().map(|(file, node)| (file, node));
        for (file, node) in read.chain(unread) {
            for item in node.get("operations").map(Node::items).unwrap_or_default() {
                let from = From { file, place: item.place };
                match read_item::<PatternModel>(item).map(|pattern| pattern.0) {
                    None | Some(OperationPattern::Any) => {}
                    Some(OperationPattern::System(system)) => self.system(system.as_str(), &from, problems),
                    Some(OperationPattern::One(operation)) => self.operation(operation.as_str(), &from, problems),
                }
            }
        }
    }

    /// Unknown operations and sources of routes are the engine's to report; here: clients, and systems that are not running.
    fn check_routes(&self, routes: &Section<RouteModel>, problems: &mut Problems) {
        for (file, node) in &routes.unread {
            self.check_unread_route(file, node, problems);
        }
        for At { value, file, node } in &routes.read {
            match &value.from {
                FromModel::AnyClient => {}
                FromModel::Clients(clients) => {
                    for (index, client) in clients.iter().enumerate() {
                        self.client(client.as_str(), &at(file, node, &format!("/from/clients/{index}")), problems);
                    }
                }
                FromModel::System(system) => {
                    self.running(system.as_str(), value.enabled, &at(file, node, "/from/system"), problems);
                }
                FromModel::Gateway => {}
                FromModel::AnswerOf(operation) => {
                    self.running(operation.system(), value.enabled, &at(file, node, "/from/answer_of"), problems);
                }
            }
            if let Some(enrich) = &value.enrich {
                let from = at(file, node, "/enrich/operation");
                self.running(enrich.operation.system(), value.enabled, &from, problems);
            }
            match &value.to {
                ToModel::Inbox(client) => self.client(client.as_str(), &at(file, node, "/to/inbox"), problems),
                ToModel::Operation(operation) => {
                    self.running(operation.system(), value.enabled, &at(file, node, "/to/operation"), problems);
                }
                // The engine knows which messages are declared.
                ToModel::Message(_) => {}
            }
        }
    }

    /// A route with a problem of its own never reaches the engine: its names are looked at here.
    fn check_unread_route(&self, file: &str, node: &Node, problems: &mut Problems) {
        for item in node.get("operations").map(Node::items).unwrap_or_default() {
            if let Some(name) = item.text() {
                self.operation(name, &From { file, place: item.place }, problems);
            }
        }
        if let Some(FromModel::Clients(clients)) = node.get("from").and_then(read_item) {
            for (index, client) in clients.iter().enumerate() {
                self.client(client.as_str(), &at(file, node, &format!("/from/clients/{index}")), problems);
            }
        }
        match node.get("to").and_then(read_item) {
            Some(ToModel::Inbox(client)) => self.client(client.as_str(), &at(file, node, "/to/inbox"), problems),
            Some(ToModel::Operation(name)) => self.operation(name.as_str(), &at(file, node, "/to/operation"), problems),
            Some(ToModel::Message(name)) => self.operation(name.as_str(), &at(file, node, "/to/message"), problems),
            None => {}
        }
    }

    fn check_tests(&self, tests: &[At<TestModel>], problems: &mut Problems) {
        for At { value, file, node } in tests {
            match &value.from {
                SenderModel::Client(client) => self.client(client.as_str(), &at(file, node, "/from/client"), problems),
                SenderModel::System(system) => self.system(system.as_str(), &at(file, node, "/from/system"), problems),
                SenderModel::Gateway => {}
                SenderModel::AnswerOf(system) => {
                    self.system(system.as_str(), &at(file, node, "/from/answer_of"), problems);
                }
            }
            self.operation(value.operation.as_str(), &at(file, node, "/operation"), problems);
            let ExpectModel::Deliveries(deliveries) = &value.expect else { continue };
            for (index, delivery) in deliveries.iter().enumerate() {
                let from = at(file, node, &format!("/expect/deliveries/{index}/route"));
                let name = delivery.route.as_str();
                let known = self.routes.iter().map(String::as_str);
                dangling(self.routes.contains(name), "route", name, known, &from, problems);
            }
        }
    }

    /// A client that another section names.
    pub(crate) fn check_client(&self, name: &str, (file, place): (&str, Place), problems: &mut Problems) {
        self.client(name, &From { file, place }, problems);
    }

    /// An operation that another section names.
    pub(crate) fn check_operation(&self, name: &str, (file, place): (&str, Place), problems: &mut Problems) {
        self.operation(name, &From { file, place }, problems);
    }

    fn client(&self, name: &str, from: &From<'_>, problems: &mut Problems) {
        let known = self.clients.iter().map(String::as_str);
        dangling(self.clients.contains(name), "client", name, known, from, problems);
    }

    fn system(&self, name: &str, from: &From<'_>, problems: &mut Problems) {
        let known = self.systems.keys().map(String::as_str);
        dangling(self.systems.contains_key(name), "system", name, known, from, problems);
    }

    fn operation(&self, name: &str, from: &From<'_>, problems: &mut Problems) {
        let system = name.split_once('.').map_or("", |(system, _)| system);
        let known = self.operations.iter().map(String::as_str);
        let there = self.operations.contains(name) || self.unread.contains(system);
        dangling(there, "operation", name, known, from, problems);
    }

    fn running(&self, system: &str, route_enabled: bool, from: &From<'_>, problems: &mut Problems) {
        if route_enabled && self.systems.get(system) == Some(&false) {
            let remedy = "disable the route too; to stop sending for a while, enable the system and pause it";
            problems.note(from.file, from.place, format!("system `{system}` is disabled"), remedy);
        }
    }
}

/// A part that can be read although the whole cannot; what is wrong with it was told with the whole.
fn read_item<T: DeserializeOwned + JsonSchema>(node: &Node) -> Option<T> {
    read(node).0
}

fn at<'a>(file: &'a str, node: &Node, pointer: &str) -> From<'a> {
    From { file, place: node.locate(pointer).place }
}

fn dangling<'k>(
    there: bool,
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'k str> + Clone,
    from: &From<'_>,
    problems: &mut Problems,
) {
    if there {
        return;
    }
    let remedy = match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.clone().next().is_none() => format!("add the {what}"),
        None => format!("add the {what}, or use one of {}", known.take(12).collect::<Vec<_>>().join(", ")),
    };
    problems.note(from.file, from.place, format!("there is no {what} `{name}`"), remedy);
}
