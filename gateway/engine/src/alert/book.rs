//! What is firing, what has to be told of it and what was: deduplicated, with repeats, resolve messages, quiet hours, digests. Pure: instances and answers in, letters out.

use std::collections::{BTreeMap, BTreeSet};

use lienthong_core::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::facts::Seen;
use super::rule::{Alerting, Rule, Target};

mod post;
#[cfg(test)]
mod tests;

/// Lines of a digest; more are counted.
pub(crate) const MOST_LINES: usize = 200;
/// Why somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Fired,
    /// It lasts.
    Repeated,
    Resolved,
    /// It fired and was resolved before it could be told.
    Passed,
    Digest,
    Test,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fired => "fired",
            Self::Repeated => "repeated",
            Self::Resolved => "resolved",
            Self::Passed => "passed",
            Self::Digest => "digest",
            Self::Test => "test",
        }
    }
}

/// One message that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The same for every try.
    pub id: String,
    pub to: String,
    pub kind: Kind,
    pub made: Timestamp,
    pub not_before: Timestamp,
}

/// One instance of a rule's condition, firing or over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    pub rule: String,
    pub urgent: bool,
    pub seen: Seen,
    pub fired: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved: Option<Timestamp>,
    /// Letters made for it so far.
    pub letters_made: u32,
    /// Not sent yet.
    pub letters: Vec<Letter>,
    /// Who was told that it fires, and when last; nobody any more once it is resolved.
    pub told: BTreeMap<String, Timestamp>,
}

/// What a target is told together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DigestBook {
    /// Of the last digest, or of the first thing to tell.
    pub since: Option<Timestamp>,
    pub lines: Vec<Line>,
    /// Beyond those lines.
    pub more: u64,
    /// Being sent, with what stands in it.
    pub letter: Option<(Letter, Vec<Line>, u64)>,
    pub made: u32,
}

/// One line of a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub at: Timestamp,
    pub kind: Kind,
    pub rule: String,
    pub seen: Seen,
}

/// How a target is doing; not kept over restarts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    pub failures: u32,
    pub next_try: Option<Timestamp>,
    pub last_sent: Option<Timestamp>,
    pub last_trouble: Option<(Timestamp, String)>,
}

/// Everything that is kept, by the id it is kept under.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book {
    pub alerts: BTreeMap<String, Alert>,
    pub digests: BTreeMap<String, DigestBook>,
    /// Since when a rule has been looked after.
    pub begun: BTreeMap<String, Timestamp>,
    pub health: BTreeMap<String, Health>,
    /// Ids of letters on their way now.
    flying: BTreeSet<String>,
    /// What must be written: ids of alerts, targets of digests, names of rules.
    pub changed: BTreeSet<Place>,
}

/// Where something is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Alert(String),
    Digest(String),
    Rule(String),
}

