//! Speaks HTTP with one system: one request, one answer, at the end point that is valid now. It retries nothing and maps nothing.

use std::sync::Arc;

use http::header::ACCEPT;
use http::{HeaderMap, HeaderName, HeaderValue};
use lienthong_core::network::{NetworkEndpoint, Opened, Purpose, SessionState};
use lienthong_core::{CallContext, Clock, Fault, FaultKind, Surroundings, Timestamp};
use lienthong_kit::config::Address;
use lienthong_kit::endpoint::{Dated, Endpoint};
use lienthong_kit::transport::{Outgoing, Reply, ReplyLimits, Transport};

use crate::auth::{Proof, Shown};
use crate::config::{AuthenticationConfig, EndpointConfig, RestConfig};
use crate::request::Prepared;

/// The connection to one system.
pub(crate) struct Client {
    transport: Transport,
    endpoints: Dated<Way>,
    headers: HeaderMap,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Where the system is and how it knows us there.
struct Way {
    base: Address,
    proof: Proof,
    /// Where tokens are given, when they are.
    tokens: Option<Address>,
}

/// An answer, and what was shown to get it.
pub(crate) struct Got<'c> {
    pub(crate) reply: Reply,
    proof: &'c Proof,
    shown: Shown<'c>,
}

impl Client {
    /// Reads secrets and prepares connections; nothing is opened yet.
    pub(crate) fn build(config: &RestConfig, around: &Surroundings<'_>) -> Result<Self, String> {
        let encrypted = config.addresses().any(|(_, address)| address.is_https());
        let transport = Transport::build(&config.transport, encrypted, around.secrets, Arc::clone(&around.clock))?;
        let mut endpoints = Vec::with_capacity(config.endpoints.len());
        for EndpointConfig { name, from, until, base, authentication } in &config.endpoints {
            let proof = Proof::build(authentication, around.secrets, &transport, &around.clock)
                .map_err(|problem| format!("end point {name}: {problem}"))?;
            let way = Way { base: base.clone(), proof, tokens: token_url(authentication).cloned() };
            endpoints.push(Endpoint { name: name.clone(), from: *from, until: *until, value: way });
        }
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        for (name, value) in &config.headers {
            let name: HeaderName = name.parse().map_err(|_| format!("{name} is no name of a header"))?;
            headers.insert(name, value.parse().map_err(|_| "a header's value cannot stand in one".to_owned())?);
        }
        let endpoints = Dated::new(endpoints, config.active.as_deref());
        Ok(Self { transport, endpoints, headers, clock: Arc::clone(&around.clock) })
    }

    /// One request of an attempt and its whole answer.
    pub(crate) async fn ask(&self, cx: &CallContext, prepared: Prepared, limit: usize) -> Result<Got<'_>, Fault> {
        let (outgoing, proof) = self.addressed(cx, prepared)?;
        let (outgoing, shown) = proof.show(outgoing).await?;
        let reply = self.transport.call(cx, outgoing, ReplyLimits { bytes: limit }).await?;
        Ok(Got { reply, proof, shown })
    }

    /// Where the system is now, and where its tokens are given.
    pub(crate) fn reach(&self, now: Timestamp) -> Vec<NetworkEndpoint> {
        let Ok(endpoint) = self.endpoints.at(now) else { return Vec::new() };
        let Way { base, proof: _, tokens } = &endpoint.value;
        let system = self.transport.reach(Purpose::System, &endpoint.name, base.url());
        let login = tokens.as_ref().map(|url| self.transport.reach(Purpose::Login, &endpoint.name, url.url()));
        std::iter::once(system).chain(login).collect()
    }

    /// How what it would use now stands.
    pub(crate) fn session(&self, now: Timestamp) -> SessionState {
        self.endpoints.at(now).map_or(SessionState::Unknown, |way| way.value.proof.standing())
    }

    /// A token, where the system wants one that is fetched.
    pub(crate) async fn open_session(&self, now: Timestamp) -> Result<Opened, Fault> {
        self.endpoints.at(now)?.value.proof.open().await
    }

    fn addressed(&self, cx: &CallContext, prepared: Prepared) -> Result<(Outgoing, &Proof), Fault> {
        let Way { base, proof, tokens: _ } = &self.endpoints.at(cx.clock.now())?.value;
        let url = base
            .below(&prepared.path)
            .map_err(|problem| Fault::of(FaultKind::Mapping, format!("the request's path {problem}")))?;
        Ok((prepared.outgoing(url, &self.headers), proof))
    }
}

impl Got<'_> {
    /// What must not appear in a fault.
    pub(crate) fn secret(&self) -> Option<&str> {
        self.shown.secret()
    }

    /// A fault that says we are not known any more: a token is forgotten.
    pub(crate) fn noted(&self, fault: Fault) -> Fault {
        if fault.kind == FaultKind::Unauthenticated {
            self.proof.refused(&self.shown);
        }
        fault
    }
}

fn token_url(authentication: &AuthenticationConfig) -> Option<&Address> {
    match authentication {
        AuthenticationConfig::OAuth2(oauth) => Some(&oauth.token_url),
        AuthenticationConfig::None
        | AuthenticationConfig::ApiKey(_)
        | AuthenticationConfig::Basic(_)
        | AuthenticationConfig::Bearer(_) => None,
    }
}

impl RestConfig {
    /// Every address there is, with its pointer.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = (String, &Address)> {
        self.endpoints.iter().enumerate().flat_map(|(place, endpoint)| {
            let at = format!("/endpoints/{place}/authentication/oauth2/token_url");
            let token = token_url(&endpoint.authentication).map(|url| (at, url));
            [Some((format!("/endpoints/{place}/base"), &endpoint.base)), token].into_iter().flatten()
        })
    }
}
