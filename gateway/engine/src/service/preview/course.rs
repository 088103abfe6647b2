//! The way of a delivery that a dispatcher would take up now, to the doors of adapters: what would be handed over, or what keeps it from them. No adapter is called.

use lienthong_core::exchange::Stage;
use lienthong_core::{
    Body, DeliveryState, ExchangeMeta, Fault, FaultKind, OperationName, RouteName, SystemId, Timestamp, Verify,
};
use lienthong_journal::{DeliveryRecord, Head};
use serde_json::Value;

use crate::config::Configuration;
use crate::dispatch::content::{Contents, Unready, has_expired, made};
use crate::draft;
use crate::internal::{self, is_internal};
use crate::queue::is_queue;
use crate::routing::{Route, RouteTarget};
use crate::service::fault::of_journal;

/// What comes of a delivery that is taken up.
pub(in crate::service) enum Course {
    /// It comes to a door.
    Goes {
        letter: Letter,
        note: Option<String>,
    },
    /// It is stopped on the way.
    Stops(Fault),
    Waits(Timestamp),
    /// Its target would be asked first.
    Asks,
    /// Nothing is to be done.
    Over(&'static str),
    /// The configuration does not describe where it goes.
    Nowhere,
}

/// What would be handed to an adapter.
pub(in crate::service) struct Letter {
    pub(in crate::service) system: SystemId,
    pub(in crate::service) operation: OperationName,
    pub(in crate::service) route: RouteName,
    pub(in crate::service) body: Body,
}

/// Walks deliveries to the doors.
pub(in crate::service) struct Walk<'a> {
    pub(in crate::service) contents: Contents<'a>,
    pub(in crate::service) now: Timestamp,
}

