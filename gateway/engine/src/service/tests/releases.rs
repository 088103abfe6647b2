//! Releases in steps: growing, pausing by themselves, resumed, over a restart, and never sending twice what may have happened.

use std::time::Duration;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{Body, DeliveryId, Fault, FaultCode, FaultKind, Fingerprint, Lookup, StateName};
use lienthong_journal::{ActFilter, BacklogRow, GroupFilter, Journal as _};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::fixture::{Behaviour, CODE, World, dossier, operator, refused, routes, straight, submission};
use crate::desk::{CaseState, Going, Pace};
use crate::service::{OperatorAct, ReleaseView};

fn rejected() -> Fault {
    Fault::of(FaultKind::Rejected, "no fee")
}

fn code(number: usize) -> String {
    format!("H56.14-250115-{number:04}")
}

async fn parked(world: &World, many: usize) -> (Fingerprint, Vec<DeliveryId>) {
    let mut ids = Vec::new();
    for number in 0..many {
        ids.push(world.parked(dossier(&code(number), &format!("k{number}")), rejected()).await);
    }
    let group = world.service.groups(GroupFilter::default(), None, 10).await.unwrap().rows[0].fingerprint.clone();
    (group, ids)
}

fn pace(steps: &[u32], stop_above: u8) -> Pace {
    Pace { steps: steps.to_vec(), per_second: None, stop_above }
}

/// The runner of a world; it stops with this.
struct Runner(CancellationToken, tokio::task::JoinHandle<()>);

impl Runner {
    fn of(world: &World) -> Self {
        let stopping = CancellationToken::new();
        let running = tokio::spawn(crate::release::run(world.service.clone(), stopping.clone()));
        Self(stopping, running)
    }

