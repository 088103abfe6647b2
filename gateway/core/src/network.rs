//! Where an adapter goes on the network, as it is configured now: what a diagnosis tries step by step. It opens nothing.

use std::net::IpAddr;
use std::time::Duration;

use crate::secret::SecretString;

/// One host an adapter speaks to now, and how it gets there.
#[derive(Debug, Clone)]
pub struct NetworkEndpoint {
    pub purpose: Purpose,
    /// The end point's name in the configuration.
    pub name: String,
    pub place: NetworkPlace,
    /// What everything goes through; names are then the proxy's to find.
    pub proxy: Option<NetworkProxy>,
    /// Addresses that configuration fixes instead of asking DNS.
    pub fixed: Vec<IpAddr>,
    /// The address of this machine to call from.
    pub source: Option<IpAddr>,
    /// PEM authorities to trust instead of the machine's.
    pub authorities: Option<SecretString>,
    /// PEM certificate and key to show.
    pub identity: Option<SecretString>,
    pub connect_timeout: Duration,
}

/// What an adapter wants there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The system itself.
    System,
    /// Sessions or tokens for it.
    Login,
    /// Files it links to.
    Files,
}

/// Scheme, host and port: nothing of a path, which may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkPlace {
    pub encrypted: bool,
    /// A name in lower case, or an address without brackets.
    pub host: String,
    pub port: u16,
}

/// A proxy that connects for us.
#[derive(Debug, Clone)]
pub struct NetworkProxy {
    pub place: NetworkPlace,
    /// `user:password`.
    pub credentials: Option<SecretString>,
}

/// What opening a session came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// The system knows us by a session or token, and gave one.
    Session,
    /// The system knows us without one.
    Sessionless,
}

/// A session as it stands, without asking the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// Open for so long yet; without a time: until it is refused.
    Open(Option<Duration>),
    /// A login is under way.
    Opening,
    /// None is open: the next call logs in.
    Closed,
    /// The system knows us without one.
    Sessionless,
    /// The adapter does not tell.
    Unknown,
}

impl std::fmt::Display for NetworkPlace {
    /// `https://host:port`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { encrypted, host, port } = self;
        let scheme = if *encrypted { "https" } else { "http" };
        match host.parse() {
            Ok(IpAddr::V6(_)) => write!(f, "{scheme}://[{host}]:{port}"),
            Ok(IpAddr::V4(_)) | Err(_) => write!(f, "{scheme}://{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_an_address() {
        let place = |encrypted, host: &str, port| NetworkPlace { encrypted, host: host.into(), port }.to_string();
        assert_eq!(place(true, "portal.example", 443), "https://portal.example:443");
        assert_eq!(place(false, "::1", 8080), "http://[::1]:8080");
    }
}
