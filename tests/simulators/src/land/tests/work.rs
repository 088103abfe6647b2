//! The office at work: its script step by step and by itself, pushes repeated until answered, its slip at the tax office.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::message::tests::dossier;
use super::super::{CERTIFICATE, Dialect, Land, LandOptions, Script, Stage, Stepped, TaxDesk};
use super::client::{CODE, DeskStub, Reply, by_hand, get, post, receive};
use crate::tax::{Proof, Tax, TaxOptions};

async fn office(script: Script) -> (Land, DeskStub) {
    let stub = DeskStub::start().await;
    let options = LandOptions { script, desk: Some(stub.desk.clone()), ..LandOptions::default() };
    (Land::start(options).await.unwrap(), stub)
}

async fn supplement(land: &Land, words: &str) {
    let body = json!({ "SoBienNhan": CODE, "GhiChu": words, "DanhSachGiayToBoSung": [] });
    let said = post(land, "/capnhattrangthaibosunghoso", &body).await.unwrap().said();
    assert!(said.0, "{said:?}");
}

#[tokio::test]
async fn a_dossier_goes_through_the_office_step_by_step() {
    let (land, stub) = office(by_hand()).await;
    receive(&land, CODE).await;
    let step = async || land.step(CODE).await.unwrap();
    assert!(matches!(step().await, Stepped::Pushed(record) if record.name == "ChuyenHoSo"));
    assert!(matches!(step().await, Stepped::Pushed(record) if record.name == "YeuCauBoSungHoSo"));
    assert_eq!(step().await, Stepped::Waits("supplement"));
    supplement(&land, "Đã bổ sung trích đo").await;
    assert!(matches!(step().await, Stepped::Pushed(record) if record.name == "NhanBoSungHoSo"));
    assert!(matches!(step().await, Stepped::Pushed(record) if record.name == "GuiKetQuaThue"));
    assert_eq!(
        (step().await, land.dossier(CODE).unwrap().stage),
        (Stepped::Waits("payment"), Stage::WaitingForPayment)
    );
    let notices = land.dossier(CODE).unwrap().notices;
    assert_eq!(notices.len(), 2);
    // One receipt for each notice: the first is not enough.
    supplement(&land, &format!("Đã nộp theo {}", notices[0])).await;
    assert_eq!(step().await, Stepped::Waits("payment"));
    supplement(&land, &format!("Đã nộp theo {}", notices[1])).await;
    assert!(matches!(step().await, Stepped::Pushed(record) if record.result() == Some(1)));
    assert_eq!(step().await, Stepped::Over);
    let report = land.dossier(CODE).unwrap();
    assert_eq!((report.stage, report.next, report.counts.pushed), (Stage::Finished, None, 5));
    assert_eq!(stub.names(), ["ChuyenHoSo", "YeuCauBoSungHoSo", "NhanBoSungHoSo", "GuiKetQuaThue", "KetThucHoSo"]);
    assert!(stub.seen.lock()[0].0.ends_with("/in/land/VBDLIS/ChuyenHoSo/khoa-bi-mat"));
    let last = stub.body(4);
    assert_eq!((&last["TrangThaiKetThuc"], &last["SoBienNhan"]), (&json!(0), &json!(CODE)));
    assert_eq!(get(&land, last["DanhSachGiayToKetQua"][0]["LinkFile"].as_str().unwrap()).await.status, 200);
}

#[tokio::test]
async fn times_are_utc_and_go_forward() {
    let (land, stub) = office(by_hand()).await;
    receive(&land, CODE).await;
    land.step(CODE).await.unwrap();
    land.step(CODE).await.unwrap();
    let (forwarded, asked) = (stub.body(0)["NgayChuyen"].clone(), stub.body(1)["NgayChoBoSung"].clone());
    let time = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(forwarded.as_str().unwrap().ends_with('Z'), "{forwarded}");
    let received: jiff::Timestamp = "2025-01-15T01:30:00Z".parse().unwrap();
    assert!(received < time(&forwarded) && time(&forwarded) < time(&asked));
}

