//! Runs over a journal and a portal of one's own: what is found, what is sent once, what two operators and a newer message do to each other.

mod daily;
mod lists;

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::program::{Compiler as _, ProgramText};
use lienthong_core::{FaultCode, FaultKind};
use lienthong_formats::encoding::Encoding;
use lienthong_journal::Journal as _;
use serde_json::json;

use super::fixture::*;
use crate::reconcile::read::Form;
use crate::reconcile::run::Wanted;
use crate::reconcile::{ExportSpec, Fields, Found, LookedUpSpec, Order, Phase, Sent, Side, Spec, Why};
use crate::routing::Programs;
use crate::service::{OperatorAct, PartGiven, RunAsked, RunView};

fn export() -> ExportSpec {
    let text = r#"
        body = { "code": .code, "status": to_int!(.status) }
        if .due != "" { body.note = .due }
        . = { "key": .code, "body": body }"#;
    let text = ProgramText { place: "row.vrl".to_owned(), text: text.to_owned() };
    let make = Programs::over(&Arc::default()).compile(&text).unwrap();
    ExportSpec { encoding: Encoding::Utf8, delimiter: b',', columns: vec!["code".to_owned()], make }
}

fn spec() -> Spec {
    let at = |pointer: &str| Some(pointer.to_owned());
    let ranks = ["2", "4", "9", "10"].map(|status| vec![status.to_owned()]);
    Spec {
        name: "dossiers".to_owned(),
        summary: String::new(),
        operation: "portal.sync-dossier".parse().unwrap(),
        client: province().client,
        fields: Fields { status: at("/status"), due: at("/note"), ..Fields::default() },
        export: export(),
        there: Some(export()),
        lookup: None,
        order: Order::new(ranks.to_vec()).unwrap(),
        daily: None,
        keep: Duration::from_secs(30 * 86_400),
        most_rows: 1_000,
    }
}

async fn world_of(spec: Spec) -> World {
    let world = World::new().await;
    world.reconcile(spec);
    world
}

impl World {
    async fn begun(&self) -> RunView {
        let asked = RunAsked { name: "dossiers".to_owned(), from: None, to: None, from_files: false };
        self.service.begin_reconciliation(&operator(), asked).await.unwrap()
    }

    async fn hand(&self, view: &RunView, side: Side, number: u32, rows: &str) -> RunView {
        let list = format!("code,status,due\n{rows}");
        let part = PartGiven { side, number, form: Form::Csv, bytes: list.as_bytes() };
        self.service.add_to_reconciliation(&view.id, part).await.unwrap()
    }

    /// To its end, as the runner does it.
    async fn compared(&self, view: &RunView) -> RunView {
        let mut view = self.service.compare_reconciliation(&operator(), &view.id).await.unwrap();
        let comparing = self.service.comparing(&view).await.unwrap();
        while view.run.phase == Phase::Comparing {
            view = self.service.compare_on(&comparing, view).await.unwrap();
        }
        view
    }

    async fn run_of(&self, here: &str, there: Option<&str>) -> RunView {
        let view = self.begun().await;
        self.hand(&view, Side::Here, 1, here).await;
        if let Some(there) = there {
            self.hand(&view, Side::There, 1, there).await;
        }
        self.compared(&view).await
    }

    async fn sent(&self, act: &OperatorAct, view: &RunView, wanted: Wanted) -> RunView {
        let mut view = self.service.send_differences(act, &view.id, wanted).await.unwrap();
        while view.run.sending.is_some() {
            view = self.service.send_on(view).await.unwrap();
        }
        view
    }

    async fn found(&self, view: &RunView) -> Vec<Found> {
        self.service.differences(&view.id, &Wanted::default(), None, 500).await.unwrap().found
    }

    fn arrived(&self) -> usize {
        self.portal.received.lock().len()
    }
}

/// Pieces of lists that lie in the journal.
async fn pieces(world: &World) -> usize {
    world.journal.memos("reconciliation-rows", None, 100).await.unwrap().len()
}

fn all() -> Wanted {
    Wanted::default()
}

