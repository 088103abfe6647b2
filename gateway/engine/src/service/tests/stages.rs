//! Messages that wait for what must come first, or are filled in before they go on: nothing is lost by a restart, nothing overtakes.

use std::time::Duration;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{Fault, FaultCode, FaultKind, OnBehalfOf, StateName};
use lienthong_journal::{EventKind, ExchangeRecord, Journal as _};
use serde_json::json;

use super::fixture::{
    Behaviour, CODE, World, dossier, operator, program, province, route, straight, submission, until,
};
use crate::dispatch::GateState;
use crate::routing::{AwaitSpec, EnrichSpec, OnNotFound, Patterns, RouteSpec, RouteTarget};
use crate::service::Submission;

const OTHER: &str = "H56.14-250115-0008";
const DAY: Duration = Duration::from_secs(86_400);

fn steps(code: &str, step: &str) -> Submission {
    submission("portal.sync-steps", code, &json!({"steps": [step]}), &format!("{code}-{step}"))
}

/// Steps wait for their dossier.
fn waiting() -> Vec<RouteSpec> {
    let awaits = AwaitSpec { any_of: vec!["portal.sync-dossier".parse().unwrap()], within: 3 * DAY };
    let patterns = Patterns { awaits: Some(awaits), ..Patterns::default() };
    vec![straight("portal.sync-dossier"), RouteSpec { patterns, ..straight("portal.sync-steps") }]
}

/// Dossiers without a note are filled in from the population database.
fn filling(on_not_found: OnNotFound) -> RouteSpec {
    let enrich = EnrichSpec {
        operation: "population.find-citizen".parse().unwrap(),
        when: program("!exists(.note)"),
        input: program(". = {\"id\": \"001099000001\"}").unwrap(),
        into: "/found/person".to_owned(),
        on_not_found,
    };
    RouteSpec {
        transform: program("if exists(.found) { .note = string!(.found.person.name) }\ndel(.found)"),
        patterns: Patterns { enrich: Some(enrich), ..Patterns::default() },
        ..route("filling", "portal.sync-dossier", RouteTarget::Operation("portal.sync-dossier".parse().unwrap()))
    }
}

fn noted(code: &str, key: &str) -> Submission {
    submission("portal.sync-dossier", code, &json!({"code": code, "status": 9, "note": "typed"}), key)
}

fn state(record: &ExchangeRecord) -> StateName {
    record.deliveries[0].state.name()
}

fn gateway(world: &World) -> GateState {
    world.service.dispatcher.gate(&"gateway".parse().unwrap()).unwrap().state
}

fn nudge(world: &World) {
    world.service.dispatcher.nudge(&"gateway".parse().unwrap());
}

#[tokio::test]
async fn a_message_before_its_dossier_waits_and_goes_when_it_comes() {
    let world = World::with(waiting()).await;
    let first = world.service.submit(&province(), steps(CODE, "a")).await.unwrap();
    let other = world.service.submit(&province(), steps(OTHER, "b")).await.unwrap();
    let record = &world.of_key(CODE).await[0];
    assert_eq!((state(record), record.deliveries[0].attempts), (StateName::Waiting, 0));
    world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.until(first.id, ExchangeState::Delivered).await;
    let done = |records: &[ExchangeRecord]| records.len() == 3 && state(&records[2]) == StateName::Delivered;
    world.once(CODE, done).await;
    assert_eq!(world.portal.sent(), [json!({"code": CODE, "status": 4}), json!({"steps": ["a"]})]);
    assert_eq!(world.states(other.id).await, [StateName::Waiting]);
    assert_eq!(gateway(&world), GateState::Open);
}

