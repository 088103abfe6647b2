//! Expected against made, as lines a person reads: field by field, nothing repeated that agrees. It runs no route.

mod children;

use lienthong_core::exchange::Stage;
use lienthong_core::text::excerpt;
use lienthong_core::{Fault, FaultCode, FaultKind};
use serde_json::Value;

use super::{ExpectedDelivery, Made};
use crate::routing::route::RouteTarget;
use crate::routing::value::escaped;

/// Most differing fields shown of one body.
const FIELDS: usize = 20;
/// Longest value shown, in characters.
const VALUE_CHARS: usize = 120;

/// What differs between the deliveries; empty when nothing does.
pub(super) fn deliveries(expected: &[ExpectedDelivery], made: &[Made]) -> Vec<String> {
    let mut lines = Vec::new();
    for place in 0..expected.len().max(made.len()) {
        match (expected.get(place), made.get(place)) {
            (Some(expected), Some(made)) => lines.extend(delivery(place + 1, expected, made)),
            (Some(expected), None) => {
                lines.push(format!("delivery {}: expected route {}, got none", place + 1, expected.route))
            }
            (None, Some(made)) => {
                lines.push(format!("delivery {}: expected none, got route {}", place + 1, made.route.spec.name))
            }
            (None, None) => {}
        }
    }
    lines
}

fn delivery(place: usize, expected: &ExpectedDelivery, made: &Made) -> Vec<String> {
    let ExpectedDelivery { route, to, order_key, body, stages, asks, children } = expected;
    let spec = &made.route.spec;
    if *route != spec.name {
        return vec![format!("delivery {place}: expected route {route}, got route {}", spec.name)];
    }
    let mut lines = Vec::new();
    if let Some(to) = to.as_ref().filter(|to| **to != spec.to) {
        lines.push(format!(
            "delivery {place} (route {route}): expected {}, it goes to {}",
            target(to),
            target(&spec.to)
        ));
    }
    if let Some(key) = order_key.as_ref().filter(|key| **key != made.order_key) {
        lines.push(format!("delivery {place} (route {route}): expected the order key {key}, got {}", made.order_key));
    }
    let differing = body.as_ref().map(|body| fields(body, &made.body)).unwrap_or_default();
    if !differing.is_empty() {
        lines.push(format!("delivery {place} (route {route}): the body differs"));
        lines.extend(differing);
    }
    if let Some(stages) = stages.as_ref().filter(|stages| **stages != made.stages) {
        let told = |stages: &[Stage]| stages.iter().map(|stage| named_stage(*stage)).collect::<Vec<_>>().join(", ");
        let (expected, got) = (told(stages), told(&made.stages));
        lines.push(format!("delivery {place} (route {route}): expected the stages [{expected}], got [{got}]"));
    }
    if let Some(asks) = asks {
        let asked = made.asks.as_ref().map(|asked| fields(asks, asked));
        let differing = asked.unwrap_or_else(|| vec!["  nothing is asked".to_owned()]);
        if !differing.is_empty() {
            lines.push(format!("delivery {place} (route {route}): the question differs"));
            lines.extend(differing);
        }
    }
    if let Some(children) = children {
        let differing = self::children::differing(children, &made.children);
        lines.extend(differing.into_iter().map(|line| format!("delivery {place} (route {route}), {line}")));
    }
    lines
}

fn named_stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Await => "await",
        Stage::Enrich => "enrich",
        Stage::Target => "target",
    }
}

fn target(target: &RouteTarget) -> String {
    match target {
        RouteTarget::Operation(operation) => format!("operation {operation}"),
        RouteTarget::Inbox(client) => format!("the inbox of {client}"),
        RouteTarget::Message(message) => format!("message {message}"),
    }
}

/// One line for each field that differs, the first [`FIELDS`] of them.
pub(super) fn fields(expected: &Value, got: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    compare(expected, got, &mut String::new(), &mut lines);
    let more = lines.len().saturating_sub(FIELDS);
    lines.truncate(FIELDS);
    if more > 0 {
        lines.push(format!("  … and {more} more"));
    }
    lines
}

fn compare(expected: &Value, got: &Value, pointer: &mut String, lines: &mut Vec<String>) {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            let added = got.keys().filter(|name| !expected.contains_key(*name));
            for name in expected.keys().chain(added) {
                at(pointer, &escaped(name), |pointer| pair(expected.get(name), got.get(name), pointer, lines));
            }
        }
        (Value::Array(expected), Value::Array(got)) => {
            for index in 0..expected.len().max(got.len()) {
                at(pointer, &index.to_string(), |pointer| pair(expected.get(index), got.get(index), pointer, lines));
            }
        }
        (expected, got) if expected == got => {}
        (expected, got) => {
            lines.push(format!("  {}: expected {}, got {}", named(pointer), shown(expected), shown(got)))
        }
    }
}

fn at(pointer: &mut String, part: &str, compare: impl FnOnce(&mut String)) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(part);
    compare(pointer);
    pointer.truncate(length);
}

fn pair(expected: Option<&Value>, got: Option<&Value>, pointer: &mut String, lines: &mut Vec<String>) {
    match (expected, got) {
        (Some(expected), Some(got)) => compare(expected, got, pointer, lines),
        (Some(expected), None) => {
            lines.push(format!("  {}: expected {}, it is missing", named(pointer), shown(expected)))
        }
        (None, Some(got)) => lines.push(format!("  {}: not expected, got {}", named(pointer), shown(got))),
        (None, None) => {}
    }
}

fn named(pointer: &str) -> &str {
    if pointer.is_empty() { "the body" } else { pointer }
}

fn shown(value: &Value) -> String {
    excerpt(&value.to_string(), VALUE_CHARS)
}

/// What differs between the expected and the real fault.
pub(super) fn fault(kind: FaultKind, code: Option<FaultCode>, fault: &Fault) -> Vec<String> {
    let is_expected = fault.kind == kind && code.is_none_or(|code| code == fault.code);
    if is_expected {
        return Vec::new();
    }
    let expected =
        code.map_or_else(|| kind.as_str().to_owned(), |code| format!("{} ({})", kind.as_str(), code.as_str()));
    vec![format!("expected the fault {expected}, got {}", told(fault))]
}

/// A fault with its field problems, on several lines.
pub(super) fn told(fault: &Fault) -> String {
    let mut text = format!("{} ({}): {}", fault.kind.as_str(), fault.code.as_str(), fault.detail);
    for problem in &fault.problems {
        let class = problem.value_class.as_deref().map(|class| format!(" ({class})")).unwrap_or_default();
        text.push_str(&format!("\n  {}: {}{class}", named(&problem.pointer), problem.problem));
    }
    text
}
