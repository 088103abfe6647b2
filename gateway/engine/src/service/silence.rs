//! Clients and systems that normally send and have stopped. It asks nothing of the journal.

use lienthong_core::{ClientId, SystemId, Timestamp};

use super::Service;
use crate::desk::silence::{Heard, SilentBy, judged};

/// What the clients of external systems are called.
const OF_SYSTEMS: &str = "system-";

/// One that has stopped sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Of a system: `system-<name>`.
    pub client: ClientId,
    /// The external system, where it is one.
    pub system: Option<SystemId>,
    /// Its last message, where one is known.
    pub last: Option<Timestamp>,
    /// Since when it is silent, as far as was listened.
    pub since: Timestamp,
    pub by: SilentBy,
}

impl Service {
    /// Who normally sends and has stopped, by client. From memory.
    pub fn silences(&self) -> Vec<Silence> {
        let (config, now) = (self.config.load(), self.clock.now());
        let vitals = self.dispatcher.vitals();
        let Some(watching) = vitals.watching() else { return Vec::new() };
        let mut clients: Vec<ClientId> = config.clients.keys().cloned().collect();
        clients.extend(config.systems.keys().filter_map(of_system));
        clients.sort_unstable();
        let silent = clients.into_iter().filter_map(|client| {
            let (hours, last) = (vitals.client_hours(&client), vitals.last_from(&client));
            let heard = Heard { last, watching, hours: &hours, now };
            let by = judged(config.watch.silences.get(&client), &heard)?;
            let system = client.as_str().strip_prefix(OF_SYSTEMS).and_then(|name| SystemId::new(name).ok());
            let system = system.filter(|system| config.systems.contains_key(system));
            Some(Silence { system, last, since: last.unwrap_or(watching), by, client })
        });
        silent.collect()
    }
}

/// Whom a system's messages are from.
pub(super) fn of_system(system: &SystemId) -> Option<ClientId> {
    ClientId::new(&format!("{OF_SYSTEMS}{system}")).ok()
}
