//! Publishes the journal's events to a topic exchange, in the order of their commits, each at least once. It decides nothing about who reads them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join_all;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation, PublisherConfirm};
use lienthong_core::exchange::AuthenticatedBy;
use lienthong_core::{ClientId, Fault};
use lienthong_journal::{Command, EventKind, EventRecord};
use tokio_util::sync::CancellationToken;

use super::hub::Hub;
use super::pause::Pause;
use super::publisher::{PERSISTENT, name};
use super::topology;
use super::trouble::Trouble;
use crate::feed::{Feed, FeedFilter, FeedItem, FeedStart};
use crate::http::model::{Event, EventGap};
use crate::security::{ClientEntry, Identity, Role};
use crate::state::AppState;

#[cfg(test)]
mod tests;

/// Events whose confirmations are waited for together.
const BATCH: usize = 256;
/// How often the place in the log is kept while events flow.
const KEEP_EVERY: Duration = Duration::from_secs(1);
/// Longest wait for the confirmations of a batch.
const CONFIRM_WITHIN: Duration = Duration::from_secs(30);
const JSON: &str = "application/json";

/// Publishes until it is told to stop, over all losses of the connection.
pub(super) struct Telling {
    pub(super) state: AppState,
    pub(super) hub: Arc<Hub>,
    /// The topic exchange.
    pub(super) exchange: String,
    /// Where the log stood when publishing it was first asked for.
    pub(super) since: Option<u64>,
    pub(super) stop: CancellationToken,
}

/// Why telling stopped for now.
#[derive(Debug, thiserror::Error)]
enum Stopped {
    #[error(transparent)]
    Broker(#[from] Trouble),
    #[error("the journal's events cannot be followed: {0}")]
    Journal(String),
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self::Journal(fault.to_string())
    }
}

impl From<lapin::Error> for Stopped {
    fn from(error: lapin::Error) -> Self {
        Self::Broker(Trouble::of(&error))
    }
}

