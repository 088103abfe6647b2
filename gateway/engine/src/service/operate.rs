//! Operators' acts on single deliveries: release and discard, decided by the state machine, guarded by the version, with who and why. It sends nothing.

use lienthong_core::machine::{Circumstances, Event, Next, Standing, step};
use lienthong_core::{
    DeliveryId, Effect, Fault, FaultCode, OperationSpec, RetryPolicy, StateName, SystemId, Timestamp, fault,
};
use lienthong_journal::{Actor, Command, CommandResult, Committed, DeliveryRecord, EventKind, Refusal, Transition};

use super::fault::{advising, defect, no_such, of_journal, of_move, of_refusal, refused, wrong_field};
use super::model::{DeliveryOutcome, OperatorAct};
use super::{Service, door, reroute};
use crate::callback;
use crate::config::Configuration;
use crate::queue::is_queue;

/// What is done to a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Release,
    Discard,
}

/// Who does it, why, and whether they know what it may cost.
#[derive(Debug, Clone)]
pub(super) struct By {
    pub(super) actor: Actor,
    pub(super) reason: Option<String>,
    pub(super) confirmed: bool,
}

impl By {
    /// `LT-REASON-MISSING` where the verb gives something up without saying why.
    pub(super) fn operator(act: &OperatorAct, verb: Verb) -> Result<Self, Fault> {
        let reason = act.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        match (verb, reason) {
            (Verb::Discard, None) => return Err(wrong_field(FaultCode::ReasonMissing, "/reason", "is required")),
            (Verb::Discard | Verb::Release, _) => door::note("/reason", reason)?,
        }
        let actor = Actor::Operator(act.operator.clone());
        Ok(Self { actor, reason: reason.map(str::to_owned), confirmed: act.confirmed })
    }
}

impl Service {
    /// Sends one delivery again, after a repair or as it is.
    ///
    /// `LT-CONFIRMATION-NEEDED` unless `act.confirmed` where it may happen twice (a `once` operation whose outcome is unknown) or out of
    /// order (a newer delivery of its lane has been delivered). Where only the newest state matters the latter is refused
    /// outright with `LT-WRONG-STATE`, as is what the state machine does not allow.
    pub async fn release(&self, act: &OperatorAct, id: DeliveryId) -> Result<DeliveryOutcome, Fault> {
        self.act(Verb::Release, &By::operator(act, Verb::Release)?, id, None).await
    }

    /// The same for a delivery as its operator saw it: `LT-WRONG-STATE` when it has another version by now.
    pub async fn release_seen(&self, act: &OperatorAct, id: DeliveryId, seen: u32) -> Result<DeliveryOutcome, Fault> {
        self.act(Verb::Release, &By::operator(act, Verb::Release)?, id, Some(seen)).await
    }

    /// Gives one delivery up; its lane moves on. The reason is mandatory (`LT-REASON-MISSING`).
    pub async fn discard(&self, act: &OperatorAct, id: DeliveryId) -> Result<DeliveryOutcome, Fault> {
        self.act(Verb::Discard, &By::operator(act, Verb::Discard)?, id, None).await
    }

    /// The same for a delivery as its operator saw it.
    pub async fn discard_seen(&self, act: &OperatorAct, id: DeliveryId, seen: u32) -> Result<DeliveryOutcome, Fault> {
        self.act(Verb::Discard, &By::operator(act, Verb::Discard)?, id, Some(seen)).await
    }

    pub(super) async fn act(
        &self,
        verb: Verb,
        by: &By,
        id: DeliveryId,
        seen: Option<u32>,
    ) -> Result<DeliveryOutcome, Fault> {
        let config = self.config.load_full();
        let delivery = self.delivery(id).await?;
        if seen.is_some_and(|seen| seen != delivery.version) {
            return Err(of_refusal(&Refusal::Stale { version: delivery.version, state: delivery.state.name() }));
        }
        let transition = self.transition(&config, verb, by, &delivery).await?;
        let mut results = self.commit(vec![Command::Move(transition)]).await?;
        Self::moved(results.pop())?;
        self.look_again(&delivery.system);
        Ok(DeliveryOutcome { delivery: self.delivery(id).await? })
    }

    async fn delivery(&self, id: DeliveryId) -> Result<DeliveryRecord, Fault> {
        let head = self.journal.delivery(id).await.map_err(of_journal)?;
        head.map(|head| head.delivery).ok_or_else(|| no_such("delivery", id))
    }

