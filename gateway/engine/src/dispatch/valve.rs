//! Who may call one system now: gate, pause, maintenance, rate and concurrency, shared fairly between deliveries and synchronous calls. It sends nothing.

use std::collections::VecDeque;
use std::time::Duration;

use lienthong_core::{Fault, FaultCode, Timestamp};
use tokio::sync::oneshot;

use super::bucket::Bucket;
use super::gate::{Gate, Heard, Phase, Ticket, Verdict};
use super::{GateState, GateView};
use crate::config::SystemPolicy;
use crate::desk::window::Open;

#[cfg(test)]
mod tests;

/// Most synchronous calls that wait for admission to one system.
const MOST_WAITING: usize = 1024;
/// How long a system's word that it is in maintenance stands when it does not even say that any more.
const ANNOUNCED_FOR: Duration = Duration::from_secs(3600);
/// Changes kept until they are written down; more than this between two turns says nothing new.
const MOST_CHANGES: usize = 64;

/// Both times at one instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) wall: Timestamp,
    pub(super) mono: Duration,
}

/// What uses the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    Delivery,
    Call,
    /// Tries the system beside its limits.
    Probe,
}

/// The gate as operators see it has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GateChange {
    pub(super) at: Timestamp,
    pub(super) to: GateState,
    pub(super) reason: Option<String>,
}

/// What a synchronous call gets.
pub(super) enum Entry {
    Granted(Ticket),
    Wait(oneshot::Receiver<Ticket>),
    /// Too many wait already.
    Full,
    Shut(GateState),
}

/// Its own word that it is in maintenance stands until it serves, and so long after it was last said although it fails otherwise: whoever
/// works on a system takes it away altogether for a while.
fn announced(before: Option<Duration>, fault: &Fault, now: Duration) -> Option<Duration> {
    match fault.code == FaultCode::Maintenance {
        true => Some(now),
        false => before.filter(|at| now.saturating_sub(*at) < ANNOUNCED_FOR),
    }
}

/// Admission to one system. Short work under one lock; nothing waits inside.
pub(super) struct Valve {
    gate: Gate,
    full: u32,
    rate: Option<Bucket>,
    paused: bool,
    pause_reason: Option<String>,
    maintenance: Option<Open>,
    /// A window has ended, and one goes first: until that was served the system counts as in maintenance.
    first: bool,
    /// When the system last said itself that it is in maintenance, while the gate is shut for it.
    announced: Option<Duration>,
    deliveries: u32,
    calls: u32,
    waiting: VecDeque<oneshot::Sender<Ticket>>,
    /// Whether the next free slot is a call's, when both want it.
    calls_turn: bool,
    deliveries_want: bool,
    closed_by: Option<String>,
    last_success: Option<Timestamp>,
    /// The last state noted.
    noted: GateState,
    since: Timestamp,
    changes: Vec<GateChange>,
}

impl Valve {
    pub(super) fn new(policy: &SystemPolicy, now: Now) -> Self {
        let full = policy.concurrency.get();
        Self {
            gate: Gate::new(policy.gate, full),
            full,
            rate: policy.rate.map(|rate| Bucket::new(rate.per_second, f64::from(rate.burst.get()), now.mono)),
            paused: false,
            pause_reason: None,
            maintenance: None,
            first: false,
            announced: None,
            deliveries: 0,
            calls: 0,
            waiting: VecDeque::new(),
            calls_turn: true,
            deliveries_want: false,
            closed_by: None,
            last_success: None,
            noted: GateState::Open,
            since: now.wall,
            changes: Vec::new(),
        }
    }

    /// Another policy; what is in flight stays.
    pub(super) fn retune(&mut self, policy: &SystemPolicy, now: Now) {
        self.full = policy.concurrency.get();
        self.gate.retune(policy.gate, self.full);
        self.rate = policy.rate.map(|rate| {
            let (per_second, burst) = (rate.per_second, f64::from(rate.burst.get()));
            match &self.rate {
                Some(bucket) => bucket.retuned(per_second, burst, now.mono),
                None => Bucket::new(per_second, burst, now.mono),
            }
        });
    }

