//! OAuth2 password grant with refresh, as iLIS gives tokens; it must not check a call.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::options::Account;
use crate::net::request::Query;
use crate::net::rng::Rng;

/// Tokens kept at most; the oldest end first.
const TOKENS: usize = 10_000;

pub(super) struct Tokens {
    ttl: Duration,
    rng: Rng,
    /// Access tokens and when each ends.
    access: HashMap<String, Instant>,
    /// The refresh token now good: each is good once.
    refresh: Option<String>,
    pub(super) logins: u64,
    pub(super) refreshes: u64,
    /// Given while another was still valid: wasted ones.
    pub(super) while_valid: u64,
}

impl Tokens {
    pub(super) fn new(ttl: Duration, seed: u64) -> Self {
        let rng = Rng::new(seed ^ 0x746f_6b65_6e73);
        Self { ttl, rng, access: HashMap::new(), refresh: None, logins: 0, refreshes: 0, while_valid: 0 }
    }

    /// RFC 6749 §4.3 and §6; the error is §5.2's word.
    pub(super) fn grant(&mut self, account: &Account, form: &Query, now: Instant) -> Result<Value, &'static str> {
        let given = |name: &str| form.get(name).unwrap_or_default();
        if given("client_id") != account.client_id || given("client_secret") != account.client_secret {
            return Err("invalid_client");
        }
        match given("grant_type") {
            "password" if given("username") == account.username && given("password") == account.password => {
                self.logins += 1;
            }
            "refresh_token" if self.refresh.as_deref() == Some(given("refresh_token")) => self.refreshes += 1,
            "password" | "refresh_token" => return Err("invalid_grant"),
            _other => return Err("unsupported_grant_type"),
        }
        self.access.retain(|_, ends| *ends > now);
        self.while_valid += u64::from(!self.access.is_empty());
        if self.access.len() >= TOKENS {
            self.access.clear();
        }
        let (access, refresh) = (self.made(), self.made());
        self.access.insert(access.clone(), now + self.ttl);
        self.refresh = Some(refresh.clone());
        Ok(json!({
            "access_token": access,
            "token_type": "bearer",
            "expires_in": self.ttl.as_secs(),
            "refresh_token": refresh,
        }))
    }

    fn made(&mut self) -> String {
        format!("{:016x}{:016x}", self.rng.next(), self.rng.next())
    }

    pub(super) fn is_valid(&self, token: &str, now: Instant) -> bool {
        self.access.get(token).is_some_and(|ends| *ends > now)
    }

    pub(super) fn end(&mut self, token: &str) {
        self.access.remove(token);
    }

    /// Every token ends; with `all` the refresh token does too.
    pub(super) fn end_all(&mut self, all: bool) {
        self.access.clear();
        if all {
            self.refresh = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(more: &str) -> Query {
        Query::parse(&format!("client_id=one-stop&client_secret=simulated-secret&{more}"))
    }

    #[test]
    fn a_refresh_token_is_good_once_and_a_token_for_its_time() {
        let account = Account::default();
        let mut tokens = Tokens::new(Duration::from_secs(60), 1);
        let now = Instant::now();
        let password = form("grant_type=password&username=province&password=simulated");
        let first = tokens.grant(&account, &password, now).unwrap();
        let (access, refresh) = (first["access_token"].as_str().unwrap(), first["refresh_token"].as_str().unwrap());
        assert!(tokens.is_valid(access, now));
        assert!(!tokens.is_valid(access, now + Duration::from_secs(61)));
        let again = form(&format!("grant_type=refresh_token&refresh_token={refresh}"));
        assert!(tokens.grant(&account, &again, now).is_ok());
        assert_eq!(tokens.grant(&account, &again, now), Err("invalid_grant"));
        assert_eq!((tokens.logins, tokens.refreshes, tokens.while_valid), (1, 1, 1));
    }

    #[test]
    fn wrong_accounts_and_grants_are_told_apart() {
        let account = Account::default();
        let mut tokens = Tokens::new(Duration::from_secs(60), 1);
        let now = Instant::now();
        let asked = |tokens: &mut Tokens, form: &Query| tokens.grant(&account, form, now).unwrap_err();
        let wrong = form("grant_type=password&username=province&password=other");
        assert_eq!(asked(&mut tokens, &wrong), "invalid_grant");
        assert_eq!(asked(&mut tokens, &form("grant_type=client_credentials")), "unsupported_grant_type");
        assert_eq!(asked(&mut tokens, &Query::parse("client_id=x&grant_type=password")), "invalid_client");
    }
}
