//! Who a caller is and what it may do. Keys are known by their hashes only; it reads no request by itself.

mod certificate;
mod credentials;
mod directory;
mod identity;

pub use certificate::PeerCertificate;
pub use credentials::{Credentials, authenticate, hash_key};
pub use directory::{CertificateMatch, ClientDirectory, ClientEntry, OperationPattern};
pub use identity::Identity;
pub(crate) use identity::no_such_record;
pub use lienthong_core::Role;

#[cfg(test)]
mod tests;
