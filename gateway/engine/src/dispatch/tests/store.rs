//! Deliveries, lanes, timers and attempts in memory: what the fake journal keeps. It is not durable and knows no trait.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use lienthong_core::delivery::OnParked;
use lienthong_core::{
    BusinessKey, Class, ClientId, ContentType, DeliveryId, DeliveryState, OrderKey, StateName, SystemId, Timestamp,
};
use lienthong_journal::{
    Acceptance, Actor, AttemptEnd, AttemptRecord, AttemptStart, BodyId, BodyInput, CommandResult, Committed,
    DeliveryRecord, EventKind, EventRecord, Head, HeadQuery, NewDelivery, Refusal, Transition,
};

type LaneKey = (SystemId, OrderKey);
type Counted = (SystemId, ClientId, Class, StateName);

/// Heads made up when they are read: a backlog that needs no memory.
pub(super) struct Supply {
    pub(super) system: SystemId,
    pub(super) client: ClientId,
    pub(super) left: u64,
    pub(super) make: Box<dyn FnMut() -> Acceptance + Send>,
}

#[derive(Default)]
pub(super) struct Store {
    pub(super) deliveries: HashMap<DeliveryId, Head>,
    lanes: HashMap<LaneKey, VecDeque<DeliveryId>>,
    ready: BTreeMap<(SystemId, Class, ClientId), BTreeSet<(Timestamp, DeliveryId)>>,
    timers: BTreeMap<SystemId, BTreeSet<(Timestamp, DeliveryId)>>,
    wakes: HashMap<DeliveryId, Timestamp>,
    bodies: Vec<Bytes>,
    pub(super) attempts: HashMap<DeliveryId, Vec<AttemptRecord>>,
    pub(super) events: Vec<EventRecord>,
    pub(super) finals: HashMap<StateName, u64>,
    /// Open deliveries counted, as they move.
    pub(super) tally: HashMap<Counted, u64>,
    /// Finished deliveries are dropped, as are events: for backlogs that would not fit.
    pub(super) forgets: bool,
    pub(super) supply: Option<Supply>,
    pub(super) most_skipped: usize,
    told: usize,
}

impl Store {
    pub(super) fn accept(&mut self, acceptance: &Acceptance) -> CommandResult {
        let meta = Arc::new(acceptance.exchange.clone());
        if self.deliveries.contains_key(&DeliveryId { exchange: meta.id, index: 0 }) {
            return Ok(Committed::Replayed { exchange: meta.id });
        }
        let (body_id, content_type) = self.body(&acceptance.body);
        let mut heads = Vec::new();
        for (index, new) in acceptance.deliveries.iter().enumerate() {
            let id = DeliveryId { exchange: meta.id, index: u16::try_from(index).unwrap() };
            let own = new.body.as_ref().map(|body| self.body(body));
            let head = Head {
                delivery: born(id, new, meta.class, own.map(|(id, _)| id)),
                exchange: Arc::clone(&meta),
                body_id,
                content_type: own.map_or(content_type, |(_, content_type)| content_type),
                body_bytes: 0,
                body: None,
            };
            self.recount(&head.delivery, true);
            self.deliveries.insert(id, head);
            if let Some(start) = &new.attempt {
                self.begin(id, start);
            }
            if let Some(lane) = &new.lane {
                let queue = self.lanes.entry((new.system.clone(), lane.key.clone())).or_default();
                queue.push_back(id);
                let first = queue.len() == 1;
                self.deliveries.get_mut(&id).unwrap().delivery.is_head = first;
            }
            self.schedule(id);
            self.tell(id, EventKind::Accepted, meta.received_at);
            heads.extend(self.due(id, meta.received_at));
        }
        Ok(Committed::Accepted { exchange: meta.id, key: meta.key.clone(), heads, superseded: Vec::new() })
    }

    fn recount(&mut self, record: &DeliveryRecord, there: bool) {
        if record.state.name().is_final() {
            return;
        }
        let key = (record.system.clone(), record.client.clone(), record.class, record.state.name());
        let count = self.tally.entry(key).or_default();
        *count = if there { *count + 1 } else { *count - 1 };
    }

