//! From an outcome to what is recorded: asks the state machine, and writes its answer as a transition. It records nothing itself.

use lienthong_core::machine::{self, Circumstances, Event, IllegalMove, Next, Standing};
use lienthong_core::{
    Body, DeliveryState, Effect, Fault, FaultKind, Lookup, OperationSpec, RetryPolicy, StateName, Timestamp, Verify,
    fault,
};
use lienthong_journal::{Actor, AttemptEnd, AttemptOutcome, BodyInput, EventKind, Head, Transition};

use super::line::Outcome;
use crate::callback;
use crate::config::{Configuration, SystemPolicy};

/// What decides about one delivery besides its outcome.
pub(super) struct Laws<'a> {
    pub(super) config: &'a Configuration,
    pub(super) now: Timestamp,
    pub(super) draw: f64,
    /// Whether a failure counts against the delivery.
    pub(super) spends: bool,
}

/// The operation's specification, as long as its system and adapter are configured.
pub(super) fn spec<'a>(config: &'a Configuration, head: &Head) -> Option<&'a OperationSpec> {
    let adapter = config.adapters.get(&head.delivery.system)?;
    adapter.operations().iter().find(|spec| spec.name == head.delivery.operation)
}

/// What the machine knows of a delivery. An operation nobody knows any more is treated as one that must not happen twice.
pub(super) fn standing(config: &Configuration, head: &Head) -> Standing {
    let spec = spec(config, head);
    let delivery = &head.delivery;
    Standing {
        state: delivery.state,
        attempts: delivery.attempts,
        spent: delivery.spent,
        unsettled: delivery.unsettled,
        last_fault: delivery.fault.clone(),
        effect: spec.map_or(Effect::Once, |spec| spec.effect),
        settle: spec.and_then(|spec| spec.lookup).map(|lookup| lookup.settle),
    }
}

/// The machine's step for a send intent.
pub(super) fn admitted(config: &Configuration, head: &Head, now: Timestamp) -> Result<Next, IllegalMove> {
    let policy = RetryPolicy::default();
    machine::step(&standing(config, head), &Event::Admitted, Circumstances { now, policy: &policy, draw: 0.0 })
}

/// The machine's step when a session was refused: ready again.
pub(super) fn refused_session(
    config: &Configuration,
    head: &Head,
    fault: &Fault,
    now: Timestamp,
) -> Result<Next, IllegalMove> {
    let policy = RetryPolicy::default();
    let event = Event::Failed { fault, sent: false, spends: false };
    machine::step(&standing(config, head), &event, Circumstances { now, policy: &policy, draw: 0.0 })
}

/// The head stands where the machine said, at the version the journal gave.
pub(super) fn apply(head: &mut Head, next: Next, version: u32) {
    let Next { state, attempts, spent, unsettled, fault } = next;
    head.delivery.state = state;
    head.delivery.attempts = attempts;
    head.delivery.spent = spent;
    head.delivery.unsettled = unsettled;
    head.delivery.fault = fault;
    head.delivery.version = version;
}

/// What is recorded for an outcome.
pub(super) fn settle(head: &Head, outcome: Outcome, laws: &Laws<'_>) -> Result<Transition, IllegalMove> {
    let next = decide(head, &outcome, laws)?;
    let end = end(head, outcome, laws.now);
    let mut transition = Transition { end, ..transition(head, next, laws.now) };
    transition.spawn = callback::of_outcome(laws.config, &head.exchange, &transition, &head.delivery);
    Ok(transition)
}

fn decide(head: &Head, outcome: &Outcome, laws: &Laws<'_>) -> Result<Next, IllegalMove> {
    let from = standing(laws.config, head);
    match outcome {
        Outcome::Called { result: Ok(_), .. } => step(head, &from, &Event::Answered, None, laws),
        Outcome::Called { result: Err(fault), .. } if head.delivery.lane.is_none() => {
            // A synchronous call is over when its caller has the answer: it never goes again.
            Ok(closed(&from, fault.clone()))
        }
        Outcome::Called { result: Err(fault), sent } => {
            let event = Event::Failed { fault, sent: *sent, spends: laws.spends };
            step(head, &from, &event, Some(fault.kind), laws)
        }
        Outcome::LookedUp(Ok(found)) => step(head, &from, &Event::LookedUp(found), None, laws),
        Outcome::LookedUp(Err(fault)) => {
            let event = Event::LookupFailed { fault, spends: laws.spends };
            step(head, &from, &event, Some(fault.kind), laws)
        }
        Outcome::Without(_) => step(head, &from, &Event::Answered, None, laws),
        Outcome::Passed => passed(head, &from, laws),
        Outcome::Early(until) => Ok(early(&from, *until)),
        Outcome::Unfit(fault) => unfit(head, &from, fault, laws),
        Outcome::Expired => step(head, &from, &Event::Expired, None, laws),
        Outcome::Lost if head.delivery.lane.is_none() => {
            let detail = "the process ended while the call was in flight; its caller got no answer";
            Ok(closed(&from, Fault::of(FaultKind::Interrupted, detail)))
        }
        Outcome::Lost => step(head, &from, &Event::Lost, Some(FaultKind::Interrupted), laws),
    }
}

