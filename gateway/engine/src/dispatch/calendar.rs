//! Times of day at which a system is not called or bulk traffic may go, in Vietnam's time. Pure: it reads no clock.

use lienthong_core::Timestamp;

use crate::config::{BulkPolicy, MaintenanceWindow};
use crate::local::{time_of_day, within};

/// Whether the calendar says not to call now. A window includes its beginning and ends before its end.
pub(super) fn in_maintenance(windows: &[MaintenanceWindow], now: Timestamp) -> bool {
    windows.iter().any(|window| match window {
        MaintenanceWindow::Daily { from, until } => within(time_of_day(now), *from, *until),
        MaintenanceWindow::Once { from, until } => *from <= now && now < *until,
    })
}

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
    fn a_nightly_window_crosses_midnight_in_vietnam() {
        let nightly = [MaintenanceWindow::Daily { from: time(23, 0, 0, 0), until: time(1, 30, 0, 0) }];
        for (moment, inside) in [
            ("2026-03-01T22:59:59+07:00", false),
            ("2026-03-01T23:00:00+07:00", true),
            ("2026-03-02T00:10:00+07:00", true),
            ("2026-03-02T01:30:00+07:00", false),
            ("2026-03-01T23:30:00Z", false),
        ] {
            assert_eq!(in_maintenance(&nightly, at(moment)), inside, "{moment}");
        }
    }

    #[test]
    fn a_single_window_ends_by_itself() {
        let once = [MaintenanceWindow::Once { from: at("2026-03-01T10:00:00Z"), until: at("2026-03-01T11:00:00Z") }];
        assert!(in_maintenance(&once, at("2026-03-01T10:59:59Z")));
        assert!(!in_maintenance(&once, at("2026-03-01T11:00:00Z")));
    }

    #[test]
    fn bulk_goes_always_unless_it_has_hours() {
        let night = BulkPolicy { window: Some((time(20, 0, 0, 0), time(6, 0, 0, 0))), per_hour: None };
        assert!(bulk_may_go(&BulkPolicy::default(), at("2026-03-01T05:00:00Z")));
        assert!(!bulk_may_go(&night, at("2026-03-01T12:00:00+07:00")));
        assert!(bulk_may_go(&night, at("2026-03-01T05:00:00+07:00")));
    }
}
