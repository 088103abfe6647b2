//! Inboxes: messages handed out on a lease, handed out again until acknowledged, gone only then. It sends nothing.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use lienthong_core::machine::Next;
use lienthong_core::{Body, ClientId, DeliveryId, DeliveryState, Fault, FaultCode, StateName, limits};
use lienthong_journal::{Actor, Command, DeliveryRecord, EventKind, Refusal};

use super::Service;
use super::fault::{defect, no_such, of_journal, of_refusal, refused};
use super::model::InboxMessage;
use super::operate::{By, moved};

/// How long a message that was handed out stays invisible unless acknowledged.
pub const INBOX_LEASE: Duration = Duration::from_secs(30);
/// Times an acknowledgement is tried against a delivery that keeps moving.
const TRIES: usize = 3;
/// Locks shared by all inboxes.
const STRIPES: usize = 16;

/// Keeps two requests of one client from being handed the same messages. A fixed number of locks, whatever the number of clients.
#[derive(Default)]
pub(super) struct Leases([tokio::sync::Mutex<()>; STRIPES]);

impl Leases {
    async fn of(&self, client: &ClientId) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        client.hash(&mut hasher);
        let stripe = usize::try_from(hasher.finish() % STRIPES as u64).unwrap_or(0);
        match self.0.get(stripe) {
            Some(lock) => Some(lock.lock().await),
            None => None,
        }
    }
}

impl Service {
    /// The client's next messages, oldest first, each invisible for [`INBOX_LEASE`]. What is not acknowledged by then comes again.
    /// The next message of one key appears only after the one before it was acknowledged. `limit` is kept within 1 to
    /// [`limits::PAGE_ROWS`].
    pub async fn inbox(&self, client: &ClientId, limit: usize) -> Result<Vec<InboxMessage>, Fault> {
        let _one_at_a_time = self.shared.inboxes.of(client).await;
        let now = self.clock.now();
        let limit = limit.clamp(1, limits::PAGE_ROWS);
        let items = self.journal.inbox(client, now, limit).await.map_err(of_journal)?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let until = now.checked_add(INBOX_LEASE).map_err(|error| defect(error.to_string()))?;
        let deliveries = items.iter().map(|item| item.delivery.id).collect();
        let lease = Command::LeaseInbox { deliveries, until, at: now };
        let results = self.commit(vec![lease]).await?;
        for result in results {
            result.map_err(|refusal| of_refusal(&refusal))?;
        }
        let message = |item: lienthong_journal::InboxItem| InboxMessage {
            id: item.delivery.id,
            exchange: item.exchange,
            body: Body { content_type: item.content_type, bytes: item.body },
            handed_out: item.handed_out,
            visible_again_at: until,
        };
        Ok(items.into_iter().map(message).collect())
    }

    /// The client has the message: it is delivered. Doing so twice is no error; another client's message is `LT-NO-SUCH-RECORD`.
    pub async fn acknowledge(&self, client: &ClientId, id: DeliveryId) -> Result<(), Fault> {
        let by = By { actor: Actor::Client(client.clone()), reason: None, confirmed: false };
        let mut stale = None;
        for _try in 0..TRIES {
            let delivery = self.inbox_item(client, id).await?;
            match delivery.state.name() {
                StateName::Delivered => return Ok(()),
                StateName::Queued | StateName::Waiting => {}
                state @ (StateName::InFlight
                | StateName::Verifying
                | StateName::Parked
                | StateName::Cancelled
                | StateName::Discarded
                | StateName::Superseded) => {
                    let detail = format!("inbox message {id} is {} and cannot be acknowledged", state.as_str());
                    return Err(refused(FaultCode::WrongState, detail));
                }
            }
            let transition = moved(&delivery, received(&delivery), EventKind::Delivered, &by, self.clock.now());
            let mut results = self.commit(vec![Command::Move(transition)]).await?;
            match results.pop() {
                Some(Err(refusal @ Refusal::Stale { .. })) => stale = Some(of_refusal(&refusal)),
                result => return Self::moved(result),
            }
        }
        Err(stale.unwrap_or_else(|| defect("an acknowledgement was neither made nor refused")))
    }

    async fn inbox_item(&self, client: &ClientId, id: DeliveryId) -> Result<DeliveryRecord, Fault> {
        let head = self.journal.delivery(id).await.map_err(of_journal)?;
        head.map(|head| head.delivery)
            .filter(|delivery| delivery.system.is_inbox() && delivery.client == *client)
            .ok_or_else(|| no_such("inbox message", id))
    }
}

/// An inbox item has no attempts of ours: its client's word is the outcome.
fn received(delivery: &DeliveryRecord) -> Next {
    Next {
        state: DeliveryState::Delivered,
        attempts: delivery.attempts,
        spent: delivery.spent,
        unsettled: None,
        fault: None,
    }
}
