//! What operators and the process do: pause, maintenance, probes, reload, drain.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{Clock, Fault, FaultCode, FaultKind, SignedDuration, StateName, SystemId};
use lienthong_journal::{Actor, SystemSetting};

use super::journal::FakeJournal;
use super::portal::{Does, Portal, PortalAdapter};
use super::rig::{Rig, configuration, fails, message, portal_id, start_of_time};
use crate::config::{MaintenanceWindow, SystemPolicy};
use crate::desk::window::{When, Window};
use crate::dispatch::GateState;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_paused_system_gets_nothing_until_it_is_resumed() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.dispatcher.set_paused(&portal_id(), true, Some("asked by the ministry".into()));
    let id = rig.submit(message("a")).await;
    tokio::time::sleep(60 * MINUTE).await;
    assert_eq!(rig.portal.count(), 0);
    let view = rig.dispatcher.gate(&portal_id()).unwrap();
    assert_eq!((view.state, view.reason.as_deref()), (GateState::Paused, Some("asked by the ministry")));
    rig.dispatcher.set_paused(&portal_id(), false, None);
    rig.until_state(id, StateName::Delivered).await;
    assert!(rig.seen()[0].at < 61 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_pause_outlives_a_restart() {
    let journal = FakeJournal::new(Duration::ZERO);
    journal.settings.lock().push(SystemSetting {
        system: portal_id(),
        paused: true,
        reason: Some("night shift".into()),
        actor: Actor::Operator("lan".into()),
        at: start_of_time(),
    });
    let rig = Rig::with_journal(SystemPolicy::default(), journal).await;
    rig.submit(message("a")).await;
    tokio::time::sleep(MINUTE).await;
    assert_eq!((rig.gate(), rig.portal.count()), (GateState::Paused, 0));
}

#[tokio::test(start_paused = true)]
async fn maintenance_ends_by_itself() {
    let until = start_of_time().saturating_add(SignedDuration::from_hours(2)).unwrap();
    let window = MaintenanceWindow::Once { from: start_of_time(), until };
    let rig = Rig::start(SystemPolicy { maintenance: vec![window], ..SystemPolicy::default() }).await;
    let id = rig.submit(message("a")).await;
    tokio::time::sleep(MINUTE).await;
    assert_eq!(rig.gate(), GateState::Maintenance);
    rig.until_state(id, StateName::Delivered).await;
    let at = rig.seen()[0].at;
    assert!((120 * MINUTE..120 * MINUTE + Duration::from_secs(2)).contains(&at), "{at:?}");
    let notes: Vec<_> = rig.journal.store.lock().events.iter().filter_map(|event| event.note.clone()).collect();
    let notes: Vec<_> = notes.iter().map(String::as_str).filter(|note| !note.is_empty()).collect();
    assert_eq!(notes, ["maintenance", "open"]);
}

fn window(minutes: std::ops::Range<i64>) -> Window {
    let at = |minutes| start_of_time().saturating_add(SignedDuration::from_mins(minutes)).unwrap();
    let when = When::Once { from: at(minutes.start), until: at(minutes.end) };
    Window { system: portal_id(), when, reason: "nâng cấp".into(), by: "lan".into(), at: start_of_time() }
}

#[tokio::test(start_paused = true)]
async fn a_window_of_an_operator_holds_traffic_changes_while_open_and_lets_one_go_first() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.dispatcher.set_windows(HashMap::from([(portal_id(), vec![window(1..60)])]));
    rig.until("open", |rig| rig.gate() == GateState::Maintenance).await;
    rig.submit_all((0..40).map(|n| message(format!("{n}"))).collect()).await;
    tokio::time::sleep(30 * MINUTE).await;
    // It takes longer; then it is over before its time.
    rig.dispatcher.set_windows(HashMap::from([(portal_id(), vec![window(1..600)])]));
    tokio::time::sleep(60 * MINUTE).await;
    assert_eq!((rig.gate(), rig.portal.count(), rig.count(StateName::Queued)), (GateState::Maintenance, 0, 40));
    let view = rig.dispatcher.gate(&portal_id()).unwrap();
    assert_eq!((view.reason.as_deref(), view.until.is_some()), (Some("nâng cấp"), true));
    rig.dispatcher.set_windows(HashMap::new());
    let removed = rig.clock.monotonic();
    rig.until_delivered(40).await;
    let mut began: Vec<Duration> = rig.seen().iter().map(|seen| seen.at).collect();
    began.sort_unstable();
    assert!(began[0] - removed < Duration::from_secs(2), "{:?}", began[0] - removed);
    // The first is answered before the second goes: the portal takes five milliseconds.
    assert!(began[1] - began[0] >= Duration::from_millis(5), "{:?}", &began[..3]);
    let spent: u32 = rig.journal.store.lock().deliveries.values().map(|one| one.delivery.spent).sum();
    assert_eq!(spent, 0);
}

