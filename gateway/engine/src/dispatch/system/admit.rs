//! Admission in a system's task: which heads go now, in which order, and the probe of a closed gate. It sends nothing itself.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use lienthong_core::{Adapter, Class, DeliveryState, Effect, Verify};
use lienthong_journal::{DiskState, Head};

use super::{SWEEP_EVERY, System};
use crate::dispatch::attempt::{self, Flight};
use crate::dispatch::content::has_expired;
use crate::dispatch::gate::Verdict;
use crate::dispatch::launch::Launch;
use crate::dispatch::line::{Finished, Outcome, Slot};
use crate::dispatch::outcome;
use crate::dispatch::valve::{Now, User};

/// Launches on their way to disk; what may go meanwhile goes together in the next.
const LAUNCHES: usize = 2;
/// Heads of one launch.
const MOST_PER_LAUNCH: usize = 256;
/// Heads that cool down; more of them, and the system is not worth sending to for the moment.
const MOST_COOLING: usize = 4096;
/// Heads a closed gate is tried with before a probe has its turn.
const MOST_TRIED: usize = 1024;
/// Heads that were tried rest this much longer than the gate stays closed.
const TRIED_REST: Duration = Duration::from_secs(1);
/// Outcomes not yet on disk, beyond four times the concurrency, before sending stops.
const SLACK: usize = 256;

impl System {
    /// Sends what gate, calendar, rate and concurrency allow.
    pub(super) fn admit(&mut self, now: Now) {
        if !self.tried.is_empty() && self.line.valve.lock().gate_is_open() {
            let tried = std::mem::take(&mut self.tried);
            // Where others are ready they go first, while what was tried rests a little longer.
            if self.window.len(Class::Live) + self.window.len(Class::Bulk) == 0 {
                self.window.warm(&tried);
            }
        }
        let clogged = self.unrecorded() > self.most_unrecorded();
        self.line.clogged.store(clogged, Ordering::Release);
        let config = Arc::clone(&self.config);
        let (Some(adapter), Some(policy)) = (config.adapters.get(&self.line.id), config.systems.get(&self.line.id))
        else {
            return self.line.valve.lock().deliveries_want(false, now);
        };
        if !self.may_send() || self.window.cooling() > MOST_COOLING {
            return self.line.valve.lock().deliveries_want(false, now);
        }
        if self.line.valve.lock().probe_due(now) {
            return self.try_closed(adapter, policy.timeout, now);
        }
        if self.launches.saturating_sub(self.troubled_launches.count()) >= LAUNCHES {
            let want = self.choose(now).is_some();
            return self.line.valve.lock().deliveries_want(want, now);
        }
        let flights = self.take_up(now);
        self.launch(flights, adapter, policy.timeout);
    }

    /// Nothing outside the gate forbids sending.
    pub(super) fn may_send(&self) -> bool {
        !self.line.core.is_draining()
            && !self.line.clogged.load(Ordering::Acquire)
            && self.line.core.journal.disk() != DiskState::Critical
    }

    /// Heads whose `expires_at` passed are parked, even while nothing is sent.
    pub(super) fn sweep(&mut self, now: Now) {
        if now.mono.saturating_sub(self.swept) < SWEEP_EVERY {
            return;
        }
        self.swept = now.mono;
        if self.refused.len() > MOST_COOLING {
            self.refused.clear();
        }
        for head in self.window.take_where(|head| has_expired(head, now.wall)) {
            self.expire(Box::new(head), now);
        }
    }

    fn unrecorded(&self) -> usize {
        self.outcomes.len() + self.recordings.saturating_mul(super::ending::MOST_RECORDED / 4)
    }

    fn most_unrecorded(&self) -> usize {
        let concurrency = self.config.systems.get(&self.line.id).map_or(0, |policy| policy.concurrency.get());
        usize::try_from(concurrency).unwrap_or(usize::MAX).saturating_mul(4).saturating_add(SLACK)
    }

    fn take_up(&mut self, now: Now) -> Vec<Flight> {
        let mut flights = Vec::new();
        let mut want = true;
        while flights.len() < MOST_PER_LAUNCH {
            let Some(class) = self.choose(now) else {
                want = false;
                break;
            };
            let Some(ticket) = self.line.valve.lock().admit_delivery(now) else { break };
            let slot = Slot::new(&self.line, User::Delivery, ticket);
            flights.extend(self.flight(class, slot, now));
        }
        self.line.valve.lock().deliveries_want(want, now);
        flights
    }

