//! Deliveries written a short while ago, as they lie in their rows: most moves are of these and need no look-up. It is never ahead of
//! the open transaction and never behind it; a rollback empties it.

use std::collections::HashMap;

use lienthong_core::{BusinessKey, DeliveryId, ExchangeId};

use crate::record::BodyId;
use crate::sqlite::row::{DeliveryRow, delivery_seq, exchange_of};

/// Most deliveries remembered; beyond it all are forgotten.
const REMEMBERED: usize = 8192;

/// A delivery found for a move.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) row: DeliveryRow,
    pub(super) key: BusinessKey,
    /// What goes out by default: its own body, or the exchange's.
    pub(super) whole: BodyId,
}

#[derive(Debug, Default)]
pub(super) struct Recent {
    exchanges: HashMap<ExchangeId, i64>,
    deliveries: HashMap<i64, Found>,
}

impl Recent {
    pub(super) fn get(&self, id: DeliveryId) -> Option<Found> {
        let exchange = self.exchanges.get(&id.exchange)?;
        self.deliveries.get(&delivery_seq(*exchange, id.index)).cloned()
    }

    pub(super) fn put(&mut self, exchange: ExchangeId, found: Found) {
        if self.deliveries.len() >= REMEMBERED || self.exchanges.len() >= REMEMBERED {
            self.clear();
        }
        self.exchanges.insert(exchange, exchange_of(found.row.seq));
        self.deliveries.insert(found.row.seq, found);
    }

    /// The row was written: remembered as it is now, or no more when it is over.
    pub(super) fn written(&mut self, row: &DeliveryRow, over: bool) {
        if over {
            self.forget(row.seq);
        } else if let Some(found) = self.deliveries.get_mut(&row.seq) {
            found.row.clone_from(row);
        }
    }

    pub(super) fn forget(&mut self, seq: i64) {
        self.deliveries.remove(&seq);
    }

    /// The exchange has nothing more to move.
    pub(super) fn forget_exchange(&mut self, id: &ExchangeId) {
        self.exchanges.remove(id);
    }

    pub(super) fn clear(&mut self) {
        self.exchanges.clear();
        self.deliveries.clear();
    }
}
