//! Tests that an outcome and the callback that tells of it are one commit, and what such a callback says.

use std::collections::BTreeSet;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{ExchangeId, FaultCode, FaultKind};
use lienthong_journal::{ExchangeFilter, ExchangeRecord, Journal as _};
use serde_json::Value;

use super::fixture::*;
use crate::callback::{CallbackEvent, CallbackPolicy};
use crate::config::ClientPolicy;
use crate::service::{OperatorAct, Submission};

fn told(events: &[CallbackEvent]) -> ClientPolicy {
    let (system, operation) = CallbackPolicy::names(&province().client).unwrap();
    let events: BTreeSet<_> = events.iter().copied().collect();
    let prefixes = vec!["https://one-stop.test/".parse().unwrap()];
    let callback = CallbackPolicy { system, operation, url: None, prefixes, events };
    ClientPolicy { callback: Some(callback), ..ClientPolicy::default() }
}

fn with(change: impl FnOnce(&mut Submission)) -> Submission {
    let mut submission = dossier(CODE, "first");
    change(&mut submission);
    submission
}

/// Nothing serves the callbacks' system, so that they wait in the journal to be looked at.
async fn callbacks(world: &World) -> Vec<ExchangeRecord> {
    let filter = ExchangeFilter { system: Some("callback-one-stop".parse().unwrap()), ..ExchangeFilter::default() };
    world.journal.exchanges(filter, None, 10).await.unwrap().rows
}

async fn said(world: &World, record: &ExchangeRecord) -> Value {
    let bytes = world.journal.body(record.body).await.unwrap().unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

async fn submitted(world: &World, callback: Option<&str>) -> ExchangeId {
    let submission = with(|s| s.callback = callback.map(str::to_owned));
    world.service.submit(&province(), submission).await.unwrap().id
}

#[tokio::test]
async fn a_delivery_is_told_of_in_the_transaction_that_records_it() {
    let world = World::new().await;
    world.limit_client(told(&[CallbackEvent::Delivered]));
    let id = submitted(&world, Some("https://one-stop.test/done")).await;
    world.until(id, ExchangeState::Delivered).await;
    let told = callbacks(&world).await;
    let [callback] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(callback.meta.key.as_str(), CODE);
    let said = said(&world, callback).await;
    assert_eq!(said["url"], "https://one-stop.test/done");
    assert_eq!(said["message"]["type"], "delivery.delivered");
    let data = &said["message"]["data"];
    assert_eq!((data["version"].as_u64(), data["exchange"].as_str()), (Some(1), Some(id.to_string().as_str())));
    assert_eq!((data["system"].as_str(), data["state"].as_str()), (Some("portal"), Some("delivered")));
    assert!(data["fault"].is_null());
}

#[tokio::test]
async fn what_is_parked_and_then_discarded_is_told_twice_with_the_public_fault_only() {
    let world = World::new().await;
    world.limit_client(told(&[CallbackEvent::Parked, CallbackEvent::Discarded]));
    let fault =
        lienthong_core::Fault::of(FaultKind::Rejected, "inside").with_system_answer(None, Some("NGUYỄN VĂN MẪU"));
    let submission = with(|s| s.callback = Some("https://one-stop.test/done".to_owned()));
    let parked = world.parked(submission, fault).await;
    world
        .service
        .discard(&OperatorAct { reason: Some("settled by telephone".to_owned()), ..operator() }, parked)
        .await
        .unwrap();
    let mut told = Vec::new();
    for record in callbacks(&world).await {
        told.push(said(&world, &record).await);
    }
    let types: BTreeSet<_> = told.iter().map(|said| said["message"]["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types, ["delivery.discarded", "delivery.parked"].map(str::to_owned).into());
    let parked = told.iter().find(|said| said["message"]["type"] == "delivery.parked").unwrap();
    assert_eq!(parked["message"]["data"]["fault"]["code"], "LT-REJECTED");
    let all = serde_json::to_string(&told).unwrap();
    assert!(!all.contains("NGUYỄN") && !all.contains("inside"), "{all}");
}

#[tokio::test]
async fn a_cancelled_message_is_told_and_a_message_without_an_address_is_not() {
    let world = World::new().await;
    world.limit_client(told(&CallbackEvent::ALL));
    world.hold().await;
    let silent = submitted(&world, None).await;
    world.service.cancel(&province(), silent).await.unwrap();
    assert!(callbacks(&world).await.is_empty());
    let submission = with(|s| {
        s.callback = Some("https://one-stop.test/done".to_owned());
        s.idempotency_key = Some("another".to_owned());
    });
    let id = world.service.submit(&province(), submission).await.unwrap().id;
    world.service.cancel(&province(), id).await.unwrap();
    assert_eq!(said(&world, &callbacks(&world).await[0]).await["message"]["type"], "delivery.cancelled");
}

#[tokio::test]
async fn an_address_outside_the_allowed_ones_is_refused_at_the_door() {
    let world = World::new().await;
    world.limit_client(told(&CallbackEvent::ALL));
    let submission = with(|s| s.callback = Some("https://evil.test/done".to_owned()));
    let refused = world.service.submit(&province(), submission).await.unwrap_err();
    assert_eq!((refused.code, refused.problems[0].pointer.as_str()), (FaultCode::BadParameter, "/callback"));
    assert_eq!(world.kept().await, 0);
}