#[tokio::test]
async fn a_push_goes_again_byte_for_byte_until_it_is_answered() {
    let (land, stub) = office(by_hand()).await;
    receive(&land, CODE).await;
    stub.replies.lock().extend([Reply::Taken, Reply::Page, Reply::Closes]);
    let Stepped::Pushed(record) = land.step(CODE).await.unwrap() else { panic!("no push") };
    assert_eq!((record.sends, record.result(), record.answers.len()), (3, Some(1), 2), "{record:?}");
    let seen = stub.seen.lock().clone();
    assert_eq!((seen[0].clone(), seen.len()), (seen[2].clone(), 3));
    assert_eq!(land.report().totals.pushed_again, 2);
}

#[tokio::test]
async fn a_refused_push_is_recorded_and_does_not_go_again() {
    let (land, stub) = office(by_hand()).await;
    receive(&land, CODE).await;
    stub.replies.lock().push(Reply::Refused);
    let Stepped::Pushed(record) = land.step(CODE).await.unwrap() else { panic!("no push") };
    assert_eq!((record.sends, record.result()), (1, Some(0)));
    assert_eq!(record.answers[0].message, "Không tìm thấy hồ sơ!");
    let totals = land.report().totals;
    assert_eq!((totals.refused, totals.pushed, totals.unanswered), (1, 0, 0));
}

#[tokio::test]
async fn some_pushes_come_twice_though_they_were_answered() {
    let (land, stub) = office(Script { repeats: Some(1000), ..by_hand() }).await;
    receive(&land, CODE).await;
    let Stepped::Pushed(record) = land.step(CODE).await.unwrap() else { panic!("no push") };
    assert_eq!((record.sends, stub.names()), (2, vec!["ChuyenHoSo".to_owned(); 2]));
}

#[tokio::test]
async fn ilis_pushes_in_its_own_words() {
    let stub = DeskStub::start().await;
    let script = Script { supplements: 0, ..by_hand() };
    let desk = Some(stub.desk.clone());
    let options = LandOptions { dialect: Dialect::Ilis, script, desk, ..LandOptions::default() };
    let land = Land::start(options).await.unwrap();
    let form =
        b"client_id=one-stop&client_secret=simulated-secret&grant_type=password&username=province&password=simulated";
    let got = super::client::send_up_to(land.addr(), ("POST", "/token"), "", form, 1 << 20).await.unwrap().json();
    let headers = format!("Authorization: Bearer {}\r\n", got["access_token"].as_str().unwrap());
    let body = dossier(Dialect::Ilis, CODE).to_string();
    let path = ("POST", "/TiepNhanHoSo");
    assert!(super::client::send_up_to(land.addr(), path, &headers, body.as_bytes(), 1 << 20).await.unwrap().said().0);
    land.step(CODE).await.unwrap();
    land.step(CODE).await.unwrap();
    assert_eq!(stub.names(), ["ChuyenHoSo", "CapNhatKetQuaThongBaoThue"]);
    assert!(stub.seen.lock()[1].0.ends_with("/in/land/CapNhatKetQuaThongBaoThue?CodeGet=khoa-bi-mat"));
    assert_eq!(stub.body(1)["DanhSachThongBaoThue"][0]["HoVaChu"], "Nguyễn Văn Mẫu");
}

/// Until the dossier stands there, or the test gives up.
async fn reaches(land: &Land, code: &str, stage: Stage) {
    let there = async {
        while land.dossier(code).is_none_or(|dossier| dossier.stage != stage) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), there).await;
    assert!(waited.is_ok(), "{:?}", land.dossier(code));
}

#[tokio::test]
async fn an_office_that_works_by_itself_finishes_when_it_is_paid() {
    let script = Script { pace: Duration::from_millis(1), auto: true, ..by_hand() };
    let stub = DeskStub::start().await;
    let land = Land::start(LandOptions { script, ..LandOptions::default() }).await.unwrap();
    receive(&land, CODE).await;
    land.set_desk(stub.desk.clone());
    reaches(&land, CODE, Stage::WaitingForSupplement).await;
    supplement(&land, "Đã bổ sung").await;
    reaches(&land, CODE, Stage::WaitingForPayment).await;
    assert_eq!(post(&land, "/_sim/paid", &json!({ "dossier": CODE })).await.unwrap().status, 200);
    reaches(&land, CODE, Stage::Finished).await;
    let body = json!({ "SoBienNhan": CODE, "NgayTra": "2025-02-12T02:00:00Z" });
    assert!(post(&land, "/capnhattrangthaitraketquahoso", &body).await.unwrap().said().0);
    let report = land.report();
    assert_eq!(report.stages.into_iter().collect::<Vec<_>>(), [(Stage::Returned, 1)]);
    assert_eq!((report.totals.out_of_order, report.totals.doubled, report.totals.unanswered), (0, 0, 0));
}

