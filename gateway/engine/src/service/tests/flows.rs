//! Flows over the real journal: timers that outlive the process, errors that resolve by themselves, pauses and early ends.

use std::time::Duration;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::inbound::InboundRequest;
use lienthong_core::{Clock as _, FaultCode, StateName};
use lienthong_journal::{Command, GroupFilter, Journal as _};
use serde_json::json;

use super::fixture::{CODE, World, operator, program, province, routes, submission, system, until};
use crate::flow::{EndSpec, FlowSpec, MatchSpec, On, StepSpec, StepState};

const DAY: Duration = Duration::from_secs(86_400);

fn on(operation: &str, on: On, when: Option<&str>) -> MatchSpec {
    MatchSpec { operation: operation.parse().unwrap(), on, when: when.and_then(program) }
}

fn status(status: u32) -> MatchSpec {
    on("portal.sync-dossier", On::Delivered, Some(&format!(".status == {status}")))
}

fn step(name: &str, by: MatchSpec, after: &[&str]) -> StepSpec {
    StepSpec {
        name: name.to_owned(),
        line: 1,
        completed_by: vec![by],
        after: after.iter().map(|name| (*name).to_owned()).collect(),
        within: Some("3d".parse().unwrap()),
        who_acts: "the tax office".to_owned(),
        repeats: false,
    }
}

/// A dossier is received (4), the tax notice comes, steps are told; 5 pauses, 6 resumes, 7 ends.
fn land() -> FlowSpec {
    FlowSpec {
        name: "land".to_owned(),
        summary: "A land dossier.".to_owned(),
        file: "flows/land.yaml".to_owned(),
        line: 1,
        begins: vec![status(4)],
        steps: vec![
            step("notice", on("portal.notify-tax", On::Accepted, None), &[]),
            step("told", on("portal.sync-steps", On::Delivered, None), &["notice"]),
        ],
        pauses: vec![status(5)],
        resumes: vec![status(6)],
        ends: vec![EndSpec { name: "withdrawn".to_owned(), on: status(7) }],
        calendar: None,
    }
}

async fn world() -> World {
    World::flowing(routes(), vec![land()]).await
}

async fn tell(world: &World, status: u32) {
    let body = json!({"code": CODE, "status": status});
    let message = submission("portal.sync-dossier", CODE, &body, &format!("s{status}"));
    let receipt = world.service.submit(&province(), message).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
}

async fn notice(world: &World) {
    let body = json!({"secret": "s3cret", "id": 1, "notices": [{"code": CODE}]});
    let request = InboundRequest {
        method: "POST".to_owned(),
        path: "/notify".to_owned(),
        query: None,
        headers: Vec::new(),
        body: body.to_string().into(),
    };
    assert_eq!(world.service.inbound(&system(), request).await.unwrap().status, 200);
}

/// States of the timers of the key, oldest first.
async fn timers(world: &World) -> Vec<StateName> {
    let records = world.of_key(CODE).await;
    let timers = records.iter().filter(|record| record.meta.operation.as_str() == "gateway.stalled");
    timers.map(|record| record.deliveries[0].state.name()).collect()
}

async fn until_timers(world: &World, wanted: &[StateName]) {
    until(async || (timers(world).await == wanted).then_some(())).await;
}

async fn steps(world: &World) -> Vec<StepState> {
    let timeline = world.service.timeline(&CODE.parse().unwrap()).await.unwrap();
    timeline.flows[0].standing.steps.iter().map(|step| step.state).collect()
}

fn pass(world: &World, time: Duration) {
    world.clock.advance(time);
    world.service.dispatcher.nudge(&"gateway".parse().unwrap());
}

