//! The dossier code rule: `<organisation id>-yyMMdd-<serial>`, the id in either form. It checks and never rewrites.

use jiff::civil::Date;

use crate::config::CodeRule;

/// Longest organisation id (QĐ 20/2020/QĐ-TTg).
const ORGANISATION_CHARS: usize = 35;

/// What is wrong with a code, or `None`.
pub(crate) fn problem(rule: &CodeRule, code: &str) -> Option<String> {
    let mut parts = code.rsplitn(3, '-');
    let (Some(serial), Some(day), Some(organisation)) = (parts.next(), parts.next(), parts.next()) else {
        return Some("must read <organisation id>-yyMMdd-<serial>".into());
    };
    let Some(level_one) = level_one(organisation) else {
        return Some("must begin with an organisation id such as H56.14 or 000.00.14.H56".into());
    };
    if !rule.organisations.is_empty() && !rule.organisations.iter().any(|allowed| allowed == level_one) {
        return Some("begins with an organisation this gateway does not send for (dossier_codes.organisations)".into());
    }
    if !is_day(day) {
        return Some("must name its day as yyMMdd after the organisation id".into());
    }
    let digits = usize::from(rule.serial_digits_min)..=usize::from(rule.serial_digits_max);
    if !digits.contains(&serial.len()) || !serial.bytes().all(|b| b.is_ascii_digit()) {
        return Some(format!(
            "must end in a serial number of {} to {} digits",
            rule.serial_digits_min, rule.serial_digits_max
        ));
    }
    None
}

/// One capital letter and two digits: `H56`, `G22`.
pub(crate) fn is_level_one(part: &str) -> bool {
    matches!(part.as_bytes(), [letter, a, b] if letter.is_ascii_uppercase() && a.is_ascii_digit() && b.is_ascii_digit())
}

/// The level-1 code of an organisation id: first in the new form (`H56.14`), last in the old (`000.00.14.H56`, always 13 characters).
fn level_one(organisation: &str) -> Option<&str> {
    if organisation.is_empty() || organisation.len() > ORGANISATION_CHARS {
        return None;
    }
    let is_group = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    match organisation.rsplit_once('.') {
        None => is_level_one(organisation).then_some(organisation),
        Some((groups, last)) if is_level_one(last) => {
            let widths: Vec<usize> = groups.split('.').map(str::len).collect();
            (widths == [3, 2, 2] && groups.split('.').all(is_group)).then_some(last)
        }
        Some(_) => {
            let (first, groups) = organisation.split_once('.')?;
            (is_level_one(first) && groups.split('.').all(is_group)).then_some(first)
        }
    }
}

fn is_day(day: &str) -> bool {
    let [a, b, c, d, e, f] = day.as_bytes() else { return false };
    let two = |tens: u8, ones: u8| -> Option<i8> {
        (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| ((tens - b'0') * 10 + (ones - b'0')).cast_signed())
    };
    match (two(*a, *b), two(*c, *d), two(*e, *f)) {
        (Some(year), Some(month), Some(day)) => Date::new(2000 + i16::from(year), month, day).is_ok(),
        (_, _, _) => false,
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
