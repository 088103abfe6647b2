//! Systems that are down, slow down or come back: nothing is parked, one passes first, then the rest, in order.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{Clock, Fault, FaultKind, StateName};
use parking_lot::Mutex;

use super::portal::{Does, Seen};
use super::rig::{Message, Rig, fails, message, portal_id};
use crate::config::{GatePolicy, SystemPolicy};
use crate::dispatch::GateState;

const HOUR: Duration = Duration::from_secs(3600);

/// `count` messages over `lanes` lanes, each saying its place in its lane.
fn numbered(count: usize, lanes: usize) -> Vec<Message> {
    let one = |n: usize| Message { body: (n / lanes).to_string().into(), ..message(format!("lane-{}", n % lanes)) };
    (0..count).map(one).collect()
}

/// Every lane's messages arrived, each once, in order.
fn assert_in_order(arrived: &[Seen], lanes: usize, each: usize) {
    let mut next: HashMap<&str, usize> = HashMap::new();
    for seen in arrived {
        let place: usize = std::str::from_utf8(&seen.body).unwrap().parse().unwrap();
        let expected = next.entry(&seen.key).or_default();
        assert_eq!(place, *expected, "{} out of order", seen.key);
        *expected += 1;
    }
    assert_eq!(next.len(), lanes);
    assert!(next.values().all(|count| *count == each));
}

fn down_until(rig: &Rig, until: Duration, how: fn() -> Does) {
    rig.portal.does(move |seen| if seen.at < until { how() } else { Does::Answers });
}

#[tokio::test(start_paused = true)]
async fn a_portal_down_for_six_hours_with_a_hundred_thousand_waiting() {
    const COUNT: usize = 100_000;
    const LANES: usize = 20_000;
    let rig = Rig::start(SystemPolicy { window: 512, ..SystemPolicy::default() }).await;
    down_until(&rig, 6 * HOUR, || fails(FaultKind::Unreachable, false));
    for batch in numbered(COUNT, LANES).chunks(1000) {
        rig.submit_all(batch.to_vec()).await;
    }
    rig.until("six hours pass", |rig| rig.clock.monotonic() >= 6 * HOUR).await;
    assert_eq!(rig.count(StateName::Parked), 0);
    assert_ne!(rig.gate(), GateState::Open);
    rig.until_delivered(COUNT).await;
    assert_eq!(rig.count(StateName::Parked), 0);
    let arrived: Vec<Seen> = rig.seen().into_iter().filter(|seen| seen.at >= 6 * HOUR).collect();
    assert_in_order(&arrived, LANES, COUNT / LANES);
    let probes = rig.seen().len() - arrived.len();
    assert!(probes < 1000, "{probes} attempts on a system that is down");
    let spent = rig.journal.store.lock().deliveries.values().map(|head| head.delivery.spent).max();
    assert_eq!(spent, Some(0));
}

#[tokio::test(start_paused = true)]
async fn a_portal_that_only_hangs_for_hours_parks_nothing_and_resumes_by_itself() {
    let rig = Rig::start(SystemPolicy { window: 64, ..SystemPolicy::default() }).await;
    rig.portal.is_alive(false);
    down_until(&rig, 2 * HOUR, || Does::Hangs);
    rig.submit_all(numbered(1000, 1000)).await;
    rig.until_delivered(1000).await;
    assert_eq!(rig.count(StateName::Parked), 0);
}

