//! What becomes of a plan: parts of a split in order, delayed deliveries, the class routes make of a message.

use lienthong_core::delivery::{DeliveryState, ExchangeState};
use lienthong_core::{Class, Clock as _, FaultCode, SignedDuration, limits};
use lienthong_journal::Journal as _;
use serde_json::{Value, json};

use super::fixture::{CODE, World, dossier, program, province, refused, straight, submission};
use crate::routing::RouteSpec;
use crate::service::Submission;

fn steps(count: usize) -> Submission {
    let steps: Vec<String> = (0..count).map(|n| format!("step {n}")).collect();
    submission("portal.sync-steps", CODE, &json!({ "steps": steps }), "k1")
}

#[tokio::test]
async fn more_than_one_request_allows_becomes_ordered_deliveries() {
    let world = World::new().await;
    let receipt = world.service.submit(&province(), steps(5)).await.unwrap();
    let detail = world.until(receipt.id, ExchangeState::Delivered).await;
    assert_eq!(detail.record.deliveries.len(), 3);
    assert!(detail.record.deliveries.iter().all(|delivery| delivery.body.is_some()));
    let expected: Vec<Value> =
        [json!({"steps": ["step 0", "step 1"]}), json!({"steps": ["step 2", "step 3"]}), json!({"steps": ["step 4"]})]
            .into();
    assert_eq!(world.portal.sent(), expected);
}

#[tokio::test]
async fn what_fits_one_request_stays_whole_and_is_transformed_when_sent() {
    let world = World::new().await;
    let receipt = world.service.submit(&province(), steps(2)).await.unwrap();
    let detail = world.until(receipt.id, ExchangeState::Delivered).await;
    assert_eq!(detail.record.deliveries.len(), 1);
    assert!(detail.record.deliveries[0].body.is_none());
}

#[tokio::test]
async fn the_routes_transform_comes_before_the_split() {
    let transform = program(".steps = push(array!(.steps), \"done\")");
    let world = World::with(vec![RouteSpec { transform, ..straight("portal.sync-steps") }]).await;
    let receipt = world.service.submit(&province(), steps(2)).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    assert_eq!(world.portal.sent()[1], json!({"steps": ["done"]}));
}

#[tokio::test]
async fn more_parts_than_an_exchange_may_have_are_refused() {
    let world = World::new().await;
    let fault = refused(world.service.submit(&province(), steps(2 * limits::DELIVERIES + 1)).await, FaultCode::Invalid);
    assert_eq!(fault.problems[0].pointer, "/body");
    assert_eq!(world.kept().await, 0);
}

#[tokio::test]
async fn a_delayed_message_waits_until_its_time() {
    let world = World::new().await;
    let mut later = dossier(CODE, "k1");
    let until = world.clock.now() + SignedDuration::from_hours(1);
    later.not_before = Some(until);
    let receipt = world.service.submit(&province(), later).await.unwrap();
    let state = world.service.exchange(receipt.id).await.unwrap().record.deliveries[0].state;
    let DeliveryState::Waiting { until: waiting } = state else { panic!("{state:?}") };
    assert_eq!(waiting.as_millisecond(), until.as_millisecond());
    assert!(world.portal.sent().is_empty());
}

#[tokio::test]
async fn a_route_may_make_a_message_bulk_but_never_delays_a_live_sibling() {
    let bulk = RouteSpec { class: Some(Class::Bulk), ..straight("portal.sync-dossier") };
    let world = World::with(vec![bulk.clone()]).await;
    world.hold().await;
    let class = async |world: &World, key: &str| {
        let receipt = world.service.submit(&province(), dossier(CODE, key)).await.unwrap();
        world.journal.exchange(receipt.id).await.unwrap().unwrap().deliveries[0].class
    };
    assert_eq!(class(&world, "k1").await, Class::Bulk);
    let live = RouteSpec { name: "also".parse().unwrap(), ..straight("portal.sync-dossier") };
    world.reload("v2", vec![bulk, live]).await;
    assert_eq!(class(&world, "k2").await, Class::Live);
}

#[tokio::test]
async fn a_newer_snapshot_takes_the_place_of_an_unsent_one() {
    let world = World::with(vec![RouteSpec { supersede: true, ..straight("portal.sync-dossier") }]).await;
    world.hold().await;
    let first = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let second = world.service.submit(&province(), dossier(CODE, "k2")).await.unwrap();
    assert_eq!(world.service.exchange(first.id).await.unwrap().state, ExchangeState::Closed);
    world.flow().await;
    world.until(second.id, ExchangeState::Delivered).await;
    assert_eq!(world.portal.sent().len(), 1);
}
