//! Overload is refused at the door, before memory grows; health stays reachable.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::channel::mpsc;
use http::{Request, StatusCode};

use super::world::{Answer, CODE, ONE_STOP, World, get, limits, submission, until};
use crate::state::RequestLimits;

/// A submission whose body comes when the test says.
fn held() -> (Request<Body>, mpsc::Sender<Result<Bytes, std::io::Error>>) {
    let (sender, receiver) = mpsc::channel(1);
    let (mut parts, _) = submission(ONE_STOP, CODE, "held").into_parts();
    parts.headers.insert("transfer-encoding", "chunked".parse().unwrap());
    (Request::from_parts(parts, Body::from_stream(receiver)), sender)
}

#[tokio::test]
async fn more_requests_than_places_are_refused_and_let_in_again_later() {
    let world = World::with(RequestLimits { concurrent_requests: 1, ..limits() }).await;
    let (request, mut body) = held();
    let first = tokio::spawn({
        let router = world.router();
        async move { Answer::of(tower::ServiceExt::oneshot(router, request).await.unwrap()).await }
    });
    until(async || world.state.doors.enter().is_err().then_some(())).await;
    let refused = world.ask(get(ONE_STOP, "/v1/exchanges")).await;
    refused.problem(429, "LT-OVERLOADED");
    assert_eq!(refused.header("retry-after"), "1");
    let health = Request::get("/healthz").body(Body::empty()).unwrap();
    assert_eq!(world.ask(health).await.status, StatusCode::OK, "health is not limited");
    world.get("nobody", "/v1/exchanges").await.problem(401, "LT-NO-CREDENTIALS");
    body.try_send(Ok(Bytes::from(super::world::envelope(CODE).to_string()))).unwrap();
    drop(body);
    assert_eq!(first.await.unwrap().status, StatusCode::ACCEPTED);
    assert_eq!(world.ask(get(ONE_STOP, "/v1/exchanges")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn bytes_in_flight_are_bounded_before_they_are_read() {
    let world = World::with(RequestLimits { bytes_in_flight: 8 * 1024, ..limits() }).await;
    let mut announced = submission(ONE_STOP, CODE, "large");
    announced.headers_mut().insert("content-length", "20000".parse().unwrap());
    world.ask(announced).await.problem(429, "LT-OVERLOADED");
    let chunks = (0..4).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 4096])));
    let mut unannounced = submission(ONE_STOP, CODE, "chunks");
    *unannounced.body_mut() = Body::from_stream(futures::stream::iter(chunks));
    world.ask(unannounced).await.problem(429, "LT-OVERLOADED");
    assert_eq!(world.ask(submission(ONE_STOP, CODE, "small")).await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn waiting_takes_no_place_of_a_request() {
    let world = World::with(RequestLimits { concurrent_requests: 1, ..limits() }).await;
    let reason = serde_json::json!({"reason": "a test"});
    world.post(super::world::OPERATOR, "/v1/systems/portal/pause", &reason).await;
    let mut request = submission(ONE_STOP, CODE, "waits");
    request.headers_mut().insert("prefer", "wait=30".parse().unwrap());
    let router = world.router();
    let waiting =
        tokio::spawn(async move { Answer::of(tower::ServiceExt::oneshot(router, request).await.unwrap()).await });
    until(async || (world.kept().await == 1).then_some(())).await;
    let id = until(async || {
        let answer = world.ask(get(ONE_STOP, "/v1/exchanges")).await;
        (answer.status == StatusCode::OK).then(|| answer.json["exchanges"][0]["id"].as_str().unwrap().to_owned())
    })
    .await;
    world.post(ONE_STOP, &format!("/v1/exchanges/{id}/cancel"), &serde_json::Value::Null).await;
    let answered = tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap().unwrap();
    assert_eq!((answered.status, &answered.json["state"]), (StatusCode::OK, &serde_json::json!("closed")));
}

#[tokio::test]
async fn where_too_many_wait_the_wish_is_not_granted_and_the_message_accepted() {
    let world = World::with(RequestLimits { concurrent_requests: 1, ..limits() }).await;
    let _taken = world.state.doors.wait().unwrap();
    let mut request = submission(ONE_STOP, CODE, "k");
    request.headers_mut().insert("prefer", "wait=30".parse().unwrap());
    let answer = world.ask(request).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (StatusCode::ACCEPTED, ""));
}
