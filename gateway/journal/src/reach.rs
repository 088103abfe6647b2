//! Whom an error group concerns: plain data.

use lienthong_core::{BusinessKey, ClientId, OperationName};

use crate::record::Promise;

/// Whom the parked members of an error group concern.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupReach {
    /// Distinct business keys.
    pub keys: u64,
    /// Parked deliveries by client.
    pub clients: Vec<(ClientId, u64)>,
    /// The dates promised, earliest first, of those that have one.
    pub due: Vec<Promise>,
    /// Whether there are more members than were looked at.
    pub truncated: bool,
}

/// A business key that an error group concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffectedKey {
    pub key: BusinessKey,
    /// Of the exchanges: it tells whether the key is personal.
    pub operation: OperationName,
    /// Parked deliveries.
    pub parked: u64,
}
