//! Tests of what comes to a client's own queue: outcomes in the transaction that records them, and what routes send to its inbox.

use std::collections::BTreeSet;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::exchange::Link;
use lienthong_core::inbound::InboundRequest;
use lienthong_core::{ClientId, StateName};
use lienthong_journal::{ExchangeFilter, ExchangeRecord, Journal as _};
use serde_json::{Value, json};
use url::Url;

use super::fixture::{CODE, World, dossier, province, system};
use crate::callback::{CallbackEvent, CallbackPolicy};
use crate::config::ClientPolicy;
use crate::queue::{QueuePolicy, is_queue};

fn queue(inbox: bool) -> QueuePolicy {
    let (system, operation) = QueuePolicy::names(&province().client).unwrap();
    QueuePolicy { system, operation, outcomes: [CallbackEvent::Delivered].into(), inbox }
}

/// What goes to one of the client's systems; nothing serves them here, so that it waits in the journal to be looked at.
async fn sent(world: &World, system: &str) -> Vec<ExchangeRecord> {
    let filter = ExchangeFilter { system: Some(system.parse().unwrap()), ..ExchangeFilter::default() };
    world.journal.exchanges(filter, None, 10).await.unwrap().rows
}

async fn body(world: &World, record: &ExchangeRecord) -> Value {
    let id = record.deliveries[0].body.unwrap_or(record.body);
    serde_json::from_slice(&world.journal.body(id).await.unwrap().unwrap()).unwrap()
}

#[tokio::test]
async fn an_outcome_is_told_in_the_queue_and_at_the_address_once_each() {
    let world = World::new().await;
    let (of_callback, operation) = CallbackPolicy::names(&province().client).unwrap();
    let url = Some(Url::parse("https://one-stop.test/hooks").unwrap());
    let events = BTreeSet::from([CallbackEvent::Delivered]);
    let callback = CallbackPolicy { system: of_callback, operation, url, prefixes: Vec::new(), events };
    world.limit_client(ClientPolicy { callback: Some(callback), queue: Some(queue(true)), ..ClientPolicy::default() });
    let id = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap().id;
    world.until(id, ExchangeState::Delivered).await;
    let (queued, called) = (sent(&world, "queue-one-stop").await, sent(&world, "callback-one-stop").await);
    assert_eq!((queued.len(), called.len()), (1, 1));
    let said = body(&world, &queued[0]).await;
    assert_eq!(
        (said["type"].as_str(), said["data"]["exchange"].as_str()),
        (Some("delivery.delivered"), Some(&*id.to_string()))
    );
    assert_eq!(body(&world, &called[0]).await["message"], said, "the same words");
    let parent = world.service.exchange(id).await.unwrap().record.deliveries[0].id;
    assert_eq!(queued[0].meta.link, Some(Link::Child { parent, index: Link::QUEUED }));
    assert_eq!(called[0].meta.link, Some(Link::Child { parent, index: Link::OUTCOMES }));
}

async fn push(world: &World) {
    let notices = json!({"secret": "s3cret", "id": 1, "notices": [{"code": CODE, "amount": 1}]});
    let request = InboundRequest {
        method: "POST".to_owned(),
        path: "/notify".to_owned(),
        query: None,
        headers: Vec::new(),
        body: notices.to_string().into(),
    };
    assert_eq!(world.service.inbound(&system(), request).await.unwrap().status, 200);
}

#[tokio::test]
async fn an_inbox_that_is_a_queue_gets_its_messages_there_and_nothing_is_told_of_that() {
    let world = World::new().await;
    world.limit_client(ClientPolicy { queue: Some(queue(true)), ..ClientPolicy::default() });
    push(&world).await;
    let queued = sent(&world, "queue-one-stop").await;
    let [message] = queued.as_slice() else { panic!("{queued:?}") };
    let delivery = &message.deliveries[0];
    assert_eq!((delivery.client.as_str(), delivery.state.name()), ("one-stop", StateName::Queued));
    assert_eq!(delivery.operation, message.meta.operation, "the message's own");
    assert_eq!(body(&world, message).await["amount"], 1);
    assert!(world.service.inbox(&province().client, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_inbox_may_stay_one_beside_a_queue_of_outcomes() {
    let world = World::new().await;
    world.limit_client(ClientPolicy { queue: Some(queue(false)), ..ClientPolicy::default() });
    push(&world).await;
    assert!(sent(&world, "queue-one-stop").await.is_empty());
    assert_eq!(world.service.inbox(&province().client, 10).await.unwrap().len(), 1);
}

#[test]
fn a_client_whose_name_cannot_name_an_operation_has_no_queue() {
    assert!(QueuePolicy::names(&ClientId::new("a.b").unwrap()).is_err());
    assert!(is_queue(&queue(true).system) && !is_queue(&system()));
}
