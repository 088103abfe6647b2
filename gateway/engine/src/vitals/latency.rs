//! How long attempts took, in buckets that grow by an eighth. Pure: it keeps counts and no times.

use std::time::Duration;

use serde::{Deserialize, Serialize};

const BUCKETS: usize = 128;
/// The upper bound of the first, in milliseconds; each further one is this much larger.
const FIRST: f64 = 1.0;
const RATIO: f64 = 1.125;

/// Counts of attempts by how long they took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(u8, u64)>", into = "Vec<(u8, u64)>")]
pub struct Latencies(Box<[u64; BUCKETS]>);

/// What so many in a hundred took at most; each up to an eighth too high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantiles {
    pub p50: Duration,
    pub p95: Duration,
    pub p99: Duration,
}

impl Default for Latencies {
    fn default() -> Self {
        Self(Box::new([0; BUCKETS]))
    }
}

impl Latencies {
    pub(crate) fn add(&mut self, took: Duration) {
        if let Some(count) = self.0.get_mut(bucket(took)) {
            *count = count.saturating_add(1);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0.iter()) {
            *mine = mine.saturating_add(*theirs);
        }
    }

    pub fn count(&self) -> u64 {
        self.0.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// `None` where nothing was measured.
    pub fn quantiles(&self) -> Option<Quantiles> {
        Some(Quantiles { p50: self.at_most(50)?, p95: self.at_most(95)?, p99: self.at_most(99)? })
    }

    fn at_most(&self, hundredths: u64) -> Option<Duration> {
        let all = self.count();
        let wanted = all.saturating_mul(hundredths).div_ceil(100).max(1);
        let mut seen = 0_u64;
        let place = self.0.iter().position(|count| {
            seen = seen.saturating_add(*count);
            seen >= wanted
        });
        place.filter(|_| all > 0).map(upper)
    }
}

fn bucket(took: Duration) -> usize {
    let steps = (took.as_secs_f64() * 1000.0 / FIRST).max(1.0).ln() / RATIO.ln();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at least 0, and cut to the last bucket"
    )]
    let place = (steps - 1e-9).ceil().max(0.0) as usize;
    place.min(BUCKETS - 1)
}

fn upper(place: usize) -> Duration {
    let steps = i32::try_from(place).unwrap_or(i32::MAX);
    Duration::try_from_secs_f64(FIRST * RATIO.powi(steps) / 1000.0).unwrap_or(Duration::MAX)
}

impl From<Vec<(u8, u64)>> for Latencies {
    fn from(sparse: Vec<(u8, u64)>) -> Self {
        let mut latencies = Self::default();
        for (place, count) in sparse {
            if let Some(kept) = latencies.0.get_mut(usize::from(place)) {
                *kept = count;
            }
        }
        latencies
    }
}

impl From<Latencies> for Vec<(u8, u64)> {
    fn from(latencies: Latencies) -> Self {
        (0_u8..).zip(latencies.0.iter().copied()).filter(|(_, count)| *count > 0).collect()
    }
}
