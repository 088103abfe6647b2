//! Personal numbers: the 12-digit one with its parts, and the 9-digit one it replaced. They have no check digit.

use std::fmt;

/// A personal number (số định danh): birth registration province (3), century and sex (1), year (2), chance (6). `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CitizenId(String);

/// The number of an old identity card, 9 digits. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OldIdentityNumber(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    Male,
    Female,
}

/// Why a text is no personal number. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CitizenIdError {
    #[error("a personal number has 12 digits")]
    NotTwelveDigits,
    #[error("an old identity number has 9 digits")]
    NotNineDigits,
}

impl CitizenId {
    pub fn parse(text: &str) -> Result<Self, CitizenIdError> {
        digits(text, 12).map(Self).ok_or(CitizenIdError::NotTwelveDigits)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 3-digit code of the province of birth registration, as it was then: mergers do not change it.
    pub fn province(&self) -> &str {
        self.0.get(..3).unwrap_or_default()
    }

    pub fn sex(&self) -> Sex {
        if self.digit(3).is_multiple_of(2) { Sex::Male } else { Sex::Female }
    }

    /// The century of birth, counted as people do: 20 for 1900 to 1999.
    pub fn century(&self) -> u16 {
        20 + self.digit(3) / 2
    }

    pub fn birth_year(&self) -> u16 {
        (self.century() - 1) * 100 + self.digit(4) * 10 + self.digit(5)
    }

    fn digit(&self, at: usize) -> u16 {
        self.0.as_bytes().get(at).map_or(0, |b| u16::from(b.wrapping_sub(b'0')))
    }
}

impl OldIdentityNumber {
    pub fn parse(text: &str) -> Result<Self, CitizenIdError> {
        digits(text, 9).map(Self).ok_or(CitizenIdError::NotNineDigits)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn digits(text: &str, count: usize) -> Option<String> {
    let text = text.trim();
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned())
}

impl fmt::Display for CitizenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CitizenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CitizenId(***)")
    }
}

impl fmt::Display for OldIdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for OldIdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OldIdentityNumber(***)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_parts_of_a_personal_number() {
        let woman = CitizenId::parse("038199000001").unwrap();
        assert_eq!(
            (woman.province(), woman.sex(), woman.century(), woman.birth_year()),
            ("038", Sex::Female, 20, 1999)
        );
        let boy = CitizenId::parse(" 001220000001 ").unwrap();
        assert_eq!((boy.province(), boy.sex(), boy.century(), boy.birth_year()), ("001", Sex::Male, 21, 2020));
    }

    #[test]
    fn a_number_never_shows_in_debug() {
        assert_eq!(format!("{:?}", CitizenId::parse("038199000001").unwrap()), "CitizenId(***)");
        assert_eq!(format!("{:?}", OldIdentityNumber::parse("171234567").unwrap()), "OldIdentityNumber(***)");
    }

    #[test]
    fn a_lost_leading_zero_is_noticed() {
        assert_eq!(CitizenId::parse("38199000001"), Err(CitizenIdError::NotTwelveDigits));
        assert_eq!(OldIdentityNumber::parse("71234567"), Err(CitizenIdError::NotNineDigits));
        assert_eq!(OldIdentityNumber::parse("038199000001"), Err(CitizenIdError::NotNineDigits));
    }

    proptest! {
        #[test]
        fn every_twelve_digits_have_parts_that_make_them_up(text in "[0-9]{12}") {
            let id = CitizenId::parse(&text).unwrap();
            let sex = match id.sex() { Sex::Male => 0, Sex::Female => 1 };
            let century = (id.century() - 20) * 2 + sex;
            prop_assert_eq!(format!("{}{century}{:02}", id.province(), id.birth_year() % 100), text[..6].to_owned());
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _parsed = (CitizenId::parse(&text), OldIdentityNumber::parse(&text));
        }
    }
}
