//! Tests of the session: one login at a time, shared, renewed, never lost to a cancelled call, never counted as sending.

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{CallContext, FaultCode, FaultKind};
use serde_json::json;
use tokio::sync::Notify;

use super::server::{Server, Step};
use super::support::{PASSWORD, bench_at, name};

fn greeting(session: &str) -> serde_json::Value {
    json!({"session": session, "error_code": 0, "message": ""})
}

#[tokio::test]
async fn many_calls_share_one_login_under_way() {
    let server = Server::start([]).await;
    let go = Arc::new(Notify::new());
    server.logins_answer([Step::After(Arc::clone(&go), greeting("shared"))]);
    let bench = Arc::new(bench_at(&server));
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { bench.call("list-fields", json!({})).await })
        })
        .collect();
    server.arrived(1).await;
    go.notify_one();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(server.logins().len(), 1);
    assert!(server.calls().iter().all(|call| call.json()["session"] == "shared"));
    assert_eq!(server.logins()[0].json(), json!({"username": "tai-khoan", "password": PASSWORD}));
    assert_eq!(server.logins()[0].header("dstcode"), Some("VN:GOV:000.00.00.G22:vpcpdvcprovider"));
}

#[tokio::test]
async fn a_cancelled_call_does_not_cancel_the_shared_login() {
    let server = Server::start([]).await;
    let go = Arc::new(Notify::new());
    server.logins_answer([Step::After(Arc::clone(&go), greeting("survivor"))]);
    let bench = Arc::new(bench_at(&server));
    let first = {
        let bench = Arc::clone(&bench);
        tokio::spawn(async move { bench.call("list-fields", json!({})).await })
    };
    server.arrived(1).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    go.notify_one();
    bench.call("list-fields", json!({})).await.unwrap();
    assert_eq!(server.logins().len(), 1);
    assert_eq!(server.calls()[0].json()["session"], "survivor");
}

#[tokio::test]
async fn an_old_session_is_renewed_before_it_is_used() {
    let server = Server::start([]).await;
    let bench = bench_at(&server);
    bench.call("list-fields", json!({})).await.unwrap();
    bench.clock.advance(599);
    bench.call("list-fields", json!({})).await.unwrap();
    assert_eq!(server.logins().len(), 1);
    bench.clock.advance(1);
    bench.call("list-fields", json!({})).await.unwrap();
    assert_eq!(server.logins().len(), 2);
    assert_eq!(server.calls()[2].json()["session"], "session-2");
}

#[tokio::test]
async fn a_refused_session_is_forgotten_and_the_attempt_ends_there() {
    for refusal in
        [Step::says(json!("7"), "Phiên làm việc đã hết hạn"), Step::Http { status: 401, headers: vec![], body: vec![] }]
    {
        let server = Server::start([refusal]).await;
        let bench = bench_at(&server);
        let fault = bench.call_example("sync-progress").await.unwrap_err();
        assert_eq!((fault.kind, fault.code), (FaultKind::Unauthenticated, FaultCode::SessionRefused));
        assert_eq!((server.logins().len(), server.calls().len()), (1, 1), "exactly one attempt");
        bench.call_example("sync-progress").await.unwrap();
        assert_eq!(server.logins().len(), 2);
        assert_eq!(server.calls()[1].json()["session"], "session-2");
    }
}

#[tokio::test]
async fn a_late_refusal_of_an_old_session_keeps_the_new_one() {
    let go = Arc::new(Notify::new());
    let refusal = json!({"error_code": "7", "message": "phiên làm việc đã hết hạn"});
    let server = Server::start([Step::After(Arc::clone(&go), refusal)]).await;
    let bench = Arc::new(bench_at(&server));
    let late = {
        let bench = Arc::clone(&bench);
        tokio::spawn(async move { bench.call("list-fields", json!({})).await })
    };
    server.arrived(2).await;
    bench.clock.advance(600);
    bench.call("list-fields", json!({})).await.unwrap();
    go.notify_one();
    assert_eq!(late.await.unwrap().unwrap_err().kind, FaultKind::Unauthenticated);
    bench.call("list-fields", json!({})).await.unwrap();
    assert_eq!(server.logins().len(), 2);
}

