//! One request of a façade from its head to its answer: proved, read, mapped, stored or relayed, waited for, told. Nothing is answered as received before its commit.

mod issue;
mod outcome;

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header;
use http::request::Parts;
use lienthong_core::exchange::{AuthenticatedBy, TraceContext};
use lienthong_core::{Fault, FaultCode, FaultKind};
use lienthong_engine::service::{CallSubmission, Door, Receipt, Submission};
use serde_json::{Map, Value, json};

use super::answer::{Ended, Standing, event, outcome_of};
use super::home::Home;
use super::items::{Item, written};
use super::plan::{Asked, Endpoint};
use super::{Facade, Outcome, proof};
use crate::http::body;
use crate::http::extract::{accepting, trace_of};
use crate::http::front::ServedAs;
use crate::http::problem::Refusal;
use crate::security::Identity;
use crate::state::AppState;

/// Why a request goes no further.
enum Stop {
    /// Told in the dialect.
    Told(Outcome, Box<Fault>),
    /// It is none of the façade's, or its answer cannot be written in the dialect: told as everywhere else.
    Plain(Box<Fault>),
}

impl Stop {
    fn told(outcome: Outcome) -> impl Fn(Fault) -> Self {
        move |fault| Self::Told(outcome, Box::new(fault))
    }
}

/// A request as far as it was read.
struct Read<'r> {
    parts: &'r Parts,
    asked: &'r Asked,
    /// The rest of the path, with its query, as it came.
    below: String,
    bytes: Bytes,
    body: Value,
}

/// Answers a request whose path belongs to the façade.
pub(crate) async fn serve(state: &AppState, facade: &Arc<Facade>, below: &str, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let asked = Asked::new(&parts.method, below, parts.uri.query());
    let served = if leaves_its_place(below) {
        Err(not_ours(FaultCode::NoSuchPath))
    } else {
        facade.taken(state, &parts, &asked, body).await
    };
    let answered = served.or_else(|stop| facade.stopped(&asked, stop));
    let mut response = answered.unwrap_or_else(|fault| Refusal::from(fault).into_response());
    let known = facade.plan.knows_path(below);
    let path = if known { format!("{}{below}", facade.plan.path) } else { format!("{}/…", facade.plan.path) };
    response.extensions_mut().insert(ServedAs(path));
    response
}

/// Segments that would lead out of the old address's own path.
fn leaves_its_place(below: &str) -> bool {
    let lower = below.to_ascii_lowercase().replace("%2e", ".");
    lower.split(['/', '\\']).any(|segment| matches!(segment, "." | ".."))
        || lower.contains("%2f")
        || lower.contains("%5c")
}

impl Facade {
    async fn taken(
        &self,
        state: &AppState,
        parts: &Parts,
        asked: &Asked,
        body: axum::body::Body,
    ) -> Result<Response, Stop> {
        let refused = Stop::told(Outcome::Refused);
        accepting(state).map_err(&refused)?;
        if let Some(issuing) = self.proof.issuing(asked) {
            return self.issue(state, issuing, &parts.headers, body).await;
        }
        if self.upstream.is_none() && !self.plan.knows(asked) {
            let known = self.plan.knows_path(&asked.below);
            return Err(not_ours(if known { FaultCode::MethodNotAllowed } else { FaultCode::NoSuchPath }));
        }
        let now = state.clock.now();
        self.proof.head(&parts.headers, now).map_err(unproved)?;
        let in_body = self.proof.is_in_body();
        let place = if in_body { state.doors.enter_as_push() } else { state.doors.enter() };
        let _place = place.map_err(&refused)?;
        let limit = self.plan.body_limit.unwrap_or(usize::MAX).min(state.limits.body_bytes);
        let received = body::limited(state, &parts.headers, body, limit).await.map_err(&refused)?;
        let (value, unreadable) = json_of(&received.bytes);
        self.proof.body(self.plan.session_field.as_deref(), &value, now).map_err(unproved)?;
        let below =
            format!("{}{}", asked.below, parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default());
        let read = Read { parts, asked, below, bytes: received.bytes.clone(), body: value };
        match (self.plan.endpoint(asked, &read.body), unreadable) {
            (Some(_), Some(fault)) => Err(refused(fault)),
            (Some(endpoint), None) => self.served(state, endpoint, &read).await,
            (None, _) if self.upstream.is_some() => self.relayed(state, &read).await,
            (None, Some(fault)) => Err(refused(fault)),
            (None, None) => Err(refused(unserved())),
        }
    }

