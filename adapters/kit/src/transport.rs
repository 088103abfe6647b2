//! The HTTP client with everything off that could send twice, and answers read against a limit. It judges nothing.

mod body;
mod build;
mod download;
mod outgoing;
mod reach;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue};
use lienthong_core::exchange::TraceContext;
use lienthong_core::secret::SecretString;
use lienthong_core::{CallContext, Clock, Fault, FaultKind, Timestamp, limits};
use reqwest::{Client, Response};

use crate::config::TransportConfig;
use crate::fault;
use body::MarkedBody;

pub use download::{Download, Fetched, FileLimit, Sink};
pub use outgoing::Outgoing;

#[cfg(test)]
mod tests;

const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACE_STATE: HeaderName = HeaderName::from_static("tracestate");

/// The connections to one system. Cheap to clone; clones share them.
#[derive(Clone)]
pub struct Transport {
    http: Client,
    clock: Arc<dyn Clock>,
    config: Arc<TransportConfig>,
    kept: Arc<Kept>,
}

/// What of the configured secrets a diagnosis needs to go the same way.
struct Kept {
    authorities: Option<SecretString>,
    identity: Option<SecretString>,
    proxy: Option<SecretString>,
    /// When our own certificate ends, where one is configured and can be read.
    ends: Option<Timestamp>,
}

/// An HTTP answer, read whole within its limit.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    /// A header's value where it is printable ASCII.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn retry_after(&self) -> Option<&str> {
        self.header(&RETRY_AFTER)
    }

    pub fn content_type(&self) -> Option<&str> {
        self.header(&CONTENT_TYPE)
    }
}

impl std::fmt::Debug for Reply {
    /// Never the content: it may be personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reply({}, {} bytes)", self.status, self.body.len())
    }
}

/// How much of an answer is read. A longer one is `unintelligible`: it was sent, and nobody read what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyLimits {
    pub bytes: usize,
}

impl Default for ReplyLimits {
    fn default() -> Self {
        Self { bytes: limits::ANSWER_BYTES }
    }
}

impl Transport {
    /// One request of an attempt, and its whole answer. The attempt counts as sent when the connection first reads the body; a
    /// request without one shows nobody when it leaves, and counts as sent unless the connection failed.
    ///
    /// # Errors
    /// `unreachable` (nothing sent), `timeout` or `interrupted` (sent, no answer), `unintelligible` (an answer that broke off or is
    /// too long), `unauthenticated` (our certificate has ended, or a TLS alert refuses it: nothing was processed), `mapping` (plain HTTP
    /// to a place that is not named). Statuses and content are not judged: see [`fault::of_reply`].
    pub async fn call(&self, cx: &CallContext, outgoing: Outgoing, limits: ReplyLimits) -> Result<Reply, Fault> {
        let response = self.begin_marked(cx, outgoing).await?;
        read_answer(response, limits).await
    }

    /// One request outside any attempt (a login, a token, a knock at the door), and its whole answer.
    pub async fn send(&self, outgoing: Outgoing, limits: ReplyLimits) -> Result<Reply, Fault> {
        let response = self.begin(outgoing, Arc::default(), None).await?;
        read_answer(response, limits).await
    }

    /// The answer's head; its body is not read yet.
    async fn begin_marked(&self, cx: &CallContext, outgoing: Outgoing) -> Result<Response, Fault> {
        let sent = cx.sent_flag();
        let unmarked = outgoing.has_no_body().then(|| MarkWhenDropped(Some(Arc::clone(&sent))));
        let received = self.begin(outgoing, sent, cx.trace.as_ref()).await;
        if let (Some(mut mark), Err(fault)) = (unmarked, &received)
            && was_certainly_not_sent(fault.kind)
        {
            mark.0 = None;
        }
        received
    }

