//! Every refusal at the door: its code, the field it names, and that nothing is kept of it.

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use lienthong_core::{Clock as _, FaultCode, OnBehalfOf, SignedDuration, limits};
use serde_json::json;

use super::fixture::{CODE, World, dossier, province, refused, straight, submission};
use crate::config::{ClientPolicy, RatePolicy};
use crate::service::Submission;

/// Submits and holds code and first field against what is expected; then nothing must have been kept.
async fn is_refused(world: &World, submission: Submission, code: FaultCode, pointer: &str) {
    let fault = refused(world.service.submit(&province(), submission).await, code);
    let named = fault.problems.first().map(|problem| problem.pointer.as_str());
    assert_eq!(named, (!pointer.is_empty()).then_some(pointer), "{fault:?}");
    assert_eq!(world.kept().await, 0);
}

fn with(change: impl FnOnce(&mut Submission)) -> Submission {
    let mut submission = dossier(CODE, "k1");
    change(&mut submission);
    submission
}

fn body(text: &'static str) -> Submission {
    with(|submission| submission.body = Bytes::from_static(text.as_bytes()))
}

#[tokio::test]
async fn a_good_submission_is_on_disk_when_its_receipt_exists() {
    let world = World::new().await;
    world.hold().await;
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let record = world.service.exchange(receipt.id).await.unwrap().record;
    assert_eq!((receipt.replayed, receipt.key.as_str()), (false, CODE));
    assert_eq!(record.meta.config.as_str(), "v1");
    assert_eq!(record.meta.received_at.as_millisecond() / 1000, world.clock.now().as_millisecond() / 1000);
    assert_eq!(record.meta.id.0.get_version_num(), 7);
    assert_eq!(record.deliveries.len(), 1);
}

#[tokio::test]
async fn a_callback_is_unavailable_to_a_client_without_any() {
    let world = World::new().await;
    let submission = with(|s| s.callback = Some("https://one-stop.test/hook".to_owned()));
    is_refused(&world, submission, FaultCode::CallbackUnavailable, "/callback").await;
}

#[tokio::test]
async fn an_operation_nobody_knows_is_unknown() {
    let world = World::new().await;
    let submission = with(|s| s.operation = "portal.invent".parse().unwrap());
    is_refused(&world, submission, FaultCode::UnknownOperation, "/operation").await;
}

#[tokio::test]
async fn what_is_only_pushed_cannot_be_asked_for() {
    let world = World::new().await;
    let submission = with(|s| s.operation = "portal.notify-tax".parse().unwrap());
    is_refused(&world, submission, FaultCode::UnknownOperation, "/operation").await;
}

#[tokio::test]
async fn a_read_operation_submitted_is_refused_with_a_hint_to_call() {
    let world = World::new().await;
    let question = submission("portal.find-dossier", CODE, &json!({"code": CODE}), "k1");
    let fault = refused(world.service.submit(&province(), question.clone()).await, FaultCode::BadParameter);
    assert!(fault.public.en.contains("/v1/operations/portal.find-dossier/call"), "{}", fault.public.en);
    is_refused(&world, question, FaultCode::BadParameter, "/operation").await;
}

#[tokio::test]
async fn an_idempotency_key_is_required_unless_waived() {
    let world = World::new().await;
    let missing = with(|s| s.idempotency_key = None);
    is_refused(&world, missing.clone(), FaultCode::IdempotencyKeyMissing, "/idempotency_key").await;
    for bad in [String::new(), "k".repeat(limits::IDEMPOTENCY_KEY_BYTES + 1), "a\u{7}".to_owned()] {
        let submission = with(|s| s.idempotency_key = Some(bad));
        is_refused(&world, submission, FaultCode::BadParameter, "/idempotency_key").await;
    }
    world.limit_client(ClientPolicy { idempotency_key_required: false, ..ClientPolicy::default() });
    world.service.submit(&province(), missing).await.unwrap();
}

#[tokio::test]
async fn aliases_and_notes_have_limits() {
    let world = World::new().await;
    let many = (0..=limits::ALIASES).map(|n| format!("A-{n}").parse().unwrap()).collect();
    is_refused(&world, with(|s| s.aliases = many), FaultCode::BadParameter, "/aliases").await;
    let itself = vec!["A-1".parse().unwrap(), CODE.parse().unwrap()];
    is_refused(&world, with(|s| s.aliases = itself), FaultCode::BadParameter, "/aliases/1").await;
    let long = "đ".repeat(limits::NOTE_CHARS + 1);
    is_refused(&world, with(|s| s.purpose = Some(long.clone())), FaultCode::BadParameter, "/purpose").await;
    let behalf = OnBehalfOf { unit: None, officer: Some(long) };
    let submission = with(|s| s.on_behalf_of = Some(behalf));
    is_refused(&world, submission, FaultCode::BadParameter, "/on_behalf_of/officer").await;
}

#[tokio::test]
async fn an_expiry_in_the_past_is_refused_and_a_due_date_in_the_past_is_not() {
    let world = World::new().await;
    world.hold().await;
    let now = world.clock.now();
    is_refused(&world, with(|s| s.expires_at = Some(now)), FaultCode::ExpiryPast, "/expires_at").await;
    let late = with(|s| s.due_at = Some(now - SignedDuration::from_hours(24)));
    world.service.submit(&province(), late).await.unwrap();
}

