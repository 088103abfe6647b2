//! The gate's laws: what closes it, what does not, how it opens again, and that no order of events gets it stuck.

use std::num::NonZeroU32;

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn policy() -> GatePolicy {
    GatePolicy {
        failures: NonZeroU32::new(5).unwrap(),
        probe_first: SECOND,
        probe_longest: Duration::from_secs(60),
        ramp_every: NonZeroU32::new(4).unwrap(),
    }
}

fn gate() -> Gate {
    Gate::new(policy(), 16)
}

fn fail(gate: &mut Gate, kind: FaultKind, now: Duration) -> Verdict {
    let ticket = gate.ticket();
    gate.hear(ticket, Heard::of(Some(&Fault::of(kind, "test"))), now, 1.0)
}

fn succeed(gate: &mut Gate, now: Duration) {
    let ticket = gate.ticket();
    gate.hear(ticket, Heard::Alive, now, 1.0);
}

fn probe(gate: &mut Gate, fault: Option<FaultKind>, now: Duration) -> Verdict {
    let ticket = gate.begin_probe(now).expect("a probe is due");
    let fault = fault.map(|kind| Fault::of(kind, "test"));
    gate.hear(ticket, Heard::of(fault.as_ref()), now, 1.0)
}

#[test]
fn an_explicit_no_closes_at_once_when_nothing_else_succeeds() {
    for kind in [FaultKind::Unreachable, FaultKind::Unavailable] {
        let mut gate = gate();
        let verdict = fail(&mut gate, kind, SECOND);
        assert_eq!((verdict.spends, verdict.open), (false, false), "{kind:?}");
        assert_eq!(gate.limit(), 0);
    }
}

#[test]
fn isolated_failures_among_successes_do_not_close() {
    let mut gate = gate();
    for _ in 0..100 {
        succeed(&mut gate, SECOND);
        for kind in [FaultKind::Unreachable, FaultKind::Interrupted, FaultKind::Timeout, FaultKind::Unavailable] {
            assert!(fail(&mut gate, kind, SECOND).spends);
        }
    }
}

#[test]
fn doubtful_failures_in_a_row_close_and_the_closing_one_spends_nothing() {
    let mut gate = gate();
    for _ in 0..4 {
        assert!(fail(&mut gate, FaultKind::Timeout, SECOND).spends);
    }
    assert_eq!(fail(&mut gate, FaultKind::Unintelligible, SECOND), Verdict { spends: false, open: false });
}

#[test]
fn refusals_of_data_show_a_system_that_serves() {
    let mut gate = gate();
    for _ in 0..50 {
        fail(&mut gate, FaultKind::Timeout, SECOND);
        fail(&mut gate, FaultKind::Rejected, SECOND);
    }
    assert!(gate.is_open());
}

#[test]
fn our_own_defects_tell_nothing_of_the_system() {
    let mut gate = gate();
    for _ in 0..50 {
        fail(&mut gate, FaultKind::Internal, SECOND);
    }
    assert!(gate.is_open());
}

#[test]
fn a_burst_of_expired_sessions_is_one_refusal_and_a_refused_login_closes() {
    let mut gate = gate();
    let refused = Fault::of(FaultKind::Unauthenticated, "test");
    let together: Vec<Ticket> = (0..16).map(|_| gate.ticket()).collect();
    for ticket in together {
        assert!(gate.hear(ticket, Heard::Failing(&refused), SECOND, 1.0).open);
    }
    assert!(!fail(&mut gate, FaultKind::Unauthenticated, SECOND).open);
}

#[test]
fn a_session_that_expired_while_closed_gets_a_second_probe_at_once() {
    let mut gate = gate();
    fail(&mut gate, FaultKind::Unavailable, Duration::ZERO);
    probe(&mut gate, Some(FaultKind::Unauthenticated), SECOND);
    assert!(probe(&mut gate, None, SECOND).open);
}

#[test]
fn retry_after_is_honoured_to_the_instant_and_late_answers_can_only_extend_it() {
    let mut gate = gate();
    let late = gate.ticket();
    let ticket = gate.ticket();
    let asks = |seconds| Fault::of(FaultKind::Throttled, "test").with_retry_after(Duration::from_secs(seconds));
    gate.hear(ticket, Heard::Failing(&asks(30)), SECOND, 0.3);
    assert_eq!(gate.phase(), Phase::Closed { until: Duration::from_secs(31) });
    gate.hear(late, Heard::Failing(&asks(10)), Duration::from_secs(2), 0.3);
    assert_eq!(gate.phase(), Phase::Closed { until: Duration::from_secs(31) });
    assert!(gate.begin_probe(Duration::from_secs(30)).is_none());
    assert!(gate.begin_probe(Duration::from_secs(31)).is_some());
}

#[test]
fn throttling_without_a_time_halves_what_goes_at_once_then_closes() {
    let mut gate = gate();
    let mut limits = Vec::new();
    for _ in 0..5 {
        fail(&mut gate, FaultKind::Throttled, SECOND);
        limits.push(gate.limit());
    }
    assert_eq!(limits, [8, 4, 2, 1, 0]);
    let mut gate = Gate::new(policy(), 16);
    fail(&mut gate, FaultKind::Throttled, SECOND);
    for _ in 0..4 {
        succeed(&mut gate, SECOND);
    }
    assert_eq!(gate.limit(), 16);
}