/// Done without having been sent: the machine sees an attempt, the record none.
fn passed(head: &Head, from: &Standing, laws: &Laws<'_>) -> Result<Next, IllegalMove> {
    let going = step(head, from, &Event::Admitted, None, laws)?;
    let standing = Standing { state: going.state, attempts: going.attempts, ..from.clone() };
    let next = step(head, &standing, &Event::Answered, None, laws)?;
    Ok(Next { attempts: from.attempts, ..next })
}

/// Nothing was tried: it waits on.
fn early(from: &Standing, until: Timestamp) -> Next {
    Next {
        state: DeliveryState::Waiting { until },
        attempts: from.attempts,
        spent: from.spent,
        unsettled: from.unsettled,
        fault: None,
    }
}

/// Fails without having been sent: the machine sees an attempt, the record none.
fn unfit(head: &Head, from: &Standing, fault: &Fault, laws: &Laws<'_>) -> Result<Next, IllegalMove> {
    let going = step(head, from, &Event::Admitted, None, laws)?;
    let standing = Standing {
        state: going.state,
        attempts: going.attempts,
        spent: going.spent,
        unsettled: going.unsettled,
        ..from.clone()
    };
    let event = Event::Failed { fault, sent: false, spends: laws.spends };
    let next = step(head, &standing, &event, Some(fault.kind), laws)?;
    Ok(Next { attempts: from.attempts, ..next })
}

fn closed(from: &Standing, fault: Fault) -> Next {
    Next {
        state: DeliveryState::Discarded,
        attempts: from.attempts,
        spent: from.spent,
        unsettled: None,
        fault: Some(fault),
    }
}

fn step(
    head: &Head,
    from: &Standing,
    event: &Event<'_>,
    kind: Option<FaultKind>,
    laws: &Laws<'_>,
) -> Result<Next, IllegalMove> {
    let policy = retry_policy(laws.config, head, kind);
    machine::step(from, event, Circumstances { now: laws.now, policy: &policy, draw: laws.draw })
}

/// The route's own policy, else the system's for this kind of fault.
fn retry_policy(config: &Configuration, head: &Head, kind: Option<FaultKind>) -> RetryPolicy {
    let of_route = config.routes.route(&head.delivery.route).and_then(|route| route.spec.retry);
    let of_system = |policy: &SystemPolicy| kind.map_or(policy.retry, |kind| *policy.retry_for(kind));
    of_route.or_else(|| config.systems.get(&head.delivery.system).map(of_system)).unwrap_or_default()
}

/// The machine's answer as a transition of this head, without its attempt.
pub(super) fn transition(head: &Head, next: Next, now: Timestamp) -> Transition {
    let Next { state, attempts, spent, unsettled, fault } = next;
    let delivery = &head.delivery;
    let fault = fault.map(|fault| {
        let fingerprint = fault::fingerprint(&delivery.system, &delivery.operation, &fault);
        (fault, fingerprint)
    });
    Transition {
        delivery: delivery.id,
        version: delivery.version,
        at: now,
        state,
        attempts,
        spent,
        unsettled,
        fault,
        event: event_of(state.name()),
        actor: Actor::Gateway,
        note: None,
        start: None,
        end: None,
        spawn: Vec::new(),
    }
}

fn event_of(state: StateName) -> EventKind {
    match state {
        StateName::Queued | StateName::Waiting => EventKind::Waiting,
        StateName::InFlight => EventKind::Admitted,
        StateName::Verifying => EventKind::Verifying,
        StateName::Delivered => EventKind::Delivered,
        StateName::Parked => EventKind::Parked,
        StateName::Cancelled => EventKind::Cancelled,
        StateName::Discarded => EventKind::Discarded,
        StateName::Superseded => EventKind::Superseded,
    }
}

/// How the attempt in question ended, when one did.
fn end(head: &Head, outcome: Outcome, at: Timestamp) -> Option<AttemptEnd> {
    let ended = |attempt: u32, outcome: AttemptOutcome, answer: Option<Body>| {
        let answer = answer.map(|body| BodyInput::New { content_type: body.content_type, bytes: body.bytes });
        Some(AttemptEnd { attempt, at, outcome, answer })
    };
    match (head.delivery.state, outcome) {
        (DeliveryState::InFlight { attempt }, Outcome::Called { result: Ok(answer), .. }) => {
            ended(attempt, AttemptOutcome::Delivered, Some(answer))
        }
        (DeliveryState::InFlight { attempt }, Outcome::Called { result: Err(fault), .. }) => {
            ended(attempt, AttemptOutcome::Failed(fault), None)
        }
        (DeliveryState::InFlight { attempt }, Outcome::Without(fault)) => {
            ended(attempt, AttemptOutcome::Failed(fault), None)
        }
        (DeliveryState::InFlight { attempt }, Outcome::Lost) => ended(attempt, AttemptOutcome::Lost, None),
        (DeliveryState::Verifying { attempt, how: Verify::Lookup, .. }, Outcome::LookedUp(Ok(found))) => match found {
            Lookup::Done(answer) => ended(attempt, AttemptOutcome::FoundDone, Some(answer)),
            Lookup::NotDone => ended(attempt, AttemptOutcome::FoundNotDone, None),
            Lookup::Unknown => None,
        },
        (
            _,
            Outcome::Called { .. }
            | Outcome::LookedUp(_)
            | Outcome::Without(_)
            | Outcome::Passed
            | Outcome::Early(_)
            | Outcome::Unfit(_)
            | Outcome::Expired
            | Outcome::Lost,
        ) => None,
    }
}
