//! Synchronous calls: recorded before they are sent, bounded in waiting, sharing the system with deliveries.

use std::num::NonZeroU32;
use std::time::Duration;

use lienthong_core::{
    Body, BusinessKey, ClientId, Clock, Fault, FaultCode, FaultKind, OperationName, RouteName, StateName,
};

use super::journal::Trouble;
use super::portal::Does;
use super::rig::{Message, Rig, fails, message, meta, portal_id};
use crate::config::SystemPolicy;
use crate::dispatch::{GateState, PlannedCall};

pub(super) fn call(rig: &Rig, key: &str) -> PlannedCall {
    let message = Message { operation: "portal.find-dossier", ..message(key) };
    let key = BusinessKey::new(key).unwrap();
    let mut meta = meta(&message, ClientId::new("one-stop").unwrap(), key, rig.clock.now());
    meta.call = true;
    PlannedCall {
        noted: lienthong_journal::Noted::default(),
        meta,
        route: RouteName::new("to-portal").unwrap(),
        system: portal_id(),
        operation: OperationName::new("portal.find-dossier").unwrap(),
        received: Body::json("{\"asked\":1}"),
        body: Body::json("{\"sent\":1}"),
        timeout: Some(Duration::from_secs(2)),
    }
}

async fn ask(rig: &Rig, key: &str) -> Result<Body, Fault> {
    rig.dispatcher.call(call(rig, key)).await
}

