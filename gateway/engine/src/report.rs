//! What a province reports upward: exchanged, on time, late, failed, reused, time to repair; per day, unit, procedure and system. Pure; it reads no journal.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::civil::Date;
use lienthong_core::{OperationName, Timestamp};
use serde::{Deserialize, Serialize};

/// Bytes that one day and system may be written in, about; what comes beyond is counted without unit and procedure.
const MOST_BYTES: usize = 768 * 1024;
/// Longest name of a unit or procedure, in characters.
const NAME_CHARS: usize = 80;
/// Times to repair are kept in steps of a fifth, from a minute on: what is told is right within that.
const FIRST_STEP: f64 = 60.0;
const STEP: f64 = 1.2;
const MOST_STEPS: u8 = 96;

/// Where an operation's body tells what is reported by: JSON pointers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportFields {
    pub unit: Option<String>,
    pub procedure: Option<String>,
    /// The date promised, where the message itself carries it and not the exchange.
    pub due: Option<String>,
}

/// The fields of every operation that has some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reports(pub HashMap<OperationName, ReportFields>);

/// Whether something was done by the date promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timeliness {
    OnTime,
    Late,
    /// Nothing was promised.
    Undated,
}

/// The one place where the date promised and the time it was done are compared.
pub fn timeliness(due: Option<Timestamp>, done: Timestamp) -> Timeliness {
    match due {
        None => Timeliness::Undated,
        Some(due) if done <= due => Timeliness::OnTime,
        Some(_) => Timeliness::Late,
    }
}

/// One thing that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    Delivered(Timeliness),
    /// Another system's data were used instead of being asked for again.
    Reused,
    /// It was parked.
    Failed,
    /// A person gave it up.
    GivenUp,
    /// What was parked was delivered or closed, after so long.
    Repaired(Duration),
}

/// Counts of one day, unit, procedure and system.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Delivered.
    pub exchanged: u64,
    /// Of these, by the date promised, and after it; the rest had none.
    pub on_time: u64,
    pub late: u64,
    /// Parked for a person, once a delivery until it is repaired.
    pub failed: u64,
    /// Given up by a person.
    pub given_up: u64,
    /// Messages filled in from another system's data, and questions answered.
    pub reused: u64,
    /// Parked ones that were delivered or closed.
    pub repaired: u64,
    /// How many took so many steps of time.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub repair: BTreeMap<u8, u64>,
}

/// Whose counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Subject {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
}

/// The counts of one day and system, as they are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Day(pub BTreeMap<Subject, Counts>);

impl Day {
    pub fn count(&mut self, subject: Subject, happened: Happened) {
        let room = self.0.contains_key(&subject) || self.size() < MOST_BYTES;
        let subject = if room { subject } else { Subject::default() };
        self.0.entry(subject).or_default().count(happened);
    }
}

impl Day {
    fn size(&self) -> usize {
        let cell = |(subject, counts): (&Subject, &Counts)| {
            let names = [&subject.unit, &subject.procedure].into_iter().flatten().map(String::len).sum::<usize>();
            200 + names + 12 * counts.repair.len()
        };
        self.0.iter().map(cell).sum()
    }
}

impl Subject {
    /// Names that are no longer than names are.
    pub fn new(unit: Option<&str>, procedure: Option<&str>) -> Self {
        let short = |name: &str| lienthong_core::text::excerpt(name, NAME_CHARS);
        Self { unit: unit.map(short), procedure: procedure.map(short) }
    }
}

impl Counts {
    fn count(&mut self, happened: Happened) {
        let counted = match happened {
            Happened::Delivered(timeliness) => {
                match timeliness {
                    Timeliness::OnTime => self.on_time += 1,
                    Timeliness::Late => self.late += 1,
                    Timeliness::Undated => {}
                }
                &mut self.exchanged
            }
            Happened::Reused => &mut self.reused,
            Happened::Failed => &mut self.failed,
            Happened::GivenUp => &mut self.given_up,
            Happened::Repaired(took) => {
                *self.repair.entry(step_of(took)).or_default() += 1;
                &mut self.repaired
            }
        };
        *counted += 1;
    }

