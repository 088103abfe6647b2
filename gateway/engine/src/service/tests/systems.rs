//! Systems as operators see and steer them: backlog, pause that outlives the process, probes.

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{Fault, FaultCode, FaultKind, SystemId};
use lienthong_journal::{Actor, Journal as _};

use super::fixture::{Behaviour, CODE, World, dossier, operator, province, refused, system};
use crate::dispatch::GateState;

#[tokio::test]
async fn a_paused_system_shows_its_backlog_and_goes_on_when_resumed() {
    let world = World::new().await;
    world.service.pause(&operator(), None).await.unwrap();
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let views = world.service.systems().await.unwrap();
    assert_eq!((views.len(), &views[0].system), (1, &system()));
    assert_eq!((views[0].gate.state, views[0].queued, views[0].parked), (GateState::Paused, 1, 0));
    let setting = world.journal.system_settings().await.unwrap().remove(0);
    assert!(setting.paused);
    assert_eq!(setting.actor, Actor::Operator("lan".to_owned()));
    world.service.resume(&operator(), Some(&system())).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    assert!(!world.journal.system_settings().await.unwrap()[0].paused);
}

#[tokio::test]
async fn a_system_nobody_configured_is_no_record() {
    let world = World::new().await;
    let nowhere: SystemId = "tax".parse().unwrap();
    refused(world.service.pause(&operator(), Some(&nowhere)).await, FaultCode::NoSuchRecord);
    refused(world.service.resume(&operator(), Some(&nowhere)).await, FaultCode::NoSuchRecord);
    refused(world.service.probe(Some(&nowhere)).await, FaultCode::NoSuchRecord);
    assert!(world.journal.system_settings().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_probe_tells_each_systems_own_result() {
    let world = World::new().await;
    let well = world.service.probe(None).await.unwrap();
    assert_eq!(well, vec![(system(), Ok(()))]);
    world.portal.next(Behaviour::Refuses(Fault::of(FaultKind::Unavailable, "maintenance")));
    let ill = world.service.probe(Some(&system())).await.unwrap();
    assert_eq!(ill[0].1.as_ref().unwrap_err().kind, FaultKind::Unavailable);
}

#[tokio::test]
async fn a_system_that_left_the_configuration_with_open_deliveries_is_still_shown() {
    let world = World::new().await;
    world.hold().await;
    world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.leave_nothing_configured();
    let views = world.service.systems().await.unwrap();
    assert_eq!((&views[0].system, views[0].gate.state, views[0].queued), (&system(), GateState::Closed, 1));
    assert_eq!(views[0].gate.reason.as_deref(), Some("not served by the running configuration"));
}
