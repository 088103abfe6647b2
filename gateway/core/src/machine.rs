//! The delivery state machine: `(standing, event, now) -> next`, pure and exhaustive. It performs nothing; the engine does, and the journal keeps it.

use jiff::Timestamp;

use crate::adapter::Lookup;
use crate::delivery::{DeliveryState, StateName, Verify};
use crate::fault::{Fault, FaultCode, FaultKind, Retry};
use crate::operation::Effect;
use crate::retry::RetryPolicy;

#[cfg(test)]
mod tests;

/// What the machine knows of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub state: DeliveryState,
    /// Attempts begun so far.
    pub attempts: u32,
    /// Failures that counted against the delivery's own budget.
    pub spent: u32,
    /// The attempt whose outcome is unknown, until an explicit answer settles it.
    pub unsettled: Option<u32>,
    /// The latest fault recorded with it.
    pub last_fault: Option<Fault>,
    pub effect: Effect,
    /// How long after sending a lookup's "not done" can be believed; `None` when the operation has no lookup.
    pub settle: Option<std::time::Duration>,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Event<'a> {
    /// The send intent of the next attempt is being committed.
    Admitted,
    /// The target said yes.
    Answered,
    /// The attempt failed. `sent`: a byte may have left. `spends`: the fault counts against this delivery (false while the
    /// system itself is failing).
    Failed {
        fault: &'a Fault,
        sent: bool,
        spends: bool,
    },
    /// After a restart: an intent without an outcome.
    Lost,
    LookedUp(&'a Lookup),
    LookupFailed {
        fault: &'a Fault,
        spends: bool,
    },
    /// By an operator, after a repair or as it is; or by a change of configuration.
    Released,
    /// An operator lets the target be asked once more whether it happened, before anything is sent again.
    AskedAgain,
    /// By an operator, with other content.
    Amended,
    Discarded,
    Cancelled,
    /// `expires_at` has passed.
    Expired,
    /// A newer snapshot was accepted.
    Superseded,
}

/// Where the delivery stands afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Next {
    pub state: DeliveryState,
    pub attempts: u32,
    pub spent: u32,
    pub unsettled: Option<u32>,
    /// Why it is parked or waits; `None` clears what was there.
    pub fault: Option<Fault>,
}

/// The event cannot happen in this state: an operator came too late, or a defect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a delivery that is {} cannot be {event}", .state.as_str())]
pub struct IllegalMove {
    pub state: StateName,
    pub event: &'static str,
}

/// Time, policy and one random draw in `0.0..1.0` for jitter.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    pub now: Timestamp,
    pub policy: &'a RetryPolicy,
    pub draw: f64,
}

/// One step of the machine.
pub fn step(from: &Standing, event: &Event<'_>, at: Circumstances<'_>) -> Result<Next, IllegalMove> {
    match event {
        Event::Admitted => admitted(from),
        Event::Answered => in_flight(from, "answered").map(|_| settled(from, DeliveryState::Delivered)),
        Event::Failed { fault, sent, spends } => {
            let attempt = in_flight(from, "failed")?;
            Ok(failed(from, attempt, fault, Weight { sent: *sent, spends: *spends }, at))
        }
        Event::Lost => {
            let attempt = in_flight(from, "lost")?;
            let lost = Fault::of(FaultKind::Interrupted, "the process ended while the attempt was in flight");
            Ok(unknown(from, attempt, &lost, false, at))
        }
        Event::LookedUp(found) => looking_up(from).map(|attempt| looked_up(from, attempt, found, at)),
        Event::LookupFailed { fault, spends } => {
            looking_up(from).map(|attempt| look_again(from, attempt, fault, *spends, at))
        }
        Event::Released => released(from),
        Event::AskedAgain => asked_again(from),
        Event::Amended => amended(from),
        Event::Discarded => discarded(from),
        Event::Cancelled => unsent(from, "cancelled").map(|()| settled(from, DeliveryState::Cancelled)),
        Event::Superseded => replaceable(from).map(|()| settled(from, DeliveryState::Superseded)),
        Event::Expired => unsent(from, "expired").map(|()| {
            let fault = Fault::of(FaultKind::Expired, "expires_at passed before it could be sent");
            Next { fault: Some(fault), ..settled(from, DeliveryState::Parked) }
        }),
    }
}

