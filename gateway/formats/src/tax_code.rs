//! Tax codes: form and checksum of 10 and 13 digits, and personal numbers of 12. It cannot tell whether a code was issued.

use std::fmt;

#[cfg(test)]
mod tests;

/// Weights of the first nine digits; the tenth is ten less their sum modulo eleven.
const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];

/// A tax code whose form and, where it has one, checksum hold. `Debug` shows its kind only: it may be a person's number.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaxCode {
    text: String,
    kind: TaxCodeKind,
}

/// Whose code it is, as far as its form tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TaxCodeKind {
    /// 10 digits: an organisation, a household business, or a person registered before personal numbers took over.
    Organisation,
    /// 10 digits, a hyphen and 3 digits: a dependent unit.
    Branch,
    /// The 12 digits of a personal number; it has no check digit.
    Personal,
}

/// Why a text is no tax code. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TaxCodeError {
    #[error("a tax code has 10 digits, 13 digits with or without a hyphen, or the 12 digits of a personal number")]
    Form,
    #[error("the tax code's check digit does not match")]
    Checksum,
    /// The sum asks for the check digit ten; such numbers are not given out.
    #[error("the tax code is one of those that are never issued")]
    NeverIssued,
    #[error("the three digits of a dependent unit run from 001 to 999")]
    Branch,
}

impl TaxCode {
    /// Reads a code, blanks around it ignored.
    pub fn parse(text: &str) -> Result<Self, TaxCodeError> {
        let text = text.trim();
        if !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            return Err(TaxCodeError::Form);
        }
        let (root, branch) = match (text.len(), text.split_once('-')) {
            (10, None) => (text, None),
            (13, None) => text.split_at_checked(10).map(|(root, unit)| (root, Some(unit))).ok_or(TaxCodeError::Form)?,
            (14, Some((root, unit))) if root.len() == 10 => (root, Some(unit)),
            (12, None) => return Ok(Self { text: text.to_owned(), kind: TaxCodeKind::Personal }),
            (_, _) => return Err(TaxCodeError::Form),
        };
        checked(root)?;
        match branch {
            None => Ok(Self { text: root.to_owned(), kind: TaxCodeKind::Organisation }),
            Some("000") => Err(TaxCodeError::Branch),
            Some(unit) if unit.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Self { text: format!("{root}-{unit}"), kind: TaxCodeKind::Branch })
            }
            Some(_) => Err(TaxCodeError::Form),
        }
    }

    pub fn kind(&self) -> TaxCodeKind {
        self.kind
    }

    /// The canonical form: a dependent unit's with its hyphen.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The form without a hyphen, which some systems send and want.
    pub fn digits(&self) -> String {
        self.text.replace('-', "")
    }
}

impl fmt::Display for TaxCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for TaxCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaxCode({:?})", self.kind)
    }
}

fn checked(ten: &str) -> Result<(), TaxCodeError> {
    let [first @ .., last] = ten.as_bytes() else { return Err(TaxCodeError::Form) };
    if !ten.bytes().all(|b| b.is_ascii_digit()) {
        return Err(TaxCodeError::Form);
    }
    let sum: u32 = first.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    match 10 - sum % 11 {
        10 => Err(TaxCodeError::NeverIssued),
        check if check == u32::from(last - b'0') => Ok(()),
        _other => Err(TaxCodeError::Checksum),
    }
}