fn one_at_a_time() -> SystemPolicy {
    SystemPolicy { concurrency: NonZeroU32::MIN, ..SystemPolicy::default() }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_answered_and_recorded() {
    let rig = Rig::start(SystemPolicy::default()).await;
    let planned = call(&rig, "a");
    let id = lienthong_core::DeliveryId { exchange: planned.meta.id, index: 0 };
    let answer = rig.dispatcher.call(planned).await.unwrap();
    assert_eq!(&answer.bytes[..], b"{\"ok\":true}");
    rig.until_state(id, StateName::Delivered).await;
    assert_eq!(rig.seen()[0].body, "{\"sent\":1}");
    assert_eq!(rig.seen()[0].reference, format!("{id}.1"));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_fails_is_closed_and_never_goes_again() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.portal.does(|_| fails(FaultKind::Interrupted, true));
    let planned = call(&rig, "a");
    let id = lienthong_core::DeliveryId { exchange: planned.meta.id, index: 0 };
    let fault = rig.dispatcher.call(planned).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Interrupted);
    rig.until_state(id, StateName::Discarded).await;
    assert_eq!(rig.record(id).fault.unwrap().kind, FaultKind::Interrupted);
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(rig.portal.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_journal_no_call() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.journal.fail(Trouble::NotWritten, 1000);
    let fault = ask(&rig, "a").await.unwrap_err();
    assert_eq!((fault.code, rig.portal.count()), (FaultCode::JournalUnavailable, 0));
    rig.journal.troubles.lock().clear();
    assert!(ask(&rig, "b").await.is_ok());
    assert_eq!(rig.dispatcher.gate(&portal_id()).unwrap().in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_intent_may_be_on_disk_leaves_nothing_in_flight() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.journal.fail(Trouble::NotAnswered, 1);
    assert!(ask(&rig, "a").await.is_ok());
    rig.journal.fail(Trouble::NotAnswered, 1);
    rig.journal.fail(Trouble::NotWritten, 1000);
    let before = rig.clock.monotonic();
    let fault = ask(&rig, "b").await.unwrap_err();
    assert_eq!((fault.code, rig.portal.count()), (FaultCode::JournalUnavailable, 1));
    assert!(rig.clock.monotonic() - before < Duration::from_secs(3));
    assert_eq!(rig.dispatcher.gate(&portal_id()).unwrap().in_flight, 0);
    rig.journal.troubles.lock().clear();
    rig.until("closed", |rig| rig.count(StateName::Discarded) == 1).await;
    assert_eq!((rig.count(StateName::InFlight), rig.count(StateName::Delivered)), (0, 1));
    assert_eq!(rig.portal.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_attempt_whose_intent_may_be_on_disk_leaves_nothing_in_flight() {
    for times in [1, 1000] {
        let rig = Rig::start(SystemPolicy::default()).await;
        let journal = std::sync::Arc::clone(&rig.journal);
        let mut first = true;
        rig.portal.does(move |_| match std::mem::take(&mut first) {
            true => {
                journal.fail(Trouble::NotAnswered, times);
                fails(FaultKind::Unauthenticated, false)
            }
            false => Does::Answers,
        });
        let planned = call(&rig, "a");
        let id = lienthong_core::DeliveryId { exchange: planned.meta.id, index: 0 };
        assert_eq!(rig.dispatcher.call(planned).await.is_ok(), times == 1);
        rig.journal.troubles.lock().clear();
        let expected = if times == 1 { StateName::Delivered } else { StateName::Discarded };
        rig.until_state(id, expected).await;
        assert_eq!(rig.portal.count(), if times == 1 { 2 } else { 1 });
        let attempts = rig.journal.store.lock().attempts[&id].clone();
        assert!(attempts.iter().all(|attempt| attempt.outcome.is_some()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_refused_at_once_while_the_gate_is_closed_paused_or_in_maintenance() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.portal.is_alive(false);
    rig.portal.does(|_| fails(FaultKind::Unavailable, false));
    assert_eq!(ask(&rig, "a").await.unwrap_err().code, FaultCode::Unavailable);
    assert_eq!(rig.gate(), GateState::Closed);
    let before = rig.clock.monotonic();
    let fault = ask(&rig, "b").await.unwrap_err();
    assert_eq!((fault.kind, rig.portal.count()), (FaultKind::Unavailable, 1));
    assert!(fault.retry_after.is_some());
    assert_eq!(rig.clock.monotonic(), before);
    rig.dispatcher.set_paused(&portal_id(), true, Some("moving".into()));
    let fault = ask(&rig, "c").await.unwrap_err();
    assert!(fault.detail.contains("paused: moving"), "{}", fault.detail);
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_room_no_longer_than_its_timeout() {
    let rig = Rig::start(SystemPolicy { timeout: Duration::from_secs(30), ..one_at_a_time() }).await;
    rig.portal.does(|_| Does::Hangs);
    rig.submit(message("hanging")).await;
    rig.until("in flight", |rig| rig.portal.count() == 1).await;
    let before = rig.clock.monotonic();
    let fault = ask(&rig, "a").await.unwrap_err();
    assert_eq!((fault.kind, fault.code), (FaultKind::Throttled, FaultCode::Overloaded));
    let waited = rig.clock.monotonic() - before;
    assert!((Duration::from_secs(2)..Duration::from_millis(2_100)).contains(&waited), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_leaves_no_slot_behind_and_its_outcome_is_recorded() {
    let rig = Rig::start(one_at_a_time()).await;
    let planned = call(&rig, "gone");
    let id = lienthong_core::DeliveryId { exchange: planned.meta.id, index: 0 };
    let gone = tokio::time::timeout(Duration::from_millis(3), rig.dispatcher.call(planned)).await;
    assert!(gone.is_err());
    rig.until_state(id, StateName::Delivered).await;
    let waiting = rig.dispatcher.clone();
    let (one, two) = (call(&rig, "one"), call(&rig, "two"));
    let first = tokio::spawn({
        let dispatcher = waiting.clone();
        async move { dispatcher.call(one).await }
    });
    tokio::time::sleep(Duration::from_millis(1)).await;
    let second = tokio::time::timeout(Duration::from_millis(1), waiting.call(two)).await;
    assert!(second.is_err(), "it was waiting for room");
    assert!(first.await.unwrap().is_ok());
    assert!(ask(&rig, "three").await.is_ok());
    assert_eq!(rig.dispatcher.gate(&portal_id()).unwrap().in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn calls_and_deliveries_do_not_starve_each_other() {
    let rig = Rig::start(one_at_a_time()).await;
    rig.submit_all((0..500).map(|n| message(format!("delivery-{n}"))).collect()).await;
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..8 {
        let dispatcher = rig.dispatcher.clone();
        let planned: Vec<_> = (0..25).map(|n| call(&rig, &format!("call-{caller}-{n}"))).collect();
        callers.spawn(async move {
            for call in planned {
                dispatcher.call(call).await.expect("answered");
            }
        });
    }
    callers.join_all().await;
    let keys = rig.portal.keys();
    let calls = keys.iter().filter(|key| key.starts_with("call")).count();
    let deliveries = keys.len() - calls;
    assert_eq!(calls, 200);
    assert!((150..=260).contains(&deliveries), "{deliveries} deliveries beside 200 calls");
}

#[tokio::test(start_paused = true)]
async fn a_system_nobody_configured_cannot_be_called() {
    let rig = Rig::start(SystemPolicy::default()).await;
    let mut planned = call(&rig, "a");
    planned.system = lienthong_core::SystemId::new("tax").unwrap();
    assert_eq!(rig.dispatcher.call(planned).await.unwrap_err().code, FaultCode::NoSuchRecord);
}

#[tokio::test(start_paused = true)]
async fn an_expired_session_is_no_answer_for_a_caller() {
    let rig = Rig::start(SystemPolicy::default()).await;
    let mut first = true;
    rig.portal.does(move |_| match std::mem::take(&mut first) {
        true => fails(FaultKind::Unauthenticated, false),
        false => Does::Answers,
    });
    let planned = call(&rig, "a");
    let id = lienthong_core::DeliveryId { exchange: planned.meta.id, index: 0 };
    assert!(rig.dispatcher.call(planned).await.is_ok());
    rig.until_state(id, StateName::Delivered).await;
    let references: Vec<_> = rig.seen().into_iter().map(|seen| seen.reference).collect();
    assert_eq!(references, [format!("{id}.1"), format!("{id}.2")]);
    let attempts = rig.journal.store.lock().attempts[&id].clone();
    assert!(attempts.iter().all(|attempt| attempt.outcome.is_some()));
    rig.portal.does(|_| fails(FaultKind::Unauthenticated, false));
    assert_eq!(ask(&rig, "b").await.unwrap_err().kind, FaultKind::Unauthenticated);
    assert_eq!((rig.portal.count(), rig.gate()), (4, GateState::Closed));
}
