//! One connection to the broker: made when a channel is asked for, made again after it was lost. It retries nothing and knows no queue.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use lapin::tcp::{OwnedIdentity, OwnedTLSConfig};
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Channel, Connection, ConnectionProperties};
use lienthong_core::secret::{ExposeSecret as _, SecretSource};

use super::trouble::Trouble;
use crate::config::BrokerModel;

#[cfg(test)]
mod tests;

/// Longest wait for a connection, from its name to its first channel.
const CONNECT_WITHIN: Duration = Duration::from_secs(15);

/// How the broker is reached; it holds a password.
#[derive(Clone, PartialEq)]
pub(crate) struct Address {
    uri: AMQPUri,
    tls: OwnedTLSConfig,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Address {
    /// Reads the address and what proves both sides; the text names what is wrong, never a secret.
    pub(crate) fn read(model: &BrokerModel, secrets: &dyn SecretSource) -> Result<Self, String> {
        let url = secrets.read(&model.url)?;
        let mut uri: AMQPUri = url
            .expose_secret()
            .parse()
            .map_err(|_told_with_the_secret| format!("{} is no amqp:// or amqps:// address", model.url))?;
        let encrypted = uri.scheme == AMQPScheme::AMQPS;
        if !encrypted && !model.unencrypted && !is_loopback(&uri.authority.host) {
            return Err(format!("{} is not encrypted: use amqps://, or set `unencrypted: true`", model.url));
        }
        uri.query.heartbeat = Some(u16::try_from(model.heartbeat.0.as_secs()).unwrap_or(u16::MAX).max(1));
        let text = |reference| secrets.read(reference).map(|secret| secret.expose_secret().to_owned());
        let identity = model.identity.as_ref().map(|identity| {
            let (pem, key) = (text(&identity.certificate)?, text(&identity.key)?);
            Ok::<_, String>(OwnedIdentity::PKCS8 { pem: pem.into_bytes(), key: key.into_bytes() })
        });
        let tls =
            OwnedTLSConfig { identity: identity.transpose()?, cert_chain: model.ca.as_ref().map(text).transpose()? };
        Ok(Self { uri, tls })
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A connection and the right to make it again.
pub(crate) struct Link {
    address: Arc<Address>,
    /// As the broker's operators see it.
    name: &'static str,
    connection: tokio::sync::Mutex<Option<Connection>>,
}

impl Link {
    pub(super) fn new(address: Arc<Address>, name: &'static str) -> Self {
        Self { address, name, connection: tokio::sync::Mutex::default() }
    }

    /// A channel of its own, on the connection that is there or on a new one.
    pub(super) async fn channel(&self) -> Result<Channel, Trouble> {
        let mut held = self.connection.lock().await;
        if let Some(connection) = held.as_ref().filter(|connection| connection.status().connected()) {
            match connection.create_channel().await {
                Ok(channel) => return Ok(channel),
                Err(error) if connection.status().connected() => return Err(Trouble::of(&error)),
                Err(error) => tracing::debug!(link = self.name, %error, "the connection is lost"),
            }
        }
        *held = None;
        let connecting = self.connect();
        let (connection, channel) = tokio::time::timeout(CONNECT_WITHIN, connecting)
            .await
            .map_err(|_| Trouble::Unreachable(format!("no connection within {CONNECT_WITHIN:?}")))??;
        *held = Some(connection);
        Ok(channel)
    }

    async fn connect(&self) -> Result<(Connection, Channel), Trouble> {
        let properties =
            ConnectionProperties::default().with_connection_name(format!("lienthong {}", self.name).into());
        let Address { uri, tls } = &*self.address;
        let builder = lapin::DefaultConnectionBuilder::new().map_err(|error| Trouble::of_connecting(&error))?;
        let builder = builder.with_uri(uri.clone()).with_properties(properties).with_tls_config(tls.clone());
        let connection = builder.connect().await.map_err(|error| Trouble::of_connecting(&error))?;
        let channel = connection.create_channel().await.map_err(|error| Trouble::of_connecting(&error))?;
        tracing::info!(link = self.name, "connected to the broker");
        Ok((connection, channel))
    }

    /// Says goodbye, when there is somebody to say it to.
    pub(super) async fn close(&self) {
        let Some(connection) = self.connection.lock().await.take() else { return };
        if let Err(error) = connection.close(200, "the gateway stops".into()).await {
            tracing::debug!(link = self.name, %error, "the connection was not closed in order");
        }
    }
}