/// The id of an instance of a rule: short, the same over restarts.
pub(crate) fn id(rule: &str, instance: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(format!("{rule}\n{instance}").as_bytes());
    digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

impl Book {
    /// What of a rule is firing, by instance.
    pub(crate) fn firing(&self, rule: &str) -> BTreeMap<String, Seen> {
        let firing = self.alerts.values().filter(|alert| alert.rule == rule && alert.resolved.is_none());
        firing.map(|alert| (alert.seen.instance.clone(), alert.seen.clone())).collect()
    }

    /// Since when the rule has been looked after: from now on, if never.
    pub(crate) fn begun(&mut self, rule: &str, now: Timestamp) -> Timestamp {
        if let Some(at) = self.begun.get(rule) {
            return *at;
        }
        self.begun.insert(rule.to_owned(), now);
        self.changed.insert(Place::Rule(rule.to_owned()));
        now
    }

    /// One rule's instances as they stand now.
    pub(crate) fn turn(&mut self, alerting: &Alerting, rule: &Rule, standing: Vec<Seen>, now: Timestamp) {
        let mut here = BTreeSet::new();
        for seen in standing {
            let id = id(&rule.name, &seen.instance);
            here.insert(id.clone());
            self.stands(alerting, rule, &id, seen, now);
        }
        let over: Vec<String> =
            self.ids(|id, alert| alert.rule == rule.name && alert.resolved.is_none() && !here.contains(id));
        for id in over {
            self.resolve(alerting, rule, &id, now);
        }
    }

    fn ids(&self, which: impl Fn(&String, &Alert) -> bool) -> Vec<String> {
        self.alerts.iter().filter(|(id, alert)| which(id, alert)).map(|(id, _)| id.clone()).collect()
    }

    fn stands(&mut self, alerting: &Alerting, rule: &Rule, id: &str, mut seen: Seen, now: Timestamp) {
        match self.alerts.get_mut(id) {
            Some(alert) if alert.resolved.is_none() => {
                seen.since = seen.since.min(alert.seen.since);
                alert.seen = seen;
                alert.urgent = rule.urgent;
                self.repeat(alerting, rule, id, now);
            }
            _over_or_new => self.fire(alerting, rule, id, seen, now),
        }
    }

    fn fire(&mut self, alerting: &Alerting, rule: &Rule, id: &str, seen: Seen, now: Timestamp) {
        let before = self.alerts.remove(id);
        let mut alert = Alert {
            rule: rule.name.clone(),
            urgent: rule.urgent,
            seen,
            fired: now,
            resolved: None,
            letters_made: before.as_ref().map_or(0, |before| before.letters_made),
            letters: Vec::new(),
            told: BTreeMap::new(),
        };
        for target in targets(alerting, rule) {
            let unsent = before.iter().flat_map(|before| &before.letters).rfind(|letter| letter.to == target.name);
            match unsent.map(|letter| letter.kind) {
                // It was never told that it is over: for this target it has been firing all the time.
                Some(Kind::Resolved) if !self.flying_has(unsent) => {
                    alert.told.insert(target.name.clone(), now);
                }
                Some(Kind::Fired | Kind::Repeated | Kind::Resolved | Kind::Passed | Kind::Digest | Kind::Test)
                | None => {
                    self.tell(&mut alert, id, target, Kind::Fired, now);
                }
            }
        }
        self.put(id, alert);
    }

    fn flying_has(&self, letter: Option<&Letter>) -> bool {
        letter.is_some_and(|letter| self.flying.contains(&letter.id))
    }

    fn repeat(&mut self, alerting: &Alerting, rule: &Rule, id: &str, now: Timestamp) {
        let Some(every) = rule.repeat.and_then(|every| SignedDuration::try_from(every).ok()) else { return };
        let Some(mut alert) = self.alerts.remove(id) else { return };
        let made = alert.letters_made;
        for target in targets(alerting, rule) {
            let due = alert.told.get(&target.name).is_some_and(|told| now.duration_since(*told) >= every);
            let told_together = target.digest.is_some() && !rule.urgent;
            if due && !told_together && !alert.letters.iter().any(|letter| letter.to == target.name) {
                self.tell(&mut alert, id, target, Kind::Repeated, now);
            }
        }
        let changed = alert.letters_made != made;
        self.alerts.insert(id.to_owned(), alert);
        if changed {
            self.changed.insert(Place::Alert(id.to_owned()));
        }
    }

    fn resolve(&mut self, alerting: &Alerting, rule: &Rule, id: &str, now: Timestamp) {
        let Some(mut alert) = self.alerts.remove(id) else { return };
        alert.resolved = Some(now);
        let told = std::mem::take(&mut alert.told);
        for target in targets(alerting, rule) {
            let place =
                alert.letters.iter().position(|letter| letter.to == target.name && !self.flying.contains(&letter.id));
            let waiting = place.map(|place| alert.letters.remove(place));
            match waiting.map(|letter| letter.kind) {
                Some(Kind::Fired) => self.tell(&mut alert, id, target, Kind::Passed, now),
                Some(Kind::Repeated | Kind::Resolved | Kind::Passed | Kind::Digest | Kind::Test) | None => {
                    let flies = alert.letters.iter().any(|letter| letter.to == target.name);
                    if flies || told.contains_key(&target.name) {
                        self.tell(&mut alert, id, target, Kind::Resolved, now);
                    }
                }
            }
        }
        self.put(id, alert);
    }

    /// A letter, or a line of a digest.
    fn tell(&mut self, alert: &mut Alert, id: &str, target: &Target, kind: Kind, now: Timestamp) {
        if target.digest.is_some() && !alert.urgent {
            let line = Line { at: now, kind, rule: alert.rule.clone(), seen: alert.seen.clone() };
            self.digests.entry(target.name.clone()).or_default().add(line);
            self.changed.insert(Place::Digest(target.name.clone()));
            if kind != Kind::Resolved {
                alert.told.insert(target.name.clone(), now);
            }
            return;
        }
        alert.letters_made = alert.letters_made.saturating_add(1);
        let not_before = if alert.urgent { now } else { target.speaks_from(now) };
        alert.letters.push(Letter {
            id: format!("msg_{id}_{}", alert.letters_made),
            to: target.name.clone(),
            kind,
            made: now,
            not_before,
        });
    }

    fn put(&mut self, id: &str, alert: Alert) {
        self.alerts.insert(id.to_owned(), alert);
        self.changed.insert(Place::Alert(id.to_owned()));
    }
}

impl DigestBook {
    fn add(&mut self, line: Line) {
        self.since.get_or_insert(line.at);
        if self.lines.len() < MOST_LINES {
            self.lines.push(line);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}

/// The rule's targets that there are, each once.
fn targets<'a>(alerting: &'a Alerting, rule: &'a Rule) -> impl Iterator<Item = &'a Target> {
    alerting.targets.iter().filter(|target| rule.to.contains(&target.name))
}
