//! From admitted heads to sends: bytes made ready, intents on disk in one batch, then one task per send. Nothing leaves before its intent is on disk.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use futures::future::join_all;
use lienthong_core::exchange::Stage;
use lienthong_core::machine::Next;
use lienthong_core::{
    Adapter, AttemptContext, Body, CallContext, DeliveryState, Effect, Fault, FaultKind, Timestamp, Verify,
};
use lienthong_journal::{
    AttemptRecord, AttemptStart, BodyId, BodyInput, Command, Committed, Head, JournalError, Refusal, Transition,
};

use super::attempt::{self, Flight, panicked};
use super::awaiting;
use super::flows::{self, Rung};
use super::follow::{self, FollowUps};
use super::gate::Verdict;
use super::line::{Finished, Letter, Line, Outcome};
use super::outcome;
use super::record::{Fate, Troubled, record};
use crate::config::Configuration;
use crate::draft;
use crate::internal::{self, is_internal};
use crate::routing::{Route, RouteTarget};

/// What all heads of one launch share.
pub(super) struct Launch {
    pub(super) line: Arc<Line>,
    pub(super) config: Arc<Configuration>,
    pub(super) adapter: Arc<dyn Adapter>,
    pub(super) timeout: Duration,
    pub(super) troubled: Troubled,
}

/// A head whose bytes are ready and whose intent is not yet on disk.
struct Ready {
    flight: Flight,
    body: Body,
    next: Next,
    cx: CallContext,
}

/// Why a head is not sent now.
enum Unready {
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

impl Launch {
    /// Sends all of them, or gives them back to the system's task.
    pub(super) async fn run(self, flights: Vec<Flight>) {
        let prepared = join_all(flights.into_iter().map(|flight| self.prepare(flight))).await;
        let batch: Vec<(Command, Ready)> = prepared.into_iter().flatten().collect();
        if !batch.is_empty() {
            let mut fates = record(Arc::clone(&self.line.core.journal), batch, &self.troubled).await;
            while let Some((ready, fate)) = fates.next().await {
                self.intended(ready, fate).await;
            }
        }
        self.line.tell(Letter::Launched).await;
    }

    async fn prepare(&self, mut flight: Flight) -> Option<(Command, Ready)> {
        if let DeliveryState::Verifying { attempt, how: Verify::Lookup, .. } = flight.head.delivery.state {
            self.look_up(flight, attempt).await;
            return None;
        }
        match self.content(&mut flight.head).await {
            Ok((body, sent)) => self.intend(flight, body, sent).await,
            Err(unready) => {
                self.give_back(flight, unready).await;
                None
            }
        }
    }

    async fn intend(&self, flight: Flight, body: Body, sent: BodyInput) -> Option<(Command, Ready)> {
        let now = self.line.core.clock.now();
        let head = &flight.head;
        let next = match outcome::admitted(&self.config, head, now) {
            Ok(next) => next,
            Err(illegal) => {
                tracing::error!(delivery = %head.delivery.id, %illegal, "a head that cannot be sent was offered");
                self.line.tell(Letter::Gone(flight.head)).await;
                return None;
            }
        };
        let cx = attempt::context(&self.line, &head.exchange, head.delivery.id, next.attempts, self.timeout);
        let start = AttemptStart {
            attempt: next.attempts,
            reference: cx.reference.clone(),
            at: now,
            sent,
            config: self.config.version.clone(),
        };
        let transition = Transition { start: Some(start), ..outcome::transition(head, next.clone(), now) };
        Some((Command::Move(Box::new(transition)), Ready { flight, body, next, cx }))
    }

    /// The intent is decided: on disk it is sent, and only then.
    async fn intended(&self, ready: Ready, fate: Fate) {
        let Ready { mut flight, body, next, cx } = ready;
        let ours = flight.head.delivery.version.saturating_add(1);
        let version = match fate {
            Fate::Known { result: Ok(Committed::Moved { version, .. }), .. } => Some(version),
            // Written by an earlier try that nobody answered.
            Fate::Known { result: Err(Refusal::Stale { version, state }), again: true }
                if version == ours && state == next.state.name() =>
            {
                Some(version)
            }
            Fate::Known { result: Err(refusal), .. } => {
                tracing::debug!(delivery = %flight.head.delivery.id, %refusal, "a head had moved before it was sent");
                None
            }
            Fate::Known { result: Ok(_), .. } => None,
            // Not at once: what cannot be read now cannot be read a moment later.
            Fate::Unknown => return self.line.tell(Letter::Later(flight.head)).await,
        };
        match version {
            Some(version) => {
                outcome::apply(&mut flight.head, next, version);
                let (line, adapter) = (Arc::clone(&self.line), Arc::clone(&self.adapter));
                tokio::spawn(attempt::send(line, adapter, cx, flight, body));
            }
            None => self.line.tell(Letter::Gone(flight.head)).await,
        }
    }

