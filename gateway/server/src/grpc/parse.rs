//! Requests of the contract as the service's own types; every refusal names the field.

use std::str::FromStr;

use lienthong_core::exchange::TraceContext;
use lienthong_core::{Class, Fault, FaultCode, FaultKind, FieldProblem, OnBehalfOf, SystemId, Timestamp, limits};
use lienthong_engine::service::{CallSubmission, OperatorAct, Submission};
use lienthong_journal::{Cursor, ExchangeFilter, GroupFilter};
use lienthong_proto::v1;

/// A parameter that cannot be read.
pub(crate) fn bad(field: &str, problem: impl std::fmt::Display) -> Fault {
    Fault::new(FaultKind::Invalid, FaultCode::BadParameter, format!("{field}: {problem}"))
        .with_problem(FieldProblem::new(format!("/{field}"), problem.to_string()))
}

/// A field that must be there and well formed.
pub(crate) fn required<T: FromStr>(field: &str, text: &str) -> Result<T, Fault>
where
    T::Err: std::fmt::Display,
{
    if text.is_empty() {
        return Err(bad(field, "is missing"));
    }
    text.parse().map_err(|problem| bad(field, problem))
}

/// A field that may be empty.
pub(crate) fn optional<T: FromStr>(field: &str, text: &str) -> Result<Option<T>, Fault>
where
    T::Err: std::fmt::Display,
{
    if text.is_empty() { Ok(None) } else { required(field, text).map(Some) }
}

pub(crate) fn text(value: String) -> Option<String> {
    if value.is_empty() { None } else { Some(value) }
}

/// A note that people read: present and not longer than the limit.
fn note(field: &str, value: String) -> Result<Option<String>, Fault> {
    match text(value) {
        Some(long) if long.chars().count() > limits::NOTE_CHARS => {
            Err(bad(field, format!("is longer than {} characters", limits::NOTE_CHARS)))
        }
        Some(hostile) if !lienthong_core::text::is_plain(&hostile) => {
            Err(bad(field, "holds control characters or marks that turn the direction of text"))
        }
        short_or_none => Ok(short_or_none),
    }
}

fn instant(field: &str, at: Option<prost_types::Timestamp>) -> Result<Option<Timestamp>, Fault> {
    at.map(|at| Timestamp::new(at.seconds, at.nanos).map_err(|_| bad(field, "is out of range"))).transpose()
}

fn class(text: &str) -> Result<Class, Fault> {
    match text {
        "" | "live" => Ok(Class::Live),
        "bulk" => Ok(Class::Bulk),
        _unknown => Err(bad("class", "must be live or bulk")),
    }
}

fn on_behalf_of(value: Option<v1::OnBehalfOf>) -> Result<Option<OnBehalfOf>, Fault> {
    value
        .map(|v1::OnBehalfOf { unit, officer }| {
            Ok(OnBehalfOf { unit: note("on_behalf_of/unit", unit)?, officer: note("on_behalf_of/officer", officer)? })
        })
        .transpose()
}

/// One submission; `trace` comes from the call's metadata.
pub(crate) fn submission(request: v1::SubmitRequest, trace: Option<TraceContext>) -> Result<Submission, Fault> {
    let v1::SubmitRequest {
        operation,
        key,
        body,
        idempotency_key,
        purpose,
        on_behalf_of: behalf,
        due_at,
        expires_at,
        not_before,
        aliases,
        class: class_name,
        callback,
        wait_seconds: _,
    } = request;
    Ok(Submission {
        operation: required("operation", &operation)?,
        key: required("key", &key)?,
        body,
        purpose: note("purpose", purpose)?,
        on_behalf_of: on_behalf_of(behalf)?,
        due_at: instant("due_at", due_at)?,
        expires_at: instant("expires_at", expires_at)?,
        not_before: instant("not_before", not_before)?,
        aliases: aliases.iter().map(|alias| required("aliases", alias)).collect::<Result<_, _>>()?,
        class: class(&class_name)?,
        idempotency_key: text(idempotency_key),
        callback: text(callback),
        trace,
    })
}

pub(crate) fn call(request: v1::CallRequest, trace: Option<TraceContext>) -> Result<CallSubmission, Fault> {
    let v1::CallRequest { operation, body, key, purpose, on_behalf_of: behalf, timeout_seconds } = request;
    Ok(CallSubmission {
        operation: required("operation", &operation)?,
        body,
        key: optional("key", &key)?,
        purpose: note("purpose", purpose)?,
        on_behalf_of: on_behalf_of(behalf)?,
        trace,
        timeout: (timeout_seconds > 0).then(|| std::time::Duration::from_secs(u64::from(timeout_seconds))),
    })
}

/// Rows of one page: 0 means the default of 100.
pub(crate) fn rows(limit: u32) -> Result<usize, Fault> {
    match usize::try_from(limit).unwrap_or(usize::MAX) {
        0 => Ok(100),
        rows if rows <= limits::PAGE_ROWS => Ok(rows),
        _many => Err(bad("limit", format!("is more than {}", limits::PAGE_ROWS))),
    }
}

pub(crate) fn cursor(text: String) -> Option<Cursor> {
    if text.is_empty() { None } else { Some(Cursor(text)) }
}

pub(crate) fn filter(request: &v1::ListRequest) -> Result<ExchangeFilter, Fault> {
    let state = match request.state.as_str() {
        "" => None,
        name => Some(name.parse().map_err(|()| bad("state", "is no state of a delivery"))?),
    };
    Ok(ExchangeFilter {
        key: optional("key", &request.key)?,
        operation: optional("operation", &request.operation)?,
        system: optional("system", &request.system)?,
        state,
        client: optional("client", &request.client)?,
        from: instant("from", request.from)?,
        to: instant("to", request.to)?,
        ..ExchangeFilter::default()
    })
}

pub(crate) fn group_filter(request: &v1::ListErrorGroupsRequest) -> Result<GroupFilter, Fault> {
    let kind = match request.kind.as_str() {
        "" => None,
        name => Some(
            FaultKind::ALL
                .into_iter()
                .find(|kind| kind.as_str() == name)
                .ok_or_else(|| bad("kind", "is no kind of fault"))?,
        ),
    };
    Ok(GroupFilter {
        system: optional("system", &request.system)?,
        operation: optional("operation", &request.operation)?,
        kind,
        include_closed: request.include_closed,
    })
}

/// The system named, or `None` for all.
pub(crate) fn system_or_all(name: &str) -> Result<Option<SystemId>, Fault> {
    if name == "*" { Ok(None) } else { optional("system", name) }
}

pub(crate) fn act(operator: &str, reason: String, confirmed: bool) -> Result<OperatorAct, Fault> {
    Ok(OperatorAct { operator: operator.to_owned(), reason: note("reason", reason)?, confirmed })
}
