//! What a delivery would send now: its own content, the bytes an unsettled attempt sent, or what its route makes of the body received. A launch and a preview ask the same; nothing is sent or recorded here.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use bytes::Bytes;
use lienthong_core::exchange::Stage;
use lienthong_core::{
    AttemptContext, Body, Clock, DeliveryState, Effect, ExchangeMeta, Fault, FaultKind, Timestamp, Verify,
};
use lienthong_journal::{AttemptRecord, BodyId, BodyInput, Head, Journal, JournalError};

use super::attempt::panicked;
use super::awaiting;
use super::flows::{self, Rung};
use super::outcome;
use crate::config::Configuration;
use crate::draft;
use crate::internal::{self, is_internal};
use crate::routing::{Route, RouteTarget};

/// Where contents come from: a journal, and a configuration that may be another than the running one.
pub(crate) struct Contents<'a> {
    pub(crate) journal: &'a dyn Journal,
    pub(crate) config: &'a Configuration,
    pub(crate) clock: &'a dyn Clock,
}

/// Why nothing is sent now.
pub(crate) enum Unready {
    /// For a reason of its own.
    Unfit(Fault),
    /// What must come first has not come; it may until then.
    Early(Timestamp),
    /// Nothing is to be done any more.
    Over(&'static str),
    /// It stood behind others, needs nothing itself, and goes on.
    Passes(Body),
    /// The journal could not be read.
    Unread(JournalError),
}

impl From<JournalError> for Unready {
    fn from(error: JournalError) -> Self {
        Self::Unread(error)
    }
}

impl Contents<'_> {
    /// The bytes to send, and how the journal is told of them.
    pub(crate) async fn of(&self, head: &mut Head) -> Result<(Body, BodyInput), Unready> {
        match head.delivery.state {
            DeliveryState::Verifying { attempt, how: Verify::Repeat, .. } => self.pinned(head, attempt).await,
            DeliveryState::Queued
            | DeliveryState::Waiting { .. }
            | DeliveryState::InFlight { .. }
            | DeliveryState::Verifying { how: Verify::Lookup, .. }
            | DeliveryState::Delivered
            | DeliveryState::Parked
            | DeliveryState::Cancelled
            | DeliveryState::Discarded
            | DeliveryState::Superseded => self.fresh(head).await,
        }
    }

    /// Exactly what the unsettled attempt sent.
    async fn pinned(&self, head: &Head, attempt: u32) -> Result<(Body, BodyInput), Unready> {
        let earlier = self.attempt_of(head, attempt).await?;
        let bytes = self.stored(earlier.sent).await?;
        Ok((Body { content_type: earlier.sent_type, bytes }, BodyInput::Stored(earlier.sent)))
    }

    async fn fresh(&self, head: &mut Head) -> Result<(Body, BodyInput), Unready> {
        let stored = head.delivery.body.unwrap_or(head.body_id);
        let bytes = match head.body.take() {
            Some(bytes) => bytes,
            None => self.stored(stored).await?,
        };
        let body = Body { content_type: head.content_type, bytes };
        if head.delivery.body.is_some() {
            return Ok((body, BodyInput::Stored(stored)));
        }
        if head.delivery.operation.as_str() == internal::STALLED {
            return Err(match flows::rung(self.journal, self.config, head, self.clock.now()).await? {
                Rung::Late(fault) => Unready::Unfit(fault),
                Rung::Until(at) => Unready::Early(at),
                Rung::Over(why) => Unready::Over(why),
            });
        }
        let route = self.config.routes.route(&head.delivery.route).ok_or_else(|| {
            let detail = format!("route {} is not configured any more", head.delivery.route);
            Unready::Unfit(Fault::of(FaultKind::Mapping, detail))
        })?;
        let stage = route.stage_of(&head.delivery.operation);
        match stage {
            Stage::Await => {
                self.awaited(route, head).await?;
                return Ok((body, BodyInput::Stored(stored)));
            }
            Stage::Enrich if !route.needs_filling(&head.exchange, &parsed(&body)?).map_err(Unready::Unfit)? => {
                return Err(Unready::Passes(body));
            }
            Stage::Target if !self.is_target(route, head) => return Err(Unready::Unfit(outgrown(route, head))),
            Stage::Target if route.spec.transform.is_none() => return Ok((body, BodyInput::Stored(stored))),
            Stage::Target | Stage::Enrich => {}
        }
        let made = made(route, &head.exchange, &body, stage).map_err(Unready::Unfit)?;
        let sent = BodyInput::New { content_type: made.content_type, bytes: made.bytes.clone() };
        Ok((made, sent))
    }

