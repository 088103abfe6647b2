//! The journal's errors and refusals as faults, one by one. It opens no journal.

use lienthong_core::machine::IllegalMove;
use lienthong_core::{ExchangeId, Fault, FaultCode, StateName};
use lienthong_journal::{JournalError, Refusal};
use uuid::Uuid;

use crate::service::fault::{of_journal, of_move, of_refusal};

#[test]
fn every_journal_error_is_a_fault_of_its_own_code() {
    let said = |error| {
        let fault = of_journal(error);
        (fault.code, fault.retry_after.is_some())
    };
    assert_eq!(said(JournalError::Overloaded), (FaultCode::Overloaded, true));
    assert_eq!(said(JournalError::Closed), (FaultCode::ShuttingDown, true));
    assert_eq!(said(JournalError::Storage("io".into())), (FaultCode::JournalUnavailable, true));
    assert_eq!(said(JournalError::Corrupt("row".into())), (FaultCode::Internal, false));
    assert_eq!(said(JournalError::BadCursor), (FaultCode::BadCursor, false));
}

#[test]
fn every_refusal_is_a_fault_of_its_own_code_and_of_the_codes_kind() {
    let first = ExchangeId(Uuid::from_u128(7));
    let table = [
        (Refusal::IdempotencyConflict(first), FaultCode::IdempotencyConflict),
        (Refusal::AliasTaken { alias: "A".parse().unwrap(), key: "K".parse().unwrap() }, FaultCode::AliasTaken),
        (Refusal::Stale { version: 3, state: StateName::InFlight }, FaultCode::WrongState),
        (Refusal::NoSuchDelivery, FaultCode::NoSuchRecord),
        (Refusal::ChildExists(first), FaultCode::WrongState),
        (Refusal::DiskFull, FaultCode::DiskFull),
    ];
    for (refusal, code) in table {
        let fault: Fault = of_refusal(&refusal);
        assert_eq!((fault.code, fault.kind), (code, code.kind()), "{refusal}");
        assert!(!fault.detail.is_empty());
    }
}

#[test]
fn what_the_machine_forbids_names_the_state() {
    let fault = of_move(&IllegalMove { state: StateName::InFlight, event: "discarded" });
    assert_eq!(fault.code, FaultCode::WrongState);
    assert!(fault.public.en.ends_with("A delivery that is in_flight cannot be discarded."), "{}", fault.public.en);
}
