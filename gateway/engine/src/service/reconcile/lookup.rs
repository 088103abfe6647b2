//! Asking the other side about one key, through the door every synchronous question goes through. It waits where the other side cannot be asked, and tells what it could not learn.

use std::time::Duration;

use bytes::Bytes;
use lienthong_core::exchange::AuthenticatedBy;
use lienthong_core::{BusinessKey, Fault, FaultKind};
use serde_json::{Value, json};

use super::super::Service;
use super::super::fault::passes_by_itself;
use super::super::model::{CallSubmission, Caller};
use crate::reconcile::{LookedUpSpec, Phase, Spec, State};

/// Between two tries while the other side cannot be asked.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Tries of one key whose answers are lost or cannot be read.
const TRIES: u32 = 3;

/// What the other side says of one key.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answered {
    Has(State),
    HasNot,
    /// It gave no answer that could be read.
    Nothing,
}

/// What a run asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Comparing,
    Sending,
}

/// What a failed question means.
enum Failed {
    /// The other side, or the way to it, is not there: it is asked again until it is.
    Away,
    /// This answer was lost.
    Lost,
    Missing,
    Refused,
}

impl Spec {
    /// In whose name it acts.
    pub(super) fn caller(&self) -> Caller {
        Caller { client: self.client.clone(), authenticated_by: AuthenticatedBy::Gateway }
    }
}

impl Service {
    /// Asks about one key. `None`: the run was stopped meanwhile.
    pub(super) async fn look_up(
        &self,
        spec: &Spec,
        lookup: &LookedUpSpec,
        key: &BusinessKey,
        (run, doing): (&str, Doing),
    ) -> Result<Option<Answered>, Fault> {
        let (mut wait, mut lost) = (FIRST_WAIT, 0);
        loop {
            tokio::time::sleep(Duration::try_from_secs_f64(1.0 / lookup.per_second).unwrap_or(FIRST_WAIT)).await;
            let asked = self.ask(spec, lookup, key).await;
            self.note_what_it_waits_for(run, asked.as_ref().err().map(|fault| fault.public.en.as_str()));
            let fault = match asked {
                Ok(answer) => return Ok(Some(read(lookup, &answer))),
                Err(fault) => fault,
            };
            match failed(&fault) {
                Failed::Missing => return Ok(Some(Answered::HasNot)),
                Failed::Refused => return Ok(Some(Answered::Nothing)),
                Failed::Lost if lost >= TRIES => return Ok(Some(Answered::Nothing)),
                Failed::Lost => lost += 1,
                Failed::Away => {}
            }
            tokio::time::sleep(wait).await;
            if !self.still(run, doing).await? {
                return Ok(None);
            }
            wait = wait.saturating_mul(2).min(LONGEST_WAIT);
        }
    }

    /// Whether the run goes on with what it does.
    pub(super) async fn still(&self, run: &str, doing: Doing) -> Result<bool, Fault> {
        let run = self.a_reconciliation(run).await?.run;
        Ok(match doing {
            Doing::Comparing => run.phase == Phase::Comparing,
            Doing::Sending => run.phase == Phase::Done && run.sending.is_some(),
        })
    }

    async fn ask(&self, spec: &Spec, lookup: &LookedUpSpec, key: &BusinessKey) -> Result<Value, Fault> {
        let question = json!({ (lookup.field.as_str()): key.as_str() });
        let call = CallSubmission {
            operation: lookup.operation.clone(),
            body: Bytes::from(question.to_string()),
            key: Some(key.clone()),
            purpose: Some(format!("reconciliation {}", spec.name)),
            on_behalf_of: None,
            trace: None,
            timeout: None,
        };
        let answer = self.call(&spec.caller(), call).await?;
        serde_json::from_slice(&answer.body.bytes)
            .map_err(|error| Fault::of(FaultKind::Unintelligible, format!("the answer is no JSON: {error}")))
    }
}

fn read(lookup: &LookedUpSpec, answer: &Value) -> Answered {
    let exists = lookup.exists.as_deref().map(|at| answer.pointer(at));
    match exists {
        Some(Some(Value::Bool(false))) => return Answered::HasNot,
        None | Some(Some(Value::Bool(true))) => {}
        // An answer that does not say it is none.
        Some(_) => return Answered::Nothing,
    }
    let status = lookup.status.as_deref().and_then(|at| answer.pointer(at));
    let status = status.and_then(|status| match status {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    });
    Answered::Has(State { status, ..State::default() })
}

fn failed(fault: &Fault) -> Failed {
    if passes_by_itself(fault) {
        return Failed::Away;
    }
    match fault.kind {
        FaultKind::Unreachable | FaultKind::Throttled | FaultKind::Unavailable | FaultKind::Unauthenticated => {
            Failed::Away
        }
        FaultKind::Timeout | FaultKind::Interrupted | FaultKind::Unintelligible => Failed::Lost,
        FaultKind::NotFound => Failed::Missing,
        FaultKind::Forbidden
        | FaultKind::Rejected
        | FaultKind::Conflict
        | FaultKind::Mapping
        | FaultKind::Invalid
        | FaultKind::Expired
        | FaultKind::Internal => Failed::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> LookedUpSpec {
        LookedUpSpec {
            operation: "portal.find-dossier".parse().unwrap(),
            field: "code".to_owned(),
            exists: Some("/exists".to_owned()),
            status: Some("/status".to_owned()),
            per_second: 5.0,
        }
    }

    #[test]
    fn only_an_answer_that_says_so_is_a_key_that_is_there_or_not() {
        let has = |status: Option<&str>| Answered::Has(State { status: status.map(str::to_owned), ..State::default() });
        let cases = [
            (json!({"exists": false, "status": "returned"}), Answered::HasNot),
            (json!({"exists": true, "status": "returned"}), has(Some("returned"))),
            (json!({"exists": true, "status": 9}), has(Some("9"))),
            (json!({"exists": true}), has(None)),
            (json!({"exists": "yes"}), Answered::Nothing),
            (json!({"status": "returned"}), Answered::Nothing),
        ];
        for (answer, expected) in cases {
            assert_eq!(read(&spec(), &answer), expected, "{answer}");
        }
    }
}
