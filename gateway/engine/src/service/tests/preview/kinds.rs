//! Deliveries that do not simply pass or fail: those a person must confirm, those that are refused, kept, wait, expire, or have content of their own.

use std::time::Duration;

use lienthong_core::delivery::{ExchangeState, OnParked};
use lienthong_core::inbound::InboundRequest;
use lienthong_core::{Clock as _, DeliveryId, Fault, FaultCode, FaultKind, SignedDuration};
use lienthong_journal::{ExchangeFilter, Journal as _};
use serde_json::json;

use super::{asked, different, one};
use crate::config::ClientPolicy;
use crate::routing::{AwaitSpec, Patterns, RouteSpec};
use crate::service::tests::fixture::{
    Behaviour, CODE, World, dossier, province, route, routes, straight, submission, system,
};
use crate::service::{Against, Edits, Selection, Submission, Verdict};

fn rejected() -> Fault {
    Fault::of(FaultKind::Rejected, "no fee")
}

fn steps(steps: &[&str], key: &str) -> Submission {
    submission("portal.sync-steps", CODE, &json!({ "steps": steps }), key)
}

async fn skipping() -> World {
    let skip = |operation| RouteSpec { on_parked: OnParked::Skip, ..straight(operation) };
    World::with(vec![skip("portal.sync-dossier"), skip("portal.sync-steps")]).await
}

#[tokio::test]
async fn what_may_have_happened_once_needs_a_confirmation() {
    let world = World::new().await;
    world.portal.next(Behaviour::Loses);
    let receipt = world.service.submit(&province(), steps(&["received"], "k1")).await.unwrap();
    world.until(receipt.id, ExchangeState::Attention).await;
    let preview = one(&world, DeliveryId { exchange: receipt.id, index: 0 }, Edits::default()).await;
    let row = &preview.rows[0];
    assert_eq!((row.verdict, preview.causes[0].count), (Verdict::NeedsConfirmation, 1));
    assert_eq!(row.confirmation.as_ref().unwrap().code, FaultCode::ConfirmationNeeded);
    let difference = row.sends[0].difference.as_ref().unwrap();
    assert_eq!((difference.against, difference.identical), (Against::Sent { attempt: 1 }, true));
}

#[tokio::test]
async fn an_older_state_is_refused_and_an_older_step_needs_a_confirmation() {
    let world = skipping().await;
    let overtaken = world.parked(dossier(CODE, "k1"), rejected()).await;
    let newer = world.service.submit(&province(), dossier(CODE, "k2")).await.unwrap();
    world.until(newer.id, ExchangeState::Delivered).await;
    let preview = one(&world, overtaken, Edits::default()).await;
    let fault = preview.rows[0].fault.as_ref().unwrap();
    assert_eq!((preview.rows[0].verdict, fault.code), (Verdict::Refused, FaultCode::WrongState));
    assert!(fault.public.en.contains("newer state"), "{}", fault.public.en);

    let step = world.parked(steps(&["a"], "k3"), rejected()).await;
    let newer = world.service.submit(&province(), steps(&["b"], "k4")).await.unwrap();
    world.until(newer.id, ExchangeState::Delivered).await;
    assert_eq!(one(&world, step, Edits::default()).await.rows[0].verdict, Verdict::NeedsConfirmation);
    // Confirmed or not, it would fail.
    let broken =
        Edits { transforms: [("portal-sync-steps".to_owned(), ".steps = 1".to_owned())].into(), ..Edits::default() };
    let preview = one(&world, step, broken).await;
    assert_eq!((preview.rows[0].verdict, preview.rows[0].confirmation.is_some()), (Verdict::Fails, true));
}

#[tokio::test]
async fn parts_keep_their_content_whatever_is_edited() {
    let world = World::new().await;
    world.portal.next(Behaviour::Refuses(rejected()));
    let receipt = world.service.submit(&province(), steps(&["a", "b", "c"], "k1")).await.unwrap();
    world.until(receipt.id, ExchangeState::Attention).await;
    let edits =
        Edits { transforms: [("portal-sync-steps".to_owned(), ".steps = []".to_owned())].into(), ..Edits::default() };
    let preview = one(&world, DeliveryId { exchange: receipt.id, index: 0 }, edits).await;
    let row = &preview.rows[0];
    let difference = row.sends[0].difference.as_ref().unwrap();
    assert_eq!((row.verdict, difference.identical), (Verdict::Passes, true));
}

fn push(body: &serde_json::Value) -> InboundRequest {
    InboundRequest {
        method: "POST".to_owned(),
        path: "/notify".to_owned(),
        query: None,
        headers: Vec::new(),
        body: body.to_string().into(),
    }
}

async fn newest(world: &World) -> DeliveryId {
    let page = world.journal.exchanges(ExchangeFilter::default(), None, 1).await.unwrap();
    page.rows[0].deliveries[0].id
}

