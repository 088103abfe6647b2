//! Sessions and tokens that carry their own proof, so that a restart or a reload ends none of them. It keeps nothing of what it issued.

use std::fmt;
use std::time::Duration;

use lienthong_core::Timestamp;
use lienthong_core::secret::{ExposeSecret as _, SecretString};
use ring::hmac;
use subtle::ConstantTimeEq as _;

use crate::config::hex;

/// Bytes of the proof that are shown: more than anyone can guess.
const PROOF_BYTES: usize = 16;
/// Hexadecimal digits before the proof: the end of its life and a number of chance.
const HEAD_DIGITS: usize = 16;

/// Issues sessions of one façade and recognises them. Whoever changes the password ends them all.
pub(crate) struct Issuer {
    key: hmac::Key,
    lifetime: Duration,
}

impl Issuer {
    /// `purpose` keeps the sessions of one façade from being taken for another's.
    pub(crate) fn new(purpose: &str, secret: &SecretString, lifetime: Duration) -> Self {
        let password = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let derived = hmac::sign(&password, purpose.as_bytes());
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()), lifetime }
    }

    pub(crate) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// A new one, good from now on: 48 hexadecimal digits.
    pub(crate) fn issue(&self, now: Timestamp) -> String {
        let ends = now.as_second().saturating_add(i64::try_from(self.lifetime.as_secs()).unwrap_or(i64::MAX));
        let ends = u32::try_from(ends).unwrap_or(u32::MAX);
        let head = format!("{ends:08x}{:08x}", rand::random::<u32>());
        let proof = self.proof(&head);
        format!("{head}{proof}")
    }

    /// Whether it was issued here and has not ended.
    pub(crate) fn knows(&self, shown: &str, now: Timestamp) -> bool {
        let Some((head, proof)) = shown.split_at_checked(HEAD_DIGITS) else { return false };
        let genuine = bool::from(self.proof(head).as_bytes().ct_eq(proof.as_bytes()));
        let ends = head.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0);
        genuine && now.as_second() < i64::from(ends)
    }

    fn proof(&self, head: &str) -> String {
        let whole = hmac::sign(&self.key, head.as_bytes());
        hex(whole.as_ref().get(..PROOF_BYTES).unwrap_or_default())
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(purpose: &str, password: &str) -> Issuer {
        Issuer::new(purpose, &SecretString::from(password), Duration::from_secs(1800))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn a_session_is_known_until_it_ends_and_over_a_restart() {
        let session = issuer("a", "p").issue(at(0));
        assert_eq!(session.len(), 48);
        let after_restart = issuer("a", "p");
        assert!(after_restart.knows(&session, at(1799)));
        assert!(!after_restart.knows(&session, at(1800)));
    }

    #[test]
    fn a_forged_a_foreign_and_an_old_passwords_session_are_not_known() {
        let session = issuer("a", "p").issue(at(0));
        assert!(!issuer("b", "p").knows(&session, at(1)));
        assert!(!issuer("a", "q").knows(&session, at(1)));
        let later = format!("ffffffff{}", &session[8..]);
        for forged in ["", "é", &session[..47], &later, &format!("{session}0")] {
            assert!(!issuer("a", "p").knows(forged, at(1)), "{forged}");
        }
    }
}
