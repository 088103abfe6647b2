//! What is measured of one system. Pure: times are given.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use lienthong_core::{SignedDuration, Timestamp};

use super::hour::Hour;
use super::latency::{Latencies, Quantiles};
use super::{Ended, MINUTES, RECENT_MINUTES, hour_begins, minute_of};

/// Samples of the last minutes; one every ten seconds.
const SAMPLES: usize = 64;
/// Rates from less than this say nothing.
const SHORTEST: SignedDuration = SignedDuration::from_secs(60);
/// What was usual is told from at least so many attempts.
const USUAL_FROM: u64 = 200;
/// Hours that say what is usual.
const USUAL_HOURS: i64 = 7 * 24;

/// One minute of a system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Minute {
    /// Counted from 1970.
    pub minute: i64,
    pub answered: u32,
    pub refused: u32,
    pub failed: u32,
    pub latencies: Latencies,
    pub came: u64,
    pub went: u64,
    /// Deliveries that went by themselves when it was last sampled.
    pub open: Option<u64>,
    /// Whether it was down whenever it was sampled; `None` when it was not.
    pub down: Option<bool>,
}

impl Minute {
    /// When it began.
    pub fn begins(&self) -> Timestamp {
        Timestamp::from_second(self.minute.saturating_mul(60)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Arrivals and departures, a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    pub came: f64,
    pub went: f64,
    /// Over how long they were measured.
    pub over: Duration,
}

/// What was measured lately.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recent {
    pub answered: u64,
    pub refused: u64,
    pub failed: u64,
    pub quantiles: Option<Quantiles>,
    /// `None` before enough was sampled.
    pub rates: Option<Rates>,
    /// What it usually takes at most, of 95 in a hundred; `None` before enough was measured.
    pub usual_p95: Option<Duration>,
    pub last_success: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Timestamp,
    open: u64,
    /// In all, since the process began.
    came: u64,
    went: u64,
}

#[derive(Debug, Default)]
pub(super) struct SystemVitals {
    pub(super) minutes: VecDeque<Minute>,
    pub(super) hours: BTreeMap<i64, Hour>,
    /// Hours that are not as they were last written.
    pub(super) changed: BTreeSet<i64>,
    samples: VecDeque<Sample>,
    /// In all, since the process began.
    went: u64,
    last_success: Option<Timestamp>,
    /// Of the hours before the current one.
    usual: Option<(i64, Option<Duration>)>,
}

impl SystemVitals {
    pub(super) fn attempt(&mut self, ended: Ended, took: Duration, now: Timestamp) {
        if ended != Ended::Failed {
            self.last_success = self.last_success.max(Some(now));
        }
        let last_success = self.last_success;
        if let Some(minute) = self.minute(now) {
            minute.latencies.add(took);
            match ended {
                Ended::Answered => minute.answered = minute.answered.saturating_add(1),
                Ended::Refused => minute.refused = minute.refused.saturating_add(1),
                Ended::Failed => minute.failed = minute.failed.saturating_add(1),
            }
        }
        let hour = self.hour(now);
        hour.latencies.add(took);
        hour.last_success = last_success;
        match ended {
            Ended::Answered => hour.answered = hour.answered.saturating_add(1),
            Ended::Refused => hour.refused = hour.refused.saturating_add(1),
            Ended::Failed => hour.failed = hour.failed.saturating_add(1),
        }
    }

    pub(super) fn left(&mut self) {
        self.went = self.went.saturating_add(1);
    }

    /// Arrivals are what the backlog and what left it tell together; what left it unseen (cancelled) is then seen as leaving.
    pub(super) fn sampled(&mut self, open: u64, down: bool, now: Timestamp) {
        let (mut came, mut went) = (0, 0);
        if let Some(before) = self.samples.back() {
            went = self.went.saturating_sub(before.went);
            came = (open.saturating_add(went)).saturating_sub(before.open);
            let unseen = before.open.saturating_sub(open.saturating_add(went));
            went = went.saturating_add(unseen);
            self.went = self.went.saturating_add(unseen);
        }
        let came_in_all = self.samples.back().map_or(0, |before| before.came).saturating_add(came);
        self.samples.push_back(Sample { at: now, open, came: came_in_all, went: self.went });
        while self.samples.len() > SAMPLES {
            self.samples.pop_front();
        }
        let mut all_down = down;
        if let Some(minute) = self.minute(now) {
            minute.came = minute.came.saturating_add(came);
            minute.went = minute.went.saturating_add(went);
            minute.open = Some(open);
            all_down = minute.down.unwrap_or(true) && down;
            minute.down = Some(all_down);
        }
        let bit = 1_u64 << now.as_second().div_euclid(60).rem_euclid(60);
        let hour = self.hour(now);
        hour.came = hour.came.saturating_add(came);
        hour.went = hour.went.saturating_add(went);
        hour.watched |= bit;
        hour.down = if all_down { hour.down | bit } else { hour.down & !bit };
    }

