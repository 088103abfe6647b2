//! Files in a legacy Vietnamese encoding: named and refused until somebody declares what they are, then read to the letter.

use std::process::{Command, Output};

use lienthong_simulators::portal::{FaultProfile, PortalOptions};
use serde_json::{Value, json};

use crate::harness::{API_KEY, Bench, Gateway, program};

/// "Đặng Thị Mẫu" in each encoding, with the option that declares it and what documents call it.
const NAMES: [(&str, &str, &[u8]); 3] = [
    ("tcvn3", "TCVN3", b"\xa7\xc6ng Th\xde M\xc9u"),
    ("vni", "VNI", b"\xd1a\xebng Th\xf2 Ma\xe3u"),
    ("windows-1258", "windows-1258", b"\xd0\xe3\xf2ng Thi\xf2 M\xe2\xdeu"),
];
const NAME: &str = "Đặng Thị Mẫu";

const MAP: &str = r#"
. = {"key": .MaHoSo, "body": {
  "code": .MaHoSo, "procedure_code": "1.000094.000.00.00.H56", "status": "received",
  "received_at": "2026-01-15T08:00:00+07:00", "owner": {"name": .ChuHoSo, "kind": "citizen"}
}}
"#;

async fn start() -> (Bench, Gateway) {
    let bench = Bench::new(FaultProfile::None).await;
    let gateway = bench.gateway().await;
    (bench, gateway)
}

/// `lienthong submit --csv` of an export with one row.
fn submit(bench: &Bench, gateway: &Gateway, row: &[u8], more: &[&str]) -> Output {
    let at = |name: &str| bench.folder.path().join(name);
    std::fs::write(at("map.vrl"), MAP).unwrap();
    std::fs::write(at("export.csv"), [b"MaHoSo,ChuHoSo\n", row, b"\n"].concat()).unwrap();
    Command::new(program())
        .args(["submit", "--operation", "portal.sync-dossier", "--url", &gateway.base, "--api-key", API_KEY])
        .arg("--csv")
        .arg(at("export.csv"))
        .arg("--map")
        .arg(at("map.vrl"))
        .args(more)
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_in_a_legacy_encoding_is_refused_with_its_line_until_it_is_declared() {
    let (bench, gateway) = start().await;
    for (place, (option, called, name)) in NAMES.into_iter().enumerate() {
        let code = format!("H56.14-260115-00{place:02}");
        let row = [code.as_bytes(), b",", name].concat();
        let refused = submit(&bench, &gateway, &row, &[]);
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{told}");
        let advice = format!("it looks like {called}: declare it, or convert it at the source (`--encoding {option}`)");
        for said in ["export.csv, line 2, is not UTF-8", advice.as_str(), "nothing was sent"] {
            assert!(told.contains(said), "{said}: {told}");
        }
        assert!(bench.portal.dossier(&code).is_none());
        let declared = submit(&bench, &gateway, &row, &["--encoding", option]);
        assert!(declared.status.success(), "{}", String::from_utf8_lossy(&declared.stderr));
        gateway.settle().await;
        // The same row in UTF-8 is the same submission, to the letter: another name would be another one.
        let in_utf8 = submit(&bench, &gateway, format!("{code},{NAME}").as_bytes(), &[]);
        assert!(in_utf8.status.success(), "{}", String::from_utf8_lossy(&in_utf8.stderr));
        let (_, found) = gateway.get(&format!("/v1/exchanges?key={code}")).await;
        assert_eq!(found["exchanges"].as_array().unwrap().len(), 1, "{option}: {found}");
        assert_eq!(found["exchanges"][0]["state"], "delivered", "{found}");
        assert_eq!(bench.portal.dossier(&code).unwrap().writes.len(), 1);
    }
}

/// A notice of the tax office whose document holds `subject` as it is, behind `declaration`.
fn notice(code: &str, declaration: &str, subject: &[u8]) -> Value {
    let head = format!(
        "{declaration}<DATA><BODY><ROW_LIST><MA_HSO>{code}</MA_HSO><LIST><MA_SO_THUE>2800000002</MA_SO_THUE>\
         <SO_QUYET_DINH>{code}/TB-CCT</SO_QUYET_DINH><NGAY_QUYET_DINH>15-01-2026</NGAY_QUYET_DINH>\
         <TEN_TIEU_MUC>"
    );
    let tail = b"</TEN_TIEU_MUC><SO_TIEN>4634000</SO_TIEN></LIST></ROW_LIST></BODY></DATA>".as_slice();
    let document = [head.as_bytes(), subject, tail].concat();
    json!({
        "SecurityKey": PortalOptions::default().security_key, "Service": "NhanThongBaoThueDat", "Ngay": "20260115",
        "IsUpdating": "False", "data": { "FileThongBaoThue": lienthong_formats::base64::encode(&document) },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_in_a_legacy_encoding_is_kept_and_named_until_its_document_declares_it() {
    let (_bench, gateway) = start().await;
    for (place, (_, called, subject)) in NAMES.into_iter().enumerate() {
        let code = format!("H56.14-260115-01{place:02}");
        let (status, reply) = gateway.post("/in/portal/nhantbthuedvcqg", &notice(&code, "", subject)).await;
        assert_eq!((status, &reply["error_code"]), (200, &json!(-1)), "it is told that nobody could read it: {reply}");
        let (_, errors) = gateway.get("/v1/errors").await;
        let looks = format!("it looks like {called}: declare it, or convert it at the source");
        let groups = errors["groups"].as_array().unwrap();
        let told = |group: &&Value| {
            let problem = &group["fault"]["field_problems"][0];
            problem["problem"].as_str().is_some_and(|text| text.contains(&looks))
        };
        let group = groups.iter().find(told).unwrap_or_else(|| panic!("{looks}: {errors}"));
        assert_eq!(group["fault"]["field_problems"][0]["pointer"], "/data/FileThongBaoThue", "{group}");
        assert_eq!(
            (&group["fault"]["kind"], &group["fault"]["origin"]),
            (&json!("invalid"), &json!("source")),
            "{group}"
        );
        assert_ne!(group["parked"], 0, "it is kept: {group}");
        // Sent again with what it is: read to the letter.
        let declaration = format!("<?xml version=\"1.0\" encoding=\"{called}\"?>");
        let (status, reply) = gateway.post("/in/portal/nhantbthuedvcqg", &notice(&code, &declaration, subject)).await;
        assert_eq!((status, &reply["error_code"]), (200, &json!(0)), "{reply}");
        let (_, inbox) = gateway.get("/v1/inbox?limit=50").await;
        let message = inbox["messages"].as_array().unwrap().iter().find(|message| message["key"] == code.as_str());
        let message = message.unwrap_or_else(|| panic!("{called}: {inbox}"));
        assert_eq!(message["body"]["notices"][0]["subject"], NAME, "{inbox}");
    }
}
