//! The checks a message passes before anything is kept, in one fixed order, each with its own code and field. They change nothing.
//!
//! The order, from what costs nothing to what costs most; the first that fails is the answer:
//!
//! | # | check | code |
//! |---|---|---|
//! | 1 | the gateway is not stopping | `LT-SHUTTING-DOWN` |
//! | 2 | there is room on disk | `LT-DISK-FULL` |
//! | 3 | a callback only where the client has some, to an address it may name | `LT-CALLBACK-UNAVAILABLE`, `LT-BAD-PARAMETER` |
//! | 4 | the operation is known and can be asked for | `LT-UNKNOWN-OPERATION` |
//! | 5 | it is no `read` operation (those are called) | `LT-BAD-PARAMETER` |
//! | 6 | idempotency key: given where needed; its length | `LT-IDEMPOTENCY-KEY-MISSING`, `LT-BAD-PARAMETER` |
//! | 7 | aliases, purpose, on-behalf-of within their limits | `LT-BAD-PARAMETER` |
//! | 8 | `expires_at` in the future, after `not_before` | `LT-EXPIRY-PAST`, `LT-BAD-PARAMETER` |
//! | 9 | the body within the operation's limit | `LT-BODY-TOO-LARGE` |
//! | 10 | the client's quota | `LT-QUOTA-EXCEEDED` |
//! | 11 | JSON | `LT-BAD-JSON` |
//! | 12 | no field stands twice | `LT-INVALID` |
//! | 13 | the operation's schema | `LT-INVALID` |
//! | 14 | the body's own key is the exchange's key | `LT-INVALID` |
//! | 15 | the adapter's own rules | the adapter's, such as `LT-DOSSIER-CODE` |
//! | 16 | a route takes it | `LT-NO-ROUTE`, `LT-MAPPING` |
//! | 17 | the journal takes it | `LT-IDEMPOTENCY-CONFLICT`, `LT-ALIAS-TAKEN`, `LT-OVERLOADED`, … |
//!
//! Pointers lead into the submission as clients write it: `/expires_at`, `/body/owner/name`. Those of a call, whose request is
//! the operation's input itself, lead into that: `/owner/name`.

use lienthong_core::{
    BusinessKey, Effect, Fault, FaultCode, FieldProblem, OnBehalfOf, OperationName, Timestamp, limits, text,
};
use serde_json::Value;

use super::distinct::{self, Unread};
use super::fault::{advising, refused, wrong_field};
use super::model::Submission;
use crate::config::{ClientPolicy, Configuration};
use crate::routing::Entry;

/// Checks 3 to 9: everything that can be told without parsing the body.
pub(super) fn options<'c>(
    config: &'c Configuration,
    policy: &ClientPolicy,
    submission: &Submission,
    now: Timestamp,
) -> Result<&'c Entry, Fault> {
    callback(policy, submission.callback.as_deref())?;
    let entry = asked(config, &submission.operation)?;
    not_read(entry)?;
    idempotency_key(policy, submission.idempotency_key.as_deref())?;
    aliases(&submission.key, &submission.aliases)?;
    notes(submission.purpose.as_deref(), submission.on_behalf_of.as_ref())?;
    times(submission.expires_at, submission.not_before, now)?;
    size(entry, submission.body.len())?;
    Ok(entry)
}

fn callback(policy: &ClientPolicy, asked: Option<&str>) -> Result<(), Fault> {
    let Some(asked) = asked else { return Ok(()) };
    let Some(callback) = &policy.callback else {
        let problem = "this client has no callbacks in the configuration; leave it out";
        return Err(wrong_field(FaultCode::CallbackUnavailable, "/callback", problem));
    };
    match callback.permitted(asked) {
        Ok(_) => Ok(()),
        Err(problem) => Err(wrong_field(FaultCode::BadParameter, "/callback", problem)),
    }
}

/// Check 4: known, and not merely what external systems push.
pub(super) fn asked<'c>(config: &'c Configuration, operation: &OperationName) -> Result<&'c Entry, Fault> {
    let unknown = |problem: &str| wrong_field(FaultCode::UnknownOperation, "/operation", problem);
    match config.catalogue.get(operation) {
        None => Err(unknown("is no operation of this gateway; GET /v1/operations lists them")),
        Some(entry) if entry.inbound => Err(unknown("is only received from its system; it cannot be asked for")),
        Some(entry) => Ok(entry),
    }
}

fn not_read(entry: &Entry) -> Result<(), Fault> {
    match entry.spec.effect {
        Effect::Upsert | Effect::Once => Ok(()),
        Effect::Read => Err(advising(
            wrong_field(FaultCode::BadParameter, "/operation", "is a read operation: call it instead of submitting it"),
            "Thao tác đọc phải được gọi đồng bộ.",
            &format!("Ask it synchronously: POST /v1/operations/{}/call.", entry.spec.name),
        )),
    }
}

pub(super) fn idempotency_key(policy: &ClientPolicy, key: Option<&str>) -> Result<(), Fault> {
    let Some(key) = key else {
        if policy.idempotency_key_required {
            let detail = "this client's submissions need an Idempotency-Key";
            return Err(wrong_field(FaultCode::IdempotencyKeyMissing, "/idempotency_key", detail));
        }
        return Ok(());
    };
    if key.is_empty() || key.len() > limits::IDEMPOTENCY_KEY_BYTES || key.chars().any(char::is_control) {
        let problem = format!("must be 1 to {} bytes without control characters", limits::IDEMPOTENCY_KEY_BYTES);
        return Err(wrong_field(FaultCode::BadParameter, "/idempotency_key", problem));
    }
    Ok(())
}

