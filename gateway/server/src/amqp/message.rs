//! From a message of a queue to a submission, and from its fate to what is said of it: a reply, or a dead letter with its reason. Pure: it speaks to nobody.

use bytes::Bytes;
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lienthong_core::{Fault, FaultCode, FieldProblem, Timestamp};
use lienthong_engine::service::{self, Submission};

use crate::http::model::{Receipt, submission};
use crate::http::problem::{PROBLEM_JSON, Problem};
use crate::http::{body, trace};
use crate::security::Identity;

#[cfg(test)]
mod tests;

/// The header that carries an idempotency key where `message_id` means something else.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Replies to these go to a client that waits on its own connection; nobody can bind a queue of such a name.
const DIRECT_REPLY: &str = "amq.rabbitmq.reply-to.";
/// Headers of a dead letter begin with this.
const OURS: &str = "x-lienthong-";
/// Of the headers a message came with, this much is kept on its dead letter: header frames have a largest size.
const KEPT_HEADER_BYTES: usize = 32 * 1024;
/// Longest reason, in characters.
const REASON_CHARS: usize = 1000;
const JSON: &str = "application/json";

/// What a message asks, once it is known whose queue it lay in.
pub(super) fn read(
    properties: &BasicProperties,
    bytes: &Bytes,
    identity: &Identity,
    limit: usize,
) -> Result<Submission, Fault> {
    if bytes.len() > limit {
        let problem = FieldProblem::new("", format!("is over {limit} bytes"));
        return Err(refused(FaultCode::BodyTooLarge, "a message is too large").with_problem(problem));
    }
    says_json(properties)?;
    let key = idempotency_key(properties)?;
    let (parent, state) = (header(properties, "traceparent"), header(properties, "tracestate"));
    let given = trace::context_of(parent.as_deref(), state.as_deref());
    let submission = submission::submission(bytes, Some(key), given.unwrap_or_else(trace::new_context))?;
    identity.may_ask(&submission.operation)?;
    Ok(submission)
}

fn refused(code: FaultCode, detail: &str) -> Fault {
    Fault::new(code.kind(), code, detail)
}

/// JSON in UTF-8 by its own word; one that says nothing is taken at its content.
fn says_json(properties: &BasicProperties) -> Result<(), Fault> {
    let of = |value: &Option<ShortString>| value.as_ref().map(|text| text.as_str().to_ascii_lowercase());
    let encoding = of(properties.content_encoding());
    let plain = encoding.is_none_or(|encoding| matches!(encoding.as_str(), "" | "utf-8" | "utf8" | "identity"));
    if of(properties.content_type()).is_none_or(|text| text.is_empty() || body::is_json(&text)) && plain {
        return Ok(());
    }
    let problem = FieldProblem::new("content_type", "must be application/json in UTF-8, not compressed");
    Err(refused(FaultCode::MediaType, "not JSON by its properties").with_problem(problem))
}

/// A broker delivers at least once, so that every message needs one, whatever the client's configuration waives on HTTP.
fn idempotency_key(properties: &BasicProperties) -> Result<String, Fault> {
    let named = properties.message_id().as_ref().map(ToString::to_string);
    let key = header(properties, IDEMPOTENCY_KEY).or(named).filter(|key| !key.is_empty());
    key.ok_or_else(|| {
        let problem = FieldProblem::new("message_id", "is missing, and so is the header idempotency-key");
        refused(FaultCode::IdempotencyKeyMissing, "a message without an idempotency key").with_problem(problem)
    })
}

/// A header's text; other types are nobody's text.
fn header(properties: &BasicProperties, name: &str) -> Option<String> {
    match properties.headers().as_ref()?.inner().get(name)? {
        AMQPValue::LongString(text) => String::from_utf8(text.as_bytes().to_vec()).ok(),
        AMQPValue::ShortString(text) => Some(text.to_string()),
        _other => None,
    }
}

/// Where a sender wants to be told, when it may name that place: a direct reply, or a queue that begins as its configuration says.
pub(super) fn reply_to<'p>(properties: &'p BasicProperties, allowed: &[String]) -> Option<&'p ShortString> {
    let asked = properties.reply_to().as_ref()?;
    let may = |prefix: &String| asked.as_str().starts_with(prefix.as_str());
    (asked.as_str().starts_with(DIRECT_REPLY) || allowed.iter().any(may)).then_some(asked)
}

/// A reply's properties and body.
pub(super) type Reply = (BasicProperties, Vec<u8>);