#[tokio::test]
async fn a_failed_login_never_counts_as_sent_and_never_leaves_an_outcome_unknown() {
    let refused = Step::says(json!(-1), "Sai tài khoản hoặc mật khẩu");
    let status = |status| Step::Http { status, headers: vec![], body: vec![] };
    let cases = [
        (refused, FaultKind::Unauthenticated),
        (status(401), FaultKind::Unauthenticated),
        (status(403), FaultKind::Unauthenticated),
        (status(429), FaultKind::Throttled),
        (status(503), FaultKind::Unavailable),
        (status(500), FaultKind::Unavailable),
        (Step::page(200, "<p>hệ thống đang bảo trì</p>"), FaultKind::Unavailable),
        (Step::page(200, "<p>?</p>"), FaultKind::Unavailable),
        (Step::Json(json!({"error_code": 0})), FaultKind::Unavailable),
        (Step::Json(json!({"session": "x"})), FaultKind::Unavailable),
        (Step::Reset, FaultKind::Unreachable),
        (Step::Truncated, FaultKind::Unavailable),
    ];
    for (step, kind) in cases {
        let server = Server::start([]).await;
        server.logins_answer([step]);
        let bench = bench_at(&server);
        let cx = bench.context();
        let fault = bench.call_in(&cx, "sync-progress", bench.example("sync-progress")).await.unwrap_err();
        assert_eq!(fault.kind, kind, "{}", fault.detail);
        assert!(!cx.was_sent(), "{}", fault.detail);
        assert!(server.calls().is_empty());
        assert!(fault.detail.starts_with("login: "), "{}", fault.detail);
        bench.call_in(&cx, "sync-progress", bench.example("sync-progress")).await.unwrap();
    }
}

#[tokio::test]
async fn a_login_that_hangs_leaves_its_calls_unsent_and_the_next_one_logs_in_again() {
    let server = Server::start([]).await;
    server.logins_answer([Step::Hang]);
    let bench = Arc::new(bench_at(&server));
    let begin = |seconds| {
        let bench = Arc::clone(&bench);
        let cx = CallContext::new("0.0.1", Duration::from_secs(seconds), bench.clock.clone());
        let input = bench.example("sync-progress");
        let call = {
            let cx = cx.clone();
            tokio::spawn(async move { bench.call_in(&cx, "sync-progress", input).await })
        };
        (cx, call)
    };
    // The login may take 10 seconds: one caller has less time than that, one more.
    let ((hasty, first), (patient, second)) = (begin(5), begin(20));
    server.arrived(1).await;
    tokio::time::pause();
    let (first, second) = (first.await.unwrap().unwrap_err(), second.await.unwrap().unwrap_err());
    assert_eq!((first.kind, hasty.was_sent()), (FaultKind::Unreachable, false));
    assert_eq!((second.kind, patient.was_sent()), (FaultKind::Unreachable, false));
    assert!(!first.detail.starts_with("login") && second.detail.starts_with("login"), "{}", second.detail);
    tokio::time::resume();
    bench.call_example("sync-progress").await.unwrap();
    assert_eq!(server.logins().len(), 2);
}

#[tokio::test]
async fn a_login_answer_that_repeats_the_password_does_not_leak_it() {
    let server = Server::start([]).await;
    server.logins_answer([Step::says(json!(-1), &format!("Sai mật khẩu {PASSWORD} của tai-khoan"))]);
    let bench = bench_at(&server);
    let fault = bench.call_example("sync-progress").await.unwrap_err();
    let shown = format!("{fault:?} {fault}");
    assert!(!shown.contains(PASSWORD) && !shown.contains("tai-khoan"), "{shown}");
}

#[tokio::test]
async fn an_operation_nobody_offers_is_refused_before_any_login() {
    let server = Server::start([]).await;
    let bench = bench_at(&server);
    let fault = bench.call("bend-status", json!({})).await.unwrap_err();
    assert_eq!(fault.code, FaultCode::UnknownOperation);
    assert!(server.logins().is_empty());
    assert_eq!(name("bend-status").system(), "portal");
}
