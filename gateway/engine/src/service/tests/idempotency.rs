//! Messages sent again: the same exchange for the same content, a conflict for other content, per client.

use std::time::Duration;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{Class, Clock as _, FaultCode, SignedDuration};
use serde_json::json;

use super::fixture::{CODE, World, dossier, province, refused, straight, submission};
use crate::service::{Caller, Submission};

#[tokio::test]
async fn the_same_key_and_content_is_the_same_exchange_with_its_present_state() {
    let world = World::new().await;
    let first = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.until(first.id, ExchangeState::Delivered).await;
    let again = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    assert_eq!((again.id, again.replayed, again.state), (first.id, true, ExchangeState::Delivered));
    assert_eq!((world.kept().await, world.portal.sent().len()), (1, 1));
}

#[tokio::test]
async fn the_same_key_with_other_content_is_a_conflict_that_names_the_first() {
    let world = World::new().await;
    world.hold().await;
    let first = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let other_body = submission("portal.sync-dossier", CODE, &json!({"code": CODE, "status": 5}), "k1");
    let mut other_class = dossier(CODE, "k1");
    other_class.class = Class::Bulk;
    let mut other_purpose = dossier(CODE, "k1");
    other_purpose.purpose = Some(String::new());
    for other in [other_body, other_class, other_purpose] {
        let fault = refused(world.service.submit(&province(), other).await, FaultCode::IdempotencyConflict);
        assert!(fault.public.en.contains(&first.id.to_string()), "{}", fault.public.en);
    }
    assert_eq!(world.kept().await, 1);
}

#[tokio::test]
async fn a_clients_keys_are_its_own() {
    let world = World::new().await;
    world.hold().await;
    let other = Caller { client: "land-office".parse().unwrap(), ..province() };
    let first = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let second = world.service.submit(&other, dossier(CODE, "k1")).await.unwrap();
    assert!(first.id != second.id && !second.replayed);
}

#[tokio::test]
async fn the_trace_of_a_request_is_no_part_of_its_content() {
    let world = World::new().await;
    world.hold().await;
    let first = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let mut again = dossier(CODE, "k1");
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned();
    again.trace = Some(lienthong_core::exchange::TraceContext { parent, state: None });
    assert_eq!(world.service.submit(&province(), again).await.unwrap().id, first.id);
}

#[tokio::test]
async fn racing_duplicates_are_one_exchange() {
    let world = World::new().await;
    world.hold().await;
    let racing = (0..16).map(|_| async { world.service.submit(&province(), dossier(CODE, "k1")).await });
    let receipts = futures::future::join_all(racing).await;
    let first = receipts[0].as_ref().unwrap().id;
    assert!(receipts.iter().all(|receipt| receipt.as_ref().unwrap().id == first));
    assert_eq!(receipts.iter().filter(|receipt| !receipt.as_ref().unwrap().replayed).count(), 1);
}

#[tokio::test]
async fn a_stream_keeps_its_order_and_one_refusal_does_not_stop_the_others() {
    let world = World::new().await;
    world.hold().await;
    let mut bad = dossier(CODE, "k2");
    bad.body = bytes::Bytes::from_static(b"{");
    let stream = vec![dossier(CODE, "k1"), bad, dossier(CODE, "k3"), dossier(CODE, "k1")];
    let answers = world.service.submit_all(&province(), stream).await;
    let [first, second, third, fourth] = answers.as_slice() else { panic!("one answer each") };
    assert_eq!(second.as_ref().unwrap_err().code, FaultCode::BadJson);
    assert!(fourth.as_ref().unwrap().replayed);
    assert_eq!(fourth.as_ref().unwrap().id, first.as_ref().unwrap().id);
    let place = async |id| world.service.exchange(id).await.unwrap().record.deliveries[0].lane_seq;
    assert!(place(first.as_ref().unwrap().id).await < place(third.as_ref().unwrap().id).await);
    assert!(world.service.submit_all(&province(), Vec::new()).await.is_empty());
}

#[tokio::test]
async fn what_was_accepted_once_is_not_refused_for_what_changed_since() {
    let world = World::new().await;
    let mut brief = dossier(CODE, "k1");
    brief.expires_at = Some(world.clock.now() + SignedDuration::from_mins(10));
    let first = world.service.submit(&province(), brief.clone()).await.unwrap();
    world.until(first.id, ExchangeState::Delivered).await;
    world.clock.advance(Duration::from_secs(3600));
    let again = world.service.submit(&province(), brief.clone()).await.unwrap();
    assert_eq!((again.id, again.replayed, again.state), (first.id, true, ExchangeState::Delivered));
    world.reload("v2", vec![straight("portal.sync-steps")]).await;
    let streamed = world.service.submit_all(&province(), vec![brief.clone()]).await.remove(0);
    assert_eq!(streamed.unwrap().id, first.id);
    let other = Submission { idempotency_key: Some("k2".to_owned()), ..brief.clone() };
    refused(world.service.submit(&province(), other).await, FaultCode::ExpiryPast);
    brief.class = Class::Bulk;
    refused(world.service.submit(&province(), brief).await, FaultCode::ExpiryPast);
}