fn admitted(from: &Standing) -> Result<Next, IllegalMove> {
    let unsettled = match from.state {
        DeliveryState::Queued | DeliveryState::Waiting { .. } => from.unsettled,
        DeliveryState::Verifying { attempt, how: Verify::Repeat, .. } => Some(attempt),
        DeliveryState::Verifying { how: Verify::Lookup, .. }
        | DeliveryState::InFlight { .. }
        | DeliveryState::Delivered
        | DeliveryState::Parked
        | DeliveryState::Cancelled
        | DeliveryState::Discarded
        | DeliveryState::Superseded => return illegal(from, "admitted"),
    };
    let attempt = from.attempts.saturating_add(1);
    Ok(Next {
        state: DeliveryState::InFlight { attempt },
        attempts: attempt,
        spent: from.spent,
        unsettled,
        fault: None,
    })
}

/// Whether an attempt's failure may have reached the target, and whether it counts against the delivery.
#[derive(Clone, Copy)]
struct Weight {
    sent: bool,
    spends: bool,
}

fn failed(from: &Standing, attempt: u32, fault: &Fault, weight: Weight, at: Circumstances<'_>) -> Next {
    let Weight { sent, spends } = weight;
    match (fault.kind.retry(), sent) {
        (Retry::OutcomeUnknown | Retry::Backoff, true) => unknown(from, attempt, fault, spends, at),
        // Said to be unsent, yet bytes left: believe the bytes.
        (Retry::Gate, true) if fault.kind == FaultKind::Unreachable => unknown(from, attempt, fault, spends, at),
        (Retry::Gate, _) | (Retry::OutcomeUnknown, false) => again(from, fault, at.now),
        (Retry::AfterLogin, _) => again(from, fault, at.now),
        (Retry::Backoff, false) => back_off(from, fault, at),
        (Retry::OnConfigurationChange | Retry::Never, _) => parked(from, fault.clone()),
    }
}

/// The attempt whose very bytes go again. What must not happen twice is only sent again after an answer or by a person, who
/// may have repaired it: nothing is pinned then.
fn pinned(from: &Standing) -> Option<u32> {
    match from.effect {
        Effect::Read | Effect::Upsert => from.unsettled,
        Effect::Once => None,
    }
}

/// Nothing happened at the target: the delivery is ready again and the gate decides when it goes.
fn again(from: &Standing, fault: &Fault, now: Timestamp) -> Next {
    let state = match pinned(from) {
        Some(attempt) => DeliveryState::Verifying { attempt, how: Verify::Repeat, until: now },
        None => DeliveryState::Queued,
    };
    Next { state, attempts: from.attempts, spent: from.spent, unsettled: from.unsettled, fault: Some(fault.clone()) }
}

fn back_off(from: &Standing, fault: &Fault, at: Circumstances<'_>) -> Next {
    let spent = from.spent.saturating_add(1);
    if spent >= at.policy.budget {
        return Next { spent, ..parked(from, fault.clone()) };
    }
    let until = later(at, spent);
    let state = match pinned(from) {
        Some(attempt) => DeliveryState::Verifying { attempt, how: Verify::Repeat, until },
        None => DeliveryState::Waiting { until },
    };
    Next { state, attempts: from.attempts, spent, unsettled: from.unsettled, fault: Some(fault.clone()) }
}

/// Nobody knows whether it happened: the operation's effect decides.
fn unknown(from: &Standing, attempt: u32, fault: &Fault, spends: bool, at: Circumstances<'_>) -> Next {
    let spent = from.spent.saturating_add(u32::from(spends));
    let stay =
        |state| Next { state, attempts: from.attempts, spent, unsettled: Some(attempt), fault: Some(fault.clone()) };
    match (from.effect, from.settle) {
        (Effect::Once, None) => Next { spent, ..undecidable(from, attempt, fault) },
        (Effect::Once, Some(settle)) => {
            let until = at.now.saturating_add(settle).unwrap_or(at.now);
            stay(DeliveryState::Verifying { attempt, how: Verify::Lookup, until })
        }
        (Effect::Read | Effect::Upsert, _) if spent >= at.policy.budget => {
            Next { spent, ..undecidable(from, attempt, fault) }
        }
        (Effect::Read | Effect::Upsert, _) => {
            stay(DeliveryState::Verifying { attempt, how: Verify::Repeat, until: later(at, spent) })
        }
    }
}

