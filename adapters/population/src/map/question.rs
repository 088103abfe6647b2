//! A question as the database reads it. It checks everything that no schema can say, tells every problem at once, and repeats no value.

use lienthong_core::secret::Personal;
use lienthong_core::{Fault, FaultCode, FaultKind, FieldProblem, text};
use lienthong_formats::citizen_id::{CitizenId, OldIdentityNumber};
use lienthong_formats::date::{self, Format, Parsed};
use lienthong_formats::{encoding, name, organisation};

use crate::config::{AccountConfig, NameForm, PopulationConfig, UnitConfig, UnitSent};
use crate::model::{CitizenQuestion, Purpose};
use crate::wire::{Birth, Request, longest};

#[cfg(test)]
mod tests;

/// What mapping needs of the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    names: NameForm,
    unit: UnitConfig,
    account: Option<AccountConfig>,
    procedures: Vec<String>,
}

impl Rules {
    pub(crate) fn of(config: &PopulationConfig) -> Self {
        let PopulationConfig { names, unit, account, procedures, .. } = config;
        Self { names: *names, unit: unit.clone(), account: account.clone(), procedures: procedures.clone() }
    }
}

/// The request, without its id and integration code. The checks 001 to 004 are those an existing client makes before it asks.
pub(crate) fn request(rules: &Rules, given: &CitizenQuestion) -> Result<Request, Fault> {
    let CitizenQuestion { purpose, identity_number, old_identity_number, name: Personal(name), birth_date } = given;
    let Purpose { procedure_code, officer, unit } = purpose;
    let mut found = Found::default();
    found.code("/purpose/procedure_code", procedure_code, longest::PROCEDURE, "001");
    found.code("/purpose/officer", officer, longest::OFFICER, "003");
    let unit = found.unit(&rules.unit, unit.as_deref());
    let numbers = found.numbers(identity_number.as_ref(), old_identity_number.as_ref());
    let request = Request {
        ma_yeu_cau: String::new(),
        ma_dvc: procedure_code.trim().to_owned(),
        ma_tich_hop: String::new(),
        ma_can_bo: officer.trim().to_owned(),
        ma_don_vi: unit,
        tai_khoan: rules.account.as_ref().map(|account| account.name.as_deref().unwrap_or(officer.trim()).to_owned()),
        so_dien_thoai: rules.account.as_ref().map(|account| account.phone.clone()),
        so_dinh_danh: numbers.0,
        so_cmnd: numbers.1,
        ho_va_ten: found.name(rules.names, name),
        ngay_thang_nam_sinh: birth_date.as_ref().and_then(|Personal(text)| found.birth(text)),
    };
    found.settle()?;
    licensed(rules, procedure_code.trim())?;
    Ok(request)
}

/// Check 004.
fn licensed(rules: &Rules, procedure: &str) -> Result<(), Fault> {
    if rules.procedures.is_empty() || rules.procedures.iter().any(|known| known.trim() == procedure) {
        return Ok(());
    }
    let problem = "is not licensed to use the population database; see `procedures` in the system's settings";
    Err(Fault::of(FaultKind::Forbidden, "check 004: the procedure is not licensed to use the population database")
        .with_problem(FieldProblem::new("/purpose/procedure_code", problem).of_class("code")))
}

/// Check 005.
pub(crate) fn no_key_of_officer() -> Fault {
    let problem = "has no key at the provincial platform; see `officers` in the system's settings";
    Fault::of(FaultKind::Forbidden, "check 005: the officer has no right to ask")
        .with_problem(FieldProblem::new("/purpose/officer", problem).of_class("code"))
}

/// Problems found so far.
#[derive(Default)]
struct Found(Vec<FieldProblem>);

impl Found {
    fn add(&mut self, pointer: &str, problem: impl Into<String>, class: &str) {
        self.0.push(FieldProblem::new(pointer, problem).of_class(class));
    }

    fn code(&mut self, pointer: &str, value: &str, limit: usize, check: &str) {
        if value.trim().is_empty() {
            self.add(pointer, format!("must be named: the law asks for it (check {check})"), "missing");
        } else if value.trim().chars().count() > limit {
            self.add(pointer, format!("is longer than the {limit} characters the database takes"), "text");
        } else if !text::is_plain(value) {
            self.add(pointer, "holds characters no code has", "text");
        }
    }

