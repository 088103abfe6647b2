//! What the socket tests share: a configured permit system, a clock moved by hand, calls. No assertions on behaviour.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lienthong_core::file::NoFiles;
use lienthong_core::secret::{SecretRef, SecretSource, SecretString};
use lienthong_core::{
    Adapter, AttemptContext, Body, CallContext, Clock, Fault, Lookup, OperationName, Surroundings, SystemId, Timestamp,
};
use serde_json::{Value, json};

use super::language::Tiny;
use crate::{Rest, RestConfig};

pub(super) const SECRET: &str = "rat-bi-mat-0001";

/// Every reference is the same secret, but one that is not set.
pub(super) struct Secrets;

impl SecretSource for Secrets {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
        match reference {
            SecretRef::Env(name) if name == "MISSING" => Err(format!("{reference} is not set")),
            SecretRef::Env(name) if name == "USER" => Ok("nguoi-dung".into()),
            SecretRef::Env(_) | SecretRef::File(_) => Ok(SECRET.into()),
        }
    }
}

/// A clock in seconds since 2026-01-15T00:00:00Z, moved by hand.
#[derive(Default)]
pub(super) struct HandClock(AtomicU64);

impl HandClock {
    pub(super) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-01-15T00:00:00Z".parse().unwrap();
        start.checked_add(self.monotonic()).unwrap()
    }
    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// A permit system with an envelope, as several ministries have: code 0 is success.
pub(super) fn permits(base: &str) -> Value {
    json!({
        "endpoints": [{ "name": "ministry", "base": format!("{base}/permits/v1") }],
        "headers": { "X-Client": "province" },
        "outcomes": [
            { "when": { "status": ["2xx"], "at": "/code", "equals": 0 }, "then": "success" },
            { "when": { "at": "/code", "equals": "DUPLICATE" }, "then": "conflict", "code": "/code", "text": "/message" },
            { "when": { "at": "/code", "exists": true, "one_of": ["INVALID"] }, "then": "rejected", "code": "/code",
              "text": "/message", "problems": { "at": "/errors", "field": "/field", "code": "/code" } },
            { "when": { "page_contains": ["đang bảo trì"] }, "then": "maintenance" }
        ],
        "operations": [
            {
                "name": "find-permit", "summary": "Reads one permit.", "effect": "read",
                "request": { "path": "permits/{.code}", "query": { "fields": "{.fields}", "unit": "{unit}" } },
                "outcomes": [{ "when": { "status": [404] }, "then": "not_found" }],
                "answer": { "headers": ["etag"], "map": ".output.permit = .body.data\n.output.version = .headers.etag" },
                "input": { "type": "object" }, "example": { "code": "GP-2026-0001" }, "key_field": "/code"
            },
            {
                "name": "register-permit", "summary": "Creates a permit.", "effect": "once",
                "request": {
                    "method": "POST", "path": "permits",
                    "headers": { "Idempotency-Key": "{delivery}", "X-Request": "{reference}" },
                    "body": { "as": "json" },
                    "map": ".body.holder = .input.owner.name\n.body.request = .call.reference"
                },
                "lookup": {
                    "request": { "path": "permits", "query": { "request": "{reference}" } },
                    "settle": "30s",
                    "decide": ".decision = .body.found\n.output = .body.data"
                },
                "input": { "type": "object" }, "example": { "owner": { "name": "NGUYỄN VĂN MẪU" } },
                "personal": ["/owner/name"]
            }
        ]
    })
}

pub(super) struct Bench {
    pub(super) rest: Arc<Rest>,
    pub(super) clock: Arc<HandClock>,
}

pub(super) fn built(config: Value, clock: Arc<HandClock>) -> Result<Rest, String> {
    // Ignored when another test was first: the provider is the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let config: RestConfig = serde_json::from_value(config).unwrap();
    let around = Surroundings { secrets: &Secrets, clock, files: Arc::new(NoFiles), programs: Arc::new(Tiny) };
    Rest::build(SystemId::new("permits").unwrap(), config, &around)
}

pub(super) fn bench(config: Value) -> Bench {
    let clock = Arc::new(HandClock::default());
    Bench { rest: Arc::new(built(config, clock.clone()).unwrap()), clock }
}

pub(super) fn name(operation: &str) -> OperationName {
    OperationName::new(&format!("permits.{operation}")).unwrap()
}

impl Bench {
    pub(super) fn context(&self) -> CallContext {
        CallContext::new("0190.0.1", Duration::from_secs(10), self.clock.clone())
    }

    pub(super) async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        self.call_in(&self.context(), operation, input).await
    }

    pub(super) async fn call_in(&self, cx: &CallContext, operation: &str, input: Value) -> Result<Value, Fault> {
        let answer = self.rest.call(cx, &name(operation), &Body::json(input.to_string())).await?;
        Ok(serde_json::from_slice(&answer.bytes).unwrap())
    }

    pub(super) async fn find(&self) -> Result<Value, Fault> {
        self.call("find-permit", json!({ "code": "GP-1" })).await
    }

    pub(super) async fn register(&self) -> Result<Value, Fault> {
        self.call("register-permit", json!({ "owner": { "name": "Nguyễn Văn Mẫu" } })).await
    }

    pub(super) async fn look_up(&self, age: u64) -> Result<Lookup, Fault> {
        let sent = Body::json(json!({ "owner": { "name": "Nguyễn Văn Mẫu" } }).to_string());
        let attempt = AttemptContext { attempt: 1, reference: "0190.0.1".into(), sent, age: Duration::from_secs(age) };
        let cx = CallContext::new("0190.0.1.lookup", Duration::from_secs(10), self.clock.clone());
        self.rest.lookup(&cx, &name("register-permit"), &attempt).await
    }
}
