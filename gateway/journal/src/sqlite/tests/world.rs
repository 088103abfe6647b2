//! A plain model of the journal in memory: the laws said once more, in the simplest way. It shares nothing with the store.

use std::collections::{BTreeSet, HashMap};

use lienthong_core::delivery::OnParked;
use lienthong_core::exchange::Link;
use lienthong_core::{DeliveryId, DeliveryState, ExchangeId, StateName, Timestamp};

use crate::{Acceptance, Amend, BodyInput, Command, EventKind, Refusal, Transition};

#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) id: DeliveryId,
    lane: (String, String),
    operation: String,
    on_parked: OnParked,
    pub(super) state: DeliveryState,
    pub(super) version: u32,
    pub(super) attempts: u32,
    pub(super) unsettled: Option<u32>,
    /// Of its amendments, in their order.
    pub(super) contents: Vec<String>,
}

impl Delivery {
    fn holds(&self) -> bool {
        match self.state.name() {
            StateName::Parked => self.on_parked == OnParked::Hold,
            name => !name.is_final(),
        }
    }

    pub(super) fn due(&self, now: Timestamp) -> bool {
        self.state == DeliveryState::Queued || self.state.wake_at().is_some_and(|at| at <= now)
    }
}

/// What a command must answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expected {
    Accepted { key: String, heads: BTreeSet<DeliveryId>, superseded: Vec<DeliveryId> },
    Replayed(ExchangeId),
    Moved { version: u32, head: Option<DeliveryId>, spawned: BTreeSet<DeliveryId> },
}

#[derive(Debug, Clone, Default)]
pub(super) struct World {
    /// In the order of acceptance.
    pub(super) exchanges: Vec<(ExchangeId, String)>,
    /// In the order of acceptance, which is the order of every lane.
    pub(super) deliveries: Vec<Delivery>,
    aliases: HashMap<String, String>,
    idempotency: HashMap<String, ([u8; 32], ExchangeId)>,
    children: HashMap<(DeliveryId, u16), ExchangeId>,
    pub(super) events: Vec<(EventKind, Option<ExchangeId>, Option<DeliveryId>)>,
}

impl World {
    pub(super) fn resolve(&self, word: &str) -> String {
        self.aliases.get(word).cloned().unwrap_or_else(|| word.to_owned())
    }

    /// The head of a lane: who is in flight, or the first that holds.
    fn head_of(&self, lane: &(String, String)) -> Option<DeliveryId> {
        let holders = || self.deliveries.iter().filter(|delivery| delivery.lane == *lane && delivery.holds());
        let flying = holders().find(|delivery| delivery.state.name() == StateName::InFlight);
        flying.or_else(|| holders().next()).map(|delivery| delivery.id)
    }

    pub(super) fn heads(&self) -> BTreeSet<DeliveryId> {
        self.deliveries.iter().filter_map(|delivery| self.head_of(&delivery.lane)).collect()
    }

    pub(super) fn due_heads(&self, now: Timestamp) -> BTreeSet<DeliveryId> {
        let heads = self.heads();
        self.deliveries.iter().filter(|one| heads.contains(&one.id) && one.due(now)).map(|one| one.id).collect()
    }

    pub(super) fn find(&self, id: DeliveryId) -> Option<&Delivery> {
        self.deliveries.iter().find(|delivery| delivery.id == id)
    }

    /// Applies a command, or tells why not.
    pub(super) fn apply(&mut self, command: &Command) -> Result<Expected, Refusal> {
        match command {
            Command::Accept(acceptance) => self.accept(acceptance),
            Command::Move(transition) => self.transition(transition),
            Command::Amend(amend) => self.amend(amend),
            Command::LeaseInbox { .. }
            | Command::Set(_)
            | Command::SetCursor { .. }
            | Command::Measure { .. }
            | Command::Memo(_)
            | Command::Act(_)
            | Command::Note { .. } => {
                panic!("not modelled")
            }
        }
    }

    fn accept(&mut self, acceptance: &Acceptance) -> Result<Expected, Refusal> {
        if let Some(replayed) = self.refusal(acceptance)? {
            return Ok(Expected::Replayed(replayed));
        }
        let before = self.heads();
        let (key, superseded) = self.write(acceptance);
        let heads = self.due_heads(acceptance.exchange.received_at).difference(&before).copied().collect();
        Ok(Expected::Accepted { key, heads, superseded })
    }

    fn refusal(&self, acceptance: &Acceptance) -> Result<Option<ExchangeId>, Refusal> {
        let meta = &acceptance.exchange;
        if let Some(idempotency) = &acceptance.idempotency
            && let Some((content, first)) = self.idempotency.get(&idempotency.key)
        {
            if *content == idempotency.fingerprint {
                return Ok(Some(*first));
            }
            return Err(Refusal::IdempotencyConflict(*first));
        }
        if let Some(Link::Child { parent, index }) = &meta.link
            && let Some(child) = self.children.get(&(*parent, *index))
        {
            return Err(Refusal::ChildExists(*child));
        }
        let key = self.resolve(meta.key.as_str());
        for alias in &meta.aliases {
            let word = alias.as_str();
            let taken = |by: &str| Refusal::AliasTaken { alias: alias.clone(), key: by.parse().unwrap() };
            match self.aliases.get(word) {
                _ if word == key => {}
                Some(leads_to) if *leads_to == key => {}
                Some(leads_to) => return Err(taken(leads_to)),
                None => {
                    let used = self.exchanges.iter().any(|(_, used)| used == word);
                    if used || self.aliases.values().any(|key| key == word) {
                        return Err(taken(word));
                    }
                }
            }
        }
        Ok(None)
    }

