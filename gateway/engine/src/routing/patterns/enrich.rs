//! Filling in: the question a message asks of a read operation, and the answer put into the message, every other byte left as it was.

use std::collections::BTreeMap;

use bytes::Bytes;
use lienthong_core::{Body, ContentType, ExchangeMeta, Fault, FaultKind, FieldProblem};
use serde_json::value::RawValue;

use super::Enrich;
use crate::routing::program::shown;
use crate::routing::route::Route;

impl Route {
    /// The read operation's input made from the received body; a failure is a `mapping` fault.
    pub fn question(&self, meta: &ExchangeMeta, received: &Body) -> Result<Body, Fault> {
        let Some(Enrich { input, schema, when: _ }) = &self.patterns.enrich else {
            let detail = format!("route {} does not ask for anything any more", self.spec.name);
            return Err(Fault::of(FaultKind::Mapping, detail));
        };
        let made = input.of_body(meta, received)?;
        let breaches = schema.as_ref().map(|schema| schema.breaches(&made)).unwrap_or_default();
        if !breaches.is_empty() {
            let detail =
                format!("{}: what it asks breaks the input schema of the read operation", shown(input.source()));
            return Err(Fault::of(FaultKind::Mapping, detail).with_problems(breaches));
        }
        let bytes = serde_json::to_vec(&made)
            .map_err(|error| Fault::of(FaultKind::Internal, format!("a JSON value cannot be written: {error}")))?;
        Ok(Body::json(Bytes::from(bytes)))
    }

    /// The received body with the answer where the route says.
    pub fn filled(&self, received: &Body, answer: &Body) -> Result<Body, Fault> {
        let into = self.spec.patterns.enrich.as_ref().map_or("", |enrich| enrich.into.as_str());
        let parts: Vec<String> = into.split('/').skip(1).map(unescaped).collect();
        let whole = text(received)?;
        let answer = text(answer)?;
        let merged = put(whole, &parts, answer).map_err(|problem| {
            let detail = format!("the answer cannot be put at `{into}` by route {}", self.spec.name);
            Fault::of(FaultKind::Mapping, detail).with_problem(FieldProblem::new(into, problem))
        })?;
        Ok(Body::json(Bytes::from(merged)))
    }
}

fn text(body: &Body) -> Result<&str, Fault> {
    let readable = match body.content_type {
        ContentType::Json => std::str::from_utf8(&body.bytes).ok(),
        ContentType::Xml | ContentType::Text | ContentType::Binary => None,
    };
    readable.ok_or_else(|| Fault::of(FaultKind::Mapping, "only JSON can be filled in with JSON"))
}

fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// `whole` with `value` at the path; nothing else of it is written anew but the order of fields on the way.
fn put(whole: &str, path: &[String], value: &str) -> Result<String, &'static str> {
    let Some((name, rest)) = path.split_first() else { return Ok(value.to_owned()) };
    let mut fields: BTreeMap<String, &RawValue> =
        serde_json::from_str(whole).map_err(|_| "stands in what is no object")?;
    let inner = match fields.get(name) {
        Some(inner) if inner.get() != "null" => put(inner.get(), rest, value)?,
        Some(_) | None => put("{}", rest, value)?,
    };
    let inner = RawValue::from_string(inner).map_err(|_| "is no JSON")?;
    fields.insert(name.clone(), &inner);
    serde_json::to_string(&fields).map_err(|_| "cannot be written")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(whole: &str, path: &[&str], value: &str) -> Result<String, &'static str> {
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        put(whole, &path, value)
    }

    #[test]
    fn an_answer_lands_where_it_should_and_amounts_stay_as_they_were_written() {
        let whole = r#"{"owner":{"name":"Mẫu"},"fee":150000.000000000000000001}"#;
        let merged = at(whole, &["owner", "record"], r#"{"born":1.50}"#).unwrap();
        assert!(
            merged.contains("150000.000000000000000001") && merged.contains(r#""record":{"born":1.50}"#),
            "{merged}"
        );
        assert!(merged.contains("Mẫu"), "{merged}");
    }

    #[test]
    fn objects_on_the_way_are_made_and_texts_are_not_overwritten() {
        assert_eq!(at("{}", &["a", "b"], "1").unwrap(), r#"{"a":{"b":1}}"#);
        assert_eq!(at(r#"{"a":null}"#, &["a", "b"], "1").unwrap(), r#"{"a":{"b":1}}"#);
        assert!(at(r#"{"a":"text"}"#, &["a", "b"], "1").is_err());
        assert!(at("[]", &["a"], "1").is_err());
    }
}
