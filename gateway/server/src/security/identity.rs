//! A caller that proved who it is, and every question about what it may do. It reads no request and asks no store.

use std::sync::Arc;

use lienthong_core::exchange::AuthenticatedBy;
use lienthong_core::{ClientId, Fault, FaultCode, FaultKind, OperationName};
use lienthong_engine::queue::is_queue;
use lienthong_engine::service::Caller;
use lienthong_journal::{DeliveryRecord, EventRecord, ExchangeRecord};

use super::{ClientEntry, OperationPattern, Role};

/// An authenticated client with its permissions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Identity {
    entry: Arc<ClientEntry>,
    by: AuthenticatedBy,
}

impl Identity {
    pub(crate) fn new(entry: Arc<ClientEntry>, by: AuthenticatedBy) -> Self {
        Self { entry, by }
    }

    pub fn client(&self) -> &ClientId {
        &self.entry.id
    }

    pub fn authenticated_by(&self) -> AuthenticatedBy {
        self.by
    }

    /// Who the service functions are called for.
    pub fn caller(&self) -> Caller {
        Caller { client: self.entry.id.clone(), authenticated_by: self.by }
    }

    /// Whether it has this role or one that includes it.
    pub fn has(&self, role: Role) -> bool {
        self.entry.roles.iter().any(|held| *held >= role)
    }

    /// Refuses a caller without this role.
    pub fn require(&self, role: Role) -> Result<(), Fault> {
        if self.has(role) {
            return Ok(());
        }
        Err(not_permitted(format!("{} is not {}", self.entry.id, role.as_str())))
    }

    /// Refuses an operation that no pattern of the client covers, whether it exists or not.
    pub fn may_ask(&self, operation: &OperationName) -> Result<(), Fault> {
        if self.covers(operation) {
            return Ok(());
        }
        Err(not_permitted(format!("{} may not ask for {operation}", self.entry.id)))
    }

    /// Whether an operation's description is of use to the caller.
    pub fn may_read_about(&self, operation: &OperationName) -> bool {
        self.covers(operation) || self.has(Role::Viewer)
    }

    fn covers(&self, operation: &OperationName) -> bool {
        self.entry.operations.iter().any(|pattern: &OperationPattern| pattern.matches(operation))
    }

    /// What is another client's does not exist for a caller without a role.
    pub fn may_see(&self, owner: &ClientId) -> Result<(), Fault> {
        if self.entry.id == *owner || self.has(Role::Viewer) { Ok(()) } else { Err(no_such_record()) }
    }

    /// Its own exchanges, those that lie in its inbox or queue, and with a role all.
    pub fn may_see_exchange(&self, record: &ExchangeRecord) -> Result<(), Fault> {
        if self.is_party_to(record) { Ok(()) } else { self.may_see(&record.meta.client) }
    }

    /// Whether the exchange is its own or lies in its inbox or queue.
    pub fn is_party_to(&self, record: &ExchangeRecord) -> bool {
        let received = |delivery: &DeliveryRecord| {
            (delivery.system.is_inbox() || is_queue(&delivery.system)) && delivery.client == self.entry.id
        };
        self.entry.id == record.meta.client || record.deliveries.iter().any(received)
    }

    /// Its own events; with a role all, also those that belong to no client.
    pub fn may_see_event(&self, event: &EventRecord) -> bool {
        self.has(Role::Viewer) || event.client.as_ref() == Some(&self.entry.id)
    }

    /// What is one's own may be changed by oneself, all else by operators.
    pub fn may_change(&self, owner: &ClientId) -> Result<(), Fault> {
        self.may_see(owner)?;
        if self.entry.id == *owner { Ok(()) } else { self.require(Role::Operator) }
    }

    /// The client a list is confined to: the caller itself without a role. Asking for another one's is then refused.
    pub fn only_own(&self, asked: Option<ClientId>) -> Result<Option<ClientId>, Fault> {
        if self.has(Role::Viewer) {
            return Ok(asked);
        }
        match asked {
            Some(other) if other != self.entry.id => Err(not_permitted(format!("{} asked for {other}", self.entry.id))),
            Some(_) | None => Ok(Some(self.entry.id.clone())),
        }
    }
}

fn not_permitted(why: String) -> Fault {
    Fault::new(FaultKind::Forbidden, FaultCode::NotPermitted, why)
}

/// The answer for what does not exist and for what is not the caller's.
pub(crate) fn no_such_record() -> Fault {
    Fault::new(FaultKind::NotFound, FaultCode::NoSuchRecord, "no such record, or another client's")
}
