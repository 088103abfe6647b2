//! Expected against made messages of one delivery, one line or more each. It makes none.

use lienthong_core::BusinessKey;
use serde_json::Value;

use super::super::ExpectedChild;
use super::super::made::MadeChild;
use super::{fault, fields, told};

/// What differs; empty when nothing does.
pub(super) fn differing(expected: &[ExpectedChild], made: &[MadeChild]) -> Vec<String> {
    if expected.len() != made.len() {
        return vec![format!("expected {} messages, got {}", expected.len(), made.len())];
    }
    let pairs = expected.iter().zip(made).zip(1..);
    pairs
        .flat_map(|((expected, made), place)| {
            one(expected, made).into_iter().map(move |line| format!("message {place}: {line}"))
        })
        .collect()
}

fn one(expected: &ExpectedChild, made: &MadeChild) -> Vec<String> {
    match (&made.made, expected.fault) {
        (Err(got), Some((kind, code))) => fault(kind, code, got),
        (Err(got), None) => vec![format!("it is none: {}", told(got))],
        (Ok(_), Some((kind, _))) => vec![format!("expected the fault {}, and it is made", kind.as_str())],
        (Ok((key, body)), None) => message(expected, key, body, made.recognised_by.as_ref()),
    }
}

fn message(expected: &ExpectedChild, key: &BusinessKey, body: &Value, recognised_by: Option<&Value>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(wanted) = expected.key.as_ref().filter(|wanted| *wanted != key) {
        lines.push(format!("expected the key {wanted}, got {key}"));
    }
    let differing = expected.body.as_ref().map(|wanted| fields(wanted, body)).unwrap_or_default();
    if !differing.is_empty() {
        lines.push("the body differs".to_owned());
        lines.extend(differing);
    }
    if let Some(wanted) = &expected.recognised_by {
        let got = recognised_by.unwrap_or(&Value::Null);
        let differing = fields(wanted, got);
        if !differing.is_empty() {
            lines.push("what it is recognised by differs".to_owned());
            lines.extend(differing);
        }
    }
    lines
}