#[tokio::test]
async fn the_slip_goes_to_the_tax_office_once_and_its_notices_come_back() {
    let tax = Tax::start(TaxOptions::default()).await.unwrap();
    let (land, stub) = office(Script { supplements: 0, ..by_hand() }).await;
    let url = format!("{}/t2b/gip/request", tax.base_url());
    land.set_tax(TaxDesk { url, username: "PARTNER".to_owned(), password: "simulated".to_owned() });
    receive(&land, CODE).await;
    land.step(CODE).await.unwrap();
    // The answer to the first is lost: the same bytes go again.
    assert!(tax.inject_on("slip", crate::tax::Fault::ResetAfterStore, 1));
    assert_eq!(land.step(CODE).await.unwrap(), Stepped::SlipSent);
    let slips = tax.slips();
    assert_eq!((slips.len(), slips[0].times, slips[0].signed), (1, 2, true));
    assert_eq!((slips[0].dossier.as_deref(), slips[0].bytes), (Some(CODE), land.slip(CODE).unwrap().len() as u64));
    assert_eq!(land.step(CODE).await.unwrap(), Stepped::Later, "the decisions are fetched");
    assert!(matches!(land.step(CODE).await.unwrap(), Stepped::Pushed(_)));
    let told = stub.body(1)["DanhSachThongBaoThue"].as_array().unwrap().clone();
    let numbers: Vec<&str> = told.iter().map(|notice| notice["SoThongBaoThue"].as_str().unwrap()).collect();
    let debts = tax.debts(CODE);
    assert_eq!((numbers, debts.len()), (vec![debts[0].decision.as_str(), debts[1].decision.as_str()], 3));
    assert_eq!(get(&land, told[0]["DuongDanThongBaoThue"].as_str().unwrap()).await.status, 200);
}

#[tokio::test]
async fn the_slips_signature_is_verified_by_another_program() {
    let proof = Proof::Signed { certificate: CERTIFICATE.to_owned() };
    let tax = Tax::start(TaxOptions { proof, ..TaxOptions::default() }).await.unwrap();
    let script = Script { supplements: 0, tries: 2, ..by_hand() };
    let (land, _stub) = office(script).await;
    land.set_tax(TaxDesk { url: tax.base_url(), username: String::new(), password: String::new() });
    receive(&land, CODE).await;
    land.step(CODE).await.unwrap();
    assert_eq!(land.step(CODE).await.unwrap(), Stepped::SlipSent);
    assert_eq!(tax.slips().len(), 1);
}

#[tokio::test]
async fn a_separate_process_can_command_all_of_it() {
    let stub = DeskStub::start().await;
    let land = Land::start(LandOptions { script: by_hand(), ..LandOptions::default() }).await.unwrap();
    receive(&land, CODE).await;
    let step = async || post(&land, "/_sim/step", &json!({ "dossier": CODE })).await.unwrap().json();
    assert_eq!(step().await, json!({ "waits": "desk" }));
    let desk = json!({ "base": stub.desk.base, "secret": stub.desk.secret });
    assert_eq!(post(&land, "/_sim/desk", &desk).await.unwrap().status, 200);
    assert_eq!(step().await["pushed"]["name"], "ChuyenHoSo");
    assert_eq!(get(&land, "/_sim/report").await.json()["totals"]["pushed"], 1);
    assert_eq!(get(&land, &format!("/_sim/dossier?code={CODE}")).await.json()["next"], "request-supplement");
    assert_eq!(get(&land, "/_sim/dossiers").await.json(), json!([CODE]));
    assert_eq!(post(&land, "/_sim/paid", &json!({ "dossier": "H1-250101-1" })).await.unwrap().status, 400);
    assert_eq!(get(&land, "/_sim/nothing").await.status, 404);
    land.stop().await;
}
