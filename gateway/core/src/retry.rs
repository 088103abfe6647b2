//! How long to wait before the next attempt: exponential backoff with full jitter. It does not wait.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Waits between attempts of one delivery and how many may fail before it is parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// Failed attempts that belong to the delivery itself before it is parked; at least 1.
    pub budget: u32,
    /// The first wait is drawn from zero to this.
    pub first: Duration,
    /// No wait is longer; durable timers are clamped to it after a clock step.
    pub longest: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { budget: 8, first: Duration::from_secs(1), longest: Duration::from_secs(15 * 60) }
    }
}

impl RetryPolicy {
    /// The wait after `failures` failed attempts (1 = after the first), drawn with `draw` in `0.0..1.0`; never below a
    /// tenth of the ceiling, so that a zero draw is no busy loop.
    pub fn wait(&self, failures: u32, draw: f64) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let ceiling = self.first.saturating_mul(1_u32 << doublings).min(self.longest);
        ceiling.mul_f64(draw.clamp(0.1, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let policy = RetryPolicy::default();
        assert_eq!(policy.wait(1, 1.0), Duration::from_secs(1));
        assert_eq!(policy.wait(4, 1.0), Duration::from_secs(8));
        assert_eq!(policy.wait(40, 1.0), Duration::from_secs(900));
    }

    proptest! {
        #[test]
        fn a_wait_lies_between_a_tenth_of_its_ceiling_and_the_longest(failures in 1_u32..200, draw in 0.0_f64..1.0) {
            let policy = RetryPolicy::default();
            let wait = policy.wait(failures, draw);
            prop_assert!(wait <= policy.longest);
            prop_assert!(wait >= policy.first.mul_f64(0.1));
        }
    }
}
