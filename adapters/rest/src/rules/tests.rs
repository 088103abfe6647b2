//! Tests of conditions: what holds, what never does.

use http::HeaderMap;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::answer::Reader;
use crate::config::AnswerConfig;
use crate::tests::language::Tiny;

fn rule(config: Value) -> Rule {
    Rule::build(&serde_json::from_value(config).unwrap(), "test", &Tiny).unwrap()
}

fn answer(status: u16, body: &Value) -> Answer {
    text_answer(status, &body.to_string())
}

fn text_answer(status: u16, body: &str) -> Answer {
    Reader::new(&AnswerConfig::default()).read(status, &HeaderMap::new(), body.as_bytes())
}

fn holds(config: Value, answer: &Answer) -> bool {
    rule(config).holds(answer, &json!({ "code": "GP-1" })).unwrap_or_else(|Unasked(why)| panic!("{why}"))
}

#[test]
fn a_success_without_a_status_is_one_of_2xx_and_of_what_can_be_read() {
    let success = || json!({ "when": { "at": "/code", "equals": 0 }, "then": "success" });
    assert!(holds(success(), &answer(200, &json!({ "code": 0 }))));
    assert!(holds(success(), &answer(202, &json!({ "code": "0" }))), "the same code as a text");
    assert!(!holds(success(), &answer(500, &json!({ "code": 0 }))));
    let any = json!({ "when": { "status": ["2xx"] }, "then": "success" });
    assert!(!holds(any, &text_answer(200, "<html></html>")));
    let said = json!({ "when": { "status": [409], "at": "/code", "equals": "EXISTS" }, "then": "success" });
    assert!(holds(said, &answer(409, &json!({ "code": "EXISTS" }))), "a refusal that means success, said so");
}

#[test]
fn a_negated_phrase_is_no_success_and_a_failure_is_told_in_any_case_and_form() {
    let success = || json!({ "when": { "at": "/m", "contains": ["thành công"] }, "then": "success" });
    assert!(holds(success(), &answer(200, &json!({ "m": "Cập nhật THÀNH CÔNG" }))));
    for not in ["Cập nhật không thành công", "chưa thành công", "", "đã nhận"] {
        assert!(!holds(success(), &answer(200, &json!({ "m": not }))), "{not}");
    }
    let failure = json!({ "when": { "at": "/m", "contains": ["không tồn tại"] }, "then": "not_found" });
    assert!(holds(failure, &answer(200, &json!({ "m": "Giấy phép KHO\u{302}NG  TỒN TẠI" }))));
}

#[test]
fn conditions_of_one_rule_hold_together() {
    let both =
        || json!({ "when": { "status": ["4xx"], "at": "/e", "one_of": ["A", 7], "exists": true }, "then": "conflict" });
    assert!(holds(both(), &answer(409, &json!({ "e": "7" }))));
    assert!(!holds(both(), &answer(200, &json!({ "e": "A" }))));
    assert!(!holds(both(), &answer(409, &json!({ "e": null }))));
    let absent = json!({ "when": { "at": "/data", "exists": false }, "then": "not_found" });
    assert!(holds(absent, &answer(200, &json!({ "data": null }))));
    let page = json!({ "when": { "status": [200], "page_contains": ["bảo trì"] }, "then": "maintenance" });
    assert!(holds(page, &text_answer(200, "<html>Hệ thống BẢO TRÌ</html>")));
}

#[test]
fn a_program_sees_answer_and_input_and_must_be_true_or_false() {
    let program = |text: &str| json!({ "when": { "program": text }, "then": "rejected" });
    assert!(holds(program(".body.for == .input.code"), &answer(200, &json!({ "for": "GP-1" }))));
    assert!(!holds(program(".status == 500"), &answer(200, &json!({}))));
    for bad in ["abort", ".body"] {
        assert!(rule(program(bad)).holds(&answer(200, &json!({})), &Value::Null).is_err(), "{bad}");
    }
}

#[test]
fn a_condition_keeps_its_lines() {
    let text = condition("p", "a\nb").text;
    assert_eq!(text.lines().next(), Some(".holds = { a"));
}

proptest! {
    #[test]
    fn no_answer_panics_and_nothing_but_its_code_is_success(bytes in prop::collection::vec(any::<u8>(), 0..60), status in 100_u16..600) {
        let read = Reader::new(&AnswerConfig::default()).read(status, &HeaderMap::new(), &bytes);
        let held = holds(json!({ "when": { "at": "/code", "equals": 0 }, "then": "success" }), &read);
        let code = serde_json::from_slice::<Value>(&bytes).ok().and_then(|body| body.get("code").cloned());
        prop_assert!(!held || code == Some(json!(0)) || code == Some(json!("0")));
    }
}
