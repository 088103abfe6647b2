//! Tells UTF-8 from the legacy Vietnamese encodings, and names the one it looks like. It never guesses what a text says.

mod legacy;

use std::fmt;

use encoding_rs::WINDOWS_1258;
use unicode_normalization::UnicodeNormalization;

#[cfg(test)]
mod tests;

/// An encoding that is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Legacy {
    Utf16,
    Windows1258,
    /// TCVN3, whose fonts are called ABC.
    Tcvn3,
    /// VNI-Windows: a letter, then its marks.
    Vni,
}

impl Legacy {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf16 => "UTF-16",
            Self::Windows1258 => "windows-1258",
            Self::Tcvn3 => "TCVN3",
            Self::Vni => "VNI",
        }
    }
}

/// The bytes are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodingError {
    /// Offset of the first byte that is not.
    pub at: usize,
    /// What the whole looks like, where it looks like something.
    pub looks_like: Option<Legacy>,
}

impl std::error::Error for EncodingError {}

impl fmt::Display for EncodingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is not UTF-8 (from byte {})", self.at)?;
        match self.looks_like {
            Some(legacy) => write!(f, "; it looks like {}: convert it at the source", legacy.as_str()),
            None => Ok(()),
        }
    }
}

/// The text, without a byte order mark.
pub fn utf8(bytes: &[u8]) -> Result<&str, EncodingError> {
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let bytes = bytes.get(start..).unwrap_or_default();
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        Ok(text) => {
            Err(EncodingError { at: start + text.find('\0').unwrap_or(0), looks_like: legacy::of_bytes(bytes) })
        }
        Err(error) => Err(EncodingError { at: start + error.valid_up_to(), looks_like: legacy::of_bytes(bytes) }),
    }
}

/// The legacy encoding a text was in when somebody took it for Latin-1 and made it UTF-8: `"NguyÔn V¨n §¹t"`. Names of other languages
/// (`Müller`, `Noël`) are not taken for one; a single odd letter is not enough.
pub fn mistaken(text: &str) -> Option<Legacy> {
    if text.is_ascii() {
        return None;
    }
    let latin: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    latin.and_then(|bytes| legacy::of_latin(&bytes))
}

/// Reads bytes that were declared to be windows-1258, the one legacy encoding with a public standard mapping; the result is NFC.
/// Bytes the encoding leaves without a character are refused.
pub fn windows_1258(bytes: &[u8]) -> Result<String, EncodingError> {
    let (text, _any_malformed) = WINDOWS_1258.decode_without_bom_handling(bytes);
    let nothing = |c: char| c == '\u{fffd}' || ('\u{80}'..='\u{9f}').contains(&c) || c == '\0';
    match text.chars().position(nothing) {
        // One byte is one character in this encoding.
        Some(at) => Err(EncodingError { at, looks_like: legacy::of_bytes(bytes) }),
        None => Ok(text.nfc().collect()),
    }
}
