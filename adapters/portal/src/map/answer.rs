//! Judges the portal's answers: `error_code` and words together make an outcome, and only an explicit one. No I/O.

use lienthong_core::{Fault, FaultCode, FaultKind, text};
use lienthong_kit::fault::without_mark;
use lienthong_kit::hidden::{Hidden, without};
use lienthong_kit::words::{Said, Words};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::config::AnswerCodes;
use crate::wire::answer::{Envelope, LoginAnswer};
use crate::wire::loose::{Many, Text};

#[cfg(test)]
mod tests;

/// How far an answer's `error_code` goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeSays {
    /// `0`, `"0"` or `"00"`.
    Zero,
    Other,
    /// None was given where one belongs.
    Missing,
    /// The form of the answer has no code: a bare array, or a plain text.
    NotGiven,
}

/// An answer, read but not judged.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) says: CodeSays,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) result: Option<&'a RawValue>,
}

/// Which shapes besides the envelope an end point may answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shapes {
    Envelope,
    /// The LGSP re-publication: bare arrays for reads, plain text for writes.
    Bare,
}

/// What a write came to, short of a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Done { message: String },
    Exists { words: Fault },
    NotFound { words: Fault },
}

/// Phrases and codes, and nothing else.
#[derive(Debug, Clone)]
pub(crate) struct Judge {
    pub(crate) words: Words,
    pub(crate) codes: AnswerCodes,
}

/// Reads an answer. The fault is always `unintelligible`.
pub(crate) fn read(body: &[u8], shapes: Shapes) -> Result<Answer<'_>, Fault> {
    let body = without_mark(body).trim_ascii();
    match (body.first(), shapes) {
        (None, _) => Err(unread("the answer is empty")),
        (Some(b'{'), _) => envelope(body),
        (Some(b'['), Shapes::Bare) => {
            let result: &RawValue = serde_json::from_slice(body).map_err(|error| broken(&error))?;
            Ok(Answer { says: CodeSays::NotGiven, code: None, message: String::new(), result: Some(result) })
        }
        (Some(_), Shapes::Bare) => plain(body),
        (Some(_), Shapes::Envelope) => Err(unread("the answer is not a JSON object")),
    }
}

fn envelope(body: &[u8]) -> Result<Answer<'_>, Fault> {
    let Envelope { error_code, message, result } = serde_json::from_slice(body).map_err(|error| broken(&error))?;
    let (says, code) = code_of(error_code)?;
    let result = result.filter(|raw| raw.get() != "null");
    Ok(Answer { says, code, message: message.map_or_else(String::new, shown), result })
}

/// A plain text, bare or as a JSON text. Sentences hold no braces and nothing invisible: what does is another answer's wreck, and the
/// words found in it would be believed.
fn plain(body: &[u8]) -> Result<Answer<'static>, Fault> {
    let message = match serde_json::from_slice::<String>(body) {
        Ok(message) => message,
        Err(_) => {
            std::str::from_utf8(body).map_err(|_| unread("the answer is neither JSON nor UTF-8 text"))?.to_owned()
        }
    };
    let strange = |c: char| matches!(c, '{' | '}') || (c.is_control() && !c.is_whitespace());
    if message.contains(strange) {
        return Err(unread("the answer is no JSON, and no plain sentence either"));
    }
    Ok(Answer { says: CodeSays::NotGiven, code: None, message, result: None })
}

/// 0, "0" and "00" are one; other texts and numbers are codes of their own.
fn code_of(raw: Option<&RawValue>) -> Result<(CodeSays, Option<String>), Fault> {
    let Some(raw) = raw else { return Ok((CodeSays::Missing, None)) };
    let Text(code) =
        serde_json::from_str(raw.get()).map_err(|_| unread("error_code is neither a number nor a text"))?;
    let code = text::excerpt(code.trim(), 32);
    if code.is_empty() {
        return Ok((CodeSays::Missing, None));
    }
    let says = if code.bytes().all(|byte| byte == b'0') { CodeSays::Zero } else { CodeSays::Other };
    Ok((says, Some(code)))
}

fn shown(raw: &RawValue) -> String {
    serde_json::from_str::<Text>(raw.get()).map_or_else(|_| raw.get().to_owned(), |Text(message)| message)
}

