//! Configuration that every adapter shares: durations, addresses, the HTTP client and the network it stands in. It opens nothing and reads no secret.

pub(crate) mod network;
mod types;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use lienthong_core::secret::SecretRef;
use reqwest::Url;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use network::Place;
pub use types::{Address, Wait};

/// What is wrong, as (JSON pointer of the value, what and what to do).
pub type Problems = Vec<(String, String)>;

/// The HTTP client and the network it stands in. Redirects and retries are off and cannot be turned on.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TransportConfig {
    pub connect_timeout: Wait,
    /// An idle connection is closed after this; keep it below the peer's own, so that no request meets a closing connection.
    pub idle_timeout: Wait,
    /// Most idle connections kept.
    pub idle_connections: usize,
    /// PEM certificates to trust instead of the machine's: nobody else's signature is accepted then.
    pub ca: Option<SecretRef>,
    /// PEM certificate and key to show.
    pub identity: Option<SecretRef>,
    /// Whether the W3C trace context is sent along.
    pub pass_trace: bool,
    /// The address of this machine to call from, where the other side's firewall knows one only.
    pub source_address: Option<IpAddr>,
    /// The HTTP proxy everything goes through. Proxies named in the environment are not used.
    pub proxy: Option<ProxyConfig>,
    /// Addresses of hosts that the network's DNS does not know or must not be asked for. A host behind the proxy is the proxy's to find.
    pub dns: BTreeMap<String, Vec<IpAddr>>,
    /// Hosts and networks that may be spoken to without TLS: `security-server.example`, `10.20.0.0/16`. This machine always may.
    #[schemars(with = "Vec<String>")]
    pub plain_http: Vec<Place>,
}

/// A proxy that connects for us (`CONNECT` for https, whole addresses for http).
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProxyConfig {
    pub url: Address,
    /// `user:password`, sent as Basic.
    #[serde(default)]
    pub credentials: Option<SecretRef>,
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Wait(Duration::from_secs(5)),
            idle_timeout: Wait(Duration::from_secs(15)),
            idle_connections: 64,
            ca: None,
            identity: None,
            pass_trace: true,
            source_address: None,
            proxy: None,
            dns: BTreeMap::new(),
            plain_http: Vec::new(),
        }
    }
}

impl TransportConfig {
    /// Whether `url` may be spoken to: https, or http to this machine or to a place that is named.
    pub fn permits(&self, url: &Url) -> bool {
        match url.scheme() {
            "https" => true,
            "http" => url.host_str().is_some_and(|host| self.permits_plain(host)),
            _no_other => false,
        }
    }

    fn permits_plain(&self, host: &str) -> bool {
        let host = network::bare(host);
        if network::is_this_machine(&host) || self.plain_http.iter().any(|place| place.holds(&host)) {
            return true;
        }
        // A name whose addresses are fixed here is where these are.
        self.dns.iter().any(|(name, addresses)| {
            network::bare(name) == host
                && !addresses.is_empty()
                && addresses.iter().all(|address| self.permits_plain(&address.to_string()))
        })
    }

    /// What is wrong below `/transport`, and every one of `addresses` (with its pointer) that would be spoken to without TLS unnamed.
    pub fn check<'a>(&self, addresses: impl IntoIterator<Item = (String, &'a Address)>, found: &mut Problems) {
        let mut unnamed = |at: String, address: &Address| {
            if !self.permits(address.url()) {
                let host = address.host();
                found.push((
                    at,
                    format!("goes to {host} without TLS; use https, or name the host in transport.plain_http"),
                ));
            }
        };
        for (at, address) in addresses {
            unnamed(at, address);
        }
        if let Some(proxy) = &self.proxy {
            unnamed("/transport/proxy/url".into(), &proxy.url);
        }
        if self.source_address.is_some_and(|address| address.is_unspecified() || address.is_multicast()) {
            found.push(("/transport/source_address".into(), "must be an address of this machine".into()));
        }
        self.check_dns(found);
    }

    fn check_dns(&self, found: &mut Problems) {
        let proxy = self.proxy.as_ref().map(|proxy| proxy.url.host());
        for (name, addresses) in &self.dns {
            let at = format!("/transport/dns/{}", name.replace('~', "~0").replace('/', "~1"));
            if name.is_empty() || name.contains([':', '/', ' ']) || name.parse::<IpAddr>().is_ok() {
                found.push((at.clone(), "must be a host name, without scheme or port".into()));
            }
            if addresses.is_empty() {
                found.push((at.clone(), "needs at least one address".into()));
            }
            if proxy.as_ref().is_some_and(|proxy| *proxy != network::bare(name)) {
                found.push((at, "has no effect: behind a proxy only the proxy's own name is looked up here".into()));
            }
        }
    }
}

#[cfg(test)]
mod tests;