    pub(super) fn state(&self) -> GateState {
        match (self.paused, self.maintenance.is_some(), self.gate.phase()) {
            (true, _, _) => GateState::Paused,
            (false, true, _) => GateState::Maintenance,
            (false, false, Phase::Open) => GateState::Open,
            (false, false, Phase::Closed { .. } | Phase::Probing) if self.first || self.announced.is_some() => {
                GateState::Maintenance
            }
            (false, false, Phase::Closed { .. }) => GateState::Closed,
            (false, false, Phase::Probing) => GateState::Probing,
        }
    }

    pub(super) fn view(&self, now: Now) -> GateView {
        let until = match self.gate.phase() {
            Phase::Closed { until } => Some(until.saturating_sub(now.mono)),
            Phase::Open | Phase::Probing => None,
        };
        GateView {
            state: self.state(),
            since: self.since,
            reason: self.reason(),
            until: self.maintenance.as_ref().filter(|_| !self.paused).map(|open| open.until),
            next_probe: until.map(|wait| now.wall.saturating_add(wait).unwrap_or(now.wall)),
            in_flight: self.in_flight(),
            concurrency: self.gate.limit(),
            last_success: self.last_success,
        }
    }

    fn reason(&self) -> Option<String> {
        match self.state() {
            GateState::Paused => self.pause_reason.clone(),
            GateState::Closed | GateState::Probing => self.closed_by.clone(),
            GateState::Maintenance => match &self.maintenance {
                Some(open) => open.reason.clone(),
                None => self.closed_by.clone(),
            },
            GateState::Open => None,
        }
    }

    pub(super) fn in_flight(&self) -> u32 {
        self.deliveries.saturating_add(self.calls)
    }

    pub(super) fn set_paused(&mut self, paused: bool, reason: Option<String>, now: Now) {
        self.paused = paused;
        self.pause_reason = reason;
        self.show(now);
    }

    /// A window opens, changes or ends. When it ends one goes first, and the rest follows when that was served.
    pub(super) fn set_maintenance(&mut self, maintenance: Option<Open>, now: Now) {
        if self.maintenance == maintenance {
            return;
        }
        if maintenance.is_none() {
            self.first = self.gate.is_open() || self.first;
            self.gate.try_first(now.mono);
        }
        self.maintenance = maintenance;
        self.show(now);
    }

    /// A slot for a delivery, when one is free and it is its turn.
    pub(super) fn admit_delivery(&mut self, now: Now) -> Option<Ticket> {
        if self.calls_turn {
            self.pump_one(now);
        }
        let ticket = self.take(User::Delivery, now);
        self.calls_turn |= ticket.is_some();
        ticket
    }

    /// Whether deliveries would take more slots if there were any; calls then alternate with them.
    pub(super) fn deliveries_want(&mut self, want: bool, now: Now) {
        self.deliveries_want = want;
        self.pump(now);
    }

