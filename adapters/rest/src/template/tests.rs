//! Tests of templates: what parses, what fills, what is refused.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn plain(text: &str) -> Result<String, &'static str> {
    Ok(text.to_owned())
}

fn filled(template: &str, input: &Value) -> Result<Filled, FieldProblem> {
    let call = CallValues { reference: "r.0.1".into(), unit: Some("H56.14".into()), ..CallValues::default() };
    template.parse::<Template>().unwrap().fill(input, &call, plain)
}

#[test]
fn placeholders_take_fields_of_the_input_and_the_call() {
    let input = json!({ "code": "GP-1", "owner": { "names": ["A", "B"] }, "page": 2, "all": true });
    let one = |text: &str| Ok(Filled::One(text.to_owned()));
    assert_eq!(filled("/permits/{.code}/v{.page}", &input), one("/permits/GP-1/v2"));
    assert_eq!(filled("{.owner.names[1]}", &input), one("B"));
    assert_eq!(filled("{.all}", &input), one("true"));
    assert_eq!(filled("{reference}@{unit}", &input), one("r.0.1@H56.14"));
    assert_eq!(filled("{{{.code}}}", &input), one("{GP-1}"));
    assert_eq!(filled("", &input), one(""));
}

#[test]
fn a_placeholder_alone_may_be_absent_or_a_list() {
    let input = json!({ "tags": ["a", 1], "none": null });
    assert_eq!(filled("{.tags}", &input), Ok(Filled::Many(vec!["a".into(), "1".into()])));
    assert_eq!(filled("{.none}", &input), Ok(Filled::Absent));
    assert_eq!(filled("{.missing}", &input), Ok(Filled::Absent));
    assert_eq!(filled("{officer}", &input), Ok(Filled::Absent));
}

#[test]
fn what_cannot_stand_in_a_text_is_told_by_field_and_class_never_by_value() {
    let input = json!({ "owner": { "name": "Nguyễn Văn Mẫu" } });
    let problem = filled("/x/{.owner}", &input).unwrap_err();
    assert_eq!((problem.pointer.as_str(), problem.value_class.as_deref()), ("/owner", Some("object")));
    let problem = filled("/x/{.code}", &input).unwrap_err();
    assert_eq!((problem.pointer.as_str(), problem.value_class.as_deref()), ("/code", Some("missing")));
    assert!(filled("/x/{officer}", &input).unwrap_err().problem.contains("officer"));
}

#[test]
fn unreadable_templates_say_what_to_write() {
    for bad in ["{", "a}", "{.}", "{.a..b}", "{.a b}", "{code}", "{.a[}", "{.a/b}"] {
        assert!(bad.parse::<Template>().is_err(), "{bad}");
    }
    assert!("{code}".parse::<Template>().unwrap_err().contains("begins with a dot"));
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused_and_what_has_no_brace_stays(text in "\\PC{0,40}") {
        match text.parse::<Template>() {
            Ok(template) if !text.contains(['{', '}']) => prop_assert_eq!(template.constant(), Some(text.as_str())),
            Ok(_) => {}
            Err(problem) => prop_assert!(!problem.is_empty()),
        }
    }
}
