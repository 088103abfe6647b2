//! What the desk sends and asks: dossiers, supplements, results, lists, tokens, in both dialects.

use serde_json::{Value, json};

use super::super::message::tests::dossier;
use super::super::{Dialect, Land, LandOptions, Push, Stage};
use super::client::{CODE, DeskStub, get, post, receive, send_up_to, start};

#[tokio::test]
async fn a_dossier_is_received_once_and_exists_already_afterwards() {
    let land = start().await;
    assert_eq!(receive(&land, CODE).await, (true, "Thành công".to_owned()));
    assert_eq!(receive(&land, CODE).await, (false, format!("Số biên nhận {CODE} đã tồn tại")));
    let mut changed = dossier(Dialect::Vbdlis, CODE);
    changed["DiaChiTaiSan"] = json!("xã khác");
    assert!(!post(&land, "/TiepNhan", &changed).await.unwrap().said().0);
    let kept = land.dossier(CODE).unwrap();
    assert_eq!((kept.counts.receipts, kept.counts.repeated, kept.counts.changed), (3, 1, 1));
    assert_eq!((&kept.content["TinhId"], &kept.content["XaId"]), (&json!(1), &json!(4)));
    assert_eq!(kept.content["DiaChiTaiSan"], "xã Mẫu", "an existing dossier is not changed");
}

#[tokio::test]
async fn an_officer_nobody_knows_is_refused_until_added() {
    let land = start().await;
    let mut body = dossier(Dialect::Vbdlis, CODE);
    body["NguoiTiepNhan"] = json!("canbo77");
    let said = async || post(&land, "/tiepnhan", &body).await.unwrap().said();
    assert_eq!(said().await, (false, "Người tiếp nhận canbo77 không tồn tại trên hệ thống".to_owned()));
    assert!(land.dossier(CODE).is_none());
    let added = post(&land, "/_sim/officers", &json!({ "code": "canbo77", "name": "Mẫu" })).await.unwrap();
    assert_eq!(added.status, 200);
    assert!(said().await.0);
    land.remove_officer("canbo77");
    let officers = get(&land, "/_sim/officers").await.json();
    assert!(!officers.to_string().contains("canbo77"));
}

#[tokio::test]
async fn a_supplement_is_taken_only_when_asked_for_and_counted_when_it_comes_twice() {
    let (land, stub) = (start().await, DeskStub::start().await);
    land.set_desk(stub.desk.clone());
    receive(&land, CODE).await;
    let supplement =
        json!({ "SoBienNhan": CODE, "GhiChu": "Đã bổ sung", "DanhSachGiayToBoSung": [{ "TenGiayTo": "Trích đo" }] });
    let said = async || post(&land, "/capnhattrangthaibosunghoso", &supplement).await.unwrap().said();
    assert_eq!(said().await, (false, "Hồ sơ không chờ bổ sung".to_owned()));
    let at = "2025-01-16T01:30:00Z".parse().unwrap();
    let request = Push::RequestSupplement { officer: "canbo02".into(), at, note: "Bổ sung".into(), file: None };
    assert_eq!(land.push(CODE, request).await.unwrap().result(), Some(1));
    assert_eq!(land.dossier(CODE).unwrap().stage, Stage::WaitingForSupplement);
    assert!(said().await.0);
    let counts = land.dossier(CODE).unwrap().counts;
    assert_eq!((counts.supplements, counts.unasked, counts.doubled), (1, 1, 1));
}

#[tokio::test]
async fn a_result_is_handed_over_once() {
    let land = start().await;
    receive(&land, CODE).await;
    let body = json!({ "SoBienNhan": CODE, "NgayTra": "2025-02-12T02:00:00Z" });
    let said = async || post(&land, "/capnhattrangthaitraketquahoso", &body).await.unwrap().said();
    assert!(said().await.0);
    assert_eq!(said().await, (false, format!("Hồ sơ {CODE} đã được trả kết quả")));
    let counts = land.dossier(CODE).unwrap().counts;
    assert_eq!((counts.returned, counts.returned_again, counts.out_of_order), (1, 1, 1), "it was not finished");
}

