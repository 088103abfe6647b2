//! Text rules shared by keys, faults and adapters: NFC, comparison without regard to case, bounded excerpts. It knows no protocol.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text in Unicode normalisation form C.
pub fn nfc(value: &str) -> String {
    match is_nfc_quick(value.chars()) {
        IsNormalized::Yes => value.to_owned(),
        IsNormalized::No | IsNormalized::Maybe => value.nfc().collect(),
    }
}

/// NFC, lower case, white space folded to single blanks: the form in which phrases of external systems are compared.
pub fn folded(value: &str) -> String {
    let lower: String = value.nfc().flat_map(char::to_lowercase).collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `chars` characters of the text, with an ellipsis where it was cut and control characters shown as blanks.
pub fn excerpt(value: &str, chars: usize) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut shown: String = value.chars().take(chars).map(clean).collect();
    if value.chars().nth(chars).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_joins_what_differs_in_form_only() {
        assert_eq!(folded("  Cập nhật\n THÀNH  CÔNG"), "cập nhật thành công");
        assert_eq!(folded("tha\u{300}nh co\u{302}ng"), folded("Thành công"));
    }

    #[test]
    fn an_excerpt_counts_characters_and_hides_controls() {
        assert_eq!(excerpt("Đồng\u{7}bộ", 5), "Đồng …");
        assert_eq!(excerpt("ngắn", 9), "ngắn");
    }
}
