//! Tests of what answers mean on the wire: pages, statuses, lost and broken answers, words. One named test per quirk.

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{Fault, FaultCode, FaultKind};
use serde_json::json;

use super::server::{Server, Step};
use super::support::{axis, bench, bench_at};

/// The fault of a progress call, which must not happen twice, and whether it counts as sent.
async fn fault_of(step: Step) -> (Fault, bool) {
    let server = Server::start([step]).await;
    let bench = bench_at(&server);
    let cx = bench.context();
    let fault = bench.call_in(&cx, "sync-progress", bench.example("sync-progress")).await.unwrap_err();
    assert_eq!(server.calls().len(), 1, "exactly one attempt");
    (fault, cx.was_sent())
}

async fn kind_of(step: Step) -> FaultKind {
    let (fault, sent) = fault_of(step).await;
    assert!(sent);
    fault.kind
}

#[tokio::test]
async fn zero_is_zero_in_every_spelling() {
    for code in [json!(0), json!("0"), json!("00"), json!(" 0 ")] {
        let server = Server::start([Step::says(code.clone(), "Đồng bộ thành công")]).await;
        let answer = bench_at(&server).call_example("sync-progress").await.unwrap();
        assert_eq!(answer, json!({"message": "Đồng bộ thành công"}), "{code}");
    }
}

#[tokio::test]
async fn failure_said_with_code_zero_is_a_failure() {
    assert_eq!(kind_of(Step::says(json!(0), "Cập nhật không thành công")).await, FaultKind::Rejected);
}

#[tokio::test]
async fn words_nobody_knows_are_never_success() {
    assert_eq!(kind_of(Step::says(json!(0), "OK")).await, FaultKind::Unintelligible);
    assert_eq!(kind_of(Step::says(json!(0), "")).await, FaultKind::Unintelligible);
}

#[tokio::test]
async fn success_said_with_another_code_or_none_is_unintelligible() {
    assert_eq!(kind_of(Step::says(json!("3"), "Thành công")).await, FaultKind::Unintelligible);
    assert_eq!(kind_of(Step::Json(json!({"message": "Thành công"}))).await, FaultKind::Unintelligible);
}

#[tokio::test]
async fn a_link_the_portal_cannot_fetch_is_the_sources_to_mend_and_is_named() {
    for (code, words) in [
        (json!("3"), "Đồng bộ không thành công: không tải được tệp https://files.h56.example/kq-2.pdf"),
        (json!(-1), "Không tải được tệp https://files.h56.example/kq-2.pdf"),
        (json!(0), "Không tải được tệp https://files.h56.example/kq-2.pdf, tệp không tồn tại"),
    ] {
        let server = Server::start([Step::says(code, words)]).await;
        let mut config = axis(&server.address);
        config["phrases"]["unreachable_file"] = json!(["không tải được tệp"]);
        let bench = bench(config);
        let mut input = bench.example("sync-dossier");
        input["results"] = json!([
            { "name": "Kết quả", "url": "https://files.h56.example/kq-1.pdf" },
            { "name": "Phụ lục", "url": "https://files.h56.example/kq-2.pdf" },
        ]);
        let fault = bench.call("sync-dossier", input).await.unwrap_err();
        assert_eq!((fault.kind, fault.code), (FaultKind::Rejected, FaultCode::FileUnreachable), "{words}");
        let named: Vec<_> =
            fault.problems.iter().map(|one| (one.pointer.as_str(), one.value_class.as_deref())).collect();
        assert_eq!(named, [("/results/1/url", Some("files.h56.example"))]);
        assert_eq!(server.calls().len(), 1, "no insert or update follows");
    }
}

#[tokio::test]
async fn a_refusal_of_our_address_is_told_from_other_refusals_by_its_words() {
    for (page, kind, code) in [
        (
            "<html><title>403</title>Địa chỉ IP chưa được đăng ký</html>",
            FaultKind::Unauthenticated,
            FaultCode::AddressRefused,
        ),
        ("<html><title>403 Forbidden</title></html>", FaultKind::Forbidden, FaultCode::Forbidden),
    ] {
        let server = Server::start([Step::page(403, page)]).await;
        let mut config = axis(&server.address);
        config["phrases"]["address_refused"] = json!(["địa chỉ IP chưa được đăng ký"]);
        let fault = bench(config).call_example("sync-progress").await.unwrap_err();
        assert_eq!((fault.kind, fault.code), (kind, code));
    }
}

#[tokio::test]
async fn a_code_with_a_reason_is_a_refusal_that_is_kept_in_their_words() {
    let (fault, _) = fault_of(Step::says(json!(-1), "Trường MaTTHC bắt buộc")).await;
    assert_eq!(fault.kind, FaultKind::Rejected);
    assert_eq!(fault.system_code.as_deref(), Some("-1"));
    assert_eq!(fault.system_text.as_deref(), Some("Trường MaTTHC bắt buộc"));
}

#[tokio::test]
async fn a_page_of_html_is_unintelligible_whatever_its_status() {
    for status in [200, 400, 500, 502, 504] {
        let page = Step::page(status, "<html><head><title>502 Bad Gateway</title></head></html>");
        let (fault, _) = fault_of(page).await;
        assert_eq!(fault.kind, FaultKind::Unintelligible, "{status}");
        assert_eq!(fault.system_text.as_deref(), Some("502 Bad Gateway"));
    }
}

