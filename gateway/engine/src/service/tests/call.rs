//! Synchronous calls: which operations, which checks, what is recorded.

use bytes::Bytes;
use lienthong_core::delivery::ExchangeState;
use lienthong_core::{Fault, FaultCode, FaultKind};

use super::fixture::{Behaviour, CODE, World, province, refused, straight};
use crate::service::CallSubmission;

fn question(operation: &str, body: &'static str) -> CallSubmission {
    CallSubmission {
        operation: operation.parse().unwrap(),
        body: Bytes::from_static(body.as_bytes()),
        key: None,
        purpose: Some("settle".to_owned()),
        on_behalf_of: None,
        trace: None,
        timeout: None,
    }
}

const FIND: &str = "{\"code\":\"H56.14-250115-0007\"}";

#[tokio::test]
async fn a_question_is_answered_on_the_spot_and_recorded_under_its_own_key() {
    let world = World::new().await;
    let answer = world.service.call(&province(), question("portal.find-dossier", FIND)).await.unwrap();
    assert_eq!(&answer.body.bytes[..], b"{\"ok\":true}");
    // The answer does not wait for its record.
    let detail = world.until(answer.exchange, ExchangeState::Delivered).await;
    assert!(detail.record.meta.call);
    assert_eq!(detail.record.meta.key.as_str(), CODE);
    assert_eq!(detail.attempts[0].1.len(), 1);
    let listed = world.service.call(&province(), question("portal.list-fields", "{}")).await.unwrap();
    let meta = world.service.exchange(listed.exchange).await.unwrap().record.meta;
    assert_eq!(meta.key.as_str(), listed.exchange.to_string());
}

#[tokio::test]
async fn what_changes_something_cannot_be_called() {
    let world = World::new().await;
    let call = question("portal.sync-dossier", "{}");
    refused(world.service.call(&province(), call).await, FaultCode::NotCallable);
    refused(world.service.call(&province(), question("portal.invent", "{}")).await, FaultCode::UnknownOperation);
    refused(world.service.call(&province(), question("portal.notify-tax", "{}")).await, FaultCode::UnknownOperation);
    assert_eq!(world.kept().await, 0);
}

#[tokio::test]
async fn a_calls_problems_point_into_its_input() {
    let world = World::new().await;
    let fault =
        refused(world.service.call(&province(), question("portal.find-dossier", "{}")).await, FaultCode::Invalid);
    assert_eq!(fault.problems[0].pointer, "/code");
    let bad = question("portal.find-dossier", "{]");
    let fault = refused(world.service.call(&province(), bad).await, FaultCode::BadJson);
    assert_eq!(fault.problems[0].pointer, "");
    let mut other = question("portal.find-dossier", FIND);
    other.key = Some("H56.14-250115-0008".parse().unwrap());
    let fault = refused(world.service.call(&province(), other).await, FaultCode::Invalid);
    assert_eq!(fault.problems[0].pointer, "/code");
}

#[tokio::test]
async fn a_question_no_route_takes_is_refused() {
    let world = World::with(vec![straight("portal.sync-dossier")]).await;
    refused(world.service.call(&province(), question("portal.find-dossier", FIND)).await, FaultCode::NoRoute);
}

#[tokio::test]
async fn the_targets_refusal_is_the_callers_answer_and_is_kept() {
    let world = World::new().await;
    world.portal.next(Behaviour::Refuses(Fault::of(FaultKind::NotFound, "no such dossier")));
    refused(world.service.call(&province(), question("portal.find-dossier", FIND)).await, FaultCode::NotFound);
    assert_eq!(world.kept().await, 1);
}

#[tokio::test]
async fn a_stopping_gateway_takes_no_calls() {
    let world = World::new().await;
    world.service.stop_accepting();
    refused(world.service.call(&province(), question("portal.find-dossier", FIND)).await, FaultCode::ShuttingDown);
}
