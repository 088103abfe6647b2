//! Times of day at which bulk traffic may go, in Vietnam's time. Pure: it reads no clock.

use lienthong_core::Timestamp;

use crate::config::BulkPolicy;
use crate::local::{time_of_day, within};

/// Whether bulk traffic may go now.
pub(super) fn bulk_may_go(policy: &BulkPolicy, now: Timestamp) -> bool {
    policy.window.is_none_or(|(from, until)| within(time_of_day(now), from, until))
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn bulk_goes_always_unless_it_has_hours() {
        let night = BulkPolicy { window: Some((time(20, 0, 0, 0), time(6, 0, 0, 0))), per_hour: None };
        assert!(bulk_may_go(&BulkPolicy::default(), at("2026-03-01T05:00:00Z")));
        assert!(!bulk_may_go(&night, at("2026-03-01T12:00:00+07:00")));
        assert!(bulk_may_go(&night, at("2026-03-01T05:00:00+07:00")));
    }
}