    /// The bytes to send, and how the journal is told of them.
    async fn content(&self, head: &mut Head) -> Result<(Body, BodyInput), Unready> {
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
            return Err(match flows::rung(&self.line.core, &self.config, head).await? {
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
        let made = transformed(route, head, &body, stage).map_err(Unready::Unfit)?;
        let sent = BodyInput::New { content_type: made.content_type, bytes: made.bytes.clone() };
        Ok((made, sent))
    }

    /// Whether the delivery's operation is one a route leads to, and not a stage the route had once.
    fn is_target(&self, route: &Route, head: &Head) -> bool {
        let made = matches!(&route.spec.to, RouteTarget::Message(message) if *message == head.delivery.operation);
        let reads = outcome::spec(&self.config, head).is_some_and(|spec| spec.effect == Effect::Read);
        if is_internal(&head.delivery.system) { made } else { !reads }
    }

    /// Whether what must come before it has come; until its time is over it waits on.
    async fn awaited(&self, route: &Route, head: &Head) -> Result<(), Unready> {
        let Some(awaits) = &route.spec.patterns.awaits else { return Ok(()) };
        if awaiting::has_come(&*self.line.core.journal, &self.config, awaits, &head.exchange.key).await? {
            return Ok(());
        }
        let until = draft::awaited_until(route, head.exchange.received_at);
        match until > self.line.core.clock.now() {
            true => Err(Unready::Early(until)),
            false => Err(Unready::Unfit(awaiting::missing(awaits, &head.exchange.key))),
        }
    }

    async fn look_up(&self, flight: Flight, attempt: u32) {
        let head = &flight.head;
        match self.earlier(head, attempt).await {
            Ok(earlier) => {
                let cx = attempt::context(&self.line, &head.exchange, head.delivery.id, attempt, self.timeout);
                let (line, adapter) = (Arc::clone(&self.line), Arc::clone(&self.adapter));
                tokio::spawn(attempt::look_up(line, adapter, cx, flight, earlier));
            }
            // The bytes are gone for good: the lookup cannot tell what it looks for.
            Err(Unready::Unfit(fault)) => self.ended(flight, Outcome::LookedUp(Err(fault))).await,
            Err(unread) => self.give_back(flight, unread).await,
        }
    }

    async fn earlier(&self, head: &Head, attempt: u32) -> Result<AttemptContext, Unready> {
        let earlier = self.attempt_of(head, attempt).await?;
        let bytes = self.stored(earlier.sent).await?;
        let age = self.line.core.clock.now().duration_since(earlier.started_at);
        Ok(AttemptContext {
            attempt,
            reference: earlier.reference,
            sent: Body { content_type: earlier.sent_type, bytes },
            age: Duration::try_from(age).unwrap_or_default(),
        })
    }

    async fn attempt_of(&self, head: &Head, attempt: u32) -> Result<AttemptRecord, Unready> {
        let attempts = self.line.core.journal.attempts(head.delivery.id).await?;
        attempts.into_iter().find(|record| record.attempt == attempt).ok_or_else(|| {
            Unready::Unfit(Fault::of(FaultKind::Internal, format!("attempt {attempt} is not in the journal")))
        })
    }

    async fn stored(&self, id: BodyId) -> Result<Bytes, Unready> {
        self.line
            .core
            .journal
            .body(id)
            .await?
            .ok_or_else(|| Unready::Unfit(Fault::of(FaultKind::Internal, format!("body {} is no longer kept", id.0))))
    }

    async fn give_back(&self, flight: Flight, why: Unready) {
        match why {
            Unready::Unfit(fault) => self.ended(flight, Outcome::Unfit(fault)).await,
            Unready::Early(until) => self.ended(flight, Outcome::Early(until)).await,
            Unready::Over(why) => {
                let follow = FollowUps { note: Some(why.to_owned()), ..FollowUps::default() };
                self.ended_with(flight, Outcome::Passed, follow).await;
            }
            Unready::Passes(received) => match follow::passed(&self.line.core, &flight.head, received).await {
                Ok(follow) => self.ended_with(flight, Outcome::Passed, follow).await,
                Err(fault) => self.ended(flight, Outcome::Unfit(fault)).await,
            },
            Unready::Unread(error) => {
                let Flight { head, slot, token } = flight;
                tracing::warn!(delivery = %head.delivery.id, %error, "a delivery could not be read and is tried again");
                drop((slot, token));
                self.line.tell(Letter::Later(head)).await;
            }
        }
    }

    /// Ended without having been sent.
    async fn ended(&self, flight: Flight, outcome: Outcome) {
        self.ended_with(flight, outcome, FollowUps::default()).await;
    }

    async fn ended_with(&self, flight: Flight, outcome: Outcome, follow: FollowUps) {
        let Flight { head, slot, token } = flight;
        drop(slot);
        let verdict = Verdict { spends: true, open: true };
        let finished = Finished { follow, ..Finished::alone(head, outcome, verdict, Duration::ZERO, token) };
        self.line.tell(Letter::Finished(Box::new(finished))).await;
    }
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

/// The route's transform; a panic in it is our defect, not the end of the launch.
fn transformed(route: &Route, head: &Head, received: &Body, stage: Stage) -> Result<Body, Fault> {
    let run = AssertUnwindSafe(|| match stage {
        Stage::Enrich => route.question(&head.exchange, received),
        Stage::Await | Stage::Target => route.transform(&head.exchange, received),
    });
    std::panic::catch_unwind(run).unwrap_or_else(|panic| Err(panicked("the transform", &*panic)))
}