impl Telling {
    pub(super) async fn run(self) {
        let mut pause = Pause::between(Duration::from_millis(200), Duration::from_secs(30));
        while !self.stop.is_cancelled() {
            let Err(stopped) = self.tell(&mut pause).await else { return };
            let wait = pause.next();
            tracing::warn!(exchange = self.exchange, %stopped, wait_ms = wait.as_millis(), "events are not published for now");
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn tell(&self, pause: &mut Pause) -> Result<(), Stopped> {
        let mut feed = self.feed().await?;
        topology::exchange(self.hub.publisher.link(), &self.exchange).await?;
        let channel = self.hub.publisher.link().channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        tracing::info!(exchange = self.exchange, after = feed.position(), "publishing events");
        let mut kept_at = self.state.clock.monotonic();
        let mut kept = feed.position();
        loop {
            let item = tokio::select! {
                () = self.stop.cancelled() => break,
                item = feed.next() => item?,
                () = tokio::time::sleep(KEEP_EVERY), if kept < feed.position() => {
                    kept = self.keep(feed.position()).await?;
                    continue;
                }
            };
            let Some(item) = item else { break };
            let mut items = vec![item];
            while items.len() < BATCH && feed.has_ready() {
                items.extend(feed.next().await?);
            }
            self.publish(&channel, &items).await?;
            pause.reset();
            if self.state.clock.monotonic().saturating_sub(kept_at) >= KEEP_EVERY {
                kept = self.keep(feed.position()).await?;
                kept_at = self.state.clock.monotonic();
            }
        }
        self.keep(feed.position()).await.map(drop)
    }

    /// After the last event known to be published; the first time from when it was asked for.
    async fn feed(&self) -> Result<Feed, Stopped> {
        let journal = Arc::clone(&self.state.journal);
        let kept = journal.cursor(&self.cursor()).await.map_err(|error| Stopped::Journal(error.to_string()))?;
        let last = journal.last_event().await.map_err(|error| Stopped::Journal(error.to_string()))?;
        let start = match kept.and_then(|text| text.parse().ok()).or(self.since) {
            Some(place) if place <= last => FeedStart::After(place),
            Some(_) | None => FeedStart::Now,
        };
        let filter = FeedFilter { identity: everything()?, key: None, system: None };
        let feed = Feed::open(journal, filter, start).await?;
        // What happens from here on is published, even if nothing of it can be before the next start.
        self.keep(feed.position()).await?;
        Ok(feed)
    }

    fn cursor(&self) -> String {
        format!("amqp-events {}", self.exchange)
    }

    async fn keep(&self, place: u64) -> Result<u64, Stopped> {
        let at = self.state.clock.now();
        let set = Command::SetCursor { name: self.cursor(), value: place.to_string(), at };
        let kept = self.state.journal.commit(vec![set]).await;
        kept.map(|_| place).map_err(|error| Stopped::Journal(error.to_string()))
    }

    /// All of them are with the broker when this returns.
    async fn publish(&self, channel: &Channel, items: &[FeedItem]) -> Result<(), Stopped> {
        let mut confirming = Vec::with_capacity(items.len());
        for item in items {
            confirming.push(self.one(channel, item).await?);
        }
        let confirmed = tokio::time::timeout(CONFIRM_WITHIN, try_join_all(confirming)).await;
        let confirmed = confirmed.map_err(|_| Trouble::Lost(format!("no word within {CONFIRM_WITHIN:?}")))??;
        match confirmed.iter().all(Confirmation::is_ack) {
            true => Ok(()),
            false => Err(Trouble::NotTaken.into()),
        }
    }

    async fn one(&self, channel: &Channel, item: &FeedItem) -> Result<PublisherConfirm, Stopped> {
        let (key, id, body) = match item {
            FeedItem::Event(event) => (routing_key(event), event.seq, serde_json::to_vec(&Event::from(event.as_ref()))),
            FeedItem::Gap { from, to } => {
                ("gateway.gap".to_owned(), *to, serde_json::to_vec(&EventGap { from: *from, to: *to }))
            }
        };
        let body = body.map_err(|error| Trouble::Unsayable(error.to_string()))?;
        let properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_message_id(name(&id.to_string())?)
            .with_content_type(ShortString::from(JSON))
            .with_app_id(name("lienthong")?);
        // Nobody has to be interested: not mandatory.
        let options = BasicPublishOptions::default();
        Ok(channel.basic_publish(name(&self.exchange)?, name(&key)?, options, &body, properties).await?)
    }
}

/// `<operation>.<kind>`; of what concerns no delivery `<system>.<kind>` or `gateway.<kind>`.
fn routing_key(event: &EventRecord) -> String {
    let EventRecord { operation, system, kind, .. } = event;
    let about = match (operation, system) {
        (Some(operation), _) => operation.as_str(),
        (None, Some(system)) => system.as_str(),
        (None, None) => "gateway",
    };
    format!("{about}.{}", word(*kind))
}

/// The last word of a routing key.
fn word(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Accepted => "accepted",
        EventKind::Admitted => "admitted",
        EventKind::Delivered => "delivered",
        EventKind::Waiting => "waiting",
        EventKind::Verifying => "verifying",
        EventKind::Parked => "parked",
        EventKind::Released => "released",
        EventKind::Discarded => "discarded",
        EventKind::Cancelled => "cancelled",
        EventKind::Superseded => "superseded",
        EventKind::InboxLeased => "inbox_leased",
        EventKind::GateChanged => "gate_changed",
        EventKind::SystemSet => "system_set",
        EventKind::ConfigurationLoaded => "configuration_loaded",
        EventKind::Recognised => "recognised",
        EventKind::MemoChanged => "memo_changed",
        EventKind::Amended => "amended",
    }
}

/// Whoever reads the exchange is chosen by the broker's permissions: it is told everything.
fn everything() -> Result<Identity, Stopped> {
    let id = ClientId::new("gateway").map_err(|error| Stopped::Journal(error.to_string()))?;
    let entry = ClientEntry {
        id,
        key_hashes: Vec::new(),
        certificates: Vec::new(),
        operations: Vec::new(),
        roles: BTreeSet::from([Role::Viewer]),
        enabled: true,
    };
    Ok(Identity::new(Arc::new(entry), AuthenticatedBy::Gateway))
}
