//! Vietnamese names as systems write and compare them. It corrects no spelling and guesses no missing accent.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::encoding;

#[cfg(test)]
mod tests;

/// The name as the population database wants it: capitals without accents, blanks or marks, `Đ` as `D`; only `A-Z0-9` remain.
/// `"Nguyễn Văn Đạt"` is `"NGUYENVANDAT"`, composed or decomposed.
pub fn upper_ascii(name: &str) -> String {
    name.nfd()
        .map(|c| if is_barred_d(c) { 'D' } else { c })
        .flat_map(char::to_uppercase)
        .filter(char::is_ascii_alphanumeric)
        .collect()
}

/// The name for display and storage: NFC, single blanks, none at the ends; marks that show nothing (zero-width) are gone.
pub fn normalised(name: &str) -> String {
    let seen: String = name.nfc().filter(|c| !is_invisible(*c)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Why a text is no name that may go on: it holds control characters, or is a legacy encoding's bytes taken for letters. It repeats
/// nothing of the name.
pub fn problem(name: &str) -> Option<String> {
    if name.chars().any(char::is_control) {
        return Some("holds control characters".to_owned());
    }
    let legacy = encoding::mistaken(name)?;
    Some(format!("looks like {} taken for another encoding: convert it at the source", legacy.as_str()))
}

/// Whether two spellings are one name: without regard to case, blanks, Unicode form, the letter eth in place of `Đ`, and the
/// place of the tone mark inside its syllable (`hoà` and `hòa` are the old and the new way to write one word).
pub fn same(one: &str, other: &str) -> bool {
    comparable(one) == comparable(other)
}

fn comparable(name: &str) -> String {
    let words: Vec<String> = normalised(name).split(' ').map(syllable).collect();
    words.join(" ")
}

/// The letters of one syllable in lower case, its tone at the end.
fn syllable(word: &str) -> String {
    let lower = word.chars().map(|c| if is_barred_d(c) { 'đ' } else { c }).flat_map(char::to_lowercase);
    let decomposed: String = lower.collect::<String>().nfd().collect();
    let (tones, mut letters): (String, String) = decomposed.chars().partition(|c| is_tone(*c));
    letters = letters.nfc().collect();
    letters.push_str(&tones);
    letters
}

/// Grave, acute, tilde, hook above, dot below.
fn is_tone(c: char) -> bool {
    matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}')
}

/// `Đ` and `đ`, and the letters eth and African D that look like them and stand in their place in data from old keyboards.
fn is_barred_d(c: char) -> bool {
    matches!(c, 'Đ' | 'đ' | '\u{d0}' | '\u{f0}' | '\u{189}' | '\u{256}')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}') || (c.is_control() && !c.is_whitespace())
}

/// Whether the text holds a letter written apart from its marks, where one character would do.
pub fn is_decomposed(text: &str) -> bool {
    text.chars().any(is_combining_mark) && text.nfc().ne(text.chars())
}
