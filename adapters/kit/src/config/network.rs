//! Hosts and networks by name, as configuration lists them. It looks nothing up.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A host's name, an address, or a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Place {
    /// Exactly this name, in lower case.
    Host(String),
    Network(IpNet),
}

impl Place {
    /// Whether a host (a name or an address, in the form of [`bare`]) lies here. A name lies in no network: it may move.
    pub(crate) fn holds(&self, host: &str) -> bool {
        match self {
            Self::Host(name) => name == host,
            Self::Network(network) => host.parse::<IpAddr>().is_ok_and(|address| network.contains(&address)),
        }
    }
}

impl FromStr for Place {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        match !text.is_empty() && text.chars().all(is_name) && text.contains(|c: char| c.is_ascii_alphabetic()) {
            true => Ok(Self::Host(bare(text))),
            false => Err("is neither a host name, nor an address, nor a network such as 10.20.0.0/16"),
        }
    }
}

impl TryFrom<String> for Place {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        match place {
            Place::Host(name) => name,
            Place::Network(network) => network.to_string(),
        }
    }
}

/// A host as URLs write it, in one form: lower case, IPv6 without its brackets.
pub(crate) fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase()
}

pub(crate) fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
