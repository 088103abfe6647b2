//! One delivery: what its release would say, and the course it would take after that. It moves nothing.

use std::sync::Arc;

use lienthong_core::{Body, Class, ContentType, DeliveryId, Fault, FaultCode, OperationName, SystemId, Timestamp};
use lienthong_journal::{Acceptance, Actor, BodyId, BodyInput, DeliveryRecord, Head, NewDelivery, Transition};

use super::course::{Course, Letter, Walk};
use super::model::Verdict;
use crate::config::Configuration;
use crate::dispatch::content::Contents;
use crate::service::fault::{of_journal, passes_by_itself, refused};
use crate::service::operate::{By, Verb};
use crate::service::{Service, reroute};

/// Stands for a body that is at hand and was never stored.
const NOT_STORED: BodyId = BodyId(-1);

/// What a release of one delivery would come to.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    /// The delivery as it stands; `None`: there is none.
    pub(super) head: Option<Head>,
    /// Why it does not simply pass.
    pub(super) why: Option<Why>,
    pub(super) confirmation: Option<Fault>,
    pub(super) until: Option<Timestamp>,
    pub(super) note: Option<String>,
    pub(super) letters: Vec<Letter>,
}

/// A fault, with what it would be recorded for.
pub(super) struct Why {
    pub(super) fault: Fault,
    pub(super) system: SystemId,
    pub(super) operation: OperationName,
}

/// Judges deliveries by one configuration.
pub(super) struct Judge<'a> {
    pub(super) service: &'a Service,
    pub(super) config: &'a Configuration,
    pub(super) operator: &'a str,
}

/// What the state machine and the rules of releases say.
enum Released {
    Moves(Box<Transition>, Option<Fault>),
    /// It was kept, and routes cannot take it.
    Fails(Fault),
    Refused(Fault),
}

impl Judge<'_> {
    fn walk(&self) -> Walk<'_> {
        let Service { journal, clock, .. } = self.service;
        let contents = Contents { journal: &**journal, config: self.config, clock: &**clock };
        Walk { contents, now: clock.now() }
    }

    /// `Err`: the journal could not be read.
    pub(super) async fn of(&self, id: DeliveryId) -> Result<Judged, Fault> {
        let Some(head) = self.service.journal.delivery(id).await.map_err(of_journal)? else {
            return Ok(Judged::new(Verdict::NotPreviewed, None));
        };
        match self.released(&head.delivery).await? {
            Released::Refused(fault) => Ok(Judged::stopped(Verdict::Refused, head, fault)),
            Released::Fails(fault) => Ok(Judged::stopped(Verdict::Fails, head, fault)),
            Released::Moves(transition, _) if reroute::is_kept(&head.delivery) => self.anew(head, *transition).await,
            Released::Moves(transition, confirmation) => self.taken_up(head, &transition, confirmation).await,
        }
    }

    /// As a release decides: first without and, where it asks for that, with a confirmation.
    async fn released(&self, delivery: &DeliveryRecord) -> Result<Released, Fault> {
        let needed = match self.release(delivery, false).await {
            Ok(transition) => return Ok(Released::Moves(transition, None)),
            Err(fault) if fault.code == FaultCode::ConfirmationNeeded => fault,
            Err(fault) => return not_released(delivery, fault),
        };
        match self.release(delivery, true).await {
            Ok(transition) => Ok(Released::Moves(transition, Some(needed))),
            Err(fault) => not_released(delivery, fault),
        }
    }

    async fn release(&self, delivery: &DeliveryRecord, confirmed: bool) -> Result<Box<Transition>, Fault> {
        let actor = Actor::Operator(self.operator.to_owned());
        let by = By { actor, reason: None, confirmed };
        self.service.transition(self.config, Verb::Release, &by, delivery).await
    }

    async fn taken_up(
        &self,
        head: Head,
        transition: &Transition,
        confirmation: Option<Fault>,
    ) -> Result<Judged, Fault> {
        let mut after = head.clone();
        after.delivery.state = transition.state;
        after.delivery.attempts = transition.attempts;
        after.delivery.spent = transition.spent;
        after.delivery.unsettled = transition.unsettled;
        let course = self.walk().of(&mut after).await?;
        let mut judged = Judged::new(Verdict::Passes, Some(head));
        judged.follow(course, &after.delivery);
        if let Some(fault) = confirmation {
            if judged.verdict == Verdict::Passes {
                judged.verdict = Verdict::NeedsConfirmation;
                judged.why = Some(Why::of(&after.delivery, fault.clone()));
            }
            judged.confirmation = Some(fault);
        }
        Ok(judged)
    }

    /// A message that was kept: the deliveries its routes make of it now, each on its own way. Copies for taps concern it as little as ever.
    async fn anew(&self, head: Head, transition: Transition) -> Result<Judged, Fault> {
        let content_type = head.content_type;
        let mut judged = Judged::new(Verdict::Passes, Some(head));
        for acceptance in transition.spawn.into_iter().take(1) {
            for mut made in self.drafted(acceptance, content_type).await? {
                let course = self.walk().of(&mut made).await?;
                judged.follow(course, &made.delivery);
            }
        }
        Ok(judged)
    }

    async fn drafted(&self, acceptance: Acceptance, received: ContentType) -> Result<Vec<Head>, Fault> {
        let Acceptance { exchange, body, deliveries, .. } = acceptance;
        let (exchange, whole) = (Arc::new(exchange), self.at_hand(body, received).await?);
        let mut heads = Vec::with_capacity(deliveries.len());
        for (new, index) in deliveries.into_iter().zip(0_u16..) {
            let body = match new.body.clone() {
                Some(own) => self.at_hand(own, received).await?,
                None => whole.clone(),
            };
            heads.push(Head {
                delivery: born(DeliveryId { exchange: exchange.id, index }, new, exchange.class, self.walk().now),
                exchange: Arc::clone(&exchange),
                body_id: NOT_STORED,
                content_type: body.content_type,
                body_bytes: body.bytes.len() as u64,
                body: Some(body.bytes),
            });
        }
        Ok(heads)
    }

    async fn at_hand(&self, body: BodyInput, content_type: ContentType) -> Result<Body, Fault> {
        match body {
            BodyInput::New { content_type, bytes } => Ok(Body { content_type, bytes }),
            BodyInput::Stored(id) => {
                let bytes = self.service.journal.body(id).await.map_err(of_journal)?;
                let bytes = bytes.ok_or_else(|| refused(FaultCode::WrongState, "its body is no longer kept"))?;
                Ok(Body { content_type, bytes })
            }
        }
    }
}

