//! Tokens of iLIS over a socket: password once, refresh once however many call, password again when the refresh is refused.

use std::sync::Arc;

use lienthong_core::{Adapter, FaultKind};
use serde_json::json;
use tokio::sync::Notify;

use super::server::{Server, Step};
use super::support::{Bench, PASSWORD, bench, ilis};

async fn returned(bench: &Bench) -> Result<serde_json::Value, lienthong_core::Fault> {
    bench.call_example("return-result").await
}

fn grants(server: &Server) -> Vec<String> {
    let of = |body: String| body.split('&').find_map(|field| field.strip_prefix("grant_type=").map(str::to_owned));
    server.logins().iter().filter_map(|login| of(login.text())).collect()
}

#[tokio::test]
async fn a_password_opens_and_the_token_goes_along() {
    let server = Server::start([]).await;
    let bench = bench(ilis(&server.address));
    returned(&bench).await.unwrap();
    returned(&bench).await.unwrap();
    assert_eq!(grants(&server), ["password"]);
    let login = server.logins()[0].clone();
    assert_eq!(login.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert!(login.text().contains(&format!("username=secret-USER&password={PASSWORD}&client_id=secret-CLIENT")));
    let calls = server.calls();
    assert!(calls.iter().all(|call| call.header("authorization") == Some("Bearer token-1")));
    assert_eq!(calls[0].target, "/api/CapNhatTrangThaiHoSo");
}

#[tokio::test]
async fn an_old_token_is_refreshed_once_however_many_call() {
    let server = Server::start([]).await;
    let bench = bench(ilis(&server.address));
    returned(&bench).await.unwrap();
    bench.clock.advance(571);
    let go = Arc::new(Notify::new());
    let token = json!({ "access_token": "token-2", "expires_in": "600", "refresh_token": "refresh-2" });
    server.logins_answer([Step::After(Arc::clone(&go), token)]);
    let call = || returned(&bench);
    let released = async {
        while server.logins().len() < 2 {
            tokio::task::yield_now().await;
        }
        go.notify_one();
    };
    let (a, b, c, d, ()) = tokio::join!(call(), call(), call(), call(), released);
    assert!([a, b, c, d].iter().all(Result::is_ok));
    assert_eq!(grants(&server), ["password", "refresh_token"]);
    assert!(server.logins()[1].text().contains("refresh_token=refresh-1"));
    assert!(server.calls()[1..].iter().all(|call| call.header("authorization") == Some("Bearer token-2")));
}

#[tokio::test]
async fn a_refused_refresh_leads_to_the_password_again() {
    let server = Server::start([]).await;
    let bench = bench(ilis(&server.address));
    returned(&bench).await.unwrap();
    bench.clock.advance(600);
    server.logins_answer([Step::http(400, "application/json", br#"{"error":"invalid_grant"}"#)]);
    returned(&bench).await.unwrap();
    assert_eq!(grants(&server), ["password", "refresh_token", "password"]);
}

#[tokio::test]
async fn a_refresh_that_got_no_answer_is_tried_again_and_nothing_was_sent() {
    let server = Server::start([]).await;
    let bench = bench(ilis(&server.address));
    returned(&bench).await.unwrap();
    bench.clock.advance(600);
    server.logins_answer([Step::http(503, "text/plain", b"")]);
    let cx = bench.context();
    let fault = bench.call_in(&cx, "return-result", bench.example("return-result")).await.unwrap_err();
    assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Unavailable, false));
    returned(&bench).await.unwrap();
    assert_eq!(grants(&server), ["password", "refresh_token", "refresh_token"]);
}

#[tokio::test]
async fn an_answer_without_a_refresh_token_leaves_the_old_one_in_force() {
    let server = Server::start([]).await;
    let bench = bench(ilis(&server.address));
    returned(&bench).await.unwrap();
    server.logins_answer([Step::token("token-2", None)]);
    for _ in 0..2 {
        bench.clock.advance(600);
        returned(&bench).await.unwrap();
    }
    assert!(server.logins()[1..].iter().all(|login| login.text().contains("refresh_token=refresh-1")));
}

#[tokio::test]
async fn a_token_the_land_office_refuses_is_forgotten() {
    let server = Server::start([Step::http(401, "application/json", b"{}")]).await;
    let bench = bench(ilis(&server.address));
    assert_eq!(returned(&bench).await.unwrap_err().kind, FaultKind::Unauthenticated);
    returned(&bench).await.unwrap();
    assert_eq!(grants(&server), ["password", "refresh_token"]);
}

#[tokio::test]
async fn a_refused_account_is_told_without_its_secrets() {
    let server = Server::start([]).await;
    let bench = bench(ilis(&server.address));
    let answer = format!(r#"{{"error":"invalid_grant","error_description":"sai {PASSWORD}"}}"#);
    server.logins_answer([Step::http(400, "application/json", answer.as_bytes())]);
    let cx = bench.context();
    let fault = bench.call_in(&cx, "return-result", bench.example("return-result")).await.unwrap_err();
    assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Unauthenticated, false));
    assert_eq!(fault.system_code.as_deref(), Some("invalid_grant"));
    assert!(!format!("{fault:?}").contains(PASSWORD));
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn a_probe_without_lists_logs_in_and_knocks() {
    let server = Server::start([Step::http(404, "text/plain", b"")]).await;
    let bench = bench(ilis(&server.address));
    bench.land.probe(&bench.context()).await.unwrap();
    assert_eq!(server.logins().len(), 1);
    assert_eq!((server.calls()[0].method.as_str(), server.calls()[0].target.as_str()), ("GET", "/api"));
}

#[tokio::test]
async fn the_token_goes_to_the_files_own_base_alone() {
    let files = Server::start([Step::http(200, "application/pdf", b"%PDF-1")]).await;
    let server = Server::start([Step::http(200, "application/pdf", b"%PDF-1")]).await;
    let mut config = ilis(&server.address);
    config["files"]["origins"] = json!([files.address]);
    let bench = bench(config);
    bench.call("fetch-file", json!({ "link": "1.pdf" })).await.unwrap();
    bench.call("fetch-file", json!({ "link": format!("{}/1.pdf", files.address) })).await.unwrap();
    assert_eq!(server.calls()[0].header("authorization"), Some("Bearer token-1"));
    assert_eq!(files.calls()[0].header("authorization"), None);
}