    /// Ends it in the middle of its work, and waits for what it has sent.
    async fn stop(mut self, world: &World) {
        self.0.cancel();
        (&mut self.1).await.unwrap();
        let moving = |row: &BacklogRow| row.state != StateName::Parked && row.count > 0;
        while world.journal.backlog().await.unwrap().iter().any(moving) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

async fn until(world: &World, id: &str, going: Going) -> ReleaseView {
    let looking = async {
        loop {
            let view = world.service.a_release(id).await.unwrap();
            if view.release.going == going {
                return view;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), looking).await.expect("the release never came there")
}

#[tokio::test]
async fn a_release_grows_step_by_step_and_sends_each_member_once() {
    let world = World::new().await;
    let _runner = Runner::of(&world);
    let (group, ids) = parked(&world, 12).await;
    let sent = world.portal.sent().len();
    let begun = world.service.begin_release(&operator(), &group, pace(&[1, 3, 5], 20)).await.unwrap();
    assert_eq!((begun.release.total, begun.release.going), (12, Going::Running));
    let done = until(&world, &begun.id, Going::Done).await.release;
    assert_eq!((done.delivered, done.failed, done.refused, done.step), (12, 0, 0, 4));
    assert_eq!(world.portal.sent().len() - sent, 12);
    for id in ids {
        world.until(id.exchange, ExchangeState::Delivered).await;
    }
    let acts = ActFilter { kind: Some("release".into()), id: Some(begun.id) };
    let verbs: Vec<_> =
        world.service.acts(acts, None, 10).await.unwrap().rows.into_iter().map(|act| act.verb).collect();
    assert_eq!(verbs, ["done", "began"]);
}

#[tokio::test]
async fn a_release_pauses_by_itself_and_begins_small_when_resumed() {
    let world = World::new().await;
    let _runner = Runner::of(&world);
    let (group, _) = parked(&world, 9).await;
    world.portal.next(Behaviour::Answers(json!({"ok": true})));
    world.portal.next(Behaviour::Refuses(rejected()));
    world.portal.next(Behaviour::Refuses(rejected()));
    let begun = world.service.begin_release(&operator(), &group, pace(&[1, 3, 5], 50)).await.unwrap();
    let paused = until(&world, &begun.id, Going::Paused).await.release;
    assert_eq!((paused.delivered, paused.failed), (2, 2));
    assert_eq!(paused.because.map(|why| why.to_string()).as_deref(), Some("2 of 3 in step 2 failed again"));
    assert_eq!(world.service.case(&group).await.unwrap().0.state, CaseState::Releasing);
    refused(world.service.begin_release(&operator(), &group, Pace::default()).await, FaultCode::WrongState);
    world.service.resume_release(&operator(), &begun.id).await.unwrap();
    let done = until(&world, &begun.id, Going::Done).await.release;
    assert_eq!((done.delivered, done.failed), (7, 2), "what failed again waits for a person");
    assert_ne!(world.service.case(&group).await.unwrap().0.state, CaseState::Releasing);
    refused(world.service.resume_release(&operator(), &begun.id).await, FaultCode::WrongState);
}

#[tokio::test]
async fn a_release_goes_on_after_a_restart_and_sends_nothing_twice() {
    let world = World::new().await;
    let (group, ids) = parked(&world, 10).await;
    let runner = Runner::of(&world);
    let slow = Pace { per_second: Some(10), ..pace(&[4], 20) };
    let begun = world.service.begin_release(&operator(), &group, slow).await.unwrap();
    world.until(ids[1].exchange, ExchangeState::Delivered).await;
    runner.stop(&world).await;
    assert_eq!(world.service.a_release(&begun.id).await.unwrap().release.going, Going::Running);
    let portal = std::sync::Arc::clone(&world.portal);
    let world = world.restarted(routes()).await;
    let _runner = Runner::of(&world);
    let done = until(&world, &begun.id, Going::Done).await.release;
    assert_eq!((done.delivered, done.failed, done.refused), (10, 0, 0));
    assert_eq!(portal.sent().len(), 20, "each twice: refused once, then released once");
}

#[tokio::test]
async fn a_paused_release_is_known_after_a_restart() {
    let world = World::new().await;
    let (group, _) = parked(&world, 2).await;
    let begun = world.service.begin_release(&operator(), &group, pace(&[1], 20)).await.unwrap();
    world.service.pause_release(&operator(), &begun.id).await.unwrap();
    let world = world.restarted(routes()).await;
    let _runner = Runner::of(&world);
    let known = async {
        while world.service.case(&group).await.unwrap().0.state != CaseState::Releasing {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), known).await.expect("the case never said that it is being released");
    assert_eq!(world.service.a_release(&begun.id).await.unwrap().release.going, Going::Paused);
}

#[tokio::test]
async fn what_is_stopped_stays_stopped_and_what_came_later_is_not_released() {
    let world = World::new().await;
    let (group, _) = parked(&world, 3).await;
    let begun = world.service.begin_release(&operator(), &group, pace(&[1], 20)).await.unwrap();
    world.service.pause_release(&operator(), &begun.id).await.unwrap();
    let stopped = world.service.stop_release(&operator(), &begun.id).await.unwrap();
    assert_eq!(stopped.release.going, Going::Stopped);
    let begun = world.service.begin_release(&operator(), &group, pace(&[2], 20)).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    let later = world.parked(dossier(&code(77), "k77"), rejected()).await;
    let _runner = Runner::of(&world);
    let done = until(&world, &begun.id, Going::Done).await.release;
    assert_eq!(done.delivered, 3);
    assert_eq!(world.states(later.exchange).await, [StateName::Parked]);
}

#[tokio::test]
async fn what_must_not_happen_twice_is_looked_up_before_it_is_sent_again() {
    let world = World::with(vec![straight("portal.pay-fee")]).await;
    let _runner = Runner::of(&world);
    let mut ids = Vec::new();
    for number in 0..3 {
        world.portal.next(Behaviour::Loses);
        let paid = submission("portal.pay-fee", &code(number), &json!({"code": CODE}), &format!("k{number}"));
        let receipt = world.service.submit(&super::fixture::province(), paid).await.unwrap();
        world.until(receipt.id, ExchangeState::Attention).await;
        ids.push(receipt.id);
    }
    let group = world.service.groups(GroupFilter::default(), None, 10).await.unwrap().rows[0].fingerprint.clone();
    world.portal.finds.lock().extend([Lookup::Done(Body::json("{}")), Lookup::NotDone, Lookup::Unknown]);
    let begun = world.service.begin_release(&operator(), &group, pace(&[1], 100)).await.unwrap();
    let done = until(&world, &begun.id, Going::Done).await.release;
    assert_eq!((done.delivered, done.failed, done.refused), (2, 1, 0), "{:?}", done.refusals);
    assert_eq!(world.portal.sent().len(), 4, "only the one that had not happened was sent again");
    assert_eq!(world.states(ids[2]).await, [StateName::Parked]);
}

#[tokio::test]
async fn a_release_of_nothing_or_without_sense_is_refused() {
    let world = World::new().await;
    let (group, _) = parked(&world, 1).await;
    let nobody: Fingerprint = "1-00000000000000000000000000000000".parse().unwrap();
    refused(world.service.begin_release(&operator(), &nobody, Pace::default()).await, FaultCode::NoSuchRecord);
    refused(world.service.begin_release(&operator(), &group, pace(&[0], 20)).await, FaultCode::BadParameter);
    refused(world.service.pause_release(&operator(), "x").await, FaultCode::NoSuchRecord);
    let silent = OperatorAct { reason: None, ..operator() };
    assert!(world.service.begin_release(&silent, &group, Pace::default()).await.is_ok(), "a release needs no reason");
}

#[tokio::test]
async fn a_release_asked_for_twice_under_one_id_is_begun_once() {
    let world = World::new().await;
    let (group, _) = parked(&world, 2).await;
    let (id, act) = (world.service.an_id(), operator());
    let begin = || world.service.begin_release_once(&act, &group, pace(&[1], 20), id);
    let (one, two) = tokio::join!(begin(), begin());
    assert_eq!((one.unwrap().id, two.unwrap().id), (id.to_string(), id.to_string()));
    let other = world.service.begin_release(&act, &group, pace(&[1], 20)).await;
    refused(other, FaultCode::WrongState);
    world.service.stop_release(&operator(), &id.to_string()).await.unwrap();
    let late = world.service.begin_release_once(&operator(), &group, pace(&[1], 20), id).await.unwrap();
    assert_eq!((late.release.going, world.service.releases().await.unwrap().len()), (Going::Stopped, 1));
}
