//! What schemas refuse, and how it is told.

use lienthong_core::inbound::InboundOperation;
use serde_json::json;

use super::*;
use crate::routing::fixture::{catalogue, dossier, dossier_schema, outbound};

fn breaches(body: &Value) -> Vec<(String, String, String)> {
    let catalogue = catalogue();
    let entry = catalogue.get(&"portal.sync-dossier".parse().unwrap()).unwrap();
    let told = entry.validate(body).into_iter();
    told.map(|breach| (breach.pointer, breach.problem, breach.value_class.unwrap())).collect()
}

fn one(pointer: &str, problem: &str, class: &str) -> Vec<(String, String, String)> {
    vec![(pointer.to_owned(), problem.to_owned(), class.to_owned())]
}

fn with(pointer: &str, value: Value) -> Value {
    let mut body = dossier();
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

#[test]
fn a_good_body_passes() {
    assert_eq!(breaches(&dossier()), []);
}

#[test]
fn a_missing_field_is_told_by_the_pointer_it_should_have() {
    assert_eq!(breaches(&json!({"code": "H56.14-250115-0007"})), one("/status", "is required", "missing"));
    assert_eq!(breaches(&with("/fees", json!([{}]))), one("/fees/0/amount", "is required", "missing"));
}

#[test]
fn an_unknown_field_is_told_by_its_own_pointer() {
    let mut body = dossier();
    body["fees"][0]["a/b~c"] = json!(1);
    assert_eq!(breaches(&body), one("/fees/0/a~1b~0c", "is not a known field", "unknown field"));
}

#[test]
fn a_wrong_value_is_told_by_its_class_and_never_repeated() {
    assert_eq!(breaches(&with("/status", json!("4"))), one("/status", "must be integer", "string"));
    assert_eq!(breaches(&with("/status", json!(77))), one("/status", "is more than 10", "integer"));
    let told = breaches(&with("/code", json!("Nguyen Van Mau")));
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].0.as_str(), told[0].2.as_str()), ("/code", "string"));
    assert!(told[0].1.starts_with("must match the pattern ^[A-Z0-9.]+") && !told[0].1.contains("Nguyen"));
}

#[test]
fn formats_are_asserted() {
    let mut body = dossier();
    body["due"] = json!("15/01/2025");
    assert_eq!(breaches(&body), one("/due", "is not a valid date", "string"));
    body["due"] = json!("2025-01-15");
    assert_eq!(breaches(&body), []);
}

#[test]
fn of_several_forms_the_one_that_was_meant_is_told() {
    assert_eq!(breaches(&with("/owner", json!({}))), one("/owner/name", "is required", "missing"));
    assert_eq!(breaches(&with("/owner", json!(7))), one("/owner", "must be object or null", "integer"));
    assert_eq!(breaches(&with("/owner", Value::Null)), []);
}

#[test]
fn tagged_variants_and_listed_texts_are_told_by_what_is_allowed() {
    let variant = |tag: &str, field: &str| json!({"type": "object", "required": ["kind", field], "properties": {"kind": {"const": tag}, field: {"type": "integer"}}});
    let schema = json!({"type": "object", "properties": {
        "event": {"oneOf": [variant("paid", "amount"), variant("refunded", "fee")]},
        "word": {"oneOf": [{"const": "a"}, {"const": "b"}]}
    }});
    let operation = outbound("test.send", Effect::Once, schema, json!({}));
    let catalogue = Catalogue::build(&[operation], &[]).unwrap();
    let entry = catalogue.get(&"test.send".parse().unwrap()).unwrap();
    let told = entry.validate(&json!({"event": {"kind": "paid", "amount": "1"}, "word": "c"}));
    let told: Vec<_> = told.iter().map(|breach| (breach.pointer.as_str(), breach.problem.as_str())).collect();
    assert_eq!(told, [("/event/amount", "must be integer"), ("/word", "must be \"a\" or \"b\"")]);
}

#[test]
fn a_body_full_of_mistakes_is_told_within_bounds() {
    let mut body = dossier();
    for field in 0..500 {
        body[format!("unknown-{field}")] = json!(field);
    }
    body["x".repeat(5_000)] = json!(1);
    let told = breaches(&body);
    assert_eq!(told.len(), limits::FIELD_PROBLEMS);
    assert!(told.iter().all(|(pointer, _, _)| pointer.chars().count() <= 260));
}

#[test]
fn of_a_very_large_body_the_first_mistake_alone_is_told() {
    let fees: Vec<Value> = (0..30_000).map(|_| json!({})).collect();
    let schema = json!({"properties": {"fees": {"items": {"required": ["amount"]}}}});
    let catalogue = Catalogue::build(&[outbound("test.send", Effect::Once, schema, json!({}))], &[]).unwrap();
    let told = catalogue.get(&"test.send".parse().unwrap()).unwrap().validate(&json!({"fees": fees}));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].pointer, "/fees/0/amount");
}

#[test]
fn a_push_is_an_inbound_operation_that_happened_once() {
    let catalogue = catalogue();
    let entry = catalogue.get(&"tax.notify".parse().unwrap()).unwrap();
    assert!(entry.inbound && !entry.spec.snapshot && entry.spec.lookup.is_none());
    assert_eq!(entry.spec.effect, Effect::Once);
}

#[test]
fn every_broken_declaration_is_told_at_once() {
    let broken = outbound("test.broken", Effect::Once, json!({"type": "strnig"}), json!({}));
    let remote = outbound("test.remote", Effect::Once, json!({"$ref": "https://schemas.example/a.json"}), json!({}));
    let example = outbound("test.example", Effect::Once, dossier_schema(), json!({"code": "H56.14-250115-0007"}));
    let twice = || outbound("test.twice", Effect::Once, json!({}), json!({}));
    let push = InboundOperation {
        name: "test.twice".parse().unwrap(),
        summary: "Again.".into(),
        body: json!({}),
        example: json!({}),
        personal: Vec::new(),
    };
    let problems = Catalogue::build(&[broken, remote, example, twice()], &[push]).err().unwrap();
    assert_eq!(problems.len(), 4, "{problems:#?}");
    for (problem, start) in problems.iter().zip([
        "operation test.broken: its input schema is not valid",
        "operation test.remote: its input schema is not valid",
        "operation test.example: its example breaks its input schema at `/status`: is required",
        "operation test.twice: declared twice",
    ]) {
        assert!(problem.starts_with(start), "{problem}");
    }
}