#[tokio::test]
async fn what_comes_before_the_receipt_is_not_found_and_out_of_order() {
    let land = start().await;
    let body = json!({ "SoBienNhan": CODE, "NoiDung": "Sai tên" });
    let said = post(&land, "/phanhoihososaiketqua", &body).await.unwrap().said();
    assert_eq!(said, (false, format!("Không tìm thấy hồ sơ {CODE}")));
    assert_eq!(land.report().totals.out_of_order, 1);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_and_not_kept() {
    let land = start().await;
    let mut body = dossier(Dialect::Vbdlis, CODE);
    body["XaId"] = json!("00004");
    assert_eq!(post(&land, "/tiepnhan", &body).await.unwrap().said(), (false, "Trường XaId không hợp lệ".to_owned()));
    assert_eq!(land.report().tally.refusals["bad-form: XaId"], 1);
    assert_eq!(post(&land, "/TiepNhanHoSo", &body).await.unwrap().status, 404, "another dialect's path");
    assert_eq!(land.report().dossiers, 0);
}

async fn token(land: &Land, grant: &str) -> (u16, Value) {
    let form = format!("client_id=one-stop&client_secret=simulated-secret&{grant}");
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    let got = send_up_to(land.addr(), ("POST", "/api/token"), headers, form.as_bytes(), 1 << 20).await.unwrap();
    (got.status, got.json())
}

#[tokio::test]
async fn ilis_wants_a_token_and_renews_it() {
    let land = Land::start(LandOptions { dialect: Dialect::Ilis, ..LandOptions::default() }).await.unwrap();
    let body = dossier(Dialect::Ilis, CODE).to_string();
    let call = async |token: &str| {
        let headers = format!("Authorization: Bearer {token}\r\n");
        send_up_to(land.addr(), ("POST", "/api/TiepNhanHoSo"), &headers, body.as_bytes(), 1 << 20).await.unwrap()
    };
    assert_eq!(call("none").await.status, 401);
    let (status, first) = token(&land, "grant_type=password&username=province&password=simulated").await;
    assert_eq!((status, first["expires_in"].as_u64()), (200, Some(600)));
    assert!(call(first["access_token"].as_str().unwrap()).await.said().0);
    land.expire_tokens(false);
    assert_eq!(call(first["access_token"].as_str().unwrap()).await.status, 401);
    let refresh = format!("grant_type=refresh_token&refresh_token={}", first["refresh_token"].as_str().unwrap());
    let (status, second) = token(&land, &refresh).await;
    assert_eq!(status, 200);
    assert_eq!(call(second["access_token"].as_str().unwrap()).await.status, 200);
    assert_eq!(token(&land, &refresh).await, (400, json!({ "error": "invalid_grant" })));
    let report = land.report();
    assert_eq!((report.logins, report.refreshes, report.tokens_while_valid), (1, 1, 0));
}

#[tokio::test]
async fn lists_want_their_code_and_show_who_was_added() {
    let land = start().await;
    let refused = get(&land, "/GetDanhMucNguoiDung?SecurityCode=other").await;
    assert_eq!(refused.said(), (false, "Mã bảo mật không đúng".to_owned()));
    land.add_officer("canbo77", "Mẫu");
    let list = async |name: &str| get(&land, &format!("/api/{name}?SecurityCode=simulated-code")).await.json();
    let officers = list("GetDanhMucNguoiDung").await;
    assert_eq!(officers["data"].as_array().unwrap().len(), 5);
    assert_eq!(officers["data"][4], json!({ "TenDangNhap": "canbo77", "HoTen": "Mẫu" }));
    assert_eq!(list("GetDanhMucThuTuc").await["data"][0]["MaThuTuc"], "1.012786");
    assert_eq!(list("GetDanhMucTrangThai").await["data"][0]["MaTrangThai"], "TN");
}
