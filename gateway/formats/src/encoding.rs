//! Tells UTF-8 from the legacy Vietnamese encodings, names the one it looks like, and reads one that is declared. It never guesses what a text says.

mod legacy;
mod tcvn3;
mod vni;

use std::borrow::Cow;
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

/// What bytes are declared to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    Utf8,
    Windows1258,
    Tcvn3,
    Vni,
}

impl Encoding {
    /// By a name that documents and configurations use for it, whatever its case.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "windows-1258" | "cp1258" | "x-cp1258" => Some(Self::Windows1258),
            "tcvn3" | "tcvn-5712" | "tcvn5712" | "x-viet-tcvn" | "x-viet-tcvn5712" => Some(Self::Tcvn3),
            "vni" | "x-viet-vni" => Some(Self::Vni),
            _unknown => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Windows1258 => Legacy::Windows1258.as_str(),
            Self::Tcvn3 => Legacy::Tcvn3.as_str(),
            Self::Vni => Legacy::Vni.as_str(),
        }
    }

    /// The text of bytes that were declared to be in this encoding: NFC where it was a legacy one. Bytes it leaves without a
    /// character are refused.
    pub fn read(self, bytes: &[u8]) -> Result<Cow<'_, str>, EncodingError> {
        let declared = |at| EncodingError { at, declared: self, looks_like: legacy::of_bytes(bytes) };
        match self {
            Self::Utf8 => utf8(bytes).map(Cow::Borrowed),
            Self::Windows1258 => windows_1258(bytes).map(Cow::Owned),
            Self::Tcvn3 => tcvn3::decoded(bytes).map(Cow::Owned).map_err(declared),
            Self::Vni => vni::decoded(bytes).map(Cow::Owned).map_err(declared),
        }
    }
}

/// The bytes are not in the encoding they should be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodingError {
    /// Offset of the first byte that is not.
    pub at: usize,
    /// What they should be.
    pub declared: Encoding,
    /// What the whole looks like, where it looks like something.
    pub looks_like: Option<Legacy>,
}

impl std::error::Error for EncodingError {}

impl fmt::Display for EncodingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is not {} (from byte {})", self.declared.as_str(), self.at)?;
        match self.looks_like {
            Some(legacy) if legacy.as_str() == self.declared.as_str() => Ok(()),
            Some(Legacy::Utf16) => f.write_str("; it looks like UTF-16: convert it at the source"),
            Some(legacy) => write!(f, "; it looks like {}: declare it, or convert it at the source", legacy.as_str()),
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
        Ok(text) => Err(not_utf8(start + text.find('\0').unwrap_or(0), bytes)),
        Err(error) => Err(not_utf8(start + error.valid_up_to(), bytes)),
    }
}

fn not_utf8(at: usize, bytes: &[u8]) -> EncodingError {
    EncodingError { at, declared: Encoding::Utf8, looks_like: legacy::of_bytes(bytes) }
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

fn windows_1258(bytes: &[u8]) -> Result<String, EncodingError> {
    let (text, _any_malformed) = WINDOWS_1258.decode_without_bom_handling(bytes);
    let nothing = |c: char| c == '\u{fffd}' || ('\u{80}'..='\u{9f}').contains(&c) || c == '\0';
    match text.chars().position(nothing) {
        // One byte is one character in this encoding.
        Some(at) => Err(EncodingError { at, declared: Encoding::Windows1258, looks_like: legacy::of_bytes(bytes) }),
        None => Ok(text.nfc().collect()),
    }
}
