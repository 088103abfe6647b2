//! What is kept of one hour. Its text is a format of our own: a field it does not know is an hour nobody reads.

use lienthong_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::latency::Latencies;

/// What was measured of a system in one hour.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hour {
    pub answered: u64,
    pub refused: u64,
    pub failed: u64,
    pub latencies: Latencies,
    /// Deliveries that came to wait for it.
    pub came: u64,
    /// Deliveries that needed it no more.
    pub went: u64,
    /// One bit a minute: whether it was watched.
    pub watched: u64,
    /// One bit a minute: whether it was down all of it.
    pub down: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success: Option<Timestamp>,
}

/// What was measured of a client in one hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientHour {
    /// Messages accepted from it.
    pub messages: u64,
    /// The last of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
}

impl Hour {
    pub fn read(text: &str) -> Option<Self> {
        read(text)
    }

    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Adds what another process measured of the same hour.
    pub(super) fn merge(&mut self, other: &Self) {
        let Self { answered, refused, failed, latencies, came, went, watched, down, last_success } = other;
        self.answered = self.answered.saturating_add(*answered);
        self.refused = self.refused.saturating_add(*refused);
        self.failed = self.failed.saturating_add(*failed);
        self.latencies.merge(latencies);
        self.came = self.came.saturating_add(*came);
        self.went = self.went.saturating_add(*went);
        // A minute that both watched was down only if both saw it so.
        let both = self.watched & watched;
        self.down = (self.down & down & both) | ((self.down | down) & !both);
        self.watched |= watched;
        self.last_success = self.last_success.max(*last_success);
    }

    pub fn attempts(&self) -> u64 {
        self.answered.saturating_add(self.refused).saturating_add(self.failed)
    }
}

impl ClientHour {
    pub fn read(text: &str) -> Option<Self> {
        read(text)
    }

    pub(super) fn text(self) -> String {
        serde_json::to_string(&self).unwrap_or_default()
    }
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).inspect_err(|error| tracing::warn!(%error, "a measured hour cannot be read")).ok()
}
