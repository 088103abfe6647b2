//! WS-Security's password digest: base64(SHA-1(nonce + created + password)), a fresh nonce each time. It keeps no nonce.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lienthong_core::Timestamp;
use lienthong_core::secret::{ExposeSecret as _, SecretString};
use lienthong_formats::date::HERE;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::config::Created;
use crate::wire::security::{UsernameToken, username_token};

const CREATED: &str = "%Y-%m-%dT%H:%M:%S%.3fZ";

/// Name and password at the gateway.
pub(super) struct Account {
    username: SecretString,
    password: SecretString,
    created: Created,
}

impl Account {
    pub(super) fn new(username: SecretString, password: SecretString, created: Created) -> Self {
        Self { username, password, created }
    }

    /// What must show in no fault.
    pub(super) fn secrets(&self) -> [&str; 2] {
        [self.username.expose_secret(), self.password.expose_secret()]
    }

    /// `wsse:Security` for this moment.
    pub(super) fn token(&self, now: Timestamp) -> String {
        self.token_with(&rand::random::<[u8; 16]>(), now)
    }

    fn token_with(&self, nonce: &[u8], now: Timestamp) -> String {
        let created = match self.created {
            Created::Utc => now.strftime(CREATED).to_string(),
            Created::LocalWithZ => HERE.to_datetime(now).strftime(CREATED).to_string(),
        };
        let digest = password_digest(nonce, &created, self.password.expose_secret());
        username_token(&UsernameToken {
            username: self.username.expose_secret(),
            digest: &digest,
            nonce: &STANDARD.encode(nonce),
            created: &created,
        })
    }
}

fn password_digest(nonce: &[u8], created: &str, password: &str) -> String {
    let bytes = [nonce, created.as_bytes(), password.as_bytes()].concat();
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &bytes))
}

#[cfg(test)]
mod tests {
    use lienthong_formats::xml::{Limits, read};

    use super::*;

    fn shown(created: Created) -> (String, String) {
        let account = Account::new("TÊN & <P>".into(), "mat khau".into(), created);
        let token = account.token_with(b"0123456789abcdef", "2025-01-15T01:30:00.5Z".parse().unwrap());
        let around = format!("<soapenv:H xmlns:soapenv=\"urn:x\">{token}</soapenv:H>");
        let root = read(around.as_bytes(), &Limits::MESSAGE).unwrap();
        let token = root.at(&["Security", "UsernameToken"]).unwrap();
        assert_eq!(token.child_text("Username"), Some("TÊN & <P>"));
        assert_eq!(token.child_text("Nonce"), Some("MDEyMzQ1Njc4OWFiY2RlZg=="));
        (token.child_text("Created").unwrap().to_owned(), token.child_text("Password").unwrap().to_owned())
    }

    #[test]
    fn the_digest_is_over_nonce_created_and_password_as_they_stand() {
        // printf '0123456789abcdef2025-01-15T01:30:00.500Zmat khau' | openssl sha1 -binary | base64
        let (created, digest) = shown(Created::Utc);
        assert_eq!(created, "2025-01-15T01:30:00.500Z");
        assert_eq!(digest, "anwtddIhPRBi/slAiYUNgfhldUs=");
    }

    #[test]
    fn created_may_be_local_time_with_a_literal_z_as_one_client_writes() {
        assert_eq!(shown(Created::LocalWithZ).0, "2025-01-15T08:30:00.500Z");
    }

    #[test]
    fn no_two_tokens_have_one_nonce() {
        let account = Account::new("a".into(), "b".into(), Created::Utc);
        let now = "2025-01-15T01:30:00Z".parse().unwrap();
        assert_ne!(account.token(now), account.token(now));
    }
}
