//! Longer and longer waits between tries, up to a longest, with chance in them. It does not wait itself.

use std::time::Duration;

/// The waits of one task.
#[derive(Debug)]
pub(super) struct Pause {
    first: Duration,
    longest: Duration,
    wait: Duration,
}

impl Pause {
    pub(super) fn between(first: Duration, longest: Duration) -> Self {
        Self { first, longest, wait: first }
    }

    /// Half to all of a wait that doubles each time.
    pub(super) fn next(&mut self) -> Duration {
        let wait = self.wait;
        self.wait = (wait * 2).min(self.longest);
        wait.mul_f64(f64::midpoint(1.0, rand::random::<f64>()))
    }

    /// It went well: the next wait is the first again.
    pub(super) fn reset(&mut self) {
        self.wait = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_begin_again_after_a_success() {
        let mut pause = Pause::between(Duration::from_millis(200), Duration::from_secs(1));
        for most in [200, 400, 800, 1000, 1000] {
            let wait = pause.next();
            let most = Duration::from_millis(most);
            assert!(wait >= most / 2 && wait <= most, "{wait:?} of {most:?}");
        }
        pause.reset();
        assert!(pause.next() <= Duration::from_millis(200));
    }
}
