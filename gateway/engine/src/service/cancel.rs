//! Cancelling an exchange: every delivery that is unsent, and no other. It decides nothing the state machine decides.

use lienthong_core::machine::Event;
use lienthong_core::{ExchangeId, Fault, FaultCode};
use lienthong_journal::{Actor, Command, DeliveryRecord, EventKind};

use super::Service;
use super::fault::{advising, no_such, refused};
use super::model::{Caller, ExchangeDetail};
use super::operate::{By, moved, next};
use crate::callback;

impl Service {
    /// Cancels every delivery of the exchange that is unsent; `LT-WRONG-STATE` when none is.
    ///
    /// The server has decided that the caller may: its own exchange, or by an operator's permission.
    pub async fn cancel(&self, caller: &Caller, id: ExchangeId) -> Result<ExchangeDetail, Fault> {
        let config = self.config.load_full();
        let record = self.record(id).await?.ok_or_else(|| no_such("exchange", id))?;
        let by = By { actor: Actor::Client(caller.client.clone()), reason: None, confirmed: false };
        let now = self.clock.now();
        let batch: Vec<Command> = record
            .deliveries
            .iter()
            .filter(|delivery| !handed_out(delivery))
            .filter_map(|delivery| {
                let next = next(&config, delivery, &Event::Cancelled, now).ok()?;
                let mut transition = moved(delivery, next, EventKind::Cancelled, &by, now);
                transition.spawn = callback::of_outcome(&config, &record.meta, &transition, delivery);
                Some(Command::Move(transition))
            })
            .collect();
        if batch.is_empty() {
            return Err(nothing_unsent(id));
        }
        let results = self.commit(batch).await?;
        let outcomes: Vec<Result<(), Fault>> = results.into_iter().map(|result| Self::moved(Some(result))).collect();
        self.look_again_at(&config, record.deliveries.into_iter().map(|delivery| delivery.system).collect());
        match outcomes.iter().any(Result::is_ok) {
            true => self.exchange(id).await,
            // All were sent between the reading and the commit.
            false => Err(nothing_unsent(id)),
        }
    }
}

/// An inbox item its client has read counts as sent, acknowledged or not.
fn handed_out(delivery: &DeliveryRecord) -> bool {
    delivery.system.is_inbox() && delivery.attempts > 0
}

fn nothing_unsent(id: ExchangeId) -> Fault {
    advising(
        refused(FaultCode::WrongState, format!("no delivery of exchange {id} is unsent")),
        "Không còn phần nào chưa gửi để hủy.",
        "Nothing of it is unsent any more, so nothing can be cancelled.",
    )
}