/// What the sender of a message is told, as on HTTP.
pub(super) fn reply(asked: &BasicProperties, fate: &Result<service::Receipt, Fault>) -> Reply {
    let (kind, body) = match fate {
        Ok(receipt) => (JSON, serde_json::to_vec(&Receipt::from(receipt.clone()))),
        Err(fault) => (PROBLEM_JSON, serde_json::to_vec(&Problem::of(fault, None))),
    };
    let mut properties = BasicProperties::default().with_content_type(kind.into());
    // The request's own name when it says nothing else.
    if let Some(id) = asked.correlation_id().as_ref().or(asked.message_id().as_ref()) {
        properties = properties.with_correlation_id(id.clone());
    }
    (properties, body.unwrap_or_default())
}

/// Where a message came from, for its dead letter.
#[derive(Debug)]
pub(super) struct Origin<'a> {
    pub(super) queue: &'a str,
    pub(super) client: &'a str,
    pub(super) exchange: &'a str,
    pub(super) routing_key: &'a str,
}

/// The properties of a dead letter: those it came with, and why it is one. The content goes along as it was.
pub(super) fn dead(came: &BasicProperties, origin: &Origin<'_>, fault: &Fault, at: Timestamp) -> BasicProperties {
    let Origin { queue, client, exchange, routing_key } = origin;
    let mut headers = kept(came);
    let problem = Problem::of(fault, None);
    let field = fault.problems.first().map(|problem| problem.pointer.clone()).unwrap_or_default();
    let reason: String = problem.detail.chars().take(REASON_CHARS).collect();
    let reason_vi: String = problem.detail_vi.chars().take(REASON_CHARS).collect();
    let at = at.to_string();
    let mut say = |name: &str, value: &str| {
        if let Ok(name) = ShortString::try_new(format!("{OURS}{name}")) {
            headers.insert(name, AMQPValue::LongString(value.into()));
        }
    };
    say("code", &problem.code);
    say("fault", &problem.fault);
    say("reason", &reason);
    say("reason-vi", &reason_vi);
    say("field", &field);
    say("queue", queue);
    say("client", client);
    say("exchange", exchange);
    say("routing-key", routing_key);
    say("at", &at);
    // An expired dead letter would be a lost one; the user is checked against the publisher, which is now us.
    let mut properties = came.clone().with_headers(headers);
    if came.expiration().is_some() || came.user_id().is_some() {
        properties = without_expiry_and_user(&properties);
    }
    properties
}

fn without_expiry_and_user(came: &BasicProperties) -> BasicProperties {
    let mut kept = BasicProperties::default();
    type With = fn(BasicProperties, ShortString) -> BasicProperties;
    let parts: [(&Option<ShortString>, With); 7] = [
        (came.content_type(), BasicProperties::with_content_type),
        (came.content_encoding(), BasicProperties::with_content_encoding),
        (came.correlation_id(), BasicProperties::with_correlation_id),
        (came.reply_to(), BasicProperties::with_reply_to),
        (came.message_id(), BasicProperties::with_message_id),
        (came.kind(), BasicProperties::with_type),
        (came.app_id(), BasicProperties::with_app_id),
    ];
    for (value, with) in parts {
        if let Some(value) = value {
            kept = with(kept, value.clone());
        }
    }
    if let Some(headers) = came.headers() {
        kept = kept.with_headers(headers.clone());
    }
    match came.timestamp() {
        Some(at) => kept.with_timestamp(*at),
        None => kept,
    }
}

/// The sender's headers, as many as are sure to fit, and none that claims to be ours.
fn kept(came: &BasicProperties) -> FieldTable {
    let mut room = KEPT_HEADER_BYTES;
    let mut kept = FieldTable::default();
    for (name, value) in came.headers().iter().flatten() {
        let size = name.as_str().len() + size(value, 0);
        if size > room || name.as_str().starts_with(OURS) {
            continue;
        }
        room -= size;
        kept.insert(name.clone(), value.clone());
    }
    kept
}

/// About how many bytes a value takes on the wire; what is nested deeply counts as too much.
fn size(value: &AMQPValue, depth: u8) -> usize {
    if depth > 8 {
        return KEPT_HEADER_BYTES + 1;
    }
    let parts = match value {
        AMQPValue::LongString(text) => text.len(),
        AMQPValue::ShortString(text) => text.as_str().len(),
        AMQPValue::ByteArray(bytes) => bytes.len(),
        AMQPValue::FieldArray(items) => items.as_slice().iter().map(|item| size(item, depth + 1)).sum(),
        AMQPValue::FieldTable(table) => {
            table.into_iter().map(|(name, item)| name.as_str().len() + size(item, depth + 1)).sum()
        }
        _number => 8,
    };
    parts.saturating_add(6)
}
