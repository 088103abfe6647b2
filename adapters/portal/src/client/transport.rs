//! The HTTP client with everything off that could send twice, and answers read against a limit. It judges nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use lienthong_core::exchange::TraceContext;
use lienthong_core::secret::{ExposeSecret, SecretRef, SecretSource};
use lienthong_core::{Fault, limits};
use reqwest::{Certificate, Client, Identity, Response, Url, redirect, retry};

use super::body::MarkedBody;
use crate::config::{PortalConfig, TransportConfig};
use crate::fault::{self, Reply};

/// Every request carries it, as the clients in the field do.
const CHARSET: HeaderName = HeaderName::from_static("charset");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACE_STATE: HeaderName = HeaderName::from_static("tracestate");

#[derive(Clone)]
pub(crate) struct Transport {
    http: Client,
    pass_trace: bool,
}

/// A request ready to go.
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
}

impl Outgoing {
    pub(crate) fn post(url: Url, body: impl Into<Bytes>, headers: &HeaderMap) -> Self {
        Self { method: Method::POST, url, headers: headers.clone(), body: Some(body.into()) }
    }

    pub(crate) fn get(url: Url, headers: &HeaderMap) -> Self {
        Self { method: Method::GET, url, headers: headers.clone(), body: None }
    }
}

impl Transport {
    pub(crate) fn build(config: &PortalConfig, secrets: &dyn SecretSource) -> Result<Self, String> {
        let TransportConfig { connect_timeout, idle_timeout, idle_connections, ca, identity, pass_trace } =
            &config.transport;
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err("no TLS provider is installed in this process; install rustls's ring provider first".into());
        }
        let encrypted = config.endpoints.iter().any(|endpoint| {
            endpoint.axis.as_ref().is_some_and(|axis| axis.base.is_https())
                || endpoint.lgsp.as_ref().is_some_and(|lgsp| lgsp.base.is_https())
        });
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .connect_timeout(connect_timeout.0)
            .pool_idle_timeout(idle_timeout.0)
            .pool_max_idle_per_host(*idle_connections);
        // Without TLS anywhere, the machine's certificates are not needed and may well be missing.
        if let Some(trusted) = certificates(ca.as_ref(), secrets)?.or_else(|| (!encrypted).then(Vec::new)) {
            builder = builder.tls_certs_only(trusted);
        }
        if let Some(reference) = identity {
            let pem = secrets.read(reference)?;
            let identity = Identity::from_pem(pem.expose_secret().as_bytes())
                .map_err(|_| format!("{reference} holds no PEM certificate with its key"))?;
            builder = builder.identity(identity);
        }
        let http = builder.build().map_err(|error| format!("the HTTP client cannot be prepared: {error:?}"))?;
        Ok(Self { http, pass_trace: *pass_trace })
    }

    /// One request, and its whole answer. `sent` is set when the connection first reads the body.
    pub(crate) async fn send(
        &self,
        outgoing: Outgoing,
        sent: Option<Arc<AtomicBool>>,
        trace: Option<&TraceContext>,
    ) -> Result<Reply, Fault> {
        let Outgoing { method, url, headers, body } = outgoing;
        let seen = sent.unwrap_or_default();
        // A flag of this request's own: an earlier request of the same attempt may have set the attempt's.
        let bodyless = body.is_none();
        let own = Arc::new(AtomicBool::new(false));
        let mut request = self.http.request(method, url).headers(headers);
        request = request.header(ACCEPT, "application/json").header(CHARSET, "utf-8");
        if let Some(bytes) = body {
            let marked = MarkedBody::new(bytes, [seen, Arc::clone(&own)]);
            request = request.header(CONTENT_TYPE, "application/json").body(reqwest::Body::wrap(marked));
        }
        for (name, value) in self.trace_headers(trace) {
            request = request.header(name, value);
        }
        let response = request
            .send()
            .await
            .map_err(|error| fault::of_send_error(error, bodyless || own.load(Ordering::Acquire)))?;
        read_answer(response).await
    }

    fn trace_headers(&self, trace: Option<&TraceContext>) -> Vec<(HeaderName, HeaderValue)> {
        let Some(TraceContext { parent, state }) = trace.filter(|_| self.pass_trace) else { return Vec::new() };
        let values = [(TRACE_PARENT, Some(parent)), (TRACE_STATE, state.as_ref())];
        values
            .into_iter()
            .filter_map(|(name, value)| HeaderValue::from_str(value?).ok().map(|value| (name, value)))
            .collect()
    }
}

fn certificates(ca: Option<&SecretRef>, secrets: &dyn SecretSource) -> Result<Option<Vec<Certificate>>, String> {
    let Some(reference) = ca else { return Ok(None) };
    let pem = secrets.read(reference)?;
    match Certificate::from_pem_bundle(pem.expose_secret().as_bytes()) {
        Ok(trusted) if !trusted.is_empty() => Ok(Some(trusted)),
        Ok(_) | Err(_) => Err(format!("{reference} holds no PEM certificate")),
    }
}

async fn read_answer(mut response: Response) -> Result<Reply, Fault> {
    let status = response.status().as_u16();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let announced = response.content_length().unwrap_or(0);
    let too_long = || fault::of_broken_answer(status, "the answer is longer than the limit");
    if announced > limits::ANSWER_BYTES as u64 {
        return Err(too_long());
    }
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len().saturating_add(chunk.len()) > limits::ANSWER_BYTES => return Err(too_long()),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(Reply { status, retry_after, body: body.freeze() }),
            Err(_) => return Err(fault::of_broken_answer(status, "the answer broke off")),
        }
    }
}
