//! Waiting for outcomes: delivered, parked, or the time is over.

use std::time::Duration;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{ExchangeId, Fault, FaultCode, FaultKind};
use uuid::Uuid;

use super::fixture::{Behaviour, CODE, World, dossier, province, refused};

#[tokio::test]
async fn waiting_ends_with_the_delivery() {
    let world = World::new().await;
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let detail = world.service.wait(receipt.id, Duration::from_secs(30)).await.unwrap();
    assert_eq!(detail.state, ExchangeState::Delivered);
    assert_eq!(detail.attempts[0].1.len(), 1);
}

#[tokio::test]
async fn waiting_ends_when_a_person_is_needed() {
    let world = World::new().await;
    world.portal.next(Behaviour::Refuses(Fault::of(FaultKind::Rejected, "no fee")));
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let detail = world.service.wait(receipt.id, Duration::from_secs(30)).await.unwrap();
    assert_eq!(detail.state, ExchangeState::Attention);
}

#[tokio::test]
async fn when_the_time_is_over_the_state_is_told_as_it_is() {
    let world = World::new().await;
    world.hold().await;
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let detail = world.service.wait(receipt.id, Duration::from_millis(5)).await.unwrap();
    assert_eq!(detail.state, ExchangeState::InProgress);
}

#[tokio::test]
async fn nobody_waits_for_what_does_not_exist() {
    let world = World::new().await;
    let nobody = world.service.wait(ExchangeId(Uuid::from_u128(7)), Duration::from_secs(30)).await;
    refused(nobody, FaultCode::NoSuchRecord);
}
