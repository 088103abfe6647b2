//! From admitted heads to sends: bytes made ready, intents on disk in one batch, then one task per send. Nothing leaves before its intent is on disk.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use lienthong_core::machine::Next;
use lienthong_core::{Adapter, Body, CallContext, DeliveryState, Verify};
use lienthong_journal::{AttemptStart, BodyInput, Command, Committed, Refusal, Transition};

use super::attempt::{self, Flight};
use super::content::{Contents, Unready};
use super::follow::{self, FollowUps};
use super::gate::Verdict;
use super::line::{Finished, Letter, Line, Outcome};
use super::outcome;
use super::record::{Fate, Troubled, record};
use crate::config::Configuration;

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
        match self.contents().of(&mut flight.head).await {
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

    fn contents(&self) -> Contents<'_> {
        let core = &self.line.core;
        Contents { journal: &*core.journal, config: &self.config, clock: &*core.clock }
    }

    async fn look_up(&self, flight: Flight, attempt: u32) {
        let head = &flight.head;
        match self.contents().earlier(head, attempt).await {
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