#[tokio::test]
async fn three_sides_tell_whose_turn_it_is() {
    let world = world_of(spec()).await;
    let delivered = world
        .service
        .submit(
            &province(),
            submission(
                "portal.sync-dossier",
                "H56.14-250115-0001",
                &json!({"code": "H56.14-250115-0001", "status": 9}),
                "a",
            ),
        )
        .await
        .unwrap();
    world.until(delivered.id, ExchangeState::Delivered).await;
    let fault = lienthong_core::Fault::of(FaultKind::Rejected, "không thành công");
    world
        .parked(
            submission(
                "portal.sync-dossier",
                "H56.14-250115-0002",
                &json!({"code": "H56.14-250115-0002", "status": 9}),
                "b",
            ),
            fault,
        )
        .await;
    let here = "H56.14-250115-0001,9,\nH56.14-250115-0002,9,\nH56.14-250115-0003,9,\nH56.14-250115-0004,4,\nH56.14-250115-0005,4,2026-01-20\nH56.14-250115-0006,9,\n";
    let there =
        "H56.14-250115-0004,10,\nH56.14-250115-0005,4,2026-01-22\nH56.14-250115-0006,9,\nH56.14-250115-0007,2,\n";
    let view = world.run_of(here, Some(there)).await;
    assert_eq!(view.run.phase, Phase::Done);
    let found: Vec<(String, Why)> =
        world.found(&view).await.into_iter().map(|one| (one.key.to_string(), one.why)).collect();
    let expected = [
        ("H56.14-250115-0001", Why::DeliveredNotShown),
        ("H56.14-250115-0002", Why::Parked),
        ("H56.14-250115-0003", Why::NeverHandedOver),
        ("H56.14-250115-0004", Why::NewerThere),
        ("H56.14-250115-0005", Why::Undecided),
        ("H56.14-250115-0007", Why::NotInTheList),
    ];
    assert_eq!(found, expected.map(|(key, why)| (key.to_owned(), why)));
    let counts = view.run.counts;
    assert_eq!(
        (counts.keys, counts.equal, counts.missing_there, counts.missing_here, counts.newer_there),
        (7, 1, 3, 1, 1)
    );
    let wanted = Wanted { why: Some(Why::NewerThere), ..Wanted::default() };
    assert_eq!(world.service.differences(&view.id, &wanted, None, 10).await.unwrap().found.len(), 1);
}

#[tokio::test]
async fn what_is_chosen_is_sent_once_and_what_may_be_newer_there_only_with_a_word() {
    let world = world_of(spec()).await;
    let view = world.run_of("H56.14-250115-0001,10,\nH56.14-250115-0002,4,\n", Some("H56.14-250115-0002,9,\n")).await;
    refused(
        world.service.send_differences(&OperatorAct { reason: None, ..operator() }, &view.id, all()).await,
        FaultCode::ReasonMissing,
    );
    let view = world.sent(&operator(), &view, all()).await;
    assert_eq!(view.run.sent.iter().map(|sending| (sending.sent, sending.not_sent)).collect::<Vec<_>>(), [(1, 1)]);
    world
        .once("H56.14-250115-0001", |all| {
            all.len() == 1 && all[0].deliveries[0].state.name() == lienthong_core::StateName::Delivered
        })
        .await;
    let found = world.found(&view).await;
    assert!(matches!(found[0].sent, Some(Sent::As(_))) && matches!(found[1].sent, Some(Sent::Not(_))), "{found:?}");
    // The same again, by another operator.
    let view = world.sent(&OperatorAct { operator: "minh".to_owned(), ..operator() }, &view, all()).await;
    assert_eq!((world.kept().await, world.arrived()), (1, 1));
    let view = world.sent(&OperatorAct { confirmed: true, ..operator() }, &view, all()).await;
    assert_eq!(view.run.sent.len(), 3);
    world.once("H56.14-250115-0002", |all| all.len() == 1).await;
}

#[tokio::test]
async fn what_was_handed_over_since_is_not_undone() {
    let world = world_of(spec()).await;
    let view = world.run_of("H56.14-250115-0001,9,\n", Some("")).await;
    let newer = submission(
        "portal.sync-dossier",
        "H56.14-250115-0001",
        &json!({"code": "H56.14-250115-0001", "status": 10}),
        "n",
    );
    let receipt = world.service.submit(&province(), newer).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    let view = world.sent(&operator(), &view, all()).await;
    let found = world.found(&view).await;
    assert!(matches!(&found[0].sent, Some(Sent::Not(why)) if why.contains("since it was compared")), "{found:?}");
    assert_eq!(world.kept().await, 1);
}

#[tokio::test]
async fn two_operators_at_once_do_not_send_in_each_others_sendings() {
    let world = world_of(spec()).await;
    let view = world.run_of("H56.14-250115-0001,9,\n", Some("")).await;
    world.service.send_differences(&operator(), &view.id, all()).await.unwrap();
    let other = OperatorAct { operator: "minh".to_owned(), ..operator() };
    refused(world.service.send_differences(&other, &view.id, all()).await, FaultCode::WrongState);
    world.service.stop_reconciliation(&other, &view.id).await.unwrap();
    let view = world.service.a_reconciliation(&view.id).await.unwrap();
    assert!(view.run.sending.is_none() && view.run.sent.len() == 1);
    refused(world.service.stop_reconciliation(&other, &view.id).await, FaultCode::WrongState);
}

