//! What becomes of attempts: repeats of the same bytes, parked unknowns, lookups, recovery, defects of adapters.

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{Body, Fault, FaultCode, FaultKind, Lookup, StateName};
use lienthong_journal::{AttemptOutcome, Command, Journal};

use super::journal::FakeJournal;
use super::portal::{Does, SETTLE};
use super::rig::{Message, Rig, acceptance, fails, message, start_of_time};
use crate::config::SystemPolicy;

fn once(key: &str) -> Message {
    Message { operation: "portal.sync-progress", ..message(key) }
}

fn looked_up(key: &str) -> Message {
    Message { operation: "portal.sync-status", ..message(key) }
}

/// The first `times` calls go wrong this way.
fn at_first(rig: &Rig, times: usize, how: impl Fn() -> Does + Send + 'static) {
    let mut left = times;
    rig.portal.does(move |_| {
        let now = left > 0;
        left -= usize::from(now);
        if now { how() } else { Does::Answers }
    });
}

#[tokio::test(start_paused = true)]
async fn an_answer_lost_after_an_upsert_repeats_exactly_the_same_bytes() {
    let rig = Rig::start(SystemPolicy::default()).await;
    at_first(&rig, 2, || fails(FaultKind::Interrupted, true));
    let id = rig.submit(Message { body: "{\"place\":1}".into(), ..message("a") }).await;
    let next = rig.submit(Message { body: "{\"place\":2}".into(), ..message("a") }).await;
    rig.until_state(next, StateName::Delivered).await;
    let bodies: Vec<_> = rig.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies, ["{\"place\":1}", "{\"place\":1}", "{\"place\":1}", "{\"place\":2}"]);
    let references: Vec<_> = rig.seen().into_iter().map(|seen| seen.reference).collect();
    assert_eq!(references[..3], [1, 2, 3].map(|attempt| format!("{id}.{attempt}")));
    assert_eq!(rig.journal.store.lock().attempts[&id].len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_answer_lost_after_what_must_not_happen_twice_parks_it_as_unknown() {
    let rig = Rig::start(SystemPolicy::default()).await;
    at_first(&rig, 1, || fails(FaultKind::Interrupted, true));
    let id = rig.submit(once("a")).await;
    rig.until_state(id, StateName::Parked).await;
    assert_eq!(rig.record(id).fault.unwrap().code, FaultCode::OutcomeUnknown);
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(rig.portal.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_call_is_cut_off_and_counts_as_sent_only_if_it_was() {
    let rig = Rig::start(SystemPolicy { timeout: Duration::from_secs(3), ..SystemPolicy::default() }).await;
    at_first(&rig, 1, || Does::Hangs);
    let id = rig.submit(once("a")).await;
    rig.until_state(id, StateName::Parked).await;
    assert_eq!(rig.record(id).fault.unwrap().kind, FaultKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_panics_is_our_defect_and_goes_again_after_a_while() {
    let rig = Rig::start(SystemPolicy::default()).await;
    at_first(&rig, 1, || Does::Panics);
    let id = rig.submit(once("a")).await;
    rig.until_state(id, StateName::Delivered).await;
    let attempts = rig.journal.store.lock().attempts[&id].clone();
    assert!(matches!(&attempts[0].outcome, Some(AttemptOutcome::Failed(fault)) if fault.kind == FaultKind::Internal));
    assert!(rig.seen()[1].at >= Duration::from_millis(900));
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_finds_it_done_delivers_without_sending_again() {
    let rig = Rig::start(SystemPolicy::default()).await;
    at_first(&rig, 1, || fails(FaultKind::Timeout, true));
    rig.portal.finds(|earlier| {
        assert_eq!((earlier.attempt, &earlier.sent.bytes[..]), (1, &b"{}"[..]));
        assert!(earlier.age >= SETTLE);
        Ok(Lookup::Done(Body::json("{\"found\":true}")))
    });
    let id = rig.submit(looked_up("a")).await;
    rig.until_state(id, StateName::Delivered).await;
    assert_eq!(rig.portal.count(), 1);
    let attempts = rig.journal.store.lock().attempts[&id].clone();
    assert_eq!(attempts[0].outcome, Some(AttemptOutcome::FoundDone));
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_finds_it_not_done_sends_the_same_bytes_again() {
    let rig = Rig::start(SystemPolicy::default()).await;
    at_first(&rig, 1, || fails(FaultKind::Timeout, true));
    rig.portal.finds(|_| Ok(Lookup::NotDone));
    let id = rig.submit(Message { body: "{\"step\":3}".into(), ..looked_up("a") }).await;
    rig.until_state(id, StateName::Delivered).await;
    let bodies: Vec<_> = rig.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies, ["{\"step\":3}", "{\"step\":3}"]);
}

#[tokio::test(start_paused = true)]
async fn lookups_that_cannot_tell_end_with_a_person() {
    let rig = Rig::start(SystemPolicy::default()).await;
    at_first(&rig, 1, || fails(FaultKind::Timeout, true));
    let mut odd = false;
    rig.portal.finds(move |_| {
        odd = !odd;
        if odd { Ok(Lookup::Unknown) } else { Err(Fault::of(FaultKind::Unintelligible, "test")) }
    });
    let id = rig.submit(looked_up("a")).await;
    rig.until_state(id, StateName::Parked).await;
    // The attempt itself spent one of eight.
    assert_eq!((rig.portal.count(), rig.portal.looked_up.lock().len()), (1, 7));
    assert_eq!(rig.record(id).fault.unwrap().code, FaultCode::OutcomeUnknown);
}

#[tokio::test(start_paused = true)]
async fn a_route_that_is_gone_parks_without_an_attempt() {
    let rig = Rig::start(SystemPolicy::default()).await;
    let mut acceptance = rig.acceptance(&message("a"));
    acceptance.deliveries[0].body = None;
    let id = lienthong_core::DeliveryId { exchange: acceptance.id(), index: 0 };
    rig.journal.commit(vec![Command::Accept(Box::new(acceptance))]).await.unwrap();
    rig.dispatcher.nudge(&super::rig::portal_id());
    rig.until_state(id, StateName::Parked).await;
    let record = rig.record(id);
    assert_eq!((record.fault.unwrap().kind, record.attempts), (FaultKind::Mapping, 0));
    assert!(!rig.journal.store.lock().attempts.contains_key(&id));
    assert_eq!(rig.portal.count(), 0);
}

/// A journal as a killed process leaves it: `count` intents without outcomes.
async fn killed_in_flight(messages: &[Message]) -> (Arc<FakeJournal>, Vec<lienthong_core::DeliveryId>) {
    let journal = FakeJournal::new(Duration::ZERO);
    let before = Rig::with_journal(SystemPolicy::default(), Arc::clone(&journal)).await;
    before.portal.does(|_| Does::Hangs);
    let mut ids = Vec::new();
    for message in messages {
        ids.push(before.submit(message.clone()).await);
    }
    before.until("all in flight", |rig| rig.count(StateName::InFlight) == messages.len()).await;
    // The old process sends nothing more: its outcomes would be refused as stale.
    let frozen = FakeJournal::new(Duration::ZERO);
    std::mem::swap(&mut *frozen.store.lock(), &mut *journal.store.lock());
    (frozen, ids)
}

#[tokio::test(start_paused = true)]
async fn what_was_in_flight_at_the_end_is_settled_by_its_effect_before_anything_is_sent() {
    let messages = [message("upsert"), once("once"), looked_up("asked")];
    let (journal, ids) = killed_in_flight(&messages).await;
    let rig = Rig::with_journal(SystemPolicy::default(), journal).await;
    assert_eq!(rig.count(StateName::InFlight), 0);
    assert_eq!(rig.state(ids[1]), StateName::Parked);
    rig.portal.finds(|_| Ok(Lookup::Done(Body::json("{}"))));
    rig.until_state(ids[0], StateName::Delivered).await;
    rig.until_state(ids[2], StateName::Delivered).await;
    assert_eq!(rig.portal.keys(), ["upsert"]);
    let attempts = rig.journal.store.lock().attempts[&ids[0]].clone();
    assert_eq!(attempts[0].outcome, Some(AttemptOutcome::Lost));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_in_doubt_are_settled_page_by_page() {
    let journal = FakeJournal::new(Duration::ZERO);
    let batch = (0..1200).map(|n| {
        let mut acceptance = acceptance(&message(format!("lost-{n}")), start_of_time());
        let id = lienthong_core::DeliveryId { exchange: acceptance.id(), index: 0 };
        let delivery = &mut acceptance.deliveries[0];
        delivery.state = lienthong_core::DeliveryState::InFlight { attempt: 1 };
        delivery.attempt = Some(lienthong_journal::AttemptStart {
            attempt: 1,
            reference: format!("{id}.1"),
            at: start_of_time(),
            sent: delivery.body.clone().unwrap(),
            config: acceptance.exchange.config.clone(),
        });
        Command::Accept(Box::new(acceptance))
    });
    journal.commit(batch.collect()).await.unwrap();
    let rig = Rig::with_journal(SystemPolicy::default(), journal).await;
    assert_eq!(rig.count(StateName::InFlight), 0);
    rig.until_delivered(1200).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_an_exchange_is_woken_and_then_forgotten() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.dispatcher.set_paused(&super::rig::portal_id(), true, None);
    let id = rig.submit(message("a")).await;
    let mut settled = rig.dispatcher.settled(id.exchange);
    let early = tokio::time::timeout(Duration::from_secs(60), settled.changed()).await;
    assert!(early.is_err(), "nothing has settled yet");
    rig.dispatcher.set_paused(&super::rig::portal_id(), false, None);
    tokio::time::timeout(Duration::from_secs(1), settled.changed()).await.expect("woken");
    assert_eq!(rig.state(id), StateName::Delivered);
    drop(settled);
    assert_eq!(rig.dispatcher.core.settled.len(), 0);
}