    async fn served(&self, state: &AppState, endpoint: &Endpoint, read: &Read<'_>) -> Result<Response, Stop> {
        let answered = async {
            let identity = self.identity(state)?;
            let items = endpoint.items(&read.body).map_err(Stop::told(Outcome::Refused))?;
            let home = self.home(state, endpoint, read.asked, &items).await.map_err(Stop::told(Outcome::Refused))?;
            if home == Home::OldAddress {
                return self.relayed(state, read).await;
            }
            identity.may_ask(&endpoint.operation).map_err(Stop::told(Outcome::Refused))?;
            let ended = match endpoint.is_read {
                true => self.asked(state, &identity, endpoint, read, &items).await,
                false => self.submitted(state, &identity, endpoint, read, &items).await?,
            };
            let outcome = outcome_of(&ended);
            self.answered(Some(endpoint), read.asked, outcome, &ended, None).map_err(plain)
        };
        // An end point's own words for a refusal, where it has some.
        answered.await.or_else(|stop| match stop {
            Stop::Told(outcome, fault) => {
                self.answered(Some(endpoint), read.asked, outcome, &[], Some(&fault)).map_err(plain)
            }
            plain @ Stop::Plain(_) => Err(plain),
        })
    }

    /// The client whose façade this is.
    fn identity(&self, state: &AppState) -> Result<Identity, Stop> {
        let directory = state.directory.load();
        match directory.get(&self.plan.client) {
            Some(entry) if entry.enabled => Ok(Identity::new(Arc::clone(entry), AuthenticatedBy::ApiKey)),
            Some(_) | None => Err(unproved(proof::refused("the façade's client is disabled"))),
        }
    }

    /// A question, answered on the same connection.
    async fn asked(
        &self,
        state: &AppState,
        identity: &Identity,
        endpoint: &Endpoint,
        read: &Read<'_>,
        items: &[Item],
    ) -> Vec<Ended> {
        let mut ended = Vec::with_capacity(items.len());
        for item in items {
            let standing = match self.answer(state, identity, endpoint, read, item).await {
                Ok(answer) => Standing::Delivered(Some(answer)),
                Err(fault) if fault.kind == FaultKind::Invalid => Standing::Refused(fault),
                Err(fault) => Standing::Failed(fault),
            };
            ended.push(Ended { key: item.key.clone(), exchange: None, standing });
        }
        ended
    }

    async fn answer(
        &self,
        state: &AppState,
        identity: &Identity,
        endpoint: &Endpoint,
        read: &Read<'_>,
        item: &Item,
    ) -> Result<Value, Fault> {
        let made = endpoint.made(item, read.asked, &read.body)?;
        let call = CallSubmission {
            operation: endpoint.operation.clone(),
            body: written(&made.body)?,
            key: made.key,
            purpose: made.purpose,
            on_behalf_of: made.on_behalf_of,
            trace: Some(trace_of(read.parts)),
            timeout: Some(endpoint.wait),
        };
        let answer = state.service.call(&identity.caller(), call).await?;
        Ok(outcome::value_of(&answer.body.bytes))
    }

    /// Messages: mapped each, stored in one commit, then waited for.
    async fn submitted(
        &self,
        state: &AppState,
        identity: &Identity,
        endpoint: &Endpoint,
        read: &Read<'_>,
        items: &[Item],
    ) -> Result<Vec<Ended>, Stop> {
        let trace = trace_of(read.parts);
        let made: Vec<_> = items.iter().map(|item| endpoint.submission(item, read, &trace)).collect();
        let door =
            Door { name: format!("facade/{}/{}", self.plan.name, endpoint.name), window: self.plan.repeat_window };
        let good: Vec<Submission> = made.iter().filter_map(|made| made.as_ref().ok()).cloned().collect();
        let receipts = state.service.submit_recognised(&identity.caller(), &door, good).await;
        let mut receipts = receipts.map_err(Stop::told(Outcome::Refused))?.into_iter();
        let received: Vec<Result<Receipt, Fault>> = made
            .into_iter()
            .map(|made| made.and_then(|_| receipts.next().unwrap_or_else(|| Err(lost_receipt()))))
            .collect();
        Ok(outcome::of_all(state, endpoint.wait, items, received).await)
    }

