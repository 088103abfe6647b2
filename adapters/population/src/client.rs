//! Speaks HTTP with the population database: one request, one answer, at the end point that is valid now. It retries nothing.

mod access;
mod ndxp;
mod site;

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use http::header::ACCEPT;
use lienthong_core::network::{NetworkEndpoint, Opened, Purpose, SessionState};
use lienthong_core::secret::SecretSource;
use lienthong_core::{CallContext, Clock, Fault, FaultKind, Timestamp};
use lienthong_formats::xml::{self, Element};
use lienthong_kit::endpoint::{Dated, Endpoint};
use lienthong_kit::fault::{Expected, of_reply};
use lienthong_kit::transport::{Outgoing, Reply, ReplyLimits, Transport};

use crate::config::{BirthForm, PopulationConfig};
use crate::fault::{Judge, unintelligible};
use crate::map::answer;
use crate::operations::Asked;
use crate::wire::Request;
use access::{Form, Shown};
use site::Site;

/// The connection to the population database of one province.
pub(crate) struct Client {
    transport: Transport,
    sites: Dated<Site>,
    judge: Arc<Judge>,
    birth_dates: BirthForm,
}

impl Client {
    /// Reads secrets and prepares connections; nothing is opened yet.
    pub(crate) fn build(
        system: &str,
        config: &PopulationConfig,
        secrets: &dyn SecretSource,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let encrypted = config.addresses().iter().any(|(_, address)| address.is_https());
        let transport = Transport::build(&config.transport, encrypted, secrets, Arc::clone(clock))?;
        let judge = Arc::new(Judge::new(config));
        let mut sites = Vec::with_capacity(config.endpoints.len());
        for endpoint in &config.endpoints {
            let parts = site::Parts { system, secrets, clock, transport: &transport, words: &judge.words };
            let value = Site::build(endpoint, parts).map_err(|problem| format!("{}: {problem}", endpoint.name))?;
            sites.push(Endpoint { name: endpoint.name.clone(), from: endpoint.from, until: endpoint.until, value });
        }
        let sites = Dated::new(sites, config.active.as_deref());
        Ok(Self { transport, sites, judge, birth_dates: config.birth_dates })
    }

    /// One question and the SOAP body of its answer. `personal`: what of it must not show in a fault.
    pub(crate) async fn ask(
        &self,
        cx: &CallContext,
        asked: Asked,
        request: &Request,
        personal: &[String],
    ) -> Result<Element, Fault> {
        let endpoint = self.sites.at(cx.clock.now())?;
        let site = &endpoint.value;
        let url = site.url(asked).ok_or_else(|| {
            let detail = format!("end point {} has no address for this operation; configure it", endpoint.name);
            Fault::of(FaultKind::Mapping, detail)
        })?;
        let shown = site.access.show(cx.clock.now(), url, Some(&request.ma_can_bo)).await?;
        let outgoing = self.outgoing(site, asked, request, url.clone())?.with_headers(&shown.headers);
        let reply = self.transport.call(cx, outgoing, ReplyLimits { bytes: answer::BYTES }).await?;
        let secrets = site.access.secrets(&shown);
        let hidden: Vec<&str> = personal.iter().map(String::as_str).chain(secrets).collect();
        let outcome = self.judged(cx, site, &reply, &hidden);
        site.access.forget_refused(&shown, &outcome);
        outcome
    }

    fn outgoing(&self, site: &Site, asked: Asked, request: &Request, url: reqwest::Url) -> Result<Outgoing, Fault> {
        let (content_type, accept, body) = match &site.access.form {
            Form::Soap => {
                (XML, SOAP_ANSWER, xml::document(&request.soap(asked.element(), self.birth_dates)).into_bytes())
            }
            Form::Wrapper { field_names, user_name_service, success_codes: _ } => {
                let value = request.json(*field_names, user_name_service.as_deref());
                let written = serde_json::to_vec(&value).map_err(|error| {
                    Fault::of(FaultKind::Internal, format!("a question could not be written: {error}"))
                })?;
                (JSON, JSON, written)
            }
        };
        Ok(Outgoing::post(url, content_type, Bytes::from(body)).with_headers(&site.headers).with_header(ACCEPT, accept))
    }

    fn judged(&self, cx: &CallContext, site: &Site, reply: &Reply, hidden: &[&str]) -> Result<Element, Fault> {
        let now = cx.clock.now();
        match &site.access.form {
            Form::Soap => {
                if let Some(fault) = of_reply(&self.judge.words, reply, Expected::Xml, now) {
                    return Err(fault);
                }
                let body = answer::of_soap(&self.judge, &reply.body, hidden)?;
                match reply.status {
                    200..=299 => Ok(body),
                    status => Err(unintelligible(format!("HTTP {status} with an answer that is no SOAP fault"))),
                }
            }
            Form::Wrapper { success_codes, .. } => {
                let refusal = matches!(reply.status, 400 | 422) && answer::tells(success_codes, &reply.body);
                match of_reply(&self.judge.words, reply, Expected::Json, now) {
                    Some(fault) if !refusal => Err(fault),
                    Some(_) | None => answer::of_wrapper(&self.judge, success_codes, &reply.body, hidden),
                }
            }
        }
    }

    /// Where the database is now, and where tokens are given.
    pub(crate) fn reach(&self, now: Timestamp) -> Vec<NetworkEndpoint> {
        let Ok(endpoint) = self.sites.at(now) else { return Vec::new() };
        let site = &endpoint.value;
        let system = Asked::ALL.into_iter().filter_map(|asked| site.url(asked)).map(|url| (Purpose::System, url));
        let mut all: Vec<NetworkEndpoint> = Vec::new();
        for (purpose, url) in system.chain(site.tokens.iter().map(|tokens| (Purpose::Login, tokens.url()))) {
            let found = self.transport.reach(purpose, &endpoint.name, url);
            if !all.iter().any(|known| known.purpose == purpose && known.place == found.place) {
                all.push(found);
            }
        }
        all
    }

    /// How what it would use now stands.
    pub(crate) fn session(&self, now: Timestamp) -> SessionState {
        self.sites.at(now).map_or(SessionState::Unknown, |site| site.value.access.standing())
    }

    /// A token, where the generation in use has one that is fetched.
    pub(crate) async fn open_session(&self, now: Timestamp) -> Result<Opened, Fault> {
        self.sites.at(now)?.value.access.open().await
    }

    /// Whether the database's address answers at all, with anything but a refusal of everything. It asks about nobody: each question
    /// is about a person, and needs a purpose.
    pub(crate) async fn probe(&self, cx: &CallContext) -> Result<(), Fault> {
        let site = &self.sites.at(cx.clock.now())?.value;
        let Some(url) = site.url(Asked::FindCitizen) else { return Ok(()) };
        let shown: Shown = site.access.show(cx.clock.now(), url, None).await?;
        let outgoing = Outgoing::get(url.clone()).with_headers(&site.headers).with_headers(&shown.headers);
        let reply = self.transport.call(cx, outgoing, ReplyLimits { bytes: answer::BYTES }).await?;
        match of_reply(&self.judge.words, &reply, Expected::Xml, cx.clock.now()) {
            Some(fault) if reply.status >= 500 || concerns_everything(fault.kind) => {
                let outcome: Result<(), Fault> = Err(fault);
                site.access.forget_refused(&shown, &outcome);
                outcome
            }
            Some(_) | None => Ok(()),
        }
    }
}

const XML: HeaderValue = HeaderValue::from_static("application/xml");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const SOAP_ANSWER: HeaderValue = HeaderValue::from_static("text/xml, application/xml");

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
