//! Tests of reading answers: what is read, what is told apart, and that nothing panics or repeats content.

use http::HeaderMap;
use proptest::prelude::*;

use super::*;

fn read(config: Value, status: u16, body: &[u8]) -> Answer {
    Reader::new(&serde_json::from_value(config).unwrap()).read(status, &HeaderMap::new(), body)
}

#[test]
fn a_mark_at_the_beginning_and_a_wrong_charset_are_told_apart() {
    assert_eq!(read(json!({}), 200, b"\xEF\xBB\xBF{\"a\":1}").body, Ok(json!({ "a": 1 })));
    let legacy = read(json!({}), 200, b"{\"ten\":\"Nguy\xd4n\"}").body.unwrap_err();
    assert!(legacy.contains("UTF-8") && !legacy.contains("Nguy"), "{legacy}");
}

#[test]
fn money_in_an_answer_is_never_rounded() {
    let body = br#"{"amount":123456789012345.67,"small":1.5}"#;
    assert_eq!(read(json!({}), 200, body).body, Ok(json!({ "amount": "123456789012345.67", "small": 1.5 })));
}

#[test]
fn debug_and_problems_show_no_content() {
    let answer = read(json!({}), 200, b"{\"ten\":\"Nguyen Van Mau\"");
    assert!(!format!("{answer:?}").contains("Mau") && !answer.body.unwrap_err().contains("Mau"));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), form in "json|xml|text", status in 100_u16..600) {
        let answer = read(json!({ "as": form }), status, &bytes);
        prop_assert!(answer.event(&Value::Null).is_object());
    }
}
