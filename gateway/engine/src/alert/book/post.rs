//! The book's post: what may go now, what became of it, digests whose time has come, and what is forgotten. Pure: it sends nothing.

use std::time::Duration;

use lienthong_core::{SignedDuration, Timestamp};

use super::{Alert, Book, Health, Kind, Letter, Place, id};
use crate::alert::rule::{Alerting, Target};

/// Alerts kept, those that are over included.
const MOST_ALERTS: usize = 2_000;
/// An alert that is over is shown for so long.
const SHOWN: SignedDuration = SignedDuration::from_hours(24 * 7);
/// The first wait after a target did not take a letter; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

impl Book {
    /// What is no longer configured, what is long over, what is too much; and digests whose time has come.
    pub(crate) fn upkeep(&mut self, alerting: &Alerting, now: Timestamp) {
        let gone = |to: &str| alerting.target(to).is_none();
        for (id, alert) in &mut self.alerts {
            let letters = alert.letters.len();
            alert.letters.retain(|letter| !gone(&letter.to));
            let mut changed = letters != alert.letters.len();
            if alerting.rule(&alert.rule).is_none() && alert.resolved.is_none() {
                alert.resolved = Some(now);
                alert.letters.clear();
                changed = true;
            }
            if changed {
                self.changed.insert(Place::Alert(id.clone()));
            }
        }
        let old = |alert: &Alert| alert.resolved.is_some_and(|at| now.duration_since(at) >= SHOWN);
        let forgotten = self.ids(|_, alert| alert.letters.is_empty() && old(alert));
        forgotten.iter().for_each(|id| self.forget(id));
        self.keep_few();
        let rules: Vec<String> = self.begun.keys().filter(|name| alerting.rule(name).is_none()).cloned().collect();
        for name in rules {
            self.begun.remove(&name);
            self.changed.insert(Place::Rule(name));
        }
        let targets: Vec<String> = self.digests.keys().filter(|name| gone(name)).cloned().collect();
        for name in targets {
            self.digests.remove(&name);
            self.changed.insert(Place::Digest(name));
        }
        alerting.targets.iter().for_each(|target| self.close_digest(target, now));
    }

    /// Too many at once: those that have been over the longest go first, and what was not told of them is an error in the log.
    fn keep_few(&mut self) {
        let excess = self.alerts.len().saturating_sub(MOST_ALERTS);
        if excess == 0 {
            return;
        }
        let mut over: Vec<(Timestamp, String)> =
            self.alerts.iter().filter_map(|(id, alert)| Some((alert.resolved?, id.clone()))).collect();
        over.sort();
        for (_, id) in over.into_iter().take(excess) {
            let unsent = self.alerts.get(&id).map_or(0, |alert| alert.letters.len());
            if unsent > 0 {
                tracing::error!(alert = id, unsent, "too many alerts: one is forgotten with what was not told of it");
            }
            self.forget(&id);
        }
    }

    fn forget(&mut self, id: &str) {
        self.alerts.remove(id);
        self.changed.insert(Place::Alert(id.to_owned()));
    }

    fn close_digest(&mut self, target: &Target, now: Timestamp) {
        let Some(rhythm) = target.digest else { return self.spill(target, now) };
        let Some(book) = self.digests.get_mut(&target.name) else { return };
        let Some(since) = book.since else { return };
        if book.letter.is_some() || book.lines.is_empty() || now < rhythm.after(since) {
            return;
        }
        let (lines, more) = (std::mem::take(&mut book.lines), std::mem::take(&mut book.more));
        book.made = book.made.saturating_add(1);
        book.since = None;
        let name = format!("msg_digest_{}_{}_{}", id("digest", &target.name), now.as_second(), book.made);
        let letter = Letter { id: name, to: target.name.clone(), kind: Kind::Digest, made: now, not_before: now };
        book.letter = Some((letter, lines, more));
        self.changed.insert(Place::Digest(target.name.clone()));
    }

    /// A target that has no digest any more is told at once of what was kept for one.
    fn spill(&mut self, target: &Target, now: Timestamp) {
        let Some(book) = self.digests.get_mut(&target.name) else { return };
        if book.letter.is_some() {
            return;
        }
        if book.lines.is_empty() {
            self.digests.remove(&target.name);
        } else {
            let (lines, more) = (std::mem::take(&mut book.lines), std::mem::take(&mut book.more));
            let name = format!("msg_digest_{}_{}", id("digest", &target.name), now.as_second());
            let letter = Letter { id: name, to: target.name.clone(), kind: Kind::Digest, made: now, not_before: now };
            book.letter = Some((letter, lines, more));
        }
        self.changed.insert(Place::Digest(target.name.clone()));
    }

    /// The letters that may go now: one a target, the oldest first. They count as on their way until it is told what became of them.
    pub(crate) fn due(&mut self, alerting: &Alerting, now: Timestamp) -> Vec<Letter> {
        let mut due = Vec::new();
        for target in &alerting.targets {
            let health = self.health.entry(target.name.clone()).or_default();
            if health.next_try.is_some_and(|at| now < at) {
                continue;
            }
            let own = |letter: &&Letter| letter.to == target.name;
            let of_digest =
                self.digests.get(&target.name).and_then(|book| book.letter.as_ref()).map(|(letter, ..)| letter);
            let all: Vec<&Letter> =
                self.alerts.values().flat_map(|alert| &alert.letters).chain(of_digest).filter(own).collect();
            if all.iter().any(|letter| self.flying.contains(&letter.id)) {
                continue;
            }
            let ready = all.into_iter().filter(|letter| letter.not_before <= now);
            due.extend(ready.min_by_key(|letter| (letter.made, &letter.id)).cloned());
        }
        self.flying.extend(due.iter().map(|letter| letter.id.clone()));
        due
    }

    /// The target has it.
    pub(crate) fn sent(&mut self, letter: &Letter, now: Timestamp) {
        self.flying.remove(&letter.id);
        let health = self.health.entry(letter.to.clone()).or_default();
        *health = Health { last_sent: Some(now), last_trouble: health.last_trouble.take(), ..Health::default() };
        let owner = self.alerts.iter_mut().find(|(_, alert)| alert.letters.iter().any(|other| other.id == letter.id));
        if let Some((id, alert)) = owner {
            alert.letters.retain(|other| other.id != letter.id);
            if alert.resolved.is_none() {
                alert.told.insert(letter.to.clone(), now);
            }
            self.changed.insert(Place::Alert(id.clone()));
            return;
        }
        if let Some(book) = self.digests.get_mut(&letter.to)
            && book.letter.as_ref().is_some_and(|(other, ..)| other.id == letter.id)
        {
            book.letter = None;
            self.changed.insert(Place::Digest(letter.to.clone()));
        }
    }

    /// It did not take it; it is tried again later and later.
    pub(crate) fn not_sent(&mut self, letter: &Letter, why: String, now: Timestamp) {
        self.flying.remove(&letter.id);
        let health = self.health.entry(letter.to.clone()).or_default();
        let wait = FIRST_WAIT.saturating_mul(1 << health.failures.min(16)).min(LONGEST_WAIT);
        health.failures = health.failures.saturating_add(1);
        health.next_try = now.saturating_add(wait).ok();
        health.last_trouble = Some((now, why));
    }

    /// Letters a target has not been sent yet.
    pub(crate) fn waiting_for(&self, target: &str) -> usize {
        let digest = self.digests.get(target).is_some_and(|book| book.letter.is_some());
        let letters =
            self.alerts.values().flat_map(|alert| &alert.letters).filter(|letter| letter.to == target).count();
        letters.saturating_add(usize::from(digest))
    }
}
