//! How we prove who we are, as configuration: references to secrets. It reads none.

use lienthong_core::secret::SecretRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One of the two proofs seen. A certificate of the connection (`transport.identity`) may come with either.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuthenticationConfig {
    /// WS-Security `UsernameToken` with a password digest.
    Digest(DigestConfig),
    /// XML-DSig over HEADER and BODY, in the message's `SECURITY`.
    Signature(SignatureConfig),
}

/// base64(SHA-1(nonce + created + password)), a nonce of its own for every attempt.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DigestConfig {
    pub username: SecretRef,
    pub password: SecretRef,
    #[serde(default)]
    pub created: Created,
}

/// Which clock `Created` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Created {
    #[default]
    Utc,
    /// Việt Nam's time with a `Z` behind it, as one client writes.
    LocalWithZ,
}

/// RSA-SHA256, exclusive C14N with comments, the XPath transform that takes HEADER and BODY.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignatureConfig {
    /// PEM private key (PKCS#8 or PKCS#1), RSA of 2048 bits or more.
    pub key: SecretRef,
    /// PEM certificate of that key, as the tax authority has it.
    pub certificate: SecretRef,
}
