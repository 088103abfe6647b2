//! Maintenance windows, configured or kept by operators: when each is open, in Vietnam's time, and until when together. Pure: it reads no clock.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use lienthong_core::{SignedDuration, SystemId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::config::MaintenanceWindow;

/// Asia/Ho_Chi_Minh; where the machine has no time zone data, its offset, which has not changed since 1975.
static VIETNAM: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Asia/Ho_Chi_Minh").unwrap_or_else(|_| TimeZone::fixed(Offset::constant(7))));

/// The longest single window.
const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Windows that follow one another without a gap are taken for one, so many times.
const MOST_LINKS: usize = 64;
/// Days looked through for a next opening, from the day before on.
const DAYS: usize = 9;

/// A maintenance window as an operator keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub system: SystemId,
    pub when: When,
    pub reason: String,
    /// Who set it last, and when.
    pub by: String,
    pub at: Timestamp,
}

/// When a window is open. It includes its beginning and ends before its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "how", deny_unknown_fields)]
pub enum When {
    Once {
        from: Timestamp,
        until: Timestamp,
    },
    /// On these days from one time to another, to the next day when `until` is not later.
    Weekly {
        days: Vec<Day>,
        from: Time,
        until: Time,
    },
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// Open now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Until when, windows that follow without a gap included.
    pub until: Timestamp,
    /// Why, where somebody said so.
    pub reason: Option<String>,
}

impl Day {
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }

    fn weekday(self) -> Weekday {
        match self {
            Self::Mon => Weekday::Monday,
            Self::Tue => Weekday::Tuesday,
            Self::Wed => Weekday::Wednesday,
            Self::Thu => Weekday::Thursday,
            Self::Fri => Weekday::Friday,
            Self::Sat => Weekday::Saturday,
            Self::Sun => Weekday::Sunday,
        }
    }
}

impl std::str::FromStr for Day {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|day| day.as_str() == text);
        found.ok_or_else(|| "must be one of mon, tue, wed, thu, fri, sat, sun".to_owned())
    }
}

impl When {
    /// As it is written: on days of the week from one time (`22:00`) to another, or, where no day is named, from one moment to another
    /// (`2026-03-02T22:00`, in Vietnam's time unless it has an offset). What cannot be read is told as (field, problem).
    pub fn read(days: &[String], from: &str, until: &str) -> Result<Self, (&'static str, &'static str)> {
        if days.is_empty() {
            let moment = |field, text| moment(text).ok_or((field, "is not a moment like 2026-03-02T22:00"));
            return Ok(Self::Once { from: moment("/from", from)?, until: moment("/until", until)? });
        }
        let days: Result<Vec<Day>, String> = days.iter().map(|day| day.parse()).collect();
        let days = days.map_err(|_| ("/days", "may name mon, tue, wed, thu, fri, sat, sun"))?;
        let time = |field, text: &str| text.parse::<Time>().map_err(|_| (field, "is not a time like 22:00"));
        Ok(Self::Weekly { days, from: time("/from", from)?, until: time("/until", until)? })
    }

    /// What is wrong with it, as (field, problem).
    pub fn problem(&self, now: Timestamp) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Once { from, until } if until <= from => Some(("/until", "must be later than from")),
            Self::Once { until, .. } if *until <= now => Some(("/until", "has passed already")),
            Self::Once { from, until } if until.duration_since(*from) > LONGEST => {
                Some(("/until", "is more than 31 days after from"))
            }
            Self::Weekly { days, .. } if days.is_empty() => Some(("/days", "names no day")),
            Self::Weekly { from, until, .. } if from == until => Some(("/until", "is the same as from")),
            Self::Once { .. } | Self::Weekly { .. } => None,
        }
    }

    /// The opening that is not over: the current or the next.
    pub fn opening(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        match self {
            Self::Once { from, until } => Some((*from, *until)).filter(|(_, until)| now < *until),
            Self::Weekly { days, from, until } => {
                let today = now.to_zoned(VIETNAM.clone()).date();
                let first = today.yesterday().unwrap_or(today);
                let dates = std::iter::successors(Some(first), |date| date.tomorrow().ok()).take(DAYS);
                let opens = dates.filter(|date| days.iter().any(|day| day.weekday() == date.weekday()));
                let openings = opens.filter_map(|date| {
                    let ends_on = if until > from { date } else { date.tomorrow().ok()? };
                    Some((instant(date, *from)?, instant(ends_on, *until)?))
                });
                openings.into_iter().find(|(_, until)| now < *until)
            }
        }
    }

    fn open_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.opening(now).filter(|(from, _)| *from <= now).map(|(_, until)| until)
    }
}

impl From<&MaintenanceWindow> for When {
    fn from(window: &MaintenanceWindow) -> Self {
        match window {
            MaintenanceWindow::Daily { from, until } => {
                Self::Weekly { days: Day::ALL.to_vec(), from: *from, until: *until }
            }
            MaintenanceWindow::Once { from, until } => Self::Once { from: *from, until: *until },
        }
    }
}

/// Whether any window is open now, configured or kept. What an operator said stands before what is configured.
pub fn open(configured: &[MaintenanceWindow], kept: &[Window], now: Timestamp) -> Option<Open> {
    let all: Vec<(When, Option<&str>)> = kept
        .iter()
        .map(|window| (window.when.clone(), Some(window.reason.as_str())))
        .chain(configured.iter().filter(|window| !is_empty(window)).map(|window| (When::from(window), None)))
        .collect();
    let reason = all.iter().find(|(when, _)| when.open_until(now).is_some())?.1.map(str::to_owned);
    let mut until = now;
    for _ in 0..MOST_LINKS {
        match all.iter().filter_map(|(when, _)| when.open_until(until)).max() {
            Some(later) if later > until => until = later,
            Some(_) | None => break,
        }
    }
    Some(Open { until, reason })
}

/// A configured daily window from a time to the same time is none.
fn is_empty(window: &MaintenanceWindow) -> bool {
    matches!(window, MaintenanceWindow::Daily { from, until } if from == until)
}

fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    Some(text.parse::<DateTime>().ok()?.to_zoned(VIETNAM.clone()).ok()?.timestamp())
}

fn instant(day: Date, time: Time) -> Option<Timestamp> {
    Some(day.to_datetime(time).to_zoned(VIETNAM.clone()).ok()?.timestamp())
}

#[cfg(test)]
mod tests;
