//! Files over a socket: streamed into the store, limited, never from another host, never a page in place of a file.

use std::sync::atomic::Ordering;

use lienthong_core::FaultKind;
use serde_json::{Value, json};

use super::server::{Server, Step};
use super::support::{Bench, bench_at, hash};

const PDF: &[u8] = b"%PDF-1.4 mau";

async fn fetched(bench: &Bench, link: &str) -> Result<Value, lienthong_core::Fault> {
    bench.call("fetch-file", json!({ "link": link, "code": "H56.14-250115-0007" })).await
}

#[tokio::test]
async fn a_file_is_kept_under_its_hash_and_told_by_it() {
    let step = Step::Http {
        status: 200,
        headers: vec![
            ("Content-Type", "application/octet-stream".into()),
            ("Content-Disposition", "attachment; filename*=UTF-8''gi%E1%BA%A5y.pdf".into()),
        ],
        body: PDF.to_vec(),
    };
    let server = Server::start([step]).await;
    let bench = bench_at(&server);
    let answer = fetched(&bench, "/files/1.pdf").await.unwrap();
    let expected =
        json!({ "sha256": hash(PDF), "bytes": PDF.len(), "media_type": "application/pdf", "name": "giấy.pdf" });
    assert_eq!(answer, expected);
    assert_eq!(bench.files.kept(), [PDF]);
    let call = &server.calls()[0];
    assert_eq!((call.method.as_str(), call.target.as_str()), ("GET", "/tep/files/1.pdf"));
}

#[tokio::test]
async fn a_link_that_answers_with_four_gigabytes_is_refused_unread() {
    let server = Server::start([Step::Announced4G]).await;
    let bench = bench_at(&server);
    let fault = fetched(&bench, "1.pdf").await.unwrap_err();
    assert_eq!((fault.kind, fault.problems[0].pointer.as_str()), (FaultKind::Rejected, "/link"));
    assert_eq!(bench.files.written.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_link_that_never_ends_is_cut_at_the_limit_and_nothing_is_kept() {
    let server = Server::start([Step::Endless]).await;
    let bench = bench_at(&server);
    let fault = fetched(&bench, "1.pdf").await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Rejected);
    assert!(bench.files.written.load(Ordering::Relaxed) <= 1000);
    assert!(bench.files.kept().is_empty());
}

#[tokio::test]
async fn a_link_to_another_host_is_refused_before_anything_is_sent() {
    let server = Server::start([]).await;
    let bench = bench_at(&server);
    for link in ["http://169.254.169.254/latest", "//evil.test/1.pdf", "../api/x", "http://127.0.0.1:1/1.pdf"] {
        let fault = fetched(&bench, link).await.unwrap_err();
        assert_eq!((fault.kind, fault.problems[0].pointer.as_str()), (FaultKind::Invalid, "/link"), "{link}");
    }
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start([Step::http(200, "application/pdf", PDF)]).await;
    let headers = vec![("Location", format!("{}/1.pdf", elsewhere.address))];
    let server = Server::start([Step::Http { status: 302, headers, body: Vec::new() }]).await;
    let bench = bench_at(&server);
    let fault = fetched(&bench, "1.pdf").await.unwrap_err();
    assert_eq!((fault.kind, fault.system_code.as_deref()), (FaultKind::Rejected, Some("HTTP 302")));
    assert!(elsewhere.calls().is_empty());
}

#[tokio::test]
async fn what_is_no_file_is_not_kept() {
    let page = "<!DOCTYPE html><html><title>Đăng nhập</title></html>";
    for (step, kind) in [
        (Step::http(200, "application/pdf", page.as_bytes()), FaultKind::Unintelligible),
        (Step::http(200, "application/pdf", b""), FaultKind::Unintelligible),
        (Step::Truncated, FaultKind::Interrupted),
        (Step::http(404, "text/html", page.as_bytes()), FaultKind::NotFound),
        (Step::http(403, "text/html", b""), FaultKind::Forbidden),
        (Step::http(500, "text/html", page.as_bytes()), FaultKind::Unintelligible),
        (Step::http(503, "text/html", "<p>Đang bảo trì</p>".as_bytes()), FaultKind::Unavailable),
    ] {
        let server = Server::start([step]).await;
        let bench = bench_at(&server);
        let fault = fetched(&bench, "1.pdf").await.unwrap_err();
        assert_eq!(fault.kind, kind, "{fault}");
        assert!(bench.files.kept().is_empty());
    }
}

#[tokio::test]
async fn the_callers_name_wins_and_is_no_path() {
    let server = Server::start([Step::http(200, "application/pdf", PDF)]).await;
    let bench = bench_at(&server);
    let answer = bench.call("fetch-file", json!({ "link": "1.pdf", "name": "../Giấy chứng nhận" })).await.unwrap();
    assert_eq!(answer["name"], "Giấy chứng nhận");
}
