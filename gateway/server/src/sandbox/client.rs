//! A small provincial system: submits dossiers' messages over HTTP, in order per dossier, again with the same key until they are accepted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use lienthong_core::{ExchangeId, Timestamp};
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::life::{self, Message};

/// Dossiers submitted at the same time.
const DESKS: u64 = 16;
/// Tries of one submission before the run is given up.
const TRIES: u32 = 200;

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

/// One run of the client.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) http: reqwest::Client,
    pub(super) base: String,
    pub(super) api_key: String,
    pub(super) seed: u64,
    pub(super) now: Timestamp,
    pub(super) tally: Arc<Tally>,
}

impl Client {
    /// Submits all messages of dossiers `1..=dossiers`; each desk takes every n-th dossier.
    pub(super) async fn submit_all(&self, dossiers: u64) -> anyhow::Result<()> {
        let mut desks = tokio::task::JoinSet::new();
        for desk in 0..DESKS {
            let client = self.clone();
            desks.spawn(async move {
                for number in (1 + desk..=dossiers).step_by(usize::try_from(DESKS)?) {
                    for message in life::of(client.seed, number, client.now) {
                        client.submit(message).await?;
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
        self.tally.submitted.fetch_add(1, Ordering::Relaxed);
        let envelope = json!({
            "operation": message.operation, "key": message.key, "due_at": message.due_at, "body": message.body,
            "purpose": "Đồng bộ hồ sơ thủ tục hành chính", "on_behalf_of": { "unit": "H56.14" },
        });
        let bytes = Bytes::from(serde_json::to_vec(&envelope)?);
        for _ in 0..TRIES {
            match self.attempt(&message, bytes.clone()).await? {
                Some(exchange) => {
                    self.tally.accepted.fetch_add(1, Ordering::Relaxed);
                    let Message { operation, key, marks, .. } = message;
                    self.tally.promises.lock().push(Promise { exchange, operation, key, marks });
                    return Ok(());
                }
                None => tokio::time::sleep(Duration::from_millis(250)).await,
            }
        }
        bail!("{} was not accepted in {TRIES} tries", message.idempotency_key)
    }

    /// The exchange's id, or `None` when it should be sent again.
    async fn attempt(&self, message: &Message, bytes: Bytes) -> anyhow::Result<Option<ExchangeId>> {
        let request = self
            .http
            .post(format!("{}/v1/exchanges", self.base))
            .bearer_auth(&self.api_key)
            .header("Idempotency-Key", message.idempotency_key.replace(['/', '.'], "-"))
            .header("Content-Type", "application/json")
            .body(bytes);
        let Ok(response) = request.send().await else { return Ok(None) };
        let status = response.status().as_u16();
        let answer = read(response).await?;
        match status {
            200 | 202 => {
                let id = answer.get("id").and_then(Value::as_str).context("an accepted exchange has an id")?;
                Ok(Some(id.parse()?))
            }
            429 | 502 | 503 => Ok(None),
            refused => bail!("{} was refused with {refused}: {answer}", message.idempotency_key),
        }
    }
}

/// An answer of ours, which is small.
#[expect(clippy::disallowed_methods, reason = "the gateway's own answers are bounded")]
pub(super) async fn read(response: reqwest::Response) -> anyhow::Result<Value> {
    let bytes = response.bytes().await?;
    serde_json::from_slice(&bytes).context("the gateway answers JSON")
}
