//! Tests of requests as they arrive: paths, queries, headers, bodies, proofs.

use lienthong_core::{Adapter, CallContext, FaultCode, FaultKind, OnBehalfOf};
use serde_json::json;

use super::server::{Server, Step};
use super::support::{SECRET, bench, built, name, permits};

#[tokio::test]
async fn a_read_is_asked_for_by_path_and_query_and_mapped() {
    let answer = json!({ "code": 0, "data": { "no": "GP-1" } });
    let step = Step::Answer(200, vec![("ETag", "v7".into())], answer.to_string().into_bytes());
    let server = Server::start([step]).await;
    let bench = bench(permits(&server.address));
    let mut cx = bench.context();
    cx.on_behalf_of = Some(OnBehalfOf { unit: Some("H56.14".into()), officer: None });
    let output = bench.call_in(&cx, "find-permit", json!({ "code": "GP/1 Đ", "fields": ["a", "b&c"] })).await.unwrap();
    assert_eq!(output, json!({ "permit": { "no": "GP-1" }, "version": "v7" }));
    let call = &server.calls()[0];
    assert_eq!(call.method, "GET");
    assert_eq!(call.target, "/permits/v1/permits/GP%2F1%20%C4%90?fields=a&fields=b%26c&unit=H56.14");
    assert_eq!(call.header("x-client"), Some("province"));
    assert!(call.body.is_empty() && cx.was_sent());
}

#[tokio::test]
async fn a_write_carries_what_its_program_leaves_and_the_calls_own_names() {
    let server = Server::start([Step::json(201, json!({ "code": 0 }))]).await;
    let bench = bench(permits(&server.address));
    bench.register().await.unwrap();
    let call = &server.calls()[0];
    assert_eq!((call.method.as_str(), call.target.as_str()), ("POST", "/permits/v1/permits"));
    assert_eq!(call.text(), r#"{"holder":"Nguyễn Văn Mẫu","request":"0190.0.1"}"#);
    assert_eq!(call.header("content-type"), Some("application/json"));
    assert_eq!(call.header("x-request"), Some("0190.0.1"));
    assert_eq!(call.header("idempotency-key"), None, "a call without a delivery has none to name");
}

#[tokio::test]
async fn what_cannot_stand_in_a_request_is_refused_before_anything_is_sent() {
    let server = Server::start([]).await;
    let bench = bench(permits(&server.address));
    for bad in [json!({}), json!({ "code": ".." }), json!({ "code": "" }), json!({ "code": { "a": 1 } })] {
        let cx = bench.context();
        let fault = bench.call_in(&cx, "find-permit", bad.clone()).await.unwrap_err();
        assert_eq!((fault.kind, fault.problems.is_empty(), cx.was_sent()), (FaultKind::Invalid, false, false), "{bad}");
        assert!(bench.rest.check(&name("find-permit"), &bad).is_err(), "told at the door already");
    }
    assert!(bench.rest.check(&name("find-permit"), &json!({ "code": "GP-1" })).is_ok());
    let fault = bench.call("bend-permit", json!({})).await.unwrap_err();
    assert_eq!(fault.code, FaultCode::UnknownOperation);
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn a_number_is_carried_exactly_or_refused() {
    let server = Server::start([Step::json(200, json!({ "code": 0 }))]).await;
    let mut config = permits(&server.address);
    config["operations"][1]["request"]["map"] = json!(null);
    let plain = bench(config);
    let body = lienthong_core::Body::json(&br#"{"amount":1.50,"owner":{"name":"A"}}"#[..]);
    plain.rest.call(&plain.context(), &name("register-permit"), &body).await.unwrap();
    assert_eq!(server.calls()[0].text(), r#"{"amount":1.50,"owner":{"name":"A"}}"#, "not even rewritten");
    let long = lienthong_core::Body::json(&br#"{"amount":123456789012345.67}"#[..]);
    let fault = plain.rest.call(&plain.context(), &name("register-permit"), &long).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
}

#[tokio::test]
async fn each_proof_is_shown_where_it_is_wanted() {
    let cases = [
        (json!({ "api_key": { "name": "X-Api-Key", "value": "env:KEY" } }), Some(("x-api-key", SECRET.to_owned())), ""),
        (json!({ "api_key": { "name": "key", "in": "query", "value": "env:KEY" } }), None, "?key=rat-bi-mat-0001"),
        (
            json!({ "basic": { "username": "env:USER", "password": "env:KEY" } }),
            Some(("authorization", "Basic bmd1b2ktZHVuZzpyYXQtYmktbWF0LTAwMDE=".to_owned())),
            "",
        ),
        (json!({ "bearer": { "token": "env:KEY" } }), Some(("authorization", format!("Bearer {SECRET}"))), ""),
        (json!("none"), None, ""),
    ];
    for (proof, header, query) in cases {
        let server = Server::start([Step::json(200, json!({ "code": 0, "data": 1 }))]).await;
        let mut config = permits(&server.address);
        config["endpoints"][0]["authentication"] = proof;
        bench(config).find().await.unwrap();
        let call = &server.calls()[0];
        assert_eq!(call.target, format!("/permits/v1/permits/GP-1{query}"));
        match header {
            Some((name, value)) => assert_eq!(call.header(name), Some(value.as_str())),
            None => assert_eq!(call.header("authorization"), None),
        }
    }
}

#[tokio::test]
async fn nothing_listening_is_unreachable_and_nothing_was_sent() {
    let bench = bench(permits("http://127.0.0.1:1"));
    let cx = bench.context();
    let fault = bench.call_in(&cx, "register-permit", json!({ "owner": { "name": "A" } })).await.unwrap_err();
    assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Unreachable, false));
}

#[tokio::test]
async fn what_was_sent_and_not_answered_is_of_unknown_outcome() {
    for (step, kind) in [
        (Step::Reset, FaultKind::Interrupted),
        (Step::Half, FaultKind::Unintelligible),
        (Step::Hang, FaultKind::Timeout),
    ] {
        let server = Server::start([step]).await;
        let bench = bench(permits(&server.address));
        let cx = CallContext::new("0.0.1", std::time::Duration::from_millis(300), bench.clock.clone());
        let fault = bench.call_in(&cx, "register-permit", json!({ "owner": { "name": "A" } })).await.unwrap_err();
        assert_eq!((fault.kind, cx.was_sent(), server.calls().len()), (kind, true, 1), "{}", fault.detail);
    }
}

#[test]
fn a_missing_secret_and_a_wrong_program_are_told_when_it_is_built() {
    let mut config = permits("http://127.0.0.1:1");
    config["endpoints"][0]["authentication"] = json!({ "bearer": { "token": "env:MISSING" } });
    let problem = built(config, Default::default()).unwrap_err();
    assert!(problem.contains("env:MISSING is not set"), "{problem}");
    let mut config = permits("http://127.0.0.1:1");
    config["operations"][1]["request"]["map"] = json!("nonsense");
    config["operations"][0]["answer"]["map"] = json!("nonsense");
    let problem = built(config, Default::default()).unwrap_err();
    for pointer in ["/operations/0/answer/map", "/operations/1/request/map"] {
        assert!(problem.contains(pointer), "{problem}");
    }
}
