//! Tests of pushes: bytes to messages in both dialects, the secret, repeats, what is kept unread, and the answers in their dialect.

use lienthong_core::ContentType;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "khoa-bi-mat-123";
const CODE: &str = "H38.02-250115-0021";
const FORWARD: &str = include_str!("../../testdata/forward.push.json");

fn inbound(dialect: Dialect) -> LandInbound {
    let manners = Manners { window: Duration::from_secs(60), unreadable: UnreadableReply::Error, zone: Zone::Utc };
    LandInbound::new(SystemId::new("land").unwrap(), dialect, SECRET.into(), manners).unwrap()
}

fn request(path: &str, query: Option<&str>, body: impl Into<bytes::Bytes>) -> InboundRequest {
    InboundRequest {
        method: "POST".into(),
        path: path.into(),
        query: query.map(str::to_owned),
        headers: Vec::new(),
        body: body.into(),
    }
}

fn vbdlis(service: &str, body: impl Into<bytes::Bytes>) -> Result<InboundMessage, Fault> {
    inbound(Dialect::Vbdlis).read(&request(&format!("/VBDLIS/{service}/{SECRET}"), None, body))
}

fn ilis(service: &str, body: impl Into<bytes::Bytes>) -> Result<InboundMessage, Fault> {
    inbound(Dialect::Ilis).read(&request(&format!("/api/{service}"), Some(&format!("CodeGet={SECRET}")), body))
}

fn only(message: &InboundMessage) -> InboundSubmission {
    match &message.content {
        InboundContent::Submissions(all) => {
            assert_eq!(all.len(), 1);
            all[0].clone()
        }
        InboundContent::Partly { unreadable, .. } => panic!("in part unreadable: {unreadable:?}"),
        InboundContent::Unreadable { fault, .. } => panic!("unreadable: {fault}"),
    }
}

