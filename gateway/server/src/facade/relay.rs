//! The old address: what is not migrated is handed on once and unchanged, and so is the answer. It reads neither.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use lienthong_core::secret::SecretSource;
use lienthong_core::{CallContext, Clock, Fault, FaultKind};
use lienthong_kit::config::Address;
use lienthong_kit::transport::{Outgoing, Reply, ReplyLimits, Transport};
use lienthong_kit::within;

use crate::config::UpstreamModel;

/// Headers of one connection, and those the client writes itself.
const NOT_PASSED: [HeaderName; 11] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::HOST,
    header::CONTENT_LENGTH,
    header::EXPECT,
    HeaderName::from_static("keep-alive"),
];

/// The old address of a façade.
pub(crate) struct Upstream {
    base: Address,
    transport: Transport,
    timeout: Duration,
}

impl Upstream {
    /// Reads the secrets of the transport; the text says what is wrong and what to do.
    pub(crate) fn build(
        model: &UpstreamModel,
        secrets: &dyn SecretSource,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let UpstreamModel { base, timeout, transport } = model;
        let transport = Transport::build(transport, base.is_https(), secrets, Arc::clone(clock))?;
        Ok(Self { base: base.clone(), transport, timeout: timeout.0 })
    }

    /// Hands a request on, once. `below` is the rest of its path, with its query.
    ///
    /// # Errors
    /// `unreachable`: nothing was sent. Anything else: it may have arrived, and nobody asks again.
    pub(crate) async fn relay(
        &self,
        clock: Arc<dyn Clock>,
        method: &Method,
        below: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Response, Fault> {
        let url =
            self.base.below(below).map_err(|problem| Fault::of(FaultKind::Mapping, format!("the path {problem}")))?;
        let mut outgoing = Outgoing::new(method.clone(), url);
        passed(headers, &mut outgoing.headers);
        outgoing.body = (!body.is_empty() || *method == Method::POST || *method == Method::PUT).then_some(body);
        let cx = CallContext::new("relay", self.timeout, clock);
        let reply = within(&cx, self.transport.call(&cx, outgoing, ReplyLimits::default())).await?;
        response(reply)
    }
}

fn response(reply: Reply) -> Result<Response, Fault> {
    let Reply { status, headers, body } = reply;
    let status = StatusCode::from_u16(status)
        .map_err(|_| Fault::of(FaultKind::Unintelligible, format!("{status} is no HTTP status")))?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    passed(&headers, response.headers_mut());
    Ok(response)
}

/// Everything but what belongs to one connection: the headers `Connection` names are of it too.
fn passed(from: &HeaderMap, to: &mut HeaderMap) {
    let named: Vec<String> = from
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    for (name, value) in from {
        if !NOT_PASSED.contains(name) && !named.iter().any(|named| named == name.as_str()) {
            to.append(name.clone(), value.clone());
        }
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upstream({:?})", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_one_connection_stay_on_it() {
        let pairs = [
            ("connection", "close, x-hop"),
            ("x-hop", "1"),
            ("host", "old.example"),
            ("content-length", "3"),
            ("authorization", "Bearer t"),
            ("dstcode", "VN:GOV:x"),
        ];
        let from: HeaderMap =
            pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
        let mut to = HeaderMap::new();
        passed(&from, &mut to);
        let names: Vec<&str> = to.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["authorization", "dstcode"]);
    }
}
