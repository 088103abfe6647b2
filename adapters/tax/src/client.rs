//! Speaks SOAP with the gateway: one question, one answer, at the end point that is valid now. It retries nothing.

mod token;

use std::sync::Arc;

use http::header::{ACCEPT, HeaderName};
use http::{HeaderMap, HeaderValue};
use lienthong_core::network::{NetworkEndpoint, Purpose};
use lienthong_core::secret::{ExposeSecret as _, SecretSource};
use lienthong_core::{CallContext, Clock, Fault, FaultKind, Timestamp};
use lienthong_formats::tax_code::TaxCode;
use lienthong_kit::config::Address;
use lienthong_kit::endpoint::{Dated, Endpoint};
use lienthong_kit::fault::{Expected, of_reply};
use lienthong_kit::hidden::Hidden;
use lienthong_kit::transport::{Outgoing, Reply, ReplyLimits, Transport};

use crate::config::{AuthenticationConfig, DigestConfig, SignatureConfig, TaxConfig};
use crate::fault::{Judge, unread};
use crate::map::header;
use crate::signature::Signer;
use crate::wire::answer::{self, Answer};
use crate::wire::envelope::{self, Envelope};
use crate::wire::request::{Data, Header, Row};
use token::Account;

/// How we prove who we are.
enum Proof {
    Digest(Account),
    Signature(Box<Signer>),
}

/// The connection to one tax gateway.
pub(crate) struct Client {
    transport: Transport,
    sites: Dated<Address>,
    proof: Proof,
    pub(crate) judge: Judge,
    config: Arc<TaxConfig>,
    headers: HeaderMap,
}

const XML: HeaderValue = HeaderValue::from_static("text/xml; charset=utf-8");
const SOAP_ACTION: HeaderName = HeaderName::from_static("soapaction");

