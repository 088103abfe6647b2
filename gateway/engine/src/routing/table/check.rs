//! What can be told of a route without running it: names, sources, targets, pointers. It compiles no program.

use std::collections::{HashMap, HashSet};

use lienthong_core::{Effect, OperationName, RouteName, SystemId};

use crate::routing::catalogue::{Catalogue, Entry};
use crate::routing::problem::RouteProblem;
use crate::routing::route::{OrderKeySpec, RouteSource, RouteSpec, RouteTarget};

mod patterns;

pub(super) use patterns::loops;

/// Most names offered as a correction.
const OFFERED: usize = 8;

/// Names that stand twice: a delivery finds its route by name.
pub(super) fn names(specs: &[RouteSpec]) -> Vec<RouteProblem> {
    let mut first: HashMap<&RouteName, &RouteSpec> = HashMap::new();
    let mut problems = Vec::new();
    for spec in specs {
        match first.get(&spec.name) {
            Some(other) => {
                let what = format!("route {} stands already at {}:{}", spec.name, other.file, other.line);
                problems.push(problem(spec, what, "give each route a name of its own"));
            }
            None => {
                first.insert(&spec.name, spec);
            }
        }
    }
    problems
}

/// Everything else about one route.
pub(super) fn spec(spec: &RouteSpec, catalogue: &Catalogue) -> Vec<RouteProblem> {
    let mut problems = source(spec);
    problems.extend(operations(spec, catalogue));
    problems.extend(target(spec, catalogue));
    if let OrderKeySpec::Pointer(pointer) = &spec.order_key
        && !is_pointer(pointer)
    {
        let what = format!("the order key `{pointer}` is no JSON pointer to a field");
        problems.push(problem(spec, what, "write it as in RFC 6901: `/dossier/code`, with `~1` for a `/` in a name"));
    }
    problems.extend(patterns::check(spec, catalogue));
    problems
}

fn problem(spec: &RouteSpec, what: String, remedy: impl Into<String>) -> RouteProblem {
    RouteProblem { file: spec.file.clone(), line: spec.line, column: None, problem: what, remedy: remedy.into() }
}

fn source(spec: &RouteSpec) -> Vec<RouteProblem> {
    let mut problems = Vec::new();
    if matches!(&spec.from, RouteSource::Clients(clients) if clients.is_empty()) {
        let what = format!("route {} takes from no client", spec.name);
        problems.push(problem(spec, what, "name its clients, or set `enabled: false`"));
    }
    if spec.operations.is_empty() {
        let what = format!("route {} takes no operation", spec.name);
        problems.push(problem(spec, what, "name the operations it takes"));
    }
    let mut seen = HashSet::new();
    for twice in spec.operations.iter().filter(|operation| !seen.insert(*operation)) {
        problems.push(problem(spec, format!("route {} names {twice} twice", spec.name), "name it once"));
    }
    problems
}

fn operations(spec: &RouteSpec, catalogue: &Catalogue) -> Vec<RouteProblem> {
    spec.operations.iter().filter_map(|operation| taken(spec, operation, catalogue)).collect()
}

/// Whether the sender can bring this operation.
fn taken(spec: &RouteSpec, operation: &OperationName, catalogue: &Catalogue) -> Option<RouteProblem> {
    let Some(entry) = catalogue.get(operation) else {
        return Some(unknown(spec, operation, catalogue, |_| true));
    };
    match &spec.from {
        RouteSource::System(system) if !(entry.inbound && operation.system() == system.as_str()) => {
            let what = format!("{system} pushes no {operation}");
            Some(problem(spec, what, pushed_by(system, catalogue)))
        }
        RouteSource::Clients(_) | RouteSource::AnyClient if entry.inbound => {
            let what = format!("{operation} is pushed by {}, no client can ask for it", operation.system());
            Some(problem(spec, what, format!("take it from the system {}", operation.system())))
        }
        RouteSource::Gateway if !entry.message => {
            let what = format!("{operation} is no declared message: no route of the gateway makes it");
            let names = names_where(catalogue, |entry| entry.message);
            let remedy =
                if names.is_empty() { "declare it in messages/".to_owned() } else { format!("declared are {names}") };
            Some(problem(spec, what, remedy))
        }
        RouteSource::AnswerOf(asked) if asked != operation => {
            let what = format!("route {} takes the answers of {asked}, not {operation}", spec.name);
            Some(problem(spec, what, "leave `operations` out: the answers are those of one operation"))
        }
        RouteSource::AnswerOf(_) if entry.inbound || entry.message => {
            let what = format!("{operation} is sent to no system, so nothing answers it");
            Some(problem(spec, what, "name an operation that routes send to a system"))
        }
        RouteSource::System(_)
        | RouteSource::Clients(_)
        | RouteSource::AnyClient
        | RouteSource::Gateway
        | RouteSource::AnswerOf(_) => None,
    }
}