#[tokio::test(start_paused = true)]
async fn a_page_of_maintenance_holds_traffic_without_spending_anything_until_it_serves() {
    let rig = Rig::start(SystemPolicy::default()).await;
    let page = || Fault::new(FaultKind::Unavailable, FaultCode::Maintenance, "a known maintenance page");
    rig.portal.is_alive(false);
    rig.portal.does(move |_| Does::Fails { fault: page(), sent: true });
    rig.submit_all((0..20).map(|n| message(format!("{n}"))).collect()).await;
    rig.until("in maintenance", |rig| rig.gate() == GateState::Maintenance).await;
    tokio::time::sleep(30 * MINUTE).await;
    assert_eq!((rig.gate(), rig.count(StateName::Parked)), (GateState::Maintenance, 0));
    rig.portal.is_alive(true);
    rig.portal.does(|_| Does::Answers);
    rig.until_delivered(20).await;
    assert_eq!(rig.gate(), GateState::Open);
    let spent: u32 = rig.journal.store.lock().deliveries.values().map(|one| one.delivery.spent).sum();
    assert_eq!(spent, 0);
}

#[tokio::test(start_paused = true)]
async fn a_probe_asked_for_opens_a_closed_gate_and_says_what_it_met() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.portal.is_alive(false);
    rig.portal.does(|_| fails(FaultKind::Unavailable, false));
    rig.submit(message("a")).await;
    rig.until("closed for long", |rig| rig.clock.monotonic() > 10 * MINUTE).await;
    assert_eq!(rig.dispatcher.probe(&portal_id()).await.unwrap_err().kind, FaultKind::Unreachable);
    assert_eq!(rig.gate(), GateState::Closed);
    rig.portal.is_alive(true);
    rig.portal.does(|_| Does::Answers);
    let before = rig.clock.monotonic();
    rig.dispatcher.probe(&portal_id()).await.unwrap();
    rig.until_delivered(1).await;
    assert!(rig.clock.monotonic() - before < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_reload_brings_systems_and_takes_them_away_without_disturbing_what_is_in_flight() {
    let rig = Rig::start(SystemPolicy::default()).await;
    let waiting = rig.submit(message("a")).await;
    rig.until("in flight", |rig| rig.portal.count() == 1).await;
    let tax = SystemId::new("tax").unwrap();
    let other = Portal::new("tax", Arc::clone(&rig.clock) as Arc<dyn Clock>, Duration::ZERO);
    let mut config = configuration(SystemPolicy::default(), Arc::new(PortalAdapter(other)));
    config.systems.insert(tax.clone(), SystemPolicy::default());
    config.systems.remove(&portal_id());
    rig.config.store(Arc::new(config));
    rig.dispatcher.reloaded();
    assert!(rig.dispatcher.gate(&portal_id()).is_none());
    assert_eq!(rig.dispatcher.gate(&tax).unwrap().state, GateState::Open);
    rig.until_state(waiting, StateName::Delivered).await;
    let kept = rig.submit(message("b")).await;
    tokio::time::sleep(MINUTE).await;
    assert_eq!(rig.state(kept), StateName::Queued);
    let back = configuration(SystemPolicy::default(), Arc::new(PortalAdapter(Arc::clone(&rig.portal))));
    rig.config.store(Arc::new(back));
    rig.dispatcher.reloaded();
    rig.until_state(kept, StateName::Delivered).await;
}

#[tokio::test(start_paused = true)]
async fn a_smaller_concurrency_holds_after_a_reload() {
    let rig = Rig::start(SystemPolicy::default()).await;
    let policy = SystemPolicy { concurrency: NonZeroU32::new(2).unwrap(), ..SystemPolicy::default() };
    let config = configuration(policy, Arc::new(PortalAdapter(Arc::clone(&rig.portal))));
    rig.config.store(Arc::new(config));
    rig.dispatcher.reloaded();
    tokio::time::sleep(Duration::from_millis(10)).await;
    rig.submit_all((0..50).map(|n| message(format!("{n}"))).collect()).await;
    rig.until_delivered(50).await;
    assert_eq!(rig.portal.busiest(), 2);
}

#[tokio::test(start_paused = true)]
async fn draining_waits_for_what_is_in_flight_and_sends_nothing_new() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.submit_all((0..200).map(|n| message(format!("{n}"))).collect()).await;
    rig.until("some are on their way", |rig| rig.portal.count() > 0).await;
    assert!(rig.dispatcher.drain(MINUTE).await);
    let sent = rig.portal.count();
    assert!(sent < 200);
    assert_eq!(rig.count(StateName::InFlight), 0);
    assert_eq!(rig.count(StateName::Delivered), sent);
    tokio::time::sleep(MINUTE).await;
    assert_eq!(rig.portal.count(), sent);
}

#[tokio::test(start_paused = true)]
async fn draining_ends_with_its_bound_and_says_that_something_is_left() {
    let rig = Rig::start(SystemPolicy { timeout: 10 * MINUTE, ..SystemPolicy::default() }).await;
    rig.portal.does(|_| Does::Hangs);
    rig.submit(message("a")).await;
    rig.until("in flight", |rig| rig.portal.count() == 1).await;
    let before = rig.clock.monotonic();
    assert!(!rig.dispatcher.drain(MINUTE).await);
    assert!(rig.clock.monotonic() - before < MINUTE + Duration::from_secs(1));
}
