//! Sending a finished exchange again: the link, the reason, and what must not be sent again.

use lienthong_core::delivery::ExchangeState;
use lienthong_core::exchange::Link;
use lienthong_core::{Clock as _, FaultCode, SignedDuration};
use serde_json::json;

use super::fixture::{Behaviour, CODE, World, dossier, province, refused, routes, straight, submission};
use crate::service::{Caller, Receipt};

async fn delivered(world: &World, key: &str) -> Receipt {
    let receipt = world.service.submit(&province(), dossier(CODE, key)).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    receipt
}

#[tokio::test]
async fn a_delivered_exchange_goes_again_as_a_linked_one_by_the_running_routes() {
    let world = World::new().await;
    let first = delivered(&world, "k1").await;
    world.reload("v2", routes()).await;
    let again = world.service.resend(&province(), first.id, " lost at the portal ", None).await.unwrap();
    assert!(again.id != first.id && !again.replayed);
    let detail = world.until(again.id, ExchangeState::Delivered).await;
    let link = Link::Resend { of: first.id, reason: "lost at the portal".to_owned() };
    assert_eq!(detail.record.meta.link, Some(link));
    assert_eq!((detail.record.meta.config.as_str(), detail.record.meta.key.as_str()), ("v2", CODE));
    let sent = world.portal.sent();
    assert_eq!((sent.len(), &sent[0]), (2, &sent[1]));
}

#[tokio::test]
async fn a_resend_needs_a_reason_and_keeps_who_asked() {
    let world = World::new().await;
    let first = delivered(&world, "k1").await;
    refused(world.service.resend(&province(), first.id, "  ", None).await, FaultCode::ReasonMissing);
    let operator = Caller { client: "operators".parse().unwrap(), ..province() };
    let again = world.service.resend(&operator, first.id, "asked by phone", None).await.unwrap();
    let meta = world.service.exchange(again.id).await.unwrap().record.meta;
    assert_eq!(meta.client, province().client);
    let reason = "asked by phone (asked by operators)".to_owned();
    assert_eq!(meta.link, Some(Link::Resend { of: first.id, reason }));
}

#[tokio::test]
async fn a_resend_asked_twice_with_one_key_is_one() {
    let world = World::new().await;
    let first = delivered(&world, "k1").await;
    let ask =
        async |reason: &'static str| world.service.resend(&province(), first.id, reason, Some("r1".to_owned())).await;
    let one = ask("lost").await.unwrap();
    assert_eq!(ask("lost").await.unwrap().id, one.id);
    refused(ask("for another reason").await, FaultCode::IdempotencyConflict);
}

#[tokio::test]
async fn what_still_moves_or_is_parked_is_not_sent_again() {
    let world = World::new().await;
    world.hold().await;
    let moving = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    refused(world.service.resend(&province(), moving.id, "lost", None).await, FaultCode::WrongState);
    world.portal.next(Behaviour::Refuses(lienthong_core::Fault::of(lienthong_core::FaultKind::Rejected, "no fee")));
    world.flow().await;
    world.until(moving.id, ExchangeState::Attention).await;
    refused(world.service.resend(&province(), moving.id, "lost", None).await, FaultCode::WrongState);
}

#[tokio::test]
async fn an_older_state_is_not_sent_over_a_newer_one() {
    let world = World::new().await;
    let first = delivered(&world, "k1").await;
    let second = world.service.submit(&province(), dossier(CODE, "k2")).await.unwrap();
    world.until(second.id, ExchangeState::Delivered).await;
    let fault = refused(world.service.resend(&province(), first.id, "lost", None).await, FaultCode::WrongState);
    assert!(fault.public.en.contains(&second.id.to_string()));
    world.service.resend(&province(), second.id, "lost", None).await.unwrap();
}

#[tokio::test]
async fn a_cancelled_newer_state_does_not_stand_in_the_way() {
    let world = World::new().await;
    let first = delivered(&world, "k1").await;
    world.hold().await;
    let second = world.service.submit(&province(), dossier(CODE, "k2")).await.unwrap();
    world.service.cancel(&province(), second.id).await.unwrap();
    world.service.resend(&province(), first.id, "lost", None).await.unwrap();
}

#[tokio::test]
async fn steps_may_go_again_even_when_newer_ones_did() {
    let world = World::new().await;
    let steps = |key| submission("portal.sync-steps", CODE, &json!({"steps": [key]}), key);
    let first = world.service.submit(&province(), steps("k1")).await.unwrap();
    let second = world.service.submit(&province(), steps("k2")).await.unwrap();
    world.until(second.id, ExchangeState::Delivered).await;
    let again = world.service.resend(&province(), first.id, "lost", None).await.unwrap();
    world.until(again.id, ExchangeState::Delivered).await;
}

#[tokio::test]
async fn a_resend_drops_a_past_expiry_and_meets_the_running_routes() {
    let world = World::new().await;
    let mut brief = dossier(CODE, "k1");
    brief.expires_at = Some(world.clock.now() + SignedDuration::from_mins(10));
    brief.due_at = brief.expires_at;
    let first = world.service.submit(&province(), brief.clone()).await.unwrap();
    world.until(first.id, ExchangeState::Delivered).await;
    world.clock.advance(std::time::Duration::from_secs(3600));
    let again = world.service.resend(&province(), first.id, "lost", None).await.unwrap();
    let meta = world.service.exchange(again.id).await.unwrap().record.meta;
    assert_eq!(meta.expires_at, None);
    assert_eq!(meta.due_at.unwrap().as_microsecond(), brief.due_at.unwrap().as_microsecond());
    world.until(again.id, ExchangeState::Delivered).await;
    world.reload("v2", vec![straight("portal.sync-steps")]).await;
    refused(world.service.resend(&province(), again.id, "lost", None).await, FaultCode::NoRoute);
}
