//! Rules compiled: whether a condition holds for an answer. What follows from it is [`crate::fault`]'s.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use lienthong_core::program::{Compiler, Program, ProgramText};
use lienthong_core::text;
use lienthong_kit::words::{Phrases, Said, Words};
use serde_json::Value;

use crate::answer::Answer;
use crate::config::{ProblemsConfig, RuleConfig, StatusPattern, Then, WhenConfig};
use crate::template::scalar;

/// A compiled rule.
pub(crate) struct Rule {
    status: Vec<StatusPattern>,
    at: String,
    tests: Vec<Test>,
    pages: Vec<String>,
    program: Option<Arc<dyn Program>>,
    pub(crate) then: Then,
    pub(crate) code: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) problems: Option<ProblemsConfig>,
}

/// A condition on the value a rule points at.
enum Test {
    OneOf(Vec<Value>),
    /// For failure: any phrase, folded.
    Contains(Vec<String>),
    /// For success: a phrase that nothing negates.
    Says(Words),
    Exists(bool),
}

/// Why a rule could not be asked.
pub(crate) struct Unasked(pub(crate) String);

/// A condition as a program that leaves its truth in `.holds`; lines stay where they are.
pub(crate) fn condition(place: &str, text: &str) -> ProgramText {
    ProgramText { place: place.to_owned(), text: format!(".holds = {{ {text}\n}}") }
}

impl Rule {
    /// Compiles; `place` is where the rule stands, for problems of its program.
    pub(crate) fn build(config: &RuleConfig, place: &str, programs: &dyn Compiler) -> Result<Self, Vec<String>> {
        let RuleConfig { when, then, code, text: words, problems } = config;
        let WhenConfig { status, at, equals, one_of, contains, exists, page_contains, program } = when;
        let folded = |phrases: &[String]| phrases.iter().map(|phrase| text::folded(phrase)).collect::<Vec<_>>();
        let mut tests = Vec::new();
        tests.extend(equals.as_ref().map(|value| Test::OneOf(vec![value.clone()])));
        tests.extend((!one_of.is_empty()).then(|| Test::OneOf(one_of.clone())));
        tests.extend((!contains.is_empty()).then(|| match then {
            Then::Success => Test::Says(success_words(contains)),
            Then::Throttled
            | Then::Unavailable
            | Then::Maintenance
            | Then::Unauthenticated
            | Then::Forbidden
            | Then::AddressRefused
            | Then::Rejected
            | Then::FileUnreachable
            | Then::Conflict
            | Then::NotFound
            | Then::Unknown => Test::Contains(folded(contains)),
        }));
        tests.extend(exists.map(Test::Exists));
        let program = match program {
            Some(text) => Some(programs.compile(&condition(&format!("{place}/when/program"), text))?),
            None => None,
        };
        Ok(Self {
            status: status.clone(),
            at: at.clone().unwrap_or_default(),
            tests,
            pages: folded(page_contains),
            program,
            then: *then,
            code: code.clone(),
            text: words.clone(),
            problems: problems.clone(),
        })
    }

    /// Whether every condition holds. A success without a status holds for 2xx only, and only for what can be read.
    pub(crate) fn holds(&self, answer: &Answer, input: &Value) -> Result<bool, Unasked> {
        let success = self.then == Then::Success;
        let status = match self.status.as_slice() {
            [] => !success || answer.status / 100 == 2,
            patterns => patterns.iter().any(|pattern| pattern.matches(answer.status)),
        };
        if !status || (success && answer.body.is_err()) || !self.page_holds(answer) {
            return Ok(false);
        }
        if self.tests.is_empty() && self.program.is_none() {
            return Ok(true);
        }
        let Ok(body) = &answer.body else { return Ok(false) };
        let value = body.pointer(&self.at);
        if !self.tests.iter().all(|test| test.holds(value)) {
            return Ok(false);
        }
        match &self.program {
            Some(program) => asked(program.as_ref(), answer.event(input)),
            None => Ok(true),
        }
    }

    fn page_holds(&self, answer: &Answer) -> bool {
        if self.pages.is_empty() {
            return true;
        }
        let page = text::folded(&answer.page);
        self.pages.iter().any(|phrase| page.contains(phrase))
    }
}

impl Test {
    fn holds(&self, value: Option<&Value>) -> bool {
        let words = || value.and_then(scalar);
        match self {
            Self::OneOf(wanted) => value.is_some_and(|value| wanted.iter().any(|one| same(one, value))),
            Self::Contains(phrases) => words().is_some_and(|words| {
                let words = text::folded(&words);
                phrases.iter().any(|phrase| words.contains(phrase))
            }),
            Self::Says(phrases) => words().is_some_and(|words| phrases.said(&words) == Said::Success),
            Self::Exists(wanted) => value.is_some_and(|value| !value.is_null()) == *wanted,
        }
    }
}

/// `0` and `"0"` are one code: systems send either.
fn same(wanted: &Value, found: &Value) -> bool {
    wanted == found || matches!((scalar(wanted), scalar(found)), (Some(wanted), Some(found)) if wanted == found)
}

/// Words that know success and nothing else, so that their rule about negation applies.
fn success_words(phrases: &[String]) -> Words {
    let none = Vec::new;
    Words::new(&Phrases {
        success: phrases.to_vec(),
        failure: none(),
        exists: none(),
        not_found: none(),
        session_expired: none(),
        throttled: none(),
        maintenance: none(),
        address_refused: none(),
        unreachable_file: none(),
    })
}

/// After something was sent, a program that fails tells nothing about what happened.
fn asked(program: &dyn Program, event: Value) -> Result<bool, Unasked> {
    let after = program.run(event).map_err(|fault| Unasked(fault.detail))?;
    after
        .get("holds")
        .and_then(Value::as_bool)
        .ok_or_else(|| Unasked("a rule's program was neither true nor false".to_owned()))
}