#[tokio::test]
async fn a_part_whose_answer_was_lost_is_taken_once_and_none_is_skipped() {
    let world = world_of(spec()).await;
    let view = world.begun().await;
    for _ in 0..2 {
        let view = world.hand(&view, Side::Here, 1, "H56.14-250115-0001,9,\n").await;
        assert_eq!((view.run.here.parts, view.run.here.rows), (1, 1));
    }
    let part = PartGiven { side: Side::Here, number: 3, form: Form::Csv, bytes: b"code,status,due\n" };
    refused(world.service.add_to_reconciliation(&view.id, part).await, FaultCode::WrongState);
    // A row of a later part counts where it contradicts an earlier one.
    world.hand(&view, Side::Here, 2, "H56.14-250115-0001,10,\nH56.14-250115-0002,4,\nH56.14-250115-0002,4,\n").await;
    let view = world.compared(&view).await;
    let found = world.found(&view).await;
    assert_eq!((view.run.counts.repeated, view.run.counts.conflicting, found.len()), (1, 1, 2));
    assert_eq!(found[0].here.as_ref().unwrap().status.as_deref(), Some("10"));
    refused(world.service.compare_reconciliation(&operator(), &view.id).await, FaultCode::WrongState);
}

#[tokio::test]
async fn a_list_of_too_many_rows_and_one_nobody_can_read_are_refused() {
    let world = world_of(Spec { most_rows: 2, ..spec() }).await;
    let view = world.begun().await;
    let part =
        PartGiven { side: Side::Here, number: 1, form: Form::Csv, bytes: b"code,status,due\na,4,\nb,4,\nc,4,\n" };
    refused(world.service.add_to_reconciliation(&view.id, part).await, FaultCode::BodyTooLarge);
    refused(world.service.compare_reconciliation(&operator(), &view.id).await, FaultCode::WrongState);
    world.hand(&view, Side::Here, 1, "H56.14-250115-0001,four,\n").await;
    let fault = refused(world.service.compare_reconciliation(&operator(), &view.id).await, FaultCode::Invalid);
    assert!(fault.detail.contains("line 2"), "{fault}");
    let asked = RunAsked { name: "nothing".to_owned(), from: None, to: None, from_files: false };
    refused(world.service.begin_reconciliation(&operator(), asked).await, FaultCode::NoSuchRecord);
}

#[tokio::test]
async fn the_portal_is_asked_and_asked_again_before_anything_is_sent() {
    let lookup = LookedUpSpec {
        operation: "portal.find-dossier".parse().unwrap(),
        field: "code".to_owned(),
        exists: Some("/exists".to_owned()),
        status: Some("/status".to_owned()),
        per_second: 1_000.0,
    };
    let world = world_of(Spec { lookup: Some(lookup), there: None, ..spec() }).await;
    for answer in [json!({"exists": true, "status": 9}), json!({"exists": false}), json!({"exists": "?"})] {
        world.portal.next(Behaviour::Answers(answer));
    }
    let view = world.run_of("H56.14-250115-0001,10,\nH56.14-250115-0002,4,\nH56.14-250115-0003,4,\n", None).await;
    let counts = view.run.counts;
    assert_eq!((counts.asked, counts.unanswered, counts.status, counts.missing_there), (3, 1, 1, 2));
    // Meanwhile the portal moved the first, and got the second from elsewhere.
    for answer in
        [json!({"exists": true, "status": 10}), json!({"exists": true, "status": 4}), json!({"exists": false})]
    {
        world.portal.next(Behaviour::Answers(answer));
    }
    let view = world.sent(&operator(), &view, all()).await;
    let sent: Vec<bool> = world.found(&view).await.iter().map(|one| matches!(one.sent, Some(Sent::As(_)))).collect();
    assert_eq!(sent, [false, false, true]);
}

#[tokio::test]
async fn what_is_too_old_and_runs_beyond_the_last_are_forgotten() {
    let world = world_of(spec()).await;
    let view = world.run_of("H56.14-250115-0001,9,\n", Some("")).await;
    assert_eq!(world.found(&view).await.len(), 1);
    world.clock.advance(Duration::from_secs(31 * 86_400));
    world.begun().await;
    assert_eq!(world.found(&view).await.len(), 0, "differences are kept for a month");
    assert_eq!(world.service.a_reconciliation(&view.id).await.unwrap().run.counts.different, 1);
}
