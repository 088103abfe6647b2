//! What rules see in facts: which instances, and what is no proof of anything.

use std::time::Duration;

use lienthong_core::{Fault, FaultKind, SignedDuration, Timestamp};
use lienthong_journal::DiskState;

use super::*;
use crate::desk::silence::SilentBy;
use crate::expiry::Material;

fn now() -> Timestamp {
    "2026-03-02T10:00:00+07:00".parse().unwrap()
}

fn rule(condition: Condition) -> Rule {
    Rule {
        name: "r".to_owned(),
        condition,
        systems: std::collections::BTreeSet::new(),
        clients: std::collections::BTreeSet::new(),
        to: Vec::new(),
        repeat: None,
        urgent: false,
    }
}

fn gate(state: GateState, since: Timestamp, last_success: Option<Timestamp>) -> GateView {
    let reason = (state == GateState::Closed).then(|| "LT-UNREACHABLE: họ nói Nguyễn Văn Mẫu".to_owned());
    GateView { state, since, reason, next_probe: None, until: None, in_flight: 0, concurrency: 1, last_success }
}

fn with_gate(view: GateView) -> Facts {
    Facts { gates: [("portal".parse().unwrap(), view)].into(), disk: Some(DiskState::Enough), ..Facts::default() }
}

fn group(number: u64, system: &str, opened_at: Timestamp, parked: u64) -> GroupFact {
    let record = GroupRecord {
        fingerprint: format!("1-{number:032x}").parse().unwrap(),
        system: system.parse().unwrap(),
        operation: format!("{system}.sync-dossier").parse().unwrap(),
        first_seen: opened_at,
        last_seen: opened_at,
        seen: parked,
        parked,
        waiting: 0,
        held_behind: 0,
        sample: Fault::of(FaultKind::Rejected, "Nguyễn Văn Mẫu has no fee"),
        sample_delivery: "0199c2f0-7b1a-7c3e-9d55-0f6f1f0a2b3c.0".parse().unwrap(),
        opened_at,
        reopened: 0,
    };
    GroupFact { record, key: Some("H56.14-250115-0007".to_owned()), due: Some((1, 2)) }
}

