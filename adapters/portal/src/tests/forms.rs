//! Tests of the two forms and of dated end points: what goes where, with which headers.

use lienthong_core::{Adapter, FaultKind};
use serde_json::json;

use super::server::{Server, Step};
use super::support::{axis, bench, lgsp};

#[tokio::test]
async fn the_lgsp_form_sends_bare_arrays_to_separate_addresses_with_a_bearer_token() {
    let server = Server::start([Step::says(json!("-3"), "đã tồn tại"), Step::ok()]).await;
    let bench = bench(lgsp(&server.address));
    let answer = bench.call_example("sync-dossier").await.unwrap();
    assert_eq!(answer["action"], "updated");
    bench.call_example("sync-progress").await.unwrap();
    let calls = server.calls();
    let targets: Vec<&str> = calls.iter().map(|call| call.target.as_str()).collect();
    assert_eq!(
        targets,
        [
            "/KetNoiMotCuaQuocGia/ThemMoi?MaDinhDanhDV=000.00.00.H56",
            "/KetNoiMotCuaQuocGia/CapNhat",
            "/KetNoiMotCuaQuocGia/DongBoTienTrinh"
        ]
    );
    for call in &calls {
        assert_eq!(call.header("authorization"), Some("Bearer the-token-1234"));
        assert_eq!(call.method, "POST");
        let body = call.json();
        assert_eq!(body[0]["MaHoSo"], "H56.14-250115-0007", "a bare array");
    }
    assert!(server.logins().is_empty());
}

#[tokio::test]
async fn the_lgsp_form_may_answer_a_write_with_plain_text() {
    let text = |text: &str| Step::Http { status: 200, headers: vec![], body: text.as_bytes().to_vec() };
    let server =
        Server::start([text("Cập nhật thành công"), text("\"Thành công\""), text("Không thành công"), text("?")]).await;
    let bench = bench(lgsp(&server.address));
    assert!(bench.call_example("sync-progress").await.is_ok());
    assert!(bench.call_example("sync-progress").await.is_ok());
    assert_eq!(bench.call_example("sync-progress").await.unwrap_err().kind, FaultKind::Rejected);
    assert_eq!(bench.call_example("sync-progress").await.unwrap_err().kind, FaultKind::Unintelligible);
}

#[tokio::test]
async fn the_lgsp_form_reads_with_get_and_takes_bare_answers() {
    let server = Server::start([Step::Json(json!([{"MATTHC": "1.000094"}]))]).await;
    let bench = bench(lgsp(&server.address));
    let cx = bench.context();
    let answer = bench.call_in(&cx, "get-procedure", json!({"code": "1.000094"})).await.unwrap();
    assert_eq!(answer["procedure"]["code"], "1.000094");
    let call = &server.calls()[0];
    assert_eq!((call.method.as_str(), call.target.as_str()), ("GET", "/KetNoiMotCuaQuocGia/LayThuTuc?maTTHC=1.000094"));
    assert!(cx.was_sent());
}

#[tokio::test]
async fn a_read_without_a_body_counts_as_sent_when_its_answer_is_lost() {
    let server = Server::start([Step::Reset]).await;
    let bench = bench(lgsp(&server.address));
    let cx = bench.context();
    let fault = bench.call_in(&cx, "list-procedures", json!({})).await.unwrap_err();
    assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Interrupted, true));
}

#[tokio::test]
async fn a_read_without_a_body_to_a_closed_port_was_not_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let bench = bench(lgsp(&address));
    let cx = bench.context();
    let fault = bench.call_in(&cx, "list-procedures", json!({})).await.unwrap_err();
    assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Unreachable, false));
}

