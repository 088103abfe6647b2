//! Every kind of bad input gets its own problem document over HTTP, and leaves nothing behind.

use lienthong_simulators::portal::FaultProfile;
use serde_json::{Value, json};

use crate::harness::{API_KEY, Bench, Gateway};

fn good(code: &str) -> Value {
    let steps = json!([{ "officer": "Mẫu", "at": "2026-01-15T08:30:00+07:00", "status": "received" }]);
    json!({ "operation": "portal.sync-progress", "key": code, "body": { "code": code, "steps": steps } })
}

const CODE: &str = "H56.14-260119-0001";

async fn start() -> (Bench, Gateway) {
    let bench = Bench::new(FaultProfile::None).await;
    let gateway = bench.gateway().await;
    (bench, gateway)
}

/// Submits and expects this status, code and, when given, the first field's pointer.
async fn refused(gateway: &Gateway, envelope: &Value, status: u16, code: &str, pointer: Option<&str>) {
    let (got, problem) = gateway.submit("bad-input", envelope).await;
    assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{envelope} -> {problem}");
    assert_eq!(problem["status"], status);
    for member in ["type", "title", "detail", "fault", "trace_id"] {
        assert!(problem[member].is_string(), "{member}: {problem}");
    }
    if let Some(pointer) = pointer {
        assert_eq!(problem["field_problems"][0]["pointer"], pointer, "{problem}");
    }
}

fn with(envelope: &Value, pointer: &str, value: Value) -> Value {
    let mut changed = envelope.clone();
    *changed.pointer_mut(pointer).unwrap() = value;
    changed
}

