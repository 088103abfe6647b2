//! Both forms of the protocol: the raw axis and the provincial re-publication.

use serde_json::{Value, json};

use super::super::{Fault, Limits, PortalOptions};
use super::client::{CODE, Client, Got, dossier, send, step};

const DSTCODE: &str = "VN:GOV:000.00.00.G22:vpcpdvcprovider";
const LGSP: &str = "/KetNoiMotCuaQuocGia";

#[tokio::test]
async fn dstcode_is_taken_as_header_or_query_and_required_when_configured() {
    let options = PortalOptions { dstcode: Some(DSTCODE.to_owned()), ..PortalOptions::default() };
    let portal = super::super::Portal::start(options).await.unwrap();
    let body = json!({"username": "province", "password": "simulated"}).to_string();
    let path = "/XrdAdapter/RestService/forward/mapi/login";
    let header = format!("dstcode: {DSTCODE}\r\n");
    let query = format!("{path}?dstcode={DSTCODE}");
    let addr = portal.addr();
    assert!(send(addr, "POST", path, &header, &body).await.unwrap().is_code_zero());
    assert!(send(addr, "POST", &query, "", &body).await.unwrap().is_code_zero());
    for (path, header) in [(path, ""), (path, "dstcode: VN:GOV:other\r\n")] {
        assert_eq!(send(addr, "POST", path, header, &body).await.unwrap().status, 400);
    }
    assert_eq!(portal.report().tally.refusals["bad-dstcode"], 2);
}

