//! The closed list of public fault codes, each with its kind and public text. Every code has a section in `docs/faults.md`; a test holds that.

use serde::{Deserialize, Serialize};

use super::{FaultKind, PublicText};

mod table;

use table::{Row, TABLE};

/// A stable public code. Clients may switch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FaultCode {
    #[serde(rename = "LT-UNREACHABLE")]
    Unreachable,
    #[serde(rename = "LT-TIMEOUT")]
    Timeout,
    #[serde(rename = "LT-INTERRUPTED")]
    Interrupted,
    #[serde(rename = "LT-OUTCOME-UNKNOWN")]
    OutcomeUnknown,
    #[serde(rename = "LT-THROTTLED")]
    Throttled,
    #[serde(rename = "LT-UNAVAILABLE")]
    Unavailable,
    #[serde(rename = "LT-MAINTENANCE")]
    Maintenance,
    #[serde(rename = "LT-SESSION-REFUSED")]
    SessionRefused,
    #[serde(rename = "LT-FORBIDDEN")]
    Forbidden,
    #[serde(rename = "LT-REJECTED")]
    Rejected,
    #[serde(rename = "LT-CONFLICT")]
    Conflict,
    #[serde(rename = "LT-NOT-FOUND")]
    NotFound,
    #[serde(rename = "LT-UNINTELLIGIBLE")]
    Unintelligible,
    #[serde(rename = "LT-MAPPING")]
    Mapping,
    #[serde(rename = "LT-CODE-UNMAPPED")]
    CodeUnmapped,
    #[serde(rename = "LT-INVALID")]
    Invalid,
    #[serde(rename = "LT-EXPIRED")]
    Expired,
    #[serde(rename = "LT-INTERNAL")]
    Internal,
    #[serde(rename = "LT-BAD-JSON")]
    BadJson,
    #[serde(rename = "LT-UNKNOWN-OPERATION")]
    UnknownOperation,
    #[serde(rename = "LT-BODY-TOO-LARGE")]
    BodyTooLarge,
    #[serde(rename = "LT-DOSSIER-CODE")]
    DossierCode,
    #[serde(rename = "LT-EXPIRY-PAST")]
    ExpiryPast,
    #[serde(rename = "LT-BAD-PARAMETER")]
    BadParameter,
    #[serde(rename = "LT-BAD-CURSOR")]
    BadCursor,
    #[serde(rename = "LT-IDEMPOTENCY-KEY-MISSING")]
    IdempotencyKeyMissing,
    #[serde(rename = "LT-IDEMPOTENCY-CONFLICT")]
    IdempotencyConflict,
    #[serde(rename = "LT-ALIAS-TAKEN")]
    AliasTaken,
    #[serde(rename = "LT-NOT-CALLABLE")]
    NotCallable,
    #[serde(rename = "LT-CALLBACK-UNAVAILABLE")]
    CallbackUnavailable,
    #[serde(rename = "LT-NO-ROUTE")]
    NoRoute,
    #[serde(rename = "LT-NO-CREDENTIALS")]
    NoCredentials,
    #[serde(rename = "LT-NOT-PERMITTED")]
    NotPermitted,
    #[serde(rename = "LT-OVERLOADED")]
    Overloaded,
    #[serde(rename = "LT-QUOTA-EXCEEDED")]
    QuotaExceeded,
    #[serde(rename = "LT-DISK-FULL")]
    DiskFull,
    #[serde(rename = "LT-JOURNAL-UNAVAILABLE")]
    JournalUnavailable,
    #[serde(rename = "LT-SHUTTING-DOWN")]
    ShuttingDown,
    #[serde(rename = "LT-NO-SUCH-RECORD")]
    NoSuchRecord,
    #[serde(rename = "LT-NO-SUCH-PATH")]
    NoSuchPath,
    #[serde(rename = "LT-METHOD-NOT-ALLOWED")]
    MethodNotAllowed,
    #[serde(rename = "LT-WRONG-STATE")]
    WrongState,
    #[serde(rename = "LT-CONFIRMATION-NEEDED")]
    ConfirmationNeeded,
    #[serde(rename = "LT-REASON-MISSING")]
    ReasonMissing,
    #[serde(rename = "LT-CONFIGURATION-REFUSED")]
    ConfigurationRefused,
    #[serde(rename = "LT-MEDIA-TYPE")]
    MediaType,
    #[serde(rename = "LT-SLOW-REQUEST")]
    SlowRequest,
    #[serde(rename = "LT-AWAITED-MISSING")]
    AwaitedMissing,
    #[serde(rename = "LT-STALLED")]
    Stalled,
    #[serde(rename = "LT-FILE-UNREACHABLE")]
    FileUnreachable,
    #[serde(rename = "LT-CERTIFICATE-REFUSED")]
    CertificateRefused,
    #[serde(rename = "LT-CERTIFICATE-EXPIRED")]
    CertificateExpired,
    #[serde(rename = "LT-ADDRESS-REFUSED")]
    AddressRefused,
}

impl FaultCode {
    /// Every code there is.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    fn row(self) -> &'static Row {
        TABLE.get(self as usize).unwrap_or(&TABLE[0])
    }

    /// The code as clients see it: `LT-…`.
    pub fn as_str(self) -> &'static str {
        self.row().1
    }

    /// The kind this code belongs to.
    pub fn kind(self) -> FaultKind {
        self.row().2
    }

    /// The code's own text, safe to show.
    pub fn public(self) -> PublicText {
        let row = self.row();
        PublicText { vi: row.3.to_owned(), en: row.4.to_owned() }
    }
}

impl std::str::FromStr for FaultCode {
    type Err = ();
    fn from_str(value: &str) -> Result<Self, ()> {
        TABLE.iter().find(|row| row.1 == value).map(|row| row.0).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_enum() {
        for (place, row) in TABLE.iter().enumerate() {
            assert_eq!(row.0 as usize, place, "{}", row.1);
            assert_eq!(row.1.parse(), Ok(row.0));
            let json = serde_json::to_string(&row.0).unwrap();
            assert_eq!(json, format!("\"{}\"", row.1));
        }
    }
}
