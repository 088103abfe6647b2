//! Base64 read strictly: the standard alphabet, whole and padded. Whatever else stands in its place is an error, never a guess.

use std::borrow::Cow;

use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, Engine, alphabet};

const PADDED_OR_NOT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a text is no base64. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Base64Error {
    /// Byte offset of the first offender.
    #[error("the base64 holds white space at byte {at}")]
    WhiteSpace { at: usize },
    #[error("the text at byte {at} is of the base64 alphabet for URLs, not the standard one")]
    UrlAlphabet { at: usize },
    #[error("the text is not base64: byte {at} is not of its alphabet")]
    Alphabet { at: usize },
    #[error("the base64 is cut off or lacks its padding")]
    Cut,
}

/// The bytes the text stands for.
pub fn decode(text: &str) -> Result<Vec<u8>, Base64Error> {
    STANDARD.decode(text).map_err(of)
}

/// The same of a text that may be wrapped in lines, and may leave its padding out. Offsets count what is no white space.
pub fn decode_wrapped(text: &str) -> Result<Vec<u8>, Base64Error> {
    let compact: Cow<'_, str> = match text.contains(|c: char| c.is_ascii_whitespace()) {
        true => text.split_ascii_whitespace().collect::<String>().into(),
        false => text.into(),
    };
    PADDED_OR_NOT.decode(compact.as_bytes()).map_err(of)
}

fn of(error: DecodeError) -> Base64Error {
    match error {
        DecodeError::InvalidByte(at, byte) => match byte {
            b' ' | b'\t' | b'\r' | b'\n' => Base64Error::WhiteSpace { at },
            b'-' | b'_' => Base64Error::UrlAlphabet { at },
            b'=' => Base64Error::Cut,
            _other => Base64Error::Alphabet { at },
        },
        DecodeError::InvalidLength(_) | DecodeError::InvalidLastSymbol { .. } | DecodeError::InvalidPadding => {
            Base64Error::Cut
        }
    }
}

/// The text that stands for the bytes.
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_base64_is_told_apart() {
        assert_eq!(decode("PERBVEE+").unwrap(), b"<DATA>");
        assert_eq!(decode("PERB\nVEE+"), Err(Base64Error::WhiteSpace { at: 4 }));
        assert_eq!(decode("PERBVEE-"), Err(Base64Error::UrlAlphabet { at: 7 }));
        assert_eq!(decode("<DATA/>x"), Err(Base64Error::Alphabet { at: 0 }));
        for cut in ["PERBVE", "PERBVE=", "PERBV", "PERBVEF="] {
            assert_eq!(decode(cut), Err(Base64Error::Cut), "{cut}");
        }
    }

    #[test]
    fn wrapped_and_unpadded_is_read_where_that_is_allowed_and_nothing_else_is() {
        for text in ["PERBVEE=", "PERBVEE", " PERB\r\nVEE=\n"] {
            assert_eq!(decode_wrapped(text).unwrap(), b"<DATA", "{text}");
        }
        assert_eq!(decode_wrapped("PERB\nV-E="), Err(Base64Error::UrlAlphabet { at: 5 }));
        assert_eq!(decode_wrapped("%%%"), Err(Base64Error::Alphabet { at: 0 }));
        assert_eq!(decode_wrapped("PERBV"), Err(Base64Error::Cut));
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(decode(&encode(&bytes)), Ok(bytes));
        }

        #[test]
        fn what_reads_writes_as_it_was(text in "[A-Za-z0-9+/]{0,16}={0,2}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
