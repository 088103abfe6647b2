//! Pushes from external systems and the inboxes they reach.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::world::{Answer, CODE, LAND, ONE_STOP, VIEWER, World, until};

async fn push(world: &World, method: &str, path: &str, body: &'static str) -> Answer {
    world.ask(Request::builder().method(method).uri(path).body(Body::from(body)).unwrap()).await
}

const NOTICE: &str = r#"{"secret": "s3cret", "code": "H56.14-250115-0007"}"#;

#[tokio::test]
async fn a_push_is_answered_in_its_dialect_and_reaches_the_inbox() {
    let world = World::new().await;
    let answer = push(&world, "PUT", "/in/portal/thue/dat%20dai?don-vi=14", NOTICE).await;
    assert_eq!((answer.status, &answer.bytes[..]), (StatusCode::OK, &b"accepted"[..]));
    assert_eq!(answer.header("content-type"), "text/plain");
    let inbox = world.get(ONE_STOP, "/v1/inbox?limit=5").await.json;
    let message = &inbox["messages"][0];
    let told = json!({"code": CODE, "method": "PUT", "path": "/thue/dat%20dai", "query": "don-vi=14"});
    assert_eq!((&message["body"], &message["content_type"]), (&told, &json!("application/json")));
    assert_eq!((&message["operation"], &message["handed_out"]), (&json!("portal.notify-tax"), &json!(0)));
    let exchange = format!("/v1/exchanges/{}", message["exchange"].as_str().unwrap());
    assert_eq!(world.get(ONE_STOP, &exchange).await.status, StatusCode::OK, "its receiver sees it");
    world.get(LAND, &exchange).await.problem(404, "LT-NO-SUCH-RECORD");
    let ack = format!("/v1/inbox/{}/ack", message["id"].as_str().unwrap());
    world.post(LAND, &ack, &Value::Null).await.problem(404, "LT-NO-SUCH-RECORD");
    assert_eq!(world.post(ONE_STOP, &ack, &Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.post(ONE_STOP, &ack, &Value::Null).await.status, StatusCode::NO_CONTENT, "twice is no error");
    until(async || {
        let rest = world.get(ONE_STOP, "/v1/inbox").await.json;
        (rest["messages"] == json!([])).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_repeat_is_recognised_and_what_cannot_be_read_is_kept() {
    let world = World::new().await;
    assert_eq!(push(&world, "POST", "/in/portal/a", NOTICE).await.bytes, "accepted");
    assert_eq!(push(&world, "POST", "/in/portal/a", NOTICE).await.bytes, "repeated");
    assert_eq!(push(&world, "POST", "/in/portal/a", "s3cret <html>").await.bytes, "kept");
    let parked = world.get(VIEWER, "/v1/exchanges?client=system-portal&state=parked").await.json;
    assert_eq!(parked["exchanges"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn who_is_not_the_system_is_told_nothing_and_nothing_is_kept() {
    let world = World::new().await;
    push(&world, "POST", "/in/portal/a", "{}").await.problem(401, "LT-NO-CREDENTIALS");
    push(&world, "POST", "/in/land/a", NOTICE).await.problem(404, "LT-NO-SUCH-PATH");
    push(&world, "POST", "/in/LAND/a", NOTICE).await.problem(404, "LT-NO-SUCH-PATH");
    push(&world, "POST", "/in/portal", NOTICE).await.problem(404, "LT-NO-SUCH-PATH");
    assert_eq!(world.kept().await, 0);
}
