//! Exhaustive and property tests of the delivery state machine; the laws of the design, one test each.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::body::Body;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn standing(state: DeliveryState, effect: Effect) -> Standing {
    Standing { state, attempts: 1, spent: 0, unsettled: None, last_fault: None, effect, settle: None }
}

fn in_flight(effect: Effect) -> Standing {
    standing(DeliveryState::InFlight { attempt: 1 }, effect)
}

fn go(from: &Standing, event: &Event<'_>) -> Result<Next, IllegalMove> {
    let policy = RetryPolicy::default();
    step(from, event, Circumstances { now: NOW, policy: &policy, draw: 0.5 })
}

fn fail(from: &Standing, kind: FaultKind, sent: bool) -> Next {
    let fault = Fault::of(kind, "test");
    go(from, &Event::Failed { fault: &fault, sent, spends: true }).unwrap()
}

#[test]
fn gate_faults_spend_nothing_and_queue_again() {
    for kind in [FaultKind::Unreachable, FaultKind::Throttled, FaultKind::Unavailable] {
        let next = fail(&in_flight(Effect::Once), kind, false);
        assert_eq!((next.state, next.spent), (DeliveryState::Queued, 0), "{kind:?}");
    }
}

#[test]
fn explicit_refusals_park_at_once() {
    for kind in [
        FaultKind::Rejected,
        FaultKind::Conflict,
        FaultKind::NotFound,
        FaultKind::Forbidden,
        FaultKind::Mapping,
        FaultKind::Invalid,
    ] {
        let next = fail(&in_flight(Effect::Upsert), kind, true);
        assert_eq!((next.state, next.unsettled), (DeliveryState::Parked, None), "{kind:?}");
    }
}

#[test]
fn an_unknown_outcome_of_an_upsert_repeats_the_same_bytes_and_holds_the_attempt() {
    let next = fail(&in_flight(Effect::Upsert), FaultKind::Timeout, true);
    assert!(matches!(next.state, DeliveryState::Verifying { attempt: 1, how: Verify::Repeat, .. }));
    assert_eq!(next.unsettled, Some(1));
}

#[test]
fn an_unknown_outcome_of_once_is_looked_up_after_the_settle_time_or_parked() {
    let mut from = in_flight(Effect::Once);
    let parked = fail(&from, FaultKind::Interrupted, true);
    assert_eq!(parked.state, DeliveryState::Parked);
    assert_eq!(parked.fault.unwrap().code, FaultCode::OutcomeUnknown);
    from.settle = Some(Duration::from_secs(30));
    let next = fail(&from, FaultKind::Interrupted, true);
    let until = NOW.saturating_add(Duration::from_secs(30)).unwrap();
    assert_eq!(next.state, DeliveryState::Verifying { attempt: 1, how: Verify::Lookup, until });
}

#[test]
fn a_crash_in_flight_is_an_unknown_outcome_that_spends_nothing() {
    let next = go(&in_flight(Effect::Upsert), &Event::Lost).unwrap();
    assert!(matches!(next.state, DeliveryState::Verifying { how: Verify::Repeat, .. }));
    assert_eq!(next.spent, 0);
    assert_eq!(go(&in_flight(Effect::Once), &Event::Lost).unwrap().state, DeliveryState::Parked);
}

#[test]
fn a_repeat_that_meets_a_closed_gate_stays_a_repeat() {
    let mut from = in_flight(Effect::Upsert);
    from.unsettled = Some(1);
    let next = fail(&from, FaultKind::Unreachable, false);
    assert!(matches!(next.state, DeliveryState::Verifying { attempt: 1, how: Verify::Repeat, .. }));
}

