//! A request made from an operation's input: path, query, headers and body. It sends nothing and proves nothing about us.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use lienthong_core::fault::FieldProblem;
use lienthong_core::program::{Compiler, Program, ProgramText};
use lienthong_core::{Fault, FaultKind, Timestamp};
use lienthong_kit::transport::Outgoing;
use reqwest::Url;
use serde_json::{Value, json};

use crate::config::{RequestConfig, is_header_text};
use crate::encode::{Encoded, Encoder};
use crate::template::{CallValues, Filled, Template};

/// Pointer (below the request's own) and problem.
pub(crate) type Found = Vec<(String, String)>;

/// A compiled request.
pub(crate) struct Request {
    method: Method,
    path: Template,
    query: Vec<(String, Template)>,
    headers: Vec<(HeaderName, Template)>,
    body: Option<Encoder>,
    map: Option<Arc<dyn Program>>,
}

/// A request ready to be put below an address.
pub(crate) struct Prepared {
    pub(crate) method: Method,
    pub(crate) path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Option<(HeaderValue, Encoded)>,
}

/// Never the content, nor the path: both may name a person.
impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prepared({}, {:?})", self.method, self.body)
    }
}

impl Request {
    /// Compiles; `place` is where the request stands, as a person would find it.
    pub(crate) fn build(config: &RequestConfig, place: &str, programs: &dyn Compiler) -> Result<Self, Found> {
        let RequestConfig { method, path, query, headers, body, map } = config;
        let mut found = Found::new();
        let mut template = |at: String, text: &str| match text.parse::<Template>() {
            Ok(template) => Some(template),
            Err(problem) => {
                found.push((at, problem));
                None
            }
        };
        let path = template("/path".into(), path);
        let query: Vec<_> =
            query.iter().filter_map(|(name, text)| Some((name.clone(), template(at("query", name), text)?))).collect();
        let mut named = Vec::new();
        for (name, text) in headers {
            let template = template(at("headers", name), text);
            named.extend(name.parse::<HeaderName>().ok().zip(template));
        }
        let map = map.as_ref().and_then(|text| {
            let program = programs.compile(&ProgramText { place: format!("{place}/map"), text: text.clone() });
            program.map_err(|problems| found.extend(problems.into_iter().map(|one| ("/map".to_owned(), one)))).ok()
        });
        match path {
            Some(path) if found.is_empty() => Ok(Self {
                method: (*method).into(),
                path,
                query,
                headers: named,
                body: body.as_ref().and_then(Encoder::new),
                map,
            }),
            Some(_) | None => Err(found),
        }
    }

    /// The request for this input. `raw` is the input as it came: without a mapping, JSON goes exactly so.
    pub(crate) fn prepare(
        &self,
        input: &Value,
        raw: &[u8],
        call: &CallValues,
        now: Timestamp,
    ) -> Result<Prepared, Fault> {
        let (input, mapped) = match &self.map {
            Some(program) => mapped(program.as_ref(), input, call, now)?,
            None => (input.clone(), None),
        };
        let mut problems = Vec::new();
        let path = kept(self.path.fill(&input, call, segment), &mut problems).map(|filled| match filled {
            Filled::One(path) => path,
            Filled::Many(segments) => segments.join("/"),
            Filled::Absent => String::new(),
        });
        let query = self.query(&input, call, &mut problems);
        let headers = self.headers(&input, call, &mut problems);
        let body = match (&self.body, mapped) {
            (None, _) => None,
            (Some(Encoder::Json { content_type }), None) => {
                Some(Encoded { content_type: content_type.clone(), bytes: bytes::Bytes::copy_from_slice(raw) })
            }
            (Some(encoder), mapped) => {
                let value = mapped.as_ref().unwrap_or(&input);
                encoder.encode(value, &call.reference).map_err(|found| problems.extend(found)).ok()
            }
        };
        let body = body.and_then(|body| match HeaderValue::from_str(&body.content_type) {
            Ok(content_type) => Some((content_type, body)),
            Err(_) => {
                problems.push(FieldProblem::new("", "has a media type that cannot stand in a header"));
                None
            }
        });
        match path {
            Some(path) if problems.is_empty() => {
                Ok(Prepared { method: self.method.clone(), path, query, headers, body })
            }
            Some(_) | None => {
                let detail = "the input does not make a request";
                Err(Fault::of(FaultKind::Invalid, detail).with_problems(problems))
            }
        }
    }

    fn query(&self, input: &Value, call: &CallValues, problems: &mut Vec<FieldProblem>) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for (name, template) in &self.query {
            match kept(template.fill(input, call, |text| Ok(text.to_owned())), problems) {
                Some(Filled::One(value)) => pairs.push((name.clone(), value)),
                Some(Filled::Many(values)) => pairs.extend(values.into_iter().map(|value| (name.clone(), value))),
                Some(Filled::Absent) | None => {}
            }
        }
        pairs
    }

    fn headers(&self, input: &Value, call: &CallValues, problems: &mut Vec<FieldProblem>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, template) in &self.headers {
            let value = match kept(template.fill(input, call, header), problems) {
                Some(Filled::One(value)) => value,
                Some(Filled::Many(values)) => values.join(", "),
                Some(Filled::Absent) | None => continue,
            };
            headers.extend(HeaderValue::from_str(&value).ok().map(|value| (name.clone(), value)));
        }
        headers
    }
}

impl Prepared {
    /// A request without query, headers and body.
    pub(crate) fn bare(method: Method, path: &str) -> Self {
        Self { method, path: path.to_owned(), query: Vec::new(), headers: HeaderMap::new(), body: None }
    }

    /// Below `base`, with headers of the system and proof of who we are; the request's own headers win over the system's.
    pub(crate) fn outgoing(self, base: Url, system: &HeaderMap) -> Outgoing {
        let Self { method, path: _, query, headers, body } = self;
        let mut url = base;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let outgoing = Outgoing::new(method, url).with_headers(system).with_headers(&headers);
        match body {
            Some((content_type, Encoded { content_type: _, bytes })) => outgoing.with_body(content_type, bytes),
            None => outgoing,
        }
    }
}

fn at(section: &str, name: &str) -> String {
    format!("/{section}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn kept<T>(result: Result<T, FieldProblem>, problems: &mut Vec<FieldProblem>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}

/// The input as the program leaves it, and what it left to be sent.
fn mapped(
    program: &dyn Program,
    input: &Value,
    call: &CallValues,
    now: Timestamp,
) -> Result<(Value, Option<Value>), Fault> {
    let after = program.run(json!({ "input": input, "call": call.event(now) }))?;
    let Value::Object(mut after) = after else {
        return Err(Fault::of(FaultKind::Mapping, "the request's program leaves no object"));
    };
    let input = after.remove("input").unwrap_or(Value::Null);
    Ok((input, Some(after.remove("body").unwrap_or(Value::Null))))
}

/// One value inside a path: everything but RFC 3986's unreserved characters percent-encoded. Dots alone would climb.
fn segment(text: &str) -> Result<String, &'static str> {
    if matches!(text, "" | "." | "..") {
        return Err("is empty or dots and cannot stand in a path");
    }
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => written.push(char::from(byte)),
            _reserved => written.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(written)
}

fn header(text: &str) -> Result<String, &'static str> {
    if is_header_text(text) { Ok(text.to_owned()) } else { Err("cannot stand in a header: printable ASCII only") }
}
