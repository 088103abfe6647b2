//! What stops acceptance of everything: shutdown, a full disk, an overloaded or failing journal. Nothing may be half kept.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lienthong_core::FaultCode;
use lienthong_journal::sqlite::{Deed, Hooks, Point};
use serde_json::json;

use super::fixture::{CODE, World, dossier, province, refused, routes, submission, until};
use crate::config::{ClientPolicy, RatePolicy};

#[tokio::test]
async fn a_stopping_gateway_accepts_nothing_and_still_answers() {
    let world = World::new().await;
    world.hold().await;
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.service.stop_accepting();
    let fault = refused(world.service.submit(&province(), dossier(CODE, "k2")).await, FaultCode::ShuttingDown);
    assert!(fault.retry_after.is_some());
    assert_eq!(world.service.exchange(receipt.id).await.unwrap().record.meta.id, receipt.id);
    assert_eq!(world.kept().await, 1);
}

#[tokio::test]
async fn a_full_disk_stops_acceptance_and_room_brings_it_back() {
    let world = World::new().await;
    world.disk.set(900 * 1024 * 1024);
    world.clock.advance(Duration::from_secs(2));
    let refusal = until(async || world.service.submit(&province(), dossier(CODE, "k1")).await.err()).await;
    assert_eq!(refusal.code, FaultCode::DiskFull);
    assert!(refusal.retry_after.is_some());
    world.disk.set(1 << 40);
    until(async || {
        world.clock.advance(Duration::from_secs(2));
        world.service.submit(&province(), dossier(CODE, "k2")).await.ok()
    })
    .await;
}

#[tokio::test]
async fn a_commit_that_fails_is_told_as_the_journals_and_a_repeat_works() {
    let failing = Arc::new(AtomicBool::new(false));
    let fails = Arc::clone(&failing);
    let hooks = Hooks::new(move |point| match (point, fails.load(Ordering::SeqCst)) {
        (Point::BeforeCommit, true) => Deed::Fail,
        _otherwise => Deed::Go,
    });
    let world = World::made(routes(), hooks, |_| {}).await;
    failing.store(true, Ordering::SeqCst);
    let fault = refused(world.service.submit(&province(), dossier(CODE, "k1")).await, FaultCode::JournalUnavailable);
    assert!(fault.retry_after.is_some());
    failing.store(false, Ordering::SeqCst);
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    assert_eq!((receipt.replayed, world.kept().await), (false, 1));
}

#[tokio::test]
async fn more_than_the_journal_takes_is_refused_before_memory_grows() {
    let (stuck, unstick) = std::sync::mpsc::sync_channel::<()>(1);
    let gate = parking_lot::Mutex::new(Some(unstick));
    let holding = Arc::new(AtomicBool::new(false));
    let holds = Arc::clone(&holding);
    let hooks = Hooks::new(move |point| {
        if point == Point::BeforeCommit && holds.load(Ordering::SeqCst) {
            // Returns when the test drops its end.
            if let Some(unstick) = gate.lock().take() {
                let _dropped = unstick.recv();
            }
        }
        Deed::Go
    });
    let world = World::made(routes(), hooks, |options| options.queue_batches = 8).await;
    holding.store(true, Ordering::SeqCst);
    let submissions = (0..64).map(|n| {
        let service = world.service.clone();
        tokio::spawn(async move { service.submit(&province(), dossier(CODE, &format!("k{n}"))).await })
    });
    let submissions: Vec<_> = submissions.collect();
    until(async || submissions.iter().any(|submission| submission.is_finished()).then_some(())).await;
    drop(stuck);
    let mut overloaded = 0_usize;
    for submission in submissions {
        if let Err(fault) = submission.await.unwrap() {
            assert_eq!(fault.code, FaultCode::Overloaded);
            assert!(fault.retry_after.is_some());
            overloaded += 1;
        }
    }
    assert!(overloaded > 0);
    assert_eq!(world.kept().await, 64 - overloaded);
}

#[tokio::test]
async fn what_passes_by_itself_ends_the_answers_so_that_nothing_overtakes() {
    let world = World::new().await;
    world.hold().await;
    let rate = RatePolicy { per_second: 1.0, burst: NonZeroU32::new(3).unwrap() };
    world.limit_client(ClientPolicy { rate: Some(rate), ..ClientPolicy::default() });
    let bad = submission("portal.no-such", CODE, &json!({}), "k0");
    let batch = vec![
        bad,
        dossier(CODE, "k1"),
        dossier(CODE, "k2"),
        dossier(CODE, "k3"),
        dossier(CODE, "k4"),
        dossier(CODE, "k5"),
    ];
    let answers = world.service.submit_in_order(&province(), batch.clone()).await;
    let codes: Vec<_> = answers.iter().map(|answer| answer.as_ref().err().map(|fault| fault.code)).collect();
    assert_eq!(codes, [Some(FaultCode::UnknownOperation), None, None, None, Some(FaultCode::QuotaExceeded)]);
    assert_eq!(world.kept().await, 3, "the fifth was not even looked at");
    let rest = batch.into_iter().skip(4).collect();
    world.clock.advance(Duration::from_secs(3));
    assert!(world.service.submit_in_order(&province(), rest).await.iter().all(Result::is_ok));
    assert_eq!(world.kept().await, 5);
}
