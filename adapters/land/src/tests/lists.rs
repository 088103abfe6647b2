//! The other side's lists over a socket: asked for, pulled daily as messages, and held against what we use.

use lienthong_core::inbound::InboundContent;
use lienthong_core::poller::{Page, PollCursor, PollRequest, PollTime};
use lienthong_core::{Adapter, FaultKind};
use serde_json::{Value, json};

use super::server::{Server, Step};
use super::support::{Bench, bench_at, config};

fn officers() -> Step {
    Step::Json(json!([{ "TenDangNhap": "canbo01", "HoTen": "A" }, { "TenDangNhap": "canbo02", "HoTen": "B" }]))
}

fn rows(code: &str) -> Step {
    Step::Json(json!({ "data": [{ "Ma": code, "Ten": "x" }], "status": { "success": true } }))
}

async fn page(bench: &Bench, cursor: Option<&PollCursor>, first: bool) -> Result<Page, lienthong_core::Fault> {
    let poller = bench.land.pollers().remove(0);
    poller.poll(&bench.context(), PollRequest { cursor, first }).await
}

fn message(page: &Page) -> (String, String, Value) {
    let [message] = page.messages.as_slice() else { panic!("one message a page") };
    let InboundContent::Submissions(all) = &message.content else { panic!("it is readable") };
    let body = serde_json::from_slice(&all[0].body.bytes).unwrap();
    (all[0].operation.to_string(), message.dedupe_key.clone(), body)
}

#[tokio::test]
async fn a_list_is_asked_for_with_its_secret_in_the_query() {
    let server = Server::start([officers()]).await;
    let answer = bench_at(&server).call_example("list-officers").await.unwrap();
    assert_eq!(answer["entries"], json!([{ "code": "canbo01", "name": "A" }, { "code": "canbo02", "name": "B" }]));
    assert_eq!(server.calls()[0].target, "/api/GetDanhMucNguoiDung?SecurityCode=secret-LIST");
}

#[tokio::test]
async fn what_has_no_counterpart_is_shown_before_it_fails() {
    let server = Server::start([officers()]).await;
    let asked = json!({ "list": "officers", "codes": ["canbo01", "canbo09"] });
    let answer = bench_at(&server).call("check-counterparts", asked).await.unwrap();
    assert_eq!(answer, json!({ "list": "officers", "known": 2, "missing": ["canbo09"] }));
}

#[tokio::test]
async fn a_list_that_is_none_is_a_fault_and_never_an_empty_list() {
    for (step, kind) in [
        (Step::Json(json!([])), FaultKind::Unintelligible),
        (Step::Json(json!({ "data": null, "status": { "success": false, "message": "Sai mã" } })), FaultKind::Rejected),
        (Step::http(200, "text/html", b"<html></html>"), FaultKind::Unintelligible),
        (Step::Reset, FaultKind::Interrupted),
    ] {
        let server = Server::start([step]).await;
        let fault = bench_at(&server).call_example("list-officers").await.unwrap_err();
        assert_eq!(fault.kind, kind);
        assert!(!format!("{fault:?}").contains("secret-LIST"));
    }
}

#[tokio::test]
async fn the_daily_pull_is_one_message_a_list() {
    let server = Server::start([officers(), rows("1.012786"), rows("THAMDINH")]).await;
    let bench = bench_at(&server);
    let poller = bench.land.pollers().remove(0);
    let schedule = poller.schedule();
    assert_eq!((schedule.when, schedule.pages), (PollTime::Daily(jiff::civil::time(5, 0, 0, 0)), 3));
    let first = page(&bench, None, true).await.unwrap();
    let (operation, key, body) = message(&first);
    assert_eq!((operation.as_str(), first.more), ("land.list-received", true));
    assert!(key.starts_with("list:officers:2025-01-15:"), "{key}");
    assert_eq!((&body["list"], &body["taken_at"]), (&json!("officers"), &json!("2025-01-15T00:00:00Z")));
    let second = page(&bench, Some(&first.next), false).await.unwrap();
    let third = page(&bench, Some(&second.next), false).await.unwrap();
    assert_eq!(message(&second).2["list"], "procedures");
    assert_eq!((message(&third).2["list"].clone(), third.more), (json!("statuses"), false));
}

#[tokio::test]
async fn asked_again_on_one_day_the_same_list_is_the_same_message() {
    let server = Server::start([officers(), officers(), officers()]).await;
    let bench = bench_at(&server);
    let key = |page: Page| message(&page).1;
    let one = key(page(&bench, None, true).await.unwrap());
    bench.clock.advance(3600);
    let same = key(page(&bench, Some(&PollCursor("1".into())), true).await.unwrap());
    bench.clock.advance(24 * 3600);
    let next_day = key(page(&bench, None, true).await.unwrap());
    assert_eq!(one, same);
    assert_ne!(one, next_day);
}

#[tokio::test]
async fn a_probe_asks_for_the_smallest_list() {
    let server = Server::start([rows("THAMDINH")]).await;
    let bench = bench_at(&server);
    bench.land.probe(&bench.context()).await.unwrap();
    assert!(server.calls()[0].target.starts_with("/api/GetDanhMucTrangThai"));
}

#[test]
fn lists_are_in_the_catalogue_only_where_they_are_configured() {
    let system = lienthong_core::SystemId::new("land").unwrap();
    let mut config = config("http://land.test");
    let has = |config: &crate::LandConfig| {
        config.inbound_operations(&system).unwrap().iter().any(|one| one.name.as_str() == "land.list-received")
    };
    assert!(has(&config));
    config.inbound = None;
    assert_eq!(config.inbound_operations(&system).unwrap().len(), 1);
    config.lists = None;
    assert!(!has(&config));
}