    /// Check 002.
    fn unit(&mut self, rule: &UnitConfig, given: Option<&str>) -> Option<String> {
        let UnitConfig { sent, default } = rule;
        let unit = given.map(str::trim).filter(|unit| !unit.is_empty());
        if unit.is_some_and(|unit| organisation::form(unit).is_none() || unit.chars().count() > longest::UNIT) {
            self.add("/purpose/unit", "is no organisation id such as H56.14 or 000.00.14.H56", "text");
        }
        let unit = unit.or(default.as_deref()).map(str::to_owned);
        match sent {
            UnitSent::Never => None,
            UnitSent::Known => unit,
            UnitSent::Required => {
                if unit.is_none() {
                    self.add("/purpose/unit", "must be named: the law asks for it (check 002)", "missing");
                }
                unit
            }
        }
    }

    /// The 12-digit number and the old one; at least one of them.
    fn numbers(
        &mut self,
        identity_number: Option<&Personal<String>>,
        old: Option<&Personal<String>>,
    ) -> (Option<String>, Option<String>) {
        let present = |number: Option<&Personal<String>>| number.map(|Personal(text)| text.trim().to_owned());
        let (new, old) = (present(identity_number).filter(|text| !text.is_empty()), present(old));
        let old = old.filter(|text| !text.is_empty());
        if let Some(Err(error)) = new.as_deref().map(CitizenId::parse) {
            self.add("/identity_number", error.to_string(), "number");
        }
        if let Some(Err(error)) = old.as_deref().map(OldIdentityNumber::parse) {
            self.add("/old_identity_number", error.to_string(), "number");
        }
        if new.is_none() && old.is_none() {
            self.add("/identity_number", "must be given, or the old identity number", "missing");
        }
        (new, old)
    }

    fn name(&mut self, form: NameForm, given: &str) -> String {
        let sent = match form {
            NameForm::Plain => name::upper_ascii(given),
            NameForm::Accented => text::nfc(&name::normalised(given).to_uppercase()),
        };
        if let Some(legacy) = encoding::mistaken(given) {
            let problem =
                format!("looks like {} taken for another encoding: convert it at the source", legacy.as_str());
            self.add("/name", problem, "text");
        } else if form == NameForm::Plain && given.chars().any(is_lost) {
            self.add("/name", "holds a letter that capitals without accents cannot write", "text");
        }
        if sent.is_empty() {
            self.add("/name", "holds no letter", "missing");
        } else if sent.chars().count() > longest::NAME {
            let problem = format!("is longer than the {} characters the database takes", longest::NAME);
            self.add("/name", problem, "text");
        }
        sent
    }

    fn birth(&mut self, given: &str) -> Option<Birth> {
        let given = given.trim();
        let read = match given.len() {
            0 => return None,
            4 => date::parse(Format::CompactBirth, given),
            _day => date::parse(Format::DashedDay, given),
        };
        match read {
            Ok(Parsed::Day(day)) => return Some(Birth::Day(day)),
            Ok(Parsed::Year(year)) => return Some(Birth::Year(year)),
            Ok(Parsed::Moment(_) | Parsed::Month { .. }) => {
                self.add("/birth_date", "must be yyyy-MM-dd or yyyy", "text");
            }
            Err(error) => self.add("/birth_date", format!("{error}; it must be yyyy-MM-dd or yyyy"), "text"),
        }
        None
    }

    fn settle(self) -> Result<(), Fault> {
        if self.0.is_empty() {
            return Ok(());
        }
        let detail = format!("{} field problems before anything was sent", self.0.len());
        Err(Fault::new(FaultKind::Invalid, FaultCode::Invalid, detail).with_problems(self.0))
    }
}

/// A letter that would go missing: somebody else might be found, or nobody.
fn is_lost(c: char) -> bool {
    c.is_alphabetic() && name::upper_ascii(c.encode_utf8(&mut [0; 4])).is_empty()
}

/// Everything of a question that must not show in a fault, in the forms it was given and sent in.
pub(crate) fn hidden(given: &CitizenQuestion, sent: &Request) -> Vec<String> {
    let CitizenQuestion { purpose: _, identity_number, old_identity_number, name: Personal(name), birth_date } = given;
    let mut all = vec![name.clone(), name::normalised(name), sent.ho_va_ten.clone(), name::upper_ascii(name)];
    for Personal(text) in [identity_number, old_identity_number, birth_date].into_iter().flatten() {
        all.push(text.clone());
    }
    all.extend(sent.ngay_thang_nam_sinh.into_iter().flat_map(|birth| [birth.compact(), birth.dashed()]));
    all
}