#[test]
fn a_lookup_decides_done_not_done_or_asks_again() {
    let verifying = DeliveryState::Verifying { attempt: 1, how: Verify::Lookup, until: NOW };
    let mut from = standing(verifying, Effect::Once);
    from.settle = Some(Duration::ZERO);
    let done = go(&from, &Event::LookedUp(&Lookup::Done(Body::json("{}")))).unwrap();
    assert_eq!(done.state, DeliveryState::Delivered);
    let not_done = go(&from, &Event::LookedUp(&Lookup::NotDone)).unwrap();
    assert!(matches!(not_done.state, DeliveryState::Verifying { how: Verify::Repeat, .. }));
    let unsure = go(&from, &Event::LookedUp(&Lookup::Unknown)).unwrap();
    assert!(matches!(unsure.state, DeliveryState::Verifying { how: Verify::Lookup, .. }));
}

#[test]
fn the_budget_parks_with_the_cause() {
    let mut from = in_flight(Effect::Upsert);
    from.spent = RetryPolicy::default().budget - 1;
    let next = fail(&from, FaultKind::Unintelligible, true);
    assert_eq!(next.state, DeliveryState::Parked);
    assert_eq!(next.fault.unwrap().kind, FaultKind::Unintelligible);
}

#[test]
fn a_spent_budget_is_still_looked_up_and_then_not_done_parks_with_the_last_fault() {
    let mut from = in_flight(Effect::Once);
    from.settle = Some(Duration::from_secs(30));
    for round in 1..=RetryPolicy::default().budget {
        let sent = fail(&from, FaultKind::Timeout, true);
        assert!(matches!(sent.state, DeliveryState::Verifying { how: Verify::Lookup, .. }), "round {round}");
        from = Standing { state: sent.state, spent: sent.spent, last_fault: sent.fault, ..from };
        let next = go(&from, &Event::LookedUp(&Lookup::NotDone)).unwrap();
        assert_eq!(next.fault.as_ref().map(|fault| fault.kind), Some(FaultKind::Timeout), "round {round}");
        let last = round == RetryPolicy::default().budget;
        assert_eq!(next.state == DeliveryState::Parked, last, "round {round}");
        assert_eq!(next.unsettled.is_none(), last, "not done is an answer");
        from = Standing { state: DeliveryState::InFlight { attempt: 1 }, spent: next.spent, last_fault: None, ..from };
    }
}

#[test]
fn a_lookup_of_a_system_that_is_down_parks_nothing_even_without_budget() {
    let mut from = standing(DeliveryState::Verifying { attempt: 1, how: Verify::Lookup, until: NOW }, Effect::Once);
    (from.settle, from.spent) = (Some(Duration::ZERO), RetryPolicy::default().budget);
    let fault = Fault::of(FaultKind::Unreachable, "test");
    let next = go(&from, &Event::LookupFailed { fault: &fault, spends: false }).unwrap();
    assert!(matches!(next.state, DeliveryState::Verifying { how: Verify::Lookup, .. }));
    let next = go(&from, &Event::LookupFailed { fault: &fault, spends: true }).unwrap();
    assert_eq!(next.state, DeliveryState::Parked);
}

#[test]
fn a_release_does_not_forget_that_once_may_have_happened_and_pins_no_bytes() {
    let parked = fail(&in_flight(Effect::Once), FaultKind::Timeout, true);
    let mut from = standing(parked.state, Effect::Once);
    from.unsettled = parked.unsettled;
    let released = go(&from, &Event::Released).unwrap();
    assert_eq!((released.state, released.unsettled), (DeliveryState::Queued, Some(1)));
    (from.state, from.unsettled) = (released.state, released.unsettled);
    for event in [Event::Cancelled, Event::Expired, Event::Superseded] {
        assert!(go(&from, &event).is_err());
    }
    let going = go(&from, &Event::Admitted).unwrap();
    (from.state, from.attempts, from.unsettled) = (going.state, going.attempts, going.unsettled);
    let refused = fail(&from, FaultKind::Unavailable, false);
    assert_eq!((refused.state, refused.unsettled), (DeliveryState::Queued, Some(1)));
    assert_eq!(go(&from, &Event::Answered).unwrap().unsettled, None);
}

