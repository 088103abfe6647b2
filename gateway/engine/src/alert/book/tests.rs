//! The book over hours: what is told, once, when, and to whom.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::time;
use lienthong_core::{SignedDuration, Timestamp};

use super::{Book, Kind, Letter};
use crate::alert::facts::{Seen, What};
use crate::alert::message::Message;
use crate::alert::rule::{Alerting, Condition, Courier, Digest, Quiet, Rule, Target, Undelivered};

/// Takes everything; nothing is sent in these tests.
struct Nobody;

#[async_trait::async_trait]
impl Courier for Nobody {
    async fn carry(&self, _: &Message, _: Timestamp) -> Result<(), Undelivered> {
        Ok(())
    }
}

fn target(name: &str) -> Target {
    Target { name: name.to_owned(), kind: "webhook", quiet: None, digest: None, courier: Arc::new(Nobody) }
}

fn rule(to: &[&str]) -> Rule {
    Rule {
        name: "groups".to_owned(),
        condition: Condition::NewGroup,
        systems: std::collections::BTreeSet::new(),
        clients: std::collections::BTreeSet::new(),
        to: to.iter().map(|name| (*name).to_owned()).collect(),
        repeat: None,
        urgent: false,
    }
}

fn seen(instance: &str, now: Timestamp) -> Seen {
    Seen {
        instance: instance.to_owned(),
        what: What::Disk { sending: true },
        system: None,
        since: now,
        count: 1,
        sample: None,
        page: "/console".to_owned(),
        drill: false,
    }
}

/// A book, a clock and one rule.
struct Desk {
    book: Book,
    alerting: Alerting,
    now: Timestamp,
}

impl Desk {
    fn new(rule: Rule, targets: Vec<Target>) -> Self {
        let alerting = Alerting { rules: vec![rule], targets, public_url: None };
        Self { book: Book::default(), alerting, now: "2026-03-02T10:00:00+07:00".parse().unwrap() }
    }

    fn at(&mut self, now: &str) {
        self.now = now.parse().unwrap();
    }

    fn pass(&mut self, hours: i64) {
        self.now += SignedDuration::from_hours(hours);
    }

    /// These instances stand now; what may go is handed out.
    fn look(&mut self, instances: &[&str]) -> Vec<Letter> {
        let rule = self.alerting.rules[0].clone();
        let standing = instances.iter().map(|instance| seen(instance, self.now)).collect();
        self.book.turn(&self.alerting, &rule, standing, self.now);
        self.book.upkeep(&self.alerting, self.now);
        self.book.due(&self.alerting, self.now)
    }

    /// The same, and all of it is taken.
    fn told(&mut self, instances: &[&str]) -> Vec<(Kind, String)> {
        let mut told = Vec::new();
        let mut letters = self.look(instances);
        while !letters.is_empty() {
            for letter in letters {
                self.book.sent(&letter, self.now);
                told.push((letter.kind, letter.to));
            }
            letters = self.book.due(&self.alerting, self.now);
        }
        told
    }

    /// As after a restart: only what was written is known.
    fn restarted(&mut self) {
        let alerts = self.book.alerts.iter().map(|(id, alert)| (id.clone(), again(alert))).collect();
        let digests = self.book.digests.iter().map(|(name, digest)| (name.clone(), again(digest))).collect();
        self.book = Book { alerts, digests, begun: self.book.begun.clone(), ..Book::default() };
    }
}

/// Written and read.
fn again<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

fn to(kind: Kind, name: &str) -> (Kind, String) {
    (kind, name.to_owned())
}

#[test]
fn an_instance_is_told_once_and_when_it_is_over() {
    let mut desk = Desk::new(rule(&["duty"]), vec![target("duty")]);
    assert_eq!(desk.told(&["a"]), [to(Kind::Fired, "duty")]);
    for _ in 0..5 {
        desk.pass(1);
        assert_eq!(desk.told(&["a"]), []);
    }
    assert_eq!(desk.told(&["a", "b"]), [to(Kind::Fired, "duty")]);
    assert_eq!(desk.told(&["b"]), [to(Kind::Resolved, "duty")]);
    assert_eq!(desk.told(&["a", "b"]), [to(Kind::Fired, "duty")], "it came back");
}

#[test]
fn what_lasts_is_told_again_after_its_time_and_not_before() {
    let mut desk =
        Desk::new(Rule { repeat: Some(Duration::from_secs(4 * 3600)), ..rule(&["duty"]) }, vec![target("duty")]);
    desk.told(&["a"]);
    desk.pass(3);
    assert_eq!(desk.told(&["a"]), []);
    desk.pass(1);
    assert_eq!(desk.told(&["a"]), [to(Kind::Repeated, "duty")]);
    assert_eq!(desk.told(&["a"]), []);
}

#[test]
fn a_restart_neither_forgets_nor_repeats() {
    let mut desk = Desk::new(rule(&["duty"]), vec![target("duty")]);
    desk.told(&["a"]);
    let unsent = desk.look(&["a", "b"]);
    desk.restarted();
    let again = desk.look(&["a", "b"]);
    assert_eq!(unsent, again, "the same message with the same id");
    desk.book.sent(&again[0], desk.now);
    desk.restarted();
    assert_eq!(desk.told(&["a", "b"]), []);
    desk.restarted();
    assert_eq!(desk.told(&[]).len(), 2);
}

