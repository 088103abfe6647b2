//! The real clock and one for tests that follows the runtime's (pausable) time. Nothing else in the workspace reads the system's clocks.

use std::time::Duration;

use jiff::Timestamp;
use lienthong_core::Clock;
use parking_lot::Mutex;
use tokio::time::Instant;

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock {
    started: std::time::Instant,
}

impl SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
    pub fn new() -> Self {
        Self { started: std::time::Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    /// In whole microseconds, which is what the journal keeps: an event told live equals the one read later.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Follows tokio's clock, so that paused time moves it; its wall time can also be made to step.
pub struct RuntimeClock {
    wall_at_start: Mutex<Timestamp>,
    started: Instant,
}

impl RuntimeClock {
    /// Starts at `wall`; must be made inside a runtime.
    pub fn starting_at(wall: Timestamp) -> Self {
        Self { wall_at_start: Mutex::new(wall), started: Instant::now() }
    }

    /// The wall clock steps; monotonic time does not notice.
    pub fn step(&self, by: jiff::SignedDuration) {
        let mut wall = self.wall_at_start.lock();
        *wall = wall.saturating_add(by).unwrap_or(*wall);
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        let wall = *self.wall_at_start.lock();
        wall.saturating_add(self.monotonic()).unwrap_or(wall)
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}
