//! What is measured of systems and clients: by minute in memory, by hour for the journal. It judges nothing and writes nothing itself.

mod hour;
mod latency;
mod system;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{ClientId, SignedDuration, SystemId, Timestamp};
use lienthong_journal::Measure;
use parking_lot::Mutex;

use crate::desk::backlog::Standing;
pub use hour::{ClientHour, Hour};
pub use latency::{Latencies, Quantiles};
use system::SystemVitals;
pub use system::{Minute, Rates, Recent};

/// How long measured hours are kept.
pub const KEPT_DAYS: i64 = 92;
/// Minutes kept in memory.
pub const MINUTES: usize = 180;
/// What is recent: what a state is judged by, and what rates are measured over.
pub const RECENT_MINUTES: i64 = 10;

/// How an attempt ended, as far as the system is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It did what was asked.
    Answered,
    /// It served us, and refused the data.
    Refused,
    /// It did not serve us.
    Failed,
}

/// All that is measured. Short work under one lock.
#[derive(Default)]
pub struct Vitals {
    systems: Mutex<HashMap<SystemId, SystemVitals>>,
    clients: Mutex<HashMap<ClientId, ClientVitals>>,
    /// Since when everything that comes is heard, once what was kept is taken over.
    watching: Mutex<Option<Timestamp>>,
    /// Hours of clients that changed since they were written.
    fresh: Mutex<std::collections::HashSet<(ClientId, i64)>>,
    /// How the backlog stood when it was last looked at.
    standing: Mutex<Option<Arc<Standing>>>,
}

#[derive(Default)]
struct ClientVitals {
    hours: BTreeMap<i64, u64>,
    last: Option<Timestamp>,
}

/// The hour of a moment, counted from 1970.
pub fn hour_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(3600)
}

/// When an hour begins.
pub fn hour_begins(hour: i64) -> Timestamp {
    Timestamp::from_second(hour.saturating_mul(3600)).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn minute_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60)
}

/// The name under which a system's hours are kept.
pub fn system_subject(system: &SystemId) -> String {
    format!("system/{system}")
}

/// The name under which a client's hours are kept.
pub fn client_subject(client: &ClientId) -> String {
    format!("client/{client}")
}

impl Vitals {
    pub(crate) fn attempt(&self, system: &SystemId, ended: Ended, took: Duration, now: Timestamp) {
        self.of(system, |vitals| vitals.attempt(ended, took, now));
    }

    /// A delivery needs the system no more: it is over, or parked.
    pub(crate) fn left(&self, system: &SystemId) {
        self.of(system, SystemVitals::left);
    }

    /// How many deliveries go by themselves now, and whether the system counts as down.
    pub(crate) fn sampled(&self, system: &SystemId, open: u64, down: bool, now: Timestamp) {
        self.of(system, |vitals| vitals.sampled(open, down, now));
    }

    pub(crate) fn came_from(&self, client: &ClientId, now: Timestamp) {
        let hour = hour_of(now);
        let mut clients = self.clients.lock();
        let vitals = clients.entry(client.clone()).or_default();
        *vitals.hours.entry(hour).or_default() += 1;
        vitals.last = vitals.last.max(Some(now));
        drop(clients);
        self.fresh.lock().insert((client.clone(), hour));
    }

    fn of<T>(&self, system: &SystemId, act: impl FnOnce(&mut SystemVitals) -> T) -> T {
        let mut systems = self.systems.lock();
        match systems.get_mut(system) {
            Some(vitals) => act(vitals),
            None => act(systems.entry(system.clone()).or_default()),
        }
    }

    /// What was measured lately.
    pub fn recent(&self, system: &SystemId, now: Timestamp) -> Recent {
        self.of(system, |vitals| vitals.recent(now))
    }

    /// The minutes in memory, oldest first; minutes in which nothing was watched are left out.
    pub fn minutes(&self, system: &SystemId) -> Vec<Minute> {
        self.of(system, |vitals| vitals.minutes.iter().cloned().collect())
    }

    /// The hours from that of `from` on, oldest first; hours in which nothing was watched are left out.
    pub fn hours(&self, system: &SystemId, from: Timestamp) -> Vec<(Timestamp, Hour)> {
        let of = |vitals: &mut SystemVitals| {
            let hours = vitals.hours.range(hour_of(from)..);
            hours.map(|(hour, kept)| (hour_begins(*hour), kept.clone())).collect()
        };
        self.of(system, of)
    }

