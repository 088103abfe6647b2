//! The closed list of fault kinds and the one table of what each means. No wildcard matches here.

use serde::{Deserialize, Serialize};

use super::FaultCode;

/// Why an attempt failed. Design: only an explicit answer is success or failure, everything else is *outcome unknown*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// DNS, connect or TLS failed; nothing was sent.
    Unreachable,
    /// Sent, and no answer within the time.
    Timeout,
    /// The connection or the process was lost after sending began.
    Interrupted,
    /// The target asks us to slow down.
    Throttled,
    /// An explicit refusal known to come before processing.
    Unavailable,
    /// Session, token or certificate not accepted.
    Unauthenticated,
    /// The target refuses us.
    Forbidden,
    /// The target refuses the data.
    Rejected,
    /// Stale, or an illegal transition.
    Conflict,
    /// The target does not know what we name.
    NotFound,
    /// An answer we cannot read, any other 5xx.
    Unintelligible,
    /// Our transform, route or a code table failed.
    Mapping,
    /// The message breaks the operation's schema.
    Invalid,
    /// `expires_at` passed before sending.
    Expired,
    /// Our defect.
    Internal,
}

/// What happens next after a fault of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The system's gate closes or slows; the delivery waits and spends nothing.
    Gate,
    /// Nobody knows whether it happened: decided by the operation's effect.
    OutcomeUnknown,
    /// Once more after a new login, then the gate.
    AfterLogin,
    /// Parked until the configuration changes.
    OnConfigurationChange,
    /// Parked until a person acts.
    Never,
    /// Before sending: waits and tries again, spending the budget.
    Backoff,
}

/// Where the cause lies, hence who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Source,
    Gateway,
    Network,
    Target,
}

impl FaultKind {
    pub const ALL: [Self; 15] = [
        Self::Unreachable,
        Self::Timeout,
        Self::Interrupted,
        Self::Throttled,
        Self::Unavailable,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::Rejected,
        Self::Conflict,
        Self::NotFound,
        Self::Unintelligible,
        Self::Mapping,
        Self::Invalid,
        Self::Expired,
        Self::Internal,
    ];

    pub fn retry(self) -> Retry {
        match self {
            Self::Unreachable | Self::Throttled | Self::Unavailable => Retry::Gate,
            Self::Timeout | Self::Interrupted | Self::Unintelligible => Retry::OutcomeUnknown,
            Self::Unauthenticated => Retry::AfterLogin,
            Self::Forbidden | Self::Mapping => Retry::OnConfigurationChange,
            Self::Rejected | Self::Conflict | Self::NotFound | Self::Invalid | Self::Expired => Retry::Never,
            Self::Internal => Retry::Backoff,
        }
    }

    pub fn origin(self) -> Origin {
        match self {
            Self::Unreachable | Self::Interrupted => Origin::Network,
            Self::Timeout | Self::Throttled | Self::Unavailable | Self::Unintelligible => Origin::Target,
            Self::Unauthenticated | Self::Forbidden | Self::Mapping | Self::Internal => Origin::Gateway,
            Self::Rejected | Self::Conflict | Self::NotFound | Self::Invalid | Self::Expired => Origin::Source,
        }
    }

    /// The HTTP status a synchronous caller sees.
    pub fn http_status(self) -> u16 {
        match self {
            Self::Unreachable | Self::Unavailable => 503,
            Self::Timeout | Self::Expired => 504,
            Self::Interrupted | Self::Unauthenticated | Self::Forbidden | Self::Unintelligible => 502,
            Self::Throttled => 429,
            Self::Rejected => 422,
            Self::Conflict => 409,
            Self::NotFound => 404,
            Self::Mapping | Self::Internal => 500,
            Self::Invalid => 400,
        }
    }

    /// The gRPC status code, as numbered by the gRPC specification.
    pub fn grpc_code(self) -> i32 {
        match self {
            Self::Unintelligible => 2,
            Self::Rejected | Self::Invalid => 3,
            Self::Timeout | Self::Expired => 4,
            Self::NotFound => 5,
            Self::Throttled => 8,
            Self::Forbidden => 9,
            Self::Conflict => 10,
            Self::Mapping | Self::Internal => 13,
            Self::Unreachable | Self::Interrupted | Self::Unavailable | Self::Unauthenticated => 14,
        }
    }

    /// The code of a fault about which nothing more particular is known.
    pub fn code(self) -> FaultCode {
        match self {
            Self::Unreachable => FaultCode::Unreachable,
            Self::Timeout => FaultCode::Timeout,
            Self::Interrupted => FaultCode::Interrupted,
            Self::Throttled => FaultCode::Throttled,
            Self::Unavailable => FaultCode::Unavailable,
            Self::Unauthenticated => FaultCode::SessionRefused,
            Self::Forbidden => FaultCode::Forbidden,
            Self::Rejected => FaultCode::Rejected,
            Self::Conflict => FaultCode::Conflict,
            Self::NotFound => FaultCode::NotFound,
            Self::Unintelligible => FaultCode::Unintelligible,
            Self::Mapping => FaultCode::Mapping,
            Self::Invalid => FaultCode::Invalid,
            Self::Expired => FaultCode::Expired,
            Self::Internal => FaultCode::Internal,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::Rejected => "rejected",
            Self::Conflict => "conflict",
            Self::NotFound => "not_found",
            Self::Unintelligible => "unintelligible",
            Self::Mapping => "mapping",
            Self::Invalid => "invalid",
            Self::Expired => "expired",
            Self::Internal => "internal",
        }
    }
}
