//! Reading back: lists, cursors, and the timeline of a key and of its aliases.

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{ExchangeId, FaultCode};
use lienthong_journal::{Cursor, ExchangeFilter, GroupFilter};
use uuid::Uuid;

use super::fixture::{CODE, World, dossier, province, refused};
use crate::service::TIMELINE_EXCHANGES;

#[tokio::test]
async fn a_timeline_is_found_by_key_and_alias_oldest_first_with_attempts() {
    let world = World::new().await;
    let mut first = dossier(CODE, "k1");
    first.aliases = vec!["G22.99-250115-000001".parse().unwrap()];
    let first = world.service.submit(&province(), first).await.unwrap();
    let second = world.service.submit(&province(), dossier(CODE, "k2")).await.unwrap();
    world.until(second.id, ExchangeState::Delivered).await;
    for name in [CODE, "G22.99-250115-000001"] {
        let timeline = world.service.timeline(&name.parse().unwrap()).await.unwrap();
        let ids: Vec<ExchangeId> = timeline.exchanges.iter().map(|detail| detail.record.meta.id).collect();
        assert_eq!((timeline.key.as_str(), ids, timeline.truncated), (CODE, vec![first.id, second.id], false));
        assert_eq!(timeline.exchanges[0].attempts[0].1.len(), 1);
    }
    let filter = ExchangeFilter { key: Some("G22.99-250115-000001".parse().unwrap()), ..ExchangeFilter::default() };
    assert_eq!(world.service.exchanges(filter, None, 10).await.unwrap().rows.len(), 2);
    let empty = world.service.timeline(&"H56.14-250115-0999".parse().unwrap()).await.unwrap();
    assert!(empty.exchanges.is_empty() && !empty.truncated);
}

#[tokio::test]
async fn a_timeline_has_an_end_and_says_that_more_was_left_out() {
    let world = World::new().await;
    world.hold().await;
    let stream = (0..=TIMELINE_EXCHANGES).map(|n| dossier(CODE, &format!("k{n}"))).collect();
    assert!(world.service.submit_all(&province(), stream).await.iter().all(Result::is_ok));
    let timeline = world.service.timeline(&CODE.parse().unwrap()).await.unwrap();
    assert_eq!((timeline.exchanges.len(), timeline.truncated), (TIMELINE_EXCHANGES, true));
}

#[tokio::test]
async fn lists_come_in_pages_and_refuse_a_foreign_cursor() {
    let world = World::new().await;
    world.hold().await;
    for n in 0..5 {
        world.service.submit(&province(), dossier(CODE, &format!("k{n}"))).await.unwrap();
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = world.service.exchanges(ExchangeFilter::default(), cursor, 2).await.unwrap();
        seen.extend(page.rows.iter().map(|record| record.meta.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let foreign = || Some(Cursor("nonsense".to_owned()));
    refused(world.service.exchanges(ExchangeFilter::default(), foreign(), 2).await, FaultCode::BadCursor);
    refused(world.service.groups(GroupFilter::default(), foreign(), 2).await, FaultCode::BadCursor);
}

#[tokio::test]
async fn what_is_not_there_is_said_so() {
    let world = World::new().await;
    refused(world.service.exchange(ExchangeId(Uuid::from_u128(7))).await, FaultCode::NoSuchRecord);
}
