//! Acts on whole error groups and the review after a reload: pages, order, what is refused, what stays.

use lienthong_core::delivery::{ExchangeState, OnParked};
use lienthong_core::{Fault, FaultCode, FaultKind, Fingerprint};
use lienthong_journal::GroupFilter;
use serde_json::json;

use super::fixture::{
    Behaviour, CODE, World, dossier, operator, program, province, refused, routes, straight, submission,
};
use crate::routing::RouteSpec;
use crate::service::OperatorAct;

async fn only_group(world: &World) -> Fingerprint {
    let page = world.service.groups(GroupFilter::default(), None, 10).await.unwrap();
    assert_eq!(page.rows.len(), 1, "{:?}", page.rows);
    page.rows[0].fingerprint.clone()
}

fn code(number: usize) -> String {
    format!("H56.14-250115-{number:04}")
}

#[tokio::test]
async fn one_cause_is_one_group_and_one_act_mends_it() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..250 {
        world.portal.next(Behaviour::Refuses(Fault::of(FaultKind::Rejected, "no fee")));
        let submission = dossier(&code(number), &format!("k{number}"));
        ids.push(world.service.submit(&province(), submission).await.unwrap().id);
    }
    for id in &ids {
        world.until(*id, ExchangeState::Attention).await;
    }
    let group = only_group(&world).await;
    let (record, members) = world.service.group(&group, None, 100).await.unwrap();
    assert_eq!((record.parked, members.rows.len()), (250, 100));
    let outcome = world.service.release_group(&operator(), &group).await.unwrap();
    assert_eq!((outcome.moved, outcome.refused.len()), (250, 0));
    for id in &ids {
        world.until(*id, ExchangeState::Delivered).await;
    }
}

#[tokio::test]
async fn members_that_need_a_confirmation_are_told_and_the_others_move() {
    let skip = |operation| RouteSpec { on_parked: OnParked::Skip, ..straight(operation) };
    let world = World::with(vec![skip("portal.sync-dossier")]).await;
    let overtaken = world.parked(dossier(CODE, "k1"), Fault::of(FaultKind::Rejected, "no fee")).await;
    let newer = world.service.submit(&province(), dossier(CODE, "k2")).await.unwrap();
    world.until(newer.id, ExchangeState::Delivered).await;
    let free = world.parked(dossier(&code(8), "k3"), Fault::of(FaultKind::Rejected, "no fee")).await;
    let outcome = world.service.release_group(&operator(), &only_group(&world).await).await.unwrap();
    assert_eq!((outcome.moved, outcome.refused.len(), outcome.refused_unlisted), (1, 1, 0));
    assert_eq!(outcome.refused[0].0, overtaken);
    world.until(free.exchange, ExchangeState::Delivered).await;
}

#[tokio::test]
async fn a_group_is_discarded_with_a_reason_only() {
    let world = World::new().await;
    let id = world.parked(dossier(CODE, "k1"), Fault::of(FaultKind::Rejected, "no fee")).await;
    let group = only_group(&world).await;
    let silent = OperatorAct { reason: None, ..operator() };
    refused(world.service.discard_group(&silent, &group).await, FaultCode::ReasonMissing);
    assert_eq!(world.service.discard_group(&operator(), &group).await.unwrap().moved, 1);
    world.until(id.exchange, ExchangeState::Closed).await;
    let unknown: Fingerprint = "1-00000000000000000000000000000000".parse().unwrap();
    refused(world.service.release_group(&operator(), &unknown).await, FaultCode::NoSuchRecord);
    refused(world.service.group(&unknown, None, 10).await, FaultCode::NoSuchRecord);
}

#[tokio::test]
async fn a_mended_transform_releases_what_it_had_parked_and_nothing_else() {
    let broken = RouteSpec {
        transform: program(". = {\"code\": .code, \"status\": to_int!(.note)}"),
        ..straight("portal.sync-dossier")
    };
    let world = World::with(vec![broken]).await;
    let body = json!({"code": CODE, "status": 4, "note": "none"});
    let unmapped = submission("portal.sync-dossier", CODE, &body, "k1");
    let unmapped = world.service.submit(&province(), unmapped).await.unwrap();
    let parked = world.until(unmapped.id, ExchangeState::Attention).await;
    assert_eq!(parked.record.deliveries[0].fault.as_ref().unwrap().kind, FaultKind::Mapping);
    world.portal.next(Behaviour::Refuses(Fault::of(FaultKind::Rejected, "no fee")));
    let body = json!({"code": code(8), "status": 4, "note": "7"});
    let wrong = submission("portal.sync-dossier", &code(8), &body, "k2");
    let wrong = world.service.submit(&province(), wrong).await.unwrap();
    world.until(wrong.id, ExchangeState::Attention).await;
    assert_eq!(world.reload("v2", routes()).await, 1);
    world.until(unmapped.id, ExchangeState::Delivered).await;
    assert_eq!(world.service.exchange(wrong.id).await.unwrap().state, ExchangeState::Attention);
}
