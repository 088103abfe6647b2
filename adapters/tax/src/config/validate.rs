//! Every problem of a configuration at once, each with the pointer of the value it lies in. It reads no secret and opens nothing.

use lienthong_core::{limits, text};
use lienthong_formats::tax_code::TaxCode;
use lienthong_kit::config::{Address, Problems};
use lienthong_kit::endpoint::{Dates, check_active, check_list};

use super::{EndpointConfig, LedgerConfig, PartnerConfig, SlipAnswerConfig, SlipConfig, SlipRowConfig, TaxConfig};

impl TaxConfig {
    /// What is wrong, as (JSON pointer, what and what to do). Empty means that [`crate::Tax::build`] can only fail on secrets.
    pub fn validate(&self) -> Vec<(String, String)> {
        let mut found = Problems::new();
        let dates = |endpoint: &EndpointConfig| (endpoint.name.clone(), endpoint.from, endpoint.until);
        let dated: Vec<_> = self.endpoints.iter().map(dates).collect();
        check_list(dated.iter().map(|(name, from, until)| Dates { name, from: *from, until: *until }), &mut found);
        check_active(self.active.as_deref(), dated.iter().map(|(name, ..)| name.as_str()), &mut found);
        self.transport.check(self.addresses(), &mut found);
        check_partner(&self.partner, &mut found);
        for (at, namespace) in [("/soap/request", &self.soap.request), ("/soap/response", &self.soap.response)] {
            plain(at, namespace, &mut found);
        }
        if self.soap.action.contains('"') || !self.soap.action.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            found.push(("/soap/action".into(), "must be plain ASCII without quotes".into()));
        }
        self.check_taxpayer(&mut found);
        if let Some(ledger) = &self.ledger {
            check_ledger(ledger, &mut found);
        }
        if let Some(slip) = &self.slip {
            check_slip(slip, &mut found);
        }
        self.phrases.check("/phrases", &mut found);
        if let Some(Err(error)) = self.probe_tax_code.as_deref().map(TaxCode::parse) {
            found.push(("/probe_tax_code".into(), error.to_string()));
        }
        found
    }

    fn addresses(&self) -> Vec<(String, &Address)> {
        let endpoints = self.endpoints.iter().enumerate();
        endpoints.map(|(place, endpoint)| (format!("/endpoints/{place}/url"), &endpoint.url)).collect()
    }

    fn check_taxpayer(&self, found: &mut Problems) {
        let taxpayer = &self.taxpayer;
        plain("/taxpayer/type", &taxpayer.r#type, found);
        plain("/taxpayer/name", &taxpayer.name, found);
        optional("/taxpayer/tran_code", taxpayer.tran_code.as_deref(), found);
    }
}

fn check_partner(partner: &PartnerConfig, found: &mut Problems) {
    let PartnerConfig { code, name, receiver_code, receiver_name } = partner;
    plain("/partner/code", code, found);
    optional("/partner/name", name.as_deref(), found);
    plain("/partner/receiver_code", receiver_code, found);
    plain("/partner/receiver_name", receiver_name, found);
}

fn check_ledger(ledger: &LedgerConfig, found: &mut Problems) {
    let LedgerConfig {
        r#type,
        name,
        tran_code,
        dossier_element,
        owner_element,
        answer_types,
        owed,
        nothing_owed,
        unknown,
    } = ledger;
    plain("/ledger/type", r#type, found);
    plain("/ledger/name", name, found);
    optional("/ledger/tran_code", tran_code.as_deref(), found);
    element("/ledger/dossier_element", dossier_element, found);
    element("/ledger/owner_element", owner_element, found);
    if dossier_element == owner_element {
        found.push(("/ledger/owner_element".into(), "is the element of the dossier code".into()));
    }
    some("/ledger/answer_types", answer_types, found);
    some("/ledger/owed", owed, found);
    disjoint("/ledger", &[("owed", owed), ("nothing_owed", nothing_owed), ("unknown", unknown)], found);
}

fn check_slip(slip: &SlipConfig, found: &mut Problems) {
    let SlipConfig { row, answer, dossier_element, unsigned, authorities: _, max_bytes } = slip;
    if let Some(SlipRowConfig { r#type, name, tran_code, element: inside }) = row {
        plain("/slip/row/type", r#type, found);
        plain("/slip/row/name", name, found);
        optional("/slip/row/tran_code", tran_code.as_deref(), found);
        element("/slip/row/element", inside, found);
    }
    let SlipAnswerConfig { types, state_element, words_element, accepted, refused } = answer;
    some("/slip/answer/types", types, found);
    element("/slip/answer/state_element", state_element, found);
    element("/slip/answer/words_element", words_element, found);
    some("/slip/answer/accepted", accepted, found);
    disjoint("/slip/answer", &[("accepted", accepted), ("refused", refused)], found);
    if let Some(name) = dossier_element {
        element("/slip/dossier_element", name, found);
    }
    for (place, name) in unsigned.iter().enumerate() {
        element(&format!("/slip/unsigned/{place}"), name, found);
    }
    // Base64 makes 4 characters of 3 bytes.
    if !(1..=limits::BODY_BYTES / 4 * 3 - 64 * 1024).contains(max_bytes) {
        found.push(("/slip/max_bytes".into(), "must be at least 1 and at most what a submission can carry".into()));
    }
}

/// A text that goes into messages: some, and nothing XML could not hold.
fn plain(at: &str, value: &str, found: &mut Problems) {
    if value.trim().is_empty() {
        found.push((at.to_owned(), "is empty".into()));
    }
    if !text::is_plain(value) || value.contains(['\n', '\t']) {
        found.push((at.to_owned(), "holds control characters".into()));
    }
}

fn optional(at: &str, value: Option<&str>, found: &mut Problems) {
    if let Some(value) = value {
        plain(at, value, found);
    }
}

/// A name of an element without prefix.
fn element(at: &str, name: &str, found: &mut Problems) {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) {
        found.push((at.to_owned(), "is no name of an element".into()));
    }
}

fn some(at: &str, list: &[String], found: &mut Problems) {
    if list.is_empty() {
        found.push((at.to_owned(), "needs at least one, or no answer is ever believed".into()));
    }
}

/// No code may mean two things.
fn disjoint(at: &str, lists: &[(&str, &Vec<String>)], found: &mut Problems) {
    let mut seen = std::collections::BTreeSet::new();
    for (name, list) in lists {
        for (place, code) in list.iter().enumerate() {
            if !seen.insert(code.trim()) {
                found.push((format!("{at}/{name}/{place}"), "is named twice".into()));
            }
        }
    }
}

#[cfg(test)]
mod tests;
