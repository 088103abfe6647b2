//! Sends a client's callbacks, signed after the Standard Webhooks specification, as the adapter of its system `callback-<client>`. It follows no redirect and reaches no address that is not allowed.

pub(crate) mod address;
mod body;
pub(crate) mod signature;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use lienthong_core::secret::{ExposeSecret as _, SecretSource};
use lienthong_core::{
    Adapter, AttemptContext, Body, CallContext, ContentType, Effect, Fault, FaultKind, Lookup, OperationName,
    OperationSpec, SystemId,
};
use lienthong_engine::callback::{CallbackPolicy, Envelope};
use reqwest::{Certificate, Client, Response, redirect, retry};
use serde_json::json;
use url::Url;

use crate::config::CallbackModel;
use address::{Guard, Refused};
use body::MarkedBody;
use signature::Key;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(15);
/// Of an answer's body this much is read, so that the connection can be used again; it says nothing to us.
const ANSWER_BYTES: usize = 64 * 1024;
/// Longest wait taken from `Retry-After`.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);
const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";
const OURSELVES: &str = concat!("lienthong/", env!("CARGO_PKG_VERSION"));

/// One client's callbacks.
pub(crate) struct Callbacks {
    policy: CallbackPolicy,
    operations: Vec<OperationSpec>,
    keys: Vec<Key>,
    guard: Arc<Guard>,
    http: Client,
}

impl Callbacks {
    /// Reads the secrets and prepares the HTTP client; the text names what is wrong, never a secret.
    pub(crate) fn build(
        model: &CallbackModel,
        policy: CallbackPolicy,
        secrets: &dyn SecretSource,
    ) -> Result<Self, String> {
        Self::build_with(model, policy, secrets, Guard::new(model.allow.clone()))
    }

    fn build_with(
        model: &CallbackModel,
        policy: CallbackPolicy,
        secrets: &dyn SecretSource,
        guard: Guard,
    ) -> Result<Self, String> {
        let read = |reference| {
            let secret = secrets.read(reference)?;
            Key::read(secret.expose_secret()).map_err(|problem| format!("{reference} {problem}"))
        };
        let keys = model.secrets.iter().map(read).collect::<Result<Vec<Key>, String>>()?;
        let guard = Arc::new(guard);
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_WITHIN)
            .pool_idle_timeout(IDLE)
            .dns_resolver(Arc::clone(&guard));
        if let Some(trusted) = trusted(model, secrets)? {
            builder = builder.tls_certs_only(trusted);
        }
        let http = builder.build().map_err(|error| format!("the HTTP client cannot be prepared: {error:?}"))?;
        let operations = vec![operation(policy.operation.clone())];
        Ok(Self { policy, operations, keys, guard, http })
    }

    /// The address of a message: its own while the configuration allows it, or the client's.
    fn address(&self, own: Option<&str>) -> Result<Url, Fault> {
        let url = match (own, &self.policy.url) {
            (Some(own), _) => {
                self.policy.permitted(own).map_err(|problem| forbidden(format!("its address {problem}")))?
            }
            (None, Some(url)) => url.clone(),
            (None, None) => return Err(forbidden("this client has no address of its own any more".to_owned())),
        };
        // A literal address is never looked up: it is held against the guard here.
        match self.guard.literal(&url) {
            Ok(()) => Ok(url),
            Err(refused) => Err(forbidden(refused.to_string())),
        }
    }

    async fn send(&self, cx: &CallContext, url: Url, message: Bytes) -> Result<Response, Fault> {
        let id = message_id(cx);
        let timestamp = cx.clock.now().as_second();
        let signatures = signature::header(&self.keys, &id, timestamp, &message);
        let own = Arc::new(AtomicBool::new(false));
        let marked = MarkedBody::new(message, [cx.sent_flag(), Arc::clone(&own)]);
        let request = self
            .http
            .post(url)
            .header(CONTENT_TYPE, ContentType::Json.media_type())
            .header(USER_AGENT, OURSELVES)
            .header(ID, id)
            .header(TIMESTAMP, timestamp)
            .header(SIGNATURE, signatures)
            .body(reqwest::Body::wrap(marked));
        request.send().await.map_err(|error| of_send(error, own.load(Ordering::Acquire)))
    }

    async fn attempt(&self, cx: &CallContext, body: &Body) -> Result<Body, Fault> {
        let envelope: Envelope<'_> = serde_json::from_slice(&body.bytes)
            .map_err(|error| Fault::of(FaultKind::Internal, format!("a callback of ours cannot be read: {error}")))?;
        let url = self.address(envelope.url.as_deref())?;
        let message = body.bytes.slice_ref(envelope.message.get().as_bytes());
        let response = self.send(cx, url, message).await?;
        let judged = of_status(response.status(), retry_after(&response));
        read_away(response).await;
        judged.map(|()| Body { content_type: ContentType::Text, bytes: Bytes::new() })
    }
}

#[async_trait]
impl Adapter for Callbacks {
    fn system(&self) -> &SystemId {
        &self.policy.system
    }

