//! Access tokens: given, valid for a while, ended on command; it must not know the client's secret.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::net::rng::Rng;

/// Tokens kept at most; the one that would end first gives way.
const MAX_TOKENS: usize = 10_000;

pub(super) struct Tokens {
    ttl: Duration,
    open: HashMap<String, Instant>,
    rng: Rng,
}

impl Tokens {
    pub(super) fn new(ttl: Duration, seed: u64) -> Self {
        // Another stream than the faults', so that tokens do not move them.
        Self { ttl, open: HashMap::new(), rng: Rng::new(seed ^ 0x70CE_4202) }
    }

    /// A new token and the seconds it lives.
    pub(super) fn give(&mut self, now: Instant) -> (String, u64) {
        self.open.retain(|_, ends| *ends > now);
        if self.open.len() >= MAX_TOKENS {
            let first = self.open.iter().min_by_key(|(_, ends)| **ends).map(|(id, _)| id.clone());
            first.map(|id| self.open.remove(&id));
        }
        let token = format!("{:016x}{:016x}", self.rng.next(), self.rng.next());
        self.open.insert(token.clone(), now + self.ttl);
        (token, self.ttl.as_secs())
    }

    pub(super) fn is_valid(&self, token: &str, now: Instant) -> bool {
        self.open.get(token).is_some_and(|ends| *ends > now)
    }

    /// Any token valid now: another one was not needed.
    pub(super) fn any_valid(&self, now: Instant) -> bool {
        self.open.values().any(|ends| *ends > now)
    }

    pub(super) fn end(&mut self, token: &str) {
        self.open.remove(token);
    }

    pub(super) fn end_all(&mut self) {
        self.open.clear();
    }
}
