//! Conversions both ways: what survives exactly and what is refused.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::routing::fixture::any_json;

#[test]
fn integers_and_decimals_survive_exactly() {
    let body = br#"{"min":-9223372036854775808,"max":9223372036854775807,"fee":150000.25,"tenth":0.1}"#;
    let written = into_json(read(body).unwrap()).unwrap();
    assert_eq!(
        serde_json::to_string(&written).unwrap(),
        r#"{"fee":150000.25,"max":9223372036854775807,"min":-9223372036854775808,"tenth":0.1}"#
    );
}

#[test]
fn a_number_that_would_be_rounded_is_refused_by_its_pointer() {
    let integer = br#"{"fees":[{"amount":9223372036854775808}]}"#;
    assert_eq!(read(integer), Err(Unread::Inexact("/fees/0/amount".to_owned())));
    let decimal = br#"{"area":123456789.123456789012}"#;
    assert_eq!(read(decimal), Err(Unread::Inexact("/area".to_owned())));
}

#[test]
fn what_has_no_json_form_is_refused_and_not_bent() {
    let bytes = Value::Bytes(vec![0xff, 0xfe].into());
    let infinite = Value::from_f64_or_zero(f64::INFINITY);
    for (value, class) in [(bytes, "bytes"), (infinite, "number")] {
        let event = Value::Object([("a".into(), Value::Array(vec![Value::Null, value]))].into_iter().collect());
        let refused = into_json(event).unwrap_err();
        assert_eq!((refused.pointer.as_str(), refused.class), ("/a/1", class));
    }
}

#[test]
fn a_result_nested_without_end_is_refused() {
    let deep = (0..200).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    assert_eq!(into_json(deep).unwrap_err().problem, "is nested too deep");
}

#[test]
fn a_broken_body_is_told_without_its_content() {
    let Err(Unread::Syntax(why)) = read(br#"{"owner": Nguyen}"#) else { panic!("read") };
    assert!(!why.contains("Nguyen"), "{why}");
}

#[test]
fn a_condition_sees_an_integer_beyond_64_bits_as_the_nearest_float() {
    assert!(matches!(from_json(&json!(u64::MAX)), Value::Float(_)));
    assert!(matches!(from_json(&json!(i64::MAX)), Value::Integer(i64::MAX)));
}

proptest! {
    /// Either the same JSON comes out, or it is refused.
    #[test]
    fn nothing_changes_on_the_way_through(body in any_json()) {
        let bytes = serde_json::to_vec(&body).unwrap();
        match read(&bytes) {
            Ok(value) => prop_assert_eq!(into_json(value).unwrap(), body),
            Err(Unread::Inexact(pointer)) => prop_assert!(body.pointer(&pointer).unwrap().is_number()),
            Err(Unread::Syntax(why)) => prop_assert!(false, "{}", why),
        }
    }
}