#[tokio::test]
async fn paths_and_methods_it_does_not_have_are_told_by_status() {
    let client = Client::new().await;
    let addr = client.portal.addr();
    assert_eq!(send(addr, "GET", "/mapi/g", "", "").await.unwrap().status, 405);
    for path in ["/", "/mapi/x", "/KetNoiMotCuaQuocGia/XoaHoSo", "/_sim/nothing"] {
        assert_eq!(client.post(path, "{}").await.unwrap().status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let limits = Limits { body: 100, ..Limits::default() };
    let client = Client::with(PortalOptions { limits, ..PortalOptions::default() }).await;
    assert_eq!(client.post("/mapi/g", &"x".repeat(101)).await.unwrap().status, 413);
}

struct Lgsp(Client);

impl Lgsp {
    async fn new() -> Self {
        let options = PortalOptions { bearer: Some("token-1".to_owned()), ..PortalOptions::default() };
        Self(Client::with(options).await)
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> Got {
        let bearer = "Authorization: Bearer token-1\r\n";
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(self.0.portal.addr(), method, path, bearer, &body).await.unwrap()
    }
}

#[tokio::test]
async fn the_lgsp_form_asks_for_its_token() {
    let lgsp = Lgsp::new().await;
    let addr = lgsp.0.portal.addr();
    let path = format!("{LGSP}/LayDanhSachTTHC");
    for header in ["", "Authorization: Bearer other\r\n", "Authorization: Basic dG9rZW4=\r\n"] {
        let got = send(addr, "GET", &path, header, "").await.unwrap();
        assert_eq!(got.status, 401);
        assert_eq!(got.json()["fault"]["code"], 900_901);
    }
    assert!(lgsp.send("GET", &path, &Value::Null).await.is_code_zero());
    lgsp.0.portal.inject(Fault::SessionExpired, 1);
    assert_eq!(lgsp.send("GET", &path, &Value::Null).await.status, 401);
}

#[tokio::test]
async fn the_lgsp_form_takes_bare_arrays_at_separate_addresses() {
    let lgsp = Lgsp::new().await;
    let one = json!([dossier(json!({}))]);
    let add = format!("{LGSP}/ThemMoi");
    let update = format!("{LGSP}/CapNhat");
    assert!(lgsp.send("POST", &update, &one).await.message().contains("không tồn tại"));
    assert!(lgsp.send("POST", &add, &one).await.succeeded());
    assert!(lgsp.send("POST", &add, &one).await.message().contains("đã tồn tại"));
    assert!(lgsp.send("POST", &update, &one).await.succeeded());
    let steps = format!("{LGSP}/DongBoTienTrinh");
    assert!(lgsp.send("POST", &steps, &json!([step(json!({}))])).await.succeeded());
    let envelope = json!({"session": "x", "data": one});
    assert!(!lgsp.send("POST", &add, &envelope).await.is_code_zero(), "no envelope here");
    let push = json!({"MaHoSo": "G02-1", "MaHoSoDonVi": CODE, "TrangThai": "2"});
    assert!(lgsp.send("POST", &format!("{LGSP}/DongBoTrangThai"), &push).await.succeeded());
    let stored = lgsp.0.portal.report().stored;
    assert_eq!((stored.inserts, stored.updates, stored.steps, stored.statuses), (1, 1, 1, 1));
}

#[tokio::test]
async fn the_variant_with_query_parameters_adds_and_updates_at_one_address() {
    let lgsp = Lgsp::new().await;
    let one = json!([dossier(json!({}))]);
    let path =
        |unit: &str, updating: &str| format!("/api/SynsTTHCC/DongBoHoSoMC?MaDinhDanhDV={unit}&isUpdating={updating}");
    assert!(lgsp.send("POST", &path("000.00.01.H56", "False"), &one).await.succeeded());
    assert!(lgsp.send("POST", &path("H56.01", "True"), &one).await.succeeded());
    assert!(!lgsp.send("POST", &path("000.00.01.H57", "True"), &one).await.is_code_zero());
    assert!(!lgsp.send("POST", &path("H56.01", "1"), &one).await.is_code_zero());
    let stored = lgsp.0.portal.report().stored;
    assert_eq!((stored.inserts, stored.updates), (1, 1));
}

#[tokio::test]
async fn the_catalogue_is_the_same_in_both_forms_and_has_its_quirks() {
    let lgsp = Lgsp::new().await;
    let list = lgsp.send("GET", &format!("{LGSP}/LayDanhSachTTHC"), &Value::Null).await.json();
    assert_eq!(list["result"].as_array().unwrap().len(), 8);
    let one = format!("{LGSP}/LayThuTuc?maTTHC=1.900001");
    let by_query = lgsp.send("GET", &one, &Value::Null).await.json();
    let fields = json!({"maTTHC": "1.900001.000.00.00.H56"});
    let by_body = lgsp.0.call("LayThuTuc", fields).await.unwrap().json();
    assert_eq!(by_query["result"], by_body["result"]);
    let procedure = &by_body["result"][0];
    assert_eq!(procedure["THANHPHANHOSO"][0]["GIAYTO"][0]["SOBANSAO"], "");
    assert_eq!(procedure["CACHTHUCTHUCHIEN"][0]["THOIGIAN"][0]["THOIGIANGIAIQUYET"], "");
    for (service, key) in [("LayDanhMucCoQuan", "MADONVI"), ("LayDanhMucLinhVuc", "MALINHVUC")] {
        let raw = lgsp.0.call(service, json!({})).await.unwrap().json();
        assert!(raw["result"][0][key].is_string());
        let again = lgsp.send("POST", &format!("{LGSP}/{service}"), &Value::Null).await.json();
        assert_eq!(raw["result"], again["result"]);
    }
    let unknown = lgsp.0.call("LayThuTuc", json!({"maTTHC": "9.999999"})).await.unwrap().json();
    assert_eq!(unknown["result"], json!([]));
}

#[tokio::test]
async fn a_dossier_is_found_in_both_forms_once_it_exists() {
    let lgsp = Lgsp::new().await;
    let path = format!("{LGSP}/TraCuuHoSo?mahoso={CODE}");
    assert_eq!(lgsp.send("GET", &path, &Value::Null).await.json()["result"], json!([]));
    lgsp.0.insert(dossier(json!({}))).await.unwrap();
    let by_query = lgsp.send("GET", &path, &Value::Null).await.json();
    let by_body = lgsp.0.call("TraCuuHoSo", json!({"mahoso": CODE})).await.unwrap().json();
    for found in [by_query, by_body] {
        assert_eq!(found["result"], json!([{"MaHoSo": CODE, "TrangThaiHoSo": "4"}]));
    }
}
