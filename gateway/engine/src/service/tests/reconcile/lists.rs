//! Lists handed over in one act: compared whole, or not at all, over a restart too.

use std::io::Cursor;
use std::sync::atomic::{AtomicU32, Ordering};

use lienthong_journal::sqlite::{Deed, Hooks, Point};

use super::*;
use crate::reconcile::parts::Parts;
use crate::service::ListGiven;

fn given(side: Side, rows: &str) -> ListGiven {
    let list = Cursor::new(format!("code,status,due\n{rows}"));
    ListGiven { side, parts: Parts::of(Box::new(list), false) }
}

fn asked() -> RunAsked {
    RunAsked { name: "dossiers".to_owned(), from: None, to: None, from_files: false }
}

/// A world whose journal fails once it has made this many commits more.
async fn failing_after() -> (World, Arc<AtomicU32>) {
    let left = Arc::new(AtomicU32::new(u32::MAX));
    let counted = Arc::clone(&left);
    let hooks = Hooks::new(move |point| match point == Point::BeforeCommit {
        true if counted.load(Ordering::SeqCst) == 0 => Deed::Fail,
        true => {
            counted.fetch_sub(1, Ordering::SeqCst);
            Deed::Go
        }
        false => Deed::Go,
    });
    let world = World::made(routes(), hooks, |_| {}).await;
    world.reconcile(spec());
    (world, left)
}

/// Runs what runs by itself until the world is as wanted.
async fn running<T, F: Future<Output = Option<T>>>(world: &World, wanted: impl FnMut() -> F) -> T {
    let stopping = tokio_util::sync::CancellationToken::new();
    let runs = tokio::spawn(crate::reconciler::run(world.service.clone(), stopping.clone()));
    let came = until(wanted).await;
    stopping.cancel();
    runs.await.unwrap();
    came
}

#[tokio::test]
async fn lists_are_begun_taken_and_compared_in_one_act() {
    let world = world_of(spec()).await;
    let many: String = (0..450).map(|number| format!("H56.14-250115-{number:04},9,\n")).collect();
    let lists = vec![given(Side::Here, &many), given(Side::There, "H56.14-250115-0001,9,\n")];
    let mut view = world.service.reconcile_lists(&operator(), asked(), lists).await.unwrap();
    assert_eq!((view.run.phase, view.run.here.rows, view.run.by.as_str()), (Phase::Comparing, 450, "lan"));
    let comparing = world.service.comparing(&view).await.unwrap();
    while view.run.phase == Phase::Comparing {
        view = world.service.compare_on(&comparing, view).await.unwrap();
    }
    assert_eq!((view.run.counts.missing_there, view.run.counts.equal), (449, 1));
}

#[tokio::test]
async fn a_list_that_cannot_be_taken_ends_its_run_and_leaves_none_of_it() {
    let world = world_of(spec()).await;
    let lists = vec![given(Side::Here, "H56.14-250115-0001,9,\n"), given(Side::There, "H56.14-250115-0001,chín,\n")];
    let taken = world.service.reconcile_lists(&operator(), asked(), lists).await;
    assert!(taken.is_ok(), "one row of the other side stops no other");
    let mut wrong = given(Side::There, "");
    wrong.parts = Parts::of(Box::new(Cursor::new("mã,trạng thái\n1,2\n")), false);
    let lists = vec![given(Side::Here, "H56.14-250115-0001,9,\n"), wrong];
    let before = pieces(&world).await;
    let fault = refused(world.service.reconcile_lists(&operator(), asked(), lists).await, FaultCode::BadParameter);
    assert_eq!(fault.problems[0].pointer, "there", "which list is meant is told");
    let view = world.service.reconciliations().await.unwrap().pop().unwrap();
    assert_eq!((view.run.phase, pieces(&world).await), (Phase::Failed, before));
    assert!(view.run.because.unwrap().contains("no column `code`"));
}

#[tokio::test]
async fn half_a_list_is_compared_by_nobody_and_ended_after_a_restart() {
    let world = world_of(spec()).await;
    let view = world.service.begin_as("half", &operator(), asked(), true).await.unwrap();
    world.service.hand_list_over(&view.id, given(Side::Here, "H56.14-250115-0001,9,\n")).await.unwrap();
    let part = PartGiven { side: Side::Here, number: 2, form: Form::Csv, bytes: b"code,status,due\n" };
    refused(world.service.add_to_reconciliation(&view.id, part).await, FaultCode::WrongState);
    refused(world.service.compare_reconciliation(&operator(), &view.id).await, FaultCode::WrongState);
    let world = world.restarted(routes()).await;
    world.reconcile(spec());
    let view = running(&world, async || {
        let view = world.service.a_reconciliation("half").await.unwrap();
        (view.run.phase.is_over() && pieces(&world).await == 0).then_some(view)
    })
    .await;
    assert_eq!(view.run.phase, Phase::Failed);
    assert!(view.run.because.unwrap().contains("hand them over again"));
}

#[tokio::test]
async fn rows_that_a_run_left_behind_when_it_ended_are_removed_by_the_next_look() {
    let (world, left) = failing_after().await;
    let goes_on = world.begun().await;
    world.hand(&goes_on, Side::Here, 1, "H56.14-250115-0001,9,\n").await;
    let stopped = world.begun().await;
    world.hand(&stopped, Side::Here, 1, "H56.14-250115-0002,9,\n").await;
    left.store(1, Ordering::SeqCst);
    refused(world.service.stop_reconciliation(&operator(), &stopped.id).await, FaultCode::JournalUnavailable);
    let view = world.service.a_reconciliation(&stopped.id).await.unwrap();
    assert_eq!((view.run.phase, pieces(&world).await), (Phase::Stopped, 2), "stopped, and its rows are there still");
    let world = world.restarted(routes()).await;
    world.reconcile(spec());
    running(&world, async || (pieces(&world).await == 1).then_some(())).await;
    let view = world.compared(&goes_on).await;
    assert_eq!((view.run.phase, view.run.counts.missing_there), (Phase::Done, 1), "what is still used stays");
}

#[tokio::test]
async fn a_list_that_cannot_be_taken_is_told_though_its_run_cannot_be_ended_now() {
    let (world, left) = failing_after().await;
    let mut wrong = given(Side::There, "");
    wrong.parts = Parts::of(Box::new(Cursor::new("mã,trạng thái\n1,2\n")), false);
    let lists = vec![given(Side::Here, "H56.14-250115-0001,9,\n"), wrong];
    left.store(2, Ordering::SeqCst);
    let fault = refused(world.service.reconcile_lists(&operator(), asked(), lists).await, FaultCode::BadParameter);
    assert_eq!(fault.problems[0].pointer, "there");
    let view = world.service.reconciliations().await.unwrap().pop().unwrap();
    assert_eq!(view.run.phase, Phase::Receiving, "its end was not kept");
    left.store(u32::MAX, Ordering::SeqCst);
    let view = running(&world, async || {
        let view = world.service.a_reconciliation(&view.id).await.unwrap();
        view.run.phase.is_over().then_some(view)
    })
    .await;
    assert!(view.run.because.unwrap().contains("hand them over again"));
}