    pub fn add(&mut self, other: &Self) {
        let Self { exchanged, on_time, late, failed, given_up, reused, repaired, repair } = other;
        self.exchanged += exchanged;
        self.on_time += on_time;
        self.late += late;
        self.failed += failed;
        self.given_up += given_up;
        self.reused += reused;
        self.repaired += repaired;
        for (step, count) in repair {
            *self.repair.entry(*step).or_default() += count;
        }
    }

    /// Within which time this share of repairs was done; `None` where there was none. Right within a fifth.
    pub fn repaired_within(&self, share: f64) -> Option<Duration> {
        #[expect(clippy::cast_precision_loss, reason = "counts far below what a float holds exactly")]
        let wanted = self.repaired as f64 * share;
        let mut so_far = 0_u64;
        for (step, count) in &self.repair {
            so_far += count;
            #[expect(clippy::cast_precision_loss, reason = "counts far below what a float holds exactly")]
            let reached = so_far as f64 >= wanted;
            if reached {
                return Some(end_of(*step));
            }
        }
        None
    }
}

/// The step a time lies in.
fn step_of(took: Duration) -> u8 {
    (0..MOST_STEPS).find(|step| took <= end_of(*step)).unwrap_or(MOST_STEPS)
}

fn end_of(step: u8) -> Duration {
    Duration::from_secs_f64((FIRST_STEP * STEP.powi(i32::from(step))).round())
}

/// How a report is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Both included.
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub by: Period,
    pub split: Split,
    pub unit: Option<String>,
    pub procedure: Option<String>,
    pub system: Option<String>,
}

/// What one row covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Period {
    #[default]
    Day,
    Month,
}

/// What rows are told apart by, besides the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Split {
    pub unit: bool,
    pub procedure: bool,
    pub system: bool,
}

/// One row of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// yyyy-MM-dd, or yyyy-MM.
    pub period: String,
    pub unit: Option<String>,
    pub procedure: Option<String>,
    pub system: Option<String>,
    pub counts: Counts,
}

impl Period {
    pub const ALL: [Self; 2] = [Self::Day, Self::Month];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    fn of(self, day: Date) -> String {
        match self {
            Self::Day => day.to_string(),
            Self::Month => day.strftime("%Y-%m").to_string(),
        }
    }
}

impl std::str::FromStr for Split {
    type Err = &'static str;

    /// `unit,system`; nothing for one row a period.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut split = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part {
                "unit" => split.unit = true,
                "procedure" => split.procedure = true,
                "system" => split.system = true,
                _other => return Err("names unit, procedure or system, with commas between"),
            }
        }
        Ok(split)
    }
}

/// Adds days up to the rows that were asked for.
#[derive(Debug, Default)]
pub struct Summing(BTreeMap<RowName, Counts>);

/// Period, unit, procedure, system.
type RowName = (String, Option<String>, Option<String>, Option<String>);

impl Summing {
    pub fn add(&mut self, asked: &Asked, day: Date, system: &str, counted: &Day) {
        if asked.system.as_deref().is_some_and(|wanted| wanted != system) {
            return;
        }
        let is = |wanted: &Option<String>, told: &Option<String>| wanted.is_none() || wanted == told;
        for (subject, counts) in &counted.0 {
            if !is(&asked.unit, &subject.unit) || !is(&asked.procedure, &subject.procedure) {
                continue;
            }
            let row = (
                asked.by.of(day),
                subject.unit.clone().filter(|_| asked.split.unit),
                subject.procedure.clone().filter(|_| asked.split.procedure),
                asked.split.system.then(|| system.to_owned()),
            );
            self.0.entry(row).or_default().add(counts);
        }
    }