fn and(envelope: &Value, name: &str, value: Value) -> Value {
    let mut changed = envelope.clone();
    changed.as_object_mut().unwrap().insert(name.to_owned(), value);
    changed
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_submission_is_told_apart_and_leaves_nothing_behind() {
    let (_bench, gateway) = start().await;
    let good = good(CODE);
    refused(&gateway, &with(&good, "/operation", json!("portal.no-such")), 404, "LT-UNKNOWN-OPERATION", None).await;
    refused(
        &gateway,
        &with(&good, "/operation", json!("portal.list-agencies")),
        400,
        "LT-BAD-PARAMETER",
        Some("/operation"),
    )
    .await;
    refused(&gateway, &with(&good, "/body", json!({ "code": CODE })), 400, "LT-INVALID", Some("/body/steps")).await;
    let unknown = with(&good, "/body", json!({ "code": CODE, "steps": good["body"]["steps"], "colour": "đỏ" }));
    refused(&gateway, &unknown, 400, "LT-INVALID", Some("/body/colour")).await;
    let wrong_type = with(&good, "/body/steps/0/status", json!(7));
    refused(&gateway, &wrong_type, 400, "LT-INVALID", Some("/body/steps/0/status")).await;
    let code = with(&with(&good, "/body/code", json!("Z99-1")), "/key", json!("Z99-1"));
    refused(&gateway, &code, 400, "LT-DOSSIER-CODE", Some("/body/code")).await;
    refused(&gateway, &with(&good, "/key", json!("H56.14-260119-0002")), 400, "LT-INVALID", None).await;
    refused(
        &gateway,
        &and(&good, "expires_at", json!("2020-01-01T00:00:00Z")),
        400,
        "LT-EXPIRY-PAST",
        Some("/expires_at"),
    )
    .await;
    refused(
        &gateway,
        &and(&good, "callback", json!("https://client.example/hook")),
        400,
        "LT-CALLBACK-UNAVAILABLE",
        None,
    )
    .await;
    refused(&gateway, &and(&good, "colour", json!(1)), 400, "LT-BAD-PARAMETER", None).await;
    refused(&gateway, &and(&good, "due_at", json!("tomorrow")), 400, "LT-BAD-PARAMETER", Some("/due_at")).await;
    let (status, problem) = gateway.post("/v1/exchanges", &good).await;
    assert_eq!((status, problem["code"].as_str()), (400, Some("LT-IDEMPOTENCY-KEY-MISSING")), "{problem}");
    let (status, list) = gateway.get("/v1/exchanges").await;
    assert_eq!((status, list["exchanges"].as_array().map(Vec::len)), (200, Some(0)), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_json_or_too_large_or_of_another_type_is_refused() {
    let (_bench, gateway) = start().await;
    let post = |body: Vec<u8>, content_type: &'static str| {
        let request = gateway.http.post(format!("{}/v1/exchanges", gateway.base)).bearer_auth(API_KEY);
        gateway.send(request.header("Idempotency-Key", "x").header("Content-Type", content_type).body(body))
    };
    let (status, problem) = post(b"{\"operation\": ".to_vec(), "application/json").await;
    assert_eq!((status, problem["code"].as_str()), (400, Some("LT-BAD-JSON")), "{problem}");
    let (status, problem) = post(b"<a/>".to_vec(), "application/xml").await;
    assert_eq!((status, problem["code"].as_str()), (415, Some("LT-MEDIA-TYPE")), "{problem}");
    let (status, problem) = post(vec![b' '; 11 * 1024 * 1024], "application/json").await;
    assert_eq!((status, problem["code"].as_str()), (413, Some("LT-BODY-TOO-LARGE")), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_used_for_other_content_is_a_conflict_and_the_same_content_the_same_exchange() {
    let (_bench, gateway) = start().await;
    let (first, one) = gateway.submit("k1", &good(CODE)).await;
    let (again, same) = gateway.submit("k1", &good(CODE)).await;
    assert_eq!((first, again, &one["id"], same["replayed"].as_bool()), (202, 202, &same["id"], Some(true)), "{same}");
    let (conflict, problem) = gateway.submit("k1", &good("H56.14-260119-0003")).await;
    assert_eq!((conflict, problem["code"].as_str()), (409, Some("LT-IDEMPOTENCY-CONFLICT")), "{problem}");
    let (_, list) = gateway.get("/v1/exchanges").await;
    assert_eq!(list["exchanges"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_paths_methods_and_cursors_have_their_own_answers() {
    let (_bench, gateway) = start().await;
    let url = |path: &str| format!("{}{path}", gateway.base);
    let (status, problem) = gateway.send(gateway.http.get(url("/v1/exchanges"))).await;
    assert_eq!((status, problem["code"].as_str()), (401, Some("LT-NO-CREDENTIALS")), "{problem}");
    let (status, problem) = gateway.send(gateway.http.get(url("/v1/exchanges")).bearer_auth("guess")).await;
    assert_eq!((status, problem["code"].as_str()), (401, Some("LT-NO-CREDENTIALS")), "{problem}");
    for (path, expected, code) in [
        ("/v1/exchanges?cursor=nonsense", 400, "LT-BAD-CURSOR"),
        ("/v1/exchanges?state=sleeping", 400, "LT-BAD-PARAMETER"),
        ("/v1/exchanges?limit=0", 400, "LT-BAD-PARAMETER"),
        ("/v1/exchanges/not-an-id", 400, "LT-BAD-PARAMETER"),
        ("/v1/exchanges/00000000-0000-7000-8000-000000000000", 404, "LT-NO-SUCH-RECORD"),
        ("/v1/nothing-here", 404, "LT-NO-SUCH-PATH"),
        ("/v1/errors/1-00000000000000000000000000000000", 404, "LT-NO-SUCH-RECORD"),
    ] {
        let (status, problem) = gateway.get(path).await;
        assert_eq!((status, problem["code"].as_str()), (expected, Some(code)), "{path}: {problem}");
    }
    let (status, problem) = gateway.send(gateway.http.delete(url("/v1/exchanges")).bearer_auth(API_KEY)).await;
    assert_eq!((status, problem["code"].as_str()), (405, Some("LT-METHOD-NOT-ALLOWED")), "{problem}");
}
