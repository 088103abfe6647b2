//! Tests of validation: each mistake is told with its pointer.

use serde_json::{Value, json};

use crate::config::RestConfig;
use crate::tests::language::Tiny;

fn good() -> Value {
    json!({
        "endpoints": [{ "name": "a", "base": "https://api.test/v1" }],
        "operations": [{
            "name": "send-permit", "summary": "Sends a permit.", "effect": "once",
            "request": { "method": "POST", "path": "permits/{.code}", "body": {} },
            "outcomes": [{ "when": { "status": [201] }, "then": "success" }],
            "lookup": {
                "request": { "path": "permits/{.code}" }, "settle": "10s", "decide": ".decision = \"unknown\""
            },
            "input": { "type": "object" }, "example": { "code": "GP-1" }, "key_field": "/code", "personal": ["/owner/name"]
        }]
    })
}

fn pointers(config: Value) -> Vec<String> {
    let config: RestConfig = serde_json::from_value(config).unwrap();
    let mut found = config.validate();
    if found.is_empty() {
        found = config.trial(&"permits".parse().unwrap(), &Tiny);
    }
    found.into_iter().map(|(pointer, _)| pointer).collect()
}

fn with(pointer: &str, value: Value) -> Value {
    let mut config = good();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match config.pointer_mut(parent).unwrap() {
        Value::Object(object) => {
            object.insert(name.to_owned(), value);
        }
        Value::Array(list) => list[name.parse::<usize>().unwrap()] = value,
        other => panic!("{other}"),
    }
    config
}

#[test]
fn a_good_configuration_has_no_problem() {
    assert_eq!(pointers(good()), Vec::<String>::new());
}

#[test]
fn each_mistake_is_told_where_it_is() {
    let op = "/operations/0";
    for (pointer, value, told) in [
        ("/endpoints", json!([]), "/endpoints"),
        ("/active", json!("b"), "/active"),
        ("/endpoints/0/base", json!("http://far.test"), "/endpoints/0/base"),
        ("/headers", json!({ "Content-Length": "1" }), "/headers/Content-Length"),
        ("/headers", json!({ "Authorization": "Basic abc" }), "/headers/Authorization"),
        ("/headers", json!({ "X": "Đ" }), "/headers/X"),
        ("/probe", json!({ "path": "x", "method": "POST" }), "/probe/method"),
        ("/probe", json!({ "path": "{.x}" }), "/probe/path"),
        ("/outcomes", json!([{ "when": {}, "then": "rejected" }]), "/outcomes/0/when"),
        ("/outcomes", json!([{ "when": { "equals": 1 }, "then": "rejected" }]), "/outcomes/0/when"),
        ("/outcomes", json!([{ "when": { "at": "/a" }, "then": "rejected" }]), "/outcomes/0/when/at"),
        ("/outcomes", json!([{ "when": { "at": "a", "exists": true }, "then": "rejected" }]), "/outcomes/0/when/at"),
        ("/outcomes", json!([{ "when": { "status": [500] }, "then": "success" }]), "/outcomes/0/when/status"),
        (
            "/outcomes",
            json!([{ "when": { "page_contains": ["ok!"] }, "then": "success" }]),
            "/outcomes/0/when/page_contains",
        ),
        (
            "/outcomes",
            json!([{ "when": { "at": "/m", "contains": ["no"] }, "then": "rejected" }]),
            "/outcomes/0/when/contains/0",
        ),
        ("/operations/0/name", json!("Send Permit"), "/operations/0/name"),
        ("/operations/0/summary", json!("no full stop"), "/operations/0/summary"),
        ("/operations/0/snapshot", json!(true), "/operations/0/snapshot"),
        ("/operations/0/outcomes", json!([]), "/operations/0/outcomes"),
        ("/operations/0/request/path", json!("permits/{code}"), "/operations/0/request/path"),
        ("/operations/0/request/path", json!("permits?x=1"), "/operations/0/request/path"),
        ("/operations/0/request/path", json!("../{.code}"), "/operations/0/request/path"),
        ("/operations/0/request/query", json!({ "a": "{" }), "/operations/0/request/query/a"),
        ("/operations/0/request/method", json!("GET"), "/operations/0/request/body"),
        ("/operations/0/request/body", json!({ "as": "xml" }), "/operations/0/request/body/xml"),
        ("/operations/0/request/body", json!({ "files": ["a"] }), "/operations/0/request/body/files"),
        ("/operations/0/request/map", json!("nonsense"), "/operations/0/request/map"),
        ("/operations/0/answer", json!({ "limit": 0 }), "/operations/0/answer/limit"),
        ("/operations/0/answer", json!({ "lists": ["a"] }), "/operations/0/answer/lists"),
        ("/operations/0/answer", json!({ "headers": ["ETag"] }), "/operations/0/answer/headers/0"),
        ("/operations/0/effect", json!("upsert"), "/operations/0/lookup"),
        ("/operations/0/lookup/decide", json!("nonsense"), "/operations/0/lookup/decide"),
        ("/operations/0/input", json!("object"), "/operations/0/input"),
        ("/operations/0/example", json!({ "other": 1 }), "/operations/0/key_field"),
        ("/operations/0/key_field", json!("code"), "/operations/0/key_field"),
        ("/operations/0/personal", json!(["name"]), "/operations/0/personal/0"),
        ("/operations/0/body_limit", json!(0), "/operations/0/body_limit"),
    ] {
        let found = pointers(with(pointer, value.clone()));
        assert!(found.iter().any(|one| one == told), "{pointer} = {value}: {found:?} lacks {told} ({op})");
    }
}

#[test]
fn a_request_that_does_not_work_with_the_example_is_told_when_it_is_loaded() {
    let found = pointers(with("/operations/0/request/path", json!("permits/{.number}")));
    assert_eq!(found, ["/operations/0/request"]);
    let found = pointers(with("/operations/0/lookup/request", json!({ "path": "permits/{.number}" })));
    assert_eq!(found, ["/operations/0/lookup/request"]);
}

#[test]
fn two_operations_cannot_have_one_name() {
    let mut config = good();
    let again = config["operations"][0].clone();
    config["operations"].as_array_mut().unwrap().push(again);
    assert_eq!(pointers(config), ["/operations/1/name"]);
}