    pub(super) fn admit_call(&mut self, now: Now) -> Entry {
        if self.state() != GateState::Open {
            return Entry::Shut(self.state());
        }
        if self.waiting.is_empty()
            && self.call_may_go()
            && let Some(ticket) = self.take(User::Call, now)
        {
            self.calls_turn = false;
            return Entry::Granted(ticket);
        }
        if self.waiting.len() >= MOST_WAITING {
            self.waiting.retain(|waiter| !waiter.is_closed());
        }
        if self.waiting.len() >= MOST_WAITING {
            return Entry::Full;
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.push_back(sender);
        Entry::Wait(receiver)
    }

    /// The one attempt that tries a closed system, when it is due and nothing forbids sending.
    pub(super) fn begin_probe(&mut self, user: User, now: Now) -> Option<Ticket> {
        if self.shut() {
            return None;
        }
        let ticket = self.gate.begin_probe(now.mono)?;
        self.count(user, 1);
        self.show(now);
        Some(ticket)
    }

    pub(super) fn probe_now(&mut self, now: Now) -> Ticket {
        let ticket = self.gate.probe_now();
        self.show(now);
        ticket
    }

    /// The attempt ended: frees its slot and lets the gate learn.
    pub(super) fn finish(&mut self, user: User, ticket: Ticket, fault: Option<&Fault>, now: Now, draw: f64) -> Verdict {
        self.count(user, -1);
        let heard = Heard::of(fault);
        let verdict = self.gate.hear(ticket, heard, now.mono, draw);
        match heard {
            Heard::Alive => {
                self.last_success = Some(now.wall);
                self.first = false;
            }
            Heard::Failing(fault) if !verdict.open => {
                self.closed_by = Some(fault.to_string());
                self.first = false;
                self.announced = announced(self.announced, fault, now.mono);
            }
            Heard::Failing(_) | Heard::Nothing => {}
        }
        if verdict.open {
            self.announced = None;
        }
        self.show(now);
        self.pump(now);
        verdict
    }

    /// Nothing was sent with this permission.
    pub(super) fn abandon(&mut self, user: User, ticket: Ticket, now: Now) {
        self.unuse(user, ticket, now);
        self.show(now);
        self.pump(now);
    }

    /// How long until something may change by time alone, if anything waits for it.
    pub(super) fn wait(&self, now: Now) -> Option<Duration> {
        if self.shut() {
            return None;
        }
        match self.gate.phase() {
            Phase::Closed { until } => Some(until.saturating_sub(now.mono)),
            Phase::Probing => None,
            Phase::Open if !self.deliveries_want && self.waiting.is_empty() => None,
            Phase::Open if self.in_flight() >= self.gate.limit() => None,
            Phase::Open => self.rate.as_ref().map(|rate| rate.wait(now.mono)).filter(|wait| !wait.is_zero()),
        }
    }

    /// Whether the gate itself is open, whatever an operator or the calendar says.
    pub(super) fn gate_is_open(&self) -> bool {
        self.gate.is_open()
    }

    pub(super) fn probe_due(&self, now: Now) -> bool {
        let due = matches!(self.gate.phase(), Phase::Closed { until } if until <= now.mono);
        due && !self.shut()
    }

    /// By an operator or a window, whatever the gate says.
    fn shut(&self) -> bool {
        self.paused || self.maintenance.is_some()
    }

    pub(super) fn take_changes(&mut self) -> Vec<GateChange> {
        std::mem::take(&mut self.changes)
    }

    fn take(&mut self, user: User, now: Now) -> Option<Ticket> {
        if self.state() != GateState::Open || self.in_flight() >= self.gate.limit() {
            return None;
        }
        if self.rate.as_mut().is_some_and(|rate| !rate.take(now.mono)) {
            return None;
        }
        self.count(user, 1);
        Some(self.gate.ticket())
    }

    /// Hands free slots to calls that wait, as far as it is their turn.
    fn pump(&mut self, now: Now) {
        while !self.waiting.is_empty() && self.call_may_go() {
            if !self.pump_one(now) {
                return;
            }
        }
    }

    /// Whether the next free slot is not a delivery's.
    fn call_may_go(&self) -> bool {
        self.calls_turn || !self.deliveries_want
    }

    fn pump_one(&mut self, now: Now) -> bool {
        while self.waiting.front().is_some_and(oneshot::Sender::is_closed) {
            self.waiting.pop_front();
        }
        if self.waiting.is_empty() {
            return false;
        }
        let Some(mut ticket) = self.take(User::Call, now) else { return false };
        while let Some(waiter) = self.waiting.pop_front() {
            match waiter.send(ticket) {
                Ok(()) => {
                    self.calls_turn = false;
                    return true;
                }
                Err(unused) => ticket = unused,
            }
        }
        self.unuse(User::Call, ticket, now);
        false
    }

    fn unuse(&mut self, user: User, ticket: Ticket, now: Now) {
        self.count(user, -1);
        if let (User::Delivery | User::Call, Some(rate)) = (user, &mut self.rate) {
            rate.give_back();
        }
        self.gate.abandon(ticket, now.mono);
    }

    fn count(&mut self, user: User, by: i32) {
        let counter = match user {
            User::Delivery => &mut self.deliveries,
            User::Call => &mut self.calls,
            User::Probe => return,
        };
        *counter = counter.saturating_add_signed(by);
    }

    /// Notes a change of the state, and sends waiting calls away when nothing will be sent. A probe is no change: the system
    /// counts as closed from its first failure until it serves again.
    fn show(&mut self, now: Now) {
        let state = self.state();
        if state == self.noted || state == GateState::Probing {
            return;
        }
        self.noted = state;
        self.since = now.wall;
        match state {
            GateState::Open => self.closed_by = None,
            GateState::Probing => {}
            GateState::Closed | GateState::Paused | GateState::Maintenance => self.waiting.clear(),
        }
        if self.changes.len() < MOST_CHANGES {
            self.changes.push(GateChange { at: now.wall, to: state, reason: self.reason() });
        }
    }
}
