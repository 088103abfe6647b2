//! What the routes made of a message: each attempt's bytes beside what was received, field by field. It sends nothing.

use lienthong_core::{Body, ContentType, DeliveryId, ExchangeId, Fault};
use lienthong_journal::{DeliveryRecord, ExchangeRecord};

use super::Service;
use super::fault::{no_such, of_journal};
use super::preview::{Against, Difference, Marked, difference, personal};
use crate::config::Configuration;

/// Attempts compared, the newest of each delivery.
const ATTEMPTS: usize = 5;

/// One attempt beside what its delivery began with.
#[derive(Debug, Clone)]
pub struct Compared {
    pub delivery: DeliveryId,
    pub attempt: u32,
    /// `None`: one of the two is no longer kept.
    pub difference: Option<Difference>,
}

impl Service {
    /// What the newest attempts of each delivery sent otherwise than was received (or than the delivery's own part of it). What an
    /// operation marks as personal is hidden. `LT-NO-SUCH-RECORD` when there is no such exchange.
    pub async fn compared(&self, id: ExchangeId) -> Result<Vec<Compared>, Fault> {
        let config = self.config.load_full();
        let record = self.record(id).await?.ok_or_else(|| no_such("exchange", id))?;
        let mut compared = Vec::new();
        for delivery in record.deliveries.iter().filter(|delivery| delivery.attempts > 0) {
            self.compare(&config, &record, delivery, &mut compared).await?;
        }
        Ok(compared)
    }

    async fn compare(
        &self,
        config: &Configuration,
        record: &ExchangeRecord,
        delivery: &DeliveryRecord,
        compared: &mut Vec<Compared>,
    ) -> Result<(), Fault> {
        let (first, content_type) = match delivery.body {
            // A part was given its content by whoever made it.
            Some(part) => (part, ContentType::Json),
            None => (record.body, record.content_type),
        };
        let before = self.journal.body(first).await.map_err(of_journal)?.map(|bytes| Body { content_type, bytes });
        let received = personal(config, &delivery.system, &record.meta.operation);
        let marked = match received.zip(personal(config, &delivery.system, &delivery.operation)) {
            Some((received, sent)) => Marked::by(received.iter().chain(sent)),
            None => Marked::Everything,
        };
        let attempts = self.journal.attempts(delivery.id).await.map_err(of_journal)?;
        for attempt in attempts.iter().rev().take(ATTEMPTS).rev() {
            let bytes = self.journal.body(attempt.sent).await.map_err(of_journal)?;
            let after = bytes.map(|bytes| Body { content_type: attempt.sent_type, bytes });
            let both = before.as_ref().zip(after.as_ref());
            let difference = both.map(|(before, after)| difference(Against::Received, before, after, &marked));
            compared.push(Compared { delivery: delivery.id, attempt: attempt.attempt, difference });
        }
        Ok(())
    }
}