fn unread(detail: impl Into<String>) -> Fault {
    Fault::of(FaultKind::Unintelligible, detail)
}

fn broken(error: &serde_json::Error) -> Fault {
    unread(format!("the answer is not readable JSON at line {}, column {}", error.line(), error.column()))
}

impl Judge {
    /// What a write came to. `Err` is a fault that ends the attempt.
    pub(crate) fn write(&self, answer: &Answer<'_>, hidden: Hidden<'_>) -> Result<Verdict, Fault> {
        let fault = |kind, detail: &str| heard(kind, detail, answer, hidden);
        match (self.said(answer), answer.says) {
            (Said::SessionExpired | Said::Maintenance | Said::Throttled, _) => Err(self.early(answer, hidden)),
            (Said::Exists | Said::NotFound | Said::Failure | Said::Unknown, _)
                if self.words.miss_a_file(&answer.message) =>
            {
                let code = FaultCode::FileUnreachable;
                let heard = fault(FaultKind::Rejected, "the portal cannot fetch a file by its link");
                Err(Fault { code, public: code.public(), ..heard })
            }
            (Said::Exists, _) => Ok(Verdict::Exists { words: fault(FaultKind::Conflict, "the portal says it exists") }),
            (Said::NotFound, _) => {
                Ok(Verdict::NotFound { words: fault(FaultKind::NotFound, "the portal says it does not exist") })
            }
            (Said::Failure, _) => Err(fault(FaultKind::Rejected, "the portal says it failed")),
            (Said::Success, CodeSays::Zero | CodeSays::NotGiven) => {
                Ok(Verdict::Done { message: text::excerpt(&answer.message, 500) })
            }
            (Said::Success, CodeSays::Other) => {
                Err(fault(FaultKind::Unintelligible, "words of success with a code that is not zero"))
            }
            (Said::Success, CodeSays::Missing) => {
                Err(fault(FaultKind::Unintelligible, "words of success without an error_code"))
            }
            (Said::Unknown, CodeSays::Other) => Err(self.refused(answer, hidden)),
            (Said::Unknown, CodeSays::Zero | CodeSays::Missing | CodeSays::NotGiven) => {
                Err(fault(FaultKind::Unintelligible, "words nobody knows: neither success nor failure"))
            }
        }
    }

    /// The rows of a read, or a fault.
    pub(crate) fn rows<T: DeserializeOwned>(&self, answer: &Answer<'_>, hidden: Hidden<'_>) -> Result<Vec<T>, Fault> {
        self.readable(answer, hidden)?;
        let Some(result) = answer.result else {
            return Err(heard(FaultKind::Unintelligible, "the answer has no result", answer, hidden));
        };
        let Many(rows) = serde_json::from_str::<Many<T>>(result.get()).map_err(|error| {
            let place = format!("the result has another shape, at line {}, column {}", error.line(), error.column());
            heard(FaultKind::Unintelligible, &place, answer, hidden)
        })?;
        Ok(rows)
    }

    /// Whether the answer of a read may be believed: zero, or a form without a code, and no words to the contrary.
    pub(crate) fn readable(&self, answer: &Answer<'_>, hidden: Hidden<'_>) -> Result<(), Fault> {
        let fault = |kind, detail: &str| Err(heard(kind, detail, answer, hidden));
        match (self.said(answer), answer.says) {
            (Said::SessionExpired | Said::Maintenance | Said::Throttled, _) => Err(self.early(answer, hidden)),
            (Said::NotFound, _) => fault(FaultKind::NotFound, "the portal says it does not exist"),
            (Said::Failure, _) => fault(FaultKind::Rejected, "the portal says it failed"),
            (Said::Exists | Said::Success | Said::Unknown, CodeSays::Zero | CodeSays::NotGiven) => Ok(()),
            (Said::Exists | Said::Unknown, CodeSays::Other) => Err(self.refused(answer, hidden)),
            (Said::Success, CodeSays::Other) => {
                fault(FaultKind::Unintelligible, "words of success with a code that is not zero")
            }
            (Said::Exists | Said::Success | Said::Unknown, CodeSays::Missing) => {
                fault(FaultKind::Unintelligible, "the answer has no error_code")
            }
        }
    }

