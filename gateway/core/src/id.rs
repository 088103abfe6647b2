//! Identifiers as newtypes with fallible constructors; a value that exists is valid. It generates no ids by itself.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{limits, text};

/// Why a text is not a valid identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("is empty")]
    Empty,
    #[error("is longer than {0}")]
    TooLong(usize),
    #[error("may hold only lower-case letters, digits, '-', '_' and '.'")]
    Characters,
    #[error("must read system.verb-noun")]
    NotAnOperation,
    #[error("holds control characters")]
    Control,
    #[error("is not an id of ours")]
    Malformed,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks and wraps; the text is brought to NFC first.
            pub fn new(value: &str) -> Result<Self, IdError> {
                $check(value).map(|valid| Self(Arc::from(valid)))
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(value: &str) -> Result<Self, IdError> {
                Self::new(value)
            }
        }
        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(value: String) -> Result<Self, IdError> {
                Self::new(&value)
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0.to_string()
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id!(
    /// An external system: `portal`, `population`, or one described by configuration; `inbox` is reserved for clients' own inboxes.
    SystemId,
    name
);
text_id!(
    /// A caller with an identity, permissions and quotas.
    ClientId,
    name
);
text_id!(
    /// A routing rule of the configuration.
    RouteName,
    name
);
text_id!(
    /// What is asked: `system.verb-noun`.
    OperationName,
    operation
);
text_id!(
    /// What finds and groups exchanges: the dossier code in most cases. Up to 128 characters, kept as given (NFC).
    BusinessKey,
    key
);
text_id!(
    /// What orders deliveries within one system; by default the business key.
    OrderKey,
    key
);
text_id!(
    /// The version of the running configuration: a digest of its content.
    ConfigVersion,
    name
);

impl SystemId {
    /// The pseudo-system whose deliveries are clients' inbox items.
    pub const INBOX: &'static str = "inbox";

    pub fn is_inbox(&self) -> bool {
        self.as_str() == Self::INBOX
    }
}

impl OperationName {
    /// The part before the dot: the system the operation belongs to.
    pub fn system(&self) -> &str {
        self.as_str().split_once('.').map_or("", |(system, _)| system)
    }
}

impl From<BusinessKey> for OrderKey {
    fn from(key: BusinessKey) -> Self {
        Self(key.0)
    }
}

fn name(value: &str) -> Result<String, IdError> {
    if value.is_empty() {
        return Err(IdError::Empty);
    }
    if value.len() > limits::NAME_BYTES {
        return Err(IdError::TooLong(limits::NAME_BYTES));
    }
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
    if !value.bytes().all(allowed) {
        return Err(IdError::Characters);
    }
    Ok(value.to_owned())
}

fn operation(value: &str) -> Result<String, IdError> {
    let valid = name(value)?;
    match valid.split_once('.') {
        Some((system, verb)) if !system.is_empty() && !verb.is_empty() && !verb.contains('.') => Ok(valid),
        Some(_) | None => Err(IdError::NotAnOperation),
    }
}

fn key(value: &str) -> Result<String, IdError> {
    let valid = text::nfc(value);
    if valid.trim().is_empty() {
        return Err(IdError::Empty);
    }
    if valid.chars().count() > limits::KEY_CHARS {
        return Err(IdError::TooLong(limits::KEY_CHARS));
    }
    if valid.chars().any(char::is_control) {
        return Err(IdError::Control);
    }
    Ok(valid)
}

/// One message accepted: a UUIDv7, so that ids sort by the time of acceptance (they never decide order).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExchangeId(pub Uuid);

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for ExchangeId {
    type Err = IdError;
    fn from_str(value: &str) -> Result<Self, IdError> {
        Uuid::parse_str(value).map(Self).map_err(|_| IdError::Malformed)
    }
}

/// One exchange on its way to one system: the exchange's id and the delivery's place among its deliveries, written `<uuid>.<index>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeliveryId {
    pub exchange: ExchangeId,
    pub index: u16,
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.exchange, self.index)
    }
}

impl FromStr for DeliveryId {
    type Err = IdError;
    fn from_str(value: &str) -> Result<Self, IdError> {
        let (exchange, index) = value.split_once('.').ok_or(IdError::Malformed)?;
        Ok(Self { exchange: exchange.parse()?, index: index.parse().map_err(|_| IdError::Malformed)? })
    }
}

impl TryFrom<String> for DeliveryId {
    type Error = IdError;
    fn try_from(value: String) -> Result<Self, IdError> {
        value.parse()
    }
}

impl From<DeliveryId> for String {
    fn from(value: DeliveryId) -> String {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_names_its_system() {
        let operation = OperationName::new("portal.sync-dossier").unwrap();
        assert_eq!(operation.system(), "portal");
        assert_eq!(OperationName::new("portal"), Err(IdError::NotAnOperation));
        assert_eq!(OperationName::new("Portal.x"), Err(IdError::Characters));
    }

    #[test]
    fn both_forms_of_a_dossier_code_are_keys_and_stay_as_they_are() {
        for code in ["H56.14-250115-0007", "000.00.14.H56-250115-0007"] {
            assert_eq!(BusinessKey::new(code).unwrap().as_str(), code);
        }
    }

    #[test]
    fn a_key_is_brought_to_nfc_and_bounded() {
        let decomposed = "Nguye\u{302}\u{303}n";
        assert_eq!(BusinessKey::new(decomposed).unwrap().as_str(), "Nguyễn");
        assert_eq!(BusinessKey::new(&"x".repeat(129)), Err(IdError::TooLong(128)));
        assert_eq!(BusinessKey::new("a\u{7}b"), Err(IdError::Control));
    }

    #[test]
    fn a_delivery_id_survives_its_own_text() {
        let id = DeliveryId { exchange: ExchangeId(Uuid::from_u128(7)), index: 3 };
        assert_eq!(id.to_string().parse::<DeliveryId>().unwrap(), id);
        assert_eq!("nonsense".parse::<DeliveryId>(), Err(IdError::Malformed));
    }
}
