//! Tests of judging: every quirk of the land office's answers, and that no bytes panic or become a success of themselves.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::config::LandPhrases;

const CODE: &str = "H56.14-250115-0007";

fn judge() -> Judge {
    let tables = TablesConfig { officers: Some("land-officers".into()), procedures: None };
    Judge { words: LandWords::new(&LandPhrases::default()), tables }
}

fn answer(data: i32, success: bool, message: &str) -> Vec<u8> {
    let status = json!({"success": success, "code": 200, "type": "", "time": "", "message": message});
    json!({"data": data, "status": status}).to_string().into_bytes()
}

fn written(what: Writing, body: &[u8]) -> Result<Verdict, Fault> {
    judge().write(what, CODE, body, &["Nguyễn Văn Mẫu"])
}

fn kind(what: Writing, success: bool, message: &str) -> FaultKind {
    written(what, &answer(i32::from(success), success, message)).unwrap_err().kind
}

#[test]
fn success_is_an_explicit_flag_and_blank_words() {
    let done = Verdict::Done { message: String::new() };
    assert_eq!(written(Writing::Receive, &answer(1, true, "")), Ok(done));
    assert!(written(Writing::Wrong, &answer(1, true, "Cập nhật thành công")).is_ok());
    let text = br#"{"data":"1","status":{"success":"True","code":"200","message":null}}"#;
    assert!(written(Writing::Receive, text).is_ok(), "a flag as a text");
}

#[test]
fn an_existing_dossier_is_a_success_of_receiving_alone() {
    let body = answer(0, false, "Số biên nhận đã tồn tại");
    assert!(matches!(written(Writing::Receive, &body), Ok(Verdict::AlreadySo { .. })));
    for what in [Writing::Supplement, Writing::Return, Writing::Wrong] {
        assert_eq!(written(what, &body).unwrap_err().kind, FaultKind::Conflict, "{what:?}");
    }
}

#[test]
fn a_returned_dossier_is_a_success_of_returning_alone() {
    let body = answer(0, false, "Hồ sơ đã được trả kết quả");
    assert!(matches!(written(Writing::Return, &body), Ok(Verdict::AlreadySo { .. })));
    for what in [Writing::Receive, Writing::Supplement, Writing::Wrong] {
        assert_eq!(written(what, &body).unwrap_err().kind, FaultKind::Conflict, "{what:?}");
    }
}

#[test]
fn another_dossier_that_exists_is_no_success() {
    assert_eq!(kind(Writing::Receive, false, "Số biên nhận H56.14-250115-0008 đã tồn tại"), FaultKind::Conflict);
    assert_eq!(kind(Writing::Receive, false, "Tập tin đã tồn tại"), FaultKind::Conflict);
}

#[test]
fn not_found_is_not_found_although_clients_take_it_for_success() {
    for message in ["Không tìm thấy hồ sơ!", "Hồ sơ không tồn tại"] {
        for what in [Writing::Supplement, Writing::Return, Writing::Wrong] {
            assert_eq!(kind(what, false, message), FaultKind::NotFound, "{message}");
        }
    }
}

#[test]
fn a_supplement_nobody_waits_for_is_a_conflict() {
    assert_eq!(kind(Writing::Supplement, false, "Hồ sơ không chờ bổ sung"), FaultKind::Conflict);
}

#[test]
fn an_officer_the_land_office_does_not_know_names_the_field_and_the_table() {
    let body = answer(0, false, "Người tiếp nhận canbo09 không tồn tại");
    let fault = written(Writing::Receive, &body).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Mapping);
    assert_eq!(fault.problems[0].pointer, "/received_by");
    assert_eq!(fault.problems[0].table.as_deref(), Some("land-officers"));
    assert_eq!(kind(Writing::Receive, false, "Quy trình không tồn tại"), FaultKind::Mapping);
}

#[test]
fn failure_wins_over_a_flag_of_success() {
    assert_eq!(kind(Writing::Receive, true, "Cập nhật không thành công"), FaultKind::Rejected);
    assert_eq!(kind(Writing::Receive, true, "Không tìm thấy hồ sơ"), FaultKind::NotFound);
}

#[test]
fn contradictions_and_unknown_shapes_leave_the_outcome_unknown() {
    for body in [
        answer(0, true, ""),
        answer(1, false, "Thành công"),
        br#"{"data":1}"#.to_vec(),
        br#"{"data":1,"status":{"success":1}}"#.to_vec(),
        r#"{"data":1,"status":{"message":"Thành công"}}"#.as_bytes().to_vec(),
        b"".to_vec(),
        b"{\"data\":1,\"sta".to_vec(),
        b"[1]".to_vec(),
        br#"{"data":0,"status":{"success":false,"code":500,"message":"Object reference"}}"#.to_vec(),
    ] {
        let fault = written(Writing::Receive, &body).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unintelligible, "{}", String::from_utf8_lossy(&body));
    }
}

#[test]
fn a_refusal_in_words_nobody_knows_is_a_refusal_all_the_same() {
    assert_eq!(kind(Writing::Receive, false, "Thiếu số tờ bản đồ"), FaultKind::Rejected);
}

#[test]
fn no_fault_repeats_the_applicant() {
    let fault = written(Writing::Receive, &answer(0, false, "Chủ hồ sơ Nguyễn Văn Mẫu không hợp lệ")).unwrap_err();
    assert!(!format!("{fault:?}").contains("Mẫu"), "{fault:?}");
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        for what in [Writing::Receive, Writing::Supplement, Writing::Return, Writing::Wrong] {
            prop_assert!(written(what, &body).is_err());
        }
        let _rows = judge().list(&body);
    }

    #[test]
    fn only_an_explicit_flag_or_known_words_are_success(success in any::<bool>(), message in "\\PC{0,60}") {
        let verdict = written(Writing::Receive, &answer(i32::from(success), success, &message));
        if verdict.is_ok() {
            prop_assert!(success || lienthong_core::text::folded(&message).contains("đã tồn tại"));
        }
    }
}
