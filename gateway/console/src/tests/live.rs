//! What open pages are told while something happens.

use axum::body::Body;
use http::StatusCode;
use http_body_util::BodyExt as _;
use serde_json::json;

use super::world::{KEY, World};

/// The next frame; `None` at the end of the stream.
async fn frame(body: &mut Body) -> Option<String> {
    let next = tokio::time::timeout(std::time::Duration::from_secs(30), body.frame()).await.expect("no frame came");
    let data = next?.unwrap().into_data().unwrap();
    Some(String::from_utf8(data.to_vec()).unwrap())
}

#[tokio::test]
async fn an_open_page_is_told_that_something_happened_until_its_session_is_over() {
    let world = World::new().await;
    let browser = world.as_user("viewer").await;
    let response = browser.open("/console/live").await;
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    let mut body = response.into_body();
    assert_eq!(frame(&mut body).await.unwrap(), "retry: 5000\n\n");
    let id = world.submit(&json!({"code": KEY})).await;
    let told = frame(&mut body).await.unwrap();
    assert_eq!(told, "event: changed\ndata: 1\n\n");
    assert!(!told.contains(&id.to_string()), "nothing of what happened is told");
    world.pass(36_001);
    world.submit(&json!({"code": KEY, "again": true})).await;
    while frame(&mut body).await.is_some() {}
}

#[tokio::test]
async fn nobody_follows_without_a_session() {
    let world = World::new().await;
    assert_eq!(world.browser().open("/console/live").await.status(), StatusCode::SEE_OTHER);
}
