//! What one attempt, one lookup and one probe are: a request, its answer read, judged and mapped. Retrying is the engine's.

use lienthong_core::fault::FieldProblem;
use lienthong_core::text;
use lienthong_core::{AttemptContext, Body, CallContext, ContentType, Fault, FaultKind, Lookup};
use lienthong_kit::hidden::Hidden;
use serde_json::Value;

use crate::Rest;
use crate::answer::{self, Reader};
use crate::client::Got;
use crate::config::{ProbeConfig, StatusPattern};
use crate::fault::{self, Case};
use crate::operation::{self, Operation};
use crate::request::Prepared;
use crate::template::CallValues;

/// Largest answer of a probe, in bytes.
const PROBE_BYTES: usize = 1024 * 1024;
/// Most personal values of one input that are taken out of the system's words.
const HIDDEN: usize = 256;

/// The request that shows the system serves us.
pub(crate) struct Probe {
    method: http::Method,
    path: String,
    status: Vec<StatusPattern>,
}

impl Probe {
    pub(crate) fn new(config: &ProbeConfig) -> Self {
        let ProbeConfig { method, path, status } = config;
        Self { method: (*method).into(), path: path.clone(), status: status.clone() }
    }
}

impl Rest {
    /// What no schema can say: that a request can be made of the input.
    pub(crate) fn check_input(&self, asked: &Operation, input: &Value) -> Result<(), Fault> {
        let raw = input.to_string();
        asked.request.prepare(input, raw.as_bytes(), &CallValues::any(), self.client.clock.now()).map(drop)
    }

    pub(crate) async fn perform(&self, cx: &CallContext, asked: &Operation, body: &Body) -> Result<Body, Fault> {
        let input = read_input(body)?;
        let prepared = asked.request.prepare(&input, &body.bytes, &CallValues::of(cx), cx.clock.now())?;
        let got = self.client.ask(cx, prepared, asked.reader.limit).await?;
        let answer = asked.reader.read(got.reply.status, &got.reply.headers, &got.reply.body);
        let hidden = hidden_of(asked, &input, &got);
        let hidden: Vec<&str> = hidden.iter().map(String::as_str).collect();
        let case = case(&got, &answer, (&input, &hidden), cx);
        asked.judge.judge(case).map_err(|fault| got.noted(fault))?;
        Ok(Body::json(asked.output(&answer, &input)?.to_string()))
    }

    pub(crate) async fn look_up(
        &self,
        cx: &CallContext,
        asked: &Operation,
        attempt: &AttemptContext,
    ) -> Result<Lookup, Fault> {
        let Some(lookup) = &asked.lookup else { return Ok(Lookup::Unknown) };
        let input = read_input(&attempt.sent)?;
        let call = CallValues { reference: attempt.reference.clone(), ..CallValues::of(cx) };
        let prepared = lookup.request.prepare(&input, &attempt.sent.bytes, &call, cx.clock.now())?;
        let got = self.client.ask(cx, prepared, lookup.reader.limit).await?;
        let answer = lookup.reader.read(got.reply.status, &got.reply.headers, &got.reply.body);
        let hidden = hidden_of(asked, &input, &got);
        let hidden: Vec<&str> = hidden.iter().map(String::as_str).collect();
        let case = case(&got, &answer, (&input, &hidden), cx);
        lookup.judge.failures(case).map_err(|fault| got.noted(fault))?;
        if !lookup.status.iter().any(|status| status.matches(answer.status)) {
            return Err(got.noted(fault::by_status(case)));
        }
        if let Err(why) = &answer.body {
            return Err(fault::unintelligible(case, why));
        }
        let decision = operation::left(lookup.decide.as_ref(), &answer, &input, "decision")?;
        match decision.as_str() {
            Some("done") => {
                let output = operation::left(lookup.decide.as_ref(), &answer, &input, "output")?;
                Ok(Lookup::Done(Body::json(output.to_string())))
            }
            Some("not_done") if attempt.age >= lookup.settle => Ok(Lookup::NotDone),
            Some("not_done" | "unknown") => Ok(Lookup::Unknown),
            Some(_) | None => {
                Err(fault::unintelligible(case, "the lookup's program decided neither done, not_done nor unknown"))
            }
        }
    }

