//! Checks inputs field by field, so that all that is wrong is told at once. It never repeats a value.

use lienthong_core::{Fault, FaultCode, FaultKind, FieldProblem};
use lienthong_formats::citizen_id::{CitizenId, OldIdentityNumber};
use lienthong_formats::dossier_code::DossierCode;
use lienthong_formats::tax_code::TaxCode;

/// Problems found so far.
#[derive(Default)]
pub(crate) struct Found {
    problems: Vec<FieldProblem>,
    bad_code: bool,
}

impl Found {
    /// One of the two forms of a dossier code.
    pub(crate) fn dossier_code(&mut self, pointer: &str, value: &str) {
        if let Err(error) = DossierCode::parse(value) {
            self.bad_code = true;
            self.problems.push(FieldProblem::new(pointer, error.to_string()).of_class("dossier code"));
        }
    }

    /// A tax code whose form and checksum hold; a personal number has none.
    pub(crate) fn tax_code(&mut self, pointer: &str, value: &str) -> Option<TaxCode> {
        TaxCode::parse(value)
            .inspect_err(|error| {
                self.problems.push(FieldProblem::new(pointer, error.to_string()).of_class("tax code"));
            })
            .ok()
    }

    /// An identity number, new or old, or a tax code.
    pub(crate) fn owner_number(&mut self, pointer: &str, value: &str) {
        let known =
            CitizenId::parse(value).is_ok() || OldIdentityNumber::parse(value).is_ok() || TaxCode::parse(value).is_ok();
        if !known {
            let problem = "must be an identity number of 12 or 9 digits, or a tax code whose check digit holds";
            self.problems.push(FieldProblem::new(pointer, problem).of_class("number"));
        }
    }

    /// The value when nothing is wrong, else one fault with everything that is.
    pub(crate) fn settle<T>(self, value: Option<T>) -> Result<T, Fault> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            Some(_) | None => {
                let code = if self.bad_code { FaultCode::DossierCode } else { FaultCode::Invalid };
                let detail = format!("{} field problems before anything was sent", self.problems.len());
                Err(Fault::new(FaultKind::Invalid, code, detail).with_problems(self.problems))
            }
        }
    }
}

/// Whether two dossier codes name one dossier, in whichever form each is.
pub(crate) fn same_dossier(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let parts = |text: &str| {
        let code = DossierCode::parse(text).ok()?;
        Some((units(code.organisation()), code.date(), code.serial().to_owned()))
    };
    parts(one).is_some_and(|one| parts(other) == Some(one))
}

/// The organisation's parts in one order, zero groups left out: `000.00.32.H19` and `H19.32` are one.
fn units(organisation: &str) -> Vec<String> {
    let parts = organisation.split('.').filter(|part| part.bytes().any(|byte| byte != b'0'));
    let mut parts: Vec<String> = parts.map(str::to_owned).collect();
    parts.sort_unstable();
    parts
}