    fn write(&mut self, acceptance: &Acceptance) -> (String, Vec<DeliveryId>) {
        let meta = &acceptance.exchange;
        let key = self.resolve(meta.key.as_str());
        for alias in meta.aliases.iter().filter(|alias| alias.as_str() != key) {
            self.aliases.insert(alias.as_str().to_owned(), key.clone());
        }
        if let Some(idempotency) = &acceptance.idempotency {
            self.idempotency.insert(idempotency.key.clone(), (idempotency.fingerprint, meta.id));
        }
        if let Some(Link::Child { parent, index }) = &meta.link {
            self.children.insert((*parent, *index), meta.id);
        }
        self.exchanges.push((meta.id, key.clone()));
        self.events.push((EventKind::Accepted, Some(meta.id), None));
        let mut superseded = Vec::new();
        for (new, index) in acceptance.deliveries.iter().zip(0_u16..) {
            let lane = new.lane.as_ref().unwrap();
            let order = if lane.key.as_str() == meta.key.as_str() { &key } else { lane.key.as_str() };
            let delivery = Delivery {
                id: DeliveryId { exchange: meta.id, index },
                lane: (order.to_owned(), new.system.as_str().to_owned()),
                operation: new.operation.as_str().to_owned(),
                on_parked: lane.on_parked,
                state: new.state,
                version: 1,
                attempts: 0,
                unsettled: None,
                contents: Vec::new(),
            };
            if lane.supersede {
                superseded.extend(self.supersede(&delivery));
            }
            let kind = match new.state.name() {
                StateName::Waiting => Some(EventKind::Waiting),
                StateName::Parked => Some(EventKind::Parked),
                _queued => None,
            };
            self.events.extend(kind.map(|kind| (kind, Some(meta.id), Some(delivery.id))));
            self.deliveries.push(delivery);
        }
        (key, superseded)
    }

    fn supersede(&mut self, newer: &Delivery) -> Vec<DeliveryId> {
        let mut gone = Vec::new();
        for old in &mut self.deliveries {
            let unsent = matches!(old.state.name(), StateName::Queued | StateName::Waiting | StateName::Parked);
            let same = old.lane == newer.lane && old.operation == newer.operation;
            if same && unsent && old.unsettled.is_none() && old.id.exchange != newer.id.exchange {
                old.state = DeliveryState::Superseded;
                old.version += 1;
                self.events.push((EventKind::Superseded, Some(old.id.exchange), Some(old.id)));
                gone.push(old.id);
            }
        }
        gone
    }

    fn amend(&mut self, amend: &Amend) -> Result<Expected, Refusal> {
        let (kept, step) = (amend.keep.as_ref().unwrap(), amend.step.as_ref().unwrap());
        let Some(old) = self.find(amend.delivery) else { return Err(Refusal::NoSuchDelivery) };
        if kept.number as usize != old.contents.len() + 1 {
            return Err(Refusal::Stale { version: old.version, state: old.state.name() });
        }
        let moved = self.transition(&step.to)?;
        let BodyInput::New { bytes, .. } = &kept.body else { panic!("not modelled") };
        let content = String::from_utf8(bytes.to_vec()).unwrap();
        self.deliveries
            .iter_mut()
            .filter(|one| one.id == amend.delivery)
            .for_each(|one| one.contents.push(content.clone()));
        Ok(moved)
    }

    fn transition(&mut self, to: &Transition) -> Result<Expected, Refusal> {
        let Some(place) = self.deliveries.iter().position(|delivery| delivery.id == to.delivery) else {
            return Err(Refusal::NoSuchDelivery);
        };
        let old = self.deliveries[place].clone();
        let before = self.head_of(&old.lane);
        let out_of_turn = to.state.name() == StateName::InFlight && before != Some(old.id);
        let begun = to.start.as_ref().is_some_and(|start| start.attempt <= old.attempts);
        if old.version != to.version || out_of_turn || begun {
            return Err(Refusal::Stale { version: old.version, state: old.state.name() });
        }
        for child in &to.spawn {
            if let Some(replayed) = self.refusal(child)? {
                return Err(Refusal::ChildExists(replayed));
            }
        }
        let moved = &mut self.deliveries[place];
        (moved.state, moved.version) = (to.state, old.version + 1);
        (moved.attempts, moved.unsettled) = (to.attempts, to.unsettled);
        self.events.push((to.event, Some(old.id.exchange), Some(old.id)));
        let now = self.head_of(&old.lane);
        let changed = now != before || now == Some(old.id);
        let head = now.filter(|head| changed && self.find(*head).is_some_and(|head| head.due(to.at)));
        let mut spawned = BTreeSet::new();
        for child in &to.spawn {
            let before = self.heads();
            self.write(child);
            spawned.extend(self.due_heads(child.exchange.received_at).difference(&before));
        }
        Ok(Expected::Moved { version: old.version + 1, head, spawned })
    }
}