#[tokio::test]
async fn a_service_the_lgsp_has_no_path_for_waits_for_configuration() {
    let server = Server::start([]).await;
    let bench = bench(lgsp(&server.address));
    let fault = bench.call_example("sync-status").await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Mapping);
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn the_destination_goes_as_a_query_where_the_axis_wants_it() {
    let server = Server::start([]).await;
    let mut config = axis(&server.address);
    config["endpoints"][0]["destination"] =
        json!({"dstcode": "VN:GOV:G22:x", "provider_url": "https://provider.test/a?b", "sent_as": "query"});
    let bench = bench(config);
    bench.call("list-fields", json!({})).await.unwrap();
    let query = "dstcode=VN:GOV:G22:x&providerurl=https%3A%2F%2Fprovider.test%2Fa%3Fb";
    assert_eq!(server.logins()[0].target, format!("/XrdAdapter/RestService/forward/mapi/login?{query}"));
    assert_eq!(server.calls()[0].target, format!("/XrdAdapter/RestService/forward/mapi/g?{query}"));
    assert_eq!(server.calls()[0].header("dstcode"), None);
}

#[tokio::test]
async fn end_points_change_on_their_date_and_by_configuration() {
    let (old, new) = (Server::start([]).await, Server::start([]).await);
    let mut config = axis(&old.address);
    let mut next = axis(&new.address)["endpoints"][0].clone();
    next["name"] = json!("new owner");
    next["from"] = json!("2025-01-15T00:01:00Z");
    next["until"] = json!("2025-01-15T00:02:00Z");
    config["endpoints"].as_array_mut().unwrap().push(next);
    let dated = bench(config.clone());
    for (advance, on_old, on_new) in [(59, 1, 0), (1, 1, 1), (60, 2, 1)] {
        dated.clock.advance(advance);
        dated.call("list-fields", json!({})).await.unwrap();
        assert_eq!((old.calls().len(), new.calls().len()), (on_old, on_new));
    }
    config["active"] = json!("new owner");
    bench(config).call("list-fields", json!({})).await.unwrap();
    assert_eq!(new.calls().len(), 2);
}

#[tokio::test]
async fn without_a_valid_end_point_nothing_is_sent_and_it_waits() {
    let server = Server::start([]).await;
    let mut config = axis(&server.address);
    config["endpoints"][0]["from"] = json!("2025-01-15T00:01:00Z");
    let bench = bench(config);
    let cx = bench.context();
    let fault = bench.call_in(&cx, "list-fields", json!({})).await.unwrap_err();
    assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Unreachable, false));
    bench.clock.advance(60);
    bench.call("list-fields", json!({})).await.unwrap();
}

#[tokio::test]
async fn the_trace_context_is_passed_on_unless_it_is_turned_off() {
    use lienthong_core::exchange::TraceContext;
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (pass, expected) in [(true, Some(parent)), (false, None)] {
        let server = Server::start([]).await;
        let mut config = axis(&server.address);
        config["transport"] = json!({"pass_trace": pass});
        let bench = bench(config);
        let mut cx = bench.context();
        cx.trace = Some(TraceContext { parent: parent.into(), state: None });
        bench.call_in(&cx, "list-fields", json!({})).await.unwrap();
        assert_eq!(server.calls()[0].header("traceparent"), expected);
    }
}

#[tokio::test]
async fn a_probe_asks_the_smallest_list_or_knocks() {
    let server = Server::start([]).await;
    let raw = bench(axis(&server.address));
    raw.portal.probe(&raw.context()).await.unwrap();
    assert_eq!(server.calls()[0].json()["service"], "LayDanhMucLinhVuc");
    server.calls_answer([Step::page(503, "<p>x</p>")]);
    assert_eq!(raw.portal.probe(&raw.context()).await.unwrap_err().kind, FaultKind::Unavailable);

    let server =
        Server::start([Step::Http { status: 404, headers: vec![], body: vec![] }, Step::page(502, "<p>")]).await;
    let mut config = lgsp(&server.address);
    config["endpoints"][0]["lgsp"]["paths"] = json!({"progress": "DongBoTienTrinh"});
    let knocking = bench(config);
    knocking.portal.probe(&knocking.context()).await.unwrap();
    assert_eq!(server.calls()[0].method, "GET");
    assert!(knocking.portal.probe(&knocking.context()).await.is_err());
}
