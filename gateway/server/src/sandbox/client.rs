//! What the provincial system of a run says to the gateway over HTTP: submissions, again with the same key until they are accepted; its inbox. It decides nothing.

use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use lienthong_core::ExchangeId;
use serde_json::Value;

/// Tries of one submission before the run is given up.
const TRIES: u32 = 200;
/// Rest between two of them.
const REST: Duration = Duration::from_millis(250);

/// The gateway, as its one client reaches it.
#[derive(Clone)]
pub(super) struct Gateway {
    pub(super) http: reqwest::Client,
    /// `http://host:port`.
    pub(super) base: String,
    pub(super) api_key: String,
}

/// A message for the client.
pub(super) struct Inboxed {
    pub(super) id: String,
    pub(super) operation: String,
    pub(super) key: String,
    pub(super) body: Value,
}

impl Gateway {
    /// Submits until it is accepted; the exchange's id.
    pub(super) async fn submit(&self, envelope: &Value, idempotency_key: &str) -> anyhow::Result<ExchangeId> {
        let bytes = Bytes::from(serde_json::to_vec(envelope)?);
        for _ in 0..TRIES {
            match self.attempt(idempotency_key, bytes.clone()).await? {
                Some(exchange) => return Ok(exchange),
                None => tokio::time::sleep(REST).await,
            }
        }
        bail!("{idempotency_key} was not accepted in {TRIES} tries")
    }

    /// The exchange's id, or `None` when it should be sent again.
    async fn attempt(&self, idempotency_key: &str, bytes: Bytes) -> anyhow::Result<Option<ExchangeId>> {
        let request = self
            .http
            .post(format!("{}/v1/exchanges", self.base))
            .bearer_auth(&self.api_key)
            .header("Idempotency-Key", idempotency_key.replace(['/', '.'], "-"))
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
            refused => bail!("{idempotency_key} was refused with {refused}: {answer}"),
        }
    }

    /// Asks a read operation for an officer; its status and answer.
    pub(super) async fn ask(&self, operation: &str, question: &Value) -> anyhow::Result<(u16, Value)> {
        let request = self
            .http
            .post(format!("{}/v1/operations/{operation}/call", self.base))
            .bearer_auth(&self.api_key)
            .json(question);
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok((status, read(response).await?))
    }

    /// What waits for the client, in order per key.
    pub(super) async fn inbox(&self) -> anyhow::Result<Vec<Inboxed>> {
        let request = self.http.get(format!("{}/v1/inbox?limit=100", self.base)).bearer_auth(&self.api_key);
        let answer = read(request.send().await?).await?;
        let messages = answer.get("messages").and_then(Value::as_array).context("an inbox has messages")?;
        messages.iter().map(inboxed).collect()
    }

    /// The message does not come again.
    pub(super) async fn acknowledge(&self, id: &str) -> anyhow::Result<()> {
        let request = self.http.post(format!("{}/v1/inbox/{id}/ack", self.base)).bearer_auth(&self.api_key);
        request.send().await?.error_for_status()?;
        Ok(())
    }
}

fn inboxed(message: &Value) -> anyhow::Result<Inboxed> {
    let text = |field: &str| {
        let text = message.get(field).and_then(Value::as_str);
        text.map(str::to_owned).with_context(|| format!("an inbox message has {field}"))
    };
    let body = message.get("body").cloned().unwrap_or_default();
    Ok(Inboxed { id: text("id")?, operation: text("operation")?, key: text("key")?, body })
}

/// An answer of ours, which is small.
#[expect(clippy::disallowed_methods, reason = "the gateway's own answers are bounded")]
pub(super) async fn read(response: reqwest::Response) -> anyhow::Result<Value> {
    let bytes = response.bytes().await?;
    serde_json::from_slice(&bytes).context("the gateway answers JSON")
}
