//! A file's name: the SHA-256 of its content. Nothing else is ever joined to a path.

use std::fmt;
use std::str::FromStr;

/// 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

/// Says what a name looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no SHA-256: 64 lower-case hexadecimal digits")]
pub struct NotAName;

/// Digits that name the shelf.
const SHELF: usize = 2;

impl FileName {
    pub(super) fn of(digest: [u8; 32]) -> Self {
        use std::fmt::Write as _;
        let text = digest.iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String cannot fail.
            write!(text, "{byte:02x}").ok();
            text
        });
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn shelf(&self) -> &str {
        self.0.get(..SHELF).unwrap_or_default()
    }

    pub(super) fn rest(&self) -> &str {
        self.0.get(SHELF..).unwrap_or_default()
    }

    /// The name of a file on its shelf; `None` for what was never stored here.
    pub(super) fn on_shelf(shelf: &str, rest: &str) -> Option<Self> {
        (shelf.len() == SHELF).then(|| format!("{shelf}{rest}").parse().ok()).flatten()
    }
}

impl FromStr for FileName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 64 && text.bytes().all(digit) { Ok(Self(text.to_owned())) } else { Err(NotAName) }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_hash_is_a_name() {
        let name = FileName::of([0xab; 32]);
        assert_eq!(name.to_string().parse(), Ok(name.clone()));
        assert_eq!((name.shelf(), name.rest().len()), ("ab", 62));
        assert_eq!(FileName::on_shelf(name.shelf(), name.rest()), Some(name.clone()));
        let upper = name.as_str().to_uppercase();
        let long = format!("{name}0");
        let dots = format!("../{}", "a".repeat(61));
        for no_name in ["", "ab", &upper, &long, &dots] {
            assert_eq!(no_name.parse::<FileName>(), Err(NotAName), "{no_name}");
        }
        assert_eq!(FileName::on_shelf("a", &"b".repeat(63)), None);
    }
}