#[tokio::test]
async fn a_step_that_is_late_is_an_error_that_names_who_must_act_and_resolves_by_itself() {
    let world = world().await;
    tell(&world, 4).await;
    until_timers(&world, &[StateName::Waiting]).await;
    assert!(matches!(steps(&world).await[..], [StepState::Waiting { .. }, StepState::Ahead]));
    pass(&world, 3 * DAY + Duration::from_secs(5));
    until_timers(&world, &[StateName::Parked]).await;
    let groups = world.service.groups(GroupFilter::default(), None, 10).await.unwrap().rows;
    assert_eq!((groups.len(), groups[0].sample.code, groups[0].parked), (1, FaultCode::Stalled, 1));
    assert!(
        groups[0].sample.detail.contains("step notice") && groups[0].sample.detail.contains("the tax office must act")
    );
    assert!(matches!(steps(&world).await[0], StepState::Late { .. }));
    let stalls = world.service.stalls().await.unwrap();
    let [late, ahead] = stalls.flows[0].steps.as_slice() else { panic!("{stalls:?}") };
    assert_eq!((late.name.as_str(), late.late, late.waiting, ahead.late), ("notice", 1, 0, 0));
    assert_eq!(late.group.as_ref(), Some(&groups[0].fingerprint));
    assert_eq!((late.longest.len(), late.longest[0].key.as_str(), stalls.truncated), (1, CODE, false));
    // Released, it is as late as before.
    let parked =
        world.of_key(CODE).await.into_iter().find(|record| record.meta.operation.as_str() == "gateway.stalled");
    world.service.release(&operator(), parked.unwrap().deliveries[0].id).await.unwrap();
    until_timers(&world, &[StateName::Parked]).await;
    notice(&world).await;
    until_timers(&world, &[StateName::Delivered, StateName::Waiting]).await;
    assert!(matches!(steps(&world).await[..], [StepState::Done { .. }, StepState::Waiting { .. }]));
    let stalls = world.service.stalls().await.unwrap();
    let counts: Vec<_> = stalls.flows[0].steps.iter().map(|step| (step.waiting, step.late)).collect();
    assert_eq!(counts, [(0, 0), (1, 0)]);
    assert_eq!(world.service.groups(GroupFilter::default(), None, 10).await.unwrap().rows.len(), 0);
}

#[tokio::test]
async fn timers_outlive_the_process_and_what_happened_meanwhile_is_seen() {
    let world = world().await;
    tell(&world, 4).await;
    until_timers(&world, &[StateName::Waiting]).await;
    world.clock.advance(4 * DAY);
    let world = world.restarted(routes()).await;
    until_timers(&world, &[StateName::Parked]).await;
    // The notice comes when nobody watches: its event is on disk, and the cursor is before it.
    let cursor = world.journal.cursor("flows").await.unwrap();
    notice(&world).await;
    let set = lienthong_journal::Command::SetCursor {
        name: "flows".to_owned(),
        value: cursor.unwrap(),
        at: "2025-01-20T00:00:00Z".parse().unwrap(),
    };
    until_timers(&world, &[StateName::Delivered, StateName::Waiting]).await;
    world.journal.commit(vec![set]).await.unwrap();
    let world = world.restarted(routes()).await;
    // Seen a second time, it changes nothing.
    tokio::time::sleep(Duration::from_millis(50)).await;
    until_timers(&world, &[StateName::Delivered, StateName::Waiting]).await;
}

#[tokio::test]
async fn time_stands_still_in_a_pause_and_an_end_settles_everything() {
    let world = world().await;
    tell(&world, 4).await;
    until_timers(&world, &[StateName::Waiting]).await;
    world.clock.advance(DAY);
    tell(&world, 5).await;
    pass(&world, 20 * DAY);
    until(async || matches!(steps(&world).await[0], StepState::Paused { .. }).then_some(())).await;
    until_timers(&world, &[StateName::Waiting]).await;
    tell(&world, 6).await;
    pass(&world, DAY);
    tokio::time::sleep(Duration::from_millis(50)).await;
    until_timers(&world, &[StateName::Waiting]).await;
    pass(&world, DAY + Duration::from_secs(5));
    until_timers(&world, &[StateName::Parked]).await;
    tell(&world, 7).await;
    until_timers(&world, &[StateName::Delivered]).await;
    let timeline = world.service.timeline(&CODE.parse().unwrap()).await.unwrap();
    let ended = timeline.flows[0].standing.ended.clone().unwrap();
    assert_eq!(ended.by.as_deref(), Some("withdrawn"));
    assert_eq!(steps(&world).await, [StepState::Skipped; 2]);
    // Its timers are no part of what the key's timeline shows.
    assert!(timeline.exchanges.iter().all(|detail| detail.record.meta.operation.as_str() == "portal.sync-dossier"));
}

#[tokio::test]
async fn what_happened_before_the_watcher_was_ever_there_is_taken_in_with_the_next_news() {
    let world = World::with(routes()).await;
    tell(&world, 4).await;
    // As in a journal in which nobody followed flows until now.
    let (value, at) = (world.journal.last_event().await.unwrap().to_string(), world.clock.now());
    let mark = Command::SetCursor { name: "flows".to_owned(), value, at };
    world.journal.commit(vec![mark]).await.unwrap();
    let watched = world.flow_from_now(vec![land()]).await;
    notice(&watched).await;
    until_timers(&watched, &[StateName::Waiting]).await;
    assert!(matches!(steps(&watched).await[..], [StepState::Done { .. }, StepState::Waiting { .. }]));
}
