//! The life of an exchange as a client sees it.

use http::StatusCode;
use lienthong_core::{Fault, FaultKind};
use serde_json::{Value, json};

use super::world::{CODE, ONE_STOP, OPERATOR, World, envelope, post, submission, submitting};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test]
async fn an_accepted_message_is_answered_with_where_its_state_is_told() {
    let world = World::new().await;
    let answer = world.ask(submission(ONE_STOP, CODE, "k")).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let id = answer.json["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("/v1/exchanges/{id}"));
    assert_eq!(answer.json["key"], CODE);
    assert_eq!((&answer.json["replayed"], &answer.json["exchange"]), (&json!(false), &Value::Null));
    assert_eq!(answer.header("cache-control"), "no-store");
    let shown = world.until(id, "delivered").await;
    assert_eq!(shown["deliveries"][0]["attempt_records"][0]["outcome"], "delivered");
    assert_eq!(world.portal.received.lock().as_slice(), [json!({"code": CODE, "status": 4})]);
}

#[tokio::test]
async fn the_bytes_of_the_body_are_kept_as_they_were_sent() {
    let world = World::new().await;
    let spaced = format!("{{ \"status\" : 4,\n \"code\":\"{CODE}\" }}");
    let text = format!("{{\"operation\":\"portal.sync-dossier\",\"key\":\"{CODE}\",\"body\":{spaced}}}");
    let mut request = post(ONE_STOP, "/v1/exchanges", &Value::Null);
    request.headers_mut().insert("idempotency-key", "raw".parse().unwrap());
    *request.body_mut() = text.into();
    let answer = world.ask(request).await;
    let path = format!("/v1/exchanges/{}/body", answer.json["id"].as_str().unwrap());
    assert_eq!(world.get(ONE_STOP, &path).await.bytes, spaced);
}

#[tokio::test]
async fn waiting_answers_when_the_exchange_is_delivered() {
    let world = World::new().await;
    let mut request = submission(ONE_STOP, CODE, "k");
    request.headers_mut().insert("prefer", "wait=30".parse().unwrap());
    let answer = world.ask(request).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.json);
    assert_eq!(answer.header("preference-applied"), "wait=30");
    assert_eq!((&answer.json["state"], &answer.json["exchange"]["state"]), (&json!("delivered"), &json!("delivered")));
}

#[tokio::test]
async fn waiting_answers_what_needs_attention_with_its_fault() {
    let world = World::new().await;
    let refusal = Fault::of(FaultKind::Rejected, "inner").with_system_answer(Some("-1".into()), Some("words"));
    world.portal.next.lock().push_back(refusal);
    let mut request = submission(ONE_STOP, CODE, "k");
    request.headers_mut().insert("prefer", "wait=30".parse().unwrap());
    let answer = world.ask(request).await;
    assert_eq!((answer.status, &answer.json["state"]), (StatusCode::OK, &json!("attention")));
    let fault = &answer.json["exchange"]["deliveries"][0]["fault"];
    assert_eq!((&fault["code"], &fault["system_code"]), (&json!("LT-REJECTED"), &json!("-1")));
    assert_eq!((&fault["system_text"], &fault["internal"]), (&Value::Null, &Value::Null), "not for clients");
    let path = format!("/v1/exchanges/{}", answer.json["id"].as_str().unwrap());
    let seen = world.get(OPERATOR, &path).await;
    assert_eq!(seen.json["deliveries"][0]["fault"]["system_text"], "words");
}

#[tokio::test]
async fn a_wait_that_ends_too_early_is_still_an_acceptance() {
    let world = World::new().await;
    world.post(OPERATOR, "/v1/systems/portal/pause", &json!({"reason": "a test"})).await;
    let mut request = submission(ONE_STOP, CODE, "k");
    request.headers_mut().insert("prefer", "wait=1".parse().unwrap());
    let answer = world.ask(request).await;
    assert_eq!((answer.status, &answer.json["state"]), (StatusCode::ACCEPTED, &json!("in_progress")));
    assert_eq!(answer.header("preference-applied"), "wait=1");
}

