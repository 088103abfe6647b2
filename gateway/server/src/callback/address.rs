//! Which addresses may be reached: public ones, and what the configuration allows besides. Asked of each address just before it is connected to, so that a name cannot change its mind in between.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use futures::future::BoxFuture;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Looks a name up.
type LookUp = dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync;

/// Stands between names and connections.
pub(crate) struct Guard {
    allow: Arc<[IpNet]>,
    look_up: Arc<LookUp>,
}

/// Every address of the host is one that must not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{host} is no public address and the configuration does not allow it")]
pub(crate) struct Refused {
    host: String,
}

impl Guard {
    pub(crate) fn new(allow: Vec<IpNet>) -> Self {
        Self::with(allow, Arc::new(|name| Box::pin(system_look_up(name))))
    }

    pub(crate) fn with(allow: Vec<IpNet>, look_up: Arc<LookUp>) -> Self {
        Self { allow: allow.into(), look_up }
    }

    /// Checks a host that is an address already; names pass, and are checked when they are looked up.
    pub(crate) fn literal(&self, url: &Url) -> Result<(), Refused> {
        let address: IpAddr = match url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        match may_reach(&self.allow, address) {
            true => Ok(()),
            false => Err(Refused { host: address.to_string() }),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (allow, host) = (Arc::clone(&self.allow), name.as_str().to_owned());
        let found = (self.look_up)(host.clone());
        Box::pin(async move {
            let found = found.await?;
            let there_were_some = !found.is_empty();
            let allowed: Vec<_> = found.into_iter().filter(|address| may_reach(&allow, address.ip())).collect();
            if allowed.is_empty() && there_were_some {
                return Err(Refused { host }.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

async fn system_look_up(name: String) -> io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host((name, 0)).await?.collect())
}

fn may_reach(allow: &[IpNet], address: IpAddr) -> bool {
    let plain = plain(address);
    is_public(plain) || allow.iter().any(|network| network.contains(&plain) || network.contains(&address))
}

/// An IPv4 address in IPv6 clothes is that IPv4 address.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => inside(address).map_or(IpAddr::V6(address), IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// The IPv4 address that a mapped, compatible, translated (NAT64) or 6to4 address leads to.
fn inside(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let four = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => four(high, low),
        [0, 0, 0, 0, 0, 0, 0, 0..=1] => None,
        [0, 0, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => four(high, low),
        [0x2002, high, low, ..] => four(high, low),
        [_, _, _, _, _, _, _, _] => None,
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// What IANA's registry of special addresses does not set apart.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        [0 | 10 | 127, ..] | [224..=255, ..] => true,
        [100, 64..=127, ..] | [169, 254, ..] | [172, 16..=31, ..] | [192, 168, ..] | [198, 18 | 19, ..] => true,
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        [_, _, _, _] => false,
    };
    !special
}

/// Global unicast only, without documentation, benchmarking, Teredo and the other tunnels whose end nobody knows.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        [0x2000..=0x3fff, ..] => true,
        [_, _, _, _, _, _, _, _] => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reaches(allow: &[&str], address: &str) -> bool {
        let allow: Vec<IpNet> = allow.iter().map(|network| network.parse().unwrap()).collect();
        may_reach(&allow, address.parse().unwrap())
    }

    #[test]
    fn public_addresses_are_reached() {
        for public in ["113.160.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2405:4800::1", "2606:4700::1111"] {
            assert!(reaches(&[], public), "{public}");
        }
    }

    #[test]
    fn everything_that_is_not_public_is_refused_in_every_disguise() {
        for refused in [
            "127.0.0.1",
            "127.255.0.1",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1",
            "2002:7f00:1::1",
            "2002:0a00:0001::1",
            "::ffff:0:127.0.0.1",
            "2001::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "2001:db8::1",
            "100::1",
        ] {
            assert!(!reaches(&[], refused), "{refused}");
        }
    }

    #[test]
    fn an_allowed_network_is_reached_and_nothing_beside_it() {
        assert!(reaches(&["10.20.0.0/16"], "10.20.3.4") && reaches(&["10.20.0.0/16"], "::ffff:10.20.3.4"));
        assert!(reaches(&["fd12::/16"], "fd12::9"));
        assert!(!reaches(&["10.20.0.0/16"], "10.21.3.4") && !reaches(&["10.20.0.0/16"], "127.0.0.1"));
    }

    #[test]
    fn every_way_of_writing_loopback_in_a_url_is_refused() {
        let guard = Guard::new(Vec::new());
        for host in ["127.0.0.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.1", "[::1]", "[::ffff:7f00:1]", "0"] {
            let url = Url::parse(&format!("http://{host}/")).unwrap();
            assert!(guard.literal(&url).is_err(), "{host}");
        }
    }

    proptest! {
        #[test]
        fn an_ipv4_address_in_ipv6_clothes_is_judged_as_itself(bits: u32) {
            let four = Ipv4Addr::from_bits(bits);
            prop_assert_eq!(may_reach(&[], four.to_ipv6_mapped().into()), may_reach(&[], four.into()));
        }
    }
}