    /// Whether the delivery's operation is one a route leads to, and not a stage the route had once.
    fn is_target(&self, route: &Route, head: &Head) -> bool {
        let made = matches!(&route.spec.to, RouteTarget::Message(message) if *message == head.delivery.operation);
        let reads = outcome::spec(self.config, head).is_some_and(|spec| spec.effect == Effect::Read);
        if is_internal(&head.delivery.system) { made } else { !reads }
    }

    /// Whether what must come before it has come; until its time is over it waits on.
    async fn awaited(&self, route: &Route, head: &Head) -> Result<(), Unready> {
        let Some(awaits) = &route.spec.patterns.awaits else { return Ok(()) };
        if awaiting::has_come(self.journal, self.config, awaits, &head.exchange.key).await? {
            return Ok(());
        }
        let until = draft::awaited_until(route, head.exchange.received_at);
        match until > self.clock.now() {
            true => Err(Unready::Early(until)),
            false => Err(Unready::Unfit(awaiting::missing(awaits, &head.exchange.key))),
        }
    }

    /// An earlier attempt with what it sent.
    pub(super) async fn earlier(&self, head: &Head, attempt: u32) -> Result<AttemptContext, Unready> {
        let earlier = self.attempt_of(head, attempt).await?;
        let bytes = self.stored(earlier.sent).await?;
        let age = self.clock.now().duration_since(earlier.started_at);
        Ok(AttemptContext {
            attempt,
            reference: earlier.reference,
            sent: Body { content_type: earlier.sent_type, bytes },
            age: Duration::try_from(age).unwrap_or_default(),
        })
    }

    async fn attempt_of(&self, head: &Head, attempt: u32) -> Result<AttemptRecord, Unready> {
        let attempts = self.journal.attempts(head.delivery.id).await?;
        attempts.into_iter().find(|record| record.attempt == attempt).ok_or_else(|| {
            Unready::Unfit(Fault::of(FaultKind::Internal, format!("attempt {attempt} is not in the journal")))
        })
    }

    async fn stored(&self, id: BodyId) -> Result<Bytes, Unready> {
        let bytes = self.journal.body(id).await?;
        bytes.ok_or_else(|| Unready::Unfit(Fault::of(FaultKind::Internal, format!("body {} is no longer kept", id.0))))
    }
}

/// Only what was never sent, or was refused explicitly, can expire.
pub(crate) fn has_expired(head: &Head, now: Timestamp) -> bool {
    let unsent = match head.delivery.state {
        DeliveryState::Queued | DeliveryState::Waiting { .. } => head.delivery.unsettled.is_none(),
        DeliveryState::InFlight { .. }
        | DeliveryState::Verifying { .. }
        | DeliveryState::Delivered
        | DeliveryState::Parked
        | DeliveryState::Cancelled
        | DeliveryState::Discarded
        | DeliveryState::Superseded => false,
    };
    unsent && head.exchange.expires_at.is_some_and(|expiry| expiry <= now)
}

fn parsed(body: &Body) -> Result<serde_json::Value, Unready> {
    serde_json::from_slice(&body.bytes)
        .map_err(|error| Unready::Unfit(Fault::of(FaultKind::Mapping, format!("the body is no JSON: {error}"))))
}

/// What was drafted for a stage or target its route no longer has.
fn outgrown(route: &Route, head: &Head) -> Fault {
    let (name, operation) = (&route.spec.name, &head.delivery.operation);
    Fault::of(FaultKind::Mapping, format!("route {name} has no use for {operation} any more"))
}

/// What the route makes of a body received, for one of its stages; a panic in it is our defect, not the end of who asks.
pub(crate) fn made(route: &Route, meta: &ExchangeMeta, received: &Body, stage: Stage) -> Result<Body, Fault> {
    let run = AssertUnwindSafe(|| match stage {
        Stage::Enrich => route.question(meta, received),
        Stage::Await | Stage::Target => route.transform(meta, received),
    });
    std::panic::catch_unwind(run).unwrap_or_else(|panic| Err(panicked("the transform", &*panic)))
}
