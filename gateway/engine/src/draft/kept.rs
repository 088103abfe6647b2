//! What no route takes or nobody can read is kept for a person: a parked delivery in no lane, that holds nothing back. It is never sent.

use lienthong_core::{DeliveryState, ExchangeMeta, Fault, FaultKind, OperationName, RouteName, SystemId, fault};
use lienthong_journal::NewDelivery;

/// The route name of a push that was authenticated and could not be read.
pub(crate) const UNREADABLE: &str = "gateway.unreadable";
/// The route name of a message that was understood and that no route took.
pub(crate) const UNROUTED: &str = "gateway.unrouted";
/// The route name of an element of a list of which no message could be made.
pub(crate) const ROW: &str = "gateway.row";

/// The parked delivery that keeps a message for a person.
pub(crate) fn kept(
    system: &SystemId,
    meta: &ExchangeMeta,
    operation: &OperationName,
    route: &str,
    fault: Fault,
) -> Result<NewDelivery, Fault> {
    let fingerprint = fault::fingerprint(system, operation, &fault);
    Ok(NewDelivery {
        system: system.clone(),
        operation: operation.clone(),
        route: RouteName::new(route).map_err(|error| super::defect(format!("a route name of ours {error}")))?,
        client: meta.client.clone(),
        lane: None,
        state: DeliveryState::Parked,
        body: None,
        fault: Some((fault, fingerprint)),
        attempt: None,
    })
}

/// That no route takes what was pushed or made is a fault of our configuration, mended by changing it.
pub(crate) fn ours(fault: Fault) -> Fault {
    match fault.kind {
        FaultKind::Forbidden => Fault { kind: FaultKind::Mapping, ..fault },
        FaultKind::Unreachable
        | FaultKind::Timeout
        | FaultKind::Interrupted
        | FaultKind::Throttled
        | FaultKind::Unavailable
        | FaultKind::Unauthenticated
        | FaultKind::Rejected
        | FaultKind::Conflict
        | FaultKind::NotFound
        | FaultKind::Unintelligible
        | FaultKind::Mapping
        | FaultKind::Invalid
        | FaultKind::Expired
        | FaultKind::Internal => fault,
    }
}
