//! Calls and deliveries share one system: neither starves, nothing leaks, and a shut system turns calls away.

use std::num::NonZeroU32;

use lienthong_core::{FaultCode, FaultKind};

use super::*;
use crate::config::RatePolicy;

fn at(seconds: u64) -> Now {
    Now { wall: Timestamp::UNIX_EPOCH, mono: Duration::from_secs(seconds) }
}

fn valve(concurrency: u32, rate: Option<RatePolicy>) -> Valve {
    let policy = SystemPolicy { concurrency: NonZeroU32::new(concurrency).unwrap(), rate, ..SystemPolicy::default() };
    Valve::new(&policy, at(0))
}

fn granted(entry: Entry) -> Ticket {
    match entry {
        Entry::Granted(ticket) => ticket,
        Entry::Wait(_) | Entry::Full | Entry::Shut(_) => panic!("not granted"),
    }
}

fn waiting(entry: Entry) -> oneshot::Receiver<Ticket> {
    match entry {
        Entry::Wait(receiver) => receiver,
        Entry::Granted(_) | Entry::Full | Entry::Shut(_) => panic!("does not wait"),
    }
}

#[test]
fn slots_alternate_between_calls_and_deliveries_when_both_want_them() {
    let mut valve = valve(1, None);
    valve.deliveries_want(true, at(0));
    let mut holder = (User::Delivery, valve.admit_delivery(at(0)).unwrap());
    let mut calls: VecDeque<_> = (0..5).map(|_| waiting(valve.admit_call(at(0)))).collect();
    let mut order = Vec::new();
    for _ in 0..10 {
        order.push(holder.0);
        valve.finish(holder.0, holder.1, None, at(1), 0.5);
        holder = match calls.front_mut().and_then(|call| call.try_recv().ok()) {
            Some(ticket) => {
                calls.pop_front();
                (User::Call, ticket)
            }
            None => (User::Delivery, valve.admit_delivery(at(1)).unwrap()),
        };
    }
    let expected: Vec<User> = (0..10).map(|n| if n % 2 == 0 { User::Delivery } else { User::Call }).collect();
    assert_eq!(order, expected);
}

#[test]
fn a_call_that_stopped_waiting_takes_no_slot() {
    let mut valve = valve(1, None);
    let first = granted(valve.admit_call(at(0)));
    drop(waiting(valve.admit_call(at(0))));
    let mut third = waiting(valve.admit_call(at(0)));
    valve.finish(User::Call, first, None, at(0), 0.5);
    assert!(third.try_recv().is_ok());
    assert_eq!(valve.in_flight(), 1);
}

