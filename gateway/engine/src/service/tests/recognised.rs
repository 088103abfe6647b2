//! Callers without idempotency keys: repeats are recognised by what they say, and a state that comes back is no repeat.

use std::time::Duration;

use lienthong_core::{ExchangeId, FaultCode};
use serde_json::json;

use super::fixture::{CODE, World, province, refused, submission};
use crate::service::{Door, Submission};

fn door(name: &str) -> Door {
    Door { name: name.to_owned(), window: Duration::from_secs(900) }
}

fn state(status: u8) -> Submission {
    keyless("portal.sync-dossier", &json!({"code": CODE, "status": status}))
}

fn keyless(operation: &str, body: &serde_json::Value) -> Submission {
    Submission { idempotency_key: None, ..submission(operation, CODE, body, "") }
}

async fn sent(world: &World, name: &str, submissions: Vec<Submission>) -> Vec<(ExchangeId, bool)> {
    let receipts = world.service.submit_recognised(&province(), &door(name), submissions).await.unwrap();
    receipts.into_iter().map(|receipt| receipt.map(|receipt| (receipt.id, receipt.replayed)).unwrap()).collect()
}

#[tokio::test]
async fn a_repeat_without_a_key_gets_the_first_exchange_within_the_window() {
    let world = World::new().await;
    let first = sent(&world, "add", vec![state(4)]).await;
    assert_eq!(sent(&world, "add", vec![state(4)]).await, [(first[0].0, true)]);
    world.clock.advance(Duration::from_secs(901));
    let later = sent(&world, "add", vec![state(4)]).await;
    assert!(!later[0].1 && later[0].0 != first[0].0);
    assert_eq!(world.kept().await, 2);
}

#[tokio::test]
async fn two_doors_never_recognise_each_others_messages() {
    let world = World::new().await;
    let added = sent(&world, "add", vec![state(4)]).await;
    let updated = sent(&world, "update", vec![state(4)]).await;
    assert_ne!(added[0].0, updated[0].0);
}

#[tokio::test]
async fn a_state_that_comes_back_is_no_repeat() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for status in [4, 5, 4] {
        ids.push(sent(&world, "update", vec![state(status)]).await[0]);
    }
    assert_eq!(ids.iter().filter(|(_, replayed)| *replayed).count(), 0, "{ids:?}");
    // Each is recognised while it is what was said last.
    assert_eq!(sent(&world, "update", vec![state(4)]).await, [(ids[2].0, true)]);
    assert_eq!(world.kept().await, 3);
}

#[tokio::test]
async fn steps_sent_again_are_repeats_whatever_came_between() {
    let world = World::new().await;
    let steps = |name: &str| keyless("portal.sync-steps", &json!({"steps": [name]}));
    let first = sent(&world, "steps", vec![steps("received"), steps("handled")]).await;
    let again = sent(&world, "steps", vec![steps("received"), steps("handled")]).await;
    assert_eq!(again, first.iter().map(|(id, _)| (*id, true)).collect::<Vec<_>>());
    assert_eq!(world.kept().await, 2);
}

#[tokio::test]
async fn each_message_has_its_own_fate_and_one_refused_stops_no_other() {
    let world = World::new().await;
    let broken = keyless("portal.sync-dossier", &json!({"code": CODE}));
    let mut results =
        world.service.submit_recognised(&province(), &door("add"), vec![broken, state(4)]).await.unwrap().into_iter();
    refused(results.next().unwrap(), FaultCode::Invalid);
    assert!(results.next().unwrap().is_ok());
    assert_eq!(world.kept().await, 1);
}

#[tokio::test]
async fn repeats_at_the_same_moment_make_one_exchange() {
    let world = World::new().await;
    let all = futures::future::join_all((0..4).map(|_| sent(&world, "add", vec![state(4)]))).await;
    assert_eq!(all.iter().filter(|sent| !sent[0].1).count(), 1, "{all:?}");
    assert_eq!(world.kept().await, 1);
}
