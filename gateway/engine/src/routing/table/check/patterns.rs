//! What can be told of a route's patterns without running them, and of chains of routes that would never end. It compiles no program.

use std::collections::{BTreeMap, BTreeSet};

use lienthong_core::{Effect, OperationName};

use super::{is_pointer, names_where, problem, unknown};
use crate::routing::catalogue::Catalogue;
use crate::routing::patterns::{AwaitSpec, EnrichSpec, Patterns};
use crate::routing::problem::RouteProblem;
use crate::routing::route::{RouteSource, RouteSpec, RouteTarget};

/// Everything about a route's own patterns.
pub(super) fn check(spec: &RouteSpec, catalogue: &Catalogue) -> Vec<RouteProblem> {
    let Patterns { awaits, enrich, split, recognise, tap } = &spec.patterns;
    let mut problems = Vec::new();
    problems.extend(awaits.iter().flat_map(|awaits| awaited(spec, awaits, catalogue)));
    problems.extend(enrich.iter().flat_map(|enrich| filled(spec, enrich, catalogue)));
    let is_message = matches!(spec.to, RouteTarget::Message(_));
    for (given, what) in [(split.is_some(), "split"), (recognise.is_some(), "recognise")] {
        if given && !is_message {
            let told = format!("route {} has `{what}` and makes no declared message", spec.name);
            problems.push(problem(spec, told, "lead it `to: { message: … }`, and take that message in another route"));
        }
    }
    if let Some(split) = split
        && !is_pointer(&split.items)
    {
        problems.push(no_pointer(spec, "split/items", &split.items));
    }
    if *tap && spec.stop {
        let told = format!("route {} taps and stops: what takes a copy takes nothing away", spec.name);
        problems.push(problem(spec, told, "remove `stop` or `tap`"));
    }
    let asked = spec.operations.iter().filter(|_| !matches!(spec.from, RouteSource::AnswerOf(_)));
    let reads = asked.filter_map(|operation| catalogue.get(operation)).any(|entry| entry.spec.effect == Effect::Read);
    if reads && (awaits.is_some() || enrich.is_some() || *tap) {
        let told = format!("route {} answers questions, which neither wait nor are filled in or tapped", spec.name);
        problems.push(problem(spec, told, "remove `await`, `enrich` and `tap`"));
    }
    problems
}

/// What a route to a declared message must be.
pub(super) fn to_message(spec: &RouteSpec, message: &OperationName, catalogue: &Catalogue) -> Vec<RouteProblem> {
    let mut problems = Vec::new();
    match catalogue.get(message) {
        None => problems.push(unknown_message(spec, message, catalogue)),
        Some(entry) if !entry.message => {
            let told = format!("{message} is an operation of {}, no declared message", message.system());
            problems.push(problem(spec, told, format!("write `operation: {message}`")));
        }
        Some(_) => {}
    }
    if spec.supersede {
        let told = format!("route {} makes messages, which are no snapshots", spec.name);
        problems.push(problem(spec, told, "remove `supersede`; a route that takes the message may have it"));
    }
    problems
}

fn unknown_message(spec: &RouteSpec, message: &OperationName, catalogue: &Catalogue) -> RouteProblem {
    let names = names_where(catalogue, |entry| entry.message);
    let remedy = if names.is_empty() { "declare it in messages/".to_owned() } else { format!("declared are {names}") };
    problem(spec, format!("there is no message {message}"), remedy)
}

fn awaited(spec: &RouteSpec, awaits: &AwaitSpec, catalogue: &Catalogue) -> Vec<RouteProblem> {
    let mut problems = Vec::new();
    if awaits.any_of.is_empty() {
        let told = format!("route {} waits for nothing", spec.name);
        problems.push(problem(spec, told, "name what must come first in `any_of`, or remove `await`"));
    }
    for operation in &awaits.any_of {
        match catalogue.get(operation) {
            None => problems.push(unknown(spec, operation, catalogue, |_| true)),
            Some(entry) if entry.spec.effect == Effect::Read => {
                let told = format!("{operation} only reads: nobody's dossier comes by it");
                problems.push(problem(spec, told, "wait for what is pushed, made or sent"));
            }
            Some(_) => {}
        }
    }
    problems
}

