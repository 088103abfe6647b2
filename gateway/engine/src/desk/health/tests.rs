//! Each state with the signs that show it, and what proves nothing.

use super::*;
use crate::vitals::{Latencies, Quantiles};

fn gate(state: GateState, concurrency: u32) -> GateView {
    GateView {
        state,
        since: Timestamp::from_second(100).unwrap(),
        reason: Some("why".to_owned()),
        next_probe: None,
        until: None,
        in_flight: 0,
        concurrency,
        last_success: None,
    }
}

fn recent(answered: u64, failed: u64, p95: u64) -> Recent {
    let p95 = Duration::from_millis(p95);
    Recent {
        answered,
        failed,
        quantiles: Some(Quantiles { p50: p95, p95, p99: p95 }),
        last_success: Some(Timestamp::from_second(150).unwrap()),
        ..Recent::default()
    }
}

fn of(gate: &GateView, recent: &Recent) -> (SystemState, Option<i64>, Vec<Sign>) {
    with_queue(gate, recent, 3)
}

fn with_queue(gate: &GateView, recent: &Recent, queued: u64) -> (SystemState, Option<i64>, Vec<Sign>) {
    let signs = Signs { gate, calls: 16, timeout: Duration::from_secs(30), queued, recent };
    let (state, since, signs) = judged(&signs);
    (state, since.map(Timestamp::as_second), signs)
}

#[test]
fn a_shut_gate_says_the_state_with_its_reason() {
    let why = Some("why".to_owned());
    for (shut, state, sign) in [
        (GateState::Paused, SystemState::Paused, Sign::Paused(why.clone())),
        (GateState::Maintenance, SystemState::Maintenance, Sign::Maintenance(why.clone())),
        (GateState::Closed, SystemState::Down, Sign::Closed(why.clone())),
        (GateState::Probing, SystemState::Down, Sign::Closed(why.clone())),
    ] {
        // However well it served before.
        assert_eq!(of(&gate(shut, 0), &recent(500, 0, 10)), (state, Some(100), vec![sign]));
    }
}

#[test]
fn one_failure_in_twenty_degrades_and_few_attempts_prove_nothing() {
    assert_eq!(of(&gate(GateState::Open, 16), &recent(95, 4, 10)).0, SystemState::Up);
    let sign = Sign::Fails { failed: 5, of: 100 };
    assert_eq!(of(&gate(GateState::Open, 16), &recent(95, 5, 10)), (SystemState::Degraded, None, vec![sign]));
    assert_eq!(of(&gate(GateState::Open, 16), &recent(2, 3, 20_000)).0, SystemState::Up);
}

#[test]
fn slow_is_slower_than_usual_or_near_the_timeout() {
    let open = gate(GateState::Open, 16);
    let usual = |p95, usual| Recent { usual_p95: Some(Duration::from_millis(usual)), ..recent(100, 0, p95) };
    assert_eq!(of(&open, &usual(900, 100)).0, SystemState::Up, "fast is never slow");
    assert_eq!(of(&open, &usual(4_000, 1_900)).2.first().map(Sign::code), Some("slow"));
    assert_eq!(of(&open, &usual(4_000, 2_100)).0, SystemState::Up);
    assert_eq!(of(&open, &recent(100, 0, 14_000)).0, SystemState::Up, "what is usual is not known");
    assert_eq!(of(&open, &recent(100, 0, 16_000)).2.first().map(Sign::code), Some("near_timeout"));
}

#[test]
fn a_system_that_is_opened_step_by_step_is_degraded_and_an_untried_one_says_so() {
    let sign = Sign::Opening { calls: 2, of: 16 };
    assert_eq!(of(&gate(GateState::Open, 2), &recent(5, 0, 10)), (SystemState::Degraded, None, vec![sign]));
    assert_eq!(with_queue(&gate(GateState::Open, 2), &recent(5, 0, 10), 0).0, SystemState::Up, "nobody waits for more");
    assert_eq!(of(&gate(GateState::Open, 16), &Recent::default()), (SystemState::Up, Some(100), vec![Sign::Untried]));
}

#[test]
fn a_histogram_tells_quantiles_within_an_eighth() {
    let mut latencies = Latencies::default();
    assert_eq!(latencies.quantiles(), None);
    (1..=1000).for_each(|millis| latencies.add(Duration::from_millis(millis)));
    let Quantiles { p50, p95, p99 } = latencies.quantiles().unwrap();
    for (got, exact) in [(p50, 500), (p95, 950), (p99, 990)] {
        let exact = Duration::from_millis(exact);
        assert!(exact <= got && got <= exact.mul_f64(1.126), "{got:?} for {exact:?}");
    }
}
