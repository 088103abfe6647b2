//! XML signatures: ours over HEADER and BODY, and those of slips, of which everything that is sent must be signed. It trusts no key but a certificate's.

mod certificate;
mod cover;
mod reference;
mod sign;
mod verify;

pub(crate) use certificate::authorities;
pub(crate) use sign::Signer;
pub(crate) use verify::{Rules, verify};

use lienthong_formats::xml::XmlError;

#[cfg(test)]
pub(crate) mod tests;

/// Why a document is not believed. The texts say what the document does, and show none of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unverified {
    #[error("is not readable: {0}")]
    Xml(#[from] XmlError),
    #[error("is not signed")]
    Unsigned,
    #[error("{0}")]
    Shape(&'static str),
    #[error("holds an element {0} that its signature does not cover")]
    Uncovered(String),
    #[error("does not verify: it was changed after it was signed, or signed by another key")]
    Signature,
    #[error("{0}")]
    Certificate(&'static str),
    #[error("names no dossier in a signed element {0}")]
    NoDossier(String),
    #[error("names another dossier than it is sent for")]
    OtherDossier,
}