#[tokio::test]
async fn a_message_after_its_dossier_does_not_wait_and_those_that_wait_keep_their_order() {
    let world = World::with(waiting()).await;
    for step in ["a", "b", "c"] {
        world.service.submit(&province(), steps(CODE, step)).await.unwrap();
    }
    world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    until(async || (world.portal.sent().len() == 4).then_some(())).await;
    world.service.submit(&province(), steps(CODE, "d")).await.unwrap();
    until(async || (world.portal.sent().len() == 5).then_some(())).await;
    let steps = ["a", "b", "c", "d"].map(|step| json!({"steps": [step]}));
    assert_eq!(world.portal.sent()[1..], steps);
}

#[tokio::test]
async fn a_message_whose_dossier_never_comes_is_parked_and_goes_by_itself_when_it_comes_after_all() {
    let world = World::with(waiting()).await;
    let receipt = world.service.submit(&province(), steps(CODE, "a")).await.unwrap();
    world.clock.advance(3 * DAY + Duration::from_secs(1));
    nudge(&world);
    let detail = world.until(receipt.id, ExchangeState::Attention).await;
    let fault = detail.record.deliveries[0].fault.as_ref().unwrap();
    assert_eq!((fault.code, fault.kind), (FaultCode::AwaitedMissing, FaultKind::NotFound));
    assert!(fault.detail.contains("portal.sync-dossier") && detail.record.deliveries[0].attempts == 0);
    assert_eq!(gateway(&world), GateState::Open);
    world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
}

#[tokio::test]
async fn who_releases_it_too_early_finds_it_parked_again() {
    let world = World::with(waiting()).await;
    let receipt = world.service.submit(&province(), steps(CODE, "a")).await.unwrap();
    let id = world.of_key(CODE).await[0].deliveries[0].id;
    world.service.release(&operator(), id).await.unwrap();
    // Its time is not over: it waits on.
    until(async || (world.states(receipt.id).await == [StateName::Waiting]).then_some(())).await;
    assert!(world.portal.sent().is_empty());
}

#[tokio::test]
async fn waiting_survives_a_restart_and_so_does_what_came_meanwhile() {
    let world = World::with(waiting()).await;
    let receipt = world.service.submit(&province(), steps(CODE, "a")).await.unwrap();
    let world = world.restarted(waiting()).await;
    assert_eq!(world.states(receipt.id).await, [StateName::Waiting]);
    // The dossier is delivered by a process that does not know that anything waits for it.
    let unaware = world.restarted(vec![straight("portal.sync-dossier")]).await;
    let dossier = unaware.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    unaware.until(dossier.id, ExchangeState::Delivered).await;
    assert_eq!(unaware.states(receipt.id).await, [StateName::Waiting]);
    let world = unaware.restarted(waiting()).await;
    world.until(receipt.id, ExchangeState::Delivered).await;
    until(async || (world.portal.sent().len() == 2).then_some(())).await;
}

#[tokio::test]
async fn what_is_missing_is_asked_for_with_purpose_and_person_and_counted_as_data_used_again() {
    let world = World::with(vec![filling(OnNotFound::Park)]).await;
    world.population.next(Behaviour::Answers(json!({"name": "Nguyễn Văn Mẫu"})));
    let mut message = dossier(CODE, "k1");
    message.purpose = Some("1.000094".to_owned());
    message.on_behalf_of = Some(OnBehalfOf { unit: Some("H56.14".to_owned()), officer: Some("ttmau".to_owned()) });
    world.service.submit(&province(), message.clone()).await.unwrap();
    let done = |records: &[ExchangeRecord]| records.len() == 2 && state(&records[1]) == StateName::Delivered;
    let records = world.once(CODE, done).await;
    assert_eq!(world.portal.sent(), [json!({"code": CODE, "status": 4, "note": "Nguyễn Văn Mẫu"})]);
    let told = (message.purpose, message.on_behalf_of);
    assert_eq!((&*world.population.told.lock(), &*world.portal.told.lock()), (&vec![told.clone()], &vec![told]));
    assert_eq!(records[0].deliveries[0].system.as_str(), "population");
    let events = world.journal.events(0, 100).await.unwrap();
    let reuse =
        events.iter().filter(|event| event.kind == EventKind::Delivered && event.note.as_deref() == Some("data reuse"));
    let operations: Vec<_> = reuse.map(|event| event.operation.as_ref().unwrap().as_str()).collect();
    assert_eq!(operations, ["population.find-citizen"]);
}

