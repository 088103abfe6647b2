//! A process that dies at any commit of a push that is split, filled in and delivered: every row arrives, once as an exchange. It speaks no protocol.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use lienthong_core::StateName;
use lienthong_core::inbound::InboundRequest;
use lienthong_journal::sqlite::{Deed, Hooks, Point};
use serde_json::json;

use super::fixture::{World, program, route, system, until};
use crate::routing::{EnrichSpec, OnNotFound, Patterns, RouteSource, RouteSpec, RouteTarget, SplitSpec};

/// More commits than the whole way of a push takes.
const COMMITS: u32 = 14;
const ROWS: usize = 3;

fn routes() -> Vec<RouteSpec> {
    let each = program(". = {\"code\": .item.code, \"amount\": .item.amount}").unwrap();
    let splitting = RouteSpec {
        from: RouteSource::System(system()),
        patterns: Patterns { split: Some(SplitSpec { items: "/rows".to_owned(), each }), ..Patterns::default() },
        ..route("splitting", "portal.notify-tax", RouteTarget::Message("obligation.notice".parse().unwrap()))
    };
    let enrich = EnrichSpec {
        operation: "population.find-citizen".parse().unwrap(),
        when: None,
        input: program(". = {\"id\": \"001099000001\"}").unwrap(),
        into: "/owner".to_owned(),
        on_not_found: OnNotFound::Park,
    };
    let taking = RouteSpec {
        from: RouteSource::Gateway,
        transform: program(". = {\"code\": .code, \"status\": .amount}"),
        patterns: Patterns { enrich: Some(enrich), ..Patterns::default() },
        ..route("taking", "obligation.notice", RouteTarget::Operation("portal.sync-dossier".parse().unwrap()))
    };
    vec![splitting, taking]
}

fn code(row: usize) -> String {
    format!("H56.14-250115-{row:04}")
}

async fn push(world: &World) {
    let rows: Vec<_> = (0..ROWS).map(|row| json!({"code": code(row), "amount": row})).collect();
    let body = json!({"secret": "s3cret", "id": 1, "notices": [{"code": "FILE-1", "rows": rows}]});
    let request = InboundRequest {
        method: "POST".to_owned(),
        path: "/notify".to_owned(),
        query: None,
        headers: Vec::new(),
        body: body.to_string().into(),
    };
    // It may die before it can answer: then the push comes again.
    world.service.inbound(&system(), request).await.unwrap();
}

/// Both exchanges of the row: the message, and the one that is filled in and delivered.
async fn arrived(world: &World, row: usize) -> bool {
    let records = world.of_key(&code(row)).await;
    let delivered = |records: &[lienthong_journal::ExchangeRecord]| {
        records.iter().all(|record| record.deliveries[0].state.name() == StateName::Delivered)
    };
    records.len() == 2 && delivered(&records)
}

async fn all_arrived(world: &World) -> bool {
    for row in 0..ROWS {
        if !arrived(world, row).await {
            return false;
        }
    }
    true
}

async fn dies_at(point: Point, commit: u32) -> bool {
    let (seen, dead) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    // What a start commits is not counted: a process that does not start is another matter.
    let started = Arc::new(AtomicBool::new(false));
    let (counting, dying, counts) = (Arc::clone(&seen), Arc::clone(&dead), Arc::clone(&started));
    let hooks = Hooks::new(move |at| {
        let counts = counts.load(Ordering::SeqCst);
        let now = counts && at == point && counting.fetch_add(1, Ordering::SeqCst) + 1 == commit;
        if now || dying.load(Ordering::SeqCst) {
            dying.store(true, Ordering::SeqCst);
            return Deed::Die;
        }
        Deed::Go
    });
    let world = World::made(routes(), hooks, |_| {}).await;
    started.store(true, Ordering::SeqCst);
    push(&world).await;
    until(async || (dead.load(Ordering::SeqCst) || all_arrived(&world).await).then_some(())).await;
    let died = dead.load(Ordering::SeqCst);
    let world = world.restarted(routes()).await;
    push(&world).await;
    until(async || all_arrived(&world).await.then_some(())).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    // Nothing came twice: two exchanges a row, one of the file.
    let kept = world.kept().await;
    assert_eq!(kept, 2 * ROWS + 1, "{point:?} {commit}");
    let mut sent: Vec<_> = world.portal.sent().iter().map(|sent| sent["code"].as_str().unwrap().to_owned()).collect();
    sent.sort_unstable();
    sent.dedup();
    assert_eq!(sent.len(), ROWS);
    died
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_death_at_any_commit_neither_loses_nor_doubles_a_follow_up() {
    let mut deaths = 0;
    for point in [Point::BeforeCommit, Point::AfterCommit] {
        for commit in 1..=COMMITS {
            deaths += u32::from(dies_at(point, commit).await);
        }
    }
    assert!(deaths >= 10, "it died {deaths} times: the test tests too little");
}
