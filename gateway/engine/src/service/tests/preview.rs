//! Previews: what would pass, fail, need a person, and why, by the running configuration and by edits; nothing is sent and nothing moves.

mod edits;
mod kinds;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{DeliveryId, ExchangeId, Fault, FaultCode, Fingerprint};
use lienthong_journal::{EventRecord, GroupFilter, Journal as _};
use serde_json::{Value, json};

use super::fixture::{World, operator, program, province, refused, straight, submission};
use crate::routing::RouteSpec;
use crate::service::{Against, Edits, Extent, FieldChange, OperatorAct, Preview, Selection, Sending, Shown, Verdict};
use crate::tables::{TableSpec, TableText, Tables};

fn tables(rows: &str) -> Arc<Tables> {
    let spec = TableSpec {
        name: "statuses".to_owned(),
        key: vec!["word".to_owned()],
        values: vec!["number".to_owned()],
        ..TableSpec::default()
    };
    let text = TableText { file: "tables/statuses.csv".to_owned(), text: format!("word,number\n{rows}") };
    Arc::new(Tables::build([(spec, text)]).unwrap())
}

/// Dossiers whose status is looked up by the word in their note.
fn mapped() -> RouteSpec {
    RouteSpec {
        transform: program(".status = to_int!(lookup!(\"statuses\", .note, at: %exchange.received_at))\ndel(.note)"),
        ..straight("portal.sync-dossier")
    }
}

fn code(number: usize) -> String {
    format!("H56.14-250115-{number:04}")
}

/// A row of the table as an edit.
fn row(word: &str, number: &str) -> Edits {
    let cells = [("word", word), ("number", number)].map(|(name, cell)| (name.to_owned(), cell.to_owned()));
    Edits { tables: [("statuses".to_owned(), vec![cells.into()])].into(), ..Edits::default() }
}

/// Dossiers with these words, each parked for want of a row or delivered.
async fn submitted(world: &World, words: &[&str]) -> Vec<ExchangeId> {
    let mut ids = Vec::new();
    for (number, word) in words.iter().enumerate() {
        let body = json!({"code": code(number), "status": 1, "note": word});
        let submission = submission("portal.sync-dossier", &code(number), &body, &code(number));
        ids.push(world.service.submit(&province(), submission).await.unwrap().id);
    }
    for (id, word) in ids.iter().zip(words) {
        let state = if *word == "received" { ExchangeState::Delivered } else { ExchangeState::Attention };
        world.until(*id, state).await;
    }
    ids
}

async fn only_group(world: &World) -> Fingerprint {
    let page = world.service.groups(GroupFilter::default(), None, 10).await.unwrap();
    assert_eq!(page.rows.len(), 1, "{:?}", page.rows);
    page.rows[0].fingerprint.clone()
}

async fn group(world: &World) -> Selection {
    Selection::Group { group: only_group(world).await, cursor: None }
}

/// Asks, and holds that nothing was sent and nothing was written but what was revealed.
async fn asked(world: &World, selection: Selection, edits: Edits, extent: Extent) -> Result<Preview, Fault> {
    let (sent, last) = (world.portal.touched.load(Ordering::Relaxed), world.journal.last_event().await.unwrap());
    let preview = world.service.preview(&operator(), selection, edits, extent).await;
    assert_eq!(world.portal.touched.load(Ordering::Relaxed), sent, "nothing is sent");
    let since = world.journal.events(last, 500).await.unwrap();
    let revealed = |event: &EventRecord| event.note.as_ref().is_some_and(|note| note.ends_with(": revealed"));
    assert!(since.iter().all(revealed) && (extent.reveal || since.is_empty()), "nothing moves: {since:?}");
    preview
}

async fn one(world: &World, id: DeliveryId, edits: Edits) -> Preview {
    let preview = asked(world, Selection::Deliveries(vec![id]), edits, different()).await.unwrap();
    assert_eq!((preview.previewed, preview.rows.len()), (1, 1));
    preview
}

fn different() -> Extent {
    Extent { differences: true, ..Extent::default() }
}

fn counts(preview: &Preview) -> Vec<(&'static str, u64)> {
    preview.counts.iter().map(|(verdict, count)| (verdict.as_str(), *count)).collect()
}

/// What was received, changed as the preview says: what would be sent.
fn changed(received: &Value, sending: &Sending) -> Value {
    let mut made = received.clone();
    for FieldChange { pointer, before: _, after } in &sending.difference.as_ref().unwrap().fields {
        let name = pointer.strip_prefix('/').unwrap();
        let fields = made.as_object_mut().unwrap();
        match after {
            Some(Shown::Value(value)) => fields.insert(name.to_owned(), value.clone()),
            Some(other) => panic!("{other:?}"),
            None => fields.remove(name),
        };
    }
    made
}

