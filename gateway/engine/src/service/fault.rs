//! What stands behind every refusal of the service functions: journal errors, refusals and illegal moves as faults. No wildcard matches here.

use std::time::Duration;

use lienthong_core::machine::IllegalMove;
use lienthong_core::{Fault, FaultCode, FieldProblem};
use lienthong_journal::{JournalError, Refusal};

/// When a client may try again after the journal's queue was full: a few commits later.
pub(super) const OVERLOAD_RETRY_AFTER: Duration = Duration::from_secs(1);
/// When a client may try again after a refusal for lack of disk.
const DISK_RETRY_AFTER: Duration = Duration::from_secs(30);
/// When a client may try again after a storage failure.
const STORAGE_RETRY_AFTER: Duration = Duration::from_secs(5);
/// When a client may try again while the gateway restarts.
pub(super) const SHUTDOWN_RETRY_AFTER: Duration = Duration::from_secs(5);

/// A refusal of the gateway itself, of the code's own kind.
pub(super) fn refused(code: FaultCode, detail: impl Into<String>) -> Fault {
    Fault::new(code.kind(), code, detail)
}

/// A refusal that names one field (or the whole, by an empty pointer); the problem is also the detail.
pub(super) fn wrong_field(code: FaultCode, pointer: &str, problem: impl Into<String>) -> Fault {
    let problem = problem.into();
    refused(code, format!("{pointer} {problem}").trim_start()).with_problem(FieldProblem::new(pointer, problem))
}

/// Adds what to do to the text everyone may see.
pub(super) fn advising(mut fault: Fault, vi: &str, en: &str) -> Fault {
    for (text, more) in [(&mut fault.public.vi, vi), (&mut fault.public.en, en)] {
        text.push(' ');
        text.push_str(more);
    }
    fault
}

pub(super) fn disk_full() -> Fault {
    refused(FaultCode::DiskFull, "storage is below its first watermark: nothing new is accepted")
        .with_retry_after(DISK_RETRY_AFTER)
}

/// There is no record of this name.
pub(super) fn no_such(what: &str, name: impl std::fmt::Display) -> Fault {
    refused(FaultCode::NoSuchRecord, format!("there is no {what} {name}"))
}

pub(super) fn defect(detail: impl Into<String>) -> Fault {
    refused(FaultCode::Internal, detail)
}

/// A whole batch or a read failed.
pub(super) fn of_journal(error: JournalError) -> Fault {
    let detail = error.to_string();
    match error {
        JournalError::Overloaded => refused(FaultCode::Overloaded, detail).with_retry_after(OVERLOAD_RETRY_AFTER),
        JournalError::Closed => refused(FaultCode::ShuttingDown, detail).with_retry_after(SHUTDOWN_RETRY_AFTER),
        JournalError::Storage(_) => {
            refused(FaultCode::JournalUnavailable, detail).with_retry_after(STORAGE_RETRY_AFTER)
        }
        JournalError::Corrupt(_) => refused(FaultCode::Internal, detail),
        JournalError::BadCursor => refused(FaultCode::BadCursor, detail),
    }
}

/// One command was refused.
pub(super) fn of_refusal(refusal: &Refusal) -> Fault {
    let detail = refusal.to_string();
    match refusal {
        Refusal::IdempotencyConflict(first) => advising(
            refused(FaultCode::IdempotencyConflict, detail),
            &format!("Khóa này đã tạo bản tin {first}."),
            &format!("The key made exchange {first}; use a new key for new content."),
        ),
        Refusal::AliasTaken { alias, key } => refused(FaultCode::AliasTaken, detail)
            .with_problem(FieldProblem::new("/aliases", format!("{alias} already leads to {key}"))),
        Refusal::Stale { version: _, state } => advising(
            refused(FaultCode::WrongState, detail),
            "Bản ghi vừa thay đổi; hãy tải lại.",
            &format!("It moved meanwhile and is {} now; read it again.", state.as_str()),
        ),
        Refusal::MemoChanged { version: _ } => advising(
            refused(FaultCode::WrongState, detail),
            "Người khác vừa thay đổi; hãy tải lại.",
            "Somebody changed it meanwhile; read it again.",
        ),
        Refusal::MemoTooLarge => refused(FaultCode::BodyTooLarge, detail),
        Refusal::NoSuchDelivery => refused(FaultCode::NoSuchRecord, detail),
        Refusal::ChildExists(_) => refused(FaultCode::WrongState, detail),
        Refusal::DiskFull => disk_full(),
    }
}

/// The state machine says no.
pub(super) fn of_move(illegal: &IllegalMove) -> Fault {
    let IllegalMove { state, event } = illegal;
    advising(
        refused(FaultCode::WrongState, illegal.to_string()),
        &format!("Bản ghi đang ở trạng thái {}.", state.as_str()),
        &format!("A delivery that is {} cannot be {event}.", state.as_str()),
    )
}

/// Whether a refusal at the door has to do with the moment and not with the message: the same message may pass later.
pub fn passes_by_itself(fault: &Fault) -> bool {
    match fault.code {
        FaultCode::Overloaded
        | FaultCode::QuotaExceeded
        | FaultCode::DiskFull
        | FaultCode::JournalUnavailable
        | FaultCode::ShuttingDown => true,
        FaultCode::Unreachable
        | FaultCode::Timeout
        | FaultCode::Interrupted
        | FaultCode::OutcomeUnknown
        | FaultCode::Throttled
        | FaultCode::Unavailable
        | FaultCode::Maintenance
        | FaultCode::SessionRefused
        | FaultCode::Forbidden
        | FaultCode::Rejected
        | FaultCode::Conflict
        | FaultCode::NotFound
        | FaultCode::Unintelligible
        | FaultCode::Mapping
        | FaultCode::CodeUnmapped
        | FaultCode::Invalid
        | FaultCode::Expired
        | FaultCode::Internal
        | FaultCode::BadJson
        | FaultCode::BodyTooLarge
        | FaultCode::UnknownOperation
        | FaultCode::DossierCode
        | FaultCode::ExpiryPast
        | FaultCode::BadParameter
        | FaultCode::BadCursor
        | FaultCode::IdempotencyKeyMissing
        | FaultCode::IdempotencyConflict
        | FaultCode::AliasTaken
        | FaultCode::NotCallable
        | FaultCode::CallbackUnavailable
        | FaultCode::NoRoute
        | FaultCode::NoCredentials
        | FaultCode::NotPermitted
        | FaultCode::NoSuchRecord
        | FaultCode::NoSuchPath
        | FaultCode::MethodNotAllowed
        | FaultCode::WrongState
        | FaultCode::ConfirmationNeeded
        | FaultCode::ReasonMissing
        | FaultCode::ConfigurationRefused
        | FaultCode::MediaType
        | FaultCode::SlowRequest
        | FaultCode::AwaitedMissing
        | FaultCode::Stalled
        | FaultCode::FileUnreachable
        | FaultCode::CertificateRefused
        | FaultCode::CertificateExpired
        | FaultCode::AddressRefused => false,
    }
}
