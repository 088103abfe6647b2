//! What one configuration of the broker needs at run time: two connections, what is consumed, where dead letters go. It starts nothing.

use std::num::NonZeroU16;
use std::sync::Arc;

use lienthong_core::secret::SecretSource;

use super::consumer::Source;
use super::link::{Address, Link};
use super::publisher::Publisher;
use crate::config::{BrokerModel, ClientModel, DeadLettersModel};

/// One broker as configured. Connections are made when they are first needed.
pub(crate) struct Hub {
    address: Arc<Address>,
    pub(super) prefetch: NonZeroU16,
    pub(super) dead: DeadLettersModel,
    pub(super) sources: Vec<Source>,
    /// The topic exchange that events are published to.
    pub(super) events: Option<String>,
    /// A broker that slows publishers down must not hold up what is consumed: two connections.
    pub(super) incoming: Link,
    pub(super) publisher: Publisher,
}

impl Hub {
    /// Reads the secrets; the text names what is wrong.
    pub(crate) fn build(
        model: &BrokerModel,
        clients: &[ClientModel],
        secrets: &dyn SecretSource,
    ) -> Result<Self, String> {
        let address = Arc::new(Address::read(model, secrets)?);
        let outgoing = Arc::new(Link::new(Arc::clone(&address), "publishing"));
        Ok(Self {
            prefetch: model.prefetch,
            dead: model.dead_letters.clone(),
            sources: clients.iter().flat_map(ClientModel::sources).collect(),
            events: model.events.as_ref().map(|events| events.exchange.to_string()),
            incoming: Link::new(Arc::clone(&address), "consuming"),
            publisher: Publisher::new(outgoing),
            address,
        })
    }

    /// Whether a reload changed nothing of it.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let parts = |hub: &Self| (hub.prefetch, hub.dead.clone(), hub.sources.clone(), hub.events.clone());
        self.address == other.address && parts(self) == parts(other)
    }

    /// Nothing is consumed any more. What is being published goes on; that connection ends with its last user.
    pub(super) async fn close(&self) {
        self.incoming.close().await;
    }
}
