//! How a function of ours tells why it failed: a structure that rides along in VRL's error and never holds a value that may be personal.

use lienthong_core::text::excerpt;
use serde::{Deserialize, Serialize};
use vrl::compiler::ExpressionError;
use vrl::diagnostic::Note;
use vrl::value::Value;

use crate::routing::value::class_of;

/// Marks our note among VRL's own.
const MARK: &str = "lienthong:told:";
/// Longest code shown, in characters.
const CODE_CHARS: usize = 64;
/// From this many digits on, a number may be a person's.
const PERSONAL_DIGITS: usize = 9;

/// Why a function of ours failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::routing) struct Told {
    /// Keyword and place of the argument that is to blame.
    pub(in crate::routing) argument: (String, usize),
    /// Without the value.
    pub(in crate::routing) problem: String,
    pub(in crate::routing) class: Option<String>,
    /// The table that has no row for it.
    pub(in crate::routing) table: Option<String>,
}

impl Told {
    pub(super) fn new(argument: (&'static str, usize), problem: impl Into<String>) -> Self {
        let argument = (argument.0.to_owned(), argument.1);
        Self { argument, problem: problem.into(), class: None, table: None }
    }

    /// The class of the value that was not taken.
    pub(super) fn of(mut self, value: &Value) -> Self {
        self.class = Some(if value.is_null() { "missing" } else { class_of(value) }.to_owned());
        self
    }

    pub(super) fn classed(mut self, class: impl Into<String>) -> Self {
        self.class = Some(class.into());
        self
    }

    pub(super) fn in_table(mut self, table: &str) -> Self {
        self.table = Some(table.to_owned());
        self
    }

    pub(super) fn error(&self) -> ExpressionError {
        let note = serde_json::to_string(self).unwrap_or_default();
        ExpressionError::Error {
            message: self.problem.clone(),
            labels: Vec::new(),
            notes: vec![Note::Hint(format!("{MARK}{note}"))],
        }
    }

    /// What a function of ours told in VRL's error, if it was one of ours.
    pub(in crate::routing) fn from_error(error: &ExpressionError) -> Option<Self> {
        let ExpressionError::Error { notes, .. } = error else { return None };
        notes.iter().find_map(|note| match note {
            Note::Hint(text) => serde_json::from_str(text.strip_prefix(MARK)?).ok(),
            Note::Example(_)
            | Note::CoerceValue
            | Note::SeeFunctionDocs(_)
            | Note::SeeErrorDocs
            | Note::SeeCodeDocs(_)
            | Note::SeeLangDocs
            | Note::SeeFunctionCharacteristicsDocs
            | Note::SeeRepl
            | Note::SeeDocs(..)
            | Note::Basic(_)
            | Note::UserErrorMessage(_) => None,
        })
    }
}

/// A code as operators see it. What may be a person's number or a text that somebody took for a code shows as its kind only.
pub(super) fn shown_code(code: &str) -> String {
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    if digits == code.len() && digits >= PERSONAL_DIGITS {
        return format!("number of {digits} digits");
    }
    if code.is_empty() {
        return "empty".to_owned();
    }
    if code.chars().count() > CODE_CHARS || code.split_whitespace().count() > 4 {
        return "text".to_owned();
    }
    excerpt(code, CODE_CHARS)
}
