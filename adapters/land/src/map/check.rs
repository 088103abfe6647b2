//! Collects what is wrong with an input, field by field, so that all of it is told at once. It never repeats a value.

use lienthong_core::{Fault, FaultCode, FaultKind, FieldProblem, Timestamp};
use lienthong_formats::dossier_code::DossierCode;
use lienthong_formats::name;

use super::times;
use crate::config::Zone;

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

    /// One of the two forms of a dossier code.
    pub(crate) fn code(&mut self, pointer: &str, value: &str) {
        if let Err(error) = DossierCode::parse(value) {
            self.bad_code = true;
            self.problems.push(FieldProblem::new(pointer, error.to_string()).of_class("dossier code"));
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

    /// The land office's form of a time.
    pub(crate) fn time(&mut self, pointer: &str, at: Timestamp, zone: Zone) -> String {
        times::written(at, zone).unwrap_or_else(|| {
            self.add(pointer, "lies outside the years the land office can read");
            String::new()
        })
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
