//! Speaks HTTP with one system: one request, one answer, at the end point that is valid now. It retries nothing and maps nothing.

use std::sync::Arc;

use http::header::ACCEPT;
use http::{HeaderMap, HeaderName, HeaderValue};
use lienthong_core::{CallContext, Clock, Fault, FaultKind, Surroundings};
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
        let transport = Transport::build(&config.transport, encrypted, around.secrets)?;
        let mut endpoints = Vec::with_capacity(config.endpoints.len());
        for EndpointConfig { name, from, until, base, authentication } in &config.endpoints {
            let proof = Proof::build(authentication, around.secrets, &transport, &around.clock)
                .map_err(|problem| format!("end point {name}: {problem}"))?;
            let way = Way { base: base.clone(), proof };
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

    fn addressed(&self, cx: &CallContext, prepared: Prepared) -> Result<(Outgoing, &Proof), Fault> {
        let Way { base, proof } = &self.endpoints.at(cx.clock.now())?.value;
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

impl RestConfig {
    /// Every address there is, with its pointer.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = (String, &Address)> {
        self.endpoints.iter().enumerate().flat_map(|(place, endpoint)| {
            let token = match &endpoint.authentication {
                AuthenticationConfig::OAuth2(oauth) => {
                    Some((format!("/endpoints/{place}/authentication/oauth2/token_url"), &oauth.token_url))
                }
                AuthenticationConfig::None
                | AuthenticationConfig::ApiKey(_)
                | AuthenticationConfig::Basic(_)
                | AuthenticationConfig::Bearer(_) => None,
            };
            [Some((format!("/endpoints/{place}/base"), &endpoint.base)), token].into_iter().flatten()
        })
    }
}
