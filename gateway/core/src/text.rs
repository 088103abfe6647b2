//! Text rules shared by keys, faults and adapters: NFC, comparison without regard to case, bounded excerpts. It knows no protocol.

use unicode_normalization::char::{decompose_canonical, is_combining_mark};
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

/// Lower case without accents, `đ` as `d`: the form in which words are searched for, since people type without accents.
pub fn unaccented(value: &str) -> String {
    if value.is_ascii() {
        return value.to_ascii_lowercase();
    }
    let mut plain = String::with_capacity(value.len());
    for c in value.chars() {
        // Letter by letter: the order of marks does not matter where none is kept.
        decompose_canonical(c, |part| {
            if part.is_ascii() {
                plain.push(part.to_ascii_lowercase());
            } else if !is_combining_mark(part) {
                plain.extend(part.to_lowercase().map(|c| if c == 'đ' { 'd' } else { c }));
            }
        });
    }
    plain
}

/// Whether a person's words hold nothing that a terminal or page would obey: no control characters but line breaks and tabs, no
/// marks that turn the direction of what follows.
pub fn is_plain(value: &str) -> bool {
    value.chars().all(|c| matches!(c, '\n' | '\t') || !obeyed(c))
}

/// The text for one cell of a table: what a terminal would obey shows as a blank.
pub fn shown(value: &str) -> String {
    value.chars().map(|c| if obeyed(c) { ' ' } else { c }).collect()
}

fn obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// At most `chars` characters of the text, with an ellipsis where it was cut and control characters shown as blanks.
pub fn excerpt(value: &str, chars: usize) -> String {
    let clean = |c: char| if obeyed(c) { ' ' } else { c };
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
    fn words_without_accents_are_those_people_type() {
        assert_eq!(unaccented("NGUYỄN Thị Đào, Hữu Ước"), "nguyen thi dao, huu uoc");
        assert_eq!(unaccented("Nguye\u{302}\u{303}n"), unaccented("Nguyễn"));
        assert_eq!(unaccented("LTB-07"), "ltb-07");
    }

    #[test]
    fn hostile_words_are_told_and_shown_harmlessly() {
        assert!(is_plain("Cổng đã sửa,\nđã kiểm tra"));
        for hostile in ["a\u{1b}[31mb", "a\0b", "a\u{202e}b", "a\rb"] {
            assert!(!is_plain(hostile), "{hostile:?}");
            assert!(is_plain(&shown(hostile)));
        }
    }

    #[test]
    fn an_excerpt_counts_characters_and_hides_controls() {
        assert_eq!(excerpt("Đồng\u{7}bộ", 5), "Đồng …");
        assert_eq!(excerpt("ngắn", 9), "ngắn");
    }
}
