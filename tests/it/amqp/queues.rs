//! A broker for tests, and a client of it that publishes and reads as a provincial system does.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use lapin::options::{
    BasicAckOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions,
    QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind};
use lienthong_simulators::broker::{ANOTHER, Broker};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::harness::{Bench, PATIENCE};

/// The broker named in the environment, or a private one that all tests share which do not end it.
pub(super) async fn shared() -> String {
    static PRIVATE: OnceCell<Broker> = OnceCell::const_new();
    match std::env::var(ANOTHER) {
        Ok(url) => url,
        Err(_) => PRIVATE.get_or_init(async || Broker::start().await.unwrap()).await.url(),
    }
}

/// Names that no other test and no other run uses.
pub(super) struct Names {
    pub(super) submissions: String,
    pub(super) dead: String,
    pub(super) replies: String,
    pub(super) messages: String,
    pub(super) events: String,
}

impl Names {
    pub(super) fn new() -> Self {
        let run = uuid::Uuid::new_v4().simple().to_string();
        let name = |part: &str| format!("lienthong-test.{run}.{part}");
        Self {
            submissions: name("submissions"),
            dead: name("dead"),
            replies: name("replies"),
            messages: name("messages"),
            events: name("events"),
        }
    }
}

/// Adds the broker and the client's queues to the bench's configuration.
pub(super) fn configure(bench: &Bench, url: &str, names: &Names) {
    bench.write_config();
    let secret = bench.config().join("secrets/broker");
    std::fs::write(&secret, url).unwrap();
    let Names { submissions, dead, replies, messages: _, events: _ } = names;
    append(
        bench,
        "gateway.yaml",
        &format!(
            "amqp:\n  url: file:{}\n  unencrypted: true\n  dead_letters: {{ exchange: {dead}, queue: {dead} }}\n",
            secret.display()
        ),
    );
    append(bench, "clients/one-stop.yaml", &format!("amqp:\n  submissions: [{submissions}]\n  replies: [{replies}]\n"));
}

pub(super) fn append(bench: &Bench, file: &str, text: &str) {
    let file = std::fs::File::options().append(true).open(bench.config().join(file));
    file.unwrap().write_all(text.as_bytes()).unwrap();
}

/// A message as it lay in a queue.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) body: Vec<u8>,
    pub(super) properties: BasicProperties,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> String {
        match self.properties.headers().as_ref().and_then(|headers| headers.inner().get(name)) {
            Some(AMQPValue::LongString(text)) => text.to_string(),
            other => panic!("{name} is {other:?}"),
        }
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A client's own connection.
pub(super) struct Client {
    channel: Channel,
    _connection: Connection,
}

impl Client {
    /// Connects, also to a broker that is only just coming up.
    pub(super) async fn connect(url: &str) -> Self {
        let _installed_before = rustls::crypto::ring::default_provider().install_default();
        let deadline = Instant::now() + PATIENCE;
        loop {
            match Self::try_connect(url).await {
                Ok(client) => return client,
                Err(error) => assert!(Instant::now() < deadline, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn try_connect(url: &str) -> lapin::Result<Self> {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Self { channel, _connection: connection })
    }

    /// A durable quorum queue, as an operator of the broker would make it.
    pub(super) async fn declare(&self, queue: &str) {
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        self.channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments).await.unwrap();
    }

    /// A queue that is given what an exchange of topics is told under such keys.
    pub(super) async fn subscribe(&self, exchange: &str, keys: &str, queue: &str) {
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let none = FieldTable::default;
        self.channel.exchange_declare(exchange.into(), ExchangeKind::Topic, durable, none()).await.unwrap();
        self.declare(queue).await;
        let bound =
            self.channel.queue_bind(queue.into(), exchange.into(), keys.into(), QueueBindOptions::default(), none());
        bound.await.unwrap();
    }

    /// Returns when the broker has confirmed that it has it.
    pub(super) async fn publish(&self, queue: &str, properties: BasicProperties, body: &[u8]) {
        assert!(self.has_published(queue, properties, body).await, "{queue} took it");
    }

    /// Whether the broker has confirmed that it has it; whoever was told no such thing sends it again.
    pub(super) async fn has_published(&self, queue: &str, properties: BasicProperties, body: &[u8]) -> bool {
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let properties = properties.with_delivery_mode(2);
        let publishing = self.channel.basic_publish("".into(), queue.into(), options, body, properties).await;
        let Ok(publishing) = publishing else { return false };
        publishing.await.is_ok_and(|confirmed| confirmed.is_ack() && confirmed.take_message().is_none())
    }

    /// The next message of a queue, acknowledged; waits for it.
    pub(super) async fn next(&self, queue: &str) -> Received {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(received) = self.look(queue).await {
                return received;
            }
            assert!(Instant::now() < deadline, "nothing came to {queue}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// The next message, when there is one at this moment.
    pub(super) async fn look(&self, queue: &str) -> Option<Received> {
        let got = self.channel.basic_get(queue.into(), BasicGetOptions::default()).await.unwrap()?;
        got.delivery.acker.ack(BasicAckOptions::default()).await.unwrap();
        Some(Received { body: got.delivery.data, properties: got.delivery.properties })
    }
}

/// A submission's properties.
pub(super) fn named(id: &str) -> BasicProperties {
    BasicProperties::default().with_message_id(id.into()).with_content_type("application/json".into())
}

/// One state of a dossier; the mark tells at the portal which one it was.
pub(super) fn dossier(code: &str, mark: u64) -> Value {
    let status = if mark == 1 { "received" } else { "processing" };
    json!({ "operation": "portal.sync-dossier", "key": code, "body": {
        "code": code, "procedure_code": "1.000094.000.00.00.H56", "received_at": "2026-01-15T08:00:00+07:00",
        "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "status": status,
        "other_information": format!("lienthong-seq={mark}"),
    }})
}

/// Waits until the portal has every mark of every dossier, each once and in order.
pub(super) async fn arrived(bench: &Bench, dossiers: u64, marks: u64) {
    let expected: Vec<u64> = (1..=marks).collect();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let received: BTreeMap<_, _> = bench.portal.last_sequences().into_iter().collect();
        let whole = received.values().filter(|summary| summary.snapshots == expected).count();
        if whole == usize::try_from(dossiers).unwrap() {
            break;
        }
        assert!(Instant::now() < deadline, "{whole} of {dossiers} dossiers are whole; {}", last_words(bench));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let stored = bench.portal.report().stored;
    assert_eq!((stored.duplicated, stored.out_of_order), (0, 0), "{stored:?}");
}

/// The end of the gateway's log.
fn last_words(bench: &Bench) -> String {
    let log = std::fs::read_to_string(bench.folder.path().join("gateway.log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().rev().take(30).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