    pub(super) fn transition(&mut self, to: &Transition) -> CommandResult {
        let Some(head) = self.deliveries.get_mut(&to.delivery) else { return Err(Refusal::NoSuchDelivery) };
        let record = &mut head.delivery;
        if record.version != to.version {
            return Err(Refusal::Stale { version: record.version, state: record.state.name() });
        }
        let before = record.state;
        record.version += 1;
        record.state = to.state;
        record.attempts = to.attempts;
        record.spent = to.spent;
        record.unsettled = to.unsettled;
        record.updated_at = to.at;
        (record.fault, record.fingerprint) = to.fault.clone().unzip();
        let version = record.version;
        let after = record.clone();
        self.recount(&DeliveryRecord { state: before, ..after.clone() }, false);
        self.recount(&after, true);
        let sent = to.start.as_ref().map(|start| self.begin(to.delivery, start));
        if let Some(end) = &to.end {
            self.end(to.delivery, end);
        }
        self.tell(to.delivery, to.event, to.at);
        let next = self.settle_lane(to.delivery);
        self.schedule(to.delivery);
        let head = next.and_then(|next| {
            self.schedule(next);
            self.due(next, to.at)
        });
        if to.state.name().is_final() {
            *self.finals.entry(to.state.name()).or_default() += 1;
            if self.forgets {
                self.deliveries.remove(&to.delivery);
                self.attempts.remove(&to.delivery);
            }
        }
        let head = head.map(Box::new);
        Ok(Committed::Moved { delivery: to.delivery, version, sent, head, spawned: Vec::new() })
    }

    /// Who is to be looked at after a move: the delivery itself, or its successor when it is out of the lane.
    fn settle_lane(&mut self, id: DeliveryId) -> Option<DeliveryId> {
        let record = &mut self.deliveries.get_mut(&id)?.delivery;
        let skipped = record.state == DeliveryState::Parked && record.on_parked == OnParked::Skip;
        if !record.state.name().is_final() && !skipped {
            return Some(id);
        }
        let lane = (record.system.clone(), record.lane.clone()?);
        record.is_head = false;
        let queue = self.lanes.get_mut(&lane)?;
        queue.retain(|other| *other != id);
        let next = queue.front().copied();
        if next.is_none() {
            self.lanes.remove(&lane);
        }
        self.deliveries.get_mut(&next?)?.delivery.is_head = true;
        next
    }

    fn schedule(&mut self, id: DeliveryId) {
        let Some(head) = self.deliveries.get(&id) else { return };
        let record = &head.delivery;
        let place = (record.system.clone(), record.class, record.client.clone());
        let rank = (head.exchange.rank(), id);
        let ready = self.ready.entry(place).or_default();
        ready.remove(&rank);
        let timers = self.timers.entry(record.system.clone()).or_default();
        if let Some(at) = self.wakes.remove(&id) {
            timers.remove(&(at, id));
        }
        match (record.is_head, record.state) {
            (true, DeliveryState::Queued) => drop(ready.insert(rank)),
            (true, state) => {
                if let Some(at) = state.wake_at() {
                    timers.insert((at, id));
                    self.wakes.insert(id, at);
                }
            }
            (false, _) => {}
        }
    }

    fn due(&self, id: DeliveryId, now: Timestamp) -> Option<Head> {
        let head = self.deliveries.get(&id)?;
        let state = head.delivery.state;
        let due = state == DeliveryState::Queued || state.wake_at().is_some_and(|at| at <= now);
        (head.delivery.is_head && due).then(|| head.clone())
    }

    pub(super) fn heads(&mut self, query: &HeadQuery) -> Vec<Head> {
        self.most_skipped = self.most_skipped.max(query.skip.len());
        self.draw_from_supply(query);
        let mut found: Vec<(Timestamp, DeliveryId)> = Vec::new();
        for ((system, class, client), ready) in &self.ready {
            let asked = query.client.as_ref().is_none_or(|asked| asked == client);
            if *system == query.system && *class == query.class && asked {
                found.extend(ready.iter().filter(|(_, id)| !query.skip.contains(id)).take(query.limit));
            }
        }
        let due = self.timers.get(&query.system).into_iter().flatten().take_while(|(at, _)| *at <= query.now);
        for (_, id) in due.filter(|(_, id)| !query.skip.contains(id)) {
            let head = &self.deliveries[id];
            let asked = query.client.as_ref().is_none_or(|asked| *asked == head.delivery.client);
            if head.delivery.class == query.class && asked {
                found.push((head.exchange.rank(), *id));
            }
        }
        found.sort_unstable();
        found.truncate(query.limit);
        found.iter().map(|(_, id)| self.deliveries[id].clone()).collect()
    }

