//! Publishes persistently and waits for the broker's word. It neither retries nor decides what is published.

use std::sync::Arc;
use std::time::Duration;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation};
use parking_lot::Mutex;

use super::link::Link;
use super::trouble::Trouble;

/// Longest wait for the broker's word.
const CONFIRM_WITHIN: Duration = Duration::from_secs(30);
/// What survives a restart of the broker.
pub(super) const PERSISTENT: u8 = 2;

/// One message on its way out.
#[derive(Debug)]
pub(super) struct Letter<'a> {
    /// The empty name is the broker's default exchange, where the key is a queue's name.
    pub(super) exchange: ShortString,
    pub(super) key: ShortString,
    pub(super) properties: BasicProperties,
    pub(super) body: &'a [u8],
    /// Whether it is a failure when no queue takes it.
    pub(super) mandatory: bool,
}

/// Channels that publish. Each carries one message at a time, so that what the broker returns is surely the one we wait for.
pub(super) struct Publisher {
    link: Arc<Link>,
    idle: Mutex<Vec<Channel>>,
}

impl Publisher {
    pub(super) fn new(link: Arc<Link>) -> Self {
        Self { link, idle: Mutex::default() }
    }

    /// The connection that is published on.
    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// Returns when the broker has the message on disk. `sent` is called when it may begin to leave.
    pub(super) async fn publish(&self, letter: Letter<'_>, sent: impl FnOnce()) -> Result<(), Trouble> {
        let channel = self.channel().await?;
        let Letter { exchange, key, properties, body, mandatory } = letter;
        let options = BasicPublishOptions { mandatory, ..BasicPublishOptions::default() };
        sent();
        let properties = properties.with_delivery_mode(PERSISTENT);
        let publishing = async { channel.basic_publish(exchange, key, options, body, properties).await?.await };
        let confirmed = tokio::time::timeout(CONFIRM_WITHIN, publishing).await;
        let confirmed = confirmed.map_err(|_| Trouble::Lost(format!("no word within {CONFIRM_WITHIN:?}")))?;
        let outcome = match confirmed.map_err(|error| Trouble::of(&error))? {
            Confirmation::Ack(None) => Ok(()),
            Confirmation::Ack(Some(_returned)) => Err(Trouble::Unroutable),
            Confirmation::Nack(_) => Err(Trouble::NotTaken),
            Confirmation::NotRequested => return Err(Trouble::Lost("the channel confirms nothing".to_owned())),
        };
        // A channel that answered goes on; one that failed was left above.
        self.idle.lock().push(channel);
        outcome
    }

    async fn channel(&self) -> Result<Channel, Trouble> {
        loop {
            let Some(channel) = self.idle.lock().pop() else { break };
            if channel.status().connected() {
                return Ok(channel);
            }
        }
        let channel = self.link.channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(|error| Trouble::of(&error))?;
        Ok(channel)
    }
}

/// A name of at most 255 bytes, which is what the protocol can carry.
pub(super) fn name(text: &str) -> Result<ShortString, Trouble> {
    ShortString::try_new(text).map_err(|error| Trouble::Unsayable(error.to_string()))
}
