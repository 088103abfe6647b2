//! The clients as configured, indexed by what proves them. It decides nothing about a request.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use lienthong_core::{ClientId, OperationName, Role};
use subtle::ConstantTimeEq;

use super::PeerCertificate;

/// Which operations a client may ask for: exact names or `system.*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationPattern {
    One(OperationName),
    System(lienthong_core::SystemId),
    Any,
}

impl OperationPattern {
    pub fn matches(&self, operation: &OperationName) -> bool {
        match self {
            Self::One(name) => name == operation,
            Self::System(system) => system.as_str() == operation.system(),
            Self::Any => true,
        }
    }
}

/// What recognises a client's certificate (already verified against the client CA).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CertificateMatch {
    /// The subject's common name.
    CommonName(String),
    /// SHA-256 of the certificate's DER form.
    Sha256([u8; 32]),
}

/// One client as configured.
#[derive(Debug, Clone)]
pub struct ClientEntry {
    pub id: ClientId,
    /// SHA-256 of each API key; keys are random and long, so a fast hash is enough.
    pub key_hashes: Vec<[u8; 32]>,
    pub certificates: Vec<CertificateMatch>,
    pub operations: Vec<OperationPattern>,
    pub roles: BTreeSet<Role>,
    pub enabled: bool,
}

/// The hash of a key, and whose it is.
type Key = ([u8; 32], Arc<ClientEntry>);

/// All clients, indexed by what proves them. A proof that two clients share recognises neither.
#[derive(Debug, Clone, Default)]
pub struct ClientDirectory {
    clients: HashMap<ClientId, Arc<ClientEntry>>,
    /// By the first bytes of the hash; the whole of it is compared in constant time.
    keys: HashMap<[u8; 8], Vec<Key>>,
    certificates: HashMap<CertificateMatch, Arc<ClientEntry>>,
    shared: Vec<(ClientId, ClientId)>,
}

impl ClientDirectory {
    /// Indexes the clients. Configuration refuses what [`ClientDirectory::shared`] then names.
    pub fn new(entries: impl IntoIterator<Item = ClientEntry>) -> Self {
        let mut directory = Self::default();
        let mut proofs: HashMap<CertificateMatch, Vec<Arc<ClientEntry>>> = HashMap::new();
        let mut keys: HashMap<[u8; 32], Vec<Arc<ClientEntry>>> = HashMap::new();
        for entry in entries {
            let entry = Arc::new(entry);
            for hash in entry.key_hashes.iter().collect::<BTreeSet<_>>() {
                keys.entry(*hash).or_default().push(Arc::clone(&entry));
            }
            for proof in entry.certificates.iter().collect::<std::collections::HashSet<_>>() {
                proofs.entry(proof.clone()).or_default().push(Arc::clone(&entry));
            }
            directory.clients.insert(entry.id.clone(), entry);
        }
        for (hash, holders) in keys {
            if let Some(holder) = directory.sole(&holders) {
                directory.keys.entry(head(&hash)).or_default().push((hash, holder));
            }
        }
        for (proof, holders) in proofs {
            if let Some(holder) = directory.sole(&holders) {
                directory.certificates.insert(proof, holder);
            }
        }
        directory
    }

    fn sole(&mut self, holders: &[Arc<ClientEntry>]) -> Option<Arc<ClientEntry>> {
        match holders {
            [one] => Some(Arc::clone(one)),
            [one, other, ..] => {
                self.shared.push((one.id.clone(), other.id.clone()));
                None
            }
            [] => None,
        }
    }

    /// Clients that share a key or a certificate.
    pub fn shared(&self) -> &[(ClientId, ClientId)] {
        &self.shared
    }

    pub fn get(&self, id: &ClientId) -> Option<&Arc<ClientEntry>> {
        self.clients.get(id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<ClientEntry>> {
        self.clients.values()
    }

    /// The client an API key belongs to, enabled or not. `hash` is [`super::hash_key`] of it.
    pub fn by_key(&self, hash: &[u8; 32]) -> Option<&Arc<ClientEntry>> {
        let candidates = self.keys.get(&head(hash))?;
        candidates.iter().find(|(known, _)| bool::from(known.ct_eq(hash))).map(|(_, entry)| entry)
    }

    /// The client a verified certificate belongs to, enabled or not; its hash counts before its name.
    pub fn by_certificate(&self, certificate: &PeerCertificate) -> Option<&Arc<ClientEntry>> {
        if self.certificates.is_empty() {
            return None;
        }
        let by_hash = self.certificates.get(&CertificateMatch::Sha256(certificate.sha256()));
        by_hash.or_else(|| {
            let name = certificate.common_name()?.to_owned();
            self.certificates.get(&CertificateMatch::CommonName(name))
        })
    }
}

fn head(hash: &[u8; 32]) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = *hash;
    [a, b, c, d, e, f, g, h]
}
