//! Every refusal: what is wrong, that it is told, and that nothing is stored.

use serde_json::{Value, json};

use super::client::{CODE, Client, OLD_CODE, dossier, step};

async fn refused(client: &Client, record: Value, reason: &str) {
    let got = client.insert(record.clone()).await.unwrap();
    assert!(!got.is_code_zero() && !got.message().is_empty(), "{record} got {}", got.body);
    let report = client.portal.report();
    assert!(report.tally.refusals.contains_key(reason), "{reason}: {:?}", report.tally.refusals);
    assert_eq!(report.stored.inserts, 0, "stored {record}");
}

#[tokio::test]
async fn missing_required_fields_are_refused() {
    let client = Client::new().await;
    for field in ["MaHoSo", "MaTTHC", "NgayTiepNhan", "TrangThaiHoSo"] {
        refused(&client, dossier(json!({field: null})), "missing-field").await;
        refused(&client, dossier(json!({field: ""})), "missing-field").await;
    }
    assert_eq!(client.portal.report().tally.refusals["missing-field"], 8);
}

#[tokio::test]
async fn a_status_outside_one_to_ten_is_refused() {
    let client = Client::new().await;
    for status in ["0", "11", "-1", "+4", "x", "4 "] {
        refused(&client, dossier(json!({"TrangThaiHoSo": status})), "bad-status").await;
    }
    for status in 1..=10 {
        let code = format!("H56.14-250115-{status:04}");
        let record = dossier(json!({"MaHoSo": code, "TrangThaiHoSo": status.to_string()}));
        assert!(client.insert(record).await.unwrap().succeeded());
    }
}

#[tokio::test]
async fn a_date_in_another_format_is_refused_wherever_it_stands() {
    let client = Client::new().await;
    for bad in [
        json!({"NgayTiepNhan": "15/01/2025"}),
        json!({"NgayHenTra": "2025-01-22T17:00:00"}),
        json!({"NgayTra": "20250230000000"}),
        json!({"NgayKetThucXuLy": "20250115"}),
        json!({"NgayTuChoi": "2025011508300"}),
        json!({"DanhSachHoSoBoSung": [{"NgayBoSung": "hôm nay"}]}),
    ] {
        refused(&client, dossier(bad), "bad-date").await;
    }
}

#[tokio::test]
async fn lengths_are_counted_in_characters() {
    let client = Client::new().await;
    // Three bytes each: a limit in bytes would refuse the good one.
    let text = |count: usize| "ế".repeat(count);
    let cases = |extra: usize| {
        vec![
            json!({"GhiChu": text(2000 + extra)}),
            json!({"TrichYeuHoSo": text(1000 + extra)}),
            json!({"TaiLieuNop": [{"TenTepDinhKem": text(4000 + extra)}]}),
            json!({"DanhSachGiayToKetQua": [{"TenGiayTo": text(2000 + extra)}]}),
        ]
    };
    for long in cases(1) {
        refused(&client, dossier(long), "too-long").await;
    }
    for (number, fits) in cases(0).into_iter().enumerate() {
        let mut record = dossier(fits);
        record["MaHoSo"] = json!(format!("H56.14-250115-{number:04}"));
        assert!(client.insert(record).await.unwrap().succeeded());
    }
}

#[tokio::test]
async fn a_code_of_another_province_is_refused_and_both_own_forms_are_taken() {
    let client = Client::new().await;
    for code in ["H57.14-250115-0007", "000.00.14.H57-250115-0007", "250115-0007"] {
        refused(&client, dossier(json!({"MaHoSo": code})), "foreign-code").await;
    }
    for code in [CODE, OLD_CODE] {
        assert!(client.insert(dossier(json!({"MaHoSo": code}))).await.unwrap().succeeded());
        assert_eq!(client.portal.dossier(code).unwrap().code, code);
    }
    assert_eq!(client.portal.report().stored.dossiers, 2, "one form is never taken for the other");
}

#[tokio::test]
async fn fields_that_are_not_texts_are_refused() {
    let client = Client::new().await;
    for bad in [
        json!({"TrangThaiHoSo": 4}),
        json!({"HinhThuc": true}),
        json!({"ChuHoSo": {"Ten": "Mẫu"}}),
        json!({"TaiLieuNop": [{"TepDinhKemId": 1}]}),
        json!({"TaiLieuNop": ["1"]}),
    ] {
        refused(&client, dossier(bad), "not-a-string").await;
    }
}