fn looked_up(from: &Standing, attempt: u32, found: &Lookup, at: Circumstances<'_>) -> Next {
    match found {
        Lookup::Done(_) => settled(from, DeliveryState::Delivered),
        Lookup::NotDone => not_done(from, attempt, at),
        Lookup::Unknown => {
            let fault =
                Fault::new(FaultKind::Interrupted, FaultCode::OutcomeUnknown, "the target's lookup cannot tell");
            look_again(from, attempt, &fault, true, at)
        }
    }
}

/// It goes again, as long as its budget allows.
fn not_done(from: &Standing, attempt: u32, at: Circumstances<'_>) -> Next {
    let fault = from.last_fault.clone();
    if from.spent >= at.policy.budget {
        let unnamed = || Fault::of(FaultKind::Interrupted, "sent again and again, and never done");
        return parked(from, fault.unwrap_or_else(unnamed));
    }
    let state = DeliveryState::Verifying { attempt, how: Verify::Repeat, until: at.now };
    Next { state, attempts: from.attempts, spent: from.spent, unsettled: Some(attempt), fault }
}

fn look_again(from: &Standing, attempt: u32, fault: &Fault, spends: bool, at: Circumstances<'_>) -> Next {
    let spent = from.spent.saturating_add(u32::from(spends));
    // A budget that sending has used up is no reason to stop asking while the system is down.
    if spends && spent >= at.policy.budget {
        return Next { spent, ..undecidable(from, attempt, fault) };
    }
    let state = DeliveryState::Verifying { attempt, how: Verify::Lookup, until: later(at, spent) };
    Next { state, attempts: from.attempts, spent, unsettled: Some(attempt), fault: Some(fault.clone()) }
}

/// Parked as *outcome unknown*, with what led there kept in the detail.
fn undecidable(from: &Standing, attempt: u32, fault: &Fault) -> Next {
    let mut parked_as = Fault::new(FaultKind::Interrupted, FaultCode::OutcomeUnknown, fault.detail.clone());
    parked_as.kind = if fault.kind.retry() == Retry::OutcomeUnknown { fault.kind } else { FaultKind::Interrupted };
    parked_as.system_code.clone_from(&fault.system_code);
    parked_as.system_text.clone_from(&fault.system_text);
    Next { unsettled: Some(attempt), ..parked(from, parked_as) }
}

fn parked(from: &Standing, fault: Fault) -> Next {
    Next { fault: Some(fault), ..settled(from, DeliveryState::Parked) }
}

/// An explicit answer or a person settled it: nothing is unknown any more.
fn settled(from: &Standing, state: DeliveryState) -> Next {
    Next { state, attempts: from.attempts, spent: from.spent, unsettled: None, fault: None }
}

fn released(from: &Standing) -> Result<Next, IllegalMove> {
    match from.state {
        // What must not happen twice may have happened, whoever releases it: it can no longer count as never sent.
        DeliveryState::Parked | DeliveryState::Waiting { .. } => {
            let unsettled = from.unsettled.filter(|_| from.effect == Effect::Once);
            Ok(Next { spent: 0, unsettled, ..settled(from, DeliveryState::Queued) })
        }
        // An early repeat of the pinned bytes, or an early lookup.
        DeliveryState::Verifying { attempt, how, .. } => {
            let state = DeliveryState::Verifying { attempt, how, until: Timestamp::UNIX_EPOCH };
            Ok(Next { state, attempts: from.attempts, spent: 0, unsettled: from.unsettled, fault: None })
        }
        DeliveryState::Queued
        | DeliveryState::InFlight { .. }
        | DeliveryState::Delivered
        | DeliveryState::Cancelled
        | DeliveryState::Discarded
        | DeliveryState::Superseded => illegal(from, "released"),
    }
}

