//! VNI-Windows into Unicode: a letter, then one byte for its shape and tone. It reads declared bytes and guesses nothing.

use unicode_normalization::UnicodeNormalization;

use super::legacy::vni_mark;

/// Small letters that are one byte; capitals are 0x20 below.
const LETTERS: [(u8, char); 9] = [
    (0xf1, 'đ'),
    (0xf4, 'ơ'),
    (0xf6, 'ư'),
    (0xed, 'í'),
    (0xec, 'ì'),
    (0xe6, 'ỉ'),
    (0xf3, 'ĩ'),
    (0xf2, 'ị'),
    (0xee, 'ỵ'),
];

/// What a mark adds, as combining characters: circumflex or breve, then the tone. Marks of capitals are 0x20 below.
const MARKS: [(u8, &str); 17] = [
    (0xf9, "\u{301}"),
    (0xf8, "\u{300}"),
    (0xfb, "\u{309}"),
    (0xf5, "\u{303}"),
    (0xef, "\u{323}"),
    (0xe2, "\u{302}"),
    (0xe1, "\u{302}\u{301}"),
    (0xe0, "\u{302}\u{300}"),
    (0xe5, "\u{302}\u{309}"),
    (0xe3, "\u{302}\u{303}"),
    (0xe4, "\u{302}\u{323}"),
    (0xea, "\u{306}"),
    (0xe9, "\u{306}\u{301}"),
    (0xe8, "\u{306}\u{300}"),
    (0xfa, "\u{306}\u{309}"),
    (0xfc, "\u{306}\u{303}"),
    (0xeb, "\u{306}\u{323}"),
];

/// The text; the place of the first byte that stands for nothing otherwise.
pub(super) fn decoded(bytes: &[u8]) -> Result<String, usize> {
    let mut out = String::with_capacity(bytes.len());
    let mut before = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let small = if byte >= 0xc0 { byte | 0x20 } else { byte };
        let letter = LETTERS.iter().find(|(code, _)| *code == small).map(|(_, letter)| *letter);
        let mark = MARKS.iter().find(|(code, _)| *code == small).map(|(_, mark)| *mark);
        match (byte, letter, mark) {
            (1..=0x7f, _, _) => out.push(char::from(byte)),
            (_, Some(letter), _) if byte == small => out.push(letter),
            (_, Some(letter), _) => out.extend(letter.to_uppercase()),
            (_, None, Some(mark)) if vni_mark(before, byte) => out.push_str(mark),
            (_, None, _) => return Err(at),
        }
        before = byte;
    }
    Ok(out.nfc().collect())
}