fn seen(rule: &Rule, facts: &Facts, firing: &[Seen]) -> Vec<Seen> {
    let firing = firing.iter().map(|seen| (seen.instance.clone(), seen.clone())).collect();
    standing(rule, facts, &firing, now(), now()).unwrap()
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

#[test]
fn a_closed_gate_is_down_after_its_time_and_says_a_code_and_nobodys_words() {
    let rule = rule(Condition::SystemDown(Duration::from_secs(600)));
    let minutes = |minutes| now() - SignedDuration::from_mins(minutes);
    assert_eq!(seen(&rule, &with_gate(gate(GateState::Closed, minutes(9), None)), &[]), []);
    let down = seen(&rule, &with_gate(gate(GateState::Closed, minutes(10), None)), &[]);
    assert_eq!(down[0].what, What::Down { reason: "LT-UNREACHABLE".to_owned() });
    assert_eq!(down[0].since, minutes(10));
}

#[test]
fn neither_a_restart_nor_a_pause_nor_maintenance_proves_that_a_system_serves() {
    let rule = rule(Condition::SystemDown(Duration::from_secs(600)));
    let down = seen(&rule, &with_gate(gate(GateState::Closed, now() - hours(2), None)), &[]);
    for view in [
        gate(GateState::Open, now(), None),
        gate(GateState::Open, now(), Some(now() - hours(3))),
        gate(GateState::Paused, now(), None),
        gate(GateState::Maintenance, now(), None),
        gate(GateState::Closed, now(), None),
    ] {
        let still = seen(&rule, &with_gate(view.clone()), &down);
        assert_eq!(still.len(), 1, "{view:?}");
        assert_eq!(still[0].since, now() - hours(2), "{view:?}");
    }
    let served = gate(GateState::Open, now() - hours(1), Some(now() - hours(1)));
    assert_eq!(seen(&rule, &with_gate(served), &down), []);
    for view in [gate(GateState::Paused, now() - hours(2), None), gate(GateState::Maintenance, now() - hours(2), None)]
    {
        assert_eq!(seen(&rule, &with_gate(view), &[]), [], "muted");
    }
}

#[test]
fn a_group_is_new_when_it_opened_since_the_rule_began_and_tells_nothing_personal() {
    let old = group(1, "portal", now() - hours(1), 5);
    let new = group(2, "portal", now(), 5);
    let elsewhere = group(3, "tax", now(), 5);
    let facts = Facts { groups: Some((vec![old, new, elsewhere], false)), ..Facts::default() };
    let rule = Rule { systems: ["portal".parse().unwrap()].into(), ..rule(Condition::NewGroup) };
    let told = seen(&rule, &facts, &[]);
    assert_eq!(told.iter().map(|seen| &seen.instance).collect::<Vec<_>>(), [&format!("1-{:032x}", 2)]);
    let text = serde_json::to_string(&told[0]).unwrap() + &crate::alert::words(&told[0]).vi;
    assert!(!text.contains("Mẫu") && text.contains("H56.14-250115-0007"), "{text}");
}

#[test]
fn groups_and_dates_are_counted_against_their_bounds() {
    let facts = Facts { groups: Some((vec![group(1, "portal", now(), 5)], false)), ..Facts::default() };
    assert_eq!(seen(&rule(Condition::GroupOver(5)), &facts, &[]), []);
    assert_eq!(seen(&rule(Condition::GroupOver(4)), &facts, &[])[0].count, 5);
    assert_eq!(seen(&rule(Condition::DeadlineAtRisk(4.try_into().unwrap())), &facts, &[]), []);
    assert_eq!(seen(&rule(Condition::DeadlineAtRisk(3.try_into().unwrap())), &facts, &[])[0].count, 3);
}

#[test]
fn what_nobody_knows_changes_nothing_and_what_is_not_listed_goes_on() {
    let rule = rule(Condition::GroupOver(1));
    assert_eq!(standing(&rule, &Facts::default(), &BTreeMap::new(), now(), now()), None);
    let listed = Facts { groups: Some((vec![group(1, "portal", now(), 5)], true)), ..Facts::default() };
    let unlisted =
        seen(&rule, &Facts { groups: Some((vec![group(2, "portal", now(), 5)], false)), ..Facts::default() }, &[]);
    assert_eq!(seen(&rule, &listed, &unlisted).len(), 2);
}

#[test]
fn more_instances_than_are_told_one_by_one_are_a_number() {
    let many = (0..MOST_OF_A_RULE as u64 + 7).map(|number| group(number, "portal", now(), 5)).collect();
    let told = seen(&rule(Condition::NewGroup), &Facts { groups: Some((many, false)), ..Facts::default() }, &[]);
    assert_eq!(told.len(), MOST_OF_A_RULE + 1);
    assert_eq!(told.last().map(|seen| (seen.what.clone(), seen.count)), Some((What::More, 7)));
}

#[test]
fn certificates_are_told_days_before_and_a_short_disk_and_a_silent_journal_at_once() {
    let ending = Expiry {
        system: "portal".parse().unwrap(),
        material: Material::Certificate,
        setting: "transport.ca".to_owned(),
        reference: "file:ca.pem".to_owned(),
        subject: None,
        until: now() + hours(24 * 10),
    };
    let facts = Facts {
        expiries: vec![ending],
        disk: Some(DiskState::Critical),
        journal: Some((now(), "LT-JOURNAL-UNAVAILABLE".to_owned())),
        ..Facts::default()
    };
    assert_eq!(seen(&rule(Condition::Expiry(10)), &facts, &[]), []);
    assert_eq!(seen(&rule(Condition::Expiry(11)), &facts, &[]).len(), 1);
    let trouble = seen(&rule(Condition::Trouble), &facts, &[]);
    assert_eq!(trouble.iter().map(|seen| seen.instance.as_str()).collect::<Vec<_>>(), ["disk", "journal"]);
}

#[test]
fn a_backlog_that_takes_too_long_is_told_and_goes_on_while_nobody_can_tell() {
    use crate::desk::backlog::Why;

    let rule = rule(Condition::DrainOver(Duration::from_secs(4 * 3600)));
    let with = |drain| {
        let waiting = Backlog { drain, open: 500, will_miss: Some(3) };
        Facts { drains: Some([("portal".parse().unwrap(), waiting)].into()), ..Facts::default() }
    };
    assert_eq!(standing(&rule, &Facts::default(), &BTreeMap::new(), now(), now()), None);
    for short in [Drain::Nothing, Drain::At(now() + hours(4)), Drain::Unknown(Why::NotMeasured)] {
        assert_eq!(seen(&rule, &with(short), &[]), [], "{short:?}");
    }
    let late = seen(&rule, &with(Drain::At(now() + hours(5))), &[]);
    assert_eq!((late[0].count, &late[0].what), (500, &What::Drain { at: Some(now() + hours(5)), will_miss: Some(3) }));
    assert_eq!(seen(&rule, &with(Drain::Never), &[])[0].what, What::Drain { at: None, will_miss: Some(3) });
    assert_eq!(seen(&rule, &with(Drain::Unknown(Why::NothingGoes)), &late).len(), 1);
}

const AFTER: Duration = Duration::from_secs(4 * 3600);

/// Declared to send, and learned to.
fn listened(client: &str, last: Option<Timestamp>, silent: Option<SilentBy>) -> ListenedFact {
    let declared = !matches!(silent, Some(SilentBy::Learned { .. })) && client != "learned";
    let system = client.strip_prefix("system-").map(|name| name.parse().unwrap());
    let since = last.unwrap_or(now() - hours(9));
    let listened = Listened { client: client.parse().unwrap(), system, last, since, declared, silent };
    ListenedFact { listened, sample: Some(Sample { exchange: "e".to_owned(), key: None }) }
}

fn heard(all: Vec<ListenedFact>) -> Facts {
    Facts { listened: Some(all), ..Facts::default() }
}

#[test]
fn a_silence_is_over_when_something_was_heard_and_not_because_nobody_knows() {
    let rule = rule(Condition::Silence);
    assert_eq!(standing(&rule, &Facts::default(), &BTreeMap::new(), now(), now()), None);
    let declared = Some(SilentBy::Declared { after: AFTER });
    let learned = Some(SilentBy::Learned { least: 12, weeks: 5 });
    let last = Some(now() - hours(5));
    let facts = heard(vec![
        listened("one-stop", last, declared),
        listened("learned", last, learned),
        listened("well", last, None),
    ]);
    let told = seen(&rule, &facts, &[]);
    let instances: Vec<&str> = told.iter().map(|seen| seen.instance.as_str()).collect();
    assert_eq!((instances, told[0].since), (vec!["one-stop", "learned"], now() - hours(5)));
    for (text, wanted) in [
        (crate::alert::words(&told[0]).vi, "one-stop ngừng gửi: im lặng quá 4 giờ"),
        (crate::alert::words(&told[1]).en, "in these hours at least 12 messages came in each of 5 weeks"),
    ] {
        assert!(text.contains(wanted), "{text}");
    }
    // Begun anew: nothing is known of one; the other's week before was silent too.
    let unknown = heard(vec![listened("one-stop", None, None), listened("learned", last, None)]);
    assert_eq!(seen(&rule, &unknown, &told).len(), 2);
    let longer = heard(vec![listened("one-stop", last, None), listened("learned", Some(now()), None)]);
    assert_eq!(seen(&rule, &longer, &told), [], "declared otherwise, and heard");
    assert_eq!(seen(&rule, &heard(Vec::new()), &told), [], "nobody any more");
}

#[test]
fn a_rule_of_silence_looks_at_the_clients_and_systems_it_names() {
    let silent = |client| listened(client, None, Some(SilentBy::Declared { after: AFTER }));
    let facts = heard(["one-stop", "school", "system-portal", "system-tax"].map(silent).to_vec());
    let instances = |clients: &[&str], systems: &[&str]| -> Vec<String> {
        let rule = Rule {
            clients: clients.iter().map(|client| client.parse().unwrap()).collect(),
            systems: systems.iter().map(|system| system.parse().unwrap()).collect(),
            ..rule(Condition::Silence)
        };
        seen(&rule, &facts, &[]).into_iter().map(|seen| seen.instance).collect()
    };
    assert_eq!(instances(&[], &[]).len(), 4);
    assert_eq!(instances(&["school"], &[]), ["school"]);
    assert_eq!(instances(&["school"], &["tax"]), ["school", "system-tax"]);
    assert_eq!(instances(&[], &["tax"]), ["system-tax"]);
}

fn waiting(number: u32, at: Timestamp) -> WaitingFact {
    let delivery = "0199c2f0-7b1a-7c3e-9d55-0f6f1f0a2b3c.0".parse().unwrap();
    let (system, operation) = ("portal".parse().unwrap(), "portal.sync-dossier".parse().unwrap());
    let waiting = Waiting { delivery, number, at, system, operation, fields: 2 };
    WaitingFact { waiting, key: Some("H56.14-250115-0007".to_owned()) }
}

#[test]
fn an_amendment_is_told_when_it_has_waited_too_long_with_the_page_where_it_is_decided_on() {
    let rule = rule(Condition::ApprovalWaiting(AFTER));
    assert_eq!(standing(&rule, &Facts::default(), &BTreeMap::new(), now(), now()), None);
    let facts = |all, more| Facts { waiting: Some((all, more)), ..Facts::default() };
    let both = vec![waiting(1, now() - hours(5)), waiting(2, now() - hours(4))];
    let told = seen(&rule, &facts(both, false), &[]);
    assert_eq!(
        (told.len(), told[0].since, &told[0].what),
        (1, now() - hours(5), &What::Approval { operation: "portal.sync-dossier".to_owned(), fields: 2 },)
    );
    assert_eq!(told[0].page, "/console/deliveries/0199c2f0-7b1a-7c3e-9d55-0f6f1f0a2b3c.0/amendments/1");
    assert_eq!(seen(&rule, &facts(Vec::new(), true), &told).len(), 1, "more than were looked at");
    assert_eq!(seen(&rule, &facts(Vec::new(), false), &told), []);
    let elsewhere = Rule { systems: ["tax".parse().unwrap()].into(), ..rule };
    assert_eq!(seen(&elsewhere, &facts(vec![waiting(1, now() - hours(5))], false), &[]), []);
}
