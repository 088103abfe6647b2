//! Reads an operation's JSON input into its model; what does not fit is told by pointer, never with the value. It maps nothing.

use lienthong_core::{Body, ContentType, Fault, FaultCode, FaultKind, FieldProblem};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

/// The model in the bytes. They are parsed once; only a failure is parsed again, to find where.
pub fn read<T: DeserializeOwned>(body: &Body) -> Result<T, Fault> {
    match body.content_type {
        ContentType::Json => {}
        ContentType::Xml | ContentType::Text | ContentType::Binary => {
            return Err(Fault::new(FaultKind::Invalid, FaultCode::BadJson, "the body is not JSON"));
        }
    }
    serde_json::from_slice(&body.bytes).map_err(|error| located::<T>(&body.bytes, &error))
}

/// The model in a value that is parsed already.
pub fn read_value<T: DeserializeOwned>(value: &Value) -> Result<T, Fault> {
    T::deserialize(value).map_err(|_| match serde_path_to_error::deserialize::<_, T>(value) {
        Ok(_) => unfit(FieldProblem::new("", "does not fit the operation's schema")),
        Err(error) => unfit(at(&pointer(error.path()), &error.inner().to_string())),
    })
}

fn located<T: DeserializeOwned>(bytes: &[u8], first: &serde_json::Error) -> Fault {
    if is_no_json(first) {
        let detail = format!("not valid JSON at line {}, column {}", first.line(), first.column());
        return Fault::new(FaultKind::Invalid, FaultCode::BadJson, detail).with_problem(place::<T>(bytes, first));
    }
    unfit(place::<T>(bytes, first))
}

/// Where bytes that did not become a `T` are wrong: the field, or line and column where they are no JSON at all. They are parsed again.
pub fn place<T: DeserializeOwned>(bytes: &[u8], first: &serde_json::Error) -> FieldProblem {
    if is_no_json(first) {
        // Of the parser's own words, which hold no content: what was expected, or that the nesting is too deep.
        return FieldProblem::new("", format!("is no JSON that can be read: {first}"));
    }
    let mut from = serde_json::Deserializer::from_slice(bytes);
    match serde_path_to_error::deserialize::<_, T>(&mut from) {
        Ok(_) => FieldProblem::new("", "is not of the form that belongs here"),
        Err(error) => at(&pointer(error.path()), &error.inner().to_string()),
    }
}

fn is_no_json(error: &serde_json::Error) -> bool {
    match error.classify() {
        serde_json::error::Category::Syntax | serde_json::error::Category::Eof | serde_json::error::Category::Io => {
            true
        }
        serde_json::error::Category::Data => false,
    }
}

fn unfit(problem: FieldProblem) -> Fault {
    Fault::of(FaultKind::Invalid, "the input does not fit the operation's schema").with_problem(problem)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => Some(format!("/{}", escaped(key))),
            Segment::Unknown => None,
        })
        .collect()
}

/// A name as RFC 6901 writes it in a pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// What serde says of the object or value at `pointer`. A field that is not there, or there twice, is named itself.
fn at(pointer: &str, words: &str) -> FieldProblem {
    for (start, problem) in [("missing field `", "is missing"), ("duplicate field `", "stands twice")] {
        if let Some(field) = words.strip_prefix(start).and_then(|rest| rest.split('`').next()) {
            return FieldProblem::new(format!("{pointer}/{}", escaped(field)), problem);
        }
    }
    FieldProblem::new(pointer, in_short(words))
}

/// Serde's words without the value they quote: it may be personal data.
fn in_short(words: &str) -> String {
    let words = words.rsplit_once(" at line ").map_or(words, |(words, _)| words);
    if words.starts_with("unknown field") {
        return "is not a field of this operation".to_owned();
    }
    match words.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => "is not of the form this field has".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what cannot be read counts here")]
    struct Form {
        code: String,
        #[serde(default)]
        owner: Option<Owner>,
        #[serde(default)]
        at: Option<lienthong_core::Timestamp>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what cannot be read counts here")]
    struct Owner {
        #[serde(default)]
        phone: Option<String>,
    }

    fn refused(json: &str) -> Fault {
        read::<Form>(&Body::json(json.as_bytes().to_vec())).unwrap_err()
    }

    #[test]
    fn a_wrong_type_is_named_by_pointer_without_its_value() {
        let fault = refused(r#"{"code":"x","owner":{"phone":903123456}}"#);
        assert_eq!(fault.problems[0].pointer, "/owner/phone");
        assert!(!format!("{fault:?}").contains("903123456"));
        let fault = refused(r#"{"code":"x","at":"ngày mai"}"#);
        assert_eq!(fault.problems[0].pointer, "/at");
        assert!(!format!("{fault:?}").contains("mai"));
    }

    #[test]
    fn an_unknown_and_a_missing_field_are_named() {
        let fault = refused(r#"{"code":"x","owner":{"nickname":"B"}}"#);
        assert_eq!(fault.problems[0].pointer, "/owner/nickname");
        assert_eq!(fault.problems[0].problem, "is not a field of this operation");
        let missing = refused("{}").problems[0].clone();
        assert_eq!((missing.pointer.as_str(), missing.problem.as_str()), ("/code", "is missing"));
        let twice = refused(r#"{"code":"x","owner":{"phone":"1","phone":"2"}}"#).problems[0].clone();
        assert_eq!((twice.pointer.as_str(), twice.problem.as_str()), ("/owner/phone", "stands twice"));
        assert_eq!(fault.code, FaultCode::Invalid);
    }

    #[test]
    fn what_is_not_json_is_said_to_be_so() {
        let cut = refused("{\"code\":");
        assert_eq!((cut.code, cut.problems[0].problem.contains("column 8")), (FaultCode::BadJson, true), "{cut:?}");
        let deep = read::<Value>(&Body::json("[".repeat(1000).into_bytes())).unwrap_err();
        assert!(deep.problems[0].problem.contains("recursion limit"), "{deep:?}");
        let xml = Body { content_type: ContentType::Xml, bytes: "<a/>".into() };
        assert_eq!(read::<Form>(&xml).unwrap_err().code, FaultCode::BadJson);
    }
}
