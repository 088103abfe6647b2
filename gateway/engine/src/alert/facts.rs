//! From what is known now to what of it a rule is about. Pure: facts in, instances of conditions out.

use std::collections::BTreeMap;

use lienthong_core::{SignedDuration, SystemId, Timestamp};
use lienthong_journal::{DiskState, GroupRecord};

use super::rule::{Condition, Rule};
use crate::desk::backlog::Drain;
use crate::desk::release::Release;
use crate::dispatch::{GateState, GateView};
use crate::drill::is_drill;
use crate::expiry::Expiry;
use crate::service::{Listened, Waiting};

mod missing;
mod seen;

pub use seen::{Sample, Seen, What};

/// Instances of one rule that are told one by one; what is beyond is told as a number.
pub const MOST_OF_A_RULE: usize = 200;

/// What is known now. `None` is unknown: what was firing for it stays as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Open error groups, and whether there are more.
    pub groups: Option<(Vec<GroupFact>, bool)>,
    pub gates: BTreeMap<SystemId, GateView>,
    /// What waits for each system.
    pub drains: Option<BTreeMap<SystemId, Backlog>>,
    pub expiries: Vec<Expiry>,
    pub releases: Option<Vec<(String, Release)>>,
    /// Everybody who may send, as far as was listened.
    pub listened: Option<Vec<ListenedFact>>,
    /// Amendments that wait for a second person, and whether there are more.
    pub waiting: Option<(Vec<WaitingFact>, bool)>,
    pub disk: Option<DiskState>,
    /// Since when the journal has not answered, and what it says.
    pub journal: Option<(Timestamp, String)>,
}

/// What waits for one system.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backlog {
    pub drain: Drain,
    pub open: u64,
    /// Promised dates that will have passed by then, where that can be told.
    pub will_miss: Option<u64>,
}

/// One open error group.
#[derive(Debug, Clone)]
pub(crate) struct GroupFact {
    pub record: GroupRecord,
    /// A business key that may be shown.
    pub key: Option<String>,
    /// Members whose promised date has passed, and those whose date is near.
    pub due: Option<(u64, u64)>,
}

/// One who may send.
#[derive(Debug, Clone)]
pub(crate) struct ListenedFact {
    pub listened: Listened,
    /// The last message of one that is silent, where the journal still has it.
    pub sample: Option<Sample>,
}

/// One amendment that waits.
#[derive(Debug, Clone)]
pub(crate) struct WaitingFact {
    pub waiting: Waiting,
    /// A business key that may be shown.
    pub key: Option<String>,
}

/// What of the facts a rule is about. `None`: nobody knows just now. `firing` tells which instances are firing already, and since when.
pub(crate) fn standing(
    rule: &Rule,
    facts: &Facts,
    firing: &BTreeMap<String, Seen>,
    begun: Timestamp,
    now: Timestamp,
) -> Option<Vec<Seen>> {
    let seen = match rule.condition {
        Condition::NewGroup => groups(rule, facts, firing, |group| {
            (group.record.opened_at >= begun).then(|| (group_size(group), group_text(group)))
        })?,
        Condition::GroupOver(n) => groups(rule, facts, firing, |group| {
            (group_size(group) > n).then(|| (group_size(group), group_text(group)))
        })?,
        Condition::DeadlineAtRisk(n) => groups(rule, facts, firing, |group| {
            let (overdue, near) = group.due?;
            let all = overdue.saturating_add(near);
            let (code, operation) = (group.record.sample.code.as_str().to_owned(), group.record.operation.to_string());
            (all >= n.get()).then_some((all, What::Due { code, operation, overdue, near }))
        })?,
        Condition::SystemDown(longer) => down(rule, facts, firing, longer, now),
        Condition::DrainOver(longest) => draining(rule, facts, firing, longest, now)?,
        Condition::Expiry(days) => ending(rule, facts, days, now),
        Condition::Trouble => trouble(facts, now)?,
        Condition::ReleasePaused => paused(facts.releases.as_ref()?),
        Condition::Silence => missing::silent(rule, facts.listened.as_ref()?, firing),
        Condition::ApprovalWaiting(longer) => missing::unapproved(rule, facts.waiting.as_ref()?, firing, longer, now),
    };
    Some(bounded(seen, firing, now))
}