fn not_released(delivery: &DeliveryRecord, fault: Fault) -> Result<Released, Fault> {
    if passes_by_itself(&fault) {
        return Err(fault);
    }
    let routed = reroute::is_kept(delivery) && fault.code != FaultCode::WrongState;
    Ok(if routed { Released::Fails(fault) } else { Released::Refused(fault) })
}

/// A delivery as it will be once accepted.
fn born(id: DeliveryId, new: NewDelivery, class: Class, now: Timestamp) -> DeliveryRecord {
    let NewDelivery { system, operation, route, client, lane, state, body, fault: _, attempt: _ } = new;
    DeliveryRecord {
        id,
        system,
        operation,
        route,
        client,
        class,
        on_parked: lane.as_ref().map(|lane| lane.on_parked).unwrap_or_default(),
        lane: lane.map(|lane| lane.key),
        lane_seq: 0,
        version: 1,
        state,
        attempts: 0,
        spent: 0,
        unsettled: None,
        fault: None,
        fingerprint: None,
        body: body.map(|_| NOT_STORED),
        amended: None,
        instead: None,
        updated_at: now,
        is_head: true,
    }
}

impl Judged {
    fn new(verdict: Verdict, head: Option<Head>) -> Self {
        Self { verdict, head, why: None, confirmation: None, until: None, note: None, letters: Vec::new() }
    }

    fn stopped(verdict: Verdict, head: Head, fault: Fault) -> Self {
        let why = Some(Why::of(&head.delivery, fault));
        Self { why, ..Self::new(verdict, Some(head)) }
    }

    /// One more course of it: where one of several stops, it fails.
    fn follow(&mut self, course: Course, delivery: &DeliveryRecord) {
        match course {
            Course::Goes { letter, note } => {
                self.letters.push(letter);
                self.note = self.note.take().or(note);
            }
            Course::Stops(fault) => self.turn(Verdict::Fails, Some(Why::of(delivery, fault))),
            Course::Nowhere => {
                let detail = format!("the configuration describes no {}: it would wait there", delivery.system);
                let fault = refused(FaultCode::NoSuchRecord, detail);
                self.turn(Verdict::NotPreviewed, Some(Why::of(delivery, fault)));
            }
            Course::Asks => self.turn(Verdict::LookedUpFirst, None),
            Course::Waits(until) => {
                self.until = self.until.take().or(Some(until));
                self.turn(Verdict::Waits, None);
            }
            Course::Over(why) => self.note = Some(why.to_owned()),
        }
    }

    fn turn(&mut self, verdict: Verdict, why: Option<Why>) {
        if self.verdict != Verdict::Fails {
            (self.verdict, self.why) = (verdict, why);
        }
    }
}

impl Why {
    fn of(delivery: &DeliveryRecord, fault: Fault) -> Self {
        Self { fault, system: delivery.system.clone(), operation: delivery.operation.clone() }
    }
}
