//! Cases of error groups: whose turn, who has it, what fixed it last time, which dates are at risk, and every act remembered.

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{Clock as _, Fault, FaultCode, FaultKind, Fingerprint, SignedDuration};
use lienthong_journal::{ActFilter, Actor, GroupFilter};

use super::fixture::{CODE, World, dossier, operator, refused};
use crate::desk::{CaseState, Party};
use crate::service::OperatorAct;

async fn one_parked(world: &World) -> Fingerprint {
    let mut submission = dossier(CODE, "k1");
    submission.due_at = Some(world.clock.now().saturating_add(SignedDuration::from_hours(2)).unwrap());
    world.parked(submission, Fault::of(FaultKind::Rejected, "no fee")).await;
    world.service.groups(GroupFilter::default(), None, 10).await.unwrap().rows[0].fingerprint.clone()
}

fn because(reason: &str) -> OperatorAct {
    OperatorAct { reason: Some(reason.to_owned()), ..operator() }
}

#[tokio::test]
async fn a_case_tells_whose_turn_it_is_and_whom_it_concerns() {
    let world = World::new().await;
    let id = one_parked(&world).await;
    let (view, reach) = world.service.case(&id).await.unwrap();
    assert_eq!((view.state, view.version, view.verdict.party), (CaseState::New, 0, Party::SourceSystem));
    assert_eq!((reach.keys, reach.clients.len(), reach.truncated), (1, 1, false));
    assert_eq!((reach.overdue, reach.at_risk), (0, 1));
    assert_eq!(reach.trend.iter().map(|(_, n)| *n).sum::<u64>(), 1);
    let listed = world.service.cases(GroupFilter::default(), None, 10).await.unwrap();
    assert_eq!(listed.rows[0].state, CaseState::New);
}

#[tokio::test]
async fn a_case_is_assigned_noted_resolved_and_remembered() {
    let world = World::new().await;
    let id = one_parked(&world).await;
    let service = &world.service;
    let seen = service.acknowledge_case(&operator(), &id, Some(0)).await.unwrap();
    assert_eq!((seen.state, seen.version), (CaseState::Acknowledged, 1));
    let assigned = service.assign_case(&operator(), &id, Some(1), Some("Sở Tư pháp".into())).await.unwrap();
    assert_eq!((assigned.state, assigned.case.owner.as_deref()), (CaseState::Assigned, Some("Sở Tư pháp")));
    let noted = service.annotate_case(&operator(), &id, None, "đã gọi điện").await.unwrap();
    assert_eq!(noted.case.notes[0].text, "đã gọi điện");
    let early = service.resolve_case(&because("đã thu phí"), &id, None).await.unwrap_err();
    assert_eq!(early.code, FaultCode::WrongState);
    service.release_group(&operator(), &id).await.unwrap();
    let exchange = noted.group.sample_delivery.exchange;
    world.until(exchange, ExchangeState::Delivered).await;
    let resolved = service.resolve_case(&because("đã thu phí"), &id, None).await.unwrap();
    assert_eq!((resolved.state, resolved.case.owner), (CaseState::Resolved, None));
    assert_eq!(resolved.case.fixes[0].how, "đã thu phí");

    let of_case = ActFilter { kind: Some("case".into()), id: Some(id.to_string()) };
    let acts = service.acts(of_case, None, 10).await.unwrap().rows;
    let verbs: Vec<_> = acts.iter().map(|act| act.verb.as_str()).collect();
    assert_eq!(verbs, ["resolved", "noted", "assigned", "acknowledged"]);
    assert!(acts.iter().all(|act| act.actor == Actor::Operator(operator().operator)));
    assert!(acts[2].before.as_deref().unwrap().contains("looked_at"), "{acts:?}");
    let released = ActFilter { kind: Some("delivery".into()), id: None };
    assert_eq!(service.acts(released, None, 10).await.unwrap().rows[0].verb, "released");
}

#[tokio::test]
async fn two_operators_at_once_are_told_apart() {
    let world = World::new().await;
    let id = one_parked(&world).await;
    let act = operator();
    let (one, two) = tokio::join!(
        world.service.assign_case(&act, &id, Some(0), Some("một".into())),
        world.service.assign_case(&act, &id, Some(0), Some("hai".into())),
    );
    let lost: Vec<_> = [one, two].into_iter().filter_map(Result::err).map(|fault| fault.code).collect();
    assert_eq!(lost, [FaultCode::WrongState]);
    let (first, second, third) = tokio::join!(
        world.service.annotate_case(&act, &id, None, "cùng lúc"),
        world.service.annotate_case(&act, &id, None, "cùng lúc"),
        world.service.annotate_case(&act, &id, None, "cùng lúc"),
    );
    let notes = [first, second, third];
    assert!(notes.iter().all(Result::is_ok), "notes do not get into each other's way");
    assert_eq!(world.service.case(&id).await.unwrap().0.case.notes.len(), 3);
}

#[tokio::test]
async fn a_closed_case_that_fails_again_reopens_with_what_fixed_it() {
    let world = World::new().await;
    let id = one_parked(&world).await;
    let exchange = world.service.case(&id).await.unwrap().0.group.sample_delivery.exchange;
    world.service.release_group(&operator(), &id).await.unwrap();
    world.until(exchange, ExchangeState::Delivered).await;
    world.service.resolve_case(&because("đã thu phí"), &id, None).await.unwrap();
    world.parked(dossier("H56.14-250115-0099", "k9"), Fault::of(FaultKind::Rejected, "no fee")).await;
    let (view, _) = world.service.case(&id).await.unwrap();
    assert_eq!((view.state, view.group.reopened), (CaseState::Reopened, 1));
    assert_eq!(view.case.last_fix().unwrap().how, "đã thu phí");
}

#[tokio::test]
async fn what_says_nothing_or_names_nothing_is_refused() {
    let world = World::new().await;
    let id = one_parked(&world).await;
    let nobody: Fingerprint = "1-00000000000000000000000000000000".parse().unwrap();
    refused(world.service.acknowledge_case(&operator(), &nobody, None).await, FaultCode::NoSuchRecord);
    refused(world.service.annotate_case(&operator(), &id, None, "  ").await, FaultCode::ReasonMissing);
    let silent = OperatorAct { reason: None, ..operator() };
    refused(world.service.resolve_case(&silent, &id, None).await, FaultCode::ReasonMissing);
}
