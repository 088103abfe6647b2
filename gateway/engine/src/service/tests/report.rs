//! Counting days from the event log: each thing once, for its unit and day, and longer than what it counts.

use std::time::Duration;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{Fault, FaultKind};
use lienthong_journal::{Journal as _, Retention};
use serde_json::json;

use super::fixture::*;
use crate::report::{Asked, Counts, ReportFields, Reports};

impl World {
    async fn counted(&self) -> Vec<(Option<String>, Counts)> {
        let mut counting = self.service.counting().await.unwrap();
        while self.service.count_on(&mut counting).await.unwrap() {}
        let asked = Asked { split: "unit".parse().unwrap(), ..Asked::default() };
        let rows = self.service.report(&asked).await.unwrap();
        rows.into_iter().map(|row| (row.unit, row.counts)).collect()
    }
}

async fn world() -> World {
    let world = World::new().await;
    let fields = ReportFields { unit: Some("/note".to_owned()), ..ReportFields::default() };
    world.report_by(Reports([("portal.sync-dossier".parse().unwrap(), fields)].into()));
    world
}

fn of_unit(code: &str, unit: &str) -> crate::service::Submission {
    submission("portal.sync-dossier", code, &json!({"code": code, "status": 4, "note": unit}), code)
}

#[tokio::test]
async fn a_failure_is_one_until_it_is_repaired_and_its_time_is_told() {
    let world = world().await;
    let fault = || Fault::of(FaultKind::Rejected, "không thành công");
    let id = world.parked(of_unit("H56.14-250115-0001", "A"), fault()).await;
    assert_eq!(world.counted().await[0].1.failed, 1);
    world.portal.next(Behaviour::Refuses(fault()));
    world.clock.advance(Duration::from_secs(3_600));
    world.service.release(&operator(), id).await.unwrap();
    world.until(id.exchange, ExchangeState::Attention).await;
    world.clock.advance(Duration::from_secs(3_600));
    world.service.release(&operator(), id).await.unwrap();
    world.until(id.exchange, ExchangeState::Delivered).await;
    let rows = world.counted().await;
    let [(unit, counts)] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(unit.as_deref(), Some("A"));
    assert_eq!((counts.failed, counts.repaired, counts.exchanged), (1, 1, 1));
    let within = counts.repaired_within(0.5).unwrap().as_secs();
    assert!((7_200..8_640).contains(&within), "two hours, told as {within} s");
    assert_eq!(world.counted().await, rows, "counting again counts nothing twice");
}

#[tokio::test]
async fn reports_outlive_what_they_count() {
    let world = world().await;
    let receipt = world.service.submit(&province(), of_unit("H56.14-250115-0001", "A")).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    let before = world.counted().await;
    assert_eq!(before[0].1.exchanged, 1);
    let short = Duration::from_secs(1);
    let retention = Retention { bodies: short, exchanges: short, events: short, step_rows: 1_000 };
    let now = world.service.now().saturating_add(Duration::from_secs(3_600)).unwrap();
    while !world.journal.retain(retention, now).await.unwrap().done {}
    assert_eq!(world.kept().await, 0);
    assert_eq!(world.counted().await, before);
}