impl Walk<'_> {
    fn config(&self) -> &Configuration {
        self.contents.config
    }

    /// `Err`: the journal could not be read.
    pub(in crate::service) async fn of(&self, head: &mut Head) -> Result<Course, Fault> {
        let system = &head.delivery.system;
        if system.is_inbox() {
            return self.to_an_inbox(head).await;
        }
        if !self.config().systems.contains_key(system) || !self.config().adapters.contains_key(system) {
            return Ok(Course::Nowhere);
        }
        if has_expired(head, self.now) {
            return Ok(Course::Stops(Fault::of(FaultKind::Expired, "expires_at passed before it could be sent")));
        }
        if matches!(head.delivery.state, DeliveryState::Verifying { how: Verify::Lookup, .. }) {
            return Ok(Course::Asks);
        }
        let course = match self.contents.of(head).await {
            Ok((body, _)) => self.onward(head, body),
            Err(Unready::Passes(received)) => match self.config().routes.route(&head.delivery.route) {
                Some(route) => self.to_target(route, &head.exchange, &received),
                None => Ok(Course::Nowhere),
            },
            Err(Unready::Unfit(fault)) => Err(fault),
            Err(Unready::Early(until)) => Ok(Course::Waits(until)),
            Err(Unready::Over(why)) => Ok(Course::Over(why)),
            Err(Unready::Unread(error)) => return Err(of_journal(error)),
        };
        Ok(course.unwrap_or_else(Course::Stops))
    }

    /// A client finds it there as it is.
    async fn to_an_inbox(&self, head: &mut Head) -> Result<Course, Fault> {
        let stored = head.delivery.body.unwrap_or(head.body_id);
        let bytes = match head.body.take() {
            Some(bytes) => bytes,
            None => self.contents.journal.body(stored).await.map_err(of_journal)?.unwrap_or_default(),
        };
        let body = Body { content_type: head.content_type, bytes };
        let DeliveryRecord { system, operation, route, .. } = &head.delivery;
        let letter = Letter { system: system.clone(), operation: operation.clone(), route: route.clone(), body };
        Ok(Course::Goes { letter, note: None })
    }

    /// From its bytes to the door; the gateway's own deliveries go on to what is to follow them.
    fn onward(&self, head: &Head, body: Body) -> Result<Course, Fault> {
        let DeliveryRecord { system, operation, route: name, .. } = &head.delivery;
        let route = self.config().routes.route(name).filter(|_| head.delivery.body.is_none());
        match route.map(|route| (route, route.stage_of(operation))) {
            Some((route, Stage::Await)) => self.after_waiting(route, &head.exchange, &body),
            Some((route, Stage::Target)) if is_internal(system) => self.messages(route, &head.exchange, body),
            Some((_, Stage::Enrich)) => self.letter(system, operation, name, body).map(asked_first),
            Some((_, Stage::Target)) | None => self.letter(system, operation, name, body).map(straight),
        }
    }

    /// What waited and need not wait any more: filled in first where it needs that.
    fn after_waiting(&self, route: &Route, meta: &ExchangeMeta, received: &Body) -> Result<Course, Fault> {
        let stage = route.stage(meta, &read(received)?, Stage::Enrich)?;
        match (stage, &route.spec.patterns.enrich) {
            (Stage::Enrich, Some(enrich)) => {
                let system = draft::system(self.config(), enrich.operation.system())?;
                let question = made(route, meta, received, Stage::Enrich)?;
                self.letter(&system, &enrich.operation, &route.spec.name, question).map(asked_first)
            }
            (Stage::Await | Stage::Enrich | Stage::Target, _) => self.to_target(route, meta, received),
        }
    }

    fn to_target(&self, route: &Route, meta: &ExchangeMeta, received: &Body) -> Result<Course, Fault> {
        let body = made(route, meta, received, Stage::Target)?;
        match &route.spec.to {
            RouteTarget::Message(_) => self.messages(route, meta, body),
            RouteTarget::Operation(operation) => {
                let system = draft::system(self.config(), operation.system())?;
                self.letter(&system, operation, &route.spec.name, body).map(straight)
            }
            RouteTarget::Inbox(_) => {
                let system = draft::inbox()?;
                self.letter(&system, &meta.operation, &route.spec.name, body).map(straight)
            }
        }
    }

    /// Messages are made inside the gateway; where each of them goes is told of itself.
    fn messages(&self, route: &Route, meta: &ExchangeMeta, body: Body) -> Result<Course, Fault> {
        let rows = route.rows(meta, &body)?;
        let failing = rows.iter().filter(|row| row.made.is_err()).count();
        let good = rows.len() - failing;
        let note = match failing {
            0 => format!("makes {good} message(s)"),
            _some => format!("makes {good} message(s), and {failing} element(s) would be kept for a person"),
        };
        let operation = match &route.spec.to {
            RouteTarget::Message(operation) | RouteTarget::Operation(operation) => operation,
            RouteTarget::Inbox(_) => &meta.operation,
        };
        let system = draft::system(self.config(), internal::SYSTEM)?;
        let letter = Letter { system, operation: operation.clone(), route: route.spec.name.clone(), body };
        Ok(Course::Goes { letter, note: Some(note) })
    }

    /// The adapter's own rules are the last before its door: what they refuse, a call refuses before it sends a byte.
    fn letter(
        &self,
        system: &SystemId,
        operation: &OperationName,
        route: &RouteName,
        body: Body,
    ) -> Result<Letter, Fault> {
        let known = self.config().catalogue.get(operation).is_some() && !is_queue(system) && !system.is_inbox();
        if let Some(adapter) = self.config().adapters.get(system).filter(|_| known) {
            adapter.check(operation, &read(&body)?)?;
        }
        Ok(Letter { system: system.clone(), operation: operation.clone(), route: route.clone(), body })
    }
}

fn straight(letter: Letter) -> Course {
    Course::Goes { letter, note: None }
}

fn asked_first(letter: Letter) -> Course {
    let note = format!("{} is asked first; what goes on depends on its answer", letter.system);
    Course::Goes { letter, note: Some(note) }
}

fn read(body: &Body) -> Result<Value, Fault> {
    serde_json::from_slice(&body.bytes)
        .map_err(|error| Fault::of(FaultKind::Invalid, format!("what would be sent is no JSON: {error}")))
}
