//! Which HTTP status and gRPC code a caller sees: the kind's, except for refusals at our own door. No wildcard matches here.

use super::{Fault, FaultCode};

impl Fault {
    /// The HTTP status a caller sees.
    pub fn http_status(&self) -> u16 {
        self.code.at_the_door().map_or_else(|| self.kind.http_status(), |(http, _)| http)
    }

    /// The gRPC status code a caller sees.
    pub fn grpc_code(&self) -> i32 {
        self.code.at_the_door().map_or_else(|| self.kind.grpc_code(), |(_, grpc)| grpc)
    }
}

impl FaultCode {
    /// HTTP status and gRPC code of what the caller itself, not a target system, got wrong with us; `None` where the kind decides.
    fn at_the_door(self) -> Option<(u16, i32)> {
        match self {
            Self::NoCredentials => Some((401, 16)),
            Self::NotPermitted | Self::NoRoute => Some((403, 7)),
            Self::MethodNotAllowed => Some((405, 12)),
            Self::SlowRequest => Some((408, 4)),
            Self::IdempotencyConflict => Some((409, 6)),
            Self::BodyTooLarge => Some((413, 3)),
            Self::MediaType => Some((415, 3)),
            Self::Unreachable
            | Self::Timeout
            | Self::Interrupted
            | Self::OutcomeUnknown
            | Self::Throttled
            | Self::Unavailable
            | Self::Maintenance
            | Self::SessionRefused
            | Self::Forbidden
            | Self::Rejected
            | Self::Conflict
            | Self::NotFound
            | Self::Unintelligible
            | Self::Mapping
            | Self::CodeUnmapped
            | Self::Invalid
            | Self::Expired
            | Self::Internal
            | Self::BadJson
            | Self::UnknownOperation
            | Self::DossierCode
            | Self::ExpiryPast
            | Self::BadParameter
            | Self::BadCursor
            | Self::IdempotencyKeyMissing
            | Self::AliasTaken
            | Self::NotCallable
            | Self::CallbackUnavailable
            | Self::Overloaded
            | Self::QuotaExceeded
            | Self::DiskFull
            | Self::JournalUnavailable
            | Self::ShuttingDown
            | Self::NoSuchRecord
            | Self::NoSuchPath
            | Self::WrongState
            | Self::ConfirmationNeeded
            | Self::ReasonMissing
            | Self::ConfigurationRefused
            | Self::AwaitedMissing
            | Self::Stalled
            | Self::FileUnreachable
            | Self::CertificateRefused
            | Self::CertificateExpired
            | Self::AddressRefused => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FaultKind;

    #[test]
    fn our_own_refusals_are_the_callers_not_a_bad_gateway() {
        for code in FaultCode::all() {
            let fault = Fault::new(code.kind(), code, "");
            let ours = code.at_the_door().is_some();
            assert!(!ours || (400..500).contains(&fault.http_status()), "{}", code.as_str());
        }
        let unknown = Fault::new(FaultKind::Unauthenticated, FaultCode::NoCredentials, "");
        assert_eq!((unknown.http_status(), unknown.grpc_code()), (401, 16));
        let target = Fault::of(FaultKind::Unauthenticated, "");
        assert_eq!((target.http_status(), target.grpc_code()), (502, 14));
    }
}
