//! Tests of judging: codes and words together, hidden values, and that no bytes panic. No sockets.

use lienthong_core::{FaultCode, FaultKind};
use proptest::prelude::*;

use super::*;
use lienthong_kit::words::Phrases;

fn judge() -> Judge {
    let codes = AnswerCodes {
        session_expired: vec!["-401".into()],
        throttled: vec!["-429".into()],
        maintenance: vec!["-503".into()],
        refusal: None,
    };
    Judge { words: Words::new(&Phrases::default()), codes }
}

fn verdict(json: &str) -> Result<Verdict, Fault> {
    judge().write(&read(json.as_bytes(), Shapes::Envelope)?, &[])
}

#[test]
fn known_codes_come_before_words() {
    let kind = |code: &str| verdict(&format!("{{\"error_code\":\"{code}\",\"message\":\"Thành công\"}}")).unwrap_err();
    assert_eq!(kind("-401").kind, FaultKind::Unauthenticated);
    assert_eq!(kind("-429").kind, FaultKind::Throttled);
    assert_eq!((kind("-503").kind, kind("-503").code), (FaultKind::Unavailable, FaultCode::Maintenance));
}

#[test]
fn a_listed_refusal_is_one_and_another_code_leaves_the_outcome_unknown() {
    let strict = Judge { codes: AnswerCodes { refusal: Some(vec!["3".into()]), ..Default::default() }, ..judge() };
    let kind = |code: u8| {
        let json = format!("{{\"error_code\":{code},\"message\":\"lý do\"}}");
        strict.write(&read(json.as_bytes(), Shapes::Envelope).unwrap(), &[]).unwrap_err().kind
    };
    assert_eq!((kind(3), kind(4)), (FaultKind::Rejected, FaultKind::Unintelligible));
}

#[test]
fn duplicates_are_told_whatever_their_code() {
    for code in ["0", "\"3\"", "-3", "\"-3\""] {
        let json = format!("{{\"error_code\":{code},\"message\":\"Mã hồ sơ đã TỒN TẠI\"}}");
        assert!(matches!(verdict(&json).unwrap(), Verdict::Exists { .. }), "{code}");
    }
}

#[test]
fn a_message_that_is_no_text_is_judged_as_it_stands() {
    let done = verdict("{\"error_code\":0,\"message\":{\"vi\":\"Thành công\"}}").unwrap();
    assert!(matches!(done, Verdict::Done { .. }));
    assert!(verdict("{\"error_code\":0,\"message\":null}").is_err());
}

#[test]
fn hidden_values_are_gone_whatever_their_case_and_short_ones_stay() {
    let hidden = ["NGUYỄN VĂN MẪU", "038199000001", "An", ""];
    let shown = without("Nguyễn văn Mẫu / 038199000001 / An ninh / nguyễn VĂN mẫu", &hidden);
    assert_eq!(shown, "*** / *** / An ninh / ***");
}

#[test]
fn a_plain_answer_is_a_sentence_and_no_wreck_of_another_answer() {
    assert_eq!(read("Đồng bộ thành công\r\n".as_bytes(), Shapes::Bare).unwrap().message, "Đồng bộ thành công");
    for wreck in [
        "\0{\"error_code\":\"0\",\"message\":\"thành công\"}",
        "\"thành công\"}",
        "thành công\u{1b}[2J",
        "OK {thành công",
    ] {
        assert_eq!(read(wreck.as_bytes(), Shapes::Bare).unwrap_err().kind, FaultKind::Unintelligible, "{wreck:?}");
    }
}

#[test]
fn a_result_of_null_is_no_result() {
    let answer = read(b"{\"error_code\":0,\"result\":null}", Shapes::Envelope).unwrap();
    assert!(answer.result.is_none());
    assert_eq!(judge().rows::<Text>(&answer, &[]).unwrap_err().kind, FaultKind::Unintelligible);
}

proptest! {
    #[test]
    fn no_bytes_panic_and_only_explicit_words_are_success(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for shapes in [Shapes::Envelope, Shapes::Bare] {
            if let Ok(answer) = read(&bytes, shapes) {
                let verdict = judge().write(&answer, &["hidden value"]);
                let done = matches!(verdict, Ok(Verdict::Done { .. }));
                prop_assert!(!done || text::folded(&answer.message).contains("thành công"));
                let _rows = judge().rows::<Text>(&answer, &[]);
            }
        }
        let _session = judge().login(&bytes, &[]);
    }

    #[test]
    fn any_json_in_the_envelope_is_judged(code in "-?[0-9]{1,3}", message in "\\PC{0,40}") {
        let json = serde_json::json!({"error_code": code, "message": message}).to_string();
        match verdict(&json) {
            Ok(Verdict::Done { .. }) => prop_assert!(code.bytes().all(|byte| byte == b'0')),
            Ok(Verdict::Exists { .. } | Verdict::NotFound { .. }) | Err(_) => {}
        }
    }
}
