//! Short ways to write commands for checks and tests: synthetic systems, people and times. Nothing here is stored by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use lienthong_core::delivery::OnParked;
use lienthong_core::exchange::{AuthenticatedBy, Link, Source};
use lienthong_core::fault::fingerprint;
use lienthong_core::{
    Class, ContentType, DeliveryId, DeliveryState, ExchangeId, ExchangeMeta, Fault, FaultKind, Fingerprint, Timestamp,
};
use uuid::Uuid;

use super::{Broken, done, only};
use crate::{
    Acceptance, Actor, AttemptEnd, AttemptOutcome, AttemptStart, BodyId, BodyInput, Command, CommandResult, Committed,
    EventKind, Head, Idempotency, Journal, Lane, NewDelivery, Noted, Transition,
};

/// The system of deliveries unless said otherwise.
pub const SYSTEM: &str = "portal";
/// Its operation.
pub const OPERATION: &str = "portal.sync-dossier";

static NEXT: AtomicU64 = AtomicU64::new(1);

/// `seconds` after the beginning of time.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000_i64.saturating_add(seconds)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// An id nobody has.
pub fn new_id() -> ExchangeId {
    ExchangeId(Uuid::from_u128(
        0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(NEXT.fetch_add(1, Ordering::Relaxed)),
    ))
}

/// A new JSON body.
pub fn text(bytes: impl Into<Bytes>) -> BodyInput {
    BodyInput::New { content_type: ContentType::Json, bytes: bytes.into() }
}

/// An acceptance being written.
#[derive(Debug, Clone)]
pub struct Draft(pub Acceptance);

/// One exchange of `client-1` with one queued delivery to [`SYSTEM`] in the lane of its key.
pub fn draft(key: &str) -> Result<Draft, Broken> {
    Ok(Draft(Acceptance {
        exchange: ExchangeMeta {
            id: new_id(),
            client: "client-1".parse()?,
            authenticated_by: AuthenticatedBy::ApiKey,
            source: Source::Client("client-1".parse()?),
            operation: OPERATION.parse()?,
            key: key.parse()?,
            aliases: Vec::new(),
            purpose: Some("sync".to_owned()),
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
            config: "config-1".parse()?,
            received_at: at(0),
        },
        body: text(format!("{{\"key\":\"{key}\"}}")),
        idempotency: None,
        deliveries: vec![delivery(SYSTEM, OPERATION, key)?],
        noted: Noted::default(),
        also: Vec::new(),
    }))
}

/// A queued delivery in a lane that holds.
pub fn delivery(system: &str, operation: &str, lane: &str) -> Result<NewDelivery, Broken> {
    Ok(NewDelivery {
        system: system.parse()?,
        operation: operation.parse()?,
        route: "route-1".parse()?,
        client: "client-1".parse()?,
        lane: Some(Lane { key: lane.parse()?, on_parked: OnParked::Hold, supersede: false }),
        state: DeliveryState::Queued,
        body: None,
        fault: None,
        attempt: None,
    })
}

impl Draft {
    /// Changes the acceptance.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Acceptance)) -> Self {
        change(&mut self.0);
        self
    }

    /// Changes every delivery.
    #[must_use]
    pub fn each(mut self, change: impl Fn(&mut NewDelivery)) -> Self {
        self.0.deliveries.iter_mut().for_each(change);
        self
    }

    /// Lanes let the next go by a parked one.
    #[must_use]
    pub fn skip(self) -> Self {
        self.each(|delivery| {
            if let Some(lane) = &mut delivery.lane {
                lane.on_parked = OnParked::Skip;
            }
        })
    }

    /// Deliveries replace older unsent ones.
    #[must_use]
    pub fn supersede(self) -> Self {
        self.each(|delivery| {
            if let Some(lane) = &mut delivery.lane {
                lane.supersede = true;
            }
        })
    }

    /// Received so many seconds after the beginning of time.
    #[must_use]
    pub fn received(self, seconds: i64) -> Self {
        self.with(|acceptance| acceptance.exchange.received_at = at(seconds))
    }

    /// A key of idempotency, by its scope and content.
    pub fn once(self, key: &str, content: u8) -> Result<Self, Broken> {
        let idempotency = Idempotency {
            scope: "client-1".parse()?,
            key: key.to_owned(),
            fingerprint: [content; 32],
            expires_at: at(1000),
        };
        Ok(self.with(|acceptance| acceptance.idempotency = Some(idempotency)))
    }

    /// A follow-up of a delivery.
    #[must_use]
    pub fn child_of(self, parent: DeliveryId, index: u16) -> Self {
        self.with(|acceptance| {
            acceptance.exchange.link = Some(Link::Child { parent, index });
            acceptance.exchange.authenticated_by = AuthenticatedBy::Gateway;
        })
    }

    /// One more alias of its key.
    pub fn alias(self, alias: &str) -> Result<Self, Broken> {
        let alias = alias.parse()?;
        Ok(self.with(|acceptance| acceptance.exchange.aliases.push(alias)))
    }

    /// The exchange's id.
    pub fn id(&self) -> ExchangeId {
        self.0.exchange.id
    }

    /// Its `index`-th delivery.
    pub fn delivery(&self, index: u16) -> DeliveryId {
        DeliveryId { exchange: self.id(), index }
    }

    /// The command that accepts it.
    pub fn command(&self) -> Command {
        Command::Accept(Box::new(self.0.clone()))
    }
}