    /// What the answer says: codes known to mean something come before words.
    pub(crate) fn said(&self, answer: &Answer<'_>) -> Said {
        let known = |codes: &[String]| answer.code.as_ref().is_some_and(|code| codes.contains(code));
        let AnswerCodes { session_expired, throttled, maintenance, refusal: _ } = &self.codes;
        match (known(session_expired), known(maintenance), known(throttled)) {
            (true, _, _) => Said::SessionExpired,
            (false, true, _) => Said::Maintenance,
            (false, false, true) => Said::Throttled,
            (false, false, false) => self.words.said(&answer.message),
        }
    }

    /// A refusal known to come before processing.
    fn early(&self, answer: &Answer<'_>, hidden: Hidden<'_>) -> Fault {
        match self.said(answer) {
            Said::SessionExpired => heard(FaultKind::Unauthenticated, "the session is not accepted", answer, hidden),
            Said::Throttled => heard(FaultKind::Throttled, "the portal asks to slow down", answer, hidden),
            Said::Maintenance | Said::Exists | Said::NotFound | Said::Failure | Said::Success | Said::Unknown => {
                Fault {
                    code: FaultCode::Maintenance,
                    public: FaultCode::Maintenance.public(),
                    ..heard(FaultKind::Unavailable, "the portal says it is in maintenance", answer, hidden)
                }
            }
        }
    }

    /// A code that is not zero, with words that are in no list: the reason of an explicit refusal, unless configuration lists the
    /// codes that refuse and this is none of them.
    fn refused(&self, answer: &Answer<'_>, hidden: Hidden<'_>) -> Fault {
        let refuses = match (&self.codes.refusal, &answer.code) {
            (None, _) => true,
            (Some(codes), Some(code)) => codes.contains(code),
            (Some(_), None) => false,
        };
        match refuses {
            true => heard(FaultKind::Rejected, "the portal refuses with an error_code", answer, hidden),
            false => heard(FaultKind::Unintelligible, "an error_code nobody knows", answer, hidden),
        }
    }

    /// The session of a login, or a fault. Nothing in the fault is the session.
    pub(crate) fn login(&self, body: &[u8], hidden: Hidden<'_>) -> Result<String, Fault> {
        let body = without_mark(body).trim_ascii();
        if body.is_empty() {
            return Err(unread("the answer is empty"));
        }
        let LoginAnswer { session, error_code, message } =
            serde_json::from_slice(body).map_err(|error| broken(&error))?;
        let (says, code) = code_of(error_code)?;
        let answer = Answer { says, code, message: message.map_or_else(String::new, shown), result: None };
        let session = session.and_then(|raw| serde_json::from_str::<Text>(raw.get()).ok());
        let session = session.map(|Text(session)| session).filter(|session| !session.trim().is_empty());
        match (self.said(&answer), says, session) {
            (Said::Maintenance | Said::Throttled, _, _) => Err(self.early(&answer, hidden)),
            (Said::Failure | Said::SessionExpired | Said::NotFound, _, _) | (_, CodeSays::Other, _) => {
                Err(heard(FaultKind::Unauthenticated, "the login is refused", &answer, hidden))
            }
            (Said::Success | Said::Exists | Said::Unknown, CodeSays::Zero, Some(session)) => Ok(session),
            (Said::Success | Said::Exists | Said::Unknown, CodeSays::Zero, None) => {
                Err(heard(FaultKind::Unintelligible, "the login's answer has no session", &answer, hidden))
            }
            (Said::Success | Said::Exists | Said::Unknown, CodeSays::Missing | CodeSays::NotGiven, _) => {
                Err(heard(FaultKind::Unintelligible, "the login's answer has no error_code", &answer, hidden))
            }
        }
    }
}

/// A fault with the portal's own code and words, what must not show hidden.
fn heard(kind: FaultKind, detail: &str, answer: &Answer<'_>, hidden: Hidden<'_>) -> Fault {
    let words = without(&answer.message, hidden);
    Fault::of(kind, detail).with_system_answer(answer.code.clone(), Some(&words))
}
