//! The name of a cause: pure and versioned, with ids, numbers, dates and names normalised away. It stores nothing.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Fault;
use crate::id::IdError;
use crate::{OperationName, SystemId, text};

/// Raised whenever [`fingerprint`] would name a cause differently; it is part of every fingerprint.
pub const VERSION: u8 = 1;

/// The stable id of an error group: `<version>-<32 hex digits>`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(String);

impl Fingerprint {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = IdError;
    fn from_str(value: &str) -> Result<Self, IdError> {
        let shaped = value.split_once('-').is_some_and(|(version, digest)| {
            version.parse::<u8>().is_ok() && digest.len() == 32 && digest.bytes().all(|b| b.is_ascii_hexdigit())
        });
        if shaped { Ok(Self(value.to_owned())) } else { Err(IdError::Malformed) }
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = IdError;
    fn try_from(value: String) -> Result<Self, IdError> {
        value.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(value: Fingerprint) -> String {
        value.0
    }
}

/// Names the cause of a fault: system, operation, code, then either the field problems or the system's normalised words.
pub fn fingerprint(system: &SystemId, operation: &OperationName, fault: &Fault) -> Fingerprint {
    let mut digest = Sha256::new();
    let mut part = |text: &str| {
        digest.update(text.as_bytes());
        digest.update([0]);
    };
    part(system.as_str());
    part(operation.as_str());
    part(fault.code.as_str());
    part(fault.system_code.as_deref().unwrap_or(""));
    if fault.problems.is_empty() {
        part(&normalised(fault.system_text.as_deref().unwrap_or("")));
    }
    for problem in &fault.problems {
        part(&without_indices(&problem.pointer));
        part(&normalised(&problem.problem));
        part(problem.table.as_deref().unwrap_or(""));
        part(problem.value_class.as_deref().unwrap_or(""));
    }
    let hex: String = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Fingerprint(format!("{VERSION}-{hex}"))
}

/// `/papers/3/name` and `/papers/4/name` are one cause.
pub fn without_indices(pointer: &str) -> String {
    let star = |part: &str| {
        if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) { "*".to_owned() } else { part.to_owned() }
    };
    pointer.split('/').map(star).collect::<Vec<_>>().join("/")
}

/// A message with what varies between two equal causes replaced: words holding digits become `#`, runs of two or more
/// capitalised words become `<name>`, quoted parts `<text>`; the rest folded.
pub fn normalised(message: &str) -> String {
    let unquoted = without_quotes(&text::nfc(message));
    let mut out: Vec<String> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for word in unquoted.split_whitespace() {
        if is_name_like(word) {
            names.push(word);
            continue;
        }
        flush(&mut names, &mut out);
        push(&mut out, variable_or_folded(word));
    }
    flush(&mut names, &mut out);
    out.join(" ")
}

fn flush(names: &mut Vec<&str>, out: &mut Vec<String>) {
    match names.as_slice() {
        [] => {}
        [one] => push(out, text::folded(one)),
        [_, _, ..] => push(out, "<name>".to_owned()),
    }
    names.clear();
}

fn push(out: &mut Vec<String>, word: String) {
    let repeats = matches!(word.as_str(), "#" | "<name>" | "<text>") && out.last() == Some(&word);
    if !repeats {
        out.push(word);
    }
}

fn variable_or_folded(word: &str) -> String {
    if word.chars().any(|c| c.is_ascii_digit()) { "#".to_owned() } else { text::folded(word) }
}

fn is_name_like(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
        && word.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | ',' | '-'))
}

fn without_quotes(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut closing: Option<char> = None;
    for c in message.chars() {
        match (closing, c) {
            (Some(end), _) if c == end => {
                closing = None;
                out.push_str(" <text> ");
            }
            (Some(_), _) => {}
            (None, '"') => closing = Some('"'),
            (None, '“') => closing = Some('”'),
            (None, '«') => closing = Some('»'),
            (None, other) => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{FaultKind, FieldProblem};

    fn named(fault: &Fault) -> Fingerprint {
        fingerprint(&SystemId::new("portal").unwrap(), &OperationName::new("portal.sync-dossier").unwrap(), fault)
    }

    fn said(words: &str) -> Fault {
        Fault::of(FaultKind::Rejected, "refused").with_system_answer(Some("3".into()), Some(words))
    }

    #[test]
    fn ids_numbers_dates_and_names_do_not_split_a_group() {
        let one = said("Mã hồ sơ H56.14-250115-0007 của Nguyễn Văn Mẫu ngày 15/01/2025 sai");
        let two = said("mã hồ sơ H56.14-250220-0011 của Trần Thị Thử Nghiệm ngày 20/02/2025 sai");
        assert_eq!(named(&one), named(&two));
    }

    #[test]
    fn other_words_codes_or_fields_are_other_causes() {
        assert_ne!(named(&said("thiếu lệ phí")), named(&said("thiếu giấy tờ")));
        let field = |pointer: &str| said("x").with_problem(FieldProblem::new(pointer, "is too long"));
        assert_ne!(named(&field("/note")), named(&field("/summary")));
        assert_eq!(named(&field("/papers/3/name")), named(&field("/papers/4/name")));
    }

    #[test]
    fn a_fingerprint_survives_its_own_text_and_nothing_else_does() {
        let name = named(&said("x"));
        assert_eq!(name.to_string().parse::<Fingerprint>().unwrap(), name);
        assert!("1-zz".parse::<Fingerprint>().is_err());
    }

    #[test]
    fn quoted_parts_and_repeats_fold() {
        assert_eq!(normalised("Trường \"abc def\" sai 12 34"), "trường <text> sai #");
    }
}