#[test]
fn quiet_hours_hold_back_and_tell_afterwards_and_urgent_rules_do_not_wait() {
    let quiet = Some(Quiet { from: time(22, 0, 0, 0), until: time(6, 0, 0, 0) });
    let night = Target { quiet, ..target("duty") };
    let mut desk = Desk::new(rule(&["duty", "always"]), vec![night.clone(), target("always")]);
    desk.at("2026-03-02T23:00:00+07:00");
    assert_eq!(desk.told(&["a", "b"]), [to(Kind::Fired, "always"), to(Kind::Fired, "always")]);
    desk.at("2026-03-03T02:00:00+07:00");
    assert_eq!(desk.told(&["b"]), [to(Kind::Resolved, "always")]);
    desk.restarted();
    desk.at("2026-03-03T06:00:00+07:00");
    let mut told = desk.told(&["b"]);
    told.sort_by_key(|(kind, _)| kind.as_str());
    assert_eq!(told, [to(Kind::Fired, "duty"), to(Kind::Passed, "duty")], "what is over is told as such, and once");
    let mut urgent = Desk::new(Rule { urgent: true, ..rule(&["duty"]) }, vec![night]);
    urgent.at("2026-03-02T23:00:00+07:00");
    assert_eq!(urgent.told(&["a"]), [to(Kind::Fired, "duty")]);
}

#[test]
fn a_digest_tells_everything_together_at_its_time_and_urgent_rules_apart() {
    let daily = Target { digest: Some(Digest::Daily(time(7, 30, 0, 0))), ..target("unit") };
    let mut desk = Desk::new(rule(&["unit"]), vec![daily.clone()]);
    desk.told(&["a"]);
    assert_eq!(desk.told(&["a", "b"]), []);
    desk.restarted();
    desk.at("2026-03-03T07:29:59+07:00");
    assert_eq!(desk.told(&["b"]), []);
    desk.at("2026-03-03T07:30:00+07:00");
    let letters = desk.look(&["b"]);
    assert_eq!(letters.iter().map(|letter| letter.kind).collect::<Vec<_>>(), [Kind::Digest]);
    let (_, lines, more) = desk.book.digests["unit"].letter.clone().unwrap();
    let kinds: Vec<Kind> = lines.iter().map(|line| line.kind).collect();
    assert_eq!((kinds, more), (vec![Kind::Fired, Kind::Fired, Kind::Resolved], 0));
    desk.book.sent(&letters[0], desk.now);
    desk.pass(24);
    assert_eq!(desk.told(&["b"]), [], "nothing happened: no digest");
    let mut urgent = Desk::new(Rule { urgent: true, ..rule(&["unit"]) }, vec![daily]);
    assert_eq!(urgent.told(&["a"]), [to(Kind::Fired, "unit")]);
}

#[test]
fn a_target_that_is_down_is_tried_later_and_later_and_holds_up_nobody() {
    let mut desk = Desk::new(rule(&["down", "duty"]), vec![target("down"), target("duty")]);
    let mut letters = desk.look(&["a"]);
    assert_eq!(letters.len(), 2);
    let mut waits = Vec::new();
    for _ in 0..10 {
        let ours = letters.iter().find(|letter| letter.to == "down").unwrap().clone();
        desk.book.not_sent(&ours, "refused".to_owned(), desk.now);
        let next = desk.book.health["down"].next_try.unwrap();
        waits.push(next.duration_since(desk.now).as_secs());
        desk.now = next - SignedDuration::from_secs(1);
        assert!(desk.book.due(&desk.alerting, desk.now).iter().all(|letter| letter.to != "down"));
        desk.now = next;
        letters = desk.book.due(&desk.alerting, desk.now);
        assert_eq!(letters.iter().find(|letter| letter.to == "down").map(|letter| &letter.id), Some(&ours.id));
    }
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
    assert_eq!(desk.book.waiting_for("down"), 1);
    let ours = letters.into_iter().find(|letter| letter.to == "down").unwrap();
    desk.book.sent(&ours, desk.now);
    assert_eq!((desk.book.health["down"].failures, desk.book.waiting_for("down")), (0, 0));
}

#[test]
fn what_was_over_before_it_could_be_told_is_one_message() {
    let mut desk = Desk::new(rule(&["down"]), vec![target("down")]);
    let letter = desk.look(&["a"]).remove(0);
    desk.book.not_sent(&letter, "refused".to_owned(), desk.now);
    assert_eq!(desk.told(&[]), []);
    desk.pass(1);
    assert_eq!(desk.told(&[]), [to(Kind::Passed, "down")]);
    desk.pass(1);
    assert_eq!(desk.told(&[]), []);
}

#[test]
fn what_comes_back_before_its_end_was_told_has_never_ended() {
    let mut desk = Desk::new(rule(&["duty"]), vec![target("duty")]);
    desk.told(&["a"]);
    let resolved = desk.look(&[]).remove(0);
    assert_eq!(resolved.kind, Kind::Resolved);
    desk.book.not_sent(&resolved, "refused".to_owned(), desk.now);
    assert_eq!(desk.told(&["a"]), []);
    desk.pass(1);
    assert_eq!(desk.told(&["a"]), []);
    assert_eq!(desk.told(&[]), [to(Kind::Resolved, "duty")]);
}

#[test]
fn a_rule_or_target_that_is_gone_tells_nobody() {
    let mut desk = Desk::new(rule(&["duty"]), vec![target("duty")]);
    let letter = desk.look(&["a"]).remove(0);
    desk.book.not_sent(&letter, "refused".to_owned(), desk.now);
    desk.alerting = Alerting::default();
    desk.pass(1);
    desk.book.upkeep(&desk.alerting, desk.now);
    assert_eq!(desk.book.waiting_for("duty"), 0);
    assert!(desk.book.firing("groups").is_empty());
    desk.pass(24 * 8);
    desk.book.upkeep(&desk.alerting, desk.now);
    assert!(desk.book.alerts.is_empty(), "shown for a week");
}