#[test]
fn only_what_is_unsent_can_be_cancelled_or_expire() {
    for event in [Event::Cancelled, Event::Expired] {
        assert!(go(&standing(DeliveryState::Queued, Effect::Once), &event).is_ok());
        assert!(go(&in_flight(Effect::Once), &event).is_err());
        let mut unsettled = standing(DeliveryState::Queued, Effect::Upsert);
        unsettled.unsettled = Some(1);
        assert!(go(&unsettled, &event).is_err());
    }
}

#[test]
fn a_head_in_flight_or_unsettled_is_never_superseded() {
    assert!(go(&in_flight(Effect::Upsert), &Event::Superseded).is_err());
    assert!(go(&standing(DeliveryState::Parked, Effect::Upsert), &Event::Superseded).is_ok());
    let mut unknown = standing(DeliveryState::Parked, Effect::Upsert);
    unknown.unsettled = Some(1);
    assert!(go(&unknown, &Event::Superseded).is_err());
}

fn any_state() -> impl Strategy<Value = DeliveryState> {
    let how = prop_oneof![Just(Verify::Repeat), Just(Verify::Lookup)];
    prop_oneof![
        Just(DeliveryState::Queued),
        Just(DeliveryState::Waiting { until: NOW }),
        Just(DeliveryState::InFlight { attempt: 1 }),
        how.prop_map(|how| DeliveryState::Verifying { attempt: 1, how, until: NOW }),
        Just(DeliveryState::Delivered),
        Just(DeliveryState::Parked),
        Just(DeliveryState::Cancelled),
        Just(DeliveryState::Discarded),
        Just(DeliveryState::Superseded),
    ]
}

proptest! {
    /// Final states never move; an illegal event changes nothing; attempts only grow, and only by admission.
    #[test]
    fn laws_of_every_step(
        state in any_state(),
        effect in prop_oneof![Just(Effect::Read), Just(Effect::Upsert), Just(Effect::Once)],
        kind in prop::sample::select(FaultKind::ALL.to_vec()),
        which in 0_usize..12, sent: bool, spends: bool, spent in 0_u32..10, lookup: bool,
    ) {
        let from = Standing {
            state, attempts: 1, spent, unsettled: None, last_fault: None, effect,
            settle: lookup.then_some(Duration::from_secs(1)),
        };
        let fault = Fault::of(kind, "test");
        let events = [
            Event::Admitted, Event::Answered, Event::Failed { fault: &fault, sent, spends }, Event::Lost,
            Event::LookedUp(&Lookup::Unknown), Event::LookupFailed { fault: &fault, spends },
            Event::Released, Event::AskedAgain, Event::Discarded, Event::Cancelled, Event::Expired, Event::Amended,
        ];
        if let Ok(next) = go(&from, &events[which]) {
            prop_assert!(!state.name().is_final());
            prop_assert_eq!(next.attempts, 1 + u32::from(which == 0));
            prop_assert!(next.state != DeliveryState::Parked || next.fault.is_some());
            let delivered_by_answer = which == 1 || next.state != DeliveryState::Delivered;
            prop_assert!(delivered_by_answer, "only an explicit answer delivers");
            let resent = matches!(next.state, DeliveryState::Queued | DeliveryState::Verifying { how: Verify::Repeat, .. });
            let unknown = which == 3 || (which == 2 && sent && kind.retry() == Retry::OutcomeUnknown);
            prop_assert!(!(unknown && effect == Effect::Once && resent), "once is never sent again on its own");
        }
    }
}

#[test]
fn what_must_not_happen_twice_is_looked_up_again_where_the_target_can_tell() {
    let mut from = standing(DeliveryState::Parked, Effect::Once);
    from.unsettled = Some(1);
    assert!(go(&from, &Event::AskedAgain).is_err(), "without a lookup nobody can tell");
    from.settle = Some(std::time::Duration::from_secs(60));
    let asked = go(&from, &Event::AskedAgain).unwrap();
    assert!(matches!(asked.state, DeliveryState::Verifying { attempt: 1, how: Verify::Lookup, .. }));
    assert_eq!(asked.unsettled, Some(1));
    from.unsettled = None;
    assert!(go(&from, &Event::AskedAgain).is_err(), "what is settled is not asked about");
}
