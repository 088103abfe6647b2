//! Judges the land office's answers: `success` and words together make an outcome, and only an explicit one. No I/O.

use lienthong_core::{Fault, FaultCode, FaultKind, FieldProblem};
use lienthong_kit::fault::without_mark;
use lienthong_kit::hidden::{Hidden, without};
use serde_json::Value;

use crate::config::TablesConfig;
use crate::fault::words::{LandWords, Told};
use crate::map::outgoing::{OFFICER, PROCEDURE};
use crate::wire::answer::{Envelope, Status};

#[cfg(test)]
mod tests;

/// What was asked: the same words mean other things to other messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    Receive,
    Supplement,
    Return,
    Wrong,
}

/// What a write came to, short of a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Done { message: String },
    AlreadySo { message: String },
}

/// The phrases, and the names of tables for faults.
#[derive(Debug, Clone)]
pub(crate) struct Judge {
    pub(crate) words: LandWords,
    pub(crate) tables: TablesConfig,
}

/// One answer as it was read.
struct Answer {
    success: Option<bool>,
    code: String,
    message: String,
    /// `data` is there and says no: 0 or false.
    denied: bool,
}

impl Judge {
    /// The outcome of a write about the dossier `code`.
    pub(crate) fn write(&self, what: Writing, code: &str, body: &[u8], hidden: Hidden<'_>) -> Result<Verdict, Fault> {
        let answer = read(body)?;
        let told = self.words.told(&answer.message, code);
        let fault = |kind, detail: &str| Err(heard(kind, detail, &answer, hidden));
        match (told, answer.success) {
            (Told::SessionExpired, _) => fault(FaultKind::Unauthenticated, "the session is not accepted"),
            (Told::Throttled, _) => fault(FaultKind::Throttled, "the land office asks to slow down"),
            (Told::Maintenance, _) => Err(maintenance(&answer, hidden)),
            (_, None) => fault(FaultKind::Unintelligible, "the answer does not say whether it succeeded"),
            (Told::Failure, Some(_)) => fault(FaultKind::Rejected, "the land office says it failed"),
            (Told::Success, Some(false)) => fault(FaultKind::Unintelligible, "words of success in a failure"),
            (_, Some(true)) if answer.denied => fault(FaultKind::Unintelligible, "success, with data that say no"),
            (Told::Success | Told::Unknown, Some(true)) => Ok(Verdict::Done { message: answer.message }),
            (Told::Unknown, Some(false)) if answer.is_server_error() => {
                fault(FaultKind::Unintelligible, "an error of the land office's own: it may have been stored")
            }
            (Told::Unknown, Some(false)) => fault(FaultKind::Rejected, "the land office refuses"),
            (told, Some(_)) => self.of_state(what, told, answer, hidden),
        }
    }

    /// Words about what is so already, or is not there: they count the same whether success or failure is said beside them.
    fn of_state(&self, what: Writing, told: Told, answer: Answer, hidden: Hidden<'_>) -> Result<Verdict, Fault> {
        let conflict = |detail: &str| Err(heard(FaultKind::Conflict, detail, &answer, hidden));
        match (told, what) {
            (Told::Exists, Writing::Receive) | (Told::Returned, Writing::Return) => {
                Ok(Verdict::AlreadySo { message: answer.message })
            }
            (Told::Exists, Writing::Supplement | Writing::Return | Writing::Wrong) => conflict("it exists already"),
            (Told::Returned, Writing::Receive | Writing::Supplement | Writing::Wrong) => {
                conflict("the result of this dossier was returned already")
            }
            (Told::OtherExists, _) => conflict("something exists already, and it is not said to be this dossier"),
            (Told::NotWaiting, _) => conflict("the dossier is not waiting for a supplement"),
            (Told::NotFound, _) => {
                Err(heard(FaultKind::NotFound, "the land office has no such dossier", &answer, hidden))
            }
            (Told::UnknownOfficer, _) => {
                Err(self.unmapped(OFFICER, "officer", self.tables.officers.as_deref(), &answer, hidden))
            }
            (Told::UnknownProcedure, _) => {
                Err(self.unmapped(PROCEDURE, "procedure", self.tables.procedures.as_deref(), &answer, hidden))
            }
            (
                Told::SessionExpired
                | Told::Maintenance
                | Told::Throttled
                | Told::Failure
                | Told::Success
                | Told::Unknown,
                _,
            ) => Err(heard(FaultKind::Unintelligible, "words nobody knows", &answer, hidden)),
        }
    }

