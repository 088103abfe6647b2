//! Messages over a socket: what is sent where, what answers and their absence mean, and that one call is one request.

use std::time::Duration;

use lienthong_core::{Adapter, CallContext, FaultCode, FaultKind, Lookup};
use serde_json::{Value, json};

use super::server::{Server, Step};
use super::support::{Bench, bench, bench_at, name, vbdlis};

#[tokio::test]
async fn each_message_goes_to_its_own_address_once() {
    let server = Server::start([]).await;
    let bench = bench_at(&server);
    for operation in ["receive-dossier", "supplement-dossier", "return-result", "report-wrong-dossier"] {
        assert_eq!(bench.call_example(operation).await.unwrap()["outcome"], "done", "{operation}");
    }
    let calls = server.calls();
    let targets: Vec<&str> = calls.iter().map(|call| call.target.as_str()).collect();
    assert_eq!(
        targets,
        [
            "/api/tiepnhan",
            "/api/capnhattrangthaibosunghoso",
            "/api/capnhattrangthaitraketquahoso",
            "/api/phanhoihososaiketqua"
        ]
    );
    assert!(calls.iter().all(|call| call.method == "POST" && call.header("authorization").is_none()));
    assert_eq!(calls[0].json()["TinhId"], 38);
    assert_eq!(calls[0].header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn an_existing_dossier_is_told_as_such() {
    let server = Server::start([Step::says(false, "Số biên nhận đã tồn tại")]).await;
    let answer = bench_at(&server).call_example("receive-dossier").await.unwrap();
    assert_eq!(answer, json!({ "outcome": "already_so", "message": "Số biên nhận đã tồn tại" }));
    assert_eq!(server.calls().len(), 1);
}

async fn fault_of(step: Step, operation: &str) -> lienthong_core::Fault {
    let server = Server::start([step]).await;
    let bench = bench_at(&server);
    let cx = bench.context();
    let fault = bench.call_in(&cx, operation, bench.example(operation)).await.unwrap_err();
    assert!(cx.was_sent(), "{fault}");
    assert_eq!(server.calls().len(), 1, "exactly one attempt");
    fault
}

#[tokio::test]
async fn every_misbehaviour_is_classified() {
    let page = |status, body: &str| Step::http(status, "text/html", body.as_bytes());
    for (step, kind) in [
        (Step::Reset, FaultKind::Interrupted),
        (Step::Truncated, FaultKind::Unintelligible),
        (page(200, "<html><title>Đăng nhập</title></html>"), FaultKind::Unintelligible),
        (page(502, "<html>502</html>"), FaultKind::Unintelligible),
        (page(503, "<html>Hệ thống đang bảo trì</html>"), FaultKind::Unavailable),
        (page(200, "<html>Hệ thống ĐANG BẢO TRÌ</html>"), FaultKind::Unavailable),
        (Step::http(401, "application/json", b"{}"), FaultKind::Unauthenticated),
        (Step::http(403, "application/json", b"{}"), FaultKind::Forbidden),
        (Step::http(429, "application/json", b"{}"), FaultKind::Throttled),
        (Step::http(500, "application/json", b"{}"), FaultKind::Unintelligible),
        (Step::http(302, "text/plain", b""), FaultKind::Unintelligible),
        (Step::Json(json!({})), FaultKind::Unintelligible),
        (Step::says(false, "Quá nhiều yêu cầu"), FaultKind::Throttled),
        (Step::says(false, "Không tìm thấy hồ sơ!"), FaultKind::NotFound),
        (Step::says(false, "Hồ sơ không chờ bổ sung"), FaultKind::Conflict),
        (Step::says(false, "Thiếu thông tin"), FaultKind::Rejected),
    ] {
        assert_eq!(fault_of(step, "supplement-dossier").await.kind, kind);
    }
}

#[tokio::test]
async fn a_refusals_words_are_read_whatever_its_status() {
    let body = json!({ "data": 0, "status": { "success": false, "message": "Số biên nhận đã tồn tại" } }).to_string();
    let server = Server::start([Step::http(400, "application/json", body.as_bytes())]).await;
    assert_eq!(bench_at(&server).call_example("receive-dossier").await.unwrap()["outcome"], "already_so");
}

#[tokio::test]
async fn an_unknown_officer_is_a_fault_of_our_table() {
    let fault = fault_of(Step::says(false, "Người tiếp nhận canbo01 không tồn tại"), "receive-dossier").await;
    assert_eq!(fault.kind, FaultKind::Mapping);
    let problem = &fault.problems[0];
    assert_eq!((problem.pointer.as_str(), problem.table.as_deref()), ("/received_by", Some("land-officers")));
    assert_eq!(problem.value_class.as_deref(), Some("canbo01"), "each account is a cause of its own");
}

#[tokio::test]
async fn a_land_office_that_is_not_there_was_sent_nothing() {
    let bench = bench(vbdlis("http://127.0.0.1:1"));
    let cx = bench.context();
    let fault = bench.call_in(&cx, "return-result", bench.example("return-result")).await.unwrap_err();
    assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Unreachable, false));
}

#[tokio::test]
async fn no_answer_within_the_calls_own_limit_is_a_timeout() {
    let server = Server::start([Step::Hang]).await;
    let bench = bench_at(&server);
    let cx = CallContext::new("0.0.1", Duration::from_millis(200), bench.clock.clone());
    let fault = bench.call_in(&cx, "return-result", bench.example("return-result")).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Timeout);
}

#[tokio::test]
async fn what_is_wrong_is_told_before_anything_is_sent() {
    let server = Server::start([]).await;
    let bench = bench_at(&server);
    let mut input = bench.example("receive-dossier");
    input["code"] = json!("khong-phai-ma");
    let fault = bench.call("receive-dossier", input).await.unwrap_err();
    assert_eq!((fault.kind, fault.code), (FaultKind::Invalid, FaultCode::DossierCode));
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn no_fault_repeats_the_applicant() {
    let words = "Hồ sơ của Nguyễn Văn Mẫu, 038199000001, không hợp lệ";
    let fault = fault_of(Step::says(false, words), "receive-dossier").await;
    let shown = format!("{fault:?}");
    assert!(!shown.contains("Mẫu") && !shown.contains("038199000001"), "{shown}");
}

#[tokio::test]
async fn nothing_can_be_looked_up_and_unknown_operations_are_refused() {
    let bench: Bench = bench(vbdlis("http://127.0.0.1:1"));
    let attempt = lienthong_core::AttemptContext {
        attempt: 1,
        reference: "0.0.1".into(),
        sent: lienthong_core::Body::json("{}"),
        age: Duration::from_secs(3600),
    };
    let cx = bench.context();
    let found = bench.land.lookup(&cx, &name("receive-dossier"), &attempt).await.unwrap();
    assert!(matches!(found, Lookup::Unknown));
    assert_eq!(bench.call("khong-co", Value::Null).await.unwrap_err().code, FaultCode::UnknownOperation);
}