    /// The minute of now; a clock that was set back goes on in the last.
    fn minute(&mut self, now: Timestamp) -> Option<&mut Minute> {
        let minute = minute_of(now);
        if self.minutes.back().is_none_or(|last| last.minute < minute) {
            self.minutes.push_back(Minute { minute, ..Minute::default() });
            while self.minutes.len() > MINUTES {
                self.minutes.pop_front();
            }
        }
        self.minutes.back_mut()
    }

    fn hour(&mut self, now: Timestamp) -> &mut Hour {
        let hour = super::hour_of(now);
        self.changed.insert(hour);
        self.hours.entry(hour).or_default()
    }

    pub(super) fn recent(&mut self, now: Timestamp) -> Recent {
        let from = minute_of(now).saturating_sub(RECENT_MINUTES);
        let mut recent = Recent { last_success: self.last_success, ..Recent::default() };
        let mut latencies = Latencies::default();
        for minute in self.minutes.iter().filter(|minute| minute.minute >= from) {
            recent.answered = recent.answered.saturating_add(u64::from(minute.answered));
            recent.refused = recent.refused.saturating_add(u64::from(minute.refused));
            recent.failed = recent.failed.saturating_add(u64::from(minute.failed));
            latencies.merge(&minute.latencies);
        }
        recent.quantiles = latencies.quantiles();
        recent.rates = self.rates(now);
        recent.usual_p95 = self.usual(super::hour_of(now));
        recent
    }

    fn rates(&self, now: Timestamp) -> Option<Rates> {
        let from = now.saturating_sub(SignedDuration::from_mins(RECENT_MINUTES)).unwrap_or(now);
        let first = self.samples.iter().find(|sample| sample.at >= from)?;
        let last = self.samples.back()?;
        let over = last.at.duration_since(first.at);
        if over < SHORTEST {
            return None;
        }
        let seconds = over.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let a_second = |from: u64, to: u64| to.saturating_sub(from) as f64 / seconds;
        let over = Duration::try_from(over).unwrap_or_default();
        Some(Rates { came: a_second(first.came, last.came), went: a_second(first.went, last.went), over })
    }

    /// Computed once an hour, of the hours before.
    fn usual(&mut self, hour: i64) -> Option<Duration> {
        if let Some((of, usual)) = self.usual
            && of == hour
        {
            return usual;
        }
        let mut latencies = Latencies::default();
        let before = self.hours.range(hour.saturating_sub(USUAL_HOURS)..hour);
        before.for_each(|(_, hour)| latencies.merge(&hour.latencies));
        let enough = latencies.count() >= USUAL_FROM;
        let usual = latencies.quantiles().filter(|_| enough).map(|quantiles| quantiles.p95);
        self.usual = Some((hour, usual));
        usual
    }

    pub(super) fn outages(&self) -> Vec<(Timestamp, Timestamp)> {
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for (hour, kept) in &self.hours {
            for minute in (0..60).filter(|minute| kept.down & (1 << minute) != 0) {
                let at = hour.saturating_mul(60).saturating_add(minute);
                match spans.last_mut() {
                    Some((_, until)) if *until == at => *until = at.saturating_add(1),
                    Some(_) | None => spans.push((at, at.saturating_add(1))),
                }
            }
        }
        let instant = |minute: i64| {
            hour_begins(0).saturating_add(SignedDuration::from_mins(minute)).unwrap_or(Timestamp::UNIX_EPOCH)
        };
        spans.into_iter().map(|(from, until)| (instant(from), instant(until))).collect()
    }

    pub(super) fn restore(&mut self, hours: Vec<(i64, Hour)>) {
        for (hour, kept) in hours {
            self.last_success = self.last_success.max(kept.last_success);
            self.hours.entry(hour).or_default().merge(&kept);
        }
        self.usual = None;
    }

    pub(super) fn take_changed(&mut self, keep_from: i64) -> Vec<(i64, String)> {
        self.hours.retain(|hour, _| *hour >= keep_from);
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().filter_map(|hour| Some((hour, self.hours.get(&hour)?.text()))).collect()
    }
}