#[tokio::test]
async fn what_would_expire_before_it_may_be_sent_is_refused() {
    let world = World::new().await;
    let later = world.clock.now() + SignedDuration::from_hours(1);
    let submission = with(|s| (s.expires_at, s.not_before) = (Some(later), Some(later)));
    is_refused(&world, submission, FaultCode::BadParameter, "/not_before").await;
}

#[tokio::test]
async fn a_body_over_the_operations_limit_is_too_large() {
    let world = World::new().await;
    let large = json!({"code": CODE, "status": 4, "note": "x".repeat(5000)});
    let submission = submission("portal.sync-dossier", CODE, &large, "k1");
    is_refused(&world, submission, FaultCode::BodyTooLarge, "/body").await;
}

#[tokio::test]
async fn invalid_json_is_told_with_line_and_column_and_without_content() {
    let world = World::new().await;
    let broken = body("{\"code\": \"H56\",\n  \"owner\": Nguyen}");
    let fault = refused(world.service.submit(&province(), broken.clone()).await, FaultCode::BadJson);
    assert_eq!(fault.problems[0].problem, "is not JSON at line 2, column 12");
    assert!(!format!("{fault:?}").contains("Nguyen"));
    is_refused(&world, broken, FaultCode::BadJson, "/body").await;
    is_refused(&world, body(""), FaultCode::BadJson, "/body").await;
}

#[tokio::test]
async fn a_missing_field_an_unknown_field_and_a_wrong_type_are_each_named() {
    let world = World::new().await;
    let bad = body("{\"code\": 7, \"colour\": \"chartreuse\"}");
    let fault = refused(world.service.submit(&province(), bad.clone()).await, FaultCode::Invalid);
    let mut named: Vec<&str> = fault.problems.iter().map(|problem| problem.pointer.as_str()).collect();
    named.sort_unstable();
    assert_eq!(named, ["/body/code", "/body/colour", "/body/status"], "{fault:?}");
    assert!(!format!("{fault:?}").contains("chartreuse"));
}

#[tokio::test]
async fn the_bodys_own_code_must_be_the_key_in_the_same_form() {
    let world = World::new().await;
    let other = submission("portal.sync-dossier", "H56.14-250115-0008", &json!({"code": CODE, "status": 4}), "k1");
    is_refused(&world, other, FaultCode::Invalid, "/body/code").await;
    let old_form = "000.00.14.H56-250115-0007";
    let other_form = submission("portal.sync-dossier", old_form, &json!({"code": CODE, "status": 4}), "k1");
    is_refused(&world, other_form, FaultCode::Invalid, "/body/code").await;
}

#[tokio::test]
async fn the_adapters_own_rule_is_asked_at_the_door() {
    let world = World::new().await;
    is_refused(&world, dossier("H57.14-250115-0007", "k1"), FaultCode::DossierCode, "/body/code").await;
}

#[tokio::test]
async fn what_no_route_takes_is_refused() {
    let world = World::with(vec![straight("portal.sync-steps")]).await;
    is_refused(&world, dossier(CODE, "k1"), FaultCode::NoRoute, "").await;
}

#[tokio::test]
async fn an_alias_of_another_key_is_taken() {
    let world = World::new().await;
    world.hold().await;
    let mut first = dossier(CODE, "k1");
    first.aliases = vec!["G22.99-250115-000001".parse().unwrap()];
    world.service.submit(&province(), first.clone()).await.unwrap();
    let mut second = dossier("H56.14-250115-0008", "k2");
    second.aliases = first.aliases;
    let fault = refused(world.service.submit(&province(), second).await, FaultCode::AliasTaken);
    assert_eq!(fault.problems[0].pointer, "/aliases");
    assert_eq!(world.kept().await, 1);
}

#[tokio::test]
async fn a_client_over_its_rate_is_told_when_to_come_again() {
    let world = World::new().await;
    world.hold().await;
    let rate = Some(RatePolicy { per_second: 0.5, burst: NonZeroU32::new(2).unwrap() });
    world.limit_client(ClientPolicy { rate, ..ClientPolicy::default() });
    for key in ["k1", "k2"] {
        world.service.submit(&province(), dossier(CODE, key)).await.unwrap();
    }
    let fault = refused(world.service.submit(&province(), dossier(CODE, "k3")).await, FaultCode::QuotaExceeded);
    let wait = fault.retry_after.unwrap();
    assert!(wait > Duration::from_secs(1) && wait <= Duration::from_secs(2), "{wait:?}");
    assert_eq!(world.kept().await, 2);
    world.clock.advance(wait);
    world.service.submit(&province(), dossier(CODE, "k3")).await.unwrap();
}

#[tokio::test]
async fn a_client_over_its_open_deliveries_waits_for_outcomes() {
    let world = World::new().await;
    world.hold().await;
    world.limit_client(ClientPolicy { open_deliveries: Some(2), ..ClientPolicy::default() });
    for key in ["k1", "k2"] {
        world.service.submit(&province(), dossier(CODE, key)).await.unwrap();
    }
    let fault = refused(world.service.submit(&province(), dossier(CODE, "k3")).await, FaultCode::QuotaExceeded);
    assert!(fault.retry_after.is_some());
    world.flow().await;
    let third = super::fixture::until(async || {
        world.clock.advance(Duration::from_secs(1));
        world.service.submit(&province(), dossier(CODE, "k3")).await.ok()
    })
    .await;
    assert!(!third.replayed);
}