#[tokio::test(start_paused = true)]
async fn one_passes_first_then_two_then_four() {
    let policy = SystemPolicy {
        gate: GatePolicy { ramp_every: NonZeroU32::MIN, ..GatePolicy::default() },
        ..SystemPolicy::default()
    };
    let rig = Rig::start(policy).await;
    down_until(&rig, 10 * Duration::from_secs(1), || fails(FaultKind::Unavailable, false));
    rig.submit_all(numbered(200, 200)).await;
    rig.until_delivered(200).await;
    let served: Vec<Duration> =
        rig.seen().iter().map(|seen| seen.at).filter(|at| *at >= Duration::from_secs(10)).collect();
    let first = served[0];
    // A call takes 5 ms: whatever began less than that after another ran beside it.
    let beside = |nth: usize| {
        let until = served[nth] + Duration::from_millis(5);
        served[nth..].iter().filter(|at| **at < until).count()
    };
    assert_eq!(beside(0), 1);
    assert!(served[1] > first);
    let widest = (0..served.len()).map(&beside).max();
    assert_eq!(widest, Some(16));
    let when_wide = (0..served.len()).find(|nth| beside(*nth) > 8).unwrap();
    assert!(when_wide >= 5, "sixteen at once already at call {when_wide}");
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honoured() {
    let rig = Rig::start(SystemPolicy::default()).await;
    let asked = Mutex::new(None);
    let asked = Arc::new(asked);
    let told = Arc::clone(&asked);
    rig.portal.does(move |seen| match &mut *told.lock() {
        Some(_) => Does::Answers,
        first => {
            *first = Some(seen.at);
            let wait = Duration::from_secs(137);
            Does::Fails { fault: Fault::of(FaultKind::Throttled, "test").with_retry_after(wait), sent: true }
        }
    });
    rig.submit(message("a")).await;
    rig.until_delivered(1).await;
    let again = rig.seen()[1].at - asked.lock().unwrap();
    let (least, most) = (Duration::from_secs(137), Duration::from_millis(137_100));
    assert!((least..most).contains(&again), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn isolated_resets_among_successes_close_nothing() {
    let rig = Rig::start(SystemPolicy::default()).await;
    let mut n = 0;
    rig.portal.does(move |_| {
        n += 1;
        if n % 7 == 0 { fails(FaultKind::Interrupted, true) } else { Does::Answers }
    });
    rig.submit_all(numbered(500, 500)).await;
    rig.until_delivered(500).await;
    let notes = rig.journal.store.lock().events.iter().filter(|event| event.note.as_deref() != Some("")).count();
    assert_eq!(notes, 0, "the gate changed");
}

#[tokio::test(start_paused = true)]
async fn one_parked_dossier_among_ten_thousand_that_flow() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.portal.does(|seen| if seen.key == "lane-77" { fails(FaultKind::Rejected, true) } else { Does::Answers });
    for batch in numbered(10_000, 5_000).chunks(1000) {
        rig.submit_all(batch.to_vec()).await;
    }
    rig.until_delivered(9_998).await;
    assert_eq!((rig.count(StateName::Parked), rig.count(StateName::Queued)), (1, 1));
    assert_eq!(rig.gate(), GateState::Open);
    assert_eq!(rig.portal.keys().iter().filter(|key| *key == "lane-77").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_dossier_that_is_never_answered_spends_its_budget_while_others_flow() {
    let rig = Rig::start(SystemPolicy { timeout: Duration::from_secs(5), ..SystemPolicy::default() }).await;
    rig.portal.does(|seen| if seen.key == "poison" { Does::Hangs } else { Does::Answers });
    let poison = rig.submit(message("poison")).await;
    for n in 0..2000 {
        rig.submit(message(format!("fine-{n}"))).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    rig.until_delivered(2000).await;
    rig.until_state(poison, StateName::Parked).await;
    let bodies: Vec<_> = rig.seen().into_iter().filter(|seen| seen.key == "poison").collect();
    assert_eq!(bodies.len(), 8);
}

#[tokio::test(start_paused = true)]
async fn an_expired_session_costs_one_more_try_and_a_refused_login_closes_the_gate() {
    let rig = Rig::start(SystemPolicy::default()).await;
    let mut refused = 16;
    rig.portal.does(move |_| {
        refused -= i32::from(refused > 0);
        if refused > 0 { fails(FaultKind::Unauthenticated, false) } else { Does::Answers }
    });
    rig.submit_all(numbered(100, 100)).await;
    rig.until_delivered(100).await;
    assert!(rig.clock.monotonic() < Duration::from_secs(1));
    rig.portal.does(|_| fails(FaultKind::Unauthenticated, false));
    rig.submit(message("locked-out")).await;
    rig.until("closed", |rig| rig.gate() == GateState::Closed).await;
    assert!(rig.dispatcher.gate(&portal_id()).unwrap().reason.unwrap().contains("LT-SESSION-REFUSED"));
}

#[tokio::test(start_paused = true)]
async fn without_a_head_to_try_a_probe_opens_the_gate() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.portal.does(|_| fails(FaultKind::Unavailable, false));
    rig.portal.is_alive(false);
    rig.dispatcher.call(super::calls::call(&rig, "a")).await.unwrap_err();
    assert_eq!(rig.gate(), GateState::Closed);
    rig.until("tried again and again", |rig| rig.portal.probes.lock().len() > 3).await;
    rig.portal.is_alive(true);
    rig.until("open", |rig| rig.gate() == GateState::Open).await;
}

#[tokio::test(start_paused = true)]
async fn what_must_not_happen_twice_is_not_what_a_closed_gate_is_tried_with() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.portal.is_alive(false);
    down_until(&rig, HOUR, || fails(FaultKind::Unavailable, false));
    let id = rig.submit(Message { operation: "portal.sync-progress", ..message("a") }).await;
    rig.until("an hour passes", |rig| rig.clock.monotonic() >= HOUR).await;
    assert_eq!(rig.portal.count(), 1);
    assert!(rig.portal.probes.lock().len() > 30);
    rig.portal.is_alive(true);
    rig.until_state(id, StateName::Delivered).await;
    assert_eq!(rig.portal.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn one_bad_dossier_does_not_hold_a_closed_gate_for_the_others() {
    for (kind, sent) in [(FaultKind::Timeout, true), (FaultKind::Unavailable, false)] {
        let rig = Rig::start(SystemPolicy::default()).await;
        rig.portal.does(move |seen| if seen.key == "odd" { fails(kind, sent) } else { Does::Answers });
        let odd = rig.submit(message("odd")).await;
        tokio::time::sleep(HOUR / 2).await;
        let parks = kind == FaultKind::Timeout;
        assert_eq!(rig.state(odd) == StateName::Parked, parks, "{kind:?}");
        rig.submit_all(numbered(100, 100)).await;
        let began = rig.clock.monotonic();
        rig.until("the others delivered", |rig| {
            assert!(rig.clock.monotonic() - began < HOUR, "{kind:?} holds the gate");
            rig.journal.store.lock().finals.get(&StateName::Delivered) == Some(&100)
        })
        .await;
        assert_eq!(rig.count(StateName::Parked), usize::from(parks));
    }
}

#[tokio::test(start_paused = true)]
async fn many_bad_dossiers_do_not_take_turns_at_a_closed_gate() {
    let rig = Rig::start(SystemPolicy::default()).await;
    rig.portal.is_alive(false);
    rig.portal.does(|seen| if seen.key.starts_with("odd") { fails(FaultKind::Timeout, true) } else { Does::Answers });
    rig.submit_all((0..20).map(|n| message(format!("odd-{n}"))).collect()).await;
    rig.until("closed", |rig| rig.gate() == GateState::Closed).await;
    rig.submit_all(numbered(10, 10)).await;
    rig.until_delivered(10).await;
    assert!(rig.clock.monotonic() < 2 * HOUR);
}