    pub fn rows(self) -> Vec<ReportRow> {
        let row = |((period, unit, procedure, system), counts)| ReportRow { period, unit, procedure, system, counts };
        self.0.into_iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_date_promised_itself_is_on_time() {
        assert_eq!(timeliness(Some(at(100)), at(100)), Timeliness::OnTime);
        assert_eq!(timeliness(Some(at(100)), at(101)), Timeliness::Late);
        assert_eq!(timeliness(None, at(1)), Timeliness::Undated);
    }

    #[test]
    fn days_add_up_to_the_rows_asked_for() {
        let subject = |unit: &str, procedure: &str| Subject {
            unit: Some(unit.to_owned()),
            procedure: Some(procedure.to_owned()),
        };
        let mut day = Day::default();
        day.count(subject("A", "1"), Happened::Delivered(Timeliness::OnTime));
        day.count(subject("A", "2"), Happened::Delivered(Timeliness::Late));
        day.count(subject("B", "1"), Happened::Failed);
        let asked = Asked { by: Period::Month, split: "unit".parse().unwrap(), ..Asked::default() };
        let mut summing = Summing::default();
        for date in [jiff::civil::date(2026, 1, 15), jiff::civil::date(2026, 1, 16), jiff::civil::date(2026, 2, 1)] {
            summing.add(&asked, date, "portal", &day);
        }
        let rows = summing.rows();
        let told: Vec<(&str, &str, u64, u64, u64)> = rows
            .iter()
            .map(|row| {
                (
                    row.period.as_str(),
                    row.unit.as_deref().unwrap(),
                    row.counts.exchanged,
                    row.counts.late,
                    row.counts.failed,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("2026-01", "A", 4, 2, 0),
                ("2026-01", "B", 0, 0, 2),
                ("2026-02", "A", 2, 1, 0),
                ("2026-02", "B", 0, 0, 1)
            ]
        );
        let only = Asked { procedure: Some("2".to_owned()), system: Some("land".to_owned()), ..Asked::default() };
        let mut summing = Summing::default();
        summing.add(&only, jiff::civil::date(2026, 1, 15), "portal", &day);
        assert_eq!(summing.rows(), Vec::new());
    }

    #[test]
    fn a_day_of_too_many_units_loses_no_count() {
        let mut day = Day::default();
        for number in 0..4_500 {
            day.count(Subject::new(Some(&format!("{number}-{}", "đ".repeat(200))), None), Happened::Reused);
        }
        let cells: Vec<(&Subject, &Counts)> = day.0.iter().collect();
        assert!(serde_json::to_vec(&cells).unwrap().len() < lienthong_journal::desk::MEMO_BYTES);
        assert_eq!(day.0.values().map(|counts| counts.reused).sum::<u64>(), 4_500);
        assert!(day.0.contains_key(&Subject::default()));
    }

    proptest! {
        #[test]
        fn times_to_repair_are_told_within_a_fifth_and_sums_change_none(took in proptest::collection::vec(60_u64..10_000_000, 1..60), cut in 0_usize..60) {
            let (mut whole, mut one, mut other) = (Counts::default(), Counts::default(), Counts::default());
            for (place, seconds) in took.iter().enumerate() {
                let happened = Happened::Repaired(Duration::from_secs(*seconds));
                whole.count(happened);
                if place < cut { one.count(happened) } else { other.count(happened) }
            }
            one.add(&other);
            prop_assert_eq!(&one, &whole);
            let mut sorted = took.clone();
            sorted.sort_unstable();
            for share in [0.5, 0.9] {
                #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "few and small")]
                let exact = sorted[((sorted.len() as f64 * share).ceil() as usize).max(1) - 1];
                let told = whole.repaired_within(share).unwrap().as_secs();
                prop_assert!(told + 1 >= exact && told <= exact * 6 / 5 + 2, "{} told as {}", exact, told);
            }
        }
    }
}
