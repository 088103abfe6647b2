//! Fire drills: one test key of one system fails, nothing is sent, nobody else notices, and it ends whatever happens.

use std::time::Duration;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{FaultCode, StateName};
use lienthong_journal::{ActFilter, GroupFilter};
use serde_json::json;

use super::fixture::{CODE, World, dossier, operator, province, refused, routes, submission, system, until};
use crate::dispatch::GateState;
use crate::drill::{Fails, is_drill};
use crate::service::{DrillPlan, OperatorAct};

const TEST: &str = "H56.14-000101-0001";
const KEYS: [&str; 1] = ["H56.14-000101-*"];

fn plan(fails: Fails) -> DrillPlan {
    DrillPlan { system: system(), key: TEST.parse().unwrap(), fails, lasts: Duration::from_secs(600) }
}

async fn gate(world: &World) -> GateState {
    world.service.systems().await.unwrap()[0].gate.state
}

#[tokio::test]
async fn a_drill_fails_one_test_key_sends_nothing_and_touches_nobody_else() {
    let world = World::new().await;
    world.drill_with(&KEYS);
    world.service.begin_drill(&operator(), plan(Fails::Rejected)).await.unwrap();
    let test = world.service.submit(&province(), dossier(TEST, "t1")).await.unwrap();
    world.until(test.id, ExchangeState::Attention).await;
    let real = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.until(real.id, ExchangeState::Delivered).await;
    assert_eq!(
        world.portal.sent().iter().map(|body| body["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>(),
        [CODE]
    );
    let group = world.service.groups(GroupFilter::default(), None, 10).await.unwrap().rows.remove(0);
    assert!(is_drill(&group.sample) && group.sample.public.vi.starts_with("DIỄN TẬP"), "{:?}", group.sample);
    assert_eq!(gate(&world).await, GateState::Open);
    // Released while it lasts, it fails again; afterwards it goes, once.
    world.service.release_group(&operator(), &group.fingerprint).await.unwrap();
    until(async || {
        let attempts = world.service.exchange(test.id).await.unwrap().record.deliveries[0].attempts;
        (attempts == 2).then_some(())
    })
    .await;
    world.until(test.id, ExchangeState::Attention).await;
    world.service.end_drill(&operator(), &system()).await.unwrap();
    world.service.release_group(&operator(), &group.fingerprint).await.unwrap();
    world.until(test.id, ExchangeState::Delivered).await;
    assert_eq!(world.portal.sent().iter().filter(|body| body["code"] == TEST).count(), 1);
    let acts = world.service.acts(ActFilter::default(), None, 10).await.unwrap().rows;
    let verbs: Vec<&str> = acts.iter().rev().filter(|act| act.kind == "drill").map(|act| act.verb.as_str()).collect();
    assert_eq!(verbs, ["began", "ended"]);
}

#[tokio::test]
async fn a_system_that_is_down_in_a_drill_is_open_for_everybody_else_and_nothing_is_parked() {
    for fails in [Fails::Refused, Fails::Maintenance, Fails::Certificate] {
        let world = World::new().await;
        world.drill_with(&KEYS);
        world.service.begin_drill(&operator(), plan(fails)).await.unwrap();
        let test = world.service.submit(&province(), dossier(TEST, "t1")).await.unwrap();
        until(async || {
            let delivery = world.service.exchange(test.id).await.unwrap().record.deliveries.remove(0);
            (delivery.attempts >= 1 && delivery.fault.is_some_and(|fault| is_drill(&fault))).then_some(())
        })
        .await;
        for number in 1..=8 {
            let code = format!("H56.14-250115-{number:04}");
            let real = world.service.submit(&province(), dossier(&code, &code)).await.unwrap();
            world.until(real.id, ExchangeState::Delivered).await;
        }
        assert_eq!(gate(&world).await, GateState::Open, "{fails:?}");
        let detail = world.service.exchange(test.id).await.unwrap();
        assert_eq!((detail.state, detail.record.deliveries[0].spent), (ExchangeState::InProgress, 0), "{fails:?}");
        world.service.end_drill(&operator(), &system()).await.unwrap();
        world.until(test.id, ExchangeState::Delivered).await;
    }
}

#[tokio::test]
async fn a_drill_outlives_a_restart_and_ends_by_itself() {
    let world = World::new().await;
    world.drill_with(&KEYS);
    world.service.begin_drill(&operator(), plan(Fails::Refused)).await.unwrap();
    let test = world.service.submit(&province(), dossier(TEST, "t1")).await.unwrap();
    let world = world.restarted(routes()).await;
    until(async || {
        let delivery = world.service.exchange(test.id).await.unwrap().record.deliveries.remove(0);
        delivery.fault.is_some_and(|fault| is_drill(&fault)).then_some(())
    })
    .await;
    assert!(world.portal.sent().is_empty());
    assert!(world.service.drills().await.unwrap()[0].is_running(world.service.now()));
    world.clock.advance(Duration::from_secs(601));
    world.until(test.id, ExchangeState::Delivered).await;
    assert!(!world.service.drills().await.unwrap()[0].is_running(world.service.now()));
    refused(world.service.end_drill(&operator(), &system()).await, FaultCode::WrongState);
}

#[tokio::test]
async fn an_unknown_outcome_of_a_drill_is_treated_as_a_real_one_and_lost_by_nobody() {
    let world = World::new().await;
    world.drill_with(&KEYS);
    world.service.begin_drill(&operator(), plan(Fails::Timeout)).await.unwrap();
    let once = submission("portal.sync-steps", TEST, &json!({"steps": ["received"]}), "s1");
    let test = world.service.submit(&province(), once).await.unwrap();
    world.until(test.id, ExchangeState::Attention).await;
    let delivery = world.service.exchange(test.id).await.unwrap().record.deliveries.remove(0);
    assert_eq!(delivery.fault.as_ref().map(|fault| fault.code), Some(FaultCode::OutcomeUnknown));
    world.service.end_drill(&operator(), &system()).await.unwrap();
    refused(world.service.release(&operator(), delivery.id).await, FaultCode::ConfirmationNeeded);
    assert!(world.portal.sent().is_empty());
    world.service.release(&OperatorAct { confirmed: true, ..operator() }, delivery.id).await.unwrap();
    world.until(test.id, ExchangeState::Delivered).await;
    assert_eq!(world.states(test.id).await, [StateName::Delivered]);
    assert_eq!(world.portal.sent().len(), 1);
}

#[tokio::test]
async fn a_drill_is_for_test_keys_and_a_bounded_time_alone() {
    let world = World::new().await;
    let act = operator();
    let begin = |plan: DrillPlan| world.service.begin_drill(&act, plan);
    refused(begin(plan(Fails::Refused)).await, FaultCode::BadParameter);
    world.drill_with(&KEYS);
    refused(begin(DrillPlan { key: CODE.parse().unwrap(), ..plan(Fails::Refused) }).await, FaultCode::BadParameter);
    for lasts in [Duration::from_secs(9), Duration::from_secs(7201)] {
        refused(begin(DrillPlan { lasts, ..plan(Fails::Refused) }).await, FaultCode::BadParameter);
    }
    refused(begin(DrillPlan { system: "tax".parse().unwrap(), ..plan(Fails::Refused) }).await, FaultCode::NoSuchRecord);
    let silent = OperatorAct { reason: Some(" ".to_owned()), ..operator() };
    refused(world.service.begin_drill(&silent, plan(Fails::Refused)).await, FaultCode::ReasonMissing);
    refused(world.service.end_drill(&operator(), &system()).await, FaultCode::NoSuchRecord);
    begin(plan(Fails::Refused)).await.unwrap();
    refused(begin(plan(Fails::Rejected)).await, FaultCode::WrongState);
}
