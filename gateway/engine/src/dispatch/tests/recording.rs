//! A journal that fails between sending and recording: nothing is sent twice, nothing that happened is forgotten.

use std::collections::HashMap;
use std::time::Duration;

use lienthong_core::{DeliveryId, StateName};
use lienthong_journal::DiskState;

use super::journal::{Curse, Trouble};
use super::portal::Does;
use super::rig::{Message, Rig, fails, message};
use crate::config::SystemPolicy;

fn once(key: &str) -> Message {
    Message { operation: "portal.sync-progress", ..message(key) }
}

fn sent_per_key(rig: &Rig) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for key in rig.portal.keys() {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_fails_after_the_answer_never_sends_again() {
    for trouble in [Trouble::NotWritten, Trouble::NotAnswered] {
        for times in [1, 2, 3, 12] {
            let rig = Rig::start(SystemPolicy::default()).await;
            let journal = std::sync::Arc::clone(&rig.journal);
            rig.portal.does(move |_| {
                journal.fail(trouble, times);
                Does::Answers
            });
            let id = rig.submit(once("a")).await;
            let next = rig.submit(once("a")).await;
            rig.until("answered", |rig| rig.portal.count() == 1).await;
            rig.portal.does(|_| Does::Answers);
            rig.until_state(id, StateName::Delivered).await;
            rig.until_state(next, StateName::Delivered).await;
            assert_eq!(rig.portal.count(), 2, "{trouble:?} {times} times");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_intent_that_may_be_on_disk_is_sent_once() {
    for trouble in [Trouble::NotWritten, Trouble::NotAnswered] {
        let rig = Rig::start(SystemPolicy::default()).await;
        rig.dispatcher.set_paused(&super::rig::portal_id(), true, None);
        let id = rig.submit(once("a")).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        rig.journal.fail(trouble, 2);
        rig.dispatcher.set_paused(&super::rig::portal_id(), false, None);
        rig.until_state(id, StateName::Delivered).await;
        assert_eq!(rig.portal.count(), 1, "{trouble:?}");
        assert_eq!(rig.journal.store.lock().attempts[&id].len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_fails_now_and_then_costs_time_only() {
    let rig = Rig::start(SystemPolicy::default()).await;
    let journal = std::sync::Arc::clone(&rig.journal);
    let mut n = 0;
    rig.portal.does(move |_| {
        n += 1;
        if n % 10 == 0 {
            journal.fail(if n % 20 == 0 { Trouble::NotAnswered } else { Trouble::NotWritten }, 1);
        }
        Does::Answers
    });
    rig.submit_all((0..300).map(|n| once(&format!("lane-{}", n % 60))).collect()).await;
    rig.until_delivered(300).await;
    assert!(sent_per_key(&rig).values().all(|count| *count == 5));
}

#[tokio::test(start_paused = true)]
async fn an_operator_who_was_quicker_wins_and_nothing_stops() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.dispatcher.set_paused(&super::rig::portal_id(), true, None);
    let id = rig.submit(once("a")).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    rig.journal.store.lock().deliveries.get_mut(&id).unwrap().delivery.version += 1;
    rig.dispatcher.set_paused(&super::rig::portal_id(), false, None);
    rig.until_state(id, StateName::Delivered).await;
    assert_eq!(rig.portal.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn below_the_second_watermark_nothing_is_sent_until_space_returns() {
    let rig = Rig::start(SystemPolicy::default()).await;
    *rig.journal.disk.lock() = DiskState::Critical;
    let id = rig.submit(message("a")).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(rig.portal.count(), 0);
    *rig.journal.disk.lock() = DiskState::Low;
    rig.until_state(id, StateName::Delivered).await;
}

#[tokio::test(start_paused = true)]
async fn a_delivery_refused_again_and_again_while_others_succeed_does_not_spin() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.portal.does(|seen| match seen.key.as_str() {
        "odd" => fails(lienthong_core::FaultKind::Unavailable, false),
        _ => Does::Answers,
    });
    let odd = rig.submit(message("odd")).await;
    for n in 0..1200 {
        rig.submit(message(format!("fine-{n}"))).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let tries = sent_per_key(&rig)["odd"];
    assert!((5..60).contains(&tries), "{tries} tries in ten minutes");
    assert_eq!(rig.record(odd).spent, 0);
    rig.portal.does(|_| Does::Answers);
    rig.until_state(odd, StateName::Delivered).await;
}

#[tokio::test(start_paused = true)]
async fn one_intent_that_cannot_be_decided_does_not_keep_its_neighbours_from_being_sent() {
    for curse in [Curse::Storage, Curse::Corrupt] {
        let rig = Rig::start(SystemPolicy::default()).await;
        rig.dispatcher.set_paused(&super::rig::portal_id(), true, None);
        let ids = rig.submit_all((0..16).map(|n| once(&format!("lane-{n}"))).collect()).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        rig.journal.cursed.lock().insert(ids[5], curse);
        rig.dispatcher.set_paused(&super::rig::portal_id(), false, None);
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(rig.count(StateName::Delivered), 15, "{curse:?}");
        rig.journal.cursed.lock().clear();
        rig.until_delivered(16).await;
        assert_eq!(rig.portal.count(), 16, "{curse:?}");
    }
}

/// Its intent can be committed and its outcome cannot.
fn curse_when_sent(rig: &Rig, id: DeliveryId, curse: Curse) {
    let journal = std::sync::Arc::clone(&rig.journal);
    rig.portal.does(move |seen| {
        if seen.reference == format!("{id}.1") {
            journal.cursed.lock().insert(id, curse);
        }
        Does::Answers
    });
}

#[tokio::test(start_paused = true)]
async fn one_outcome_that_cannot_be_decided_does_not_hold_up_its_neighbours_lanes() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.dispatcher.set_paused(&super::rig::portal_id(), true, None);
    let firsts = rig.submit_all((0..16).map(|n| once(&format!("lane-{n}"))).collect()).await;
    rig.submit_all((0..16).map(|n| once(&format!("lane-{n}"))).collect()).await;
    curse_when_sent(&rig, firsts[5], Curse::Storage);
    rig.dispatcher.set_paused(&super::rig::portal_id(), false, None);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(rig.count(StateName::Delivered), 30);
    rig.journal.cursed.lock().clear();
    rig.until_delivered(32).await;
    assert_eq!(rig.portal.count(), 32);
}

#[tokio::test(start_paused = true)]
async fn an_outcome_of_an_unreadable_record_is_given_up_and_the_drain_ends() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.dispatcher.set_paused(&super::rig::portal_id(), true, None);
    let id = rig.submit(once("a")).await;
    curse_when_sent(&rig, id, Curse::Corrupt);
    rig.dispatcher.set_paused(&super::rig::portal_id(), false, None);
    rig.until("sent", |rig| rig.portal.count() == 1).await;
    assert!(rig.dispatcher.drain(Duration::from_secs(300)).await);
    assert_eq!(rig.state(id), StateName::InFlight);
}
