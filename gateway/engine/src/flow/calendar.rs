//! Working time in Vietnam: days, holidays, office hours. Pure: instants in, instants and lengths out.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use lienthong_core::Timestamp;

/// Asia/Ho_Chi_Minh; where the machine has no time zone data, its offset, which has not changed since 1975.
static VIETNAM: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Asia/Ho_Chi_Minh").unwrap_or_else(|_| TimeZone::fixed(Offset::constant(7))));

/// The zone every day, month and time of day is told in.
pub(crate) fn vietnam() -> TimeZone {
    VIETNAM.clone()
}

/// Days looked ahead for working time before it is given up: a calendar without any is refused when loaded.
const MOST_DAYS: usize = 4_000;

/// When offices work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    pub days: Vec<Weekday>,
    /// In order, not overlapping, none empty.
    pub hours: Vec<(Time, Time)>,
    pub holidays: BTreeSet<Date>,
    /// Days that are worked although their weekday is none, in exchange for another.
    pub also: BTreeSet<Date>,
}

impl Calendar {
    /// What is wrong with it, as (field, problem).
    pub fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let mut problems = Vec::new();
        if self.days.is_empty() {
            problems.push(("working_days", "names no day"));
        }
        if self.hours.is_empty() {
            problems.push(("office_hours", "names no hours"));
        }
        if self.hours.iter().any(|(from, until)| from >= until) {
            problems.push(("office_hours", "ends before it begins"));
        }
        if self.hours.windows(2).any(|pair| matches!(pair, [(_, until), (from, _)] if until > from)) {
            problems.push(("office_hours", "overlaps, or is out of order"));
        }
        problems
    }

    /// The working time of one day.
    pub fn a_day(&self) -> Duration {
        self.hours.iter().map(|(from, until)| length(*from, *until)).sum()
    }

    /// When so much working time after `from` is over.
    pub fn after(&self, from: Timestamp, working: Duration) -> Timestamp {
        let mut left = working;
        for (begin, end) in self.spans(from) {
            let here = between(begin.max(from), end);
            if here >= left {
                return begin.max(from).saturating_add(left).unwrap_or(Timestamp::MAX);
            }
            left = left.saturating_sub(here);
        }
        Timestamp::MAX
    }

    /// The working time from one instant to another.
    pub fn between(&self, from: Timestamp, until: Timestamp) -> Duration {
        let spans = self.spans(from).take_while(|(begin, _)| *begin < until);
        spans.map(|(begin, end)| between(begin.max(from), end.min(until))).sum()
    }

    /// Spans of working time that end after `from`, in order.
    fn spans(&self, from: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let first = from.to_zoned(VIETNAM.clone()).date();
        let days = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take(MOST_DAYS);
        let worked = days.filter(|day| self.is_worked(*day));
        let spans = worked.flat_map(|day| {
            self.hours.iter().filter_map(move |(begin, end)| Some((instant(day, *begin)?, instant(day, *end)?)))
        });
        spans.filter(move |(_, end)| *end > from)
    }

    fn is_worked(&self, day: Date) -> bool {
        !self.holidays.contains(&day) && (self.days.contains(&day.weekday()) || self.also.contains(&day))
    }
}

fn instant(day: Date, time: Time) -> Option<Timestamp> {
    Some(day.to_datetime(time).to_zoned(VIETNAM.clone()).ok()?.timestamp())
}

fn between(from: Timestamp, until: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(from)).unwrap_or_default()
}

fn length(from: Time, until: Time) -> Duration {
    Duration::try_from(until.duration_since(from)).unwrap_or_default()
}