impl Client {
    /// Reads secrets and prepares connections; nothing is opened yet.
    pub(crate) fn build(
        config: &Arc<TaxConfig>,
        secrets: &dyn SecretSource,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let encrypted = config.endpoints.iter().any(|endpoint| endpoint.url.is_https());
        let transport = Transport::build(&config.transport, encrypted, secrets, clock)?;
        let sites = config.endpoints.iter().map(|endpoint| Endpoint {
            name: endpoint.name.clone(),
            from: endpoint.from,
            until: endpoint.until,
            value: endpoint.url.clone(),
        });
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("text/xml"));
        let action = HeaderValue::from_str(&format!("\"{}\"", config.soap.action));
        headers.insert(SOAP_ACTION, action.map_err(|_| "soap.action holds characters a header cannot have")?);
        Ok(Self {
            transport,
            sites: Dated::new(sites.collect(), config.active.as_deref()),
            proof: proof(&config.authentication, secrets)?,
            judge: Judge::new(config),
            config: Arc::clone(config),
            headers,
        })
    }

    /// A message of ours with this row, and its answer, which is none of another message.
    pub(crate) async fn ask(
        &self,
        cx: &CallContext,
        row: &Row<'_>,
        tran_code: Option<&str>,
        hidden: Hidden<'_>,
    ) -> Result<Answer, Fault> {
        let now = cx.clock.now();
        let partner = &self.config.partner;
        let message_id = header::message_id(self.config.header.message_id, &cx.reference);
        let header = Header {
            sender_code: &partner.code,
            sender_name: partner.name.as_deref().unwrap_or(&partner.code),
            receiver_code: &partner.receiver_code,
            receiver_name: &partner.receiver_name,
            tran_code: tran_code.unwrap_or(row.kind),
            message_id: &message_id,
            send_date: &header::send_date(self.config.header.send_date, now),
        };
        let data = Data::new(&header, row);
        let signature = match &self.proof {
            Proof::Digest(_) => String::new(),
            Proof::Signature(signer) => signer.sign(&data, now)?,
        };
        let answer = self.exchange(cx, &data.whole(&signature), hidden).await?;
        let reference = &answer.header.reference;
        if !reference.is_empty() && *reference != message_id {
            return Err(Fault::of(FaultKind::Unintelligible, "the answer belongs to another message"));
        }
        Ok(answer)
    }

    /// A whole message, carried exactly as it stands, and its answer.
    pub(crate) async fn exchange(&self, cx: &CallContext, message: &str, hidden: Hidden<'_>) -> Result<Answer, Fault> {
        let security = match &self.proof {
            Proof::Digest(account) => account.token(cx.clock.now()),
            Proof::Signature(_) => String::new(),
        };
        let document = envelope::question(&self.config.soap, &security, message);
        if envelope::message_in(&document).ok().as_deref() != Some(message) {
            return Err(Fault::of(FaultKind::Invalid, "the message holds characters that XML cannot carry"));
        }
        let url = self.sites.at(cx.clock.now())?.value.url().clone();
        let outgoing = Outgoing::post(url, XML, document).with_headers(&self.headers);
        let reply = self.transport.call(cx, outgoing, ReplyLimits::default()).await?;
        let mut all: Vec<&str> = hidden.to_vec();
        if let Proof::Digest(account) = &self.proof {
            all.extend(account.secrets());
        }
        self.judged(cx, &reply, &all)
    }

    fn judged(&self, cx: &CallContext, reply: &Reply, hidden: Hidden<'_>) -> Result<Answer, Fault> {
        if let Some(fault) = of_reply(&self.judge.words, reply, Expected::Xml, cx.clock.now()) {
            return Err(fault);
        }
        let message = match envelope::answer(&reply.body, &self.config.soap).map_err(|error| unread(&error))? {
            Envelope::Fault(fault) => return Err(self.judge.soap(&fault, hidden)),
            Envelope::Message(message) => message,
        };
        if !(200..300).contains(&reply.status) {
            let detail = format!("HTTP {} with an answer that is no fault", reply.status);
            return Err(Fault::of(FaultKind::Unintelligible, detail));
        }
        let answer = answer::read(&message).map_err(|error| unread(&error))?;
        self.judge.header(&answer.header, hidden)?;
        Ok(answer)
    }

    /// Where the gateway is now. Each message proves who sent it: there is no login.
    pub(crate) fn reach(&self, now: Timestamp) -> Vec<NetworkEndpoint> {
        let endpoint = self.sites.at(now).ok();
        let system = endpoint.map(|site| self.transport.reach(Purpose::System, &site.name, site.value.url()));
        system.into_iter().collect()
    }

    /// Whether the address answers HTTP at all, with anything but a refusal of everything: SOAP takes no GET.
    pub(crate) async fn knock(&self, cx: &CallContext) -> Result<(), Fault> {
        let url = self.sites.at(cx.clock.now())?.value.url().clone();
        let reply =
            self.transport.call(cx, Outgoing::get(url).with_headers(&self.headers), ReplyLimits::default()).await?;
        match of_reply(&self.judge.words, &reply, Expected::Xml, cx.clock.now()) {
            Some(fault) if reply.status >= 500 || concerns_everything(fault.kind) => Err(fault),
            Some(_) | None => Ok(()),
        }
    }

    /// A tax code as the gateway is configured to want it.
    pub(crate) fn written(&self, code: &TaxCode) -> String {
        if self.config.taxpayer.branch_hyphen { code.as_str().to_owned() } else { code.digits() }
    }
}

fn proof(config: &AuthenticationConfig, secrets: &dyn SecretSource) -> Result<Proof, String> {
    match config {
        AuthenticationConfig::Digest(DigestConfig { username, password, created }) => {
            let username = secrets.read(username)?;
            if username.expose_secret().chars().any(char::is_control) {
                return Err("authentication.digest.username holds control characters".into());
            }
            Ok(Proof::Digest(Account::new(username, secrets.read(password)?, *created)))
        }
        AuthenticationConfig::Signature(SignatureConfig { key, certificate }) => {
            let signer = Signer::build(&secrets.read(key)?, &secrets.read(certificate)?)
                .map_err(|problem| format!("authentication.signature: {problem}"))?;
            Ok(Proof::Signature(Box::new(signer)))
        }
    }
}

/// A probe's answer that concerns all traffic, whatever was asked.
fn concerns_everything(kind: FaultKind) -> bool {
    match kind {
        FaultKind::Unreachable
        | FaultKind::Timeout
        | FaultKind::Interrupted
        | FaultKind::Throttled
        | FaultKind::Unavailable
        | FaultKind::Unauthenticated
        | FaultKind::Forbidden => true,
        FaultKind::Rejected
        | FaultKind::Conflict
        | FaultKind::NotFound
        | FaultKind::Unintelligible
        | FaultKind::Mapping
        | FaultKind::Invalid
        | FaultKind::Expired
        | FaultKind::Internal => false,
    }
}
