//! Requests of the contract as the service's own types; every refusal names the field.

use std::str::FromStr;

use lienthong_core::exchange::TraceContext;
use lienthong_core::{
    Class, Fault, FaultCode, FaultKind, FieldProblem, OnBehalfOf, StateName, SystemId, Timestamp, limits,
};
use lienthong_engine::service::{CallSubmission, OperatorAct, Submission};
use lienthong_journal::{Cursor, ExchangeFilter, FaultFilter, GroupFilter};
use lienthong_proto::v1;
use serde::de::{DeserializeOwned, IntoDeserializer};

use crate::http::{body, params};

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

/// A note that people read: not longer than the limit; a blank one is none.
pub(crate) fn note(field: &str, value: String) -> Result<Option<String>, Fault> {
    body::note(&format!("/{field}"), text(value))
}

/// An operator looks at people's data without saying why.
pub(crate) fn reason_missing() -> Fault {
    Fault { code: FaultCode::ReasonMissing, public: FaultCode::ReasonMissing.public(), ..bad("reason", "is required") }
}

/// A name of a closed list, as the JSON writes it.
pub(crate) fn name<T: DeserializeOwned>(field: &str, text: &str) -> Result<Option<T>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    T::deserialize(text.into_deserializer())
        .map(Some)
        .map_err(|_: serde::de::value::Error| bad(field, "is none of the names known"))
}

/// A number that counts things.
pub(crate) fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
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

/// Where a page begins; the list itself says whether the cursor is its own.
pub(crate) fn cursor(text: String) -> Result<Option<Cursor>, Fault> {
    params::cursor_of(text, '/')
}

/// A cursor of another list, or none of ours.
pub(crate) fn bad_cursor() -> Fault {
    params::bad_cursor('/')
}

/// What searches ask for, but their text.
pub(crate) fn search_filter(request: &v1::SearchRequest) -> Result<ExchangeFilter, Fault> {
    let fault = FaultFilter {
        kind: kind("fault", &request.fault)?,
        code: fault_code(&request.code)?,
        group: optional("group", &request.group)?,
        field: text(request.field.clone()),
    };
    Ok(ExchangeFilter {
        key: optional("key", &request.key)?,
        operation: optional("operation", &request.operation)?,
        system: optional("system", &request.system)?,
        state: state(&request.state)?,
        client: optional("client", &request.client)?,
        from: instant("from", request.from)?,
        to: instant("to", request.to)?,
        route: optional("route", &request.route)?,
        fault,
        updated_since: instant("updated_since", request.updated_since)?,
        id: optional("id", &request.id)?,
        ..ExchangeFilter::default()
    })
}

fn state(text: &str) -> Result<Option<StateName>, Fault> {
    match text {
        "" => Ok(None),
        name => name.parse().map(Some).map_err(|()| bad("state", "is no state of a delivery")),
    }
}

fn fault_code(text: &str) -> Result<Option<FaultCode>, Fault> {
    match text {
        "" => Ok(None),
        name => name.parse().map(Some).map_err(|()| bad("code", "is no code of a fault")),
    }
}

fn kind(field: &str, text: &str) -> Result<Option<FaultKind>, Fault> {
    match text {
        "" => Ok(None),
        name => {
            let known = FaultKind::ALL.into_iter().find(|kind| kind.as_str() == name);
            known.map(Some).ok_or_else(|| bad(field, "is no kind of fault"))
        }
    }
}

pub(crate) fn filter(request: &v1::ListRequest) -> Result<ExchangeFilter, Fault> {
    Ok(ExchangeFilter {
        key: optional("key", &request.key)?,
        operation: optional("operation", &request.operation)?,
        system: optional("system", &request.system)?,
        state: state(&request.state)?,
        client: optional("client", &request.client)?,
        from: instant("from", request.from)?,
        to: instant("to", request.to)?,
        ..ExchangeFilter::default()
    })
}

pub(crate) fn group_filter(request: &v1::ListErrorGroupsRequest) -> Result<GroupFilter, Fault> {
    Ok(GroupFilter {
        system: optional("system", &request.system)?,
        operation: optional("operation", &request.operation)?,
        kind: kind("kind", &request.kind)?,
        include_closed: request.include_closed,
        brief: false,
    })
}

/// The system named, or `None` for `*`, which means all. A field left out means neither: it would stop all sending.
pub(crate) fn one_or_all(name: &str) -> Result<Option<SystemId>, Fault> {
    if name == "*" { Ok(None) } else { required("system", name).map(Some) }
}

/// The system whose things are listed, or `None` for all: a list may leave it out.
pub(crate) fn system_or_all(name: &str) -> Result<Option<SystemId>, Fault> {
    if name.is_empty() { Ok(None) } else { one_or_all(name) }
}

pub(crate) fn act(operator: &str, reason: String, confirmed: bool) -> Result<OperatorAct, Fault> {
    Ok(OperatorAct { operator: operator.to_owned(), reason: note("reason", reason)?, confirmed })
}
