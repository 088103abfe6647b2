//! Times of day and days in Vietnam. Pure: it reads no clock.

use std::sync::LazyLock;

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, ToSpan as _};
use lienthong_core::Timestamp;

/// Asia/Ho_Chi_Minh; where the machine has no time zone data, its offset, which has not changed since 1975.
static VIETNAM: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Asia/Ho_Chi_Minh").unwrap_or_else(|_| TimeZone::fixed(Offset::constant(7))));

pub fn time_of_day(now: Timestamp) -> Time {
    now.to_zoned(VIETNAM.clone()).time()
}

/// Across midnight when `until` is earlier; empty when both are the same.
pub fn within(time: Time, from: Time, until: Time) -> bool {
    if from <= until { from <= time && time < until } else { from <= time || time < until }
}

/// When a day begins.
pub fn begins(day: Date) -> Option<Timestamp> {
    day.to_zoned(VIETNAM.clone()).ok().map(|at| at.timestamp())
}

/// The next instant, later than `now`, at which it is this time of day.
pub fn next(now: Timestamp, time: Time) -> Timestamp {
    let here = now.to_zoned(VIETNAM.clone());
    let on = |days: Span| here.date().saturating_add(days).to_datetime(time).to_zoned(VIETNAM.clone()).ok();
    let found = [0.days(), 1.days()].into_iter().filter_map(on).map(|at| at.timestamp()).find(|at| *at > now);
    found.unwrap_or(now)
}

/// The next full hour, later than `now`.
pub fn next_hour(now: Timestamp) -> Timestamp {
    const HOUR: i64 = 3600;
    Timestamp::from_second((now.as_second().div_euclid(HOUR) + 1) * HOUR).unwrap_or(now)
}

/// Day, month and time to the minute, as people here read them.
pub fn minute(at: Timestamp) -> String {
    at.to_zoned(VIETNAM.clone()).strftime("%d/%m/%Y %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_time_of_day_is_today_or_tomorrow_and_never_now() {
        let half_past_seven = time(7, 30, 0, 0);
        for (now, next_at) in [
            ("2026-03-01T07:29:59+07:00", "2026-03-01T07:30:00+07:00"),
            ("2026-03-01T07:30:00+07:00", "2026-03-02T07:30:00+07:00"),
            ("2026-03-01T23:00:00+07:00", "2026-03-02T07:30:00+07:00"),
        ] {
            assert_eq!(next(at(now), half_past_seven), at(next_at), "{now}");
        }
        assert_eq!(next_hour(at("2026-03-01T07:00:00Z")), at("2026-03-01T08:00:00Z"));
    }

    #[test]
    fn a_day_begins_at_midnight_in_vietnam() {
        assert_eq!(begins(date(2027, 4, 1)), Some(at("2027-03-31T17:00:00Z")));
        assert_eq!(minute(at("2026-01-15T17:30:05Z")), "16/01/2026 00:30");
    }
}
