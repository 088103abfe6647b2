//! What a refusal of the database means, by its code and its words. An unknown word means nothing, and nothing here is ever a success.

use std::collections::BTreeMap;

use lienthong_core::{Fault, FaultCode, FaultKind, text};
use lienthong_kit::hidden::{Hidden, without};
use lienthong_kit::words::{Said, Words};

use crate::config::{Meaning, PopulationConfig};

#[cfg(test)]
mod tests;

/// The words and codes a province knows.
#[derive(Debug, Clone)]
pub(crate) struct Judge {
    pub(crate) words: Words,
    forbidden: Vec<String>,
    codes: BTreeMap<String, Meaning>,
}

/// A refusal as it was told.
pub(crate) struct Refusal<'a> {
    /// A SOAP `faultcode` without its prefix, or an `error_code`.
    pub(crate) code: &'a str,
    pub(crate) words: &'a str,
    /// What it means when neither code nor words are known.
    pub(crate) otherwise: Meaning,
}

impl Judge {
    pub(crate) fn new(config: &PopulationConfig) -> Self {
        let PopulationConfig { phrases, codes, .. } = config;
        Self {
            words: Words::new(&phrases.common()),
            forbidden: phrases.forbidden.iter().map(|phrase| text::folded(phrase)).collect(),
            codes: codes.clone(),
        }
    }

    /// The order is the meaning: a code the province wrote down, then words, then what the protocol says.
    pub(crate) fn refusal(&self, told: &Refusal<'_>, hidden: Hidden<'_>) -> Fault {
        let Refusal { code, words, otherwise } = told;
        let known = self.codes.get(*code).copied().map(|meaning| (meaning, FaultCode::Unavailable));
        let (meaning, unavailable) = known.or_else(|| self.said(words)).unwrap_or((*otherwise, FaultCode::Unavailable));
        let shown = Some(without(code, hidden)).filter(|code| is_code(code));
        fault(meaning, unavailable).with_system_answer(shown, Some(&without(words, hidden)))
    }

    /// What words say, and which code an `unavailable` has.
    fn said(&self, words: &str) -> Option<(Meaning, FaultCode)> {
        let plain = |meaning| Some((meaning, FaultCode::Unavailable));
        match self.words.said(words) {
            Said::SessionExpired => plain(Meaning::Unauthenticated),
            Said::Maintenance => Some((Meaning::Unavailable, FaultCode::Maintenance)),
            Said::Throttled => plain(Meaning::Throttled),
            Said::NotFound => plain(Meaning::NotFound),
            // No phrases of these are given to the common judge.
            Said::Exists | Said::Failure | Said::Success | Said::Unknown => {
                let words = text::folded(words);
                let forbidden = self.forbidden.iter().any(|phrase| words.contains(phrase.as_str()));
                forbidden.then_some((Meaning::Forbidden, FaultCode::Unavailable))
            }
        }
    }
}

fn fault(meaning: Meaning, unavailable: FaultCode) -> Fault {
    match meaning {
        Meaning::NotFound => nobody(),
        Meaning::Rejected => Fault::of(FaultKind::Rejected, "the population database refuses the question"),
        Meaning::Forbidden => Fault::of(FaultKind::Forbidden, "procedure, unit or officer may not ask"),
        Meaning::Unauthenticated => Fault::of(FaultKind::Unauthenticated, "our account or token is not accepted"),
        Meaning::Throttled => Fault::of(FaultKind::Throttled, "the population database asks to slow down"),
        Meaning::Unavailable => {
            Fault::new(FaultKind::Unavailable, unavailable, "the population database is not serving")
        }
        Meaning::Unknown => unintelligible("words nobody knows, or a failure of the database's own"),
    }
}

/// Nobody fits.
pub(crate) fn nobody() -> Fault {
    Fault::of(FaultKind::NotFound, "the population database has nobody who fits")
}

pub(crate) fn unintelligible(detail: impl Into<String>) -> Fault {
    Fault::of(FaultKind::Unintelligible, detail)
}

/// Whether it may be shown as a code: short and plain, so that no words hide in it.
fn is_code(code: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=32).contains(&code.len()) && code.bytes().all(plain)
}
