//! What answers mean: rules for failure, then rules for success, then HTTP's own statuses; what nothing explains is unintelligible.

mod problems;

use lienthong_core::{Fault, FaultCode, FaultKind, Timestamp};
use lienthong_kit::fault;
use lienthong_kit::hidden::{self, Hidden};
use lienthong_kit::transport::Reply;
use serde_json::Value;

use crate::answer::Answer;
use crate::config::Then;
use crate::rules::{Rule, Unasked};
use crate::template::scalar;

/// The rules of one operation, in the order they are asked.
pub(crate) struct Judge {
    failures: Vec<Rule>,
    successes: Vec<Rule>,
}

/// An answer with what is needed to judge it.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) reply: &'a Reply,
    pub(crate) answer: &'a Answer,
    /// The operation's input.
    pub(crate) input: &'a Value,
    pub(crate) hidden: Hidden<'a>,
    pub(crate) now: Timestamp,
}

impl Judge {
    /// The operation's own rules stand before the system's.
    pub(crate) fn new(rules: Vec<Rule>) -> Self {
        let (successes, failures) = rules.into_iter().partition(|rule| rule.then == Then::Success);
        Self { failures, successes }
    }

    /// The rules for failure alone.
    pub(crate) fn failures(&self, case: Case<'_>) -> Result<(), Fault> {
        for rule in &self.failures {
            if rule.holds(case.answer, case.input).map_err(|Unasked(why)| unintelligible(case, &why))? {
                return Err(told(rule, case));
            }
        }
        Ok(())
    }

    /// Success, or the fault the answer stands for.
    pub(crate) fn judge(&self, case: Case<'_>) -> Result<(), Fault> {
        let unasked = |Unasked(why): Unasked| unintelligible(case, &why);
        self.failures(case)?;
        for rule in &self.successes {
            if rule.holds(case.answer, case.input).map_err(unasked)? {
                return Ok(());
            }
        }
        Err(by_status(case))
    }
}

/// What HTTP itself says: only statuses that name an outcome plainly.
pub(crate) fn by_status(case: Case<'_>) -> Fault {
    if let Some(refused) = fault::of_certificate_page(case.reply) {
        return refused;
    }
    let plain = |kind: FaultKind, detail: &str| with_status(Fault::of(kind, detail), case);
    match case.answer.status {
        400 | 422 if case.answer.body.is_ok() => plain(FaultKind::Rejected, "the system refuses the request"),
        401 => plain(FaultKind::Unauthenticated, "the system does not accept our token or account"),
        403 => plain(FaultKind::Forbidden, "the system forbids us this request"),
        429 => waiting(plain(FaultKind::Throttled, "too many requests"), case),
        503 => waiting(plain(FaultKind::Unavailable, "the system is not serving"), case),
        _other => match &case.answer.body {
            Ok(_) => unintelligible(case, "no rule explains the answer"),
            Err(why) => unintelligible(case, why),
        },
    }
}

pub(crate) fn unintelligible(case: Case<'_>, why: &str) -> Fault {
    with_status(Fault::of(FaultKind::Unintelligible, why), case)
}

fn with_status(fault: Fault, case: Case<'_>) -> Fault {
    let status = case.answer.status;
    let detail = format!("HTTP {status}: {}", fault.detail);
    Fault { detail, ..fault }.with_system_answer(Some(format!("HTTP {status}")), None)
}

/// What a rule for failure says.
fn told(rule: &Rule, case: Case<'_>) -> Fault {
    let (kind, code) = match rule.then {
        // Rules for success are never asked here.
        Then::Success | Then::Unknown => (FaultKind::Unintelligible, FaultCode::Unintelligible),
        Then::Throttled => (FaultKind::Throttled, FaultCode::Throttled),
        Then::Unavailable => (FaultKind::Unavailable, FaultCode::Unavailable),
        Then::Maintenance => (FaultKind::Unavailable, FaultCode::Maintenance),
        Then::Unauthenticated => (FaultKind::Unauthenticated, FaultCode::SessionRefused),
        Then::Forbidden => (FaultKind::Forbidden, FaultCode::Forbidden),
        Then::AddressRefused => (FaultKind::Unauthenticated, FaultCode::AddressRefused),
        Then::FileUnreachable => (FaultKind::Rejected, FaultCode::FileUnreachable),
        Then::Rejected => (FaultKind::Rejected, FaultCode::Rejected),
        Then::Conflict => (FaultKind::Conflict, FaultCode::Conflict),
        Then::NotFound => (FaultKind::NotFound, FaultCode::NotFound),
    };
    let body = case.answer.body.as_ref().ok();
    let at = |pointer: &Option<String>| body?.pointer(pointer.as_deref()?).and_then(scalar);
    let clean = |text: String| hidden::without(&text, case.hidden);
    let system_code = at(&rule.code).map(clean).unwrap_or_else(|| format!("HTTP {}", case.answer.status));
    let words = at(&rule.text).map(clean);
    let fault = Fault::new(kind, code, format!("HTTP {}: a rule reads it as {}", case.answer.status, kind.as_str()))
        .with_system_answer(Some(lienthong_core::text::excerpt(&system_code, 60)), words.as_deref());
    let found = rule.problems.as_ref().zip(body).map(|(config, body)| problems::of(config, body));
    let fault = fault.with_problems(found.unwrap_or_default());
    match kind {
        FaultKind::Throttled | FaultKind::Unavailable => waiting(fault, case),
        FaultKind::Unreachable
        | FaultKind::Timeout
        | FaultKind::Interrupted
        | FaultKind::Unauthenticated
        | FaultKind::Forbidden
        | FaultKind::Rejected
        | FaultKind::Conflict
        | FaultKind::NotFound
        | FaultKind::Unintelligible
        | FaultKind::Mapping
        | FaultKind::Invalid
        | FaultKind::Expired
        | FaultKind::Internal => fault,
    }
}

fn waiting(fault: Fault, case: Case<'_>) -> Fault {
    fault::waiting(fault, case.reply, case.now)
}
