//! Dates and clocks: `not_before`, `expires_at`, waits over a clock that steps, and lookups that must not come early.

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{Clock, FaultKind, Lookup, SignedDuration, StateName, Timestamp};
use lienthong_journal::EventKind;

use super::journal::{FakeJournal, Trouble};
use super::portal::{Does, SETTLE};
use super::rig::{Message, Rig, fails, message, portal_id, start_of_time};
use crate::clock::RuntimeClock;
use crate::config::SystemPolicy;

const MINUTE: Duration = Duration::from_secs(60);

fn from_start(by: Duration) -> Timestamp {
    start_of_time().saturating_add(by).unwrap()
}

/// Fails the first call and answers the others.
fn fails_once(rig: &Rig, kind: FaultKind, sent: bool) {
    let mut first = true;
    rig.portal.does(move |_| if std::mem::take(&mut first) { fails(kind, sent) } else { Does::Answers });
}

fn patient() -> SystemPolicy {
    let mut policy = SystemPolicy::default();
    policy.retry.first = 10 * MINUTE;
    policy
}

#[tokio::test(start_paused = true)]
async fn not_before_is_kept_and_then_it_goes() {
    let rig = Rig::start(SystemPolicy::default()).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let id = rig.submit(Message { not_before: Some(from_start(90 * MINUTE)), ..message("later") }).await;
    rig.until_state(id, StateName::Delivered).await;
    let at = rig.seen()[0].at;
    assert!((90 * MINUTE..90 * MINUTE + Duration::from_secs(1)).contains(&at), "{at:?}");
}

#[tokio::test(start_paused = true)]
async fn what_expires_unsent_is_parked_and_never_sent() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.dispatcher.set_paused(&portal_id(), true, None);
    let short = rig.submit(Message { expires_at: Some(from_start(MINUTE)), ..message("short") }).await;
    let long = rig.submit(Message { expires_at: Some(from_start(90 * MINUTE)), ..message("long") }).await;
    rig.until_state(short, StateName::Parked).await;
    assert!(rig.clock.monotonic() < 2 * MINUTE, "noticed while paused");
    assert_eq!(rig.record(short).fault.unwrap().kind, FaultKind::Expired);
    rig.dispatcher.set_paused(&portal_id(), false, None);
    rig.until_state(long, StateName::Delivered).await;
    assert_eq!(rig.portal.keys(), ["long"]);
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_sent_does_not_expire() {
    let rig = Rig::start(patient()).await;
    fails_once(&rig, FaultKind::Interrupted, true);
    let id = rig.submit(Message { expires_at: Some(from_start(MINUTE)), ..message("a") }).await;
    rig.until_state(id, StateName::Delivered).await;
    assert!(rig.clock.monotonic() > MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_steps_back_an_hour_delays_a_retry_by_no_more_than_the_longest_wait() {
    let rig = Rig::start(patient()).await;
    fails_once(&rig, FaultKind::Interrupted, true);
    let id = rig.submit(message("a")).await;
    rig.until_state(id, StateName::Verifying).await;
    rig.clock.step(SignedDuration::from_hours(-1));
    rig.until_state(id, StateName::Delivered).await;
    let waited = rig.seen()[1].at;
    assert!((MINUTE..16 * MINUTE).contains(&waited), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_back_while_nothing_ran_is_noticed_at_the_start() {
    let journal = FakeJournal::new(Duration::ZERO);
    let before = Rig::with_journal(patient(), Arc::clone(&journal)).await;
    fails_once(&before, FaultKind::Interrupted, true);
    let id = before.submit(message("a")).await;
    before.until_state(id, StateName::Verifying).await;
    assert!(before.dispatcher.drain(MINUTE).await);
    let hour_ago = before.clock.now().saturating_sub(SignedDuration::from_hours(1)).unwrap();
    let after = Rig::at_clock(patient(), journal, Arc::new(RuntimeClock::starting_at(hour_ago))).await;
    after.until_state(id, StateName::Delivered).await;
    let waited = after.seen()[0].at;
    assert!(waited < 16 * MINUTE, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn timers_too_far_ahead_are_clamped_at_every_start_even_when_the_journal_fails_at_first() {
    let journal = FakeJournal::new(Duration::ZERO);
    let before = Rig::with_journal(patient(), Arc::clone(&journal)).await;
    fails_once(&before, FaultKind::Interrupted, true);
    let id = before.submit(message("a")).await;
    before.until_state(id, StateName::Verifying).await;
    assert!(before.dispatcher.drain(MINUTE).await);
    let hour_ago = before.clock.now().saturating_sub(SignedDuration::from_hours(1)).unwrap();
    // A start that noticed the step and crashed before it had clamped anything: the last event looks right.
    journal.store.lock().note(hour_ago, EventKind::GateChanged, None, "test");
    journal.fail(Trouble::NotWritten, 2);
    let after = Rig::at_clock(patient(), journal, Arc::new(RuntimeClock::starting_at(hour_ago))).await;
    after.until_state(id, StateName::Delivered).await;
    let waited = after.seen()[0].at;
    assert!(waited < 16 * MINUTE, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_date_the_client_chose_is_not_clamped_when_the_clock_steps_back() {
    let rig = Rig::start(SystemPolicy::default()).await;
    let id = rig.submit(Message { not_before: Some(from_start(90 * MINUTE)), ..message("later") }).await;
    tokio::time::sleep(MINUTE).await;
    rig.clock.step(SignedDuration::from_hours(-1));
    rig.until_state(id, StateName::Delivered).await;
    let at = rig.seen()[0].at;
    assert!((150 * MINUTE..151 * MINUTE).contains(&at), "{at:?}");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_steps_ahead_an_hour_makes_retries_come_early_and_nothing_else() {
    let rig = Rig::start(patient()).await;
    fails_once(&rig, FaultKind::Interrupted, true);
    let id = rig.submit(message("a")).await;
    rig.until_state(id, StateName::Verifying).await;
    rig.clock.step(SignedDuration::from_hours(1));
    rig.until_state(id, StateName::Delivered).await;
    assert!(rig.seen()[1].at < MINUTE);
    assert_eq!((rig.portal.count(), rig.count(StateName::Parked)), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_steps_ahead_does_not_make_a_lookup_believe_too_early() {
    let rig = Rig::start(SystemPolicy::default()).await;
    fails_once(&rig, FaultKind::Interrupted, true);
    rig.portal.finds(|_| Ok(Lookup::NotDone));
    let id = rig.submit(Message { operation: "portal.sync-status", ..message("a") }).await;
    rig.until_state(id, StateName::Verifying).await;
    rig.clock.step(SignedDuration::from_hours(1));
    rig.until_state(id, StateName::Delivered).await;
    let looked = rig.portal.looked_up.lock()[0] - rig.seen()[0].at;
    assert!(looked >= SETTLE, "{looked:?}");
}
