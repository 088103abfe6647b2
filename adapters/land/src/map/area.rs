//! Codes of administrative units as each dialect takes them. It knows no list of units.

use crate::config::AreaIds;
use crate::wire::request::AreaId;

/// Most digits a code has: 5 for a commune.
const DIGITS: usize = 5;

/// The code as it is sent, or what is wrong with it.
pub(crate) fn id(code: &str, style: AreaIds) -> Result<AreaId<'_>, &'static str> {
    const FORM: &str = "must be 1 to 5 digits, with the leading zeros the code has";
    let digits = (1..=DIGITS).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    match (digits, style) {
        (false, _) => Err(FORM),
        (true, AreaIds::Text) => Ok(AreaId::Text(code)),
        (true, AreaIds::Integer) => code.parse().map(AreaId::Number).map_err(|_| FORM),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_area_id_loses_its_leading_zeros_and_a_text_keeps_them() {
        let written = |code, style| serde_json::to_string(&id(code, style).unwrap()).unwrap();
        assert_eq!(written("01", AreaIds::Integer), "1");
        assert_eq!(written("00004", AreaIds::Integer), "4");
        assert_eq!(written("01", AreaIds::Text), "\"01\"");
        assert_eq!(written("14758", AreaIds::Integer), "14758");
    }

    #[test]
    fn what_is_no_code_is_refused_in_both_styles() {
        for style in [AreaIds::Integer, AreaIds::Text] {
            for bad in ["", "H56", "-1", "147580", "1 4", "٣٨"] {
                assert!(id(bad, style).is_err(), "{bad}");
            }
        }
    }
}