#[tokio::test]
async fn what_was_kept_is_routed_anew_where_a_route_takes_it_and_what_nobody_can_read_is_not() {
    let world = World::with(vec![straight("portal.sync-dossier")]).await;
    let notice = json!({"secret": "s3cret", "notices": [{"code": CODE, "amount": 1}]});
    world.service.inbound(&system(), push(&notice)).await.unwrap();
    let unrouted = newest(&world).await;
    let preview = one(&world, unrouted, Edits::default()).await;
    let fault = preview.rows[0].fault.as_ref().unwrap();
    assert_eq!((preview.rows[0].verdict, fault.code), (Verdict::Fails, FaultCode::NoRoute));
    // The routes as they are, with the one that takes notices.
    world.limit_client(ClientPolicy::default());
    let preview = one(&world, unrouted, Edits::default()).await;
    let row = &preview.rows[0];
    assert_eq!((row.verdict, row.sends.len()), (Verdict::Passes, 1));
    assert_eq!((row.sends[0].system.as_str(), row.sends[0].route.as_str()), ("inbox", "notices"));
    assert!(row.sends[0].difference.as_ref().unwrap().identical);

    world.service.inbound(&system(), push(&json!({"secret": "s3cret"}))).await.unwrap();
    let preview = one(&world, newest(&world).await, Edits::default()).await;
    let fault = preview.rows[0].fault.as_ref().unwrap();
    assert_eq!((preview.rows[0].verdict, fault.code), (Verdict::Refused, FaultCode::WrongState));
}

#[tokio::test]
async fn what_has_expired_fails_and_what_no_configuration_describes_is_not_previewed() {
    let world = World::new().await;
    let mut brief = dossier(CODE, "k1");
    brief.expires_at = Some(world.clock.now() + SignedDuration::from_hours(1));
    let id = world.parked(brief, rejected()).await;
    assert_eq!(one(&world, id, Edits::default()).await.rows[0].verdict, Verdict::Passes);
    world.clock.advance(Duration::from_secs(3_601));
    let preview = one(&world, id, Edits::default()).await;
    let code = preview.rows[0].fault.as_ref().unwrap().code;
    assert_eq!((preview.rows[0].verdict, code), (Verdict::Fails, FaultCode::Expired));
    world.leave_nothing_configured();
    let preview = one(&world, id, Edits::default()).await;
    assert_eq!(preview.rows[0].verdict, Verdict::NotPreviewed);
    assert!(preview.causes[0].fault.detail.contains("describes no portal"), "{:?}", preview.causes);
}

#[tokio::test]
async fn a_message_that_waits_is_followed_to_its_target_once_what_it_waits_for_has_come() {
    let within = Duration::from_secs(86_400);
    let awaits = AwaitSpec { any_of: vec!["portal.sync-dossier".parse().unwrap()], within };
    let patterns = Patterns { awaits: Some(awaits), ..Patterns::default() };
    let world =
        World::with(vec![straight("portal.sync-dossier"), RouteSpec { patterns, ..straight("portal.sync-steps") }])
            .await;
    world.service.submit(&province(), steps(&["a"], "k1")).await.unwrap();
    let waiting = newest(&world).await;
    let preview = one(&world, waiting, Edits::default()).await;
    assert_eq!((preview.rows[0].verdict, preview.rows[0].until.is_some()), (Verdict::Waits, true));
    world.clock.advance(within + Duration::from_secs(1));
    world.service.dispatcher.nudge(&"gateway".parse().unwrap());
    world.until(waiting.exchange, ExchangeState::Attention).await;
    let preview = one(&world, waiting, Edits::default()).await;
    assert_eq!(preview.rows[0].fault.as_ref().unwrap().code, FaultCode::AwaitedMissing);
}

#[tokio::test]
async fn a_read_that_fills_in_is_told_to_be_asked_first() {
    use crate::routing::{EnrichSpec, OnNotFound, RouteTarget};
    use crate::service::tests::fixture::program;
    let enrich = EnrichSpec {
        operation: "population.find-citizen".parse().unwrap(),
        when: program("!exists(.note)"),
        input: program(". = {\"id\": \"001099000001\"}").unwrap(),
        into: "/found".to_owned(),
        on_not_found: OnNotFound::Park,
    };
    let patterns = Patterns { enrich: Some(enrich), ..Patterns::default() };
    let to = RouteTarget::Operation("portal.sync-dossier".parse().unwrap());
    let world = World::with(vec![RouteSpec { patterns, ..route("filling", "portal.sync-dossier", to) }]).await;
    world.population.next(Behaviour::Refuses(Fault::of(FaultKind::NotFound, "nobody")));
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.until(receipt.id, ExchangeState::Attention).await;
    let touched = world.population.touched.load(std::sync::atomic::Ordering::Relaxed);
    let preview = one(&world, DeliveryId { exchange: receipt.id, index: 0 }, Edits::default()).await;
    let row = &preview.rows[0];
    assert_eq!((row.verdict, row.sends[0].operation.as_str()), (Verdict::Passes, "population.find-citizen"));
    assert!(row.note.as_ref().unwrap().contains("asked first"));
    assert_eq!(world.population.touched.load(std::sync::atomic::Ordering::Relaxed), touched);
}

#[tokio::test]
async fn a_preview_of_the_portals_refusals_says_that_the_same_would_be_sent() {
    let world = World::with(routes()).await;
    let id = world.parked(dossier(CODE, "k1"), rejected()).await;
    let preview = asked(&world, Selection::Deliveries(vec![id]), Edits::default(), different()).await.unwrap();
    let difference = preview.rows[0].sends[0].difference.as_ref().unwrap();
    assert_eq!((difference.identical, difference.fields.len()), (true, 0));
    assert_eq!(preview.rows[0].subject.as_ref().unwrap().key.as_str(), CODE);
}
