//! When a poller is due: pure, from its schedule and its last success.

use lienthong_core::poller::PollTime;
use lienthong_core::{SignedDuration, Timestamp};

/// UTC+7 all year since 1975.
const ZONE: jiff::tz::Offset = jiff::tz::offset(7);

/// The time after `last` at which it is due; at once when it never succeeded.
pub(super) fn after(when: PollTime, last: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let Some(last) = last.map(|last| last.min(now)) else { return now };
    match when {
        PollTime::Every(wait) => last.saturating_add(wait).unwrap_or(last),
        PollTime::Daily(time) => {
            let local = ZONE.to_datetime(last);
            let at = |day: jiff::civil::Date| ZONE.to_timestamp(day.to_datetime(time)).ok();
            let today = at(local.date()).filter(|today| *today > last);
            let tomorrow = || local.date().tomorrow().ok().and_then(at);
            today
                .or_else(tomorrow)
                .unwrap_or_else(|| last.saturating_add(SignedDuration::from_hours(24)).unwrap_or(last))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn at_once_the_first_time_and_then_after_its_wait() {
        let now = at("2026-01-15T10:00:00+07:00");
        let every = PollTime::Every(Duration::from_secs(60));
        assert_eq!(after(every, None, now), now);
        assert_eq!(after(every, Some(now), now), at("2026-01-15T10:01:00+07:00"));
        // A last success in the future is a clock that was put back.
        assert_eq!(after(every, Some(at("2027-01-01T00:00:00Z")), now), at("2026-01-15T10:01:00+07:00"));
    }

    #[test]
    fn a_day_missed_is_made_up_for() {
        let daily = PollTime::Daily(jiff::civil::time(2, 0, 0, 0));
        let now = at("2026-01-15T10:00:00+07:00");
        assert_eq!(after(daily, Some(now), now), at("2026-01-16T02:00:00+07:00"));
        assert_eq!(after(daily, Some(at("2026-01-15T01:00:00+07:00")), now), at("2026-01-15T02:00:00+07:00"));
        assert!(after(daily, Some(at("2026-01-12T02:00:00+07:00")), now) < now);
    }
}