#[tokio::test]
async fn an_insert_of_an_existing_dossier_is_refused_with_both_codes() {
    let client = Client::new().await;
    assert!(client.insert(dossier(json!({}))).await.unwrap().succeeded());
    let mut codes = Vec::new();
    for _ in 0..2 {
        let got = client.insert(dossier(json!({}))).await.unwrap();
        assert_eq!(got.message(), format!("Mã hồ sơ {CODE} đã tồn tại"));
        codes.push(got.json()["error_code"].as_str().unwrap().to_owned());
    }
    codes.sort();
    assert_eq!(codes, ["-3", "3"]);
    assert_eq!(client.portal.report().stored.inserts, 1);
}

#[tokio::test]
async fn updates_and_steps_of_an_unknown_dossier_are_refused() {
    let client = Client::new().await;
    let update = client.update(dossier(json!({}))).await.unwrap();
    let steps = client.steps(vec![step(json!({}))]).await.unwrap();
    for got in [update, steps] {
        assert_eq!(got.message(), format!("Mã hồ sơ {CODE} không tồn tại"));
        assert!(!got.is_code_zero());
    }
    assert_eq!(client.portal.report().tally.refusals["unknown-dossier"], 2);
    assert!(client.portal.dossier(CODE).is_none());
}

#[tokio::test]
async fn more_than_ten_steps_and_bad_steps_are_refused_whole() {
    let client = Client::new().await;
    client.insert(dossier(json!({}))).await.unwrap();
    let eleven: Vec<_> = (0..11).map(|n| step(json!({"NoiDungXuLy": format!("Bước [#{n}]")}))).collect();
    assert!(!client.steps(eleven.clone()).await.unwrap().is_code_zero());
    for bad in [
        step(json!({"NguoiXuLy": "ế".repeat(51)})),
        step(json!({"ThoiDiemXuLy": null})),
        step(json!({"TrangThai": "12"})),
        step(json!({"MaHoSo": "H57.14-250115-0007"})),
    ] {
        let got = client.steps(vec![step(json!({})), bad]).await.unwrap();
        assert!(!got.is_code_zero(), "{}", got.body);
    }
    assert_eq!(client.portal.report().stored.steps, 0);
    assert!(client.steps(eleven[..10].to_vec()).await.unwrap().succeeded());
    assert_eq!(client.portal.steps(CODE).len(), 10);
}

#[tokio::test]
async fn a_batch_is_refused_whole() {
    let client = Client::new().await;
    let batch = json!([dossier(json!({})), dossier(json!({}))]);
    let fields = json!({"isUpdating": "False", "data": batch});
    let got = client.call("DongBoHoSoMC", fields).await.unwrap();
    assert!(got.message().contains("đã tồn tại"));
    assert_eq!(client.portal.report().stored.inserts, 0);
}

#[tokio::test]
async fn envelopes_that_break_the_form_are_refused() {
    let client = Client::new().await;
    let one = json!([dossier(json!({}))]);
    for (service, fields, reason) in [
        ("DongBoHoSoMC", json!({"isUpdating": false, "data": one}), "not-a-string"),
        ("DongBoHoSoMC", json!({"isUpdating": "true", "data": one}), "bad-request"),
        ("DongBoHoSoMC", json!({"isUpdating": "False", "data": []}), "missing-field"),
        ("DongBoHoSoMC", json!({"isUpdating": "False", "data": {}}), "not-a-string"),
        ("DongBoTrangThaiHoSo", json!({"type": "1", "data": {}}), "bad-request"),
        ("DongBoTrangThaiHoSo", json!({"type": "2", "data": []}), "not-a-string"),
        ("TraCuuHoSo", json!({}), "missing-field"),
        ("XoaHoSo", json!({}), "unknown-service"),
        ("LayDanhSachTTHC", json!({"madonvi": "000.00.00.H57"}), "foreign-unit"),
    ] {
        let before = client.portal.report().tally.refusals.get(reason).copied().unwrap_or(0);
        let got = client.call(service, fields).await.unwrap();
        assert!(!got.is_code_zero(), "{service} got {}", got.body);
        assert_eq!(client.portal.report().tally.refusals[reason], before + 1, "{service}");
    }
    let got = client.post("/mapi/g", "{\"session\":").await.unwrap();
    assert!(!got.is_code_zero());
}