    /// The move that the act makes of the delivery as it stands, or why it must not be made.
    pub(super) async fn transition(
        &self,
        config: &Configuration,
        verb: Verb,
        by: &By,
        delivery: &DeliveryRecord,
    ) -> Result<Box<Transition>, Fault> {
        let now = self.clock.now();
        if verb == Verb::Release && reroute::is_kept(delivery) {
            return self.rerouted(config, by, delivery, now, None).await;
        }
        let spec = spec(config, delivery);
        let (event, kind) = match verb {
            Verb::Release if !by.confirmed && asks_first(spec, delivery) => (Event::AskedAgain, EventKind::Released),
            Verb::Release => (Event::Released, EventKind::Released),
            Verb::Discard => (Event::Discarded, EventKind::Discarded),
        };
        let next = next(config, delivery, &event, now)?;
        if verb == Verb::Release {
            self.may_release(spec, delivery, by.confirmed).await?;
        }
        let mut transition = moved(delivery, next, kind, by, now);
        if verb == Verb::Discard {
            let head = self.journal.delivery(delivery.id).await.map_err(of_journal)?;
            let head = head.ok_or_else(|| no_such("delivery", delivery.id))?;
            transition.spawn = callback::of_outcome(config, &head.exchange, &transition, delivery);
        }
        Ok(transition)
    }

    pub(super) async fn may_release(
        &self,
        spec: Option<&OperationSpec>,
        delivery: &DeliveryRecord,
        confirmed: bool,
    ) -> Result<(), Fault> {
        let id = delivery.id;
        let overtaken =
            delivery.lane.is_some() && self.journal.has_delivered_successor(id).await.map_err(of_journal)?;
        if overtaken && spec.is_some_and(|spec| spec.snapshot) {
            return Err(advising(
                refused(FaultCode::WrongState, format!("{id} is older than a delivered state of the same key")),
                "Trạng thái mới hơn đã được gửi; không thể gửi lại trạng thái cũ.",
                "A newer state was delivered; sending the older one would undo it. Discard it.",
            ));
        }
        if overtaken && !confirmed {
            return Err(refused(
                FaultCode::ConfirmationNeeded,
                format!("{id} is older than a delivered one of its lane"),
            ));
        }
        // An operation the configuration no longer knows is treated as the most delicate kind.
        let once = spec.is_none_or(|spec| spec.effect == Effect::Once);
        if once && delivery.unsettled.is_some() && !confirmed && !asks_first(spec, delivery) {
            return Err(refused(FaultCode::ConfirmationNeeded, format!("{id} may have happened already")));
        }
        Ok(())
    }

    /// A move's refusal as a fault.
    pub(super) fn moved(result: Option<CommandResult>) -> Result<(), Fault> {
        match result {
            Some(Ok(Committed::Moved { .. })) => Ok(()),
            Some(Err(refusal)) => Err(of_refusal(&refusal)),
            Some(Ok(
                Committed::Accepted { .. } | Committed::Replayed { .. } | Committed::Leased(_) | Committed::Done,
            ))
            | None => Err(defect("the journal answered a move with something else")),
        }
    }

    pub(super) fn look_again(&self, system: &SystemId) {
        if !system.is_inbox() {
            self.dispatcher.nudge(system);
        }
    }
}

/// Whether the target can be asked what became of it, and has to be: it must not happen twice and may have happened.
pub(super) fn asks_first(spec: Option<&OperationSpec>, delivery: &DeliveryRecord) -> bool {
    let once = spec.filter(|spec| spec.effect == Effect::Once && spec.lookup.is_some());
    once.is_some() && delivery.unsettled.is_some() && delivery.state.name() == StateName::Parked
}

/// One step of the machine for what people do; such steps draw no wait.
pub(super) fn next(
    config: &Configuration,
    delivery: &DeliveryRecord,
    event: &Event<'_>,
    now: Timestamp,
) -> Result<Next, Fault> {
    let policy = RetryPolicy::default();
    step(&standing(spec(config, delivery), delivery), event, Circumstances { now, policy: &policy, draw: 0.0 })
        .map_err(|illegal| of_move(&illegal))
}

pub(super) fn spec<'c>(config: &'c Configuration, delivery: &DeliveryRecord) -> Option<&'c OperationSpec> {
    let asked =
        config.catalogue.get(&delivery.operation).filter(|_| !is_queue(&delivery.system)).map(|entry| &entry.spec);
    // What nobody can ask for stands in no catalogue: callbacks, and what is on its way to a client's queue.
    let of_adapter = || {
        let adapter = config.adapters.get(&delivery.system)?;
        adapter.operations().iter().find(|spec| spec.name == delivery.operation)
    };
    asked.or_else(of_adapter)
}

fn standing(spec: Option<&OperationSpec>, delivery: &DeliveryRecord) -> Standing {
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

/// The command for a step of the machine.
pub(super) fn moved(
    delivery: &DeliveryRecord,
    next: Next,
    event: EventKind,
    by: &By,
    at: Timestamp,
) -> Box<Transition> {
    let Next { state, attempts, spent, unsettled, fault } = next;
    let named = |fault| {
        let fingerprint = fault::fingerprint(&delivery.system, &delivery.operation, &fault);
        (fault, fingerprint)
    };
    Box::new(Transition {
        delivery: delivery.id,
        version: delivery.version,
        at,
        state,
        attempts,
        spent,
        unsettled,
        fault: fault.map(named),
        event,
        actor: by.actor.clone(),
        note: by.reason.clone(),
        start: None,
        end: None,
        spawn: Vec::new(),
    })
}
