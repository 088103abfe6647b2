//! Cancelling: what is unsent, and only that.

use std::time::Duration;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{ExchangeId, FaultCode, StateName};
use uuid::Uuid;

use super::fixture::{CODE, World, dossier, notices, province, refused};
use crate::routing::{RouteSource, RouteSpec};

#[tokio::test]
async fn an_unsent_exchange_is_cancelled_and_its_lane_moves_on() {
    let world = World::new().await;
    world.hold().await;
    let first = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let second = world.service.submit(&province(), dossier(CODE, "k2")).await.unwrap();
    let detail = world.service.cancel(&province(), first.id).await.unwrap();
    assert_eq!((detail.state, detail.record.deliveries[0].state.name()), (ExchangeState::Closed, StateName::Cancelled));
    world.flow().await;
    world.until(second.id, ExchangeState::Delivered).await;
    assert_eq!(world.portal.sent().len(), 1);
}

#[tokio::test]
async fn what_was_sent_cannot_be_cancelled() {
    let world = World::new().await;
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    refused(world.service.cancel(&province(), receipt.id).await, FaultCode::WrongState);
    let nobody = ExchangeId(Uuid::from_u128(7));
    refused(world.service.cancel(&province(), nobody).await, FaultCode::NoSuchRecord);
}

#[tokio::test]
async fn who_waits_for_a_cancelled_exchange_is_told() {
    let world = World::new().await;
    world.hold().await;
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let client = province();
    let waiting = world.service.wait(receipt.id, Duration::from_secs(30));
    let (waited, cancelled) = tokio::join!(waiting, world.service.cancel(&client, receipt.id));
    assert_eq!(waited.unwrap().state, ExchangeState::Closed);
    assert_eq!(cancelled.unwrap().state, ExchangeState::Closed);
}

#[tokio::test]
async fn an_inbox_message_its_client_has_read_is_no_longer_unsent() {
    let operations = vec!["portal.sync-dossier".parse().unwrap()];
    let own = RouteSpec { from: RouteSource::AnyClient, operations, ..notices() };
    let world = World::with(vec![own]).await;
    let unread = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    assert_eq!(world.service.cancel(&province(), unread.id).await.unwrap().state, ExchangeState::Closed);
    let read = world.service.submit(&province(), dossier(CODE, "k2")).await.unwrap();
    assert_eq!(world.service.inbox(&province().client, 10).await.unwrap().len(), 1);
    refused(world.service.cancel(&province(), read.id).await, FaultCode::WrongState);
}