    fn flight(&mut self, class: Class, slot: Slot, now: Now) -> Option<Flight> {
        let head = self.window.pop(class)?;
        if let (Class::Bulk, Some(rate)) = (class, &mut self.bulk_rate) {
            rate.take(now.mono);
        }
        Some(Flight { head, slot, token: self.line.core.work.token() })
    }

    fn launch(&mut self, flights: Vec<Flight>, adapter: &Arc<dyn Adapter>, timeout: Duration) {
        if flights.is_empty() {
            return;
        }
        let launch = Launch {
            line: Arc::clone(&self.line),
            config: Arc::clone(&self.config),
            adapter: Arc::clone(adapter),
            timeout,
            troubled: self.troubled_launches.clone(),
        };
        self.launches += 1;
        tokio::spawn(launch.run(flights));
    }

    /// A closed gate is tried by one real head, another each time, so that a bad one cannot hold it closed; by a harmless probe
    /// where there is none, or only one that must not happen twice.
    fn try_closed(&mut self, adapter: &Arc<dyn Adapter>, timeout: Duration, now: Now) {
        let all_tried = self.tried.len() >= MOST_TRIED;
        let class = self.choose(now).filter(|class| !all_tried && self.is_harmless(*class));
        let user = if class.is_some() { User::Delivery } else { User::Probe };
        let Some(ticket) = self.line.valve.lock().begin_probe(user, now) else { return };
        let slot = Slot::new(&self.line, user, ticket);
        match class {
            Some(class) => {
                let flights: Vec<Flight> = self.flight(class, slot, now).into_iter().collect();
                self.tried.extend(flights.iter().map(|flight| flight.head.delivery.id));
                self.launch(flights, adapter, timeout);
            }
            None => {
                self.tried.clear();
                let (line, adapter) = (Arc::clone(&self.line), Arc::clone(adapter));
                let token = line.core.work.token();
                tokio::spawn(async move {
                    let _held = token;
                    // The gate has learnt from it; nobody else asked.
                    attempt::probe(line, adapter, timeout, slot).await.ok();
                });
            }
        }
    }

    fn is_harmless(&mut self, class: Class) -> bool {
        let config = Arc::clone(&self.config);
        let Some(head) = self.window.peek(class) else { return false };
        match outcome::spec(&config, head).map(|spec| spec.effect) {
            Some(Effect::Read | Effect::Upsert) => true,
            Some(Effect::Once) => is_lookup(head),
            None => false,
        }
    }

    /// The class whose next head may go; heads that may not are set aside on the way.
    fn choose(&mut self, now: Now) -> Option<Class> {
        if self.front_goes(Class::Live, now) {
            return Some(Class::Live);
        }
        let rate = self.bulk_rate.as_ref().is_none_or(|rate| rate.ready(now.mono));
        (self.bulk_open && rate && self.front_goes(Class::Bulk, now)).then_some(Class::Bulk)
    }

    fn front_goes(&mut self, class: Class, now: Now) -> bool {
        loop {
            let Some(head) = self.window.peek(class) else { return false };
            let expired = has_expired(head, now.wall);
            let early = (is_lookup(head) && now.mono < self.lookups_from).then_some(self.lookups_from);
            let tried = self.tried.contains(&head.delivery.id);
            let held = early.or_else(|| tried.then(|| self.after_next_probe(now)));
            if !expired && held.is_none() {
                return true;
            }
            let Some(head) = self.window.pop(class) else { return false };
            match held.filter(|_| !expired) {
                Some(until) => {
                    self.window.landed(&head);
                    self.window.cool(head, until);
                }
                None => self.expire(head, now),
            }
        }
    }

    /// Not so late that its expiry goes unseen for long.
    fn after_next_probe(&self, now: Now) -> Duration {
        let closed = self.line.valve.lock().wait(now).unwrap_or_default();
        now.mono + closed.min(SWEEP_EVERY) + TRIED_REST
    }

    fn expire(&mut self, head: Box<Head>, now: Now) {
        let verdict = Verdict { spends: false, open: true };
        let token = self.line.core.work.token();
        let finished = Finished::alone(head, Outcome::Expired, verdict, Duration::ZERO, token);
        self.finished(finished, now);
    }
}

fn is_lookup(head: &Head) -> bool {
    matches!(head.delivery.state, DeliveryState::Verifying { how: Verify::Lookup, .. })
}
