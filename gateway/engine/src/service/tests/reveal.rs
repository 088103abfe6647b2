//! What an operator is shown of people is on record first: who, when, why, what, and never what stood there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use lienthong_core::{Fault, FaultCode, FaultKind};
use lienthong_journal::sqlite::{Deed, Hooks, Point};
use lienthong_journal::{ActFilter, ActRecord, Actor};
use serde_json::{Value, json};

use super::fixture::{CODE, World, dossier, operator, refused, routes};
use crate::service::{Content, Edits, Extent, OperatorAct, Revealed, Selection};

async fn revealed(world: &World, exchange: impl ToString) -> Vec<ActRecord> {
    let of_it = ActFilter { kind: Some("exchange".to_owned()), id: Some(exchange.to_string()) };
    world.service.acts(of_it, None, 50).await.unwrap().rows
}

#[tokio::test]
async fn nothing_is_shown_that_could_not_be_put_on_record() {
    let failing = Arc::new(AtomicBool::new(false));
    let fails = Arc::clone(&failing);
    let hooks = Hooks::new(move |at| match at == Point::BeforeCommit && fails.load(Ordering::SeqCst) {
        true => Deed::Fail,
        false => Deed::Go,
    });
    let world = World::made(routes(), hooks, |_| {}).await;
    let id = world.parked(dossier(CODE, "k1"), Fault::of(FaultKind::Rejected, "no fee")).await;
    let mended = json!({"code": CODE, "status": 4, "note": "NGUYỄN VĂN MẪU"}).to_string();
    let reveal =
        async || world.service.try_amendment(&operator(), id, Content::New(Bytes::from(mended.clone())), true).await;
    failing.store(true, Ordering::SeqCst);
    refused(reveal().await, FaultCode::JournalUnavailable);
    failing.store(false, Ordering::SeqCst);
    assert!(revealed(&world, id.exchange).await.is_empty());
    reveal().await.unwrap();
    let acts = revealed(&world, id.exchange).await;
    let [act] = acts.as_slice() else { panic!("{acts:?}") };
    assert_eq!((act.verb.as_str(), &act.actor), ("revealed", &Actor::Operator("lan".to_owned())));
    assert_eq!(act.reason.as_deref(), Some("repaired at the source"));
    let shown: Value = serde_json::from_str(act.after.as_deref().unwrap()).unwrap();
    assert_eq!(shown, json!({"shown": "marked_fields", "delivery": id}));
    assert!(!format!("{acts:?}").contains("MẪU"));
}

#[tokio::test]
async fn a_content_is_revealed_for_a_reason_and_a_preview_records_each_delivery_it_shows() {
    let world = World::new().await;
    let id = world.parked(dossier(CODE, "k1"), Fault::of(FaultKind::Rejected, "no fee")).await;
    let silent = OperatorAct { reason: Some("  ".to_owned()), ..operator() };
    refused(world.service.reveal(&silent, &[Revealed::Content(id)]).await, FaultCode::ReasonMissing);
    let extent = Extent { limit: 10, rows: 10, only: None, differences: true, reveal: false };
    let preview = async |extent| {
        world.service.preview(&operator(), Selection::Deliveries(vec![id]), Edits::default(), extent).await.unwrap();
    };
    preview(extent).await;
    assert!(revealed(&world, id.exchange).await.is_empty(), "hidden values are no act");
    preview(Extent { reveal: true, ..extent }).await;
    world.service.reveal(&operator(), &[Revealed::Content(id), Revealed::File("ab".to_owned())]).await.unwrap();
    let told: Vec<String> = revealed(&world, id.exchange).await.into_iter().filter_map(|act| act.after).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("\"content\"") && told[1].contains("marked_fields"), "{told:?}");
}
