//! Speaks HTTP with the land office: one request, one answer, at the end point that is valid now. It retries nothing.

mod files;
mod oauth;
mod site;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderMap, HeaderValue};
use lienthong_core::network::{NetworkEndpoint, Opened, Purpose, SessionState};
use lienthong_core::secret::{ExposeSecret, SecretSource};
use lienthong_core::{CallContext, Clock, Fault, FaultKind, Timestamp};
use lienthong_kit::endpoint::{Dated, Endpoint};
use lienthong_kit::fault::{Expected, of_reply};
use lienthong_kit::hidden::Hidden;
use lienthong_kit::transport::{Outgoing, Reply, ReplyLimits, Transport};
use lienthong_kit::{auth, session};
use serde::Serialize;

use crate::config::{FilesConfig, LandConfig};
use crate::map::answer::{Judge, Verdict, Writing};
use crate::map::lists;
use crate::model::{Entry, ListKind};
use site::Site;

/// A token as it is kept.
type Session = Arc<session::Session<lienthong_core::secret::SecretString>>;

/// The connection to one land office.
pub(crate) struct Client {
    transport: Transport,
    sites: Dated<Site>,
    judge: Arc<Judge>,
}

impl Client {
    /// Reads secrets and prepares connections; nothing is opened yet.
    pub(crate) fn build(
        system: &str,
        config: &LandConfig,
        secrets: &dyn SecretSource,
        clock: &Arc<dyn Clock>,
        judge: Arc<Judge>,
    ) -> Result<Self, String> {
        let encrypted = config.addresses().iter().any(|(_, address)| address.is_https());
        let transport = Transport::build(&config.transport, encrypted, secrets, Arc::clone(clock))?;
        let mut sites = Vec::with_capacity(config.endpoints.len());
        for endpoint in &config.endpoints {
            let parts =
                site::Parts { system, config, secrets, clock, transport: &transport, words: &judge.words.common };
            let value = Site::build(endpoint, parts).map_err(|problem| format!("{}: {problem}", endpoint.name))?;
            sites.push(Endpoint { name: endpoint.name.clone(), from: endpoint.from, until: endpoint.until, value });
        }
        Ok(Self { transport, sites: Dated::new(sites, config.active.as_deref()), judge })
    }

    /// One message about the dossier `code`, and its judged answer.
    pub(crate) async fn write(
        &self,
        cx: &CallContext,
        what: Writing,
        code: &str,
        body: &impl Serialize,
        hidden: Hidden<'_>,
    ) -> Result<Verdict, Fault> {
        let endpoint = self.sites.at(cx.clock.now())?;
        let site = &endpoint.value;
        let url = site.url(what).ok_or_else(|| {
            let detail = format!("end point {} has no path for this message; configure it", endpoint.name);
            Fault::of(FaultKind::Mapping, detail)
        })?;
        let bytes = serde_json::to_vec(body)
            .map(Bytes::from)
            .map_err(|error| Fault::of(FaultKind::Internal, format!("a message could not be written: {error}")))?;
        let session = site.session().await?;
        let outgoing = Outgoing::post(url.clone(), JSON, bytes).with_headers(&headers(session.as_ref(), JSON)?);
        let reply = self.transport.call(cx, outgoing, ReplyLimits::default()).await?;
        let mut all: Vec<&str> = hidden.to_vec();
        all.extend(session.as_ref().map(|session| session.value.expose_secret()));
        let outcome = self.judged(cx, &reply).and_then(|()| self.judge.write(what, code, &reply.body, &all));
        site.forget_refused(session.as_ref(), &outcome);
        outcome
    }

    /// Whether the answer's content is to be judged. Some front ends give a refusal's envelope with a status of 4xx.
    fn judged(&self, cx: &CallContext, reply: &Reply) -> Result<(), Fault> {
        let refusal = matches!(reply.status, 400 | 404 | 409 | 422) && Judge::tells(&reply.body);
        match of_reply(&self.judge.words.common, reply, Expected::Json, cx.clock.now()) {
            Some(fault) if !refusal => Err(fault),
            Some(_) | None => Ok(()),
        }
    }

