//! Tests of pushes: who may push, what is read, what is kept unread, how repeats are recognised, what is answered. No sockets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lienthong_core::ContentType;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

const KEY: &str = "khoa-chung-0001";
const RECEIPT: &[u8] = include_bytes!("../../testdata/tax-receipt.push.json");
const NOTICE: &[u8] = include_bytes!("../../testdata/tax-notice.xml");

fn inbound() -> PortalInbound {
    inbound_with(RepeatReply::Duplicate, UnreadableReply::Error)
}

fn inbound_with(repeated: RepeatReply, unreadable: UnreadableReply) -> PortalInbound {
    let manners = Manners { window: Duration::from_secs(60), repeated, unreadable };
    PortalInbound::new(SystemId::new("portal").unwrap(), KEY.into(), manners).unwrap()
}

fn push(path: &str, body: impl Into<bytes::Bytes>) -> InboundRequest {
    InboundRequest { method: "POST".into(), path: path.into(), query: None, headers: Vec::new(), body: body.into() }
}

fn receipt(change: impl FnOnce(&mut Value)) -> InboundRequest {
    let mut value: Value = serde_json::from_slice(RECEIPT).unwrap();
    change(&mut value);
    push("/nhanhsdvcqg", value.to_string())
}

fn notice(file: &str) -> InboundRequest {
    let body = json!({
        "SecurityKey": KEY, "Service": "NhanThongBaoThueDat", "Ngay": "20250115", "IsUpdating": "False",
        "data": { "FileThongBaoThue": file }
    });
    push("/nhantbthuedvcqg", body.to_string())
}

fn submissions(message: InboundMessage) -> Vec<InboundSubmission> {
    match message.content {
        InboundContent::Submissions(all) => all,
        InboundContent::Partly { unreadable, .. } => panic!("{unreadable:?}"),
        InboundContent::Unreadable { fault, .. } => panic!("{fault:?}"),
    }
}

fn unread_fault(message: InboundMessage) -> (String, Fault) {
    match message.content {
        InboundContent::Submissions(all) | InboundContent::Partly { submissions: all, .. } => panic!("{all:?}"),
        InboundContent::Unreadable { operation, fault } => (operation.to_string(), fault),
    }
}

fn body(submission: &InboundSubmission) -> Value {
    serde_json::from_slice(&submission.body.bytes).unwrap()
}

#[test]
fn a_receipt_becomes_the_operations_example() {
    let inbound = inbound();
    let all = submissions(inbound.read(&push("/nhanhsdvcqg", RECEIPT)).unwrap());
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].operation.as_str(), "portal.tax-receipt-received");
    assert_eq!(all[0].key.as_str(), "H56.14-250115-0007");
    assert_eq!(all[0].aliases, [BusinessKey::new("LTB2512345-TK0000001/TB-CCT").unwrap()]);
    assert_eq!(body(&all[0]), inbound.operations()[1].example);
}

#[test]
fn a_notice_becomes_one_submission_per_dossier() {
    let all = submissions(inbound().read(&notice(&STANDARD.encode(NOTICE))).unwrap());
    let keys: Vec<&str> = all.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["H56.14-250115-0007", "000.00.14.H56-250116-0001"]);
    assert!(all.iter().all(|one| one.operation.as_str() == "portal.tax-notice-received"));
    assert_eq!(all[0].aliases.len(), 2, "a decision that comes twice is one alias");
    let first = body(&all[0]);
    assert_eq!(first["day"], "2025-01-15");
    assert_eq!(first["updating"], false);
    assert_eq!(first["notices"].as_array().unwrap().len(), 3);
}

#[test]
fn base64_may_be_wrapped_and_unpadded_and_is_the_same_push() {
    let plain = STANDARD.encode(NOTICE);
    let wrapped: String =
        plain.as_bytes().chunks(76).map(|line| format!("{}\r\n", str::from_utf8(line).unwrap())).collect();
    let keys: Vec<String> = [plain.as_str(), &wrapped, plain.trim_end_matches('=')]
        .into_iter()
        .map(|file| inbound().read(&notice(file)).unwrap().dedupe_key)
        .collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}

#[test]
fn service_and_key_come_in_any_spelling() {
    for (service, key) in [("service", "securityKey"), ("Service", "session"), ("SERVICE", "Session")] {
        let request = receipt(|value| {
            let fields = value.as_object_mut().unwrap();
            let (old_service, old_key) = (fields.remove("Service").unwrap(), fields.remove("SecurityKey").unwrap());
            fields.insert(service.into(), old_service);
            fields.insert(key.into(), old_key);
        });
        let message = inbound().read(&request).unwrap();
        assert!(!String::from_utf8_lossy(&message.raw.bytes).contains(KEY));
        assert_eq!(submissions(message).len(), 1);
    }
}

