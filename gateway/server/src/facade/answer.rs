//! What callers are told, made by their façade's programs from what became of their messages. It waits for nothing.

use std::fmt;
use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use lienthong_core::program::Program;
use lienthong_core::{ExchangeId, Fault, FaultKind};
use serde_json::{Map, Value, json};

use super::Outcome;

/// One answer of a dialect.
#[derive(Clone)]
pub(crate) struct Template {
    pub(crate) status: StatusCode,
    pub(crate) media_type: HeaderValue,
    /// Written as JSON; else the program leaves a text.
    pub(crate) json: bool,
    pub(crate) program: Arc<dyn Program>,
}

/// What became of one message of a request.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) key: Option<String>,
    pub(crate) exchange: Option<ExchangeId>,
    pub(crate) standing: Standing,
}

/// Where one message stands when its caller is answered.
#[derive(Debug, Clone)]
pub(crate) enum Standing {
    /// With what the target answered, where that is kept.
    Delivered(Option<Value>),
    /// On disk; with what has held it up so far.
    Pending(Option<Fault>),
    Failed(Fault),
    /// Not taken: nothing of it is kept.
    Refused(Fault),
}

impl Standing {
    fn name(&self) -> &'static str {
        match self {
            Self::Delivered(_) => "delivered",
            Self::Pending(_) => "pending",
            Self::Failed(_) => "failed",
            Self::Refused(_) => "refused",
        }
    }

    fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Delivered(_) => None,
            Self::Pending(fault) => fault.as_ref(),
            Self::Failed(fault) | Self::Refused(fault) => Some(fault),
        }
    }
}

/// The worst decides: a caller that reads one word for all must never take a failure for a success.
pub(crate) fn outcome_of(all: &[Ended]) -> Outcome {
    let any = |wanted: fn(&Standing) -> bool| all.iter().any(|ended| wanted(&ended.standing));
    let refused = |standing: &Standing| matches!(standing, Standing::Refused(_));
    if all.iter().all(|ended| refused(&ended.standing)) {
        return Outcome::Refused;
    }
    match (any(|s| matches!(s, Standing::Failed(_) | Standing::Refused(_))), any(|s| matches!(s, Standing::Pending(_))))
    {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::Pending,
        (false, false) => Outcome::Delivered,
    }
}

/// What a template sees: `outcome`, `items` with what became of each, `fault` (the first that counts), besides what `around` tells.
pub(crate) fn event(outcome: Outcome, all: &[Ended], fault: Option<&Fault>, around: Map<String, Value>) -> Value {
    let counts = |ended: &&Ended| match ended.standing {
        Standing::Failed(_) | Standing::Refused(_) => true,
        Standing::Delivered(_) | Standing::Pending(_) => false,
    };
    let first = all.iter().find(counts).or(all.first()).and_then(|ended| ended.standing.fault());
    let mut event = around;
    event.insert("outcome".to_owned(), json!(outcome.as_str()));
    event.insert("items".to_owned(), all.iter().map(told).collect());
    event.insert("fault".to_owned(), fault.or(first).map_or(Value::Null, fault_told));
    Value::Object(event)
}

fn told(ended: &Ended) -> Value {
    let Ended { key, exchange, standing } = ended;
    let answer = match standing {
        Standing::Delivered(answer) => answer.clone(),
        Standing::Pending(_) | Standing::Failed(_) | Standing::Refused(_) => None,
    };
    json!({
        "key": key, "exchange": exchange.map(|id| id.to_string()), "state": standing.name(),
        "answer": answer, "fault": standing.fault().map(fault_told),
    })
}

/// A fault as templates see it: for the caller whose message it is, so with the target's own words.
fn fault_told(fault: &Fault) -> Value {
    let Fault { kind, code, system_code, system_text, problems, public, retry_after, detail: _ } = fault;
    let problems: Vec<Value> =
        problems.iter().map(|problem| json!({ "pointer": problem.pointer, "problem": problem.problem })).collect();
    let sent = match kind {
        FaultKind::Unreachable | FaultKind::Mapping => false,
        FaultKind::Timeout
        | FaultKind::Interrupted
        | FaultKind::Throttled
        | FaultKind::Unavailable
        | FaultKind::Unauthenticated
        | FaultKind::Forbidden
        | FaultKind::Rejected
        | FaultKind::Conflict
        | FaultKind::NotFound
        | FaultKind::Unintelligible
        | FaultKind::Invalid
        | FaultKind::Expired
        | FaultKind::Internal => true,
    };
    json!({
        "kind": kind.as_str(), "code": code.as_str(), "vi": public.vi, "en": public.en, "system_code": system_code,
        "system_text": system_text, "problems": problems, "sent": sent,
        "retry_after": retry_after.map(|wait| wait.as_secs()),
    })
}

impl Template {
    /// The answer's bytes.
    pub(crate) fn written(&self, event: Value) -> Result<Bytes, Fault> {
        match (self.program.run(event)?, self.json) {
            (left, true) => super::items::written(&left),
            (Value::String(text), false) => Ok(Bytes::from(text)),
            (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_), false) => {
                Err(Fault::of(FaultKind::Mapping, "an answer that is no JSON must be a text"))
            }
        }
    }

    pub(crate) fn response(&self, event: Value) -> Result<Response, Fault> {
        let body = self.written(event)?;
        Ok((self.status, [(header::CONTENT_TYPE, self.media_type.clone())], body).into_response())
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({})", self.status)
    }
}
