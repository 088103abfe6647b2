//! A token bucket on monotonic time. Pure: it neither sleeps nor reads a clock.

use std::time::Duration;

/// The longest wait it ever tells; whoever waits asks again.
const LONGEST: Duration = Duration::from_secs(3600);
/// Rounding of fractions of a token must not cost another wait.
const WHOLE: f64 = 1.0 - 1e-6;

/// Tokens that come back at a steady rate, up to a burst. Starts full.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bucket {
    per_second: f64,
    burst: f64,
    tokens: f64,
    at: Duration,
}

impl Bucket {
    /// A rate that is no positive number gives nothing beyond the first burst.
    pub(super) fn new(per_second: f64, burst: f64, now: Duration) -> Self {
        let per_second = if per_second.is_finite() { per_second.max(0.0) } else { 0.0 };
        let burst = burst.max(1.0);
        Self { per_second, burst, tokens: burst, at: now }
    }

    /// Takes over another rate and burst, keeping what is spent.
    pub(super) fn retuned(&self, per_second: f64, burst: f64, now: Duration) -> Self {
        let mut fresh = Self::new(per_second, burst, now);
        fresh.tokens = self.after(now).min(fresh.burst);
        fresh
    }

    pub(super) fn ready(&self, now: Duration) -> bool {
        self.after(now) >= WHOLE
    }

    pub(super) fn take(&mut self, now: Duration) -> bool {
        self.tokens = self.after(now);
        self.at = self.at.max(now);
        let ready = self.tokens >= WHOLE;
        if ready {
            self.tokens = (self.tokens - 1.0).max(0.0);
        }
        ready
    }

    /// The token was not used after all.
    pub(super) fn give_back(&mut self) {
        self.tokens = (self.tokens + 1.0).min(self.burst);
    }

    /// How long until a token is there; zero when one is.
    pub(super) fn wait(&self, now: Duration) -> Duration {
        let missing = 1.0 - self.after(now);
        if missing <= 1.0 - WHOLE {
            return Duration::ZERO;
        }
        // Rounded up, so that whoever waits finds it.
        let wait = Duration::try_from_secs_f64(missing / self.per_second).unwrap_or(LONGEST);
        wait.saturating_add(Duration::from_nanos(1)).min(LONGEST)
    }

    fn after(&self, now: Duration) -> f64 {
        let gained = now.saturating_sub(self.at).as_secs_f64() * self.per_second;
        (self.tokens + gained).min(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_burst_then_the_rate() {
        let mut bucket = Bucket::new(10.0, 3.0, Duration::ZERO);
        assert_eq!((0..9).filter(|_| bucket.take(Duration::ZERO)).count(), 3);
        assert_eq!(bucket.wait(Duration::ZERO).as_millis(), 100);
        assert!(bucket.take(Duration::from_millis(100)));
        assert!(!bucket.take(Duration::from_millis(150)));
    }

    #[test]
    fn a_rate_of_nothing_waits_and_never_panics() {
        let mut bucket = Bucket::new(f64::NAN, 1.0, Duration::ZERO);
        assert!(bucket.take(Duration::ZERO));
        assert_eq!(bucket.wait(Duration::from_secs(9)), LONGEST);
    }

    proptest! {
        /// Whoever waits as long as it says gets a token; over any time no more than burst and rate allow.
        #[test]
        fn waiting_pays_and_nothing_comes_for_free(rate in 0.1_f64..5_000.0, burst in 1_u32..50, takes in 1_u32..200) {
            let mut bucket = Bucket::new(rate, f64::from(burst), Duration::ZERO);
            let mut now = Duration::ZERO;
            for _ in 0..takes {
                now += bucket.wait(now);
                prop_assert!(bucket.take(now));
            }
            let allowed = f64::from(burst) + rate * now.as_secs_f64() + 1.0;
            prop_assert!(f64::from(takes) <= allowed);
        }
    }
}
