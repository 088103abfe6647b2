//! Files that came with messages: who may have one, how it is sent, and how many at once.

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use lienthong_core::file::FileStore as _;
use serde_json::json;

use super::world::{Answer, CODE, LAND, ONE_STOP, OPERATOR, READER, VIEWER, World, get, until};

/// Stores a file and answers its hash.
async fn stored(world: &World, content: &[u8]) -> String {
    let mut writer = world.state.files.begin().await.unwrap();
    writer.write(content).await.unwrap();
    writer.finish().await.unwrap().sha256
}

/// A push that tells of the file, as an exchange in the inbox of `one-stop`.
async fn told_of(world: &World, sha256: &str) -> String {
    let push = format!(r#"{{"secret": "s3cret", "code": "{CODE}"}}"#);
    let path = format!("/in/portal/files/{sha256}");
    let answer = world.ask(Request::post(path).body(Body::from(push)).unwrap()).await;
    assert_eq!(answer.bytes, "accepted");
    until(async || {
        let inbox = world.get(ONE_STOP, "/v1/inbox").await.json;
        inbox["messages"][0]["exchange"].as_str().map(str::to_owned)
    })
    .await
}

async fn file(world: &World, key: &str, sha256: &str, query: &str) -> Answer {
    world.get(key, &format!("/v1/files/{sha256}{query}")).await
}

#[tokio::test]
async fn who_received_the_message_has_its_file_and_nobody_else_does() {
    let world = World::new().await;
    let name = stored(&world, b"<html><script>alert(1)</script>").await;
    let other = stored(&world, b"of another message").await;
    let exchange = format!("?exchange={}", told_of(&world, &name).await);
    let answer = file(&world, ONE_STOP, &name, &exchange).await;
    assert_eq!((answer.status, &answer.bytes[..]), (StatusCode::OK, &b"<html><script>alert(1)</script>"[..]));
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(answer.header("content-length"), "31");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{name}\""));
    assert_eq!(answer.header("etag"), format!("\"{name}\""));
    file(&world, ONE_STOP, &other, &exchange).await.problem(404, "LT-NO-SUCH-RECORD");
    file(&world, ONE_STOP, &name, "").await.names(400, "LT-BAD-PARAMETER", "?exchange");
    file(&world, LAND, &name, &exchange).await.problem(404, "LT-NO-SUCH-RECORD");
    file(&world, VIEWER, &name, &exchange).await.problem(403, "LT-NOT-PERMITTED");
    file(&world, VIEWER, &name, "?reason=curiosity").await.problem(403, "LT-NOT-PERMITTED");
    let stranger = Request::get(format!("/v1/files/{name}{exchange}")).body(Body::empty()).unwrap();
    world.ask(stranger).await.problem(401, "LT-NO-CREDENTIALS");
}

#[tokio::test]
async fn an_answer_tells_of_a_file_and_a_clients_own_words_do_not() {
    let world = World::new().await;
    let name = stored(&world, b"%PDF-1.7").await;
    *world.portal.answer.lock() = Some(json!({ "sha256": name }));
    let call = world.post(READER, "/v1/operations/portal.find-dossier/call", &json!({ "code": CODE })).await;
    let exchange = format!("?exchange={}", call.header("lienthong-exchange"));
    assert_eq!(file(&world, READER, &name, &exchange).await.bytes, "%PDF-1.7");
    *world.portal.answer.lock() = None;
    let boast = json!({ "code": CODE, "note": name });
    let call = world.post(READER, "/v1/operations/portal.find-dossier/call", &boast).await;
    let exchange = format!("?exchange={}", call.header("lienthong-exchange"));
    file(&world, READER, &name, &exchange).await.problem(404, "LT-NO-SUCH-RECORD");
}

#[tokio::test]
async fn an_operator_has_a_file_with_a_reason_only() {
    let world = World::new().await;
    let name = stored(&world, b"seen").await;
    let exchange = told_of(&world, &name).await;
    file(&world, OPERATOR, &name, "").await.names(400, "LT-REASON-MISSING", "?reason");
    file(&world, OPERATOR, &name, &format!("?exchange={exchange}")).await.names(400, "LT-REASON-MISSING", "?reason");
    assert_eq!(file(&world, OPERATOR, &name, "?reason=the+signature+is+disputed").await.bytes, "seen");
    let nobodys = "0".repeat(64);
    file(&world, OPERATOR, &nobodys, "?reason=a+look").await.problem(404, "LT-NO-SUCH-RECORD");
    for no_name in ["x", "..%2f..%2fjournal.db", &name.to_uppercase()] {
        file(&world, OPERATOR, no_name, "?reason=a+look").await.names(400, "LT-BAD-PARAMETER", "{sha256}");
    }
}

#[tokio::test]
async fn who_has_it_already_is_told_so_and_a_head_has_no_body() {
    let world = World::new().await;
    let name = stored(&world, b"known").await;
    let path = format!("/v1/files/{name}?reason=again");
    let asked = |tag: &str| {
        let mut request = get(OPERATOR, &path);
        request.headers_mut().insert("if-none-match", tag.parse().unwrap());
        request
    };
    for tag in [format!("\"{name}\""), format!("\"x\", W/\"{name}\""), "*".to_owned()] {
        let answer = world.ask(asked(&tag)).await;
        assert_eq!((answer.status, answer.bytes.len()), (StatusCode::NOT_MODIFIED, 0), "{tag}");
        assert_eq!(answer.header("etag"), format!("\"{name}\""));
    }
    assert_eq!(world.ask(asked("\"x\"")).await.bytes, "known");
    let mut head = get(OPERATOR, &path);
    *head.method_mut() = http::Method::HEAD;
    let head = world.ask(head).await;
    assert_eq!((head.status, head.bytes.len(), head.header("content-length")), (StatusCode::OK, 0, "5"));
}

#[tokio::test]
async fn large_files_are_streamed_and_so_many_at_once() {
    let world = World::new().await;
    let content: Vec<u8> = (0..1_000_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let name = stored(&world, &content).await;
    let path = format!("/v1/files/{name}?reason=a+copy");
    let (one, two) = (world.send(get(OPERATOR, &path)).await, world.send(get(OPERATOR, &path)).await);
    world.get(OPERATOR, &path).await.problem(429, "LT-OVERLOADED");
    drop(two);
    assert_eq!(one.into_body().collect().await.unwrap().to_bytes(), content);
    until(async || (world.get(OPERATOR, &path).await.status == StatusCode::OK).then_some(())).await;
}

#[tokio::test]
async fn a_file_removed_while_it_is_sent_is_sent_to_its_end() {
    let world = World::new().await;
    let content = vec![7; 1_000_000];
    let name = stored(&world, &content).await;
    let path = format!("/v1/files/{name}?reason=a+copy");
    let response = world.send(get(OPERATOR, &path)).await;
    let later = world.state.clock.now() + lienthong_core::SignedDuration::from_hours(1);
    let shelf = u8::from_str_radix(&name[..2], 16).unwrap();
    assert_eq!(world.state.files.sweep(later, shelf).await.unwrap().removed, 1);
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), content);
    world.get(OPERATOR, &path).await.problem(404, "LT-NO-SUCH-RECORD");
}
