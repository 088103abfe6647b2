//! From what a request shows (an API key, a client certificate) to the client it proves, for HTTP and gRPC alike.

use lienthong_core::exchange::AuthenticatedBy;
use lienthong_core::{Fault, FaultCode, FaultKind};
use sha2::{Digest, Sha256};

use super::{ClientDirectory, Identity, PeerCertificate};

/// What a request shows to prove who sent it: header or metadata values as text, and the connection's certificate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// `authorization`: `Bearer <key>`.
    pub authorization: Option<&'a str>,
    /// `x-api-key`: `<key>`.
    pub api_key: Option<&'a str>,
    pub certificate: Option<&'a PeerCertificate>,
}

/// SHA-256 of an API key, as the configuration keeps it.
pub fn hash_key(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// The client these credentials prove. A key that is shown counts alone, so that a wrong key is never forgiven for a good
/// certificate; without a key the certificate counts. Every failure looks the same to the caller.
pub fn authenticate(directory: &ClientDirectory, shown: &Credentials<'_>) -> Result<Identity, Fault> {
    let (entry, by) = match (key_of(shown)?, shown.certificate) {
        (Some(key), _) => (directory.by_key(&hash_key(key)), AuthenticatedBy::ApiKey),
        (None, Some(certificate)) => (directory.by_certificate(certificate), AuthenticatedBy::ClientCertificate),
        (None, None) => return Err(refused("no key and no certificate came with the request")),
    };
    match entry {
        Some(entry) if entry.enabled => Ok(Identity::new(std::sync::Arc::clone(entry), by)),
        Some(entry) => Err(refused(&format!("client {} is disabled", entry.id))),
        None => Err(refused("no client has this key or certificate")),
    }
}

fn key_of<'a>(shown: &Credentials<'a>) -> Result<Option<&'a str>, Fault> {
    let bearer = shown.authorization.map(bearer).transpose()?;
    match (bearer, shown.api_key) {
        (Some(one), Some(other)) if one != other => Err(refused("authorization and x-api-key differ")),
        (Some(key), _) | (None, Some(key)) => Ok(Some(key)),
        (None, None) => Ok(None),
    }
}

fn bearer(authorization: &str) -> Result<&str, Fault> {
    let (scheme, key) = authorization.split_once(' ').unwrap_or((authorization, ""));
    if scheme.eq_ignore_ascii_case("bearer") && !key.trim().is_empty() {
        return Ok(key.trim());
    }
    Err(refused("authorization is not a bearer key"))
}

/// `why` goes to the log only.
fn refused(why: &str) -> Fault {
    Fault::new(FaultKind::Unauthenticated, FaultCode::NoCredentials, why)
}
