//! `calendars/*.yaml`: working days, office hours, holidays. It computes no time.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Weekday;
use lienthong_core::RouteName;
use lienthong_engine::flow::{Calendar, SharedCalendar};
use schemars::JsonSchema;
use serde::Deserialize;

use super::folder::Folder;
use super::problems::Problems;
use super::sections::{At, Section};
use super::systems::DailyModel;
use super::types::Day;

/// One calendar of working time, local to Asia/Ho_Chi_Minh.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarModel {
    /// What flows call it.
    #[schemars(with = "String")]
    pub(crate) name: RouteName,
    /// The days of the week that are worked.
    pub(crate) working_days: Vec<WeekdayModel>,
    /// In order: the morning, the afternoon.
    pub(crate) office_hours: Vec<DailyModel>,
    /// Days that are not worked whatever their weekday, as the government announces them each year.
    #[serde(default)]
    pub(crate) holidays: Vec<Day>,
    /// Days that are worked although their weekday is none, in exchange for others.
    #[serde(default)]
    pub(crate) also_working: Vec<Day>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WeekdayModel {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// Every calendar by its name; what cannot be read is known by name only.
pub(crate) struct Calendars(BTreeMap<String, Option<SharedCalendar>>);

impl Calendars {
    pub(crate) fn get(&self, name: &str) -> Option<SharedCalendar> {
        self.0.get(name).cloned().flatten()
    }

    pub(crate) fn is_unread(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(Option::is_none)
    }

    /// The calendar of a flow that names none.
    pub(crate) fn only(&self) -> Option<SharedCalendar> {
        match self.0.len() {
            1 => self.0.values().next().cloned().flatten(),
            _none_or_several => None,
        }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.keys().map(String::as_str)
    }
}

pub(crate) fn calendars(folder: &Folder, problems: &mut Problems) -> Calendars {
    let mut section: Section<CalendarModel> = Section::default();
    for (file, text) in folder.section("calendars") {
        if let Some(node) = problems.tree(file, text) {
            section.take(file, &node, "name", problems);
        }
    }
    let mut all: BTreeMap<String, Option<SharedCalendar>> =
        section.declared.keys().map(|name| (name.clone(), None)).collect();
    for At { value, file, node } in &section.read {
        let calendar = value.calendar();
        let found = calendar.problems();
        for (field, problem) in &found {
            let remedy = "write days as mon to sun, and hours in order: from \"07:30\" until \"11:30\"";
            problems.note(file, node.place_of(&format!("/{field}")), format!("`{field}` {problem}"), remedy);
        }
        if found.is_empty() {
            all.insert(value.name.to_string(), Some(Arc::new(calendar)));
        }
    }
    Calendars(all)
}

impl CalendarModel {
    fn calendar(&self) -> Calendar {
        Calendar {
            days: self.working_days.iter().map(|day| day.weekday()).collect(),
            hours: self.office_hours.iter().map(|hours| (hours.from.0, hours.until.0)).collect(),
            holidays: self.holidays.iter().map(|day| day.0).collect(),
            also: self.also_working.iter().map(|day| day.0).collect(),
        }
    }
}

impl WeekdayModel {
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
