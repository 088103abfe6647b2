//! Maintenance windows of operators: in force at once and over restarts, guarded against one another, remembered.

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{Clock as _, FaultCode, SignedDuration, SystemId};
use lienthong_journal::{ActFilter, Journal as _};

use super::fixture::{CODE, World, dossier, operator, province, refused, routes, system, until};
use crate::desk::health::SystemState;
use crate::desk::window::When;
use crate::dispatch::GateState;

fn hours(world: &World, from: i64, until: i64) -> When {
    let at = |hours| world.clock.now().saturating_add(SignedDuration::from_hours(hours)).unwrap();
    When::Once { from: at(from), until: at(until) }
}

async fn gate(world: &World) -> GateState {
    world.service.systems().await.unwrap().into_iter().find(|view| view.system == system()).unwrap().gate.state
}

#[tokio::test]
async fn a_window_is_in_force_over_a_restart_and_ends_when_it_is_removed() {
    let world = World::new().await;
    let set = world.service.set_window(&operator(), &system(), hours(&world, -1, 5)).await.unwrap();
    assert!(set.open);
    until(async || (gate(&world).await == GateState::Maintenance).then_some(())).await;
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();

    let world = world.restarted(routes()).await;
    assert_eq!(gate(&world).await, GateState::Maintenance, "from the first moment on");
    let health = world.service.health().await.unwrap().into_iter().find(|one| one.view.system == system()).unwrap();
    assert_eq!((health.state, health.open), (SystemState::Maintenance, 1));
    assert!(health.view.gate.until.is_some());

    let id = set.id.unwrap();
    let gone = world.service.remove_window(&operator(), (&system(), &id), Some(1)).await.unwrap();
    assert_eq!(gone.version, 1);
    world.until(receipt.id, ExchangeState::Delivered).await;
    assert!(world.service.windows(None).await.unwrap().is_empty());
    let filter = ActFilter { kind: Some("window".to_owned()), id: Some(id) };
    let acts = world.journal.acts(filter, None, 10).await.unwrap().rows;
    assert_eq!(acts.iter().map(|act| act.verb.as_str()).collect::<Vec<_>>(), ["removed", "set"]);
    assert!(acts.iter().all(|act| act.reason.is_some()));
}

#[tokio::test]
async fn two_operators_who_change_one_window_are_told_apart() {
    let world = World::new().await;
    let set = world.service.set_window(&operator(), &system(), hours(&world, 1, 2)).await.unwrap();
    let id = set.id.unwrap();
    let of = (&system(), id.as_str());
    let changed = world.service.change_window(&operator(), of, Some(1), hours(&world, 1, 3)).await.unwrap();
    assert_eq!((changed.version, changed.open), (2, false));
    refused(world.service.change_window(&operator(), of, Some(1), hours(&world, 1, 4)).await, FaultCode::WrongState);
    refused(world.service.remove_window(&operator(), of, Some(1)).await, FaultCode::WrongState);
    let kept = world.service.windows(Some(&system())).await.unwrap();
    assert_eq!(kept.iter().map(|window| window.when.clone()).collect::<Vec<_>>(), [changed.when]);
}

#[tokio::test]
async fn a_window_needs_sense_a_reason_and_a_system() {
    let world = World::new().await;
    let nowhere: SystemId = "tax".parse().unwrap();
    let silent = crate::service::OperatorAct { reason: Some("  ".to_owned()), ..operator() };
    refused(world.service.set_window(&operator(), &nowhere, hours(&world, 1, 2)).await, FaultCode::NoSuchRecord);
    refused(world.service.set_window(&operator(), &system(), hours(&world, 2, 1)).await, FaultCode::BadParameter);
    refused(world.service.set_window(&silent, &system(), hours(&world, 1, 2)).await, FaultCode::ReasonMissing);
    refused(world.service.remove_window(&operator(), (&system(), "none"), None).await, FaultCode::NoSuchRecord);
    assert!(world.service.windows(None).await.unwrap().is_empty());
}