fn aliases(key: &BusinessKey, aliases: &[BusinessKey]) -> Result<(), Fault> {
    if aliases.len() > limits::ALIASES {
        let problem = format!("holds more than {} aliases", limits::ALIASES);
        return Err(wrong_field(FaultCode::BadParameter, "/aliases", problem));
    }
    match aliases.iter().position(|alias| alias == key) {
        None => Ok(()),
        Some(place) => {
            Err(wrong_field(FaultCode::BadParameter, &format!("/aliases/{place}"), "is the key itself; leave it out"))
        }
    }
}

pub(super) fn notes(purpose: Option<&str>, on_behalf_of: Option<&OnBehalfOf>) -> Result<(), Fault> {
    note("/purpose", purpose)?;
    note("/on_behalf_of/unit", on_behalf_of.and_then(|behalf| behalf.unit.as_deref()))?;
    note("/on_behalf_of/officer", on_behalf_of.and_then(|behalf| behalf.officer.as_deref()))
}

/// A text people write, within [`limits::NOTE_CHARS`].
pub(super) fn note(pointer: &str, note: Option<&str>) -> Result<(), Fault> {
    match note {
        Some(note) if note.chars().count() > limits::NOTE_CHARS => Err(wrong_field(
            FaultCode::BadParameter,
            pointer,
            format!("is longer than {} characters", limits::NOTE_CHARS),
        )),
        Some(_) | None => Ok(()),
    }
}

fn times(expires_at: Option<Timestamp>, not_before: Option<Timestamp>, now: Timestamp) -> Result<(), Fault> {
    let Some(expires_at) = expires_at else { return Ok(()) };
    if expires_at <= now {
        return Err(wrong_field(
            FaultCode::ExpiryPast,
            "/expires_at",
            "has passed already; give a later time, or none",
        ));
    }
    if not_before.is_some_and(|not_before| not_before >= expires_at) {
        return Err(wrong_field(
            FaultCode::BadParameter,
            "/not_before",
            "is not before expires_at: it would expire unsent",
        ));
    }
    Ok(())
}

pub(super) fn size(entry: &Entry, bytes: usize) -> Result<(), Fault> {
    let limit = entry.spec.body_limit;
    if bytes > limit {
        return Err(wrong_field(FaultCode::BodyTooLarge, "/body", format!("is {bytes} bytes; the limit is {limit}")));
    }
    Ok(())
}

/// Where an input stands in the request that carried it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the `body` of a submission.
    Body,
    /// It is the whole request.
    Whole,
}

impl Place {
    fn pointer(self, inside: &str) -> String {
        match self {
            Self::Body => format!("/body{inside}"),
            Self::Whole => inside.to_owned(),
        }
    }

    fn moved(self, problem: FieldProblem) -> FieldProblem {
        FieldProblem { pointer: self.pointer(&problem.pointer), ..problem }
    }
}

/// Checks 11 to 15: parses the input once and holds it against the operation. `key` is checked where one was given.
pub(super) fn content(
    config: &Configuration,
    entry: &Entry,
    key: Option<&BusinessKey>,
    input: &[u8],
    place: Place,
) -> Result<Value, Fault> {
    let value = json(input, place)?;
    let mut problems = entry.validate(&value);
    if problems.is_empty()
        && let Some(key) = key
    {
        problems.extend(wrong_key(entry, key, &value));
    }
    if !problems.is_empty() {
        let count = problems.len();
        let operation = &entry.spec.name;
        return Err(refused(FaultCode::Invalid, format!("{count} field(s) break the input of {operation}"))
            .with_problems(problems.into_iter().map(|problem| place.moved(problem))));
    }
    if let Some(adapter) = config.adapters.get(entry.spec.name.system()) {
        adapter.check(&entry.spec.name, &value).map_err(|mut fault| {
            fault.problems = std::mem::take(&mut fault.problems).into_iter().map(|p| place.moved(p)).collect();
            fault
        })?;
    }
    Ok(value)
}

/// The input as JSON in which nothing stands twice.
pub(super) fn json(input: &[u8], place: Place) -> Result<Value, Fault> {
    distinct::read(input).map_err(|error| match error {
        Unread::NoJson(error) => bad_json(&error, place),
        Unread::Twice(pointer) => wrong_field(FaultCode::Invalid, &place.pointer(&pointer), "stands twice"),
    })
}

/// serde_json's syntax errors name position and expectation, never content.
fn bad_json(error: &serde_json::Error, place: Place) -> Fault {
    let problem = format!("is not JSON at line {}, column {}", error.line(), error.column());
    refused(FaultCode::BadJson, error.to_string()).with_problem(FieldProblem::new(place.pointer(""), problem))
}

/// Both forms of a dossier code are compared as they are: one dossier keeps the form it was first named with.
fn wrong_key(entry: &Entry, key: &BusinessKey, input: &Value) -> Option<FieldProblem> {
    let pointer = entry.spec.key_field.as_deref()?;
    let same = match input.pointer(pointer)? {
        Value::String(found) => found == key.as_str() || text::nfc(found) == key.as_str(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    };
    (!same).then(|| FieldProblem::new(pointer, "must equal the exchange's key").of_class("text"))
}

/// The key an input names itself, where its operation has such a field.
pub(super) fn own_key(entry: &Entry, input: &Value) -> Option<BusinessKey> {
    let named = input.pointer(entry.spec.key_field.as_deref()?)?.as_str()?;
    BusinessKey::new(named).ok()
}
