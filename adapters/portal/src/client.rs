//! Speaks HTTP with the portal: one request, one answer, at the end point that is valid now. It retries nothing and knows no operation.

mod endpoint;
mod login;

use std::sync::Arc;

use http::Method;
use lienthong_core::network::{NetworkEndpoint, Opened, Purpose, SessionState};
use lienthong_core::secret::ExposeSecret;
use lienthong_core::{CallContext, Fault, FaultKind, Surroundings, SystemId, Timestamp};
use lienthong_kit::endpoint::Dated;
use lienthong_kit::fault::{Expected, of_reply};
use lienthong_kit::hidden::Hidden;
use lienthong_kit::transport::{Outgoing, ReplyLimits, Transport};

use crate::config::PortalConfig;
use crate::map::answer::{Answer, Judge, Shapes, read};
use crate::wire::request::{Caller, Request};
use endpoint::{Form, Lgsp, Spoken};

/// The connection to one portal.
pub(crate) struct Client {
    transport: Transport,
    endpoints: Dated<Spoken>,
    judge: Arc<Judge>,
}

impl Client {
    /// Reads secrets and prepares connections; nothing is opened yet.
    pub(crate) fn build(
        system: &SystemId,
        config: &PortalConfig,
        around: &Surroundings<'_>,
        judge: Arc<Judge>,
    ) -> Result<Self, String> {
        let transport =
            Transport::build(&config.transport, config.is_encrypted(), around.secrets, Arc::clone(&around.clock))?;
        let mut endpoints = Vec::with_capacity(config.endpoints.len());
        for one in &config.endpoints {
            endpoints.push(endpoint::build(system, one, around, &transport, &judge)?);
        }
        Ok(Self { transport, endpoints: Dated::new(endpoints, config.active.as_deref()), judge })
    }

