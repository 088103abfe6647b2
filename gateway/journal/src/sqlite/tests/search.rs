//! What only this implementation promises of search: terms are sealed by segments, whatever becomes of the process, and removed from them.

use std::time::Duration;

use rusqlite::Connection;

use super::{desk, options};
use crate::contract::make::{Desk, at, discarded, draft};
use crate::{Command, ExchangeFilter, Retention, Term, Transition};

const WORD: Term = Term(0x7777);

/// More than one segment; every thousandth has the word.
async fn two_segments(desk: &Desk) -> Vec<lienthong_core::DeliveryId> {
    let mut named = Vec::new();
    for batch in 0..11_i64 {
        let mut commands: Vec<Command> = Vec::new();
        for place in 0..400 {
            let number = batch * 400 + place;
            let has = number % 1000 == 0;
            let draft = draft(&format!("K-{number}")).unwrap().received(number);
            let draft = draft.with(|acceptance| acceptance.noted.terms = vec![if has { WORD } else { Term(number) }]);
            named.extend(has.then(|| draft.delivery(0)));
            commands.push(draft.command());
        }
        assert!(desk.0.commit(commands).await.unwrap().iter().all(Result::is_ok));
    }
    named
}

async fn found(desk: &Desk) -> usize {
    let filter = ExchangeFilter { terms: vec![vec![WORD]], ..ExchangeFilter::default() };
    desk.0.exchanges(filter, None, 100).await.unwrap().rows.len()
}

fn count(folder: &std::path::Path, sql: &str) -> i64 {
    let connection = Connection::open(folder.join("journal.db")).unwrap();
    connection.query_row(sql, (), |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_full_segment_is_sealed_once_and_found_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = desk(options(folder.path()));
    two_segments(&first).await;
    assert_eq!(found(&first).await, 5);
    first.0.close().await;
    assert_eq!(count(folder.path(), "SELECT count(*) FROM term_segment"), 1);
    // One row a term: of 4095 exchanges (numbers begin at 1) five share theirs.
    assert_eq!(count(folder.path(), "SELECT count(*) FROM term"), 4095 - 5 + 1);
    assert_eq!(count(folder.path(), "SELECT length(places) FROM term WHERE term = 30583"), 2 * 5);
    let second = desk(options(folder.path()));
    assert_eq!(found(&second).await, 5);
    second.0.close().await;
}

#[tokio::test]
async fn what_retention_removes_leaves_its_segment_and_an_empty_one_goes() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(options(folder.path()));
    let named = two_segments(&desk).await;
    for delivery in &named {
        let head = desk.see(*delivery).await.unwrap();
        desk.go(Transition { at: at(5000), ..discarded(&head) }).await.unwrap();
    }
    let minute = Duration::from_secs(60);
    let keep = Retention { bodies: minute, exchanges: minute, events: minute, step_rows: 500 };
    while !desk.0.retain(keep, at(10_000)).await.unwrap().done {}
    assert_eq!(found(&desk).await, 0);
    desk.0.close().await;
    assert_eq!(count(folder.path(), "SELECT count(*) FROM term WHERE term = 30583"), 0);
    assert!(count(folder.path(), "SELECT count(*) FROM term") > 4000);
}