/// Other content takes the place of what is parked; what goes on by itself is not taken from under it.
fn amended(from: &Standing) -> Result<Next, IllegalMove> {
    if from.state == DeliveryState::Parked { released(from) } else { illegal(from, "amended") }
}

/// What must not happen twice and may have happened is looked up, where the target can tell.
fn asked_again(from: &Standing) -> Result<Next, IllegalMove> {
    match (from.state, from.unsettled, from.settle) {
        (DeliveryState::Parked, Some(attempt), Some(_)) => {
            let state = DeliveryState::Verifying { attempt, how: Verify::Lookup, until: Timestamp::UNIX_EPOCH };
            let fault = from.last_fault.clone();
            Ok(Next { state, attempts: from.attempts, spent: 0, unsettled: Some(attempt), fault })
        }
        (
            DeliveryState::Parked
            | DeliveryState::Queued
            | DeliveryState::Waiting { .. }
            | DeliveryState::InFlight { .. }
            | DeliveryState::Verifying { .. }
            | DeliveryState::Delivered
            | DeliveryState::Cancelled
            | DeliveryState::Discarded
            | DeliveryState::Superseded,
            _,
            _,
        ) => illegal(from, "looked up again"),
    }
}

fn discarded(from: &Standing) -> Result<Next, IllegalMove> {
    match from.state {
        DeliveryState::Parked
        | DeliveryState::Waiting { .. }
        | DeliveryState::Queued
        | DeliveryState::Verifying { .. } => Ok(settled(from, DeliveryState::Discarded)),
        DeliveryState::InFlight { .. }
        | DeliveryState::Delivered
        | DeliveryState::Cancelled
        | DeliveryState::Discarded
        | DeliveryState::Superseded => illegal(from, "discarded"),
    }
}

fn in_flight(from: &Standing, event: &'static str) -> Result<u32, IllegalMove> {
    match from.state {
        DeliveryState::InFlight { attempt } => Ok(attempt),
        DeliveryState::Queued
        | DeliveryState::Waiting { .. }
        | DeliveryState::Verifying { .. }
        | DeliveryState::Delivered
        | DeliveryState::Parked
        | DeliveryState::Cancelled
        | DeliveryState::Discarded
        | DeliveryState::Superseded => illegal(from, event),
    }
}

fn looking_up(from: &Standing) -> Result<u32, IllegalMove> {
    match from.state {
        DeliveryState::Verifying { attempt, how: Verify::Lookup, .. } => Ok(attempt),
        DeliveryState::Verifying { how: Verify::Repeat, .. }
        | DeliveryState::Queued
        | DeliveryState::Waiting { .. }
        | DeliveryState::InFlight { .. }
        | DeliveryState::Delivered
        | DeliveryState::Parked
        | DeliveryState::Cancelled
        | DeliveryState::Discarded
        | DeliveryState::Superseded => illegal(from, "looked up"),
    }
}

fn unsent(from: &Standing, event: &'static str) -> Result<(), IllegalMove> {
    match (from.state, from.unsettled) {
        (DeliveryState::Queued | DeliveryState::Waiting { .. }, None) => Ok(()),
        (
            DeliveryState::Queued
            | DeliveryState::Waiting { .. }
            | DeliveryState::InFlight { .. }
            | DeliveryState::Verifying { .. }
            | DeliveryState::Delivered
            | DeliveryState::Parked
            | DeliveryState::Cancelled
            | DeliveryState::Discarded
            | DeliveryState::Superseded,
            _,
        ) => illegal(from, event),
    }
}

/// A newer snapshot may take the place of what is unsent, or of what is parked after an explicit refusal.
fn replaceable(from: &Standing) -> Result<(), IllegalMove> {
    match (from.state, from.unsettled) {
        (DeliveryState::Parked, None) => Ok(()),
        _unsent_or_not => unsent(from, "superseded"),
    }
}

fn later(at: Circumstances<'_>, failures: u32) -> Timestamp {
    at.now.saturating_add(at.policy.wait(failures.max(1), at.draw)).unwrap_or(at.now)
}

fn illegal<T>(from: &Standing, event: &'static str) -> Result<T, IllegalMove> {
    Err(IllegalMove { state: from.state.name(), event })
}