    /// One request and its judged answer. A session the portal does not accept is forgotten here.
    pub(crate) async fn ask<T>(
        &self,
        cx: &CallContext,
        request: Request<'_>,
        hidden: Hidden<'_>,
        judged: impl FnOnce(&Answer<'_>, Hidden<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let endpoint = self.endpoints.at(cx.clock.now())?;
        let Spoken { headers, form } = &endpoint.value;
        match form {
            Form::Axis(axis) => {
                let session = axis.sessions.get().await?;
                let caller = Caller { session: session.value.expose_secret(), organisation: &axis.organisation };
                let bytes = request.enveloped(caller).map_err(unwritable)?;
                let outgoing = endpoint::json(axis.call.clone(), bytes, headers);
                let mut all: Vec<&str> = hidden.to_vec();
                all.push(session.value.expose_secret());
                let outcome = self.exchange(cx, outgoing, Shapes::Envelope, &all, judged).await;
                if outcome.as_ref().is_err_and(|fault| fault.kind == FaultKind::Unauthenticated) {
                    axis.sessions.forget(&session);
                }
                outcome
            }
            Form::Lgsp(lgsp) => {
                let outgoing = lgsp_request(lgsp, request, &endpoint.name, headers)?;
                let shown = lgsp.tokens.show().await?;
                let all: Vec<&str> = hidden.iter().copied().chain(shown.secrets()).collect();
                let outgoing = outgoing.with_headers(&shown.headers);
                let outcome = self.exchange(cx, outgoing, Shapes::Bare, &all, judged).await;
                lgsp.tokens.forget_refused(&shown, &outcome);
                outcome
            }
        }
    }

    async fn exchange<T>(
        &self,
        cx: &CallContext,
        outgoing: Outgoing,
        shapes: Shapes,
        hidden: Hidden<'_>,
        judged: impl FnOnce(&Answer<'_>, Hidden<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let reply = self.transport.call(cx, outgoing, ReplyLimits::default()).await?;
        if let Some(fault) = of_reply(&self.judge.words, &reply, Expected::Json, cx.clock.now()) {
            return Err(fault);
        }
        judged(&read(&reply.body, shapes)?, hidden)
    }

    /// Where the portal is now.
    pub(crate) fn reach(&self, now: Timestamp) -> Vec<NetworkEndpoint> {
        let Ok(endpoint) = self.endpoints.at(now) else { return Vec::new() };
        let (url, tokens) = match &endpoint.value.form {
            Form::Axis(axis) => (&axis.call, None),
            Form::Lgsp(lgsp) => (&lgsp.base, lgsp.tokens_at.as_ref()),
        };
        let system = self.transport.reach(Purpose::System, &endpoint.name, url);
        let login = tokens.map(|tokens| self.transport.reach(Purpose::Login, &endpoint.name, tokens.url()));
        std::iter::once(system).chain(login).collect()
    }

    /// How what it would use now stands.
    pub(crate) fn session(&self, now: Timestamp) -> SessionState {
        match self.endpoints.at(now).map(|spoken| &spoken.value.form) {
            Ok(Form::Axis(axis)) => axis.sessions.standing(),
            Ok(Form::Lgsp(lgsp)) => lgsp.tokens.standing(),
            Err(_) => SessionState::Unknown,
        }
    }

    /// The login of the raw form, or the token of the re-publication where it is fetched.
    pub(crate) async fn open_session(&self, now: Timestamp) -> Result<Opened, Fault> {
        match &self.endpoints.at(now)?.value.form {
            Form::Axis(axis) => axis.sessions.get().await.map(|_| Opened::Session),
            Form::Lgsp(lgsp) => lgsp.tokens.open().await,
        }
    }

    /// What to ask to see that the portal serves us: the smallest catalogue the end point in use offers.
    pub(crate) fn probe_request(&self, cx: &CallContext) -> Result<Option<Request<'static>>, Fault> {
        match &self.endpoints.at(cx.clock.now())?.value.form {
            Form::Axis(_) => Ok(Some(Request::Fields)),
            Form::Lgsp(lgsp) => Ok([Request::Fields, Request::Agencies, Request::Procedures]
                .into_iter()
                .find(|request| lgsp.url(*request).is_some())),
        }
    }

    /// Where no catalogue is offered: whether the host answers HTTP at all, with anything but a refusal or a page of errors.
    pub(crate) async fn knock(&self, cx: &CallContext) -> Result<(), Fault> {
        let Spoken { headers, form } = &self.endpoints.at(cx.clock.now())?.value;
        let Form::Lgsp(lgsp) = form else { return Ok(()) };
        let shown = lgsp.tokens.show().await?;
        let outgoing = endpoint::get(lgsp.base.clone(), headers).with_headers(&shown.headers);
        let reply = self.transport.send(outgoing, ReplyLimits::default()).await?;
        let outcome = match of_reply(&self.judge.words, &reply, Expected::Json, cx.clock.now()) {
            Some(fault) if reply.status >= 500 || is_about_us(fault.kind) => Err(fault),
            Some(_) | None => Ok(()),
        };
        lgsp.tokens.forget_refused(&shown, &outcome);
        outcome
    }
}

/// A probe's answer that concerns all traffic, whatever was asked.
fn is_about_us(kind: FaultKind) -> bool {
    match kind {
        FaultKind::Throttled | FaultKind::Unavailable | FaultKind::Unauthenticated => true,
        FaultKind::Unreachable
        | FaultKind::Timeout
        | FaultKind::Interrupted
        | FaultKind::Forbidden
        | FaultKind::Rejected
        | FaultKind::Conflict
        | FaultKind::NotFound
        | FaultKind::Unintelligible
        | FaultKind::Mapping
        | FaultKind::Invalid
        | FaultKind::Expired
        | FaultKind::Internal => false,
    }
}

fn lgsp_request(
    lgsp: &Lgsp,
    request: Request<'_>,
    endpoint: &str,
    headers: &http::HeaderMap,
) -> Result<Outgoing, Fault> {
    let Some(url) = lgsp.url(request) else {
        let detail = format!("end point {endpoint} has no path for {}; configure it", request.service());
        return Err(Fault::of(FaultKind::Mapping, detail));
    };
    let mut url = url.clone();
    if request.is_read() && lgsp.read_method == Method::GET {
        if let Some((name, value)) = request.query() {
            url.query_pairs_mut().append_pair(name, value);
        }
        return Ok(endpoint::get(url, headers));
    }
    Ok(endpoint::json(url, request.bare().map_err(unwritable)?, headers))
}

fn unwritable(error: serde_json::Error) -> Fault {
    Fault::of(FaultKind::Internal, format!("a request could not be written as JSON: {error}"))
}
