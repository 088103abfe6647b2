//! Collects what is wrong with an input, field by field, so that all of it is told at once. It never repeats a value.

use lienthong_core::{Fault, FaultCode, FaultKind, FieldProblem, Timestamp};
use lienthong_formats::name;

use super::{Rules, code, dates};

/// Problems found so far.
#[derive(Default)]
pub(crate) struct Found {
    problems: Vec<FieldProblem>,
    bad_code: bool,
}

impl Found {
    pub(crate) fn add(&mut self, pointer: impl Into<String>, problem: impl Into<String>) {
        self.problems.push(FieldProblem::new(pointer, problem));
    }

    /// The dossier code rule.
    pub(crate) fn code(&mut self, rules: &Rules, pointer: &str, value: &str) {
        if let Some(problem) = code::problem(&rules.codes, value) {
            self.bad_code = true;
            self.problems.push(FieldProblem::new(pointer, problem).of_class("dossier code"));
        }
    }

    /// A name that somebody else could read: there, and in no legacy encoding.
    pub(crate) fn name(&mut self, pointer: &str, value: &str) {
        self.required(pointer, value);
        if let Some(problem) = name::problem(value) {
            self.problems.push(FieldProblem::new(pointer, problem).of_class("text"));
        }
    }

    /// At least one visible character.
    pub(crate) fn required(&mut self, pointer: impl Into<String>, value: &str) {
        if value.trim().is_empty() {
            self.problems.push(FieldProblem::new(pointer, "must not be empty").of_class("empty"));
        }
    }

    /// At most `limit` characters; over-long text is refused, never cut.
    pub(crate) fn length(&mut self, pointer: impl Into<String>, value: &str, limit: usize) {
        // Bytes are never fewer than characters: most texts are settled without counting.
        if value.len() > limit && value.chars().count() > limit {
            let problem = format!("is longer than the {limit} characters the portal takes; shorten it at the source");
            self.problems.push(FieldProblem::new(pointer, problem).of_class("too long"));
        }
    }

    /// Something the portal can pull.
    pub(crate) fn url(&mut self, pointer: impl Into<String>, value: &str) {
        if !(value.starts_with("http://") || value.starts_with("https://")) {
            self.add(pointer, "must be an http or https address the portal can fetch");
        }
    }

    /// The portal's form of a time.
    pub(crate) fn moment(&mut self, pointer: &str, at: Timestamp) -> String {
        dates::moment(at).unwrap_or_else(|| {
            self.add(pointer, "lies outside the years the portal can write");
            String::new()
        })
    }

    /// As [`Found::moment`]; blank for what is absent.
    pub(crate) fn moment_or_blank(&mut self, pointer: &str, at: Option<Timestamp>) -> String {
        at.map_or_else(String::new, |at| self.moment(pointer, at))
    }

    /// The value when nothing is wrong, else one fault with everything that is.
    pub(crate) fn settle<T>(self, value: T) -> Result<T, Fault> {
        if self.problems.is_empty() {
            return Ok(value);
        }
        let code = if self.bad_code { FaultCode::DossierCode } else { FaultCode::Invalid };
        let detail = format!("{} field problems before anything was sent", self.problems.len());
        Err(Fault::new(FaultKind::Invalid, code, detail).with_problems(self.problems))
    }
}
