//! Tests of what reaches a client's address, and what does not: a receiver on loopback counts.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering as Order};

use axum::Router;
use axum::extract::State;
use axum::routing::any;
use http::HeaderMap;
use lienthong_core::secret::{SecretRef, SecretString};
use lienthong_core::{Clock, DeliveryId, ExchangeId};
use lienthong_engine::callback::CallbackEvent;
use lienthong_engine::clock::SystemClock;
use parking_lot::Mutex;

use super::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

struct Held(HashMap<&'static str, &'static str>);

impl SecretSource for Held {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
        let SecretRef::Env(name) = reference else { return Err("no files here".to_owned()) };
        self.0.get(name.as_str()).map(|value| SecretString::from(*value)).ok_or_else(|| format!("{name} is not set"))
    }
}

#[derive(Clone, Default)]
struct Receiver {
    received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    status: Arc<AtomicUsize>,
}

impl Receiver {
    async fn start(status: usize) -> (Self, SocketAddr) {
        let receiver = Self { status: Arc::new(status.into()), ..Self::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(any(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, address)
    }

    fn count(&self) -> usize {
        self.received.lock().len()
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> (StatusCode, HeaderMap) {
    receiver.received.lock().push((headers, body));
    let mut answer = HeaderMap::new();
    answer.insert("location", "http://127.0.0.1:1/elsewhere".parse().unwrap());
    answer.insert("retry-after", "7".parse().unwrap());
    (StatusCode::from_u16(u16::try_from(receiver.status.load(Order::Relaxed)).unwrap()).unwrap(), answer)
}

fn model(url: &str, more: &str) -> CallbackModel {
    serde_json::from_str(&format!(
        r#"{{"url":"{url}","prefixes":["{url}"],"secrets":["env:ONE"],"plain_http":true{more}}}"#
    ))
    .unwrap()
}

fn built(model: &CallbackModel, guard: Guard) -> Callbacks {
    crate::app::install_crypto();
    let policy = model.policy(&"one-stop".parse().unwrap()).unwrap();
    let secrets = Held(HashMap::from([("ONE", SECRET), ("TWO", "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")]));
    Callbacks::build_with(model, policy, &secrets, guard).unwrap()
}

fn to(url: &str, more: &str) -> Callbacks {
    let model = model(url, more);
    built(&model, Guard::new(model.allow.clone()))
}

fn context(attempt: u32) -> CallContext {
    let id = DeliveryId { exchange: ExchangeId(uuid::Uuid::from_u128(7)), index: 0 };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let mut cx = CallContext::new(format!("{id}.{attempt}"), Duration::from_secs(5), clock);
    cx.delivery = Some(id);
    cx
}

async fn sent(callbacks: &Callbacks, body: &str) -> (Result<Body, Fault>, bool) {
    let cx = context(1);
    let operation = callbacks.operations()[0].name.clone();
    let result = callbacks.call(&cx, &operation, &Body::json(body.as_bytes().to_vec())).await;
    (result, cx.was_sent())
}

const MESSAGE: &str = r#"{"message":{"type": "delivery.delivered",  "n":1.50}}"#;

#[tokio::test]
async fn the_messages_own_bytes_arrive_with_signatures_that_verify_and_an_id_that_stays() {
    let (receiver, address) = Receiver::start(204).await;
    let more = r#","allow":["127.0.0.0/8"],"secrets":["env:ONE","env:TWO"]"#;
    let text = format!(r#"{{"url":"http://{address}/a","plain_http":true{more}}}"#);
    let model: CallbackModel = serde_json::from_str(&text).unwrap();
    let callbacks = built(&model, Guard::new(model.allow.clone()));
    for _attempt in 0..2 {
        assert!(sent(&callbacks, MESSAGE).await.0.is_ok());
    }
    let received = receiver.received.lock().clone();
    let ids: Vec<_> = received.iter().map(|(headers, _)| headers[ID].to_str().unwrap()).collect();
    assert_eq!(ids, ["msg_00000000000000000000000000000007"; 2]);
    let (headers, body) = &received[0];
    assert_eq!(body, r#"{"type": "delivery.delivered",  "n":1.50}"#);
    let signatures: Vec<&str> = headers[SIGNATURE].to_str().unwrap().split(' ').collect();
    let content = format!("{}.{}.{}", ids[0], headers[TIMESTAMP].to_str().unwrap(), std::str::from_utf8(body).unwrap());
    assert_eq!(signatures.len(), 2);
    verify_as_a_receiver_does(&signatures, content.as_bytes());
    assert_eq!(headers["content-type"], "application/json");
}

/// With the secret for the first scheme, and with nothing but the public key for the second.
fn verify_as_a_receiver_does(signatures: &[&str], content: &[u8]) {
    use base64::Engine as _;
    let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &decode(SECRET.strip_prefix("whsec_").unwrap()));
    ring::hmac::verify(&key, content, &decode(signatures[0].strip_prefix("v1,").unwrap())).unwrap();
    let public = decode("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    let public = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
    public.verify(content, &decode(signatures[1].strip_prefix("v1a,").unwrap())).unwrap();
}

#[tokio::test]
async fn loopback_is_refused_by_address_and_by_name_with_nothing_sent() {
    let (receiver, address) = Receiver::start(200).await;
    for url in [format!("http://{address}/"), format!("http://localhost:{}/", address.port())] {
        let (result, left) = sent(&to(&url, ""), MESSAGE).await;
        assert_eq!((result.unwrap_err().kind, left), (FaultKind::Forbidden, false), "{url}");
    }
    assert_eq!(receiver.count(), 0);
    let by_name = format!("http://localhost:{}/", address.port());
    assert!(sent(&to(&by_name, r#","allow":["127.0.0.0/8","::1/128"]"#), MESSAGE).await.0.is_ok());
    assert_eq!(receiver.count(), 1);
}

#[tokio::test]
async fn a_name_that_changes_its_mind_between_two_look_ups_reaches_nothing_private() {
    let (receiver, address) = Receiver::start(200).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    // Public the first time, loopback from then on; what is connected to is what was checked.
    let look_up = move |_name: String| -> futures::future::BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        let first = counted.fetch_add(1, Order::Relaxed) == 0;
        let found = if first { "203.0.114.1:0" } else { "127.0.0.1:0" };
        Box::pin(async move { Ok(vec![found.parse().unwrap()]) })
    };
    let model = model(&format!("http://rebinding.test:{}/", address.port()), "");
    let callbacks = built(&model, Guard::with(Vec::new(), Arc::new(look_up)));
    let mut cx = context(1);
    cx.timeout = Duration::from_millis(200);
    let operation = callbacks.operations()[0].name.clone();
    let body = Body::json(MESSAGE.as_bytes().to_vec());
    assert_eq!(callbacks.call(&cx, &operation, &body).await.unwrap_err().kind, FaultKind::Unreachable);
    assert_eq!(callbacks.call(&cx, &operation, &body).await.unwrap_err().kind, FaultKind::Forbidden);
    assert_eq!(receiver.count(), 0);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_every_status_has_its_meaning() {
    for (status, kind) in [
        (302, FaultKind::Unintelligible),
        (400, FaultKind::Unintelligible),
        (404, FaultKind::Unintelligible),
        (410, FaultKind::Rejected),
        (429, FaultKind::Throttled),
        (500, FaultKind::Unintelligible),
        (503, FaultKind::Unavailable),
    ] {
        let (receiver, address) = Receiver::start(status).await;
        let callbacks = to(&format!("http://{address}/"), r#","allow":["127.0.0.0/8"]"#);
        let (result, left) = sent(&callbacks, MESSAGE).await;
        let fault = result.unwrap_err();
        assert_eq!((fault.kind, left, receiver.count()), (kind, true, 1), "{status}");
        assert_eq!(fault.retry_after, Some(Duration::from_secs(7)));
    }
}

#[tokio::test]
async fn a_messages_own_address_is_used_while_the_configuration_allows_it() {
    let (receiver, address) = Receiver::start(200).await;
    let callbacks = to(&format!("http://{address}/hooks/"), r#","allow":["127.0.0.0/8"]"#);
    let own = |path: &str| format!(r#"{{"url":"http://{address}{path}","message":{{}}}}"#);
    assert!(sent(&callbacks, &own("/hooks/mine")).await.0.is_ok());
    let refused = sent(&callbacks, &own("/elsewhere")).await.0.unwrap_err();
    assert_eq!((refused.kind, receiver.count()), (FaultKind::Forbidden, 1));
}

#[tokio::test]
async fn nobody_at_the_address_is_unreachable_and_a_probe_tells_the_same() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let callbacks = to(&format!("http://{address}/"), r#","allow":["127.0.0.0/8"]"#);
    let (result, left) = sent(&callbacks, MESSAGE).await;
    assert_eq!((result.unwrap_err().kind, left), (FaultKind::Unreachable, false));
    assert!(callbacks.probe(&context(1)).await.is_err());
    let (receiver, address) = Receiver::start(405).await;
    assert!(to(&format!("http://{address}/"), r#","allow":["127.0.0.0/8"]"#).probe(&context(1)).await.is_ok());
    assert_eq!(receiver.count(), 1);
}

#[test]
fn a_missing_secret_is_told_by_its_reference() {
    crate::app::install_crypto();
    let model = model("http://one-stop.test/", "");
    let policy = model.policy(&"one-stop".parse().unwrap()).unwrap();
    assert_eq!(policy.events, [CallbackEvent::Delivered, CallbackEvent::Parked].into());
    let problem = Callbacks::build(&model, policy, &Held(HashMap::new())).err().unwrap();
    assert!(problem.contains("ONE"), "{problem}");
}
