//! Inboxes: leases, redelivery, acknowledgement by the right client only.

use std::time::Duration;

use lienthong_core::{FaultCode, StateName};
use lienthong_journal::Journal as _;
use serde_json::json;

use super::fixture::{CODE, World, dossier, notices, program, province, refused, system};
use crate::routing::{RouteSource, RouteSpec};
use crate::service::INBOX_LEASE;

/// A world whose dossiers all go to the province's own inbox.
async fn to_inbox() -> World {
    let operations = vec!["portal.sync-dossier".parse().unwrap()];
    World::with(vec![RouteSpec { from: RouteSource::AnyClient, operations, ..notices() }]).await
}

#[tokio::test]
async fn a_message_is_handed_out_again_until_it_is_acknowledged() {
    let world = to_inbox().await;
    let client = province().client;
    world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let first = world.service.inbox(&client, 10).await.unwrap();
    assert_eq!((first.len(), first[0].handed_out), (1, 0));
    assert!(world.service.inbox(&client, 10).await.unwrap().is_empty());
    world.clock.advance(INBOX_LEASE + Duration::from_secs(1));
    let again = world.service.inbox(&client, 10).await.unwrap();
    assert_eq!((again[0].id, again[0].handed_out), (first[0].id, 1));
    world.service.acknowledge(&client, first[0].id).await.unwrap();
    world.service.acknowledge(&client, first[0].id).await.unwrap();
    world.clock.advance(INBOX_LEASE + Duration::from_secs(1));
    assert!(world.service.inbox(&client, 10).await.unwrap().is_empty());
    assert_eq!(world.states(first[0].id.exchange).await, [StateName::Delivered]);
}

#[tokio::test]
async fn the_next_message_of_a_key_comes_after_the_one_before_it() {
    let world = to_inbox().await;
    let client = province().client;
    for key in ["k1", "k2"] {
        world.service.submit(&province(), dossier(CODE, key)).await.unwrap();
    }
    let first = world.service.inbox(&client, 10).await.unwrap();
    assert_eq!(first.len(), 1);
    world.service.acknowledge(&client, first[0].id).await.unwrap();
    let second = world.service.inbox(&client, 10).await.unwrap();
    assert_eq!(second.len(), 1);
    assert!(second[0].id != first[0].id);
}

#[tokio::test]
async fn another_clients_message_is_none_of_its_business() {
    let world = to_inbox().await;
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let stranger = "land-office".parse().unwrap();
    assert!(world.service.inbox(&stranger, 10).await.unwrap().is_empty());
    let item = world.service.inbox(&province().client, 10).await.unwrap().remove(0);
    refused(world.service.acknowledge(&stranger, item.id).await, FaultCode::NoSuchRecord);
    assert_eq!(world.states(receipt.id).await, [StateName::Waiting]);
}

#[tokio::test]
async fn only_inbox_messages_are_acknowledged() {
    let world = World::new().await;
    world.hold().await;
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let id = lienthong_core::DeliveryId { exchange: receipt.id, index: 0 };
    refused(world.service.acknowledge(&province().client, id).await, FaultCode::NoSuchRecord);
}

#[tokio::test]
async fn two_requests_at_once_never_share_a_message() {
    let world = to_inbox().await;
    let client = province().client;
    for number in 0..20 {
        let code = format!("H56.14-250115-{number:04}");
        world.service.submit(&province(), dossier(&code, &format!("k{number}"))).await.unwrap();
    }
    let asking = (0..4).map(|_| world.service.inbox(&client, 10));
    let handed = futures::future::join_all(asking).await;
    let mut ids: Vec<_> = handed.into_iter().flat_map(|items| items.unwrap()).map(|item| item.id).collect();
    assert_eq!(ids.len(), 20);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

#[tokio::test]
async fn an_inbox_routes_transform_makes_what_the_client_reads() {
    let transform = program(". = {\"dossier\": .code}");
    let world = World::with(vec![RouteSpec { transform, ..notices() }]).await;
    let push = json!({"secret": "s3cret", "id": 1, "notices": [{"code": CODE, "amount": 3}]});
    let request = lienthong_core::inbound::InboundRequest {
        method: "POST".to_owned(),
        path: "/notify".to_owned(),
        query: None,
        headers: Vec::new(),
        body: push.to_string().into(),
    };
    world.service.inbound(&system(), request).await.unwrap();
    let item = world.service.inbox(&province().client, 1).await.unwrap().remove(0);
    let read: serde_json::Value = serde_json::from_slice(&item.body.bytes).unwrap();
    assert_eq!(read, json!({"dossier": CODE}));
    let record = world.journal.exchange(item.id.exchange).await.unwrap().unwrap();
    let raw = world.journal.body(record.body).await.unwrap().unwrap();
    assert_eq!(&raw[..], json!({"code": CODE, "amount": 3}).to_string().as_bytes());
}
