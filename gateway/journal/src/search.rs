//! What exchanges are found by: terms, which are digests and never words, beginnings of ids, what a fault says. It makes no digest.

use std::str::FromStr;

use lienthong_core::{ExchangeId, FaultCode, FaultKind, Fingerprint, limits};
use uuid::Uuid;

/// One thing an exchange is found by: the first eight bytes of a digest. The journal knows no words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term(pub(crate) i64);

impl Term {
    /// Of a digest's first bytes.
    pub fn new(digest: [u8; 8]) -> Self {
        Self(i64::from_le_bytes(digest))
    }
}

/// Ids that begin with these digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdPrefix {
    pub(crate) first: ExchangeId,
    pub(crate) last: ExchangeId,
}

/// A text is no beginning of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the first {} or more hexadecimal digits of an exchange's id", limits::ID_PREFIX_DIGITS)]
pub struct NoIdPrefix;

impl IdPrefix {
    pub fn holds(&self, id: ExchangeId) -> bool {
        self.first <= id && id <= self.last
    }
}

impl FromStr for IdPrefix {
    type Err = NoIdPrefix;

    /// Hyphens may stand where ids have them.
    fn from_str(text: &str) -> Result<Self, NoIdPrefix> {
        let mut digits = String::with_capacity(32);
        for c in text.chars() {
            let placed = matches!(digits.len(), 8 | 12 | 16 | 20);
            match c {
                '-' if placed => {}
                digit if digit.is_ascii_hexdigit() && digits.len() < 32 => digits.push(digit),
                _other => return Err(NoIdPrefix),
            }
        }
        if digits.len() < limits::ID_PREFIX_DIGITS {
            return Err(NoIdPrefix);
        }
        let filled = |with: &str| {
            let rest = with.repeat(32 - digits.len());
            Uuid::parse_str(&format!("{digits}{rest}")).map(ExchangeId).map_err(|_| NoIdPrefix)
        };
        Ok(Self { first: filled("0")?, last: filled("f")? })
    }
}

/// What the present fault of a delivery says; all given conditions hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaultFilter {
    /// Of the group's latest fault.
    pub kind: Option<FaultKind>,
    pub code: Option<FaultCode>,
    /// Its error group.
    pub group: Option<Fingerprint>,
    /// A field it complains about, or what that field lies in: `/owner/name`, `/owner`, `/papers/*`.
    pub field: Option<String>,
}

impl FaultFilter {
    pub fn is_any(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_an_id_covers_what_begins_so_and_nothing_else() {
        let id: ExchangeId = "0199c2f0-7b1a-7c3e-9d55-0f6f1f0a2b3c".parse().unwrap();
        for text in ["0199c2f0", "0199C2F0-", "0199c2f0-7b1a-7c", "0199c2f07b1a7c3e", &id.to_string()] {
            assert!(text.parse::<IdPrefix>().unwrap().holds(id), "{text}");
        }
        assert!(!"0199c2f1".parse::<IdPrefix>().unwrap().holds(id));
        for text in ["0199c2f", "0199-c2f0", "H56.14-260115", "0199c2f0x", &format!("{id}0")] {
            assert_eq!(text.parse::<IdPrefix>(), Err(NoIdPrefix), "{text}");
        }
    }
}