fn pushed_by(system: &SystemId, catalogue: &Catalogue) -> String {
    let names = names_where(catalogue, |entry| entry.inbound && entry.spec.name.system() == system.as_str());
    if names.is_empty() { format!("{system} pushes nothing") } else { format!("it pushes {names}") }
}

fn target(spec: &RouteSpec, catalogue: &Catalogue) -> Vec<RouteProblem> {
    let snapshots =
        "only the newest state of an operation declared a snapshot may replace older ones; remove `supersede`";
    let operation = match &spec.to {
        RouteTarget::Inbox(client) if spec.supersede => {
            let what = format!("messages to the inbox of {client} are no snapshots");
            return vec![problem(spec, what, snapshots)];
        }
        RouteTarget::Inbox(_) => return Vec::new(),
        RouteTarget::Message(message) => return patterns::to_message(spec, message, catalogue),
        RouteTarget::Operation(operation) => operation,
    };
    let Some(entry) = catalogue.get(operation) else {
        return vec![unknown(spec, operation, catalogue, |entry| !entry.inbound)];
    };
    if entry.inbound {
        let what = format!("{operation} is what {} pushes, it cannot be sent to", operation.system());
        let names = names_where(catalogue, |entry| !entry.inbound && !entry.message);
        return vec![problem(spec, what, format!("send to one of {names}, or to an inbox"))];
    }
    if entry.message {
        let what = format!("{operation} is a declared message, no operation of a system");
        return vec![problem(spec, what, format!("write `message: {operation}`"))];
    }
    let mut problems = Vec::new();
    if spec.supersede && !entry.spec.snapshot {
        problems.push(problem(spec, format!("{operation} is no snapshot"), snapshots));
    }
    problems.extend(spec.operations.iter().filter_map(|asked| effects(spec, asked, entry, catalogue)));
    problems
}

/// A submission must not end in a question, and a question must not change anything.
fn effects(spec: &RouteSpec, asked: &OperationName, target: &Entry, catalogue: &Catalogue) -> Option<RouteProblem> {
    let answers = matches!(spec.from, RouteSource::AnswerOf(_));
    let asked_reads = catalogue.get(asked)?.spec.effect == Effect::Read && !answers;
    let target_reads = target.spec.effect == Effect::Read;
    let name = &target.spec.name;
    match (asked_reads, target_reads) {
        (true, true) | (false, false) => None,
        (false, true) => Some(problem(
            spec,
            format!("{asked} is a submission, and {name} only reads: nothing would be delivered"),
            "send it to an operation that changes something, or to an inbox",
        )),
        (true, false) => Some(problem(
            spec,
            format!("{asked} only reads, and {name} changes something"),
            "answer it from a `read` operation",
        )),
    }
}

fn unknown(
    spec: &RouteSpec,
    operation: &OperationName,
    catalogue: &Catalogue,
    fits: impl Fn(&Entry) -> bool,
) -> RouteProblem {
    let same = names_where(catalogue, |entry| fits(entry) && entry.spec.name.system() == operation.system());
    let all = names_where(catalogue, |entry| fits(entry));
    let known = if same.is_empty() { all } else { same };
    let remedy = if known.is_empty() { "no system is configured".to_owned() } else { format!("known are {known}") };
    problem(spec, format!("there is no operation {operation}"), remedy)
}

fn names_where(catalogue: &Catalogue, fits: impl Fn(&Entry) -> bool) -> String {
    let names: Vec<&str> =
        catalogue.iter().filter(|entry| fits(entry)).map(|entry| entry.spec.name.as_str()).take(OFFERED + 1).collect();
    match names.get(..OFFERED) {
        Some(first) if names.len() > OFFERED => format!("{}, …", first.join(", ")),
        Some(_) | None => names.join(", "),
    }
}

/// RFC 6901, without the empty pointer: the whole body orders nothing.
fn is_pointer(text: &str) -> bool {
    let escapes_hold = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    text.starts_with('/') && escapes_hold
}