    /// When the gate was not open for the system's own reasons, as far back as hours are in memory, oldest first.
    pub fn outages(&self, system: &SystemId) -> Vec<(Timestamp, Timestamp)> {
        self.of(system, |vitals| vitals.outages())
    }

    /// Messages of a client by the hour, as far as they are in memory; hours without any are left out.
    pub fn client_hours(&self, client: &ClientId) -> BTreeMap<i64, u64> {
        self.clients.lock().get(client).map(|vitals| vitals.hours.clone()).unwrap_or_default()
    }

    /// A client's last message, where one is known.
    pub fn last_from(&self, client: &ClientId) -> Option<Timestamp> {
        self.clients.lock().get(client).and_then(|vitals| vitals.last)
    }

    /// Since when everything that comes is heard; `None` before what was kept is taken over.
    pub fn watching(&self) -> Option<Timestamp> {
        *self.watching.lock()
    }

    pub(crate) fn watches(&self, since: Timestamp) {
        *self.watching.lock() = Some(since);
    }

    pub fn standing(&self) -> Option<Arc<Standing>> {
        self.standing.lock().clone()
    }

    pub(crate) fn stands(&self, standing: Standing) {
        *self.standing.lock() = Some(Arc::new(standing));
    }

    /// Takes over what was kept of a system; what was measured since is added to it.
    pub(crate) fn restore_system(&self, system: &SystemId, kept: &[Measure]) {
        let hours = kept.iter().filter_map(|measure| Some((hour_of(measure.hour), Hour::read(&measure.text)?)));
        let hours: Vec<(i64, Hour)> = hours.collect();
        self.of(system, |vitals| vitals.restore(hours));
    }

    pub(crate) fn restore_client(&self, client: &ClientId, kept: &[Measure]) {
        let mut clients = self.clients.lock();
        let vitals = clients.entry(client.clone()).or_default();
        for measure in kept {
            if let Some(ClientHour { messages, last }) = ClientHour::read(&measure.text) {
                *vitals.hours.entry(hour_of(measure.hour)).or_default() += messages;
                vitals.last = vitals.last.max(last);
            }
        }
    }

    /// The hours that changed since they were last taken, as they stand; what is older than is kept is forgotten here too.
    pub(crate) fn take_changed(&self, now: Timestamp) -> Vec<Measure> {
        let keep_from = hour_of(keep_from(now));
        let mut measures = Vec::new();
        for (system, vitals) in self.systems.lock().iter_mut() {
            for (hour, text) in vitals.take_changed(keep_from) {
                measures.push(Measure { subject: system_subject(system), hour: hour_begins(hour), text });
            }
        }
        let fresh = std::mem::take(&mut *self.fresh.lock());
        let mut clients = self.clients.lock();
        clients.values_mut().for_each(|vitals| vitals.hours.retain(|hour, _| *hour >= keep_from));
        for (client, hour) in fresh {
            let vitals = clients.get(&client);
            let messages = vitals.and_then(|vitals| vitals.hours.get(&hour)).copied().unwrap_or_default();
            let last = vitals.and_then(|vitals| vitals.last).filter(|last| hour_of(*last) == hour);
            let text = ClientHour { messages, last }.text();
            measures.push(Measure { subject: client_subject(&client), hour: hour_begins(hour), text });
        }
        measures
    }

    /// They could not be written: they are taken again the next time.
    pub(crate) fn put_back(&self, measures: &[Measure]) {
        let mut systems = self.systems.lock();
        for measure in measures {
            let hour = hour_of(measure.hour);
            match measure.subject.split_once('/') {
                Some(("system", name)) => {
                    if let Some(vitals) = systems.get_mut(name) {
                        vitals.changed.insert(hour);
                    }
                }
                Some(("client", name)) => {
                    self.fresh.lock().extend(ClientId::new(name).ok().map(|client| (client, hour)));
                }
                Some(_) | None => {}
            }
        }
    }
}

/// From when on hours are kept.
pub(crate) fn keep_from(now: Timestamp) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(KEPT_DAYS * 24)).unwrap_or(now)
}
