//! Tests of the dossier snapshot on the wire: insert, update, both, and what of it is one effect.

use lienthong_core::FaultKind;
use serde_json::json;

use super::server::{Server, Step};
use super::support::bench_at;

fn updating(server: &Server) -> Vec<String> {
    server.calls().iter().map(|call| call.json()["isUpdating"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_new_dossier_is_inserted_with_session_service_and_destination() {
    let server = Server::start([]).await;
    let bench = bench_at(&server);
    let cx = bench.context();
    let answer = bench.call_in(&cx, "sync-dossier", bench.example("sync-dossier")).await.unwrap();
    assert_eq!(answer, json!({"action": "inserted", "message": "Thành công"}));
    assert!(cx.was_sent());
    let call = &server.calls()[0];
    assert_eq!((call.method.as_str(), call.target.as_str()), ("POST", "/XrdAdapter/RestService/forward/mapi/g"));
    assert_eq!(call.header("dstcode"), Some("VN:GOV:000.00.00.G22:vpcpdvcprovider"));
    assert_eq!(call.header("charset"), Some("utf-8"));
    assert_eq!(call.header("content-type"), Some("application/json"));
    assert_eq!(call.header("content-length"), Some(call.body.len().to_string().as_str()));
    let body = call.json();
    assert_eq!(body["session"], "session-1");
    assert_eq!(body["madonvi"], "000.00.00.H56");
    assert_eq!(body["service"], "DongBoHoSoMC");
    assert_eq!(body["isUpdating"], "False");
    assert_eq!(body["data"][0]["MaHoSo"], "H56.14-250115-0007");
}

#[tokio::test]
async fn an_existing_dossier_is_updated_in_the_same_attempt_and_first_the_next_time() {
    let server = Server::start([Step::says(json!("-3"), "Mã hồ sơ đã tồn tại"), Step::ok()]).await;
    let bench = bench_at(&server);
    let answer = bench.call_example("sync-dossier").await.unwrap();
    assert_eq!(answer["action"], "updated");
    assert_eq!(updating(&server), ["False", "True"]);
    bench.call_example("sync-dossier").await.unwrap();
    assert_eq!(updating(&server), ["False", "True", "True"]);
    let (insert, update) = (server.calls()[0].json(), server.calls()[1].json());
    assert_eq!(insert["data"], update["data"], "the same snapshot both times");
}

#[tokio::test]
async fn a_dossier_the_portal_lost_is_inserted_again() {
    let server = Server::start([Step::ok(), Step::says(json!("3"), "Hồ sơ không tồn tại"), Step::ok()]).await;
    let bench = bench_at(&server);
    bench.call_example("sync-dossier").await.unwrap();
    let answer = bench.call_example("sync-dossier").await.unwrap();
    assert_eq!(answer["action"], "inserted");
    assert_eq!(updating(&server), ["False", "True", "False"]);
}

#[tokio::test]
async fn an_unknown_outcome_of_the_update_makes_the_whole_attempt_unknown() {
    let server = Server::start([Step::says(json!("-3"), "đã tồn tại"), Step::Reset]).await;
    let bench = bench_at(&server);
    let cx = bench.context();
    let fault = bench.call_in(&cx, "sync-dossier", bench.example("sync-dossier")).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Interrupted);
    assert!(cx.was_sent());
}

#[tokio::test]
async fn a_portal_that_contradicts_itself_is_asked_twice_and_no_more() {
    let server = Server::start([
        Step::says(json!("-3"), "Mã hồ sơ đã tồn tại"),
        Step::says(json!("3"), "Mã thủ tục không tồn tại"),
    ])
    .await;
    let bench = bench_at(&server);
    let fault = bench.call_example("sync-dossier").await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Conflict);
    assert!(fault.detail.contains("Mã thủ tục không tồn tại"), "{}", fault.detail);
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn an_invalid_dossier_reaches_nobody() {
    let server = Server::start([]).await;
    let bench = bench_at(&server);
    let mut input = bench.example("sync-dossier");
    input["code"] = json!("56.14-250115-0007");
    let cx = bench.context();
    let fault = bench.call_in(&cx, "sync-dossier", input).await.unwrap_err();
    assert_eq!(fault.code.as_str(), "LT-DOSSIER-CODE");
    assert_eq!(fault.problems[0].pointer, "/code");
    assert!(!cx.was_sent());
    assert!(server.logins().is_empty() && server.calls().is_empty());
}

#[tokio::test]
async fn a_declared_loss_shows_in_the_answer() {
    let server = Server::start([]).await;
    let mut config = super::support::axis(&server.address);
    config["lossy_statuses"] = json!({"supplement_required": "finished"});
    let bench = super::support::bench(config);
    let mut input = bench.example("sync-dossier");
    input["status"] = json!("supplement_required");
    let answer = bench.call("sync-dossier", input).await.unwrap();
    assert_eq!(answer["sent_status"], "finished");
    assert_eq!(server.calls()[0].json()["data"][0]["TrangThaiHoSo"], "9");
}

#[tokio::test]
async fn no_fault_repeats_the_owner_the_session_or_the_password() {
    let words = "Chủ hồ sơ Nguyễn Văn Mẫu (038199000001) không thành công, session-1";
    let server = Server::start([Step::says(json!("3"), words)]).await;
    let bench = bench_at(&server);
    let fault = bench.call_example("sync-dossier").await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Rejected);
    let shown = format!("{fault:?}");
    for hidden in ["Nguyễn Văn Mẫu", "038199000001", "session-1"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    assert_eq!(fault.system_code.as_deref(), Some("3"));
}
