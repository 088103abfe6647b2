//! The dossier code, `<organisation id>-yyMMdd-<serial>`, the id in either form. It is read and never rewritten.

use std::fmt;

use jiff::civil::Date;

use crate::date;
use crate::organisation::{self, Form};

/// Most digits of a serial number.
const SERIAL_DIGITS: usize = 12;

/// A dossier code as it was given. Two codes are equal when their texts are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DossierCode {
    text: String,
    organisation: usize,
    date: Date,
}

/// Why a text is no dossier code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DossierCodeError {
    #[error("must read <organisation id>-yyMMdd-<serial>")]
    Form,
    #[error("must begin with an organisation id such as H56.14 or 000.00.14.H56")]
    Organisation,
    #[error("must name its day as yyMMdd after the organisation id")]
    Day,
    #[error("must end in a serial number, digits only")]
    Serial,
}

impl DossierCode {
    /// Reads a code exactly as it stands; blanks around it are not part of any code and refused.
    pub fn parse(text: &str) -> Result<Self, DossierCodeError> {
        let mut parts = text.rsplitn(3, '-');
        let (Some(serial), Some(day), Some(organisation)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(DossierCodeError::Form);
        };
        organisation::form(organisation).ok_or(DossierCodeError::Organisation)?;
        let date = date::two_digit_year(day).ok_or(DossierCodeError::Day)?;
        if !(1..=SERIAL_DIGITS).contains(&serial.len()) || !serial.bytes().all(|b| b.is_ascii_digit()) {
            return Err(DossierCodeError::Serial);
        }
        Ok(Self { text: text.to_owned(), organisation: organisation.len(), date })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The organisation id, in the form the code has it.
    pub fn organisation(&self) -> &str {
        self.text.get(..self.organisation).unwrap_or_default()
    }

    /// The form of its organisation id.
    pub fn form(&self) -> Form {
        organisation::form(self.organisation()).unwrap_or(Form::New)
    }

    /// The level-1 organisation: `H56`. Codes from before a merger keep the province they were given in.
    pub fn root(&self) -> &str {
        organisation::root(self.organisation()).unwrap_or_default()
    }

    /// The day it was given; years are of this century.
    pub fn date(&self) -> Date {
        self.date
    }

    /// The serial number with its leading zeros.
    pub fn serial(&self) -> &str {
        self.text.rsplit('-').next().unwrap_or_default()
    }
}

impl fmt::Display for DossierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_forms_are_read_and_neither_is_rewritten() {
        let new = DossierCode::parse("H56.14-250115-0007").unwrap();
        let old = DossierCode::parse("000.00.14.H56-250115-0007").unwrap();
        for code in [&new, &old] {
            assert_eq!((code.root(), code.date(), code.serial()), ("H56", date(2025, 1, 15), "0007"));
        }
        assert_eq!((new.organisation(), new.form()), ("H56.14", Form::New));
        assert_eq!((old.organisation(), old.form()), ("000.00.14.H56", Form::Old));
        assert_ne!(new, old);
        assert_eq!(old.to_string(), "000.00.14.H56-250115-0007");
    }

    #[test]
    fn what_breaks_the_rule_is_told_apart() {
        for (text, error) in [
            ("H56.14-250115", DossierCodeError::Form),
            ("h56.14-250115-0007", DossierCodeError::Organisation),
            (" H56.14-250115-0007", DossierCodeError::Organisation),
            ("H56.14-250230-0007", DossierCodeError::Day),
            ("H56.14-20250115-0007", DossierCodeError::Day),
            ("H56.14-250115-00a7", DossierCodeError::Serial),
            ("H56.14-250115-", DossierCodeError::Serial),
            ("H56.14-250115-0007 ", DossierCodeError::Serial),
        ] {
            assert_eq!(DossierCode::parse(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_code_is_made_of_its_parts(text in "([A-Z][0-9]{2}(\\.[0-9]{2}){0,3}|000\\.00\\.[0-9]{2}\\.[A-Z][0-9]{2})-[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])-[0-9]{1,12}") {
            let code = DossierCode::parse(&text).unwrap();
            let day = code.date().strftime("%y%m%d");
            prop_assert_eq!(format!("{}-{day}-{}", code.organisation(), code.serial()), text);
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _parsed = DossierCode::parse(&text);
        }
    }
}