fn filled(spec: &RouteSpec, enrich: &EnrichSpec, catalogue: &Catalogue) -> Vec<RouteProblem> {
    let mut problems = Vec::new();
    let operation = &enrich.operation;
    match catalogue.get(operation) {
        None => problems.push(unknown(spec, operation, catalogue, |entry| entry.spec.is_callable() && !entry.inbound)),
        Some(entry) if entry.spec.effect != Effect::Read || entry.inbound => {
            let names = names_where(catalogue, |entry| entry.spec.is_callable() && !entry.inbound);
            let told = format!("{operation} does more than read: it cannot fill a message in");
            problems.push(problem(spec, told, format!("ask one of {names}")));
        }
        Some(_) => {}
    }
    if !is_pointer(&enrich.into) {
        problems.push(no_pointer(spec, "enrich/into", &enrich.into));
    }
    problems
}

fn no_pointer(spec: &RouteSpec, what: &str, pointer: &str) -> RouteProblem {
    let told = format!("`{what}` of route {}, `{pointer}`, is no JSON pointer to a field", spec.name);
    problem(spec, told, "write it as in RFC 6901: `/owner/record`")
}

/// A thing that can be routed: what is asked or made, or the answer to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Asked(OperationName),
    Answer(OperationName),
}

impl Node {
    fn told(&self) -> String {
        match self {
            Self::Asked(operation) => operation.to_string(),
            Self::Answer(operation) => format!("the answer of {operation}"),
        }
    }
}

/// Chains that lead back to where they began: one problem each, at the route that closes it.
pub(in crate::routing::table) fn loops<'s>(specs: impl Iterator<Item = &'s RouteSpec>) -> Vec<RouteProblem> {
    let mut edges: BTreeMap<Node, Vec<(Node, &RouteSpec)>> = BTreeMap::new();
    for spec in specs.filter(|spec| spec.enabled) {
        let to = match &spec.to {
            RouteTarget::Operation(operation) => Node::Answer(operation.clone()),
            RouteTarget::Message(message) => Node::Asked(message.clone()),
            RouteTarget::Inbox(_) => continue,
        };
        for operation in &spec.operations {
            let from = match spec.from {
                RouteSource::AnswerOf(_) => Node::Answer(operation.clone()),
                RouteSource::Clients(_) | RouteSource::AnyClient | RouteSource::System(_) | RouteSource::Gateway => {
                    Node::Asked(operation.clone())
                }
            };
            edges.entry(from).or_default().push((to.clone(), spec));
        }
    }
    let mut search = Search { edges: &edges, path: Vec::new(), done: BTreeSet::new(), problems: Vec::new() };
    edges.keys().for_each(|node| search.visit(node));
    search.problems
}

struct Search<'e> {
    edges: &'e BTreeMap<Node, Vec<(Node, &'e RouteSpec)>>,
    path: Vec<Node>,
    done: BTreeSet<Node>,
    problems: Vec<RouteProblem>,
}

impl Search<'_> {
    fn visit(&mut self, node: &Node) {
        if self.done.contains(node) {
            return;
        }
        self.path.push(node.clone());
        for (to, spec) in self.edges.get(node).into_iter().flatten() {
            match self.path.iter().position(|passed| passed == to) {
                Some(first) => {
                    let around = self.path.iter().skip(first).chain([to]).map(Node::told).collect::<Vec<_>>();
                    let told = format!("route {} closes a loop: {}", spec.name, around.join(" → "));
                    self.problems.push(problem(spec, told, "break it: what comes of a message must not make it again"));
                }
                None => self.visit(to),
            }
        }
        self.path.pop();
        self.done.insert(node.clone());
    }
}