#[tokio::test]
async fn a_row_not_yet_live_is_tried_on_all_that_failed_and_what_was_foretold_is_sent() {
    let world = World::new().await;
    world.reload_with("v2", vec![mapped()], tables("received,2\n")).await;
    let ids = submitted(&world, &["received", "lost", "lost", "lost"]).await;
    let now = asked(&world, group(&world).await, Edits::default(), Extent::default()).await.unwrap();
    assert_eq!((counts(&now), now.parked, now.edited), (vec![("fails", 3)], Some(3), false));
    let [cause] = now.causes.as_slice() else { panic!("{:?}", now.causes) };
    assert_eq!((cause.count, cause.verdict, cause.fault.code), (3, Verdict::Fails, FaultCode::CodeUnmapped));
    assert_eq!(cause.fingerprint, only_group(&world).await, "it would be parked in the same group");

    let reveal = Extent { reveal: true, ..different() };
    let tried = asked(&world, group(&world).await, row("lost", "3"), reveal).await.unwrap();
    assert_eq!((counts(&tried), tried.edited, tried.causes.len()), (vec![("passes", 3)], true, 0));
    let again = asked(&world, group(&world).await, Edits::default(), Extent::default()).await.unwrap();
    assert_eq!(counts(&again), [("fails", 3)], "an edit outlives no preview");

    assert_eq!(world.reload_with("v3", vec![mapped()], tables("received,2\nlost,3\n")).await, 3);
    for id in &ids {
        world.until(*id, ExchangeState::Delivered).await;
    }
    let sent = world.portal.received.lock().clone();
    for (place, row) in tried.rows.iter().enumerate() {
        let received = json!({"code": code(place + 1), "status": 1, "note": "lost"});
        let foretold = changed(&received, &row.sends[0]);
        let bytes =
            &sent.iter().find(|(_, bytes)| serde_json::from_slice::<Value>(bytes).unwrap() == foretold).unwrap().1;
        assert_eq!(bytes.len() as u64, row.sends[0].bytes);
        assert_eq!(foretold["status"], 3);
    }
}

#[tokio::test]
async fn marked_fields_are_hidden_until_a_reason_is_given() {
    let world = World::new().await;
    world.reload_with("v2", vec![mapped()], tables("received,2\n")).await;
    submitted(&world, &["lost"]).await;
    let fields = |preview: &Preview| {
        let difference = preview.rows[0].sends[0].difference.clone().unwrap();
        assert_eq!((difference.against, difference.identical, difference.more), (Against::Received, false, 0));
        difference.fields
    };
    let change = |pointer: &str, before, after| FieldChange { pointer: pointer.to_owned(), before, after };
    let value = |value: Value| Some(Shown::Value(value));
    let hidden = asked(&world, group(&world).await, row("lost", "3"), different()).await.unwrap();
    let status = change("/status", value(json!(1)), value(json!(3)));
    assert_eq!(fields(&hidden), [change("/note", Some(Shown::Hidden), None), status.clone()]);
    let reveal = Extent { reveal: true, ..different() };
    let shown = asked(&world, group(&world).await, row("lost", "3"), reveal).await.unwrap();
    assert_eq!(fields(&shown), [change("/note", value(json!("lost")), None), status]);
    for reason in [None, Some("  ".to_owned())] {
        let silent = OperatorAct { reason, ..operator() };
        let asking = world.service.preview(&silent, group(&world).await, Edits::default(), reveal).await;
        assert_eq!(refused(asking, FaultCode::ReasonMissing).problems[0].pointer, "/reason");
    }
}

#[tokio::test]
async fn a_large_group_is_previewed_in_pages_and_a_few_are_told_of_one_by_one() {
    let world = World::new().await;
    world.reload_with("v2", vec![mapped()], tables("received,2\n")).await;
    let words: Vec<&str> = (0..230).map(|_| "lost").collect();
    let ids = submitted(&world, &words).await;
    let extent = Extent { limit: 210, rows: 3, ..Extent::default() };
    let first = asked(&world, group(&world).await, row("lost", "3"), extent).await.unwrap();
    assert_eq!((first.previewed, first.parked, counts(&first)), (210, Some(230), vec![("passes", 210)]));
    let told: Vec<ExchangeId> = first.rows.iter().map(|row| row.id.exchange).collect();
    assert_eq!(told, ids[..3], "the oldest first");
    let rest = Selection::Group { group: only_group(&world).await, cursor: first.next };
    let second = asked(&world, rest, row("lost", "3"), extent).await.unwrap();
    assert_eq!((second.previewed, second.next, second.rows[0].id.exchange), (20, None, ids[210]));
    let only = Extent { only: Some(Verdict::Fails), ..extent };
    assert!(asked(&world, group(&world).await, row("lost", "3"), only).await.unwrap().rows.is_empty());
    let nobody: Fingerprint = "1-00000000000000000000000000000000".parse().unwrap();
    let asking = asked(&world, Selection::Group { group: nobody, cursor: None }, Edits::default(), extent).await;
    refused(asking, FaultCode::NoSuchRecord);
}

#[tokio::test]
async fn each_delivery_of_a_list_is_previewed_once_and_one_that_is_not_there_is_told() {
    let world = World::new().await;
    world.reload_with("v2", vec![mapped()], tables("received,2\n")).await;
    let ids = submitted(&world, &["received", "lost"]).await;
    let delivery = |place: usize| DeliveryId { exchange: ids[place], index: 0 };
    let nobody: DeliveryId = "0193b2a0-0000-7000-8000-000000000000.0".parse().unwrap();
    let list = vec![nobody, delivery(1), delivery(0), delivery(1)];
    let preview = asked(&world, Selection::Deliveries(list), row("lost", "3"), different()).await.unwrap();
    assert_eq!(counts(&preview), [("passes", 1), ("refused", 1), ("not_previewed", 1)]);
    assert_eq!(preview.rows[0].fault.as_ref().unwrap().code, FaultCode::NoSuchRecord);
    let delivered = &preview.rows[2];
    assert_eq!((delivered.id, delivered.fault.as_ref().unwrap().code), (delivery(0), FaultCode::WrongState));
    let many = Selection::Deliveries(vec![nobody; crate::service::PREVIEW_MOST + 1]);
    refused(asked(&world, many, Edits::default(), Extent::default()).await, FaultCode::BadParameter);
}
