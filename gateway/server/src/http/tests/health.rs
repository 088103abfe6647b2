//! Health, readiness, metrics, and what happens when a handler breaks.

use axum::body::Body;
use axum::routing::get;
use axum::{Router, middleware};
use http::{Request, StatusCode};
use serde_json::json;
use tower::ServiceExt as _;

use super::world::{Answer, CODE, ONE_STOP, World, submission, until};
use crate::http::front;

async fn open(world: &World, path: &str) -> Answer {
    world.ask(Request::get(path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn health_and_metrics_ask_for_no_credentials() {
    let world = World::new().await;
    assert_eq!(open(&world, "/healthz").await.json, json!({"status": "ok"}));
    assert_eq!(open(&world, "/readyz").await.json, json!({"status": "ready"}));
    let metrics = open(&world, "/metrics").await;
    assert_eq!((metrics.status, &metrics.bytes[..]), (StatusCode::OK, &b"# metrics\n"[..]));
    assert!(metrics.header("content-type").starts_with("text/plain"));
}

#[tokio::test]
async fn a_full_disk_stops_acceptance_and_readiness_until_there_is_room() {
    let world = World::new().await;
    world.submitted(CODE).await;
    world.disk.set(500 * 1024 * 1024);
    let refused = until(async || {
        let answer = world.ask(submission(ONE_STOP, CODE, "full")).await;
        (answer.status != StatusCode::ACCEPTED).then_some(answer)
    })
    .await;
    refused.problem(503, "LT-DISK-FULL");
    assert!(!refused.header("retry-after").is_empty());
    let ready = open(&world, "/readyz").await;
    let reasons = ready.problem(503, "LT-DISK-FULL")["reasons"].clone();
    assert!(reasons[0].as_str().unwrap().contains("watermark"), "{reasons}");
    assert_eq!(open(&world, "/healthz").await.status, StatusCode::OK);
    world.disk.set(1 << 40);
    until(async || (open(&world, "/readyz").await.status == StatusCode::OK).then_some(())).await;
    assert_eq!(world.ask(submission(ONE_STOP, CODE, "room")).await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_closed_journal_is_not_ready() {
    let world = World::new().await;
    world.state.journal.close().await;
    open(&world, "/readyz").await.problem(503, "LT-JOURNAL-UNAVAILABLE");
}

#[tokio::test]
async fn a_stopping_gateway_refuses_new_work_and_is_not_ready() {
    let world = World::new().await;
    let id = world.submitted(CODE).await;
    world.state.stopping.cancel();
    let refused = world.ask(submission(ONE_STOP, CODE, "late")).await;
    refused.problem(503, "LT-SHUTTING-DOWN");
    assert_eq!(refused.header("retry-after"), "5");
    open(&world, "/readyz").await.problem(503, "LT-SHUTTING-DOWN");
    assert_eq!(world.get(ONE_STOP, &format!("/v1/exchanges/{id}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing_of_the_inside() {
    let world = World::new().await;
    async fn breaks() -> StatusCode {
        panic!("inner matters")
    }
    let router: Router = Router::new()
        .route("/breaks", get(breaks))
        .layer(middleware::from_fn_with_state(world.state.clone(), front::front));
    let request = Request::get("/breaks").body(Body::empty()).unwrap();
    let answer = Answer::of(router.oneshot(request).await.unwrap()).await;
    let problem = answer.problem(500, "LT-INTERNAL");
    assert!(!problem.to_string().contains("inner matters"), "{problem}");
}
