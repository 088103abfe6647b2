//! A client's certificate as its connection proved it: read once per connection, carried by every request on it. It verifies no chain.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The certificate of the peer, verified by the TLS handshake against the client CA. A request extension; cheap to clone.
#[derive(Debug, Clone)]
pub struct PeerCertificate(Arc<Facts>);

#[derive(Debug)]
struct Facts {
    common_name: Option<String>,
    sha256: [u8; 32],
}

impl PeerCertificate {
    /// Reads the end entity's certificate in DER form.
    pub fn from_der(der: &[u8]) -> Self {
        Self(Arc::new(Facts { common_name: common_name(der), sha256: Sha256::digest(der).into() }))
    }

    /// The subject's common name; `None` where it has none or several, which would be ambiguous.
    pub fn common_name(&self) -> Option<&str> {
        self.0.common_name.as_deref()
    }

    /// SHA-256 of the DER form.
    pub fn sha256(&self) -> [u8; 32] {
        self.0.sha256
    }
}

fn common_name(der: &[u8]) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let mut names = certificate.subject().iter_common_name();
    let name = names.next()?.as_str().ok()?.to_owned();
    names.next().is_none().then_some(name)
}
