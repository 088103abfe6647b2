//! Sessions of `mapi/login`: opened, valid for a while, ended on command; it must not know passwords.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::net::rng::Rng;

/// Open sessions kept at most; the one that would end first gives way.
const MAX_SESSIONS: usize = 10_000;

pub(super) struct Sessions {
    ttl: Duration,
    open: HashMap<String, Instant>,
    rng: Rng,
}

impl Sessions {
    pub(super) fn new(ttl: Duration, seed: u64) -> Self {
        // Another stream than the faults', so that logins do not move them.
        Self { ttl, open: HashMap::new(), rng: Rng::new(seed ^ 0x5E55_1015) }
    }

    pub(super) fn open(&mut self, now: Instant) -> String {
        self.open.retain(|_, ends| *ends > now);
        if self.open.len() >= MAX_SESSIONS {
            let first = self.open.iter().min_by_key(|(_, ends)| **ends).map(|(id, _)| id.clone());
            if let Some(id) = first {
                self.open.remove(&id);
            }
        }
        let bits = (u128::from(self.rng.next()) << 64) | u128::from(self.rng.next());
        let id = uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string();
        self.open.insert(id.clone(), now + self.ttl);
        id
    }

    pub(super) fn is_valid(&self, id: &str, now: Instant) -> bool {
        self.open.get(id).is_some_and(|ends| *ends > now)
    }

    pub(super) fn count(&self, now: Instant) -> u64 {
        self.open.values().filter(|ends| **ends > now).count() as u64
    }

    pub(super) fn end(&mut self, id: &str) {
        self.open.remove(id);
    }

    pub(super) fn end_all(&mut self) {
        self.open.clear();
    }
}
