//! Promised dates stand still while a dossier waits for its citizen: in cases, in backlogs, in reports, and on its timeline.

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{Fault, FaultKind, SignedDuration, Timestamp};
use lienthong_journal::GroupFilter;
use serde_json::json;

use super::fixture::*;
use crate::pace::{PaceSpec, Paces};
use crate::report::Asked;
use crate::routing::Programs;

const HOUR: Duration = Duration::from_secs(3_600);

/// Time stands still at status 5, and at status 6 where the note names the procedure.
async fn world() -> World {
    let world = World::new().await;
    world.changed(|next| {
        let of =
            |operation: &str, when| PaceSpec { operation: operation.parse().unwrap(), when: program(when).unwrap() };
        let stands = of("portal.sync-dossier", ".status == 5 || (.status == 6 && .note == \"A\")");
        let paces = vec![stands, of("portal.sync-steps", ".steps == [\"asked\"]")];
        let paces = Paces::compile(paces, &next.catalogue, &Programs::new());
        next.paces = Arc::new(paces.unwrap_or_else(|problems| panic!("{problems:#?}")));
    });
    world
}

impl World {
    async fn says(&self, status: u8, note: &str) {
        let body = json!({"code": CODE, "status": status, "note": note});
        let key = format!("{status}{note}{}", self.clock_reads());
        self.service.submit(&province(), submission("portal.sync-dossier", CODE, &body, &key)).await.unwrap();
    }

    fn clock_reads(&self) -> Timestamp {
        self.service.now()
    }

    /// Refused by the portal, with a date in two hours.
    async fn promised(&self) -> lienthong_core::DeliveryId {
        let mut submission = dossier(CODE, "first");
        submission.due_at = Some(self.clock_reads().saturating_add(SignedDuration::from_hours(2)).unwrap());
        self.parked(submission, Fault::of(FaultKind::Rejected, "no fee")).await
    }

    /// Of the one group: overdue, and near.
    async fn at_risk(&self) -> (u64, u64) {
        let id = self.service.groups(GroupFilter::default(), None, 10).await.unwrap().rows[0].fingerprint.clone();
        let (_, reach) = self.service.case(&id).await.unwrap();
        (reach.overdue, reach.at_risk)
    }

    async fn on_time_and_late(&self) -> (u64, u64) {
        let mut counting = self.service.counting().await.unwrap();
        while self.service.count_on(&mut counting).await.unwrap() {}
        let rows = self.service.report(&Asked::default()).await.unwrap();
        rows.iter().fold((0, 0), |(on_time, late), row| (on_time + row.counts.on_time, late + row.counts.late))
    }
}

#[tokio::test]
async fn a_date_stands_still_while_the_dossier_waits_for_its_citizen() {
    let world = world().await;
    world.promised().await;
    world.clock.advance(HOUR);
    world.says(5, "").await;
    world.clock.advance(10 * HOUR);
    assert_eq!(world.at_risk().await, (0, 1), "an hour is left, however long the citizen takes");
    world.service.look_at_backlog().await.unwrap();
    let health = &world.service.health().await.unwrap()[0];
    let (backlog, _, _) = health.backlog.as_ref().unwrap();
    assert_eq!((backlog.overdue, backlog.near, backlog.parked_at_risk), (0, 1, 1));

    world.says(4, "").await;
    world.says(6, "B").await;
    world.clock.advance(2 * HOUR);
    assert_eq!(world.at_risk().await, (1, 0), "time runs again, and this procedure does not stop it for a payment");
    let timeline = world.service.timeline(&CODE.parse().unwrap()).await.unwrap();
    let [stood] = timeline.stood_still.as_slice() else { panic!("{:?}", timeline.stood_still) };
    let lasted = stood.until.unwrap().duration_since(stood.since);
    assert!((10..11).contains(&lasted.as_hours()), "{lasted:?}");
}

#[tokio::test]
async fn saying_again_that_it_stands_still_begins_nothing_anew_and_a_restart_forgets_nothing() {
    let world = world().await;
    world.promised().await;
    world.says(6, "A").await;
    let since = world.service.timeline(&CODE.parse().unwrap()).await.unwrap().stood_still[0].since;
    world.clock.advance(HOUR);
    world.says(5, "").await;
    let world = world.restarted(routes()).await;
    let stood = world.service.timeline(&CODE.parse().unwrap()).await.unwrap().stood_still;
    assert_eq!(stood.iter().map(|stood| (stood.since, stood.until)).collect::<Vec<_>>(), [(since, None)]);
}

#[tokio::test]
async fn what_waited_for_the_citizen_is_on_time_in_reports_and_what_did_not_is_late() {
    for (status, expected) in [(5, (1, 0)), (4, (0, 1))] {
        let world = world().await;
        let id = world.promised().await;
        world.says(status, "").await;
        world.clock.advance(10 * HOUR);
        world.service.release(&operator(), id).await.unwrap();
        world.until(id.exchange, ExchangeState::Delivered).await;
        assert_eq!(world.on_time_and_late().await, expected, "status {status}");
    }
}

#[tokio::test]
async fn what_is_sent_again_stops_no_clock_a_second_time() {
    let world = world().await;
    let first = submission("portal.sync-dossier", CODE, &json!({"code": CODE, "status": 5}), "asks");
    let asked = world.service.submit(&province(), first).await.unwrap();
    world.until(asked.id, ExchangeState::Delivered).await;
    let steps = submission("portal.sync-steps", CODE, &json!({"steps": ["received"]}), "step");
    let step = world.service.submit(&province(), steps).await.unwrap();
    world.until(step.id, ExchangeState::Delivered).await;
    let stood = async || world.service.timeline(&CODE.parse().unwrap()).await.unwrap().stood_still;
    let ended = stood().await;
    assert!(matches!(ended.as_slice(), [only] if only.until.is_some()), "steps say that it goes on: {ended:?}");
    world.clock.advance(HOUR);
    world.service.resend(&province(), asked.id, "mất ở cổng", None).await.unwrap();
    assert_eq!(stood().await, ended);
}
