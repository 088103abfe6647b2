//! Why an attempt failed: a closed list of kinds with one meaning each, and the record that carries the rest. It maps no protocol.

mod code;
mod fingerprint;
mod kind;
mod status;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use code::FaultCode;
pub use fingerprint::{Fingerprint, VERSION as FINGERPRINT_VERSION, fingerprint, normalised, without_indices};
pub use kind::{FaultKind, Origin, Retry};

use crate::{limits, text};

/// One field the message got wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// RFC 6901 pointer into the body the reporter saw; empty for the whole body.
    pub pointer: String,
    /// What is wrong, in English, without the value.
    pub problem: String,
    /// The class of the offending value, never the value of personal data: `missing`, `text`, `number`, a code, a date's form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_class: Option<String>,
    /// The code table a look-up failed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
}

impl FieldProblem {
    pub fn new(pointer: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), problem: problem.into(), value_class: None, table: None }
    }

    #[must_use]
    pub fn of_class(mut self, class: impl Into<String>) -> Self {
        self.value_class = Some(class.into());
        self
    }
}

/// Text that is safe to show to anyone, in both languages of the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicText {
    pub vi: String,
    pub en: String,
}

/// Why something failed. Built with [`Fault::new`] and the `with_` methods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {}", .code.as_str(), .detail)]
pub struct Fault {
    pub kind: FaultKind,
    pub code: FaultCode,
    /// The external system's own code, as it said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_code: Option<String>,
    /// The external system's own words, cut to [`limits::SYSTEM_TEXT_CHARS`]; may hold personal data, so not public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_text: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<FieldProblem>,
    pub public: PublicText,
    /// What the system asked us to wait, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Duration>,
    /// The whole internal chain, for the log and operators.
    pub detail: String,
}

impl Fault {
    /// A fault with the code's own public text.
    pub fn new(kind: FaultKind, code: FaultCode, detail: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            system_code: None,
            system_text: None,
            problems: Vec::new(),
            public: code.public(),
            retry_after: None,
            detail: detail.into(),
        }
    }

    /// A fault whose code is the kind's own.
    pub fn of(kind: FaultKind, detail: impl Into<String>) -> Self {
        Self::new(kind, kind.code(), detail)
    }

    #[must_use]
    pub fn with_system_answer(mut self, code: Option<String>, words: Option<&str>) -> Self {
        self.system_code = code;
        self.system_text = words.map(|words| text::excerpt(words, limits::SYSTEM_TEXT_CHARS));
        self
    }

    #[must_use]
    pub fn with_problem(mut self, problem: FieldProblem) -> Self {
        if self.problems.len() < limits::FIELD_PROBLEMS {
            self.problems.push(problem);
        }
        self
    }

    #[must_use]
    pub fn with_problems(mut self, problems: impl IntoIterator<Item = FieldProblem>) -> Self {
        for problem in problems {
            self = self.with_problem(problem);
        }
        self
    }

    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}
