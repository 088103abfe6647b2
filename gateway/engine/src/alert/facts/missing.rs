//! What does not come: messages of those who normally send, and the word of a second person. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use lienthong_core::{SignedDuration, Timestamp};

use super::{ListenedFact, Sample, Seen, WaitingFact, What};
use crate::alert::rule::Rule;
use crate::desk::silence::SilentBy;
use crate::service::{Listened, Waiting};

/// Whoever has stopped sending. What is firing goes on until something is heard of them: that the week before was silent too, or that we
/// began anew, is no message.
pub(super) fn silent(rule: &Rule, all: &[ListenedFact], firing: &BTreeMap<String, Seen>) -> Vec<Seen> {
    let mut seen = Vec::new();
    for ListenedFact { listened, sample } in all {
        let Listened { client, system, last, since, declared, silent } = listened;
        if !rule.listens_to(client, system.as_ref()) {
            continue;
        }
        let what = match silent {
            Some(SilentBy::Declared { after }) => What::Silent { client: client.to_string(), after: after.as_secs() },
            Some(SilentBy::Learned { least, weeks }) => {
                What::Missed { client: client.to_string(), least: *least, weeks: *weeks }
            }
            None => {
                let known = |old: &Seen| last.is_some_and(|at| *declared || at > old.since);
                seen.extend(firing.get(client.as_str()).filter(|old| !known(old)).cloned());
                continue;
            }
        };
        seen.push(Seen {
            instance: client.to_string(),
            what,
            system: system.clone(),
            since: *since,
            count: 1,
            sample: sample.clone(),
            page: "/console/systems#silences".to_owned(),
            drill: false,
        });
    }
    seen
}

/// Amendments on which nobody has decided for so long.
pub(super) fn unapproved(
    rule: &Rule,
    (waiting, more): &(Vec<WaitingFact>, bool),
    firing: &BTreeMap<String, Seen>,
    longer: Duration,
    now: Timestamp,
) -> Vec<Seen> {
    let long = SignedDuration::try_from(longer).unwrap_or(SignedDuration::MAX);
    let due = waiting.iter().filter(|fact| rule.concerns(&fact.waiting.system));
    let due = due.filter(|fact| now.duration_since(fact.waiting.at) > long);
    let mut seen: Vec<Seen> = due.map(waits).collect();
    if *more {
        // Among those not listed may be some that fire: they stay as they are.
        let listed = |old: &Seen| waiting.iter().any(|fact| instance(&fact.waiting) == old.instance);
        seen.extend(firing.values().filter(|old| !listed(old)).cloned());
    }
    seen
}

fn waits(WaitingFact { waiting, key }: &WaitingFact) -> Seen {
    let Waiting { delivery, number, at, system, operation, fields } = waiting;
    Seen {
        instance: instance(waiting),
        what: What::Approval { operation: operation.to_string(), fields: *fields },
        system: Some(system.clone()),
        since: *at,
        count: 1,
        sample: Some(Sample { exchange: delivery.exchange.to_string(), key: key.clone() }),
        page: format!("/console/deliveries/{delivery}/amendments/{number}"),
        drill: false,
    }
}

fn instance(Waiting { delivery, number, .. }: &Waiting) -> String {
    format!("{delivery}/{number}")
}
