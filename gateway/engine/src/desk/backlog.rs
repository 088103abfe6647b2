//! What waits for a system: by age, by promised date, in the order it is drained, and when it will be drained at a rate. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{Class, SignedDuration, StateName, SystemId, Timestamp};
use lienthong_journal::{OpenDeliveries, OpenDelivery, Promise};

use super::due::{Clockwork, DueStanding};
use crate::vitals::Rates;

/// Upper bounds of the ages that are told apart; what is older is in a last class of its own.
pub const AGES: [Duration; 5] = [
    Duration::from_secs(10 * 60),
    Duration::from_secs(3600),
    Duration::from_secs(8 * 3600),
    Duration::from_secs(24 * 3600),
    Duration::from_secs(7 * 24 * 3600),
];
/// A drain later than this is none.
const LONGEST: f64 = 366.0 * 24.0 * 3600.0;

/// How all backlogs stood at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    pub at: Timestamp,
    pub systems: BTreeMap<SystemId, Arc<SystemBacklog>>,
    /// Whether there was more than was looked at: no count of dates can be believed then.
    pub truncated: bool,
}

/// What waits for one system.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SystemBacklog {
    /// By [`AGES`], and older; parked ones too.
    pub ages: [u64; AGES.len() + 1],
    /// When the oldest came.
    pub oldest: Option<Timestamp>,
    pub overdue: u64,
    pub near: u64,
    /// With a date later than near.
    pub later: u64,
    pub undated: u64,
    /// What is parked, among those overdue and near.
    pub parked_at_risk: u64,
    /// What goes by itself, in the order it is drained: its date, where it has one that has not passed.
    pub queue: Vec<Option<Timestamp>>,
    /// How many of the queue are bulk; they come last.
    pub bulk: u64,
}

/// When a backlog will be drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drain {
    /// There is nothing to drain.
    Nothing,
    At(Timestamp),
    /// As much or more comes as goes.
    Never,
    Unknown(Why),
}

/// Why nobody can tell when it is drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nothing is sent now.
    NothingGoes,
    /// Too little was measured so far.
    NotMeasured,
    /// What waits there waits for something else than the system.
    NotASystem,
}

impl Standing {
    /// `clockwork` tells by what a system's dates are judged.
    pub fn of<'a>(open: OpenDeliveries, at: Timestamp, clockwork: impl Fn(&SystemId) -> Clockwork<'a>) -> Self {
        let OpenDeliveries { rows, truncated } = open;
        let mut by_system: BTreeMap<SystemId, Vec<OpenDelivery>> = BTreeMap::new();
        for row in rows {
            by_system.entry(row.system.clone()).or_default().push(row);
        }
        let systems = by_system.into_iter().map(|(system, rows)| {
            let backlog = SystemBacklog::of(rows, at, clockwork(&system));
            (system, Arc::new(backlog))
        });
        Self { at, systems: systems.collect(), truncated }
    }
}

impl SystemBacklog {
    fn of(mut rows: Vec<OpenDelivery>, at: Timestamp, clockwork: Clockwork<'_>) -> Self {
        let mut backlog = Self::default();
        rows.sort_unstable_by_key(|row| (row.class, row.rank));
        for row in rows {
            let age = Duration::try_from(at.duration_since(row.received_at)).unwrap_or_default();
            let place = AGES.partition_point(|bound| *bound <= age);
            if let Some(count) = backlog.ages.get_mut(place) {
                *count += 1;
            }
            backlog.oldest = Some(backlog.oldest.map_or(row.received_at, |oldest| oldest.min(row.received_at)));
            let OpenDelivery { due, received_at, stood, .. } = row;
            let judged = due.map(|due| clockwork.judge(&Promise { due, received_at, stood }));
            let parked = row.state == StateName::Parked;
            let at_risk = match judged.map(|judged| judged.standing) {
                None => &mut backlog.undated,
                Some(DueStanding::Overdue) => &mut backlog.overdue,
                Some(DueStanding::Near) => &mut backlog.near,
                Some(DueStanding::Later) => &mut backlog.later,
            };
            *at_risk += 1;
            let is_at_risk = judged.is_some_and(|judged| judged.standing != DueStanding::Later);
            if parked {
                backlog.parked_at_risk += u64::from(is_at_risk);
            } else {
                let ahead = judged.filter(|judged| judged.standing != DueStanding::Overdue);
                backlog.queue.push(ahead.map(|judged| judged.due));
                backlog.bulk += u64::from(row.class == Class::Bulk);
            }
        }
        backlog
    }

    /// How many dates that have not passed will have when their turn comes, at so many a second from `from` on.
    pub fn will_miss(&self, from: Timestamp, went: f64) -> u64 {
        let turn = |place: usize| {
            #[expect(clippy::cast_precision_loss, reason = "an estimate")]
            let seconds = (place as f64 + 1.0) / went;
            after(from, seconds)
        };
        let dated = self.queue.iter().enumerate().filter_map(|(place, due)| Some((place, (*due)?)));
        dated.filter(|(place, due)| turn(*place).is_none_or(|turn| turn > *due)).map(|_| 1).sum()
    }
}

/// When so much is drained at these rates.
pub fn drain(open: u64, rates: Option<Rates>, now: Timestamp) -> Drain {
    if open == 0 {
        return Drain::Nothing;
    }
    let Some(Rates { came, went, over: _ }) = rates else { return Drain::Unknown(Why::NotMeasured) };
    if went <= 0.0 {
        return Drain::Unknown(Why::NothingGoes);
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let seconds = open as f64 / (went - came);
    match went > came {
        true => after(now, seconds).map_or(Drain::Never, Drain::At),
        false => Drain::Never,
    }
}

fn after(from: Timestamp, seconds: f64) -> Option<Timestamp> {
    let wait = SignedDuration::try_from_secs_f64(seconds).ok().filter(|_| seconds <= LONGEST)?;
    from.saturating_add(wait).ok()
}

#[cfg(test)]
mod tests;