#[tokio::test]
async fn a_known_maintenance_page_is_maintenance_also_with_status_200() {
    for status in [200, 503] {
        let page = Step::page(status, "\n<!DOCTYPE html><p>HỆ THỐNG đang\n bảo trì, xin quay lại sau</p>");
        let (fault, _) = fault_of(page).await;
        assert_eq!((fault.kind, fault.code), (FaultKind::Unavailable, FaultCode::Maintenance), "{status}");
    }
    let unknown = fault_of(Step::page(503, "<p>Service Unavailable</p>")).await.0;
    assert_eq!((unknown.kind, unknown.code), (FaultKind::Unavailable, FaultCode::Unavailable));
    assert_eq!(kind_of(Step::page(502, "<p>hệ thống đang bảo trì</p>")).await, FaultKind::Unintelligible);
}

#[tokio::test]
async fn throttling_carries_what_they_say_in_seconds_or_as_a_date() {
    let step = |value: &str| Step::Http { status: 429, headers: vec![("Retry-After", value.into())], body: vec![] };
    let seconds = fault_of(step("17")).await.0;
    assert_eq!((seconds.kind, seconds.retry_after), (FaultKind::Throttled, Some(Duration::from_secs(17))));
    let date = fault_of(step("Wed, 15 Jan 2025 00:01:30 GMT")).await.0;
    assert_eq!(date.retry_after, Some(Duration::from_secs(90)));
    let past = fault_of(step("Wed, 15 Jan 2020 00:01:30 GMT")).await.0;
    assert_eq!(past.retry_after, Some(Duration::ZERO));
    assert_eq!(fault_of(step("soon")).await.0.retry_after, None);
    assert_eq!(kind_of(Step::says(json!(9), "Quá nhiều yêu cầu")).await, FaultKind::Throttled);
}

#[tokio::test]
async fn refusals_of_us_and_of_the_request_are_told_apart() {
    let step = |status| Step::Http { status, headers: vec![], body: b"{\"title\":\"x\"}".to_vec() };
    assert_eq!(kind_of(step(401)).await, FaultKind::Unauthenticated);
    assert_eq!(kind_of(step(403)).await, FaultKind::Forbidden);
    assert_eq!(kind_of(step(422)).await, FaultKind::Rejected);
    assert_eq!(kind_of(step(500)).await, FaultKind::Unintelligible);
    assert_eq!(kind_of(step(404)).await, FaultKind::Unintelligible);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let step = Step::Http { status: 302, headers: vec![("Location", "/elsewhere".into())], body: vec![] };
    assert_eq!(kind_of(step).await, FaultKind::Unintelligible);
}

#[tokio::test]
async fn empty_truncated_and_wrongly_typed_answers_leave_the_outcome_unknown() {
    let body = |bytes: &[u8]| Step::Http { status: 200, headers: vec![], body: bytes.to_vec() };
    for step in [
        body(b""),
        body(b"  \n"),
        body(b"{\"error_code\":\"0\",\"mess"),
        body(b"[]"),
        body(b"\"Th\xc3\xa0nh c\xc3\xb4ng\""),
        body(b"OK"),
        body(b"{\"error_code\":{\"a\":1},\"message\":\"Th\xc3\xa0nh c\xc3\xb4ng\"}"),
        body(b"\xff\xfe\x00"),
        Step::Truncated,
    ] {
        assert_eq!(kind_of(step).await, FaultKind::Unintelligible);
    }
}

#[tokio::test]
async fn json_labelled_as_html_is_json() {
    let body = "\u{feff}{\"error_code\":0,\"message\":\"Thành công\"}".as_bytes().to_vec();
    let step = Step::Http { status: 200, headers: vec![("Content-Type", "text/html".into())], body };
    let server = Server::start([step]).await;
    bench_at(&server).call_example("sync-progress").await.unwrap();
}

#[tokio::test]
async fn a_connection_lost_after_the_request_was_read_is_interrupted() {
    assert_eq!(kind_of(Step::Reset).await, FaultKind::Interrupted);
}

#[tokio::test]
async fn silence_after_sending_is_a_timeout() {
    let server = Server::start([Step::Hang]).await;
    let bench = Arc::new(bench_at(&server));
    let cx = bench.context();
    let call = {
        let (bench, cx) = (Arc::clone(&bench), cx.clone());
        tokio::spawn(async move { bench.call_in(&cx, "sync-progress", bench.example("sync-progress")).await })
    };
    server.arrived(2).await;
    tokio::time::pause();
    tokio::time::advance(cx.timeout).await;
    assert_eq!(call.await.unwrap().unwrap_err().kind, FaultKind::Timeout);
    assert!(cx.was_sent());
}

#[tokio::test]
async fn a_refused_connection_is_unreachable_and_nothing_was_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let bench = bench(axis(&address));
    let cx = bench.context();
    let fault = bench.call_in(&cx, "sync-dossier", bench.example("sync-dossier")).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert!(!cx.was_sent());
    assert!(!fault.detail.contains("mapi"), "no address: {}", fault.detail);
}

#[tokio::test]
async fn a_plain_server_behind_an_https_address_is_unreachable() {
    let server = Server::start([]).await;
    let mut config = axis(&server.address.replace("http://", "https://"));
    config["transport"] = json!({"ca": "env:CA"});
    let bench = bench(config);
    let cx = bench.context();
    let fault = bench.call_in(&cx, "sync-dossier", bench.example("sync-dossier")).await.unwrap_err();
    assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Unreachable, false));
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_read() {
    let head = Step::Http { status: 200, headers: vec![], body: vec![b' '; lienthong_core::limits::ANSWER_BYTES + 1] };
    assert_eq!(kind_of(head).await, FaultKind::Unintelligible);
}

#[tokio::test]
async fn a_progress_step_that_exists_already_is_a_conflict_for_a_person() {
    assert_eq!(kind_of(Step::says(json!(-3), "Tiến độ đã tồn tại")).await, FaultKind::Conflict);
    assert_eq!(kind_of(Step::says(json!(3), "Hồ sơ không tồn tại")).await, FaultKind::NotFound);
}
