//! The desks of a provincial system: every message of every dossier's life, in order per dossier. They wait for no outcome.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lienthong_core::{ExchangeId, Timestamp};
use parking_lot::Mutex;
use serde_json::json;

use super::client::Gateway;
use super::life::{self, Message};

/// Dossiers submitted at the same time.
const DESKS: u64 = 16;

/// What the client was promised: an acknowledged message and the marks it carries.
#[derive(Debug, Clone)]
pub(super) struct Promise {
    pub(super) exchange: ExchangeId,
    pub(super) operation: &'static str,
    pub(super) key: String,
    pub(super) marks: Vec<u64>,
}

/// Counts while it runs, promises when it is done.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) submitted: AtomicU64,
    pub(super) accepted: AtomicU64,
    pub(super) promises: Mutex<Vec<Promise>>,
}

/// One run of the desks.
#[derive(Clone)]
pub(super) struct Desks {
    pub(super) gateway: Gateway,
    pub(super) seed: u64,
    pub(super) now: Timestamp,
    pub(super) tally: Arc<Tally>,
}

impl Desks {
    /// Submits all messages of dossiers `1..=dossiers`; each desk takes every n-th dossier.
    pub(super) async fn submit_all(&self, dossiers: u64) -> anyhow::Result<()> {
        let mut desks = tokio::task::JoinSet::new();
        for desk in 0..DESKS {
            let all = self.clone();
            desks.spawn(async move {
                for number in (1 + desk..=dossiers).step_by(usize::try_from(DESKS)?) {
                    for message in life::of(all.seed, number, all.now) {
                        all.submit(message).await?;
                    }
                }
                anyhow::Ok(())
            });
        }
        while let Some(desk) = desks.join_next().await {
            desk??;
        }
        Ok(())
    }

    async fn submit(&self, message: Message) -> anyhow::Result<()> {
        let Message { operation, key, idempotency_key, due_at, body, marks } = message;
        let envelope = json!({
            "operation": operation, "key": key, "due_at": due_at, "body": body,
            "purpose": "Đồng bộ hồ sơ thủ tục hành chính", "on_behalf_of": { "unit": "H56.14" },
        });
        self.tally.submitted.fetch_add(1, Ordering::Relaxed);
        let exchange = self.gateway.submit(&envelope, &idempotency_key).await?;
        self.tally.accepted.fetch_add(1, Ordering::Relaxed);
        self.tally.promises.lock().push(Promise { exchange, operation, key, marks });
        Ok(())
    }
}