#[test]
fn without_the_key_nothing_is_read() {
    for key in [json!("another"), json!(""), json!(null), json!([KEY]), json!("khoa-chung-000")] {
        let fault = inbound().read(&receipt(|value| value["SecurityKey"] = key.clone())).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unauthenticated, "{key}");
    }
    let none = inbound().read(&receipt(|value| drop(value.as_object_mut().unwrap().remove("SecurityKey"))));
    assert_eq!(none.unwrap_err().kind, FaultKind::Unauthenticated);
    let twice = format!("{{\"SecurityKey\":\"{KEY}\",\"securitykey\":\"other\",\"Service\":\"x\"}}");
    assert_eq!(inbound().read(&push("/nhanhsdvcqg", twice)).unwrap_err().kind, FaultKind::Unauthenticated);
}

#[test]
fn the_raw_body_is_kept_byte_for_byte_without_the_key() {
    let raw = format!("{{ \"b\" : 1.50,\"SecurityKey\":\"{KEY}\",\"data\":{{ \"x\":\"\\u00e0\" }},\"Service\":\"?\"}}");
    let message = inbound().read(&push("/nhanhsdvcqg/", raw)).unwrap();
    assert_eq!(&message.raw.bytes[..], br#"{"b":1.50,"data":{ "x":"\u00e0" },"Service":"?"}"#);
    assert_eq!(message.raw.content_type, ContentType::Json);
}

#[test]
fn what_is_authenticated_but_unreadable_is_kept() {
    let no_number = |value: &mut Value| value["data"]["ThongTinThanhToan"]["MaThongBaoThue"] = json!("");
    let cases: [(&str, InboundRequest, &str); 9] = [
        ("notice", notice("%%%"), "/data/FileThongBaoThue"),
        ("notice", notice(&STANDARD.encode("<DATA/>")), "/data/FileThongBaoThue"),
        ("receipt", receipt(|value| value["Service"] = json!("ThongBaoKhuyenMai")), "/Service"),
        ("receipt", receipt(|value| drop(value.as_object_mut().unwrap().remove("Service"))), "/Service"),
        ("receipt", receipt(|value| value["data"] = json!("x")), "/data"),
        ("receipt", receipt(|value| value["data"]["MaHoSo"] = json!(" ")), "/data/MaHoSo"),
        ("receipt", receipt(|value| value["data"]["MaHoSo"] = json!(["x"])), "/data/MaHoSo"),
        ("receipt", receipt(no_number), "/data/ThongTinThanhToan/MaThongBaoThue"),
        ("receipt", receipt(|value| value["data"] = json!([value["data"].clone(), {}])), "/data/1/MaHoSo"),
    ];
    for (operation, request, pointer) in cases {
        let (name, fault) = unread_fault(inbound().read(&request).unwrap());
        assert_eq!(name, format!("portal.tax-{operation}-received"));
        assert_eq!(fault.problems[0].pointer, pointer);
        assert!(!format!("{fault:?}").contains("038199000001"));
    }
}

#[test]
fn a_push_in_a_legacy_encoding_is_kept_as_it_came_without_the_key() {
    let mut bytes = format!("{{\"SecurityKey\":\"{KEY}\",\"Service\":\"NhanChungTuThueDat\",\"data\":\"").into_bytes();
    bytes.extend_from_slice(&[0xd0, 0xb5, 0xff, 0xfe]);
    bytes.extend_from_slice(b"\"}");
    let message = inbound().read(&push("/nhanhsdvcqg", bytes.clone())).unwrap();
    assert_eq!(message.raw.content_type, ContentType::Binary);
    assert_eq!(message.raw.bytes.len(), bytes.len() - KEY.len() + 3);
    assert!(!String::from_utf8_lossy(&message.raw.bytes).contains(KEY));
    assert!(unread_fault(message).1.problems[0].problem.starts_with("is not UTF-8 (from byte "));
    let mut escaped = b"{\"SecurityKey\":\"\\u006bhoa-chung-0001\",\"data\":\"".to_vec();
    escaped.extend_from_slice(&[0xff]);
    escaped.extend_from_slice(b"\"}");
    let message = inbound().read(&push("/nhanhsdvcqg", escaped)).unwrap();
    assert!(!String::from_utf8_lossy(&message.raw.bytes).contains("hoa-chung"));
}

#[test]
fn what_only_looks_like_json_is_kept_as_bytes_with_its_place() {
    for (data, pointer, problem) in [
        ("[".repeat(500) + &"]".repeat(500), "/data/0/0", "a text or a number"),
        (r#"{"MaHoSo":"\ud800"}"#.to_owned(), "/data", "column"),
        (r#"{"MaHoSo":1e999}"#.to_owned(), "/data", "out of range"),
    ] {
        let body = format!("{{\"SecurityKey\":\"{KEY}\",\"Service\":\"NhanChungTuThueDat\",\"data\":{data}}}");
        let message = inbound().read(&push("/nhanhsdvcqg", body)).unwrap();
        assert_eq!(message.raw.content_type, ContentType::Binary);
        let (_, fault) = unread_fault(message);
        assert_eq!(fault.problems[0].pointer, pointer);
        assert!(fault.problems[0].problem.contains(problem), "{fault:?}");
    }
}

#[test]
fn what_is_not_ours_is_not_kept_and_answered_500() {
    let inbound = inbound();
    let get = InboundRequest { method: "GET".into(), ..push("/nhanhsdvcqg", RECEIPT) };
    for request in [push("/downloadfile/x", RECEIPT), get, push("/nhanhsdvcqg", "[]"), push("/nhanhsdvcqg", "{\"a\":")]
    {
        let fault = inbound.read(&request).unwrap_err();
        let reply = inbound.reply(&request, &InboundResult::NotAccepted(fault));
        assert_eq!((reply.status, &reply.body[..]), (500, b"request body incorrect".as_slice()));
    }
}

#[test]
fn the_same_push_is_recognised_and_a_changed_one_is_new() {
    let key = |request: &InboundRequest| inbound().read(request).unwrap().dedupe_key;
    let first = key(&receipt(|_| {}));
    assert_eq!(first, key(&push("/nhanhsdvcqg", RECEIPT)), "order and blanks do not count");
    assert!(first.starts_with("/nhanhsdvcqg:H56.14-250115-0007:LTB2512345-TK0000001/TB-CCT:"), "{first}");
    assert!(!first.contains("2800000002"), "no tax code in a key");
    assert_ne!(first, key(&receipt(|value| value["data"]["ThongTinThanhToan"]["SoTien"] = json!("1"))));
    assert_ne!(first, key(&receipt(|value| value["IsUpdating"] = json!("True"))));
}

#[test]
fn several_receipts_in_one_push_are_several_submissions() {
    let all = submissions(
        inbound()
            .read(&receipt(|value| value["data"] = json!([value["data"].clone(), value["data"].clone()])))
            .unwrap(),
    );
    assert_eq!(all.len(), 2);
}

#[test]
fn answers_are_in_the_portals_dialect() {
    let code = |inbound: &PortalInbound, result: InboundResult| {
        let reply = inbound.reply(&push("/nhanhsdvcqg", ""), &result);
        assert_eq!(reply.status, 200);
        serde_json::from_slice::<Value>(&reply.body).unwrap()["error_code"].clone()
    };
    let ours = inbound();
    assert_eq!(code(&ours, InboundResult::Accepted), 0);
    assert_eq!(code(&ours, InboundResult::Repeated), 1);
    assert_eq!(code(&ours, InboundResult::Kept), -1);
    for kind in [FaultKind::Unauthenticated, FaultKind::Unavailable, FaultKind::Throttled] {
        assert_eq!(code(&ours, InboundResult::NotAccepted(Fault::of(kind, "x"))), -1);
    }
    let lenient = inbound_with(RepeatReply::Success, UnreadableReply::Success);
    assert_eq!(code(&lenient, InboundResult::Repeated), 0);
    assert_eq!(code(&lenient, InboundResult::Kept), 0);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _read = inbound().read(&push("/nhanhsdvcqg", bytes));
    }

    #[test]
    fn a_damaged_push_never_panics_and_never_leaks_the_key(at in 0usize..1000, byte in any::<u8>()) {
        let mut damaged = RECEIPT.to_vec();
        if let Some(place) = damaged.get_mut(at) {
            *place = byte;
        }
        if let Ok(message) = inbound().read(&push("/nhanhsdvcqg", damaged)) {
            prop_assert!(!String::from_utf8_lossy(&message.raw.bytes).contains(KEY));
        }
    }
}
