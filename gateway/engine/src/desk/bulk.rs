//! How long bulk traffic takes within its hours and its hourly cap, told before it begins. Pure.

use std::time::Duration;

use jiff::civil::Time;
use lienthong_core::{SignedDuration, Timestamp};

use super::window::{Day, When};
use crate::config::SystemPolicy;

/// What takes more nights than this is not told.
const MOST_NIGHTS: usize = 366;

/// What bulk traffic of a system comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkPlan {
    pub count: u64,
    /// An hour, at most; `None` where nothing limits it, and nobody can tell how long it takes.
    pub per_hour: Option<u64>,
    /// When it may begin: now, or when its hours begin.
    pub begins: Timestamp,
    /// How long it is sent, where a cap tells.
    pub takes: Option<Duration>,
    /// When the last of it goes, if nothing goes before it.
    pub ends: Option<Timestamp>,
}

/// Count divided by the smaller of cap and rate, spread over its hours.
pub fn plan(count: u64, policy: &SystemPolicy, now: Timestamp) -> BulkPlan {
    let hours = policy.bulk.window.filter(|(from, until)| from != until);
    let begins = hours.and_then(|hours| opening(hours, now)).map_or(now, |(from, _)| from.max(now));
    let per_hour = per_hour(policy);
    let takes = per_hour.map(|per_hour| Duration::from_secs(count.saturating_mul(3600).div_ceil(per_hour.max(1))));
    let ends = takes.and_then(|takes| ends(takes, hours, begins));
    BulkPlan { count, per_hour, begins, takes, ends }
}

fn per_hour(policy: &SystemPolicy) -> Option<u64> {
    let cap = policy.bulk.per_hour.map(|cap| u64::from(cap.get()));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 1 and an estimate")]
    let rate = policy.rate.map(|rate| (rate.per_second * 3600.0).max(1.0) as u64);
    [cap, rate].into_iter().flatten().min()
}

fn opening((from, until): (Time, Time), now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    When::Weekly { days: Day::ALL.to_vec(), from, until }.opening(now)
}

fn ends(takes: Duration, hours: Option<(Time, Time)>, begins: Timestamp) -> Option<Timestamp> {
    let mut left = SignedDuration::try_from(takes).ok()?;
    let Some(hours) = hours else { return begins.saturating_add(left).ok() };
    let mut at = begins;
    for _ in 0..MOST_NIGHTS {
        let (from, until) = opening(hours, at)?;
        let from = from.max(at);
        let here = until.duration_since(from);
        if left <= here {
            return from.saturating_add(left).ok();
        }
        left = left.saturating_sub(here);
        at = until;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use jiff::civil::time;

    use super::*;
    use crate::config::{BulkPolicy, RatePolicy};

    fn at(text: &str) -> Timestamp {
        format!("2026-03-{text}:00+07:00").parse().unwrap()
    }

    fn policy(night: bool, per_hour: Option<u32>, per_second: Option<f64>) -> SystemPolicy {
        let window = night.then_some((time(20, 0, 0, 0), time(6, 0, 0, 0)));
        let bulk = BulkPolicy { window, per_hour: per_hour.and_then(NonZeroU32::new) };
        let rate = per_second.map(|per_second| RatePolicy { per_second, burst: NonZeroU32::MIN });
        SystemPolicy { bulk, rate, ..SystemPolicy::default() }
    }

    #[test]
    fn a_cap_and_hours_tell_how_long_it_takes() {
        let found = plan(25_000, &policy(true, Some(1_000), None), at("02T12:00"));
        assert_eq!((found.begins, found.takes), (at("02T20:00"), Some(Duration::from_secs(25 * 3600))));
        // Ten hours a night: two whole nights and five hours.
        assert_eq!(found.ends, Some(at("05T01:00")));
        // In mid-night it has begun already.
        let found = plan(1_000, &policy(true, Some(1_000), None), at("02T23:30"));
        assert_eq!((found.begins, found.ends), (at("02T23:30"), Some(at("03T00:30"))));
    }

    #[test]
    fn the_smaller_of_cap_and_rate_counts_and_without_either_nobody_can_tell() {
        let slow = plan(7_200, &policy(false, Some(1_000_000), Some(2.0)), at("02T12:00"));
        assert_eq!((slow.per_hour, slow.ends), (Some(7_200), Some(at("02T13:00"))));
        let unknown = plan(7_200, &policy(true, None, None), at("02T12:00"));
        assert_eq!((unknown.per_hour, unknown.takes, unknown.ends), (None, None, None));
        assert_eq!(plan(0, &policy(false, Some(10), None), at("02T12:00")).ends, Some(at("02T12:00")));
        assert_eq!(plan(u64::MAX, &policy(true, Some(1), None), at("02T12:00")).ends, None);
    }
}