    /// The configured request, or a knock: whether the base address answers with anything but a refusal of us or a failure.
    pub(crate) async fn probe_once(&self, cx: &CallContext) -> Result<(), Fault> {
        let (method, path) = match &self.probe {
            Some(probe) => (probe.method.clone(), probe.path.as_str()),
            None => (http::Method::GET, ""),
        };
        let got = self.client.ask(cx, Prepared::bare(method, path), PROBE_BYTES).await?;
        let status = got.reply.status;
        let answer = Reader::probe().read(status, &got.reply.headers, &got.reply.body);
        let case = case(&got, &answer, (&Value::Null, &[]), cx);
        let serves = match &self.probe {
            Some(probe) => probe.status.iter().any(|one| one.matches(status)) && !answer::is_page(&got.reply.body),
            None => !matches!(status, 401 | 403 | 429 | 500..),
        };
        if serves { Ok(()) } else { Err(got.noted(fault::by_status(case))) }
    }
}

fn case<'a>(
    got: &'a Got<'_>,
    answer: &'a answer::Answer,
    asked: (&'a Value, Hidden<'a>),
    cx: &CallContext,
) -> Case<'a> {
    let (input, hidden) = asked;
    Case { reply: &got.reply, answer, input, hidden, now: cx.clock.now() }
}

/// The input as a value. Numbers that programs would change are refused: nobody rounds money in passing.
fn read_input(body: &Body) -> Result<Value, Fault> {
    let unread = |problem: &str| {
        Fault::of(FaultKind::Invalid, "the input cannot be read").with_problem(FieldProblem::new("", problem))
    };
    match body.content_type {
        ContentType::Json => {}
        ContentType::Xml | ContentType::Text | ContentType::Binary => return Err(unread("must be JSON")),
    }
    let text = std::str::from_utf8(&body.bytes).map_err(|_| unread("must be UTF-8"))?;
    if !answer::is_exact(text) {
        return Err(unread("holds a number of more digits than can be carried exactly; send it as a text"));
    }
    let input: Value = serde_json::from_str(text)
        .map_err(|error| unread(&format!("is not JSON at line {}, column {}", error.line(), error.column())))?;
    if input.is_object() { Ok(input) } else { Err(unread("must be an object")) }
}

/// Secrets and personal data of this very request, to be taken out of the system's words.
fn hidden_of(asked: &Operation, input: &Value, got: &Got<'_>) -> Vec<String> {
    let mut hidden: Vec<String> = got.secret().map(str::to_owned).into_iter().collect();
    for pointer in &asked.personal {
        let path: Vec<&str> = pointer.split('/').skip(1).collect();
        texts_at(input, &path, &mut hidden);
    }
    hidden
}

/// Every text at or below a pointer whose `*` stands for any element.
fn texts_at(value: &Value, path: &[&str], found: &mut Vec<String>) {
    if found.len() >= HIDDEN {
        return;
    }
    match (path, value) {
        ([], Value::String(text)) => found.push(text::nfc(text)),
        ([], Value::Number(number)) => found.push(number.to_string()),
        ([] | ["*", ..], Value::Array(items)) => {
            let rest = path.get(1..).unwrap_or_default();
            items.iter().for_each(|item| texts_at(item, rest, found));
        }
        ([], Value::Object(fields)) => fields.values().for_each(|field| texts_at(field, &[], found)),
        ([], Value::Null | Value::Bool(_)) => {}
        ([name, rest @ ..], Value::Object(fields)) => {
            let name = name.replace("~1", "/").replace("~0", "~");
            if let Some(field) = fields.get(&name) {
                texts_at(field, rest, found);
            }
        }
        ([_, ..], Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {}
    }
}
