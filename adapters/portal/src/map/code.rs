//! The dossier code rule: `<organisation id>-yyMMdd-<serial>`, the id in either form. It checks and never rewrites.

use lienthong_formats::dossier_code::{DossierCode, DossierCodeError};
pub(crate) use lienthong_formats::organisation::is_level_one;

use crate::config::CodeRule;

/// What is wrong with a code, or `None`.
pub(crate) fn problem(rule: &CodeRule, code: &str) -> Option<String> {
    let digits = usize::from(rule.serial_digits_min)..=usize::from(rule.serial_digits_max);
    let serial =
        || format!("must end in a serial number of {} to {} digits", rule.serial_digits_min, rule.serial_digits_max);
    match DossierCode::parse(code) {
        Ok(read) if !rule.organisations.is_empty() && !rule.organisations.iter().any(|one| one == read.root()) => {
            Some("begins with an organisation this gateway does not send for (dossier_codes.organisations)".into())
        }
        Ok(read) => (!digits.contains(&read.serial().len())).then(serial),
        Err(DossierCodeError::Serial) => Some(serial()),
        Err(error @ (DossierCodeError::Form | DossierCodeError::Organisation | DossierCodeError::Day)) => {
            Some(error.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(organisations: &[&str]) -> CodeRule {
        CodeRule { organisations: organisations.iter().map(|one| (*one).to_owned()).collect(), ..CodeRule::default() }
    }

    #[test]
    fn both_forms_of_the_code_are_accepted() {
        for code in [
            "H56.14-250115-0007",
            "000.00.14.H56-250115-0007",
            "H56-250115-0007",
            "000.00.00.H56-250115-00071",
            "H26.170-251231-123456",
            "H56.14.03.001-240229-0001",
        ] {
            assert_eq!(problem(&rule(&["H56", "H26"]), code), None, "{code}");
        }
    }

    #[test]
    fn a_pre_merger_prefix_is_accepted_when_it_is_listed() {
        assert_eq!(problem(&rule(&["H30", "H56"]), "H30.12-250610-0042"), None);
        assert!(problem(&rule(&["H56"]), "H30.12-250610-0042").is_some());
        assert!(problem(&rule(&["H56"]), "000.00.12.H30-250610-0042").is_some());
        assert_eq!(problem(&rule(&[]), "H30.12-250610-0042"), None);
    }

    #[test]
    fn what_breaks_the_rule_is_told_apart() {
        for code in [
            "",
            "H56.14",
            "H56.14-250115",
            "h56.14-250115-0007",
            "H56.14-250230-0007",
            "H56.14-251315-0007",
            "H56.14-250115-007",
            "H56.14-250115-00a7",
            "00.00.14.H56-250115-0007",
            "000.00.14.H56.1-250115-0007",
            "H56.1234-250115-0007",
            "H56.-250115-0007",
            " H56.14-250115-0007",
            "Hồ sơ-250115-0007",
        ] {
            assert!(problem(&rule(&[]), code).is_some(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(code in "\\PC*") {
            let _checked = problem(&rule(&["H56"]), &code);
        }

        #[test]
        fn every_code_of_the_rule_passes_in_both_forms(
            level in "[A-Z][0-9]{2}", unit in 0u8..100, month in 1u8..13, day in 1u8..29, year in 0u8..100, serial in "[0-9]{4,10}"
        ) {
            let day = format!("{year:02}{month:02}{day:02}");
            prop_assert_eq!(problem(&rule(&[]), &format!("{level}.{unit:02}-{day}-{serial}")), None);
            prop_assert_eq!(problem(&rule(&[]), &format!("000.00.{unit:02}.{level}-{day}-{serial}")), None);
        }
    }
}
