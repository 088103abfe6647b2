//! Queues of clients at the message broker: what lies in their inboxes, and outcomes they are told of, as deliveries of the system `queue-<client>`. It publishes nothing.

use std::collections::BTreeSet;

use lienthong_core::{ClientId, OperationName, SystemId};

use crate::callback::CallbackEvent;

/// How the systems of clients' queues are named: this, and the client.
pub const SYSTEM_PREFIX: &str = "queue-";
/// The verb of the operation that tells of outcomes; every other operation of such a system is that of the message itself.
const VERB: &str = "notify";

/// What one client finds in its own queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuePolicy {
    /// `queue-<client>`: its gate, retries and order are those of any system.
    pub system: SystemId,
    /// Tells of an outcome.
    pub operation: OperationName,
    /// Outcomes it is told of.
    pub outcomes: BTreeSet<CallbackEvent>,
    /// Whether what routes send to its inbox comes to the queue instead.
    pub inbox: bool,
}

impl QueuePolicy {
    /// The system and operation of a client's queue; the text says why this client cannot have one.
    pub fn names(client: &ClientId) -> Result<(SystemId, OperationName), String> {
        let system = SystemId::new(&format!("{SYSTEM_PREFIX}{client}"));
        let system = system.map_err(|error| format!("the name {SYSTEM_PREFIX}{client} {error}"))?;
        let operation = OperationName::new(&format!("{system}.{VERB}"));
        let operation = operation.map_err(|error| format!("the name {system}.{VERB} {error}"))?;
        Ok((system, operation))
    }
}

/// Whether a system is a client's queue.
pub fn is_queue(system: &SystemId) -> bool {
    system.as_str().starts_with(SYSTEM_PREFIX)
}