fn group_size(group: &GroupFact) -> u64 {
    group.record.parked.saturating_add(group.record.waiting)
}

fn group_text(group: &GroupFact) -> What {
    let GroupRecord { sample, operation, .. } = &group.record;
    What::Group {
        code: sample.code.as_str().to_owned(),
        operation: operation.to_string(),
        vi: sample.public.vi.clone(),
        en: sample.public.en.clone(),
    }
}

fn groups(
    rule: &Rule,
    facts: &Facts,
    firing: &BTreeMap<String, Seen>,
    about: impl Fn(&GroupFact) -> Option<(u64, What)>,
) -> Option<Vec<Seen>> {
    let (groups, more) = facts.groups.as_ref()?;
    let mut seen: Vec<Seen> = Vec::new();
    for group in groups.iter().filter(|group| rule.concerns(&group.record.system)) {
        let Some((count, what)) = about(group) else { continue };
        let GroupRecord { fingerprint, system, opened_at, sample_delivery, sample, .. } = &group.record;
        seen.push(Seen {
            // A release that fails again between two looks is the same trouble still.
            instance: fingerprint.to_string(),
            what,
            system: Some(system.clone()),
            since: *opened_at,
            count,
            sample: Some(Sample { exchange: sample_delivery.exchange.to_string(), key: group.key.clone() }),
            page: format!("/console/errors/{fingerprint}"),
            drill: is_drill(sample),
        });
    }
    if *more {
        // Among those not listed may be some that fire: they stay as they are.
        let unseen = |old: &&Seen| !seen.iter().any(|new| new.instance == old.instance);
        let kept: Vec<Seen> = firing.values().filter(unseen).cloned().collect();
        seen.extend(kept);
    }
    Some(seen)
}

/// A gate that is closed. What is firing goes on while nobody has seen the system serve again: a pause, maintenance or a restart of ours
/// are no proof that it does.
fn down(
    rule: &Rule,
    facts: &Facts,
    firing: &BTreeMap<String, Seen>,
    longer: std::time::Duration,
    now: Timestamp,
) -> Vec<Seen> {
    let mut seen = Vec::new();
    for (system, gate) in facts.gates.iter().filter(|(system, _)| rule.concerns(system)) {
        let already = firing.get(system.as_str());
        match gate.state {
            GateState::Closed | GateState::Probing => {
                let since = already.map_or(gate.since, |old| old.since.min(gate.since));
                let long = SignedDuration::try_from(longer).unwrap_or(SignedDuration::MAX);
                if already.is_some() || now.duration_since(since) >= long {
                    seen.push(Seen {
                        instance: system.to_string(),
                        what: What::Down { reason: gate.reason.as_deref().map(code_of).unwrap_or_default() },
                        system: Some(system.clone()),
                        since,
                        count: 1,
                        sample: None,
                        page: "/console/systems".to_owned(),
                        drill: false,
                    });
                }
            }
            GateState::Open => {
                let served = |old: &&Seen| gate.last_success.is_none_or(|at| at < old.since);
                seen.extend(already.filter(served).cloned());
            }
            GateState::Paused | GateState::Maintenance => seen.extend(already.cloned()),
        }
    }
    seen
}

