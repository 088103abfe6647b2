//! Release and discard of single deliveries: reasons, confirmations, and what is refused outright.

use lienthong_core::delivery::{ExchangeState, OnParked};
use lienthong_core::{Fault, FaultCode, FaultKind, StateName};
use lienthong_journal::{Actor, EventKind, Journal as _};
use serde_json::json;

use super::fixture::{Behaviour, CODE, World, dossier, operator, province, refused, straight, submission};
use crate::service::{OperatorAct, Submission};

fn rejected() -> Fault {
    Fault::of(FaultKind::Rejected, "no fee")
}

fn steps(key: &str) -> Submission {
    submission("portal.sync-steps", CODE, &json!({"steps": ["received"]}), key)
}

/// Routes whose parked heads let the lane go on.
async fn skipping() -> World {
    let skip = |operation| crate::routing::RouteSpec { on_parked: OnParked::Skip, ..straight(operation) };
    World::with(vec![skip("portal.sync-dossier"), skip("portal.sync-steps")]).await
}

#[tokio::test]
async fn a_released_delivery_goes_again_and_the_act_is_on_record() {
    let world = World::new().await;
    let id = world.parked(dossier(CODE, "k1"), rejected()).await;
    world.service.release(&operator(), id).await.unwrap();
    world.until(id.exchange, ExchangeState::Delivered).await;
    let events = world.journal.events(0, 100).await.unwrap();
    let released = events.iter().find(|event| event.kind == EventKind::Released).unwrap();
    assert_eq!(released.actor, Actor::Operator("lan".to_owned()));
    assert_eq!(released.note.as_deref(), Some("repaired at the source"));
}

#[tokio::test]
async fn a_discard_needs_a_reason_and_lets_the_lane_move_on() {
    let world = World::new().await;
    let id = world.parked(dossier(CODE, "k1"), rejected()).await;
    let behind = world.service.submit(&province(), dossier(CODE, "k2")).await.unwrap();
    for reason in [None, Some(" ".to_owned())] {
        let silent = OperatorAct { reason, ..operator() };
        let fault = refused(world.service.discard(&silent, id).await, FaultCode::ReasonMissing);
        assert_eq!(fault.problems[0].pointer, "/reason");
    }
    let outcome = world.service.discard(&operator(), id).await.unwrap();
    assert_eq!(outcome.delivery.state.name(), StateName::Discarded);
    world.until(behind.id, ExchangeState::Delivered).await;
    refused(world.service.release(&operator(), id).await, FaultCode::WrongState);
    refused(world.service.discard(&operator(), id).await, FaultCode::WrongState);
}

#[tokio::test]
async fn a_reason_is_no_novel() {
    let world = World::new().await;
    let id = world.parked(dossier(CODE, "k1"), rejected()).await;
    let long = OperatorAct { reason: Some("a".repeat(501)), ..operator() };
    refused(world.service.release(&long, id).await, FaultCode::BadParameter);
}

#[tokio::test]
async fn what_may_have_happened_once_goes_again_only_when_confirmed() {
    let world = World::new().await;
    world.portal.next(Behaviour::Loses);
    let receipt = world.service.submit(&province(), steps("k1")).await.unwrap();
    let detail = world.until(receipt.id, ExchangeState::Attention).await;
    let delivery = &detail.record.deliveries[0];
    assert_eq!(delivery.fault.as_ref().unwrap().code, FaultCode::OutcomeUnknown);
    refused(world.service.release(&operator(), delivery.id).await, FaultCode::ConfirmationNeeded);
    assert_eq!(world.states(receipt.id).await, [StateName::Parked]);
    let confirmed = OperatorAct { confirmed: true, ..operator() };
    world.service.release(&confirmed, delivery.id).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    assert_eq!(world.portal.sent().len(), 2);
}

#[tokio::test]
async fn an_older_state_never_overwrites_a_delivered_newer_one() {
    let world = skipping().await;
    let id = world.parked(dossier(CODE, "k1"), rejected()).await;
    let newer = world.service.submit(&province(), dossier(CODE, "k2")).await.unwrap();
    world.until(newer.id, ExchangeState::Delivered).await;
    let confirmed = OperatorAct { confirmed: true, ..operator() };
    let fault = refused(world.service.release(&confirmed, id).await, FaultCode::WrongState);
    assert!(fault.public.en.contains("newer state"), "{}", fault.public.en);
    world.service.discard(&operator(), id).await.unwrap();
}

#[tokio::test]
async fn an_older_step_goes_after_a_newer_one_only_when_confirmed() {
    let world = skipping().await;
    let id = world.parked(steps("k1"), rejected()).await;
    let newer = world.service.submit(&province(), steps("k2")).await.unwrap();
    world.until(newer.id, ExchangeState::Delivered).await;
    refused(world.service.release(&operator(), id).await, FaultCode::ConfirmationNeeded);
    world.service.release(&OperatorAct { confirmed: true, ..operator() }, id).await.unwrap();
    world.until(id.exchange, ExchangeState::Delivered).await;
}

#[tokio::test]
async fn there_is_nothing_to_release_where_nothing_is() {
    let world = World::new().await;
    let nobody = "0193b2a0-0000-7000-8000-000000000000.0".parse().unwrap();
    refused(world.service.release(&operator(), nobody).await, FaultCode::NoSuchRecord);
}

#[tokio::test]
async fn an_act_meets_the_delivery_its_operator_saw() {
    let world = World::new().await;
    let id = world.parked(dossier(CODE, "k1"), Fault::of(FaultKind::Rejected, "no")).await;
    let seen = world.journal.delivery(id).await.unwrap().unwrap().delivery.version;
    refused(world.service.release_seen(&operator(), id, seen - 1).await, FaultCode::WrongState);
    refused(world.service.discard_seen(&operator(), id, seen + 1).await, FaultCode::WrongState);
    world.service.release_seen(&operator(), id, seen).await.unwrap();
    world.until(id.exchange, ExchangeState::Delivered).await;
}