fn said(message: &InboundMessage) -> Value {
    serde_json::from_slice(&only(message).body.bytes).unwrap()
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn unread(message: &InboundMessage) -> (String, Fault) {
    match &message.content {
        InboundContent::Unreadable { operation, fault } => (operation.to_string(), fault.clone()),
        InboundContent::Submissions(_) | InboundContent::Partly { .. } => panic!("it was read"),
    }
}

#[test]
fn a_forwarded_dossier_is_read_from_bytes_with_every_file() {
    let message = vbdlis("ChuyenHoSo", FORWARD).unwrap();
    let submission = only(&message);
    assert_eq!(submission.operation.as_str(), "land.dossier-forwarded");
    assert_eq!(submission.key.as_str(), CODE);
    assert_eq!(said(&message), json_of(include_str!("../../testdata/forward.output.json")));
}

#[test]
fn tax_results_of_both_dialects_are_one_message() {
    let expected = json_of(include_str!("../../testdata/tax-result.output.json"));
    let one = vbdlis("GuiKetQuaThue", include_str!("../../testdata/tax-result.vbdlis.push.json")).unwrap();
    let other = ilis("CapNhatKetQuaThongBaoThue", include_str!("../../testdata/tax-result.ilis.push.json")).unwrap();
    assert_eq!(said(&one), expected);
    assert_eq!(said(&other), expected);
    let aliases: Vec<String> = only(&one).aliases.iter().map(ToString::to_string).collect();
    assert_eq!(aliases, ["LTB2501101-TK0000011/TB-CCT", "LTB2501101-TK0000012/TB-CCT"]);
    assert_eq!(only(&one).operation.as_str(), "land.tax-result-received");
}

#[test]
fn an_end_is_a_result_at_zero_and_returned_or_withdrawn_otherwise() {
    let body = include_str!("../../testdata/finished.push.json");
    assert_eq!(
        said(&vbdlis("KetThucHoSo", body).unwrap()),
        json_of(include_str!("../../testdata/finished.output.json"))
    );
    let other = vbdlis("KetThucHoSo", body.replace(": 0,", ": \"2\",")).unwrap();
    assert_eq!(said(&other)["end"], "returned_or_withdrawn");
    let (operation, fault) = unread(&vbdlis("KetThucHoSo", body.replace(": 0,", ": null,")).unwrap());
    assert_eq!(operation, "land.dossier-finished");
    assert_eq!(fault.problems[0].pointer, "/TrangThaiKetThuc");
}

#[test]
fn requests_for_supplement_and_their_receipt_are_read() {
    let asked = json!({
        "SoBienNhan": CODE, "NgayChoBoSung": "2025-01-18T03:00:00", "MaCanBoXuLy": "canbo02", "LaTamDung": "true",
        "GhiChu": "Thiếu trích đo", "TapTin": { "TenGiayTo": "Phiếu", "LinkFile": "files/p.pdf" }
    });
    let read = said(&vbdlis("YeuCauBoSungHoSo", asked.to_string()).unwrap());
    assert_eq!(read["requested_at"], "2025-01-18T03:00:00Z");
    assert_eq!(read["paused"], true);
    assert_eq!(read["files"], json!([{ "name": "Phiếu", "link": "files/p.pdf" }]));
    let received = json!({
        "SoBienNhan": CODE, "NgayNhanBoSung": "2025-01-22T02:15:00Z", "NgayHenTraMoi": "0001-01-01T00:00:00"
    });
    let read = said(&vbdlis("NhanBoSungHoSo", received.to_string()).unwrap());
    assert_eq!(read, json!({ "code": CODE, "received_at": "2025-01-22T02:15:00Z" }));
}

#[test]
fn a_file_of_unknown_shape_is_kept_as_it_came() {
    let asked = |file: Value| {
        let body = json!({ "SoBienNhan": CODE, "TapTin": file }).to_string();
        said(&vbdlis("YeuCauBoSungHoSo", body).unwrap())
    };
    let inline = json!({ "name": "a.pdf", "data": "JVBERi0=" });
    assert_eq!(asked(inline.clone())["other"]["TapTin"], inline);
    assert_eq!(asked(json!("/files/1.pdf"))["files"][0]["link"], "/files/1.pdf");
    assert_eq!(asked(json!([])), json!({ "code": CODE, "files": [] }));
}

#[test]
fn names_in_decomposed_unicode_come_in_composed_and_links_as_they_are() {
    let decomposed = "Nguye\u{302}\u{303}n Va\u{306}n Ma\u{302}\u{303}u";
    let notice = json!({ "HoTenChu": decomposed, "SoThongBaoThue": "TB1", "DuongDanThongBaoThue": decomposed });
    let body = json!({ "SoBienNhan": CODE, "GhiChu": decomposed, "DanhSachThongBaoThue": [notice] }).to_string();
    let read = said(&vbdlis("GuiKetQuaThue", body).unwrap());
    assert_eq!(
        (&read["note"], &read["notices"][0]["owner_name"]),
        (&json!("Nguyễn Văn Mẫu"), &json!("Nguyễn Văn Mẫu"))
    );
    assert_eq!(read["notices"][0]["link"], decomposed, "the file's own name at the office");
}

#[test]
fn a_bad_date_is_kept_as_text_and_never_becomes_year_one() {
    let body = json!({ "SoBienNhan": CODE, "NgayChuyen": "2014/02/30" }).to_string();
    let read = said(&vbdlis("ChuyenHoSo", body).unwrap());
    assert_eq!(read.get("forwarded_at"), None);
    assert_eq!(read["other"]["NgayChuyen"], "2014/02/30");
}

#[test]
fn only_the_secret_in_the_address_opens() {
    let path = |path: &str| inbound(Dialect::Vbdlis).read(&request(path, None, FORWARD)).unwrap_err();
    for bad in ["/VBDLIS/ChuyenHoSo/other", "/VBDLIS/ChuyenHoSo", "/ChuyenHoSo", "/", "/VBDLIS/ChuyenHoSo/"] {
        assert_eq!(path(bad).kind, FaultKind::Unauthenticated, "{bad}");
    }
    let query = |query: Option<&str>| {
        inbound(Dialect::Ilis).read(&request("/api/ChuyenHoSo", query, FORWARD)).map(drop).unwrap_err().kind
    };
    for bad in
        [None, Some(""), Some("CodeGet=x"), Some("Code=khoa-bi-mat-123"), Some("CodeGet=khoa-bi-mat-123&CodeGet=x")]
    {
        assert_eq!(query(bad), FaultKind::Unauthenticated, "{bad:?}");
    }
    assert!(ilis("ChuyenHoSo", FORWARD).is_ok());
}

#[test]
fn the_secret_is_in_no_fault_no_dedupe_key_and_no_kept_body() {
    let fault =
        inbound(Dialect::Vbdlis).read(&request(&format!("/VBDLIS/KhongCo/{SECRET}"), None, FORWARD)).unwrap_err();
    assert_eq!(fault.code, FaultCode::NoSuchPath);
    assert!(!format!("{fault:?}").contains(SECRET));
    let body = json!({ "SoBienNhan": CODE, "SecurityCode": SECRET }).to_string();
    let message = vbdlis("ChuyenHoSo", body).unwrap();
    assert!(!message.dedupe_key.contains(SECRET));
    assert!(!String::from_utf8_lossy(&message.raw.bytes).contains(SECRET));
    assert!(!String::from_utf8_lossy(&only(&message).body.bytes).contains(SECRET));
}

#[test]
fn a_secret_with_escapes_is_the_same_secret() {
    let manners = Manners { window: Duration::from_secs(60), unreadable: UnreadableReply::Error, zone: Zone::Utc };
    let inbound = LandInbound::new(SystemId::new("land").unwrap(), Dialect::Vbdlis, "a/b c".into(), manners).unwrap();
    assert!(inbound.read(&request("/VBDLIS/ChuyenHoSo/a%2Fb%20c", None, FORWARD)).is_ok());
}

#[test]
fn pushes_whose_fields_are_not_public_are_kept_as_they_came() {
    for (service, operation) in [
        ("TiepNhanHoSoChoMotCua", "land.dossier-received-for-desk"),
        ("YeuCauCapNhatHoSo", "land.update-requested"),
        ("ThongBaoNhapSaiThuTuc", "land.wrong-procedure-reported"),
        ("ThueChuyenTraHoSoDoSai", "land.sent-back-by-tax"),
    ] {
        let message = vbdlis(service, FORWARD).unwrap();
        assert_eq!(unread(&message).0, operation);
        assert_eq!(message.raw.bytes, FORWARD.as_bytes());
    }
}

#[test]
fn what_is_authenticated_and_unreadable_is_kept() {
    let legacy = [b"{\"SoBienNhan\":\"H38\",\"GhiChu\":\"".as_slice(), &[0xE3, 0xD0], b"\"}"].concat();
    let message = vbdlis("ChuyenHoSo", legacy.clone()).unwrap();
    assert_eq!(message.raw.bytes, legacy);
    assert_eq!(message.raw.content_type, ContentType::Binary);
    for body in
        ["", "không phải JSON", "[]", "{}", "{\"SoBienNhan\":[]}", "{\"SoBienNhan\":\"x\",\"DanhSachTapTin\":7}"]
    {
        let message = vbdlis("ChuyenHoSo", body.as_bytes().to_vec()).unwrap();
        assert_eq!(unread(&message).0, "land.dossier-forwarded", "{body}");
    }
    for (body, pointer, problem) in [
        (r#"{"SoBienNhan":[]}"#.to_owned(), "/SoBienNhan", "a text or a number"),
        (r#"{"SoBienNhan":"x","DanhSachTapTin":[{"LinkFile":{}}]}"#.to_owned(), "/DanhSachTapTin/0/LinkFile", "a text"),
        (r#"{"SoBienNhan":"x","#.to_owned(), "", "column 18"),
        (format!(r#"{{"SoBienNhan":"x","khac":{}"#, "[".repeat(9999)), "", "recursion limit"),
        (r#"{"SoBienNhan":"\ud800"}"#.to_owned(), "", "column"),
    ] {
        let message = vbdlis("ChuyenHoSo", body.clone()).unwrap();
        assert_eq!(message.raw.content_type == ContentType::Json, !pointer.is_empty(), "{body:.40}");
        let found = unread(&message).1.problems[0].clone();
        assert_eq!((found.pointer.as_str(), found.problem.contains(problem)), (pointer, true), "{found:?}");
    }
    let without_number = json!({ "SoBienNhan": CODE, "DanhSachThongBaoThue": [{ "LoaiThue": "x" }] }).to_string();
    assert_eq!(
        unread(&vbdlis("GuiKetQuaThue", without_number).unwrap()).1.problems[0].pointer,
        "/DanhSachThongBaoThue"
    );
}

#[test]
fn a_repeat_is_recognised_whatever_the_order_of_its_fields() {
    let one = vbdlis("ChuyenHoSo", r#"{"SoBienNhan":"H38.02-250115-0021","MaTrangThai":"A"}"#).unwrap();
    let same = vbdlis("chuyenhoso", r#"{ "MaTrangThai": "A", "SoBienNhan": "H38.02-250115-0021" }"#).unwrap();
    let other = vbdlis("ChuyenHoSo", r#"{"SoBienNhan":"H38.02-250115-0021","MaTrangThai":"B"}"#).unwrap();
    assert_eq!(one.dedupe_key, same.dedupe_key);
    assert_ne!(one.dedupe_key, other.dedupe_key);
    assert!(one.dedupe_key.starts_with("ChuyenHoSo:H38.02-250115-0021:"));
}

#[test]
fn answers_are_in_their_dialect() {
    let inbound = inbound(Dialect::Vbdlis);
    let asked = request("/", None, "");
    let answer = |result: InboundResult| -> Value {
        let reply = inbound.reply(&asked, &result);
        assert_eq!(reply.status, 200);
        serde_json::from_slice(&reply.body).unwrap()
    };
    assert_eq!(answer(InboundResult::Accepted), json!({ "Result": 1, "Message": "Thành công" }));
    assert_eq!(answer(InboundResult::Repeated)["Result"], 1);
    assert_eq!(answer(InboundResult::Kept)["Result"], 0);
    let fault = Fault::new(FaultKind::Unavailable, FaultCode::DiskFull, "no room at /var/lib");
    let refused = answer(InboundResult::NotAccepted(fault));
    assert_eq!(refused["Result"], 0);
    assert!(!refused.to_string().contains("/var/lib"));
}

#[test]
fn every_example_is_of_its_operations_fields() {
    for operation in inbound(Dialect::Vbdlis).operations() {
        let (Some(schema), Some(example)) = (operation.body.get("properties"), operation.example.as_object()) else {
            continue;
        };
        for field in example.keys() {
            assert!(schema.get(field).is_some(), "{} has no {field}", operation.name);
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(
        service in "(ChuyenHoSo|YeuCauBoSungHoSo|NhanBoSungHoSo|GuiKetQuaThue|KetThucHoSo|YeuCauCapNhatHoSo)",
        body in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let message = vbdlis(&service, body).unwrap();
        let kept = matches!(message.content, InboundContent::Unreadable { .. });
        prop_assert!(kept);
    }

    #[test]
    fn no_field_makes_the_parser_panic(name in "(SoBienNhan|NgayChuyen|DanhSachTapTin|TapTin|TrangThaiKetThuc)", text in "\\PC{0,40}") {
        for value in [json!(text), json!([text]), json!({ "TenGiayTo": text, "LinkFile": text }), json!(7)] {
            let mut body = json!({ "SoBienNhan": CODE });
            body[&name] = value;
            for service in ["ChuyenHoSo", "YeuCauBoSungHoSo", "KetThucHoSo"] {
                let _read = vbdlis(service, body.to_string()).unwrap();
            }
        }
    }

    #[test]
    fn no_address_panics(path in "/\\PC{0,40}", query in proptest::option::of("\\PC{0,40}")) {
        for dialect in [Dialect::Vbdlis, Dialect::Ilis] {
            let _read = inbound(dialect).read(&request(&path, query.as_deref(), ""));
        }
    }
}
