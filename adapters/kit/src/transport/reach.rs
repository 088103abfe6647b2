//! What the transport is configured to do, as a diagnosis needs it. It tries nothing itself.

use lienthong_core::network::{NetworkEndpoint, NetworkPlace, NetworkProxy, Purpose};
use reqwest::Url;

use super::Transport;
use crate::config::network::bare;

impl Transport {
    /// How `url`'s host is reached from here.
    pub fn reach(&self, purpose: Purpose, name: &str, url: &Url) -> NetworkEndpoint {
        let proxy = self
            .config
            .proxy
            .as_ref()
            .map(|proxy| NetworkProxy { place: place(proxy.url.url()), credentials: self.kept.proxy.clone() });
        let place = place(url);
        let looked_up = proxy.as_ref().map_or(&place.host, |proxy| &proxy.place.host);
        let fixed = self.config.dns.iter().find(|(name, _)| bare(name) == *looked_up);
        NetworkEndpoint {
            purpose,
            name: name.to_owned(),
            fixed: fixed.map(|(_, addresses)| addresses.clone()).unwrap_or_default(),
            source: self.config.source_address,
            authorities: self.kept.authorities.clone(),
            identity: self.kept.identity.clone(),
            connect_timeout: self.config.connect_timeout.0,
            place,
            proxy,
        }
    }
}

fn place(url: &Url) -> NetworkPlace {
    NetworkPlace {
        encrypted: url.scheme() == "https",
        host: bare(url.host_str().unwrap_or_default()),
        port: url.port_or_known_default().unwrap_or_default(),
    }
}
