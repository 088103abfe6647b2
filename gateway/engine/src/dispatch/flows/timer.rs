//! A step's timer: a delivery of the gateway that waits until the step would be late, and is parked then. One for each time the step's turn comes.

use bytes::Bytes;
use lienthong_core::delivery::OnParked;
use lienthong_core::exchange::{AuthenticatedBy, Source};
use lienthong_core::{
    BusinessKey, Class, ClientId, ContentType, DeliveryState, ExchangeMeta, Fault, FaultCode, FieldProblem,
    OperationName, OrderKey, RouteName, SignedDuration, StateName, SystemId, Timestamp, limits,
};
use lienthong_journal::{
    Acceptance, Actor, BodyInput, Command, DeliveryRecord, EventKind, Idempotency, Lane, NewDelivery, Noted, Transition,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::History;
use crate::config::Configuration;
use crate::draft::new_id;
use crate::flow::{FlowSpec, StepStanding, StepState};
use crate::internal;

/// The route name of timers, which no route made.
const ROUTE: &str = "gateway.flow";
/// A timer that rings in a pause is looked at again after this.
const IN_A_PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// Which step it is of, and which of its turns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Timer {
    pub(super) flow: String,
    pub(super) step: String,
    /// When the step's turn came.
    pub(super) since: Timestamp,
}

/// What a timer comes to.
pub(super) enum Judgement {
    Late { due: Timestamp, who: String },
    Until(Timestamp),
    Over,
}

/// By where the flow stands: late, not yet, or not waited for any more.
pub(super) fn judge(config: &Configuration, history: &History, timer: &Timer, now: Timestamp) -> Judgement {
    let flow = config.flows.get(&timer.flow);
    let standing = flow.and_then(|flow| flow.standing(history.of(&timer.flow), now));
    let steps = standing.map(|standing| standing.steps).unwrap_or_default();
    let Some(step) = steps.into_iter().find(|step| step.name == timer.step) else { return Judgement::Over };
    match step.state {
        StepState::Late { since, due } if timer.is_of(since) => Judgement::Late { due, who: step.who_acts },
        StepState::Waiting { since, due: Some(due) } if timer.is_of(since) => Judgement::Until(due),
        StepState::Paused { since } if timer.is_of(since) => {
            Judgement::Until(now.saturating_add(IN_A_PAUSE).unwrap_or(Timestamp::MAX))
        }
        StepState::Late { .. }
        | StepState::Waiting { .. }
        | StepState::Paused { .. }
        | StepState::Ahead
        | StepState::Done { .. }
        | StepState::Skipped => Judgement::Over,
    }
}

/// What an unsettled timer needs: settled when its step is not waited for any more, set anew when its time is another now.
pub(super) fn settled(delivery: &DeliveryRecord, judgement: &Judgement, now: Timestamp) -> Option<Command> {
    let (state, event, note) = match (delivery.state, judgement) {
        (DeliveryState::Waiting { .. } | DeliveryState::Parked, Judgement::Over) => {
            (DeliveryState::Delivered, EventKind::Delivered, "the step happened, or is not waited for any more")
        }
        (DeliveryState::Waiting { until }, Judgement::Until(due)) if earlier_or_other(until, *due, now) => {
            (DeliveryState::Waiting { until: *due }, EventKind::Waiting, "its time is another now")
        }
        (DeliveryState::Parked, Judgement::Until(due)) => {
            (DeliveryState::Waiting { until: *due }, EventKind::Waiting, "it is not late any more")
        }
        // In the dispatcher's hands, which judges it itself; or as it should be.
        (_, Judgement::Late { .. } | Judgement::Until(_) | Judgement::Over) => return None,
    };
    Some(Command::Move(Box::new(Transition {
        delivery: delivery.id,
        version: delivery.version,
        at: now,
        state,
        attempts: delivery.attempts,
        spent: 0,
        unsettled: None,
        fault: None,
        event,
        actor: Actor::Gateway,
        note: Some(note.to_owned()),
        start: None,
        end: None,
        spawn: Vec::new(),
    })))
}

/// A pause's look-again need not be moved each time the key has news.
fn earlier_or_other(until: Timestamp, due: Timestamp, now: Timestamp) -> bool {
    let near = |one: Timestamp, other: Timestamp| one.duration_since(other).abs() < SignedDuration::from_millis(1);
    let in_a_pause = now.saturating_add(IN_A_PAUSE).is_ok_and(|look| near(look, due));
    if in_a_pause { until > due } else { !near(until, due) }
}

