//! Speaks HTTP with the portal: one request, one answer, at the end point that is valid now. It retries nothing and knows no operation.

mod body;
mod endpoint;
mod session;
mod transport;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::Method;
use lienthong_core::secret::{ExposeSecret, SecretSource};
use lienthong_core::{CallContext, Clock, Fault, FaultKind};

use crate::config::PortalConfig;
use crate::fault;
use crate::map::answer::{Answer, Hidden, Judge, Shapes, read};
use crate::wire::request::{Caller, Request};
use endpoint::{Endpoint, Form, Lgsp};
use transport::{Outgoing, Transport};

/// The connection to one portal.
pub(crate) struct Client {
    transport: Transport,
    endpoints: Vec<Endpoint>,
    /// The end point that is used whatever the dates say.
    active: Option<usize>,
    judge: Arc<Judge>,
}

impl Client {
    /// Reads secrets and prepares connections; nothing is opened yet.
    pub(crate) fn build(
        config: &PortalConfig,
        secrets: &dyn SecretSource,
        clock: &Arc<dyn Clock>,
        judge: Arc<Judge>,
    ) -> Result<Self, String> {
        let transport = Transport::build(config, secrets)?;
        let mut endpoints = Vec::with_capacity(config.endpoints.len());
        for endpoint in &config.endpoints {
            endpoints.push(Endpoint::build(endpoint, secrets, clock, &transport, &judge)?);
        }
        let active = config.active.as_ref().and_then(|name| endpoints.iter().position(|one| one.name == *name));
        Ok(Self { transport, endpoints, active, judge })
    }

    /// One request and its judged answer. A session the portal does not accept is forgotten here.
    pub(crate) async fn ask<T>(
        &self,
        cx: &CallContext,
        request: Request<'_>,
        hidden: Hidden<'_>,
        judged: impl FnOnce(&Answer<'_>, Hidden<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let endpoint = self.endpoint(cx)?;
        match &endpoint.form {
            Form::Axis(axis) => {
                let session = axis.sessions.get().await?;
                let caller = Caller { session: session.value.expose_secret(), organisation: &axis.organisation };
                let bytes = request.enveloped(caller).map_err(unwritable)?;
                let outgoing = Outgoing::post(axis.call.clone(), bytes, &endpoint.headers);
                let mut all: Vec<&str> = hidden.to_vec();
                all.push(session.value.expose_secret());
                let outcome = self.exchange(cx, outgoing, Shapes::Envelope, &all, judged).await;
                if outcome.as_ref().is_err_and(|fault| fault.kind == FaultKind::Unauthenticated) {
                    axis.sessions.forget(&session);
                }
                outcome
            }
            Form::Lgsp(lgsp) => {
                let outgoing = lgsp_request(lgsp, request, endpoint)?;
                let mut all: Vec<&str> = hidden.to_vec();
                all.push(lgsp.token.expose_secret());
                self.exchange(cx, outgoing, Shapes::Bare, &all, judged).await
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
        let sent = cx.sent_flag();
        let unmarked = outgoing.body.is_none().then(|| MarkWhenDropped(Some(Arc::clone(&sent))));
        let received = self.transport.send(outgoing, Some(sent), cx.trace.as_ref()).await;
        if let (Some(mut mark), Err(fault)) = (unmarked, &received)
            && fault.kind == FaultKind::Unreachable
        {
            mark.0 = None;
        }
        let reply = received?;
        if let Some(fault) = fault::of_reply(&self.judge.words, &reply, cx.clock.now()) {
            return Err(fault);
        }
        judged(&read(&reply.body, shapes)?, hidden)
    }

    /// The end point that is valid now: the active one, or of those within their dates the latest begun.
    fn endpoint(&self, cx: &CallContext) -> Result<&Endpoint, Fault> {
        if let Some(active) = self.active.and_then(|place| self.endpoints.get(place)) {
            return Ok(active);
        }
        let now = cx.clock.now();
        self.endpoints.iter().filter(|endpoint| endpoint.is_valid(now)).max_by_key(|endpoint| endpoint.from).ok_or_else(
            || {
                Fault::of(
                    FaultKind::Unreachable,
                    "no configured end point is valid now; check endpoints' from and until",
                )
            },
        )
    }

    /// What to ask to see that the portal serves us: the smallest catalogue the end point in use offers.
    pub(crate) fn probe_request(&self, cx: &CallContext) -> Result<Option<Request<'static>>, Fault> {
        match &self.endpoint(cx)?.form {
            Form::Axis(_) => Ok(Some(Request::Fields)),
            Form::Lgsp(lgsp) => Ok([Request::Fields, Request::Agencies, Request::Procedures]
                .into_iter()
                .find(|request| lgsp.url(*request).is_some())),
        }
    }

    /// Where no catalogue is offered: whether the host answers HTTP at all, with anything but a refusal or a page of errors.
    pub(crate) async fn knock(&self, cx: &CallContext) -> Result<(), Fault> {
        let endpoint = self.endpoint(cx)?;
        let Form::Lgsp(lgsp) = &endpoint.form else { return Ok(()) };
        let outgoing = Outgoing::get(lgsp.base.clone(), &lgsp.headers(endpoint));
        let reply = self.transport.send(outgoing, None, None).await?;
        match fault::of_reply(&self.judge.words, &reply, cx.clock.now()) {
            Some(fault) if reply.status >= 500 || is_about_us(fault.kind) => Err(fault),
            Some(_) | None => Ok(()),
        }
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

fn lgsp_request(lgsp: &Lgsp, request: Request<'_>, endpoint: &Endpoint) -> Result<Outgoing, Fault> {
    let Some(url) = lgsp.url(request) else {
        let detail = format!("end point {} has no path for {}; configure it", endpoint.name, request.service());
        return Err(Fault::of(FaultKind::Mapping, detail));
    };
    let mut url = url.clone();
    let headers = lgsp.headers(endpoint);
    if request.is_read() && lgsp.read_method == Method::GET {
        if let Some((name, value)) = request.query() {
            url.query_pairs_mut().append_pair(name, value);
        }
        return Ok(Outgoing::get(url, &headers));
    }
    Ok(Outgoing::post(url, request.bare().map_err(unwritable)?, &headers))
}

fn unwritable(error: serde_json::Error) -> Fault {
    Fault::of(FaultKind::Internal, format!("a request could not be written as JSON: {error}"))
}

/// A request without a body shows nobody when it leaves; it counts as sent once it was neither refused a connection nor still waits.
struct MarkWhenDropped(Option<Arc<AtomicBool>>);

impl Drop for MarkWhenDropped {
    fn drop(&mut self) {
        if let Some(sent) = self.0.take() {
            sent.store(true, Ordering::Release);
        }
    }
}

/// What a session's login needs of the client.
pub(crate) fn login_body(username: &str, password: &str) -> serde_json::Result<Bytes> {
    serde_json::to_vec(&crate::wire::Login { username, password }).map(Bytes::from)
}
