//! Time as a trait, so that hours of outage are tested in milliseconds. It reads no clock itself.

use std::time::Duration;

use jiff::Timestamp;

/// Where logic takes the time from. Sleeping is the runtime's business and follows [`Clock::monotonic`].
pub trait Clock: Send + Sync + 'static {
    /// Wall time; it may step. Only durable timers and records use it.
    fn now(&self) -> Timestamp;

    /// Time since some fixed instant of this process; never steps. Breakers, rates and leases use it.
    fn monotonic(&self) -> Duration;
}
