//! WS-Security `UsernameToken` with a password digest, checked as a server does: digest, age, and each nonce once; it must not read the message.

use std::collections::HashSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::net::xml::Node;

/// Việt Nam's clock: one client writes it and calls it `Z`.
const HERE: SignedDuration = SignedDuration::from_hours(7);

/// Nonces that were used.
#[derive(Default)]
pub(super) struct Nonces(HashSet<Vec<u8>>);

/// What is wrong with a token.
pub(super) type Refused = &'static str;

/// The account and how old a token may be.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) username: &'a str,
    pub(super) password: &'a str,
    pub(super) tolerance: Option<Duration>,
    pub(super) now: Timestamp,
    /// Nonces remembered at most.
    pub(super) remembered: usize,
}

/// base64(SHA-1(nonce + created + password)), over the nonce's bytes.
pub(super) fn password_digest(nonce: &[u8], created: &str, password: &str) -> String {
    let bytes = [nonce, created.as_bytes(), password.as_bytes()].concat();
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &bytes))
}

impl Nonces {
    /// A nonce is used up by a token that holds, and by no other.
    pub(super) fn check(&mut self, security: Option<&Node>, wanted: Wanted<'_>) -> Result<(), Refused> {
        let token = security.and_then(|security| security.child("UsernameToken")).ok_or("no-username-token")?;
        if token.value("Username") != Some(wanted.username) {
            return Err("unknown-username");
        }
        let password = token.child("Password").ok_or("no-password")?;
        if !password.attribute("Type").is_some_and(|kind| kind.ends_with("#PasswordDigest")) {
            return Err("password-is-no-digest");
        }
        let created = token.value("Created").ok_or("no-created")?;
        let nonce = token.value("Nonce").and_then(|nonce| STANDARD.decode(nonce).ok()).ok_or("bad-nonce")?;
        if nonce.is_empty() {
            return Err("bad-nonce");
        }
        if password_digest(&nonce, created, wanted.password) != password.text.trim() {
            return Err("wrong-digest");
        }
        if !is_recent(created, wanted) {
            return Err("stale-created");
        }
        if self.0.contains(&nonce) {
            return Err("replayed-nonce");
        }
        if self.0.len() < wanted.remembered {
            self.0.insert(nonce);
        }
        Ok(())
    }
}

fn is_recent(created: &str, wanted: Wanted<'_>) -> bool {
    let Ok(at) = created.parse::<Timestamp>() else { return false };
    let Some(tolerance) = wanted.tolerance else { return true };
    let near = |at: Timestamp| at.duration_since(wanted.now).unsigned_abs() <= tolerance;
    near(at) || at.checked_sub(HERE).is_ok_and(near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::xml::tree;

    const CREATED: &str = "2025-01-15T01:30:00.000Z";

    fn wanted(now: &str) -> Wanted<'static> {
        Wanted {
            username: "PARTNER",
            password: "mat khau",
            tolerance: Some(Duration::from_mins(10)),
            now: now.parse().unwrap(),
            remembered: 100,
        }
    }

    fn security(nonce: &str, digest: &str) -> Node {
        let text = format!(
            "<Security><UsernameToken><Username>PARTNER</Username><Password Type=\"x#PasswordDigest\">{digest}</Password><Nonce>{nonce}</Nonce><Created>{CREATED}</Created></UsernameToken></Security>"
        );
        tree(&text).unwrap()
    }

    #[test]
    fn a_digest_holds_once() {
        let digest = password_digest(b"0123456789abcdef", CREATED, "mat khau");
        let (nonce, now) = (STANDARD.encode(b"0123456789abcdef"), "2025-01-15T01:31:00Z");
        let mut nonces = Nonces::default();
        let mut check = |digest: &str, now: &str| nonces.check(Some(&security(&nonce, digest)), wanted(now));
        assert_eq!(check("AAAA", now), Err("wrong-digest"));
        assert_eq!(check(&digest, "2025-01-15T02:00:00Z"), Err("stale-created"));
        assert_eq!(check(&digest, now), Ok(()));
        assert_eq!(check(&digest, now), Err("replayed-nonce"));
    }

    #[test]
    fn local_time_that_is_called_z_is_taken_too() {
        let digest = password_digest(b"1", CREATED, "mat khau");
        let token = security(&STANDARD.encode(b"1"), &digest);
        assert_eq!(Nonces::default().check(Some(&token), wanted("2025-01-14T18:30:10Z")), Ok(()));
    }

    #[test]
    fn the_digest_is_the_one_of_the_specification() {
        // SHA-1 of the three parts in a row, computed elsewhere.
        assert_eq!(password_digest(b"abc", "", ""), "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
    }

    #[test]
    fn no_token_is_no_proof() {
        assert_eq!(Nonces::default().check(None, wanted(CREATED)), Err("no-username-token"));
    }
}
