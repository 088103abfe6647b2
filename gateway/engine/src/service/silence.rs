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

/// Whoever may send, and what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Listened {
    pub client: ClientId,
    pub system: Option<SystemId>,
    pub last: Option<Timestamp>,
    /// Its last message, or from when on one would have been heard.
    pub since: Timestamp,
    /// The length of silence is declared, not learned.
    pub declared: bool,
    pub silent: Option<SilentBy>,
}

impl Service {
    /// Who normally sends and has stopped, by client. From memory.
    pub fn silences(&self) -> Vec<Silence> {
        let silent = self.listened().unwrap_or_default().into_iter().filter_map(|listened| {
            let Listened { client, system, last, since, declared: _, silent } = listened;
            Some(Silence { client, system, last, since, by: silent? })
        });
        silent.collect()
    }

    /// Everybody who may send, by client; `None` before what was kept is taken over.
    pub(crate) fn listened(&self) -> Option<Vec<Listened>> {
        let (config, now) = (self.config.load(), self.clock.now());
        let vitals = self.dispatcher.vitals();
        let watching = vitals.watching()?;
        let mut clients: Vec<ClientId> = config.clients.keys().cloned().collect();
        clients.extend(config.systems.keys().filter_map(of_system));
        clients.sort_unstable();
        let all = clients.into_iter().map(|client| {
            let (hours, last) = (vitals.client_hours(&client), vitals.last_from(&client));
            let policy = config.watch.silences.get(&client);
            let silent = judged(policy, &Heard { last, watching, hours: &hours, now });
            let system = client.as_str().strip_prefix(OF_SYSTEMS).and_then(|name| SystemId::new(name).ok());
            let system = system.filter(|system| config.systems.contains_key(system));
            Listened { system, last, since: last.unwrap_or(watching), declared: policy.is_some(), silent, client }
        });
        Some(all.collect())
    }
}

/// Whom a system's messages are from.
pub(super) fn of_system(system: &SystemId) -> Option<ClientId> {
    ClientId::new(&format!("{OF_SYSTEMS}{system}")).ok()
}
