//! Puts a client's messages into its own queue, as the adapter of its system `queue-<client>`: persistent, mandatory, confirmed. It retries nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use lienthong_core::{
    Adapter, AttemptContext, Body, CallContext, ContentType, Effect, Fault, FaultKind, Lookup, OperationName,
    OperationSpec, SystemId, limits,
};
use lienthong_engine::queue::QueuePolicy;
use lienthong_engine::routing::Catalogue;
use serde::Deserialize;
use serde_json::json;

use super::hub::Hub;
use super::publisher::{Letter, name};
use super::topology;
use super::trouble::Trouble;

/// What wrote a message.
const OURSELVES: &str = "lienthong";

/// One client's queue.
pub(crate) struct Mailbox {
    policy: QueuePolicy,
    queue: String,
    operations: Vec<OperationSpec>,
    hub: Arc<Hub>,
    /// Whether the queue was seen.
    there: AtomicBool,
}

impl Mailbox {
    /// For one client; the catalogue names what routes may send to it.
    pub(crate) fn new(policy: QueuePolicy, queue: String, hub: Arc<Hub>, catalogue: &Catalogue) -> Self {
        let operations = operations(&policy, catalogue);
        Self { policy, queue, operations, hub, there: AtomicBool::new(false) }
    }

    /// The queue, made when it is missing; looked for again after it was found missing.
    async fn queue(&self) -> Result<(), Trouble> {
        if !self.there.load(Ordering::Acquire) {
            topology::queue(self.hub.publisher.link(), &self.queue, None).await?;
            self.there.store(true, Ordering::Release);
        }
        Ok(())
    }

    async fn attempt(&self, cx: &CallContext, operation: &OperationName, body: &Body) -> Result<(), Trouble> {
        self.queue().await?;
        let kind = match *operation == self.policy.operation {
            true => kind_of(body).unwrap_or_else(|| operation.to_string()),
            false => operation.to_string(),
        };
        let properties = properties(cx, &kind, body.content_type)?;
        let (exchange, key) = (name("")?, name(&self.queue)?);
        let letter = Letter { exchange, key, properties, body: &body.bytes, mandatory: true };
        let published = self.hub.publisher.publish(letter, || cx.mark_sent()).await;
        if published == Err(Trouble::Unroutable) {
            self.there.store(false, Ordering::Release);
        }
        published
    }
}

#[async_trait]
impl Adapter for Mailbox {
    fn system(&self) -> &SystemId {
        &self.policy.system
    }

    fn operations(&self) -> &[OperationSpec] {
        &self.operations
    }

    async fn call(&self, cx: &CallContext, operation: &OperationName, body: &Body) -> Result<Body, Fault> {
        match tokio::time::timeout(cx.timeout, self.attempt(cx, operation, body)).await {
            Ok(Ok(())) => Ok(Body { content_type: ContentType::Text, bytes: Bytes::new() }),
            Ok(Err(trouble)) => Err(trouble.fault(cx.was_sent())),
            Err(_) if cx.was_sent() => Err(Fault::of(FaultKind::Timeout, format!("no word within {:?}", cx.timeout))),
            Err(_) => Err(Fault::of(FaultKind::Unreachable, format!("nothing was sent within {:?}", cx.timeout))),
        }
    }

    async fn lookup(&self, _: &CallContext, _: &OperationName, _: &AttemptContext) -> Result<Lookup, Fault> {
        Ok(Lookup::Unknown)
    }

    /// Whether the broker is there with the queue.
    async fn probe(&self, cx: &CallContext) -> Result<(), Fault> {
        let looked = topology::queue(self.hub.publisher.link(), &self.queue, None);
        match tokio::time::timeout(cx.timeout, looked).await {
            Ok(found) => found.map(drop).map_err(|trouble| trouble.fault(false)),
            Err(_) => Err(Fault::of(FaultKind::Unreachable, format!("no word within {:?}", cx.timeout))),
        }
    }
}

/// The same for every attempt of a delivery, so that a reader knows a copy by its `message_id`.
fn properties(cx: &CallContext, kind: &str, content_type: ContentType) -> Result<BasicProperties, Trouble> {
    let id = cx.delivery.map_or_else(|| cx.reference.clone(), |delivery| delivery.to_string());
    let mut headers = FieldTable::default();
    if let Some(key) = &cx.key {
        headers.insert(name("key")?, AMQPValue::LongString(key.as_str().into()));
    }
    if let Some(trace) = &cx.trace {
        headers.insert(name("traceparent")?, AMQPValue::LongString(trace.parent.as_str().into()));
    }
    let properties = BasicProperties::default()
        .with_message_id(name(&id)?)
        .with_type(name(kind)?)
        .with_app_id(name(OURSELVES)?)
        .with_content_type(name(content_type.media_type())?)
        .with_headers(headers);
    Ok(match u64::try_from(cx.clock.now().as_second()) {
        Ok(seconds) => properties.with_timestamp(seconds),
        Err(_) => properties,
    })
}

/// The type that an outcome's own message says.
fn kind_of(body: &Body) -> Option<String> {
    #[derive(Deserialize)]
    struct Typed {
        r#type: String,
    }
    serde_json::from_slice::<Typed>(&body.bytes).ok().map(|typed| typed.r#type)
}

/// Telling of outcomes, and every message that a route may send to a client. A reader knows a message by its id: the same one again
/// does no harm.
fn operations(policy: &QueuePolicy, catalogue: &Catalogue) -> Vec<OperationSpec> {
    let message = |spec: &OperationSpec| OperationSpec {
        effect: Effect::Upsert,
        snapshot: false,
        lookup: None,
        splits: false,
        ..spec.clone()
    };
    let mut operations: Vec<OperationSpec> = catalogue.iter().map(|entry| message(&entry.spec)).collect();
    operations.push(OperationSpec {
        name: policy.operation.clone(),
        summary: "Tells a client of an outcome in its own queue.".into(),
        effect: Effect::Upsert,
        snapshot: false,
        lookup: None,
        input: json!({ "type": "object" }),
        output: json!(true),
        example: json!({}),
        key_field: None,
        personal: Vec::new(),
        body_limit: limits::BODY_BYTES,
        splits: false,
    });
    operations
}
