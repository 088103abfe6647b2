//! How systems are told to be: what was measured outlives the process, a shut gate is said with its reason, nothing is guessed.

use std::time::Duration;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{Clock as _, Fault, FaultKind, SignedDuration};

use super::fixture::{Behaviour, CODE, World, dossier, province, routes, system, until};
use crate::desk::backlog::{Drain, Why};
use crate::desk::health::{Sign, SystemState};
use crate::desk::silence::{SilencePolicy, SilentBy};
use crate::service::SystemHealth;
use crate::vitals::client_subject;

async fn portal(world: &World) -> SystemHealth {
    let health = world.service.health().await.unwrap();
    health.into_iter().find(|health| health.view.system == system()).unwrap()
}

#[tokio::test]
async fn what_was_measured_outlives_the_process() {
    let world = World::new().await;
    let untried = portal(&world).await;
    assert_eq!((untried.state, untried.signs), (SystemState::Up, vec![Sign::Untried]));
    assert_eq!((untried.recent.last_success, untried.will_miss, untried.backlog), (None, Some(0), None));

    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    let served = portal(&world).await;
    assert_eq!((served.recent.answered, served.recent.failed), (1, 0));
    assert!(served.recent.last_success.is_some() && served.signs.is_empty(), "{served:?}");
    world.service.keep_vitals().await;

    let world = world.restarted(routes()).await;
    world.service.restore_vitals().await.unwrap();
    let restarted = portal(&world).await;
    assert_eq!(restarted.recent.last_success, served.recent.last_success);
    assert_eq!(restarted.recent.answered, 0, "minutes are not kept");
    let from = world.clock.now().saturating_sub(SignedDuration::from_hours(2)).unwrap();
    let (_, course) = world.service.system(&system(), from).await.unwrap();
    assert_eq!(course.hours.iter().map(|(_, hour)| hour.answered).sum::<u64>(), 1);
    let hours = world.service.dispatcher.vitals().client_hours(&province().client);
    assert_eq!(hours.values().sum::<u64>(), 1, "{}", client_subject(&province().client));
}

#[tokio::test]
async fn a_shut_gate_says_why_and_no_drain_is_foretold() {
    let world = World::new().await;
    world.hold().await;
    world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.service.look_at_backlog().await.unwrap();
    let paused = portal(&world).await;
    assert_eq!((paused.state, paused.open), (SystemState::Paused, 1));
    assert_eq!((paused.drain, paused.will_miss), (Drain::Unknown(Why::NothingGoes), None));
    let (backlog, _, complete) = paused.backlog.unwrap();
    assert_eq!((backlog.queue.len(), complete), (1, true));
    (0..20).for_each(|_| world.portal.next(Behaviour::Refuses(Fault::of(FaultKind::Unavailable, "away"))));
    world.flow().await;
    let down = until(async || {
        let health = portal(&world).await;
        (health.state == SystemState::Down).then_some(health)
    })
    .await;
    assert!(matches!(down.signs.as_slice(), [Sign::Closed(Some(why))] if why.contains("away")), "{:?}", down.signs);
}

#[tokio::test]
async fn a_client_that_is_silent_for_longer_than_declared_is_reported_until_it_sends() {
    let world = World::new().await;
    let after = Duration::from_secs(4 * 3600);
    let policy = SilencePolicy { after, during: None };
    world.declare_silence(&province().client, policy);
    assert!(world.service.silences().is_empty(), "before anything was taken over nobody can tell");
    world.service.restore_vitals().await.unwrap();
    assert!(world.service.silences().is_empty());
    world.clock.advance(after + Duration::from_secs(1));
    let silent = world.service.silences();
    let [one] = silent.as_slice() else { panic!("{silent:?}") };
    assert_eq!((&one.client, one.last, one.by), (&province().client, None, SilentBy::Declared { after }));
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    assert!(world.service.silences().is_empty());
    world.service.keep_vitals().await;
    world.clock.advance(after + Duration::from_secs(1));
    let world = world.restarted(routes()).await;
    world.declare_silence(&province().client, SilencePolicy { after, during: None });
    world.service.restore_vitals().await.unwrap();
    assert!(world.service.silences()[0].last.is_some(), "its last message is known over a restart");
}