    /// One of the other side's lists, whole. `Ok(None)`: it is not configured.
    pub(crate) async fn list(&self, cx: &CallContext, kind: ListKind) -> Result<Option<Vec<Entry>>, Fault> {
        let site = &self.sites.at(cx.clock.now())?.value;
        let Some((config, url)) = site.list(kind) else { return Ok(None) };
        let session = site.session().await?;
        let outgoing = Outgoing::get(url.clone()).with_headers(&headers(session.as_ref(), JSON)?);
        let reply = self.transport.call(cx, outgoing, ReplyLimits::default()).await?;
        let outcome = match of_reply(&self.judge.words.common, &reply, Expected::Json, cx.clock.now()) {
            Some(fault) => Err(fault),
            None => self.judge.list(&reply.body).and_then(|()| lists::read(&reply.body, config)),
        };
        site.forget_refused(session.as_ref(), &outcome);
        outcome.map(Some)
    }

    /// Where the land office is now, where its tokens are given, and where its files lie.
    pub(crate) fn reach(&self, now: Timestamp, files: Option<&FilesConfig>) -> Vec<NetworkEndpoint> {
        let Ok(endpoint) = self.sites.at(now) else { return Vec::new() };
        let site = &endpoint.value;
        let files = files.into_iter().flat_map(|files| std::iter::once(&files.base).chain(&files.origins));
        let places = std::iter::once((Purpose::System, &site.base))
            .chain(site.tokens.iter().map(|tokens| (Purpose::Login, tokens)))
            .chain(files.map(|place| (Purpose::Files, place)));
        places.map(|(purpose, place)| self.transport.reach(purpose, &endpoint.name, place.url())).collect()
    }

    /// How what it would use now stands.
    pub(crate) fn session(&self, now: Timestamp) -> SessionState {
        self.sites.at(now).map_or(SessionState::Unknown, |site| site.value.standing())
    }

    /// Its token, where it wants one.
    pub(crate) async fn open_session(&self, now: Timestamp) -> Result<Opened, Fault> {
        let session = self.sites.at(now)?.value.session().await?;
        Ok(session.map_or(Opened::Sessionless, |_| Opened::Session))
    }

    /// Whether the land office serves us: its token, then its smallest list; where none is configured, whether its address answers
    /// HTTP at all, with anything but a refusal of everything.
    pub(crate) async fn probe(&self, cx: &CallContext) -> Result<(), Fault> {
        for kind in [ListKind::Statuses, ListKind::Procedures, ListKind::Officers] {
            if self.list(cx, kind).await?.is_some() {
                return Ok(());
            }
        }
        let site = &self.sites.at(cx.clock.now())?.value;
        let session = site.session().await?;
        let outgoing = Outgoing::get(site.base.url().clone()).with_headers(&headers(session.as_ref(), JSON)?);
        let reply = self.transport.call(cx, outgoing, ReplyLimits::default()).await?;
        match of_reply(&self.judge.words.common, &reply, Expected::Json, cx.clock.now()) {
            Some(fault) if reply.status >= 500 || concerns_everything(fault.kind) => {
                let outcome = Err(fault);
                site.forget_refused(session.as_ref(), &outcome);
                outcome
            }
            Some(_) | None => Ok(()),
        }
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

fn headers(session: Option<&Session>, accept: HeaderValue) -> Result<HeaderMap, Fault> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, accept);
    if let Some(session) = session {
        let value = auth::bearer(&session.value)
            .map_err(|problem| Fault::of(FaultKind::Unauthenticated, format!("the token {problem}")))?;
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}

/// A probe's answer that concerns all traffic, whatever was asked.
fn concerns_everything(kind: FaultKind) -> bool {
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
