//! What handlers take from a request's head: who asks, a place inside, path parameters. Every refusal is a problem of ours.

use axum::extract::{FromRequestParts, RawPathParams};
use http::HeaderMap;
use http::request::Parts;
use lienthong_core::exchange::TraceContext;
use lienthong_core::{Fault, FaultCode};

use super::front::RequestTrace;
use super::problem::Refusal;
use super::{params, trace};
use crate::security::{Credentials, Identity, PeerCertificate, Role, authenticate};
use crate::state::{AppState, Pass};

/// A caller that proved who it is and found a place inside. The place is held as long as this lives.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) identity: Identity,
    pub(crate) trace: TraceContext,
    pub(crate) pass: Pass,
}

impl FromRequestParts<AppState> for Admitted {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let identity = identify(parts, state)?;
        let pass = enter(state, &identity)?;
        Ok(Self { identity, trace: trace_of(parts), pass })
    }
}

/// A caller that proved who it is; it takes no place (event streams have their own).
#[derive(Debug)]
pub(crate) struct Known(pub(crate) Identity);

impl FromRequestParts<AppState> for Known {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        Ok(Self(identify(parts, state)?))
    }
}

/// A place inside for a caller that proves itself otherwise (external systems).
#[derive(Debug)]
pub(crate) struct Entered {
    pub(crate) _pass: Pass,
}

impl FromRequestParts<AppState> for Entered {
    type Rejection = Refusal;

    async fn from_request_parts(_parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        Ok(Self { _pass: state.doors.enter_as_push()? })
    }
}

fn identify(parts: &Parts, state: &AppState) -> Result<Identity, Refusal> {
    let shown = Credentials {
        authorization: text(&parts.headers, "authorization"),
        api_key: text(&parts.headers, "x-api-key"),
        certificate: parts.extensions.get::<PeerCertificate>(),
    };
    authenticate(&state.directory.load(), &shown).map_err(|refused| {
        metrics::counter!("lienthong_authentication_failures_total").increment(1);
        refused.into()
    })
}

/// A header that proves something. One that is no text, or is there twice, proves nothing.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    Some(if values.next().is_some() { "" } else { value.to_str().unwrap_or_default() })
}

/// A place inside for a known caller; operators have some of their own.
pub(crate) fn enter(state: &AppState, identity: &Identity) -> Result<Pass, Fault> {
    if identity.has(Role::Viewer) { state.doors.enter_as_operator() } else { state.doors.enter() }
}

/// The trace a request belongs to.
pub(crate) fn trace_of(parts: &Parts) -> TraceContext {
    parts.extensions.get::<RequestTrace>().map_or_else(trace::new_context, |trace| (*trace.0).clone())
}

/// Refuses new work once shutdown has begun.
pub(crate) fn accepting(state: &AppState) -> Result<(), Fault> {
    if !state.stopping.is_cancelled() {
        return Ok(());
    }
    let stopping = Fault::new(FaultCode::ShuttingDown.kind(), FaultCode::ShuttingDown, "shutdown has begun");
    Err(stopping.with_retry_after(std::time::Duration::from_secs(5)))
}

/// The path's parameters, percent-decoded.
#[derive(Debug)]
pub(crate) struct PathValues(Vec<(String, String)>);

impl FromRequestParts<AppState> for PathValues {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let raw = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| params::bad("{path}", "is not percent-encoded UTF-8"))?;
        Ok(Self(raw.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}

impl PathValues {
    fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// A parameter as its type reads it.
    pub(crate) fn get<T: std::str::FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<T, Fault> {
        self.text(name).parse().map_err(|problem: T::Err| params::bad(&format!("{{{name}}}"), problem))
    }

    /// `None` for `*`, which means all.
    pub(crate) fn one_or_all<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, Fault> {
        if self.text(name) == "*" { Ok(None) } else { self.get(name).map(Some) }
    }
}
