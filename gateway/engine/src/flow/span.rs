//! How long a step may take: plain time, or working time; pauses do not count. It knows no step.

use std::str::FromStr;
use std::time::Duration;

use lienthong_core::Timestamp;

use super::Calendar;

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// `3d`, `16h`: by the clock.
    Clock(Duration),
    /// `16wh`: office hours.
    WorkingHours(u32),
    /// `2wd`: the office hours of so many working days.
    WorkingDays(u32),
}

impl FromStr for Within {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "is written like 2wd (working days), 16wh (working hours), 3d, 16h or 30m";
        let text = text.trim();
        let split = text.find(|c: char| !c.is_ascii_digit()).ok_or(FORM)?;
        let (number, unit) = text.split_at_checked(split).ok_or(FORM)?;
        let number: u32 = number.parse().map_err(|_| FORM)?;
        // A hundred years are no time limit any more.
        if number == 0 || number > 876_000 {
            return Err(FORM);
        }
        let seconds = |of: u64| Ok(Self::Clock(Duration::from_secs(u64::from(number) * of)));
        match unit {
            "wd" if number <= 1_000 => Ok(Self::WorkingDays(number)),
            "wh" if number <= 10_000 => Ok(Self::WorkingHours(number)),
            "d" if number <= 36_500 => seconds(86_400),
            "h" => seconds(3_600),
            "m" => seconds(60),
            _other => Err(FORM),
        }
    }
}

impl Within {
    pub fn is_working(self) -> bool {
        match self {
            Self::Clock(_) => false,
            Self::WorkingHours(_) | Self::WorkingDays(_) => true,
        }
    }

    /// When it is over, counted from `from` without the pauses; `None` while a pause stands. Pauses are in order and do not overlap;
    /// one without an end stands still.
    pub(super) fn over(
        self,
        from: Timestamp,
        pauses: &[(Timestamp, Option<Timestamp>)],
        calendar: Option<&Calendar>,
    ) -> Option<Timestamp> {
        let clock = Clock { calendar: calendar.filter(|_| self.is_working()) };
        let mut left = self.length(calendar);
        let mut at = from;
        for (begin, end) in pauses {
            if end.is_some_and(|end| end <= at) {
                continue;
            }
            let passed = clock.between(at, (*begin).max(at));
            if passed >= left {
                break;
            }
            left = left.saturating_sub(passed);
            at = (*end)?;
        }
        Some(clock.after(at, left))
    }

    fn length(self, calendar: Option<&Calendar>) -> Duration {
        match self {
            Self::Clock(length) => length,
            Self::WorkingHours(hours) => Duration::from_secs(u64::from(hours) * 3_600),
            Self::WorkingDays(days) => calendar.map(Calendar::a_day).unwrap_or_default().saturating_mul(days),
        }
    }
}

/// How time passes.
struct Clock<'c> {
    calendar: Option<&'c Calendar>,
}

impl Clock<'_> {
    fn after(&self, from: Timestamp, length: Duration) -> Timestamp {
        match self.calendar {
            Some(calendar) => calendar.after(from, length),
            None => from.saturating_add(length).unwrap_or(Timestamp::MAX),
        }
    }

    fn between(&self, from: Timestamp, until: Timestamp) -> Duration {
        match self.calendar {
            Some(calendar) => calendar.between(from, until),
            None => Duration::try_from(until.duration_since(from)).unwrap_or_default(),
        }
    }
}
