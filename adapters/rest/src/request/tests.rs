//! Tests of requests: whatever the input, the address stays below its base.

use lienthong_kit::config::Address;
use proptest::prelude::*;

use super::*;
use crate::tests::language::Tiny;

fn request(config: Value) -> Request {
    Request::build(&serde_json::from_value(config).unwrap(), "test", &Tiny).unwrap()
}

fn prepared(config: Value, input: &Value) -> Result<Prepared, Fault> {
    request(config).prepare(input, input.to_string().as_bytes(), &CallValues::any(), Timestamp::UNIX_EPOCH)
}

#[test]
fn a_header_that_cannot_stand_in_one_is_told_by_field() {
    let config = || json!({ "path": "a", "headers": { "X-Name": "{.name}" } });
    let fault = prepared(config(), &json!({ "name": "Nguyễn" })).unwrap_err();
    assert_eq!((fault.kind, fault.problems[0].pointer.as_str()), (FaultKind::Invalid, "/name"));
    assert!(prepared(config(), &json!({ "name": "a\r\nX-Evil: 1" })).is_err());
    assert!(prepared(config(), &json!({})).is_ok(), "absent, hence left out");
}

#[test]
fn placeholders_see_the_input_as_the_program_leaves_it() {
    let config = json!({ "method": "POST", "path": "p/{.province}", "body": {}, "map": ".input.province = \"38\"\n.body = .input" });
    let prepared = prepared(config, &json!({ "province": "Thanh Hóa" })).unwrap();
    assert_eq!(prepared.path, "p/38");
    assert_eq!(&prepared.body.unwrap().1.bytes[..], br#"{"province":"38"}"#);
}

#[test]
fn debug_shows_no_content() {
    let prepared =
        prepared(json!({ "method": "PUT", "path": "p/{.id}", "body": {} }), &json!({ "id": "038199000001" }));
    assert!(!format!("{prepared:?}").contains("038199000001"));
}

proptest! {
    #[test]
    fn no_input_leads_away_from_the_base(code in "\\PC{0,20}", query in "\\PC{0,20}") {
        let base: Address = "https://api.test/permits/v1".parse().unwrap();
        let config = json!({ "path": "p/{.code}/x", "query": { "q": "{.query}" } });
        if let Ok(prepared) = prepared(config, &json!({ "code": code, "query": query })) {
            let below = base.below(&prepared.path).unwrap();
            let url = prepared.outgoing(below, &HeaderMap::new()).url;
            prop_assert_eq!(url.host_str(), Some("api.test"));
            let path = url.path();
            prop_assert!(path.starts_with("/permits/v1/p/") && path.ends_with("/x"), "{}", path);
            prop_assert_eq!(path.matches('/').count(), 5);
            prop_assert_eq!(url.query_pairs().next().map(|(_, value)| value.into_owned()), Some(query));
        }
    }
}
