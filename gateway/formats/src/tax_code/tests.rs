//! Tax codes made from the rule; none is anybody's.

use proptest::prelude::*;

use super::*;

/// A code from nine digits, where the rule gives one.
fn made(nine: &str) -> Option<String> {
    let sum: u32 = nine.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let check = 10 - sum % 11;
    (check < 10).then(|| format!("{nine}{check}"))
}

#[test]
fn ten_digits_pass_by_their_checksum() {
    // 31·2 + 29·8 = 294 = 26·11 + 8, so the check digit is 2.
    assert_eq!(made("280000000").as_deref(), Some("2800000002"));
    let code = TaxCode::parse(" 2800000002 ").unwrap();
    assert_eq!((code.kind(), code.as_str()), (TaxCodeKind::Organisation, "2800000002"));
    assert_eq!(TaxCode::parse("2800000003"), Err(TaxCodeError::Checksum));
}

#[test]
fn a_dependent_unit_reads_with_and_without_its_hyphen() {
    for text in ["2800000002-001", "2800000002001"] {
        let code = TaxCode::parse(text).unwrap();
        assert_eq!((code.kind(), code.as_str()), (TaxCodeKind::Branch, "2800000002-001"), "{text}");
        assert_eq!(code.digits(), "2800000002001");
    }
    assert_eq!(TaxCode::parse("2800000002-000"), Err(TaxCodeError::Branch));
    assert_eq!(TaxCode::parse("2800000003-001"), Err(TaxCodeError::Checksum));
}

#[test]
fn a_personal_number_is_a_code_without_a_checksum() {
    let code = TaxCode::parse("038199000001").unwrap();
    assert_eq!(code.kind(), TaxCodeKind::Personal);
    assert_eq!(format!("{code:?}"), "TaxCode(Personal)");
    assert_eq!(code.to_string(), "038199000001");
}

#[test]
fn a_sum_that_wants_the_check_digit_ten_is_never_issued() {
    // All zeros sum to 0, and 10 - 0 is 10.
    for digit in 0..10 {
        assert_eq!(TaxCode::parse(&format!("000000000{digit}")), Err(TaxCodeError::NeverIssued));
    }
}

#[test]
fn other_texts_are_no_tax_code() {
    for text in [
        "",
        "28000000",
        "280000000a",
        "28000000020",
        "2800000002-1",
        "28000-00002001",
        "2800000002--01",
        "２８００００００02",
    ] {
        assert_eq!(TaxCode::parse(text), Err(TaxCodeError::Form), "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_made_by_the_rule_passes_and_any_other_check_digit_does_not(nine in "[0-9]{9}", other in 0u32..10) {
        let Some(code) = made(&nine) else {
            prop_assert_eq!(TaxCode::parse(&format!("{nine}{other}")), Err(TaxCodeError::NeverIssued));
            return Ok(());
        };
        let parsed = TaxCode::parse(&code).unwrap();
        prop_assert_eq!(parsed.as_str(), code.as_str());
        let altered = format!("{nine}{other}");
        prop_assert_eq!(TaxCode::parse(&altered).is_ok(), altered == code);
    }

    #[test]
    fn a_swap_of_two_neighbours_is_noticed(nine in "[0-9]{9}", at in 0usize..8) {
        let Some(code) = made(&nine) else { return Ok(()) };
        let mut swapped = code.clone().into_bytes();
        swapped.swap(at, at + 1);
        let swapped = String::from_utf8(swapped).unwrap();
        prop_assert_eq!(TaxCode::parse(&swapped).is_ok(), swapped == code);
    }

    #[test]
    fn the_canonical_form_reads_as_itself(text in "[0-9-]{9,15}") {
        if let Ok(code) = TaxCode::parse(&text) {
            prop_assert_eq!(TaxCode::parse(code.as_str()), Ok(code.clone()));
            prop_assert_eq!(TaxCode::parse(&code.digits()), Ok(code));
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _parsed = TaxCode::parse(&text);
    }
}
