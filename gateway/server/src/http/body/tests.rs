//! How JSON that is wrong is told.

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outer {
    #[expect(dead_code, reason = "read by the parser only")]
    inner: Vec<Inner>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    #[expect(dead_code, reason = "read by the parser only")]
    count: u8,
}

fn told(text: &str) -> (FaultCode, String, String) {
    let fault = parsed::<Outer>(text.as_bytes()).unwrap_err();
    let problem = fault.problems.into_iter().next().unwrap();
    (fault.code, problem.pointer, problem.problem)
}

#[test]
fn the_pointer_leads_to_the_field() {
    let (code, pointer, problem) = told(r#"{"inner": [{"count": 1}, {"count": "secret"}]}"#);
    assert_eq!((code, pointer.as_str()), (FaultCode::BadParameter, "/inner/1/count"));
    assert_eq!(problem, "must be u8");
    assert_eq!(told(r#"{"inner": [{"count": 300}]}"#).1, "/inner/0/count");
    assert_eq!(told(r#"{"inner": [{}]}"#).1, "/inner/0/count");
    assert_eq!(told(r#"{"inner": [{"count": 1, "a/b": 2}]}"#).1, "/inner/0/a~1b");
    assert_eq!(told("7").1, "");
}

#[test]
fn text_that_is_no_json_is_told_by_line_and_column() {
    let (code, pointer, problem) = told("{\"inner\":\n [}");
    assert_eq!((code, pointer.as_str()), (FaultCode::BadJson, ""));
    assert!(problem.ends_with("line 2 column 3"), "{problem}");
}

#[test]
fn json_is_told_by_its_content_type() {
    let with = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
        says_json(&headers).is_ok()
    };
    assert!(with("application/json") && with("Application/JSON; charset=\"UTF-8\"") && with("application/edxml+json"));
    assert!(!with("text/json") && !with("application/xml") && !with("application/json; charset=utf-16"));
    assert!(says_json(&HeaderMap::new()).is_ok());
}