impl Timer {
    /// The timer a step needs now, and when it rings.
    pub(super) fn of(flow: &FlowSpec, step: &StepStanding) -> Option<(Self, Timestamp)> {
        let (since, due) = match step.state {
            StepState::Waiting { since, due: Some(due) } | StepState::Late { since, due } => (since, due),
            StepState::Waiting { due: None, .. }
            | StepState::Paused { .. }
            | StepState::Ahead
            | StepState::Done { .. }
            | StepState::Skipped => return None,
        };
        Some((Self { flow: flow.name.clone(), step: step.name.clone(), since }, due))
    }

    /// Times are kept to the microsecond.
    fn is_of(&self, since: Timestamp) -> bool {
        self.since.as_microsecond() == since.as_microsecond()
    }

    pub(super) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// The exchange that keeps it; made again, it is the same.
    pub(super) fn kept(
        &self,
        config: &Configuration,
        key: &BusinessKey,
        due: Timestamp,
        now: Timestamp,
    ) -> Option<Acceptance> {
        let client = ClientId::new(internal::SYSTEM).ok()?;
        let digest = self.digest(key);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let operation = OperationName::new(internal::STALLED).ok()?;
        let idempotency = Idempotency {
            scope: client.clone(),
            key: format!("stalled-{hex}"),
            fingerprint: digest,
            expires_at: now.saturating_add(limits::IDEMPOTENCY_KEPT).unwrap_or(Timestamp::MAX),
        };
        let delivery = NewDelivery {
            system: SystemId::new(internal::SYSTEM).ok()?,
            operation: operation.clone(),
            route: RouteName::new(ROUTE).ok()?,
            client: client.clone(),
            lane: Some(Lane {
                key: OrderKey::new(&format!("{}:{hex}", self.flow)).ok()?,
                on_parked: OnParked::Skip,
                supersede: false,
            }),
            state: DeliveryState::Waiting { until: due.max(now) },
            body: None,
            fault: None,
            attempt: None,
        };
        let body =
            BodyInput::New { content_type: ContentType::Json, bytes: Bytes::from(serde_json::to_vec(self).ok()?) };
        let exchange = meta(config, client, operation, key, now);
        let idempotency = Some(idempotency);
        Some(Acceptance {
            exchange,
            body,
            idempotency,
            deliveries: vec![delivery],
            noted: Noted::default(),
            also: Vec::new(),
        })
    }

    fn digest(&self, key: &BusinessKey) -> [u8; 32] {
        let mut digest = Sha256::new();
        let since = self.since.as_microsecond().to_string();
        for part in ["stalled", &self.flow, &self.step, key.as_str(), &since] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
        digest.finalize().into()
    }

    /// The sync error of a step that is late: one group a step, naming who must act.
    pub(super) fn fault(&self, key: &BusinessKey, due: Timestamp, who: &str) -> Fault {
        let Self { flow, step, since } = self;
        let detail =
            format!("flow {flow} of {key}: step {step} was due at {due}, its turn came at {since}; {who} must act");
        let code = FaultCode::Stalled;
        let mut fault = Fault::new(code.kind(), code, detail);
        fault.public.vi.push_str(&format!(" Quy trình {flow}, bước {step}; đơn vị phải xử lý: {who}."));
        fault.public.en.push_str(&format!(" Flow {flow}, step {step}; {who} must act."));
        fault.with_problem(FieldProblem::new(format!("/{flow}/{step}"), format!("is late; {who} must act")))
    }
}

fn meta(
    config: &Configuration,
    client: ClientId,
    operation: OperationName,
    key: &BusinessKey,
    now: Timestamp,
) -> ExchangeMeta {
    ExchangeMeta {
        id: new_id(now),
        client,
        authenticated_by: AuthenticatedBy::Gateway,
        source: Source::Gateway,
        operation,
        key: key.clone(),
        aliases: Vec::new(),
        purpose: None,
        on_behalf_of: None,
        due_at: None,
        expires_at: None,
        not_before: None,
        class: Class::Live,
        trace: None,
        callback: None,
        link: None,
        descent: None,
        call: false,
        config: config.version.clone(),
        received_at: now,
    }
}

/// Whether anything is shown of a timer: only when it says that a step is late.
pub(crate) fn is_quiet(delivery: &DeliveryRecord) -> bool {
    delivery.operation.as_str() == internal::STALLED
        && match delivery.state.name() {
            StateName::Parked | StateName::Discarded => false,
            StateName::Queued
            | StateName::Waiting
            | StateName::InFlight
            | StateName::Verifying
            | StateName::Delivered
            | StateName::Cancelled
            | StateName::Superseded => true,
        }
}
