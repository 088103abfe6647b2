//! Tests of codes and words: what is known is told apart, what is not is never success.

use serde_json::json;

use super::*;

fn judge() -> Judge {
    let config = json!({
        "endpoints": [], "partner": { "code": "P" },
        "authentication": { "digest": { "username": "env:U", "password": "env:P" } },
        "errors": { "00": "none", "01": "not_found", "05": "throttled", "07": "maintenance", "08": "forbidden" },
        "phrases": { "not_found": ["không tìm thấy"], "maintenance": ["đang bảo trì"], "session_expired": ["token hết hạn"] }
    });
    Judge::new(&serde_json::from_value(config).unwrap())
}

fn header(code: &str, words: &str) -> AnswerHeader {
    AnswerHeader { error_code: code.to_owned(), error_words: words.to_owned(), ..AnswerHeader::default() }
}

#[test]
fn an_error_code_means_what_is_configured_and_otherwise_what_its_words_say() {
    let judge = judge();
    for fine in [header("", ""), header("00", "Thành công")] {
        assert!(judge.header(&fine, &[]).is_ok());
    }
    for (code, words, kind) in [
        ("01", "", FaultKind::NotFound),
        ("05", "Thành công", FaultKind::Throttled),
        ("07", "", FaultKind::Unavailable),
        ("08", "", FaultKind::Forbidden),
        ("99", "Không tìm thấy người nộp thuế", FaultKind::NotFound),
        ("99", "Xử lý không thành công", FaultKind::Rejected),
        ("99", "Hệ thống đang bảo trì", FaultKind::Unavailable),
        ("", "Xử lý không thành công", FaultKind::Rejected),
        ("99", "Thành công", FaultKind::Unintelligible),
        ("99", "Lỗi hệ thống", FaultKind::Unintelligible),
        ("", "Lỗi hệ thống", FaultKind::Unintelligible),
    ] {
        let fault = judge.header(&header(code, words), &[]).unwrap_err();
        assert_eq!(fault.kind, kind, "{code} {words}");
    }
}

#[test]
fn a_soap_fault_about_our_proof_is_told_from_one_that_tells_nothing() {
    let judge = judge();
    for (code, words, kind) in [
        ("FailedAuthentication", "The security token could not be authenticated", FaultKind::Unauthenticated),
        ("MessageExpired", "", FaultKind::Unauthenticated),
        ("Server", "Token hết hạn", FaultKind::Unauthenticated),
        ("Client", "bad request", FaultKind::Rejected),
        ("MustUnderstand", "", FaultKind::Mapping),
        ("Server", "Internal Error", FaultKind::Unintelligible),
        ("", "thành công", FaultKind::Unintelligible),
    ] {
        let fault = judge.soap(&SoapFault { code: code.into(), words: words.into() }, &[]);
        assert_eq!(fault.kind, kind, "{code} {words}");
    }
}

#[test]
fn words_that_repeat_the_question_do_not_show_it() {
    let words = header("01", "MST 038199000001 không tồn tại");
    let fault = judge().header(&words, &["038199000001"]).unwrap_err();
    assert_eq!(fault.system_text.as_deref(), Some("MST *** không tồn tại"));
}