/// A backlog that takes too long. Where nobody can tell, what fires goes on.
fn draining(
    rule: &Rule,
    facts: &Facts,
    firing: &BTreeMap<String, Seen>,
    longest: std::time::Duration,
    now: Timestamp,
) -> Option<Vec<Seen>> {
    let longest = SignedDuration::try_from(longest).unwrap_or(SignedDuration::MAX);
    let mut seen = Vec::new();
    let waiting = facts.drains.as_ref()?.iter().filter(|(system, _)| rule.concerns(system));
    for (system, Backlog { drain, open, will_miss }) in waiting {
        let at = match drain {
            Drain::At(at) if at.duration_since(now) > longest => Some(*at),
            Drain::Never => None,
            Drain::Unknown(_) => {
                seen.extend(firing.get(system.as_str()).cloned());
                continue;
            }
            Drain::At(_) | Drain::Nothing => continue,
        };
        seen.push(Seen {
            instance: system.to_string(),
            what: What::Drain { at, will_miss: *will_miss },
            system: Some(system.clone()),
            since: now,
            count: *open,
            sample: None,
            page: "/console/systems".to_owned(),
            drill: false,
        });
    }
    Some(seen)
}

/// The code of a gate's reason: what follows it are a system's own words, which may hold anything.
fn code_of(reason: &str) -> String {
    reason.split(':').next().unwrap_or_default().trim().to_owned()
}

fn ending(rule: &Rule, facts: &Facts, days: u32, now: Timestamp) -> Vec<Seen> {
    let near = facts.expiries.iter().filter(|expiry| rule.concerns(&expiry.system));
    let near = near.filter(|expiry| expiry.days_left(now) < i64::from(days));
    near.map(|expiry| Seen {
        instance: format!(
            "{}/{}/{}/{}",
            expiry.system,
            expiry.setting,
            expiry.subject.as_deref().unwrap_or_default(),
            expiry.until
        ),
        what: What::Expiry { setting: expiry.setting.clone(), subject: expiry.subject.clone(), until: expiry.until },
        system: Some(expiry.system.clone()),
        since: now,
        count: 1,
        sample: None,
        page: "/console/systems".to_owned(),
        drill: false,
    })
    .collect()
}

fn trouble(facts: &Facts, now: Timestamp) -> Option<Vec<Seen>> {
    let made = |instance: &str, what: What, since: Timestamp| Seen {
        instance: instance.to_owned(),
        what,
        system: None,
        since,
        count: 1,
        sample: None,
        page: "/console".to_owned(),
        drill: false,
    };
    let mut seen = Vec::new();
    match facts.disk? {
        DiskState::Enough => {}
        DiskState::Low => seen.push(made("disk", What::Disk { sending: true }, now)),
        DiskState::Critical => seen.push(made("disk", What::Disk { sending: false }, now)),
    }
    if let Some((since, says)) = &facts.journal {
        seen.push(made("journal", What::Journal { says: says.clone() }, *since));
    }
    Some(seen)
}

fn paused(releases: &[(String, Release)]) -> Vec<Seen> {
    let by_itself = releases.iter().filter(|(_, release)| release.paused_by_itself());
    by_itself
        .map(|(id, release)| Seen {
            // Resumed and paused again is told again.
            instance: format!("{id}#{}", release.over()),
            what: What::Release { because: release.because.as_ref().map(ToString::to_string).unwrap_or_default() },
            system: None,
            since: release.began,
            count: release.failed,
            sample: None,
            page: format!("/console/errors/{}", release.group),
            drill: false,
        })
        .collect()
}

/// Those firing already first, then the oldest; the rest as a number.
fn bounded(mut seen: Vec<Seen>, firing: &BTreeMap<String, Seen>, now: Timestamp) -> Vec<Seen> {
    seen.retain(|one| one.what != What::More);
    if seen.len() <= MOST_OF_A_RULE {
        return seen;
    }
    seen.sort_by_key(|one| (!firing.contains_key(&one.instance), one.since));
    let rest = seen.split_off(MOST_OF_A_RULE);
    let since = rest.iter().map(|one| one.since).min().unwrap_or(now);
    seen.push(Seen {
        instance: "more".to_owned(),
        what: What::More,
        system: None,
        since,
        count: rest.len() as u64,
        sample: None,
        page: "/console/errors".to_owned(),
        drill: false,
    });
    seen
}

#[cfg(test)]
mod tests;
