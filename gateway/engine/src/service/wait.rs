//! Waiting for an exchange's outcome: until it is delivered, needs attention, is closed, or the time is over. It keeps nothing of who waits.

use std::time::Duration;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{ExchangeId, Fault, limits};

use super::Service;
use super::fault::no_such;
use super::model::ExchangeDetail;

impl Service {
    /// Waits until the exchange is delivered, needs attention or is closed, or the time is over; then its state either way.
    /// Never waits longer than [`limits::WAIT_SECONDS`].
    pub async fn wait(&self, id: ExchangeId, at_most: Duration) -> Result<ExchangeDetail, Fault> {
        let at_most = at_most.min(Duration::from_secs(limits::WAIT_SECONDS));
        match tokio::time::timeout(at_most, self.until_settled(id)).await {
            Ok(Ok(())) | Err(_) => self.exchange(id).await,
            Ok(Err(fault)) => Err(fault),
        }
    }

    async fn until_settled(&self, id: ExchangeId) -> Result<(), Fault> {
        // Registered before the first look, so that nothing settles between the two unseen.
        let mut settled = self.dispatcher.settled(id);
        loop {
            match self.state_of(id).await? {
                ExchangeState::Delivered | ExchangeState::Attention | ExchangeState::Closed => return Ok(()),
                ExchangeState::InProgress => {}
            }
            settled.changed().await;
        }
    }

    async fn state_of(&self, id: ExchangeId) -> Result<ExchangeState, Fault> {
        let record = self.record(id).await?.ok_or_else(|| no_such("exchange", id))?;
        Ok(super::query::state(&record))
    }
}