/// A fault with its fingerprint.
pub fn fault(kind: FaultKind, words: &str) -> Result<(Fault, Fingerprint), Broken> {
    let fault = Fault::of(kind, words).with_system_answer(None, Some(words));
    let print = fingerprint(&SYSTEM.parse()?, &OPERATION.parse()?, &fault);
    Ok((fault, print))
}

/// A move of `head` into `state`; attempts and the rest stay as they are.
pub fn to(head: &Head, state: DeliveryState, event: EventKind) -> Transition {
    let delivery = &head.delivery;
    Transition {
        delivery: delivery.id,
        version: delivery.version,
        at: at(10),
        state,
        attempts: delivery.attempts,
        spent: delivery.spent,
        unsettled: delivery.unsettled,
        fault: None,
        event,
        actor: Actor::Gateway,
        note: None,
        start: None,
        end: None,
        spawn: Vec::new(),
    }
}

/// The intent of the next attempt.
pub fn admit(head: &Head) -> Transition {
    let attempt = head.delivery.attempts.saturating_add(1);
    let start = AttemptStart {
        attempt,
        reference: format!("{}-{attempt}", head.delivery.id),
        at: at(10),
        sent: text(format!("sent {}", head.delivery.id)),
        config: head.exchange.config.clone(),
    };
    Transition {
        attempts: attempt,
        start: Some(start),
        ..to(head, DeliveryState::InFlight { attempt }, EventKind::Admitted)
    }
}

/// The outcome of the attempt in flight.
pub fn end(head: &Head, state: DeliveryState, event: EventKind, outcome: AttemptOutcome) -> Transition {
    let end = AttemptEnd { attempt: head.delivery.attempts, at: at(11), outcome, answer: Some(text("{\"ok\":1}")) };
    Transition { end: Some(end), ..to(head, state, event) }
}

/// The attempt in flight ends delivered.
pub fn delivered(head: &Head) -> Transition {
    end(head, DeliveryState::Delivered, EventKind::Delivered, AttemptOutcome::Delivered)
}

/// The attempt in flight was refused for good.
pub fn parked(head: &Head, words: &str) -> Result<Transition, Broken> {
    let fault = fault(FaultKind::Rejected, words)?;
    let outcome = AttemptOutcome::Failed(fault.0.clone());
    Ok(Transition { fault: Some(fault), ..end(head, DeliveryState::Parked, EventKind::Parked, outcome) })
}

/// An officer releases it.
pub fn released(head: &Head) -> Transition {
    Transition {
        spent: 0,
        actor: Actor::Operator("officer".to_owned()),
        note: Some("repaired".to_owned()),
        ..to(head, DeliveryState::Queued, EventKind::Released)
    }
}

/// An officer discards it.
pub fn discarded(head: &Head) -> Transition {
    Transition {
        actor: Actor::Operator("officer".to_owned()),
        note: Some("sent by hand".to_owned()),
        ..to(head, DeliveryState::Discarded, EventKind::Discarded)
    }
}

/// A journal with short ways to write to it.
#[derive(Clone)]
pub struct Desk(pub Arc<dyn Journal>);

/// What an acceptance answered.
#[derive(Debug)]
pub struct Taken {
    pub heads: Vec<Head>,
    pub superseded: Vec<DeliveryId>,
}

/// What a move answered.
#[derive(Debug)]
pub struct Went {
    pub version: u32,
    pub sent: Option<BodyId>,
    pub head: Option<Box<Head>>,
    pub spawned: Vec<Head>,
}

impl Desk {
    /// Commits a batch of one.
    pub async fn one(&self, command: Command) -> Result<CommandResult, Broken> {
        only(self.0.commit(vec![command]).await?)
    }

    /// Accepts; broken when it is refused or a replay.
    pub async fn accept(&self, draft: &Draft) -> Result<Taken, Broken> {
        match done(self.one(draft.command()).await?)? {
            Committed::Accepted { exchange: _, key: _, heads, superseded } => Ok(Taken { heads, superseded }),
            other => Err(Broken::Unexpected(format!("not accepted: {other:?}"))),
        }
    }

    /// Moves; broken when it is refused.
    pub async fn go(&self, transition: Transition) -> Result<Went, Broken> {
        match done(self.one(Command::Move(Box::new(transition))).await?)? {
            Committed::Moved { delivery: _, version, sent, head, spawned } => Ok(Went { version, sent, head, spawned }),
            other => Err(Broken::Unexpected(format!("not moved: {other:?}"))),
        }
    }

    /// The delivery as it stands.
    pub async fn see(&self, id: DeliveryId) -> Result<Head, Broken> {
        super::some("a delivery", self.0.delivery(id).await?)
    }

    /// Its state.
    pub async fn state(&self, id: DeliveryId) -> Result<DeliveryState, Broken> {
        Ok(self.see(id).await?.delivery.state)
    }

    /// Admits a head and ends it delivered.
    pub async fn deliver(&self, id: DeliveryId) -> Result<Went, Broken> {
        self.go(admit(&self.see(id).await?)).await?;
        self.go(delivered(&self.see(id).await?)).await
    }

    /// Admits a head and parks it.
    pub async fn park(&self, id: DeliveryId, words: &str) -> Result<Went, Broken> {
        self.go(admit(&self.see(id).await?)).await?;
        self.go(parked(&self.see(id).await?, words)?).await
    }
}

/// Ids of heads.
pub fn ids<'a>(heads: impl IntoIterator<Item = &'a Head>) -> Vec<DeliveryId> {
    heads.into_iter().map(|head| head.delivery.id).collect()
}