    /// The old address's own answer.
    async fn relayed(&self, state: &AppState, read: &Read<'_>) -> Result<Response, Stop> {
        let Some(upstream) = &self.upstream else { return Err(Stop::told(Outcome::Refused)(unserved())) };
        let (method, headers) = (&read.parts.method, &read.parts.headers);
        let relayed = upstream.relay(Arc::clone(&state.clock), method, &read.below, headers, read.bytes.clone()).await;
        let outcome = if relayed.is_ok() { "answered" } else { "lost" };
        let facade = self.plan.name.clone();
        metrics::counter!("lienthong_facade_relayed_total", "facade" => facade, "outcome" => outcome).increment(1);
        relayed.map_err(|fault| {
            let (facade, code) = (self.plan.name.as_str(), fault.code.as_str());
            tracing::warn!(facade, code, detail = %fault.detail, "a request relayed to the old address has no answer");
            Stop::told(Outcome::Lost)(fault)
        })
    }

    /// The answer of a template, the end point's own or the façade's.
    fn answered(
        &self,
        endpoint: Option<&Endpoint>,
        asked: &Asked,
        outcome: Outcome,
        ended: &[Ended],
        fault: Option<&Fault>,
    ) -> Result<Response, Fault> {
        let own = endpoint.and_then(|endpoint| endpoint.answers.get(&outcome));
        let template = own.or_else(|| self.plan.answers.get(&outcome)).ok_or_else(|| {
            let detail = format!("façade {} has no answer for {}", self.plan.name, outcome.as_str());
            Fault::of(FaultKind::Mapping, detail)
        })?;
        let (facade, place) = (self.plan.name.clone(), endpoint.map_or("none", |endpoint| &endpoint.name).to_owned());
        metrics::counter!(
            "lienthong_facade_requests_total", "facade" => facade, "endpoint" => place, "outcome" => outcome.as_str()
        )
        .increment(1);
        let around = endpoint.map_or_else(Map::new, |endpoint| endpoint.surroundings(asked));
        let mut response = template.response(event(outcome, ended, fault, around))?;
        if let Some(wait) = fault.and_then(|fault| fault.retry_after) {
            response.headers_mut().insert(header::RETRY_AFTER, wait.as_secs().max(1).into());
        }
        Ok(response)
    }

    fn stopped(&self, asked: &Asked, stop: Stop) -> Result<Response, Fault> {
        match stop {
            Stop::Told(outcome, fault) => {
                let (facade, code) = (self.plan.name.as_str(), fault.code.as_str());
                tracing::debug!(facade, code, detail = %fault.detail, "request refused");
                self.answered(None, asked, outcome, &[], Some(&fault))
            }
            Stop::Plain(fault) => Err(*fault),
        }
    }
}

impl Endpoint {
    fn submission(&self, item: &Item, read: &Read<'_>, trace: &TraceContext) -> Result<Submission, Fault> {
        self.made(item, read.asked, &read.body)?.submission(&self.operation, trace)
    }
}

/// A body as JSON; nothing is nothing. What cannot be read is told only once its sender has proved who it is.
fn json_of(bytes: &Bytes) -> (Value, Option<Fault>) {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return (Value::Null, None);
    }
    match body::parsed::<Value>(bytes) {
        Ok(value) => (value, None),
        Err(fault) => (json!(null), Some(fault)),
    }
}

fn unproved(fault: Fault) -> Stop {
    metrics::counter!("lienthong_authentication_failures_total").increment(1);
    Stop::Told(Outcome::Unauthenticated, Box::new(fault))
}

fn not_ours(code: FaultCode) -> Stop {
    plain(Fault::new(code.kind(), code, "no end point of the façade"))
}

fn plain(fault: Fault) -> Stop {
    Stop::Plain(Box::new(fault))
}

fn unserved() -> Fault {
    Fault::new(FaultKind::Invalid, FaultCode::NoSuchPath, "no end point of the façade takes this")
}

fn lost_receipt() -> Fault {
    Fault::of(FaultKind::Internal, "a message has no receipt")
}