    fn draw_from_supply(&mut self, query: &HeadQuery) {
        let Some(mut supply) = self.supply.take() else { return };
        let asked = query.client.as_ref().is_none_or(|client| *client == supply.client);
        if supply.system == query.system && asked {
            let place = (query.system.clone(), query.class, supply.client.clone());
            let ready = self.ready.get(&place).map_or(0, BTreeSet::len);
            for _ in ready..query.limit + query.skip.len() {
                if supply.left == 0 {
                    break;
                }
                supply.left -= 1;
                self.accept(&(supply.make)()).unwrap();
            }
        }
        self.supply = Some(supply);
    }

    pub(super) fn next_wake(&self, system: &SystemId) -> Option<Timestamp> {
        self.timers.get(system)?.first().map(|(at, _)| *at)
    }

    pub(super) fn count(&self, state: StateName) -> usize {
        self.deliveries.values().filter(|head| head.delivery.state.name() == state).count()
    }

    pub(super) fn bytes(&self, id: BodyId) -> Option<Bytes> {
        self.bodies.get(usize::try_from(id.0).unwrap()).cloned()
    }

    fn body(&mut self, body: &BodyInput) -> (BodyId, ContentType) {
        match body {
            BodyInput::New { content_type, bytes } => {
                if !self.forgets || self.bodies.is_empty() {
                    self.bodies.push(bytes.clone());
                }
                (BodyId(i64::try_from(self.bodies.len() - 1).unwrap()), *content_type)
            }
            BodyInput::Stored(id) => (*id, ContentType::Json),
        }
    }

    fn begin(&mut self, id: DeliveryId, start: &AttemptStart) -> BodyId {
        let (sent, sent_type) = self.body(&start.sent);
        self.attempts.entry(id).or_default().push(AttemptRecord {
            attempt: start.attempt,
            reference: start.reference.clone(),
            started_at: start.at,
            ended_at: None,
            config: start.config.clone(),
            sent,
            sent_type,
            outcome: None,
            answer: None,
        });
        sent
    }

    fn end(&mut self, id: DeliveryId, end: &AttemptEnd) {
        let answer = end.answer.as_ref().map(|answer| self.body(answer).0);
        let attempts = self.attempts.get_mut(&id).expect("an attempt ends that began");
        let attempt = attempts.iter_mut().find(|attempt| attempt.attempt == end.attempt).expect("it has this number");
        attempt.ended_at = Some(end.at);
        attempt.outcome = Some(end.outcome.clone());
        attempt.answer = answer.or(attempt.answer);
    }

    pub(super) fn note(&mut self, at: Timestamp, kind: EventKind, system: Option<SystemId>, text: &str) {
        let seq = self.events.last().map_or(1, |event| event.seq + 1);
        self.events.push(EventRecord {
            seq,
            at,
            kind,
            exchange: None,
            delivery: None,
            system,
            client: None,
            operation: None,
            key: None,
            state: None,
            attempt: None,
            fault: None,
            fingerprint: None,
            actor: Actor::Gateway,
            note: Some(text.to_owned()),
        });
    }

    fn tell(&mut self, id: DeliveryId, kind: EventKind, at: Timestamp) {
        if self.forgets {
            return;
        }
        let record = self.deliveries[&id].delivery.clone();
        let key: BusinessKey = self.deliveries[&id].exchange.key.clone();
        self.note(at, kind, Some(record.system), "");
        let event = self.events.last_mut().unwrap();
        event.exchange = Some(id.exchange);
        event.delivery = Some(id);
        event.key = Some(key);
        event.state = Some(record.state.name());
        event.fault = record.fault.map(|fault| fault.code);
    }

    /// Events since it was last asked.
    pub(super) fn untold(&mut self) -> Arc<[EventRecord]> {
        let events = self.events[self.told..].into();
        self.told = self.events.len();
        events
    }
}

fn born(id: DeliveryId, new: &NewDelivery, class: Class, body: Option<BodyId>) -> DeliveryRecord {
    DeliveryRecord {
        id,
        system: new.system.clone(),
        operation: new.operation.clone(),
        route: new.route.clone(),
        client: new.client.clone(),
        class,
        lane: new.lane.as_ref().map(|lane| lane.key.clone()),
        lane_seq: 0,
        on_parked: new.lane.as_ref().map(|lane| lane.on_parked).unwrap_or_default(),
        version: 1,
        state: new.state,
        attempts: new.attempt.as_ref().map_or(0, |start| start.attempt),
        spent: 0,
        unsettled: None,
        fault: None,
        fingerprint: None,
        body,
        amended: None,
        instead: None,
        updated_at: Timestamp::UNIX_EPOCH,
        is_head: false,
    }
}
