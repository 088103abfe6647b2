//! Submissions by queue beside submissions over HTTP, both to delivery, on gateways of their own. The broker is a private one, or the one the environment names.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use futures::future::try_join_all;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};
use lienthong_simulators::broker::{ANOTHER, Broker};
use tokio::time::Instant;

use super::cases::{WARM_UP, count, load};
use super::gateway::Gateway;
use super::load::Until;
use super::messages::envelopes;
use super::report::Row;
use super::stand::{Stand, sampled};

/// Deliveries a second from a queue over those from HTTP, at least.
const RATIO: f64 = 0.7;
/// Messages on their way to the broker at once.
const WINDOW: u64 = 256;
/// What survives a restart of the broker.
const PERSISTENT: u8 = 2;

/// Accepted from a durable quorum queue to delivered, beside the same number accepted over HTTP.
pub(super) async fn queues(stand: &Stand) -> anyhow::Result<Vec<Row>> {
    let private = match std::env::var(ANOTHER) {
        Ok(_) => None,
        Err(_) => Some(Broker::start().await?),
    };
    let url = private.as_ref().map_or_else(|| std::env::var(ANOTHER), |broker| Ok(broker.url()))?;
    let (messages, before) = over_http(stand, "http-before").await?;
    let by_queue = by_queue(stand, &url, messages).await?;
    let (_, after) = over_http(stand, "http-after").await?;
    Ok(vec![
        Row::told("amqp.delivered", by_queue, "deliveries/s").beside(f64::midpoint(before, after)).at_least(RATIO),
        Row::told("amqp.messages", count(messages), "messages"),
    ])
}

/// How many were delivered, and how many a second, from the first accepted to the last outcome on disk.
async fn over_http(stand: &Stand, name: &str) -> anyhow::Result<(u64, f64)> {
    let gateway = Gateway::start(stand, name).await?;
    stand.progress.step("HTTP in to delivered, 64 connections, 2 KiB");
    let received = stand.received().await?;
    sampled(&gateway.child, load(&gateway, 0, Until::Count(WARM_UP))?).await?;
    gateway.delivered(stand, received + WARM_UP).await?;
    let (received, began) = (stand.received().await?, Instant::now());
    let until = Until::Time { warm_up: Duration::ZERO, measured: stand.seconds };
    let accepted = sampled(&gateway.child, load(&gateway, WARM_UP, until)?).await?.answered;
    gateway.delivered(stand, received + accepted).await?;
    Ok((accepted, count(accepted) / began.elapsed().as_secs_f64()))
}

async fn by_queue(stand: &Stand, url: &str, messages: u64) -> anyhow::Result<f64> {
    let queue = format!("lienthong-bench.{}", uuid::Uuid::new_v4().simple());
    let sender = Sender::connect(url, &queue).await?;
    let secret = stand.disk().join("broker");
    std::fs::write(&secret, url)?;
    let gateway = format!(
        "amqp:\n  url: file:{}\n  unencrypted: true\n  dead_letters: {{ exchange: {queue}.dead, queue: {queue}.dead }}\n",
        secret.display()
    );
    let client = format!("amqp: {{ submissions: [{queue}] }}\n");
    let more = [("gateway.yaml", gateway.as_str()), ("clients/one-stop.yaml", client.as_str())];
    let gateway = Gateway::with(stand, "amqp", &more).await?;
    stand.progress.step("AMQP in to delivered, quorum queue, 2 KiB");
    let received = stand.received().await?;
    sender.send(0, WARM_UP).await?;
    gateway.delivered(stand, received + WARM_UP).await?;
    let (received, began) = (stand.received().await?, Instant::now());
    sender.send(WARM_UP, messages).await?;
    gateway.delivered(stand, received + messages).await?;
    Ok(count(messages) / began.elapsed().as_secs_f64())
}

/// A client of the broker that publishes persistently, with confirms.
struct Sender {
    channel: Channel,
    queue: ShortString,
    _connection: Connection,
}

impl Sender {
    async fn connect(url: &str, queue: &str) -> anyhow::Result<Self> {
        crate::app::install_crypto();
        let connection = Connection::connect(url, ConnectionProperties::default()).await;
        let connection = connection.context("the broker cannot be reached")?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let queue = ShortString::try_new(queue).context("a queue's name is short")?;
        let mut arguments = FieldTable::default();
        arguments.insert(ShortString::from("x-queue-type"), AMQPValue::LongString("quorum".into()));
        channel.queue_declare(queue.clone(), QueueDeclareOptions::durable(), arguments).await?;
        Ok(Self { channel, queue, _connection: connection })
    }

    /// So many dossiers from the `first` on; returns when the broker has them all.
    async fn send(&self, first: u64, messages: u64) -> anyhow::Result<()> {
        let envelopes = envelopes()?;
        let mut sent = 0;
        while sent < messages {
            let window = WINDOW.min(messages - sent);
            let mut confirming = Vec::new();
            for number in (first + sent)..(first + sent + window) {
                confirming.push(self.one(number, &envelopes(number)).await?);
            }
            let confirmed = try_join_all(confirming).await?;
            if !confirmed.iter().all(Confirmation::is_ack) {
                bail!("the broker refused a message");
            }
            sent += window;
        }
        Ok(())
    }

    async fn one(&self, number: u64, body: &[u8]) -> anyhow::Result<lapin::PublisherConfirm> {
        let id = ShortString::try_new(format!("bench-{number}")).context("a number is short")?;
        let properties = BasicProperties::default().with_message_id(id).with_delivery_mode(PERSISTENT);
        let options = BasicPublishOptions::default();
        let (exchange, queue) = (ShortString::default(), self.queue.clone());
        Ok(self.channel.basic_publish(exchange, queue, options, body, properties).await?)
    }
}

/// The nth submission's bytes.
pub(super) type Envelopes = Arc<dyn Fn(u64) -> bytes::Bytes + Send + Sync>;
