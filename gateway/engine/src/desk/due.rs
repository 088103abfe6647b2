//! What a promised date comes to: its clock stands still while the target is down, and while somebody outside has to act first. Pure:
//! dates, standstills, outages and a calendar in, a judgement out.

use lienthong_core::Timestamp;
use lienthong_journal::{Promise, Standstill};

use crate::flow::Calendar;

/// How a promise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueStanding {
    Overdue,
    /// Due before the nearness that was asked for.
    Near,
    Later,
}

/// A promise judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// The date promised, later by the time that stood still meanwhile.
    pub due: Timestamp,
    pub standing: DueStanding,
}

/// What promises to one system are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Clockwork<'a> {
    /// When the target was down: in order, not overlapping.
    pub outages: &'a [(Timestamp, Timestamp)],
    /// Working time, where there is any: only that is given back.
    pub calendar: Option<&'a Calendar>,
    pub now: Timestamp,
    /// Until when a date is near.
    pub near: Timestamp,
}

impl Clockwork<'_> {
    /// Only what stood still after the message came counts, and nothing that began when the date had passed already.
    pub fn judge(&self, promise: &Promise) -> Judged {
        let due = self.moved(promise);
        let standing = match (due <= self.now, due <= self.near) {
            (true, _) => DueStanding::Overdue,
            (false, true) => DueStanding::Near,
            (false, false) => DueStanding::Later,
        };
        Judged { due, standing }
    }

    fn moved(&self, promise: &Promise) -> Timestamp {
        let (mut due, received_at) = (promise.due, promise.received_at);
        let first = self.outages.partition_point(|(_, until)| *until <= received_at);
        let outages = self.outages.get(first..).unwrap_or_default();
        for (from, until) in union(outages, &promise.stood, self.now) {
            let (from, until) = (from.max(received_at), until.min(self.now));
            if from >= until {
                continue;
            }
            if from >= due {
                break;
            }
            due = match self.calendar {
                Some(calendar) => match calendar.between(from, until) {
                    lost if lost.is_zero() => due,
                    lost => calendar.after(due, lost),
                },
                None => due.saturating_add(until.duration_since(from)).unwrap_or(due),
            };
        }
        due
    }
}

