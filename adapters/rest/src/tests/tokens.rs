//! Tests of OAuth tokens: fetched once, shared, renewed, never lost to a cancelled call, never counted as sending.

use std::sync::Arc;

use lienthong_core::FaultKind;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::server::{Server, Step};
use super::support::{Bench, SECRET, bench, permits};

fn with_tokens(server: &Server, more: Value) -> Bench {
    let mut oauth = json!({
        "token_url": format!("{}/oauth/token", server.address),
        "client_id": "env:USER", "client_secret": "env:KEY", "scope": "permits.read permits.write"
    });
    oauth.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut config = permits(&server.address);
    config["endpoints"][0]["authentication"] = json!({ "oauth2": oauth });
    bench(config)
}

fn success() -> Value {
    json!({ "code": 0, "data": 1 })
}

#[tokio::test]
async fn a_token_is_fetched_once_and_renewed_before_it_ends() {
    let server = Server::start((0..4).map(|_| Step::json(200, success()))).await;
    let bench = with_tokens(&server, json!({}));
    bench.find().await.unwrap();
    bench.clock.advance(589);
    bench.find().await.unwrap();
    assert_eq!(server.tokens().len(), 1);
    bench.clock.advance(1);
    bench.find().await.unwrap();
    assert_eq!(server.tokens().len(), 2);
    assert_eq!(server.calls()[2].header("authorization"), Some("Bearer token-2"));
    let asked = &server.tokens()[0];
    assert_eq!(asked.text(), "grant_type=client_credentials&scope=permits.read+permits.write");
    assert_eq!(asked.header("authorization"), Some("Basic bmd1b2ktZHVuZzpyYXQtYmktbWF0LTAwMDE="));
}

#[tokio::test]
async fn a_server_that_wants_the_form_gets_id_and_secret_there() {
    let server = Server::start([Step::json(200, success())]).await;
    let bench = with_tokens(&server, json!({ "proof": "form", "fields": { "audience": "permits" } }));
    bench.find().await.unwrap();
    let asked = &server.tokens()[0];
    assert!(asked.text().ends_with(&format!("audience=permits&client_id=nguoi-dung&client_secret={SECRET}")));
    assert_eq!(asked.header("authorization"), None);
}

#[tokio::test]
async fn many_calls_share_one_token_and_a_cancelled_one_does_not_take_it_away() {
    let server = Server::start((0..20).map(|_| Step::json(200, success()))).await;
    let go = Arc::new(Notify::new());
    server.tokens_answer([Step::After(Arc::clone(&go), json!({ "access_token": "shared", "expires_in": "60" }))]);
    let bench = Arc::new(with_tokens(&server, json!({})));
    let begin = || {
        let bench = Arc::clone(&bench);
        tokio::spawn(async move { bench.find().await })
    };
    let cancelled = begin();
    server.arrived(1).await;
    let others: Vec<_> = (0..10).map(|_| begin()).collect();
    cancelled.abort();
    assert!(cancelled.await.unwrap_err().is_cancelled());
    go.notify_one();
    for call in others {
        call.await.unwrap().unwrap();
    }
    assert_eq!(server.tokens().len(), 1);
    assert!(server.calls().iter().all(|call| call.header("authorization") == Some("Bearer shared")));
}

#[tokio::test]
async fn a_refused_token_is_forgotten_and_the_attempt_ends_there() {
    let server = Server::start([Step::text(401, ""), Step::json(200, success())]).await;
    let bench = with_tokens(&server, json!({}));
    assert_eq!(bench.find().await.unwrap_err().kind, FaultKind::Unauthenticated);
    assert_eq!((server.tokens().len(), server.calls().len()), (1, 1), "exactly one attempt");
    bench.find().await.unwrap();
    assert_eq!(server.calls()[1].header("authorization"), Some("Bearer token-2"));
}

#[tokio::test]
async fn no_token_never_counts_as_sent_and_leaves_nothing_unknown() {
    let cases = [
        (Step::json(400, json!({ "error": "invalid_client" })), FaultKind::Unauthenticated),
        (Step::json(401, json!({})), FaultKind::Unauthenticated),
        (Step::text(503, ""), FaultKind::Unavailable),
        (Step::text(500, ""), FaultKind::Unavailable),
        (Step::text(200, "<html></html>"), FaultKind::Unavailable),
        (Step::json(200, json!({ "token_type": "Bearer" })), FaultKind::Unavailable),
        (Step::json(200, json!({ "access_token": "x", "token_type": "mac" })), FaultKind::Unavailable),
        (Step::Reset, FaultKind::Unreachable),
        (Step::Half, FaultKind::Unavailable),
    ];
    for (step, kind) in cases {
        let server = Server::start([Step::json(200, success())]).await;
        server.tokens_answer([step]);
        let bench = with_tokens(&server, json!({}));
        let cx = bench.context();
        let fault = bench.call_in(&cx, "find-permit", json!({ "code": "1" })).await.unwrap_err();
        assert_eq!((fault.kind, cx.was_sent(), server.calls().len()), (kind, false, 0), "{}", fault.detail);
        assert!(!format!("{fault:?}").contains(SECRET));
        bench.find().await.unwrap();
    }
}

#[tokio::test]
async fn a_token_repeated_by_the_system_does_not_show() {
    let answer = json!({ "code": "DUPLICATE", "message": "token-1 đã gửi yêu cầu này" });
    let server = Server::start([Step::json(200, answer)]).await;
    let fault = with_tokens(&server, json!({})).find().await.unwrap_err();
    assert_eq!(fault.system_text.as_deref(), Some("*** đã gửi yêu cầu này"));
}
