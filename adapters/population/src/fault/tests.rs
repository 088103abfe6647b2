//! Tests of the judge: codes a province wrote down weigh more than words, words more than the protocol.

use serde_json::json;

use super::*;

fn judge() -> Judge {
    let config: PopulationConfig = serde_json::from_value(json!({
        "endpoints": [],
        "codes": { "E01": "not_found", "E02": "forbidden", "E03": "rejected", "E04": "unavailable", "E05": "unknown" },
        "phrases": {
            "session_expired": ["phiên làm việc hết hạn"], "throttled": ["quá nhiều yêu cầu"],
            "maintenance": ["đang bảo trì"], "not_found": ["không có công dân"]
        }
    }))
    .unwrap();
    Judge::new(&config)
}

fn told(code: &str, words: &str) -> Fault {
    judge().refusal(&Refusal { code, words, otherwise: Meaning::Rejected }, &[])
}

#[test]
fn a_known_code_weighs_more_than_words() {
    for (code, kind) in [
        ("E01", FaultKind::NotFound),
        ("E02", FaultKind::Forbidden),
        ("E03", FaultKind::Rejected),
        ("E04", FaultKind::Unavailable),
        ("E05", FaultKind::Unintelligible),
    ] {
        let fault = told(code, "Phiên làm việc hết hạn");
        assert_eq!((fault.kind, fault.code.kind(), fault.system_code.as_deref()), (kind, kind, Some(code)));
    }
}

#[test]
fn words_weigh_more_than_what_the_protocol_says() {
    for (words, kind) in [
        ("PHIÊN LÀM VIỆC HẾT HẠN", FaultKind::Unauthenticated),
        ("Quá nhiều  yêu cầu", FaultKind::Throttled),
        ("Hệ thống đang bảo trì", FaultKind::Unavailable),
        ("Không có công dân", FaultKind::NotFound),
        ("Thủ tục chưa được cấp phép khai thác CSDL dân cư", FaultKind::Forbidden),
        ("Lỗi khác", FaultKind::Rejected),
        ("Thành công", FaultKind::Rejected),
        ("", FaultKind::Rejected),
    ] {
        assert_eq!(told("1", words).kind, kind, "{words}");
    }
    assert_eq!(told("1", "đang bảo trì").code, FaultCode::Maintenance);
}

#[test]
fn nothing_that_could_hold_words_is_shown_as_a_code() {
    assert_eq!(told("Mã lỗi của Nguyễn Văn Mẫu", "?").system_code, None);
    assert_eq!(told(&"9".repeat(33), "?").system_code, None);
    assert_eq!(told("Client.Auth-1", "?").system_code.as_deref(), Some("Client.Auth-1"));
}
