//! Records as JSON in rows: versioned shapes of their own, filled and read field by field. Nothing outside this crate sees them.

use std::borrow::Cow;
use std::time::Duration;

use lienthong_core::exchange::{AuthenticatedBy, Link, Source, TraceContext};
use lienthong_core::fault::PublicText;
use lienthong_core::{
    BusinessKey, Class, ClientId, ConfigVersion, ExchangeId, ExchangeMeta, Fault, FaultCode, FaultKind, FieldProblem,
    Fingerprint, OnBehalfOf, OperationName, Timestamp,
};
use serde::{Deserialize, Serialize};

use self::descent::StoredDescent;
use super::codes::{instant, micros};
use super::fail::{Fail, corrupt};

mod descent;

/// What of an exchange is not in columns. Times in microseconds.
#[derive(Debug, Serialize, Deserialize)]
struct StoredMeta<'a> {
    #[serde(rename = "by")]
    authenticated_by: StoredProof,
    #[serde(borrow)]
    source: StoredSource<'a>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    purpose: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "for", default, skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<StoredBehalf<'a>>,
    #[serde(rename = "due", default, skip_serializing_if = "Option::is_none")]
    due_at: Option<i64>,
    #[serde(rename = "expires", default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_before: Option<i64>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    trace: Option<(Cow<'a, str>, Option<Cow<'a, str>>)>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    callback: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    link: Option<StoredLink<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    descent: Option<StoredDescent<'a>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    call: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredProof {
    ApiKey,
    ClientCertificate,
    SystemSecret,
    Broker,
    Gateway,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredSource<'a> {
    Client(#[serde(borrow)] Cow<'a, str>),
    System(#[serde(borrow)] Cow<'a, str>),
    Gateway,
    Answer(#[serde(borrow)] Cow<'a, str>),
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredBehalf<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    unit: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    officer: Option<Cow<'a, str>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredLink<'a> {
    Resend {
        of: ExchangeId,
        #[serde(borrow)]
        reason: Cow<'a, str>,
    },
    Child {
        parent: ExchangeId,
        place: u16,
        index: u16,
    },
}

fn text(value: &str) -> Cow<'_, str> {
    Cow::Borrowed(value)
}

/// The part of `meta` that has no column.
pub(super) fn meta_to_text(meta: &ExchangeMeta) -> Result<String, Fail> {
    let ExchangeMeta {
        id: _,
        client: _,
        authenticated_by,
        source,
        operation: _,
        key: _,
        aliases,
        purpose,
        on_behalf_of,
        due_at,
        expires_at,
        not_before,
        class: _,
        trace,
        callback,
        link,
        descent,
        call,
        config: _,
        received_at: _,
    } = meta;
    let stored = StoredMeta {
        authenticated_by: match authenticated_by {
            AuthenticatedBy::ApiKey => StoredProof::ApiKey,
            AuthenticatedBy::ClientCertificate => StoredProof::ClientCertificate,
            AuthenticatedBy::SystemSecret => StoredProof::SystemSecret,
            AuthenticatedBy::Broker => StoredProof::Broker,
            AuthenticatedBy::Gateway => StoredProof::Gateway,
        },
        source: match source {
            Source::Client(name) => StoredSource::Client(text(name.as_str())),
            Source::System(name) => StoredSource::System(text(name.as_str())),
            Source::Gateway => StoredSource::Gateway,
            Source::Answer(name) => StoredSource::Answer(text(name.as_str())),
        },
        aliases: aliases.iter().map(|alias| text(alias.as_str())).collect(),
        purpose: purpose.as_deref().map(text),
        on_behalf_of: on_behalf_of.as_ref().map(|OnBehalfOf { unit, officer }| StoredBehalf {
            unit: unit.as_deref().map(text),
            officer: officer.as_deref().map(text),
        }),
        due_at: due_at.map(micros),
        expires_at: expires_at.map(micros),
        not_before: not_before.map(micros),
        trace: trace.as_ref().map(|TraceContext { parent, state }| (text(parent), state.as_deref().map(text))),
        callback: callback.as_deref().map(text),
        link: link.as_ref().map(link_to_stored),
        descent: descent.as_ref().map(descent::to_stored),
        call: *call,
    };
    serde_json::to_string(&stored).map_err(|error| Fail::Misuse(format!("an exchange cannot be written: {error}")))
}

fn link_to_stored(link: &Link) -> StoredLink<'_> {
    match link {
        Link::Resend { of, reason } => StoredLink::Resend { of: *of, reason: text(reason) },
        Link::Child { parent, index } => {
            StoredLink::Child { parent: parent.exchange, place: parent.index, index: *index }
        }
    }
}

/// An exchange's columns, to be joined with its text.
pub(super) struct MetaColumns {
    pub(super) id: ExchangeId,
    pub(super) client: ClientId,
    pub(super) operation: OperationName,
    pub(super) key: BusinessKey,
    pub(super) class: Class,
    pub(super) config: ConfigVersion,
    pub(super) received_at: Timestamp,
}

pub(super) fn meta_from_text(columns: MetaColumns, json: &str) -> Result<ExchangeMeta, Fail> {
    let stored: StoredMeta<'_> = serde_json::from_str(json).map_err(|error| corrupt("an exchange", error))?;
    let MetaColumns { id, client, operation, key, class, config, received_at } = columns;
    let StoredMeta {
        authenticated_by,
        source,
        aliases,
        purpose,
        on_behalf_of,
        due_at,
        expires_at,
        not_before,
        trace,
        callback,
        link,
        descent,
        call,
    } = stored;
    Ok(ExchangeMeta {
        id,
        client,
        authenticated_by: match authenticated_by {
            StoredProof::ApiKey => AuthenticatedBy::ApiKey,
            StoredProof::ClientCertificate => AuthenticatedBy::ClientCertificate,
            StoredProof::SystemSecret => AuthenticatedBy::SystemSecret,
            StoredProof::Broker => AuthenticatedBy::Broker,
            StoredProof::Gateway => AuthenticatedBy::Gateway,
        },
        source: match source {
            StoredSource::Client(name) => Source::Client(name.parse().map_err(|_| corrupt("a client", &name))?),
            StoredSource::System(name) => Source::System(name.parse().map_err(|_| corrupt("a system", &name))?),
            StoredSource::Gateway => Source::Gateway,
            StoredSource::Answer(name) => Source::Answer(name.parse().map_err(|_| corrupt("a system", &name))?),
        },
        operation,
        key,
        aliases: aliases.iter().map(|alias| key_of(alias)).collect::<Result<_, _>>()?,
        purpose: purpose.map(Cow::into_owned),
        on_behalf_of: on_behalf_of.map(|StoredBehalf { unit, officer }| OnBehalfOf {
            unit: unit.map(Cow::into_owned),
            officer: officer.map(Cow::into_owned),
        }),
        due_at: due_at.map(instant).transpose()?,
        expires_at: expires_at.map(instant).transpose()?,
        not_before: not_before.map(instant).transpose()?,
        class,
        trace: trace
            .map(|(parent, state)| TraceContext { parent: parent.into_owned(), state: state.map(Cow::into_owned) }),
        callback: callback.map(Cow::into_owned),
        link: link.map(link_from_stored),
        descent: descent.map(descent::from_stored).transpose()?,
        call,
        config,
        received_at,
    })
}

fn link_from_stored(link: StoredLink<'_>) -> Link {
    match link {
        StoredLink::Resend { of, reason } => Link::Resend { of, reason: reason.into_owned() },
        StoredLink::Child { parent, place, index } => {
            Link::Child { parent: lienthong_core::DeliveryId { exchange: parent, index: place }, index }
        }
    }
}

/// A key as a row holds it: checked when it was accepted.
pub(super) fn key_of(value: &str) -> Result<BusinessKey, Fail> {
    BusinessKey::new(value).map_err(|_| corrupt("a key", value))
}

/// A fault with the fingerprint of its cause.
#[derive(Debug, Serialize, Deserialize)]
struct StoredFault<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    code: Cow<'a, str>,
    #[serde(borrow, rename = "as", default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    system_code: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    system_text: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    problems: Vec<StoredProblem<'a>>,
    /// Vietnamese and English, where they are not the code's own.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    public: Option<(Cow<'a, str>, Cow<'a, str>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after: Option<Duration>,
    #[serde(borrow)]
    detail: Cow<'a, str>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredProblem<'a> {
    #[serde(borrow, rename = "at")]
    pointer: Cow<'a, str>,
    #[serde(borrow)]
    problem: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    value_class: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    table: Option<Cow<'a, str>>,
}

pub(super) fn fault_to_text(fault: &Fault, fingerprint: Option<&Fingerprint>) -> Result<String, Fail> {
    let Fault { kind, code, system_code, system_text, problems, public, retry_after, detail } = fault;
    let own = *public == code.public();
    let stored = StoredFault {
        kind: text(kind.as_str()),
        code: text(code.as_str()),
        fingerprint: fingerprint.map(|print| text(print.as_str())),
        system_code: system_code.as_deref().map(text),
        system_text: system_text.as_deref().map(text),
        problems: problems
            .iter()
            .map(|FieldProblem { pointer, problem, value_class, table }| StoredProblem {
                pointer: text(pointer),
                problem: text(problem),
                value_class: value_class.as_deref().map(text),
                table: table.as_deref().map(text),
            })
            .collect(),
        public: (!own).then(|| (text(&public.vi), text(&public.en))),
        retry_after: *retry_after,
        detail: text(detail),
    };
    serde_json::to_string(&stored).map_err(|error| Fail::Misuse(format!("a fault cannot be written: {error}")))
}

pub(super) fn fault_from_text(json: &str) -> Result<(Fault, Option<Fingerprint>), Fail> {
    let stored: StoredFault<'_> = serde_json::from_str(json).map_err(|error| corrupt("a fault", error))?;
    let StoredFault { kind, code, fingerprint, system_code, system_text, problems, public, retry_after, detail } =
        stored;
    let code = fault_code(&code)?;
    let fingerprint = fingerprint.map(|print| print.parse().map_err(|_| corrupt("a fingerprint", &print)));
    let problem = |StoredProblem { pointer, problem, value_class, table }: StoredProblem<'_>| FieldProblem {
        pointer: pointer.into_owned(),
        problem: problem.into_owned(),
        value_class: value_class.map(Cow::into_owned),
        table: table.map(Cow::into_owned),
    };
    let fault = Fault {
        kind: fault_kind(&kind)?,
        code,
        system_code: system_code.map(Cow::into_owned),
        system_text: system_text.map(Cow::into_owned),
        problems: problems.into_iter().map(problem).collect(),
        public: public
            .map_or_else(|| code.public(), |(vi, en)| PublicText { vi: vi.into_owned(), en: en.into_owned() }),
        retry_after,
        detail: detail.into_owned(),
    };
    Ok((fault, fingerprint.transpose()?))
}

pub(super) fn fault_code(value: &str) -> Result<FaultCode, Fail> {
    value.parse().map_err(|()| corrupt("a fault code", value))
}

pub(super) fn fault_kind(value: &str) -> Result<FaultKind, Fail> {
    FaultKind::ALL.into_iter().find(|kind| kind.as_str() == value).ok_or_else(|| corrupt("a fault kind", value))
}

#[cfg(test)]
mod tests;