#[test]
fn closing_sends_waiting_calls_away() {
    let mut valve = valve(1, None);
    let first = granted(valve.admit_call(at(0)));
    let mut second = waiting(valve.admit_call(at(0)));
    valve.finish(User::Call, first, Some(&Fault::of(FaultKind::Unavailable, "test")), at(0), 0.5);
    assert!(matches!(second.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
    assert!(matches!(valve.admit_call(at(0)), Entry::Shut(GateState::Closed)));
    assert_eq!(valve.in_flight(), 0);
}

#[test]
fn rate_is_one_for_both_and_an_unused_permission_gives_its_token_back() {
    let rate = RatePolicy { per_second: 1.0, burst: NonZeroU32::new(2).unwrap() };
    let mut valve = valve(16, Some(rate));
    let delivery = valve.admit_delivery(at(0)).unwrap();
    let mut call = waiting({
        granted(valve.admit_call(at(0)));
        valve.admit_call(at(0))
    });
    assert_eq!(valve.wait(at(0)).map(|wait| wait.as_secs()), Some(1));
    valve.abandon(User::Delivery, delivery, at(0));
    assert!(call.try_recv().is_ok());
}

#[test]
fn the_state_shown_is_pause_then_maintenance_then_gate_and_each_change_is_noted_once() {
    let mut valve = valve(1, None);
    let window = Open { until: Timestamp::from_second(3).unwrap(), reason: None };
    valve.set_maintenance(Some(window), at(0));
    valve.set_paused(true, Some("moving house".into()), at(1));
    valve.set_paused(true, Some("moving house".into()), at(2));
    valve.set_maintenance(None, at(3));
    valve.set_paused(false, None, at(4));
    // The window is over, and one goes first.
    assert_eq!(valve.state(), GateState::Maintenance);
    assert_eq!(probed(&mut valve, None, 4), GateState::Open);
    let states: Vec<GateState> = valve.take_changes().into_iter().map(|change| change.to).collect();
    assert_eq!(states, [GateState::Maintenance, GateState::Paused, GateState::Maintenance, GateState::Open]);
    assert!(valve.admit_delivery(at(4)).is_some());
}

fn fault(code: FaultCode) -> Fault {
    Fault::new(FaultKind::Unavailable, code, "test")
}

fn probed(valve: &mut Valve, fault: Option<&Fault>, seconds: u64) -> GateState {
    let ticket = valve.begin_probe(User::Probe, at(seconds)).unwrap();
    valve.finish(User::Probe, ticket, fault, at(seconds), 0.0);
    valve.state()
}

#[test]
fn a_system_that_says_it_is_in_maintenance_is_believed_at_once_and_until_it_serves() {
    let mut valve = valve(4, None);
    let served = valve.admit_delivery(at(0)).unwrap();
    valve.finish(User::Delivery, served, None, at(0), 0.0);
    let ticket = valve.admit_delivery(at(0)).unwrap();
    let page = fault(FaultCode::Maintenance);
    let verdict = valve.finish(User::Delivery, ticket, Some(&page), at(0), 0.0);
    assert_eq!((valve.state(), verdict.spends), (GateState::Maintenance, false));
    assert!(valve.view(at(1)).reason.is_some());
    assert!(matches!(valve.admit_call(at(1)), Entry::Shut(GateState::Maintenance)));
    // Taken away altogether for a while it is in maintenance yet, but not for ever.
    let away = Fault::of(FaultKind::Unreachable, "refused");
    assert_eq!(probed(&mut valve, Some(&away), 3_599), GateState::Maintenance);
    assert_eq!(probed(&mut valve, Some(&page), 7_000), GateState::Maintenance);
    assert_eq!(probed(&mut valve, Some(&away), 10_600), GateState::Closed);
    assert_eq!(probed(&mut valve, Some(&page), 14_000), GateState::Maintenance);
    assert_eq!(probed(&mut valve, None, 14_200), GateState::Open);
    let states: Vec<GateState> = valve.take_changes().into_iter().map(|change| change.to).collect();
    use GateState::{Closed, Maintenance, Open};
    assert_eq!(states, [Maintenance, Closed, Maintenance, Open]);
}

#[test]
fn after_a_window_one_goes_first_and_late_answers_of_before_open_nothing() {
    let mut valve = valve(4, None);
    let before = valve.admit_delivery(at(0)).unwrap();
    let open =
        |until: i64| Some(Open { until: Timestamp::from_second(until).unwrap(), reason: Some("nâng cấp".into()) });
    valve.set_maintenance(open(100), at(1));
    assert_eq!((valve.state(), valve.view(at(1)).until.map(Timestamp::as_second)), (GateState::Maintenance, Some(100)));
    valve.set_maintenance(open(200), at(2));
    assert_eq!(valve.view(at(2)).reason.as_deref(), Some("nâng cấp"));
    assert!(valve.admit_delivery(at(3)).is_none() && !valve.probe_due(at(3)));
    valve.set_maintenance(None, at(200));
    assert_eq!((valve.state(), valve.view(at(200)).until), (GateState::Maintenance, None));
    valve.finish(User::Delivery, before, None, at(200), 0.0);
    assert!(valve.admit_delivery(at(200)).is_none(), "opened by an answer from before");
    let first = valve.begin_probe(User::Delivery, at(200)).unwrap();
    assert!(valve.admit_delivery(at(200)).is_none() && valve.begin_probe(User::Delivery, at(200)).is_none());
    valve.finish(User::Delivery, first, None, at(201), 0.0);
    assert_eq!((valve.state(), valve.view(at(201)).concurrency), (GateState::Open, 1));
}