/// Outages and standstills in order, those that overlap as one.
fn union(
    outages: &[(Timestamp, Timestamp)],
    stood: &[Standstill],
    now: Timestamp,
) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let stood = stood.iter().map(|stood| (stood.since, stood.until.unwrap_or(now)));
    let mut all: Vec<_> = outages.iter().copied().chain(stood).collect();
    all.sort_unstable();
    let mut all = all.into_iter().peekable();
    std::iter::from_fn(move || {
        let (from, mut until) = all.next()?;
        while let Some((_, later)) = all.next_if(|(next, _)| *next <= until) {
            until = until.max(later);
        }
        Some((from, until))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::{Weekday, time};

    use super::*;

    /// From and until.
    type Outages<'a> = &'a [(&'a str, &'a str)];
    /// Since, and until when where it is over.
    type Stood<'a> = &'a [(&'a str, Option<&'a str>)];

    fn at(text: &str) -> Timestamp {
        format!("2026-03-{text}:00+07:00").parse().unwrap()
    }

    fn office() -> Calendar {
        Calendar {
            days: vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday],
            hours: vec![(time(8, 0, 0, 0), time(12, 0, 0, 0)), (time(13, 0, 0, 0), time(17, 0, 0, 0))],
            holidays: BTreeSet::new(),
            also: BTreeSet::new(),
        }
    }

    fn judged(due: &str, received: &str, outages: Outages<'_>, calendar: Option<&Calendar>, now: &str) -> Judged {
        stood(due, received, (outages, &[]), calendar, now)
    }

    /// With outages, and with standstills of the dossier: those without an end last.
    fn stood(
        due: &str,
        received: &str,
        (outages, stood): (Outages<'_>, Stood<'_>),
        calendar: Option<&Calendar>,
        now: &str,
    ) -> Judged {
        let stood = stood.iter().map(|(since, until)| Standstill { since: at(since), until: until.map(at) });
        let outages: Vec<_> = outages.iter().map(|(from, until)| (at(from), at(until))).collect();
        let near = at(now).saturating_add(lienthong_core::SignedDuration::from_hours(4)).unwrap();
        let clockwork = Clockwork { outages: &outages, calendar, now: at(now), near };
        clockwork.judge(&Promise { due: at(due), received_at: at(received), stood: stood.collect() })
    }

    #[test]
    fn a_date_is_overdue_near_or_later() {
        let standing = |now| judged("02T17:00", "01T08:00", &[], None, now).standing;
        assert_eq!(standing("02T17:00"), DueStanding::Overdue);
        assert_eq!(standing("02T13:00"), DueStanding::Near);
        assert_eq!(standing("02T12:59"), DueStanding::Later);
    }

    #[test]
    fn the_clock_stands_still_while_the_target_is_down() {
        let outage = [("02T10:00", "02T12:00")];
        assert_eq!(judged("02T15:00", "02T08:00", &outage, None, "02T16:00").due, at("02T17:00"));
        // Down until now: the date moves along.
        assert_eq!(judged("02T15:00", "02T08:00", &outage, None, "02T11:00").due, at("02T16:00"));
        // It came in mid-outage; and after it.
        assert_eq!(judged("02T15:00", "02T11:30", &outage, None, "02T16:00").due, at("02T15:30"));
        assert_eq!(judged("02T15:00", "02T12:00", &outage, None, "02T16:00").due, at("02T15:00"));
    }

    #[test]
    fn an_outage_after_the_date_excuses_nothing() {
        assert_eq!(judged("02T09:00", "02T08:00", &[("02T10:00", "02T12:00")], None, "02T16:00").due, at("02T09:00"));
        // The first moves the date behind the beginning of the second, which then counts too.
        let two = [("02T08:30", "02T10:00"), ("02T10:15", "02T10:45")];
        assert_eq!(judged("02T09:00", "02T08:00", &two, None, "02T16:00").due, at("02T11:00"));
    }

    #[test]
    fn the_clock_stands_still_while_the_citizen_has_to_act() {
        let none = &[][..];
        let until_noon = &[("02T10:00", Some("02T12:00"))][..];
        assert_eq!(stood("02T15:00", "02T08:00", (none, until_noon), None, "02T16:00").due, at("02T17:00"));
        // Still waiting: nothing is overdue for as long as that lasts.
        let waits = &[("02T10:00", None)][..];
        let judged = stood("02T15:00", "02T08:00", (none, waits), None, "09T08:00");
        assert_eq!((judged.due, judged.standing), (at("09T13:00"), DueStanding::Later));
        // What was received after it went on was promised for a time that runs.
        assert_eq!(stood("02T15:00", "02T12:00", (none, until_noon), None, "02T16:00").due, at("02T15:00"));
        // A target that was down at the same time gives nothing back twice.
        let outage = &[("02T09:00", "02T11:00")][..];
        assert_eq!(stood("02T15:00", "02T08:00", (outage, until_noon), None, "02T16:00").due, at("02T18:00"));
        let within = &[("02T09:00", "02T13:00")][..];
        assert_eq!(stood("02T15:00", "02T08:00", (within, until_noon), None, "02T16:00").due, at("02T19:00"));
    }

    #[test]
    fn only_working_time_is_given_back() {
        let office = office();
        // A night's outage costs nobody working time.
        let night = [("02T20:00", "03T06:00")];
        assert_eq!(judged("03T09:00", "02T08:00", &night, Some(&office), "03T08:30").due, at("03T09:00"));
        // One over noon costs two working hours, which reach over the evening.
        let noon = [("02T11:00", "02T14:00")];
        assert_eq!(judged("02T16:00", "02T08:00", &noon, Some(&office), "02T15:00").due, at("03T09:00"));
    }
}