    async fn begin(
        &self,
        outgoing: Outgoing,
        sent: Arc<AtomicBool>,
        trace: Option<&TraceContext>,
    ) -> Result<Response, Fault> {
        self.check(&outgoing)?;
        let bodyless = outgoing.has_no_body();
        let Outgoing { method, url, headers, body } = outgoing;
        // A flag of this request's own: an earlier request of the same attempt may have set the attempt's.
        let own = Arc::new(AtomicBool::new(false));
        let mut request = self.http.request(method, url).headers(headers);
        match body {
            Some(bytes) if bytes.is_empty() => request = request.header(CONTENT_LENGTH, 0),
            Some(bytes) => {
                request = request.body(reqwest::Body::wrap(MarkedBody::new(bytes, [sent, Arc::clone(&own)])));
            }
            None => {}
        }
        for (name, value) in self.trace_headers(trace) {
            request = request.header(name, value);
        }
        let response = request
            .send()
            .await
            .map_err(|error| fault::of_send_error(error, bodyless || own.load(Ordering::Acquire)))?;
        match response.status().as_u16() {
            // Nobody but the proxy says this, and it says it instead of passing the request on.
            407 if self.config.proxy.is_some() => {
                Err(Fault::of(FaultKind::Unreachable, "the HTTP proxy does not accept our credentials")
                    .with_system_answer(Some("HTTP 407".into()), None))
            }
            _passed_on => Ok(response),
        }
    }

    fn check(&self, outgoing: &Outgoing) -> Result<(), Fault> {
        if self.config.permits(&outgoing.url) {
            return self.check_identity(outgoing);
        }
        let host = outgoing.url.host_str().unwrap_or("an address without host");
        let detail = format!("{host} may not be spoken to without TLS; name it in transport.plain_http");
        Err(Fault::of(FaultKind::Mapping, detail))
    }

    /// A certificate of ours that has ended is not shown: the server would only refuse it, some after reading the request.
    fn check_identity(&self, outgoing: &Outgoing) -> Result<(), Fault> {
        let shown = self.kept.ends.filter(|_| outgoing.url.scheme() == "https");
        match shown {
            Some(ends) if ends < self.clock.now() => Err(fault::expired(ends)),
            Some(_) | None => Ok(()),
        }
    }

    fn trace_headers(&self, trace: Option<&TraceContext>) -> Vec<(HeaderName, HeaderValue)> {
        let Some(TraceContext { parent, state }) = trace.filter(|_| self.config.pass_trace) else { return Vec::new() };
        let values = [(TRACE_PARENT, Some(parent)), (TRACE_STATE, state.as_ref())];
        values
            .into_iter()
            .filter_map(|(name, value)| HeaderValue::from_str(value?).ok().map(|value| (name, value)))
            .collect()
    }
}

/// Faults of [`Transport::begin`] before which nothing left.
fn was_certainly_not_sent(kind: FaultKind) -> bool {
    match kind {
        // Of our certificate, which comes before the request.
        FaultKind::Unreachable | FaultKind::Mapping | FaultKind::Unauthenticated => true,
        FaultKind::Timeout
        | FaultKind::Interrupted
        | FaultKind::Throttled
        | FaultKind::Unavailable
        | FaultKind::Forbidden
        | FaultKind::Rejected
        | FaultKind::Conflict
        | FaultKind::NotFound
        | FaultKind::Unintelligible
        | FaultKind::Invalid
        | FaultKind::Expired
        | FaultKind::Internal => false,
    }
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

async fn read_answer(mut response: Response, limits: ReplyLimits) -> Result<Reply, Fault> {
    let status = response.status().as_u16();
    let announced = response.content_length().unwrap_or(0);
    let too_long = || fault::of_broken_answer(status, "the answer is longer than the limit");
    if announced > limits.bytes as u64 {
        return Err(too_long());
    }
    let headers = std::mem::take(response.headers_mut());
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len().saturating_add(chunk.len()) > limits.bytes => return Err(too_long()),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(Reply { status, headers, body: body.freeze() }),
            Err(_) => return Err(fault::of_broken_answer(status, "the answer broke off")),
        }
    }
}