#[test]
fn probes_wait_twice_as_long_each_time_up_to_the_longest() {
    let mut gate = gate();
    let mut now = Duration::ZERO;
    fail(&mut gate, FaultKind::Unavailable, now);
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(gate.phase(), Phase::Closed { until: now + seconds * SECOND });
        now += seconds * SECOND;
        assert!(!probe(&mut gate, Some(FaultKind::Unreachable), now).spends);
    }
}

#[test]
fn it_opens_to_one_then_doubles_until_it_is_full() {
    let mut gate = gate();
    fail(&mut gate, FaultKind::Unavailable, Duration::ZERO);
    probe(&mut gate, None, SECOND);
    let mut seen = vec![gate.limit()];
    for _ in 0..40 {
        succeed(&mut gate, SECOND);
        if seen.last() != Some(&gate.limit()) {
            seen.push(gate.limit());
        }
    }
    assert_eq!(seen, [1, 2, 4, 8, 16]);
}

#[test]
fn a_gate_that_is_still_opening_closes_sooner_and_waits_longer() {
    let mut gate = gate();
    fail(&mut gate, FaultKind::Unavailable, Duration::ZERO);
    probe(&mut gate, None, SECOND);
    assert!(fail(&mut gate, FaultKind::Timeout, SECOND).open);
    assert!(!fail(&mut gate, FaultKind::Timeout, SECOND).open);
    assert_eq!(gate.phase(), Phase::Closed { until: 3 * SECOND });
}

#[test]
fn answers_from_before_it_closed_neither_open_it_nor_spend() {
    let mut gate = gate();
    let (slow_yes, slow_no) = (gate.ticket(), gate.ticket());
    fail(&mut gate, FaultKind::Unavailable, SECOND);
    gate.hear(slow_yes, Heard::Alive, SECOND, 1.0);
    assert!(!gate.is_open());
    probe(&mut gate, None, 2 * SECOND);
    let verdict = gate.hear(slow_no, Heard::of(Some(&Fault::of(FaultKind::Timeout, "test"))), 3 * SECOND, 1.0);
    assert_eq!(verdict, Verdict { spends: false, open: true });
}

#[test]
fn a_probe_asked_for_opens_whatever_the_time() {
    let mut gate = gate();
    fail(&mut gate, FaultKind::Unavailable, Duration::ZERO);
    let ticket = gate.probe_now();
    gate.hear(ticket, Heard::Alive, Duration::ZERO, 1.0);
    assert!(gate.is_open());
}

#[derive(Debug, Clone)]
enum Act {
    Begin,
    Finish { which: usize, fault: Option<FaultKind>, retry_after: Option<u64> },
    Drop(usize),
    Pass(u64),
}

fn any_act() -> impl Strategy<Value = Act> {
    let fault = prop::option::of(prop::sample::select(FaultKind::ALL.to_vec()));
    prop_oneof![
        3 => Just(Act::Begin),
        4 => (0_usize..8, fault, prop::option::of(0_u64..100))
            .prop_map(|(which, fault, retry_after)| Act::Finish { which, fault, retry_after }),
        1 => (0_usize..8).prop_map(Act::Drop),
        2 => (0_u64..90).prop_map(Act::Pass),
    ]
}

proptest! {
    /// At most one probe at a time, never more than the limit promises, and once the system serves it always opens fully.
    #[test]
    fn no_order_of_events_gets_it_stuck(acts in prop::collection::vec(any_act(), 0..120)) {
        let mut gate = gate();
        let mut now = Duration::ZERO;
        let mut out: Vec<Ticket> = Vec::new();
        for act in acts {
            match act {
                Act::Begin => match gate.begin_probe(now) {
                    Some(ticket) => out.push(ticket),
                    None if gate.limit() > 0 => out.push(gate.ticket()),
                    None => {}
                },
                Act::Finish { which, fault, retry_after } if which < out.len() => {
                    let ticket = out.swap_remove(which);
                    let fault = fault.map(|kind| Fault::of(kind, "test"));
                    let fault = fault.map(|fault| match retry_after {
                        Some(seconds) => fault.with_retry_after(Duration::from_secs(seconds)),
                        None => fault,
                    });
                    let verdict = gate.hear(ticket, Heard::of(fault.as_ref()), now, 0.5);
                    prop_assert_eq!(verdict.open, gate.is_open());
                    prop_assert!(!verdict.spends || verdict.open);
                }
                Act::Drop(which) if which < out.len() => {
                    let ticket = out.swap_remove(which);
                    gate.abandon(ticket, now);
                }
                Act::Finish { .. } | Act::Drop(_) => {}
                Act::Pass(seconds) => now += Duration::from_secs(seconds),
            }
            let probing = out.iter().filter(|ticket| gate.is_probe(**ticket)).count();
            prop_assert_eq!(probing, usize::from(gate.phase() == Phase::Probing));
            prop_assert!(gate.limit() <= 16);
        }
        for ticket in out {
            gate.hear(ticket, Heard::Alive, now, 0.5);
        }
        now += LONGEST_RETRY_AFTER;
        if let Some(ticket) = gate.begin_probe(now) {
            gate.hear(ticket, Heard::Alive, now, 0.5);
        }
        for _ in 0..64 {
            succeed(&mut gate, now);
        }
        prop_assert_eq!(gate.limit(), 16);
    }
}
