//! A certificate as people read it: whose it is, who signed it, until when. It verifies nothing.

use lienthong_core::{SignedDuration, Timestamp};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Names shown of one certificate.
const NAMES: usize = 10;

pub(crate) struct Certificate {
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) until: Timestamp,
    pub(crate) names: Vec<String>,
}

impl Certificate {
    /// `None`: no certificate in DER form.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let until = Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()?;
        Some(Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            until,
            names: names(&certificate),
        })
    }

    /// Whole days from `now`; negative when it has ended.
    pub(crate) fn days_left(&self, now: Timestamp) -> i64 {
        const DAY: i64 = 24 * 3600;
        let left: SignedDuration = self.until.duration_since(now);
        left.as_secs().div_euclid(DAY)
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => Some(address(bytes)),
        // Whatever else a name may be, no host is found by it.
        _another => None,
    };
    extension.value.general_names.iter().filter_map(name).take(NAMES).collect()
}

fn address(bytes: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return std::net::Ipv4Addr::from(four).to_string();
    }
    <[u8; 16]>::try_from(bytes).map_or_else(|_| "?".to_owned(), |all| std::net::Ipv6Addr::from(all).to_string())
}