    /// What our table leads to is not known there: mended by changing the table, after which what waited goes on.
    fn unmapped(&self, at: &str, what: &str, table: Option<&str>, answer: &Answer, hidden: Hidden<'_>) -> Fault {
        let problem = FieldProblem {
            table: table.map(str::to_owned),
            ..FieldProblem::new(at, format!("names a {what} the land office does not know")).of_class("code")
        };
        heard(FaultKind::Mapping, &format!("the land office does not know this {what}"), answer, hidden)
            .with_problem(problem)
    }

    /// What the answer of a list says, where it is an envelope. `Ok`: its rows may be read.
    pub(crate) fn list(&self, body: &[u8]) -> Result<(), Fault> {
        let body = without_mark(body).trim_ascii();
        let is_object = body.first() == Some(&b'{');
        let status = match serde_json::from_slice::<Envelope<'_>>(body) {
            Ok(Envelope { status: Some(_), .. }) if is_object => read(body)?,
            // A bare array, or an object of another shape: the rows decide.
            Ok(_) | Err(_) => return Ok(()),
        };
        let fault = |kind, detail: &str| Err(heard(kind, detail, &status, &[]));
        match (self.words.told(&status.message, ""), status.success) {
            (Told::SessionExpired, _) => fault(FaultKind::Unauthenticated, "the session is not accepted"),
            (Told::Throttled, _) => fault(FaultKind::Throttled, "the land office asks to slow down"),
            (Told::Maintenance, _) => Err(maintenance(&status, &[])),
            (Told::Failure, _) | (_, Some(false)) => fault(FaultKind::Rejected, "the land office refuses the list"),
            (_, Some(true) | None) => Ok(()),
        }
    }

    /// Whether a body with a status that tells no outcome tells one itself: some front ends answer 400 with the envelope.
    pub(crate) fn tells(body: &[u8]) -> bool {
        read(body).is_ok_and(|answer| answer.success == Some(false) && !answer.message.trim().is_empty())
    }
}

impl Answer {
    fn is_server_error(&self) -> bool {
        self.code.len() == 3 && self.code.starts_with('5')
    }
}

fn read(body: &[u8]) -> Result<Answer, Fault> {
    let body = without_mark(body).trim_ascii();
    if body.is_empty() {
        return Err(Fault::of(FaultKind::Unintelligible, "the answer is empty"));
    }
    if body.first() != Some(&b'{') {
        return Err(Fault::of(FaultKind::Unintelligible, "the answer is not a JSON object"));
    }
    let Envelope { data, status } = serde_json::from_slice(body).map_err(|error| {
        let place = format!("the answer has another shape, at line {}, column {}", error.line(), error.column());
        Fault::of(FaultKind::Unintelligible, place)
    })?;
    let Some(Status { success, code, message }) = status else {
        return Err(Fault::of(FaultKind::Unintelligible, "the answer has no status"));
    };
    let denied = data.is_some_and(|raw| matches!(raw.get(), "0" | "false" | "\"0\"" | "\"false\""));
    let success = match success {
        Some(Value::Bool(said)) => Some(said),
        Some(Value::String(said)) if said.eq_ignore_ascii_case("true") => Some(true),
        Some(Value::String(said)) if said.eq_ignore_ascii_case("false") => Some(false),
        Some(_) | None => None,
    };
    Ok(Answer { success, code: code.0, message: message.0, denied })
}

fn maintenance(answer: &Answer, hidden: Hidden<'_>) -> Fault {
    let code = FaultCode::Maintenance;
    let fault = heard(FaultKind::Unavailable, "the land office says it is in maintenance", answer, hidden);
    Fault { code, public: code.public(), ..fault }
}

/// A fault with the land office's own code and words, what must not show hidden.
fn heard(kind: FaultKind, detail: &str, answer: &Answer, hidden: Hidden<'_>) -> Fault {
    let code = Some(answer.code.trim()).filter(|code| !code.is_empty() && code.len() <= 32).map(str::to_owned);
    Fault::of(kind, detail).with_system_answer(code, Some(&without(&answer.message, hidden)))
}
