//! Who normally sends and has stopped: by a declared length of silence, or by what was sent in the same hours of earlier weeks. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use lienthong_core::Timestamp;

use crate::flow::SharedCalendar;
use crate::vitals::hour_of;

/// Nothing is learned from fewer whole weeks.
pub const FEWEST_WEEKS: i64 = 4;
/// Nor are more looked at.
const MOST_WEEKS: i64 = 8;
/// In each of those weeks so many messages came in the hours that are silent now: fewer may be chance.
pub const ENOUGH: u64 = 10;
const WEEK: i64 = 7 * 24;

/// A declared schedule: longer silence than this is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilencePolicy {
    /// Working time where there is a calendar.
    pub after: Duration,
    pub during: Option<SharedCalendar>,
}

/// Why a silence is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SilentBy {
    /// It is longer than declared.
    Declared { after: Duration },
    /// In these hours at least so many messages came in each of so many weeks before.
    Learned { least: u64, weeks: i64 },
}

/// What a silence is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// The last message, where one is known.
    pub last: Option<Timestamp>,
    /// Since when anything would have been heard.
    pub watching: Timestamp,
    /// Messages by the hour, counted from 1970; hours without any may be left out.
    pub hours: &'a BTreeMap<i64, u64>,
    pub now: Timestamp,
}

/// Whether a silence is to be reported. What is declared stands before what is learned.
pub fn judged(policy: Option<&SilencePolicy>, heard: &Heard<'_>) -> Option<SilentBy> {
    match policy {
        Some(policy) => declared(policy, heard),
        None => learned(heard),
    }
}

fn declared(policy: &SilencePolicy, heard: &Heard<'_>) -> Option<SilentBy> {
    let from = heard.last.unwrap_or(heard.watching);
    let silent = match &policy.during {
        Some(calendar) => calendar.between(from, heard.now),
        None => Duration::try_from(heard.now.duration_since(from)).unwrap_or_default(),
    };
    (silent > policy.after).then_some(SilentBy::Declared { after: policy.after })
}

/// Only whole hours count, only those in which it was listened to, and at most a week of them.
fn learned(heard: &Heard<'_>) -> Option<SilentBy> {
    let now = hour_of(heard.now);
    let first = hour_of(heard.last?.max(heard.watching)).saturating_add(1).max(now.saturating_sub(WEEK));
    let weeks = (now - heard.hours.keys().next()?).div_euclid(WEEK).min(MOST_WEEKS);
    if weeks < FEWEST_WEEKS || first >= now {
        return None;
    }
    let in_week = |week: i64| -> u64 {
        let back = week.saturating_mul(WEEK);
        heard.hours.range(first.saturating_sub(back)..now.saturating_sub(back)).map(|(_, count)| count).sum()
    };
    let least = (1..=weeks).map(in_week).min().filter(|least| *least >= ENOUGH)?;
    Some(SilentBy::Learned { least, weeks })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use jiff::civil::{Weekday, time};

    use super::*;
    use crate::flow::Calendar;
    use crate::vitals::hour_begins;

    fn at(text: &str) -> Timestamp {
        // 2 March 2026 is a Monday.
        format!("2026-03-{text}:00+07:00").parse().unwrap()
    }

    /// So many messages in each office hour of the weeks before Monday, 30 March.
    fn weeks(count: i64, an_hour: u64) -> BTreeMap<i64, u64> {
        let monday = hour_of(at("30T00:00"));
        let hours = (1..=count * WEEK).map(|back| monday - back);
        let worked = hours.filter(|hour| {
            let (of_day, day) = ((hour + 7).rem_euclid(24), (hour - monday).rem_euclid(WEEK) / 24);
            (8..17).contains(&of_day) && day < 5
        });
        worked.map(|hour| (hour, an_hour)).collect()
    }

    fn heard<'a>(hours: &'a BTreeMap<i64, u64>, now: &str) -> Heard<'a> {
        let last = hours.keys().next_back().map(|hour| hour_begins(*hour));
        Heard { last, watching: Timestamp::UNIX_EPOCH, hours, now: at(now) }
    }

    #[test]
    fn a_client_that_always_sends_on_monday_morning_is_missed_by_the_time_ten_would_have_come() {
        let hours = weeks(5, 4);
        // The week end was silent as always; three morning hours bring twelve messages.
        assert_eq!(judged(None, &heard(&hours, "30T10:59")), None);
        assert_eq!(judged(None, &heard(&hours, "30T11:00")), Some(SilentBy::Learned { least: 12, weeks: 5 }));
    }

    #[test]
    fn little_history_and_one_silent_week_before_prove_nothing() {
        assert_eq!(judged(None, &heard(&weeks(3, 100), "30T16:00")), None);
        let mut hours = weeks(6, 100);
        let quiet = hour_of(at("16T00:00"));
        hours.retain(|hour, _| !(quiet..quiet + 24).contains(hour));
        assert_eq!(judged(None, &heard(&hours, "30T16:00")), None, "a holiday a fortnight ago");
        assert_eq!(judged(None, &heard(&BTreeMap::new(), "30T16:00")), None);
    }

    #[test]
    fn hours_in_which_nobody_listened_are_nobody_s_silence() {
        let hours = weeks(5, 4);
        let deaf = Heard { watching: at("30T10:30"), ..heard(&hours, "30T11:00") };
        assert_eq!(judged(None, &deaf), None);
    }

    #[test]
    fn a_declared_schedule_counts_working_time_and_stands_before_what_is_learned() {
        let calendar = Calendar {
            days: vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday],
            hours: vec![(time(8, 0, 0, 0), time(17, 0, 0, 0))],
            holidays: BTreeSet::new(),
            also: BTreeSet::new(),
        };
        let four = Duration::from_secs(4 * 3600);
        let policy = SilencePolicy { after: four, during: Some(Arc::new(calendar)) };
        let hours = weeks(5, 4);
        let friday = Heard { last: Some(at("27T16:00")), ..heard(&hours, "30T11:00") };
        assert_eq!(judged(Some(&policy), &friday), None, "one hour on Friday and three on Monday");
        let later = Heard { now: at("30T11:01"), ..friday };
        assert_eq!(judged(Some(&policy), &later), Some(SilentBy::Declared { after: four }));
        let always = SilencePolicy { after: four, during: None };
        assert!(judged(Some(&always), &Heard { now: at("27T20:01"), ..friday }).is_some());
        // Nothing was ever heard: it is counted from when it was listened to.
        let never = Heard { last: None, watching: at("30T08:00"), hours: &BTreeMap::new(), now: at("30T11:00") };
        assert_eq!(judged(Some(&policy), &never), None);
        assert!(judged(Some(&policy), &Heard { now: at("30T12:01"), ..never }).is_some());
    }
}