#[tokio::test]
async fn the_callers_trace_is_kept_and_told() {
    let world = World::new().await;
    let mut request = submission(ONE_STOP, CODE, "k");
    request.headers_mut().insert("traceparent", PARENT.parse().unwrap());
    let id = world.ask(request).await.json["id"].as_str().unwrap().to_owned();
    let shown = world.get(ONE_STOP, &format!("/v1/exchanges/{id}")).await;
    assert_eq!(shown.json["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    let mut wrong = post(ONE_STOP, "/v1/exchanges", &json!({}));
    wrong.headers_mut().insert("traceparent", PARENT.parse().unwrap());
    assert_eq!(world.ask(wrong).await.json["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
}

#[tokio::test]
async fn options_of_the_envelope_are_kept() {
    let world = World::new().await;
    let mut envelope = envelope(CODE);
    envelope["purpose"] = json!("giải quyết hồ sơ");
    envelope["on_behalf_of"] = json!({"unit": "H56.14", "officer": "cb.mau"});
    envelope["due_at"] = json!("2020-01-22T17:00:00+07:00");
    envelope["aliases"] = json!(["G22.99.01-0001"]);
    envelope["class"] = json!("bulk");
    let answer = world.ask(submitting(ONE_STOP, "k", &envelope)).await;
    let id = answer.json["id"].as_str().unwrap();
    let shown = world.get(ONE_STOP, &format!("/v1/exchanges/{id}")).await.json;
    assert_eq!(shown["purpose"], "giải quyết hồ sơ");
    assert_eq!(shown["on_behalf_of"], json!({"unit": "H56.14", "officer": "cb.mau"}));
    assert_eq!((&shown["due_at"], &shown["class"]), (&json!("2020-01-22T10:00:00Z"), &json!("bulk")));
    let timeline = world.get(ONE_STOP, "/v1/keys/G22.99.01-0001").await;
    assert_eq!(timeline.json["key"], CODE);
    assert_eq!(timeline.json["exchanges"][0]["id"], id);
}

#[tokio::test]
async fn pages_follow_one_another() {
    let world = World::new().await;
    for number in 0..5 {
        world.submitted(&format!("H56.14-250115-000{number}")).await;
    }
    let mut seen = Vec::new();
    let mut path = "/v1/exchanges?limit=2".to_owned();
    loop {
        let page = world.get(ONE_STOP, &path).await.json;
        seen.extend(page["exchanges"].as_array().unwrap().iter().map(|exchange| exchange["key"].to_string()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/exchanges?limit=2&cursor={next}");
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[tokio::test]
async fn what_is_unsent_can_be_cancelled_and_what_is_delivered_sent_again() {
    let world = World::new().await;
    world.post(OPERATOR, "/v1/systems/portal/pause", &json!({"reason": "a test"})).await;
    let held = world.submitted(CODE).await;
    let cancel = format!("/v1/exchanges/{held}/cancel");
    assert_eq!(world.post(ONE_STOP, &cancel, &Value::Null).await.json["state"], "closed");
    world.post(ONE_STOP, &cancel, &Value::Null).await.problem(409, "LT-WRONG-STATE");
    world.post(OPERATOR, "/v1/systems/portal/resume", &Value::Null).await;
    let sent = world.submitted("H56.14-250115-0008").await;
    world.until(&sent, "delivered").await;
    let resend = format!("/v1/exchanges/{sent}/resend");
    world.post(ONE_STOP, &resend, &Value::Null).await.names(400, "LT-REASON-MISSING", "/reason");
    let again = world.post(ONE_STOP, &resend, &json!({"reason": "restored from a backup"})).await;
    assert_eq!(again.status, StatusCode::ACCEPTED, "{}", again.json);
    let shown = world.get(ONE_STOP, again.header("location")).await.json;
    assert_eq!(shown["link"], json!({"why": "resend", "of": sent, "reason": "restored from a backup"}));
}

#[tokio::test]
async fn a_read_operation_is_called_and_recorded() {
    let world = World::new().await;
    let mut request = post(ONE_STOP, "/v1/operations/portal.find-dossier/call", &json!({"code": CODE}));
    let purpose = "gi%E1%BA%A3i quy%E1%BA%BFt".parse().unwrap();
    request.headers_mut().insert("lienthong-purpose", purpose);
    request.headers_mut().insert("lienthong-unit", "H56.14".parse().unwrap());
    let answer = world.ask(request).await;
    assert_eq!((answer.status, answer.json.clone()), (StatusCode::OK, json!({"found": true})));
    let path = format!("/v1/exchanges/{}", answer.header("lienthong-exchange"));
    let shown = world.get(ONE_STOP, &path).await.json;
    assert_eq!((&shown["call"], &shown["purpose"]), (&json!(true), &json!("giải quyết")));
    assert_eq!(shown["on_behalf_of"], json!({"unit": "H56.14"}));
}

#[tokio::test]
async fn a_call_is_held_to_its_operation() {
    let world = World::new().await;
    let call = |operation: &str| format!("/v1/operations/{operation}/call");
    let input = json!({"code": CODE});
    world.post(ONE_STOP, &call("portal.sync-dossier"), &input).await.problem(400, "LT-NOT-CALLABLE");
    world.post(ONE_STOP, &call("portal.fly-away"), &input).await.problem(404, "LT-UNKNOWN-OPERATION");
    world.post(ONE_STOP, &call("nonsense"), &input).await.names(404, "LT-UNKNOWN-OPERATION", "{operation}");
    let wrong = json!({"code": 7});
    world.post(ONE_STOP, &call("portal.find-dossier"), &wrong).await.names(400, "LT-INVALID", "/code");
    assert_eq!(world.kept().await, 0);
    let refusal = Fault::of(FaultKind::NotFound, "inner").with_system_answer(Some("404".into()), Some("their words"));
    world.portal.next.lock().push_back(refusal);
    let refused = world.post(ONE_STOP, &call("portal.find-dossier"), &input).await;
    let problem = refused.problem(404, "LT-NOT-FOUND");
    assert_eq!(problem["system_code"], "404");
    assert!(!problem.to_string().contains("their words") && !problem.to_string().contains("inner"), "{problem}");
}
