//! Keeps numbers that programs' 64-bit integers and floats would change, as texts. It changes no other byte of a JSON text.

use std::borrow::Cow;

/// Every decimal of at most this many significant digits survives a 64-bit float and back.
const SAFE_DIGITS: usize = 15;
/// Exponents of numbers that are sure to fit a float.
const SAFE_EXPONENT: i32 = 290;

/// The JSON text with every number that would not survive written as a text: money is never rounded in passing.
pub(super) fn numbers_kept(text: &str) -> Cow<'_, str> {
    let mut kept: Option<String> = None;
    let mut done = 0;
    let mut rest = text;
    let mut at = 0;
    while let Some(first) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        let from = at + first;
        let token = text.get(from..).unwrap_or_default();
        let length = if token.starts_with('"') { string_length(token) } else { number_length(token) };
        let number = token.get(..length).unwrap_or_default();
        if !token.starts_with('"') && !survives(number) {
            let kept = kept.get_or_insert_default();
            kept.push_str(text.get(done..from).unwrap_or_default());
            kept.push('"');
            kept.push_str(number);
            kept.push('"');
            done = from + length;
        }
        at = from + length;
        rest = text.get(at..).unwrap_or_default();
    }
    match kept {
        None => Cow::Borrowed(text),
        Some(mut kept) => {
            kept.push_str(text.get(done..).unwrap_or_default());
            Cow::Owned(kept)
        }
    }
}

/// The bytes of a JSON string that begins here, its quotes included; the rest of the text when it does not end.
fn string_length(token: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in token.bytes().enumerate().skip(1) {
        match (escaped, byte) {
            (true, _) => escaped = false,
            (false, b'\\') => escaped = true,
            (false, b'"') => return at + 1,
            (false, _) => {}
        }
    }
    token.len()
}

fn number_length(token: &str) -> usize {
    let inside = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
    token.find(|c| !inside(c)).unwrap_or(token.len())
}

/// RFC 8259's grammar: what is no number is left for the parser to refuse.
fn is_number(token: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = token.strip_prefix('-').unwrap_or(token);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let whole = digits(whole) && (whole.len() == 1 || !whole.starts_with('0'));
    whole && fraction.is_none_or(digits) && exponent.is_none_or(digits)
}

fn survives(number: &str) -> bool {
    if number.parse::<i64>().is_ok() || !is_number(number) {
        return true;
    }
    if !number.contains(['.', 'e', 'E']) {
        return false;
    }
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0').trim_end_matches('0').len();
    let small = exponent.trim_start_matches('+').parse::<i32>().is_ok_and(|exponent| exponent.abs() < SAFE_EXPONENT);
    significant <= SAFE_DIGITS && small && digits.len() <= 64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_numbers_that_would_change_become_texts() {
        let same =
            r#"{"a":1,"b":-0.5,"c":[1.50,9223372036854775807,1e5],"d":"12345678901234567890 \" 1.23456789012345678"}"#;
        assert_eq!(numbers_kept(same), same);
        assert_eq!(numbers_kept("[18446744073709551615]"), "[\"18446744073709551615\"]");
        assert_eq!(
            numbers_kept(r#"{"amount":123456789012345.67,"next":2}"#),
            r#"{"amount":"123456789012345.67","next":2}"#
        );
        assert_eq!(numbers_kept("1e400"), "\"1e400\"");
        for none in ["1.2.3.4e5--", "012345678901234567890", "--5", "1234567890123456789.", "-"] {
            assert_eq!(numbers_kept(none), none, "garbage is not made readable");
        }
    }

    proptest! {
        #[test]
        fn money_is_the_same_to_the_last_digit(units in 0_u64..10_000_000_000_000_000, cents in 0_u8..100) {
            let written = format!("{units}.{cents:02}");
            let value: serde_json::Value = serde_json::from_str(&numbers_kept(&written)).unwrap();
            let back = match &value {
                serde_json::Value::String(text) => text.clone(),
                other => format!("{:.2}", other.as_f64().unwrap()),
            };
            prop_assert_eq!(back, written);
        }

        #[test]
        fn no_text_panics_and_texts_without_numbers_stay(text in "\\PC{0,60}") {
            let kept = numbers_kept(&text);
            if !text.contains(|c: char| c.is_ascii_digit() || c == '-') {
                prop_assert_eq!(kept.as_ref(), text.as_str());
            }
        }
    }
}
