//! What the land office's Vietnamese words mean, and of what they are said: pure, by configured phrases. An unknown phrase means nothing.

use lienthong_core::text;
use lienthong_kit::words::{Said, Words};

use crate::config::LandPhrases;

#[cfg(test)]
mod tests;

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    SessionExpired,
    Maintenance,
    Throttled,
    /// This very dossier is there already.
    Exists,
    /// The result of this very dossier was returned before.
    Returned,
    /// Something exists or was returned, and it is not said to be this dossier.
    OtherExists,
    /// No supplement was asked for.
    NotWaiting,
    UnknownOfficer,
    UnknownProcedure,
    NotFound,
    Failure,
    Success,
    Unknown,
}

/// The phrases, folded once.
#[derive(Debug, Clone)]
pub(crate) struct LandWords {
    pub(crate) common: Words,
    exists: Vec<String>,
    returned: Vec<String>,
    not_found: Vec<String>,
    not_waiting: Vec<String>,
    dossier: Vec<String>,
    other_things: Vec<String>,
    officer: Vec<String>,
    procedure: Vec<String>,
}

impl LandWords {
    pub(crate) fn new(phrases: &LandPhrases) -> Self {
        let folded = |list: &[String]| list.iter().map(|phrase| text::folded(phrase)).collect();
        Self {
            common: Words::new(&phrases.common()),
            exists: folded(&phrases.exists),
            returned: folded(&phrases.returned),
            not_found: folded(&phrases.not_found),
            not_waiting: folded(&phrases.not_waiting),
            dossier: folded(&phrases.dossier),
            other_things: folded(&phrases.other_things),
            officer: folded(&phrases.officer),
            procedure: folded(&phrases.procedure),
        }
    }

    /// The order is the meaning: what comes before processing; then what contradicts "it is so already"; then that; then failure,
    /// which wins over success.
    pub(crate) fn told(&self, message: &str, code: &str) -> Told {
        let said = self.common.said(message);
        match said {
            Said::SessionExpired => return Told::SessionExpired,
            Said::Maintenance => return Told::Maintenance,
            Said::Throttled => return Told::Throttled,
            Said::Exists | Said::NotFound | Said::Failure | Said::Success | Said::Unknown => {}
        }
        let message = text::folded(message);
        if contains(&message, &self.not_waiting) {
            return Told::NotWaiting;
        }
        if let Some(clause) = clause_of(&message, &self.not_found) {
            return self.missing(clause);
        }
        if let Some(clause) = clause_of(&message, &self.returned) {
            return if self.is_of_dossier(clause, &message, code) { Told::Returned } else { Told::OtherExists };
        }
        if let Some(clause) = clause_of(&message, &self.exists) {
            return if self.is_of_dossier(clause, &message, code) { Told::Exists } else { Told::OtherExists };
        }
        match said {
            Said::Failure => Told::Failure,
            Said::Success => Told::Success,
            Said::Unknown => Told::Unknown,
            // None of the phrases that lead here is given to the common judge.
            Said::SessionExpired | Said::Maintenance | Said::Throttled | Said::Exists | Said::NotFound => Told::Unknown,
        }
    }

    fn missing(&self, clause: &str) -> Told {
        match (contains(clause, &self.officer), contains(clause, &self.procedure)) {
            (true, _) => Told::UnknownOfficer,
            (false, true) => Told::UnknownProcedure,
            (false, false) => Told::NotFound,
        }
    }

    /// Said of the dossier, in the same clause, of nothing else, and naming no other dossier.
    fn is_of_dossier(&self, clause: &str, message: &str, code: &str) -> bool {
        let own = text::folded(code);
        contains(clause, &self.dossier)
            && !contains(clause, &self.other_things)
            && dossier_codes(message).all(|named| named == own)
    }
}

fn contains(message: &str, phrases: &[String]) -> bool {
    phrases.iter().any(|phrase| message.contains(phrase.as_str()))
}

/// The clause in which the first of the phrases stands, where one does.
fn clause_of<'m>(message: &'m str, phrases: &[String]) -> Option<&'m str> {
    let at = phrases.iter().filter_map(|phrase| message.find(phrase.as_str())).min()?;
    let ends = |(place, mark): &(usize, char)| match mark {
        ',' | ';' | ':' | '!' | '?' | '|' => true,
        // A point ends a clause only before a blank: codes hold points too.
        '.' => message.get(place.saturating_add(1)..).is_none_or(|after| after.is_empty() || after.starts_with(' ')),
        _other => false,
    };
    let marks: Vec<usize> = message.char_indices().filter(ends).map(|(place, _)| place).collect();
    let start = marks.iter().rfind(|place| **place < at).map_or(0, |place| place.saturating_add(1));
    let end = marks.iter().find(|place| **place > at).copied().unwrap_or(message.len());
    message.get(start..end).map(str::trim)
}

/// Words that look like a dossier code: letters, digits and points, then a date and a number behind hyphens.
fn dossier_codes(message: &str) -> impl Iterator<Item = &str> {
    let is_mark = |c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-');
    message.split(is_mark).map(|word| word.trim_matches(['.', '-'])).filter(|word| {
        let mut parts = word.rsplitn(3, '-');
        let digits = |part: Option<&str>, least: usize| {
            part.is_some_and(|part| part.len() >= least && part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        digits(parts.next(), 1) && digits(parts.next(), 6) && parts.next().is_some_and(|root| !root.is_empty())
    })
}
