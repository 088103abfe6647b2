//! How one simulated ministry is set up; it must hold no behaviour.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::net::profile::FaultProfile;

/// `MinistryOptions::default()` is a well-behaved ministry on a free loopback port.
#[derive(Clone)]
pub struct MinistryOptions {
    /// Where to listen; port 0 takes a free one, which is kept through outages.
    pub listen: SocketAddr,
    /// How badly it misbehaves by itself.
    pub profile: FaultProfile,
    /// With the same seed the nth call meets the same fault.
    pub seed: u64,
    /// Life of a token.
    pub token_ttl: Duration,
    /// The client the token end point knows.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The key of the legacy dialect, in the header `X-Api-Key`.
    pub api_key: String,
    /// Permits kept at most.
    pub permits: usize,
    /// Bytes of one request body; more is answered 413.
    pub body: usize,
}

impl Default for MinistryOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            profile: FaultProfile::None,
            seed: 1,
            token_ttl: Duration::from_mins(5),
            client_id: "province".to_owned(),
            client_secret: "simulated".to_owned(),
            api_key: "simulated-key".to_owned(),
            permits: 500_000,
            body: 16 << 20,
        }
    }
}