    fn operations(&self) -> &[OperationSpec] {
        &self.operations
    }

    async fn call(&self, cx: &CallContext, _operation: &OperationName, body: &Body) -> Result<Body, Fault> {
        match tokio::time::timeout(cx.timeout, self.attempt(cx, body)).await {
            Ok(outcome) => outcome,
            Err(_) if cx.was_sent() => Err(Fault::of(FaultKind::Timeout, format!("no answer within {:?}", cx.timeout))),
            Err(_) => Err(Fault::of(FaultKind::Unreachable, format!("nothing could be sent within {:?}", cx.timeout))),
        }
    }

    async fn lookup(&self, _: &CallContext, _: &OperationName, _: &AttemptContext) -> Result<Lookup, Fault> {
        Ok(Lookup::Unknown)
    }

    /// Whether anything answers at the client's address; what it answers does not matter.
    async fn probe(&self, cx: &CallContext) -> Result<(), Fault> {
        if self.policy.url.is_none() {
            return Ok(());
        }
        let asked = self.http.head(self.address(None)?).header(USER_AGENT, OURSELVES).timeout(cx.timeout);
        asked.send().await.map(drop).map_err(|error| of_send(error, false))
    }
}

/// Stable over all attempts, unique among all messages, and without the full stop that separates what is signed.
fn message_id(cx: &CallContext) -> String {
    match cx.delivery {
        Some(delivery) => format!("msg_{}", delivery.exchange.0.simple()),
        None => format!("msg_{}", cx.reference.replace('.', "-")),
    }
}

fn operation(name: OperationName) -> OperationSpec {
    OperationSpec {
        name,
        summary: "Tells a client of an outcome.".into(),
        // The receiver knows a message by its id: the same one again does no harm.
        effect: Effect::Upsert,
        snapshot: false,
        lookup: None,
        input: json!({ "type": "object" }),
        output: json!(true),
        example: json!({}),
        key_field: None,
        personal: Vec::new(),
        body_limit: lienthong_core::limits::BODY_BYTES,
        splits: false,
    }
}

/// Without TLS anywhere the machine's certificates are not needed, and may well be missing.
fn trusted(model: &CallbackModel, secrets: &dyn SecretSource) -> Result<Option<Vec<Certificate>>, String> {
    let Some(reference) = &model.ca else {
        let encrypted = model.url.iter().chain(&model.prefixes).any(|url| url.scheme() == "https");
        return Ok((!encrypted).then(Vec::new));
    };
    let pem = secrets.read(reference)?;
    match Certificate::from_pem_bundle(pem.expose_secret().as_bytes()) {
        Ok(trusted) if !trusted.is_empty() => Ok(Some(trusted)),
        Ok(_) | Err(_) => Err(format!("{reference} holds no PEM certificate")),
    }
}

/// What an answer means: 2xx has it, 410 wants no more, everything else is tried again.
fn of_status(status: StatusCode, wait: Option<Duration>) -> Result<(), Fault> {
    let answered = |kind: FaultKind, detail: &str| {
        let fault = Fault::of(kind, detail).with_system_answer(Some(format!("HTTP {}", status.as_u16())), None);
        match wait {
            Some(wait) => Err(fault.with_retry_after(wait)),
            None => Err(fault),
        }
    };
    match status.as_u16() {
        200..=299 => Ok(()),
        410 => answered(FaultKind::Rejected, "the client wants no more callbacks at this address"),
        429 => answered(FaultKind::Throttled, "the client asks to slow down"),
        503 => answered(FaultKind::Unavailable, "the client is not serving"),
        300..=399 => answered(FaultKind::Unintelligible, "the client answered with a redirect, which is not followed"),
        _other => answered(FaultKind::Unintelligible, "the client did not say that it has the message"),
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds: u64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

async fn read_away(mut response: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > ANSWER_BYTES {
            return;
        }
    }
}

/// `sent`: the connection had begun to read the body.
fn of_send(error: reqwest::Error, sent: bool) -> Fault {
    if let Some(refused) = refused(&error) {
        return forbidden(refused.to_string());
    }
    let (connect, timeout) = (error.is_connect(), error.is_timeout());
    let kind = match (connect || !sent, timeout) {
        (true, _) => FaultKind::Unreachable,
        (false, true) => FaultKind::Timeout,
        (false, false) => FaultKind::Interrupted,
    };
    Fault::of(kind, chain(&error.without_url()))
}

/// The guard's own word, wherever in the chain it stands.
fn refused(error: &reqwest::Error) -> Option<&Refused> {
    let mut below = error.source();
    while let Some(cause) = below {
        if let Some(refused) = cause.downcast_ref::<Refused>() {
            return Some(refused);
        }
        below = cause.source();
    }
    None
}

/// An error with all its causes.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut below = error.source();
    while let Some(cause) = below {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        below = cause.source();
    }
    words
}

/// Mended by changing the configuration.
fn forbidden(detail: String) -> Fault {
    Fault::of(FaultKind::Forbidden, detail)
}
