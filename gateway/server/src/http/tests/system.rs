//! An external system made of memory: it answers well or as a test says, and pushes in a dialect of its own.

use std::collections::VecDeque;
use std::time::Duration;

use async_trait::async_trait;
use lienthong_core::inbound::{
    InboundContent, InboundMessage, InboundOperation, InboundReply, InboundRequest, InboundResult, InboundSubmission,
};
use lienthong_core::{
    Adapter, AttemptContext, Body, CallContext, Effect, Fault, FaultCode, FaultKind, FieldProblem, Inbound, Lookup,
    OperationName, OperationSpec, SystemId,
};
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::world::CODE;

pub(crate) struct Portal {
    name: SystemId,
    operations: Vec<OperationSpec>,
    /// What its next calls meet; it answers well when nothing is said.
    pub(crate) next: Mutex<VecDeque<Fault>>,
    /// What it answers instead of having found something.
    pub(crate) answer: Mutex<Option<Value>>,
    /// What it was sent.
    pub(crate) received: Mutex<Vec<Value>>,
}

impl Default for Portal {
    fn default() -> Self {
        let operations = vec![
            spec("portal.sync-dossier", Effect::Upsert, &json!({"code": CODE, "status": 4})),
            spec("portal.find-dossier", Effect::Read, &json!({"code": CODE})),
        ];
        Self {
            name: "portal".parse().unwrap(),
            operations,
            next: Mutex::default(),
            answer: Mutex::default(),
            received: Mutex::default(),
        }
    }
}

fn spec(name: &str, effect: Effect, example: &Value) -> OperationSpec {
    OperationSpec {
        name: name.parse().unwrap(),
        summary: "An operation of the tests.".into(),
        effect,
        snapshot: effect == Effect::Upsert,
        lookup: None,
        input: json!({
            "type": "object", "additionalProperties": false, "required": ["code"],
            "properties": {"code": {"type": "string"}, "status": {"type": "integer"}, "note": {"type": "string", "x-searchable": "text"}}
        }),
        output: json!({"type": "object"}),
        example: example.clone(),
        key_field: Some("/code".into()),
        personal: vec!["/note".into()],
        body_limit: 4096,
        splits: false,
    }
}

#[async_trait]
impl Adapter for Portal {
    fn system(&self) -> &SystemId {
        &self.name
    }

    fn operations(&self) -> &[OperationSpec] {
        &self.operations
    }

    async fn call(&self, cx: &CallContext, _operation: &OperationName, body: &Body) -> Result<Body, Fault> {
        cx.mark_sent();
        self.received.lock().push(serde_json::from_slice(&body.bytes).unwrap());
        match self.next.lock().pop_front() {
            None => {
                let answer = self.answer.lock().clone().unwrap_or_else(|| json!({"found": true}));
                Ok(Body::json(answer.to_string()))
            }
            Some(fault) => Err(fault),
        }
    }

    async fn lookup(&self, _: &CallContext, _: &OperationName, _: &AttemptContext) -> Result<Lookup, Fault> {
        Ok(Lookup::Unknown)
    }

    async fn probe(&self, _: &CallContext) -> Result<(), Fault> {
        self.next.lock().pop_front().map_or(Ok(()), Err)
    }

    fn check(&self, _operation: &OperationName, input: &Value) -> Result<(), Fault> {
        if input["code"].as_str().is_some_and(|code| code.starts_with("H56.")) {
            return Ok(());
        }
        let problem = FieldProblem::new("/code", "must begin with the province's organisation id");
        Err(Fault::new(FaultKind::Invalid, FaultCode::DossierCode, "not of the province").with_problem(problem))
    }
}

/// What the portal pushes: `{"secret": "s3cret", "code": …}`; anything else is unreadable once the secret is right.
pub(crate) struct Pushes {
    name: SystemId,
    operations: Vec<InboundOperation>,
}

impl Default for Pushes {
    fn default() -> Self {
        let operation = InboundOperation {
            name: "portal.notify-tax".parse().unwrap(),
            summary: "A tax notice.".into(),
            body: json!({"type": "object"}),
            example: json!({"code": CODE}),
            personal: Vec::new(),
        };
        Self { name: "portal".parse().unwrap(), operations: vec![operation] }
    }
}

impl Inbound for Pushes {
    fn system(&self) -> &SystemId {
        &self.name
    }

    fn operations(&self) -> &[InboundOperation] {
        &self.operations
    }

    fn read(&self, request: &InboundRequest) -> Result<InboundMessage, Fault> {
        let text = String::from_utf8_lossy(&request.body).into_owned();
        if !text.contains("s3cret") {
            return Err(Fault::new(FaultKind::Unauthenticated, FaultCode::NoCredentials, "no secret"));
        }
        let operation = self.operations[0].name.clone();
        let read = serde_json::from_str::<Value>(&text).ok();
        let code = read.as_ref().and_then(|push| push["code"].as_str()).and_then(|code| code.parse().ok());
        let content = match code {
            Some(key) => {
                let told = json!({"code": key, "method": request.method, "path": request.path, "query": request.query});
                let body = Body::json(told.to_string());
                InboundContent::Submissions(vec![InboundSubmission { operation, key, aliases: Vec::new(), body }])
            }
            None => InboundContent::Unreadable { operation, fault: Fault::of(FaultKind::Invalid, "no code in it") },
        };
        let raw = Body::json(text.replace("s3cret", ""));
        Ok(InboundMessage { content, dedupe_key: text, dedupe_window: Duration::from_secs(3600), raw })
    }

    fn reply(&self, _: &InboundRequest, result: &InboundResult) -> InboundReply {
        let (status, said) = match result {
            InboundResult::Accepted => (200, "accepted"),
            InboundResult::Repeated => (200, "repeated"),
            InboundResult::Kept => (200, "kept"),
            InboundResult::NotAccepted(fault) => (503, fault.code.as_str()),
        };
        InboundReply { status, content_type: "text/plain", body: said.into() }
    }
}