#[tokio::test]
async fn a_message_that_needs_nothing_is_not_asked_about() {
    let world = World::with(vec![filling(OnNotFound::Park)]).await;
    let receipt = world.service.submit(&province(), noted(CODE, "k1")).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    assert!(world.population.sent().is_empty());
    assert_eq!(world.of_key(CODE).await.len(), 1);
}

#[tokio::test]
async fn a_subject_nobody_knows_parks_or_goes_on_as_the_route_says() {
    let world = World::with(vec![filling(OnNotFound::Park)]).await;
    let nobody = || Behaviour::Refuses(Fault::of(FaultKind::NotFound, "nobody of that number"));
    world.population.next(nobody());
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.until(receipt.id, ExchangeState::Attention).await;
    assert!(world.portal.sent().is_empty());
    world.reload("v2", vec![filling(OnNotFound::Continue)]).await;
    world.population.next(nobody());
    let receipt = world.service.submit(&province(), dossier(OTHER, "k2")).await.unwrap();
    let detail = world.until(receipt.id, ExchangeState::Delivered).await;
    assert!(detail.attempts[0].1[0].answer.is_none());
    until(async || (world.portal.sent() == [json!({"code": OTHER, "status": 4})]).then_some(())).await;
}

#[tokio::test]
async fn a_population_database_that_is_down_holds_up_only_what_needs_it_and_its_followers() {
    let world = World::with(vec![filling(OnNotFound::Park)]).await;
    let population = "population".parse().unwrap();
    world.service.pause(&operator(), Some(&population)).await.unwrap();
    world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    // Of the same dossier: it must not overtake, although it needs nothing.
    let second = world.service.submit(&province(), noted(CODE, "k2")).await.unwrap();
    let free = world.service.submit(&province(), noted(OTHER, "k3")).await.unwrap();
    world.until(free.id, ExchangeState::Delivered).await;
    assert_eq!(world.states(second.id).await, [StateName::Queued]);
    world.population.next(Behaviour::Answers(json!({"name": "Mẫu"})));
    world.service.resume(&operator(), Some(&population)).await.unwrap();
    until(async || (world.portal.sent().len() == 3).then_some(())).await;
    let statuses: Vec<_> =
        world.portal.sent().iter().map(|sent| (sent["code"].clone(), sent["status"].clone())).collect();
    assert_eq!(statuses, [(json!(OTHER), json!(9)), (json!(CODE), json!(4)), (json!(CODE), json!(9))]);
    assert_eq!(world.population.sent().len(), 1);
}

#[tokio::test]
async fn a_stage_its_route_no_longer_has_is_an_error_and_not_a_loss() {
    let world = World::with(vec![filling(OnNotFound::Park)]).await;
    let population = "population".parse().unwrap();
    world.service.pause(&operator(), Some(&population)).await.unwrap();
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let bare = RouteSpec { patterns: Patterns::default(), ..filling(OnNotFound::Park) };
    let tap = RouteSpec {
        patterns: Patterns { tap: true, ..Patterns::default() },
        ..route("tap", "portal.sync-steps", RouteTarget::Inbox(province().client))
    };
    world.reload("v2", vec![bare, tap.clone()]).await;
    world.service.resume(&operator(), Some(&population)).await.unwrap();
    let detail = world.until(receipt.id, ExchangeState::Attention).await;
    assert_eq!(detail.record.deliveries[0].fault.as_ref().unwrap().kind, FaultKind::Mapping);
    world.population.next(Behaviour::Answers(json!({"name": "Mẫu"})));
    world.reload("v3", vec![filling(OnNotFound::Park), tap]).await;
    until(async || (world.portal.sent().len() == 1).then_some(())).await;
}
