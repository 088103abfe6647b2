//! What was kept without a route: pushes nobody could read, or that no route took. Released, such a one is routed anew as a child exchange. It reads no protocol.

use lienthong_core::exchange::{AuthenticatedBy, Link};
use lienthong_core::machine::{Event, Next};
use lienthong_core::{
    Body, ContentType, DeliveryState, ExchangeMeta, Fault, FaultCode, OperationName, RouteName, SystemId, Timestamp,
    fault,
};
use lienthong_journal::{Acceptance, BodyInput, DeliveryRecord, EventKind, NewDelivery, Transition};

use super::fault::{advising, defect, no_such, of_journal, refused};
use super::operate::{By, moved, next};
use super::{Service, draft, resend};
use crate::config::Configuration;

/// The route name of a push that was authenticated and could not be read.
pub(super) const UNREADABLE: &str = "gateway.unreadable";
/// The route name of a push that was understood and that no route took.
pub(super) const UNROUTED: &str = "gateway.unrouted";

/// Whether it was kept by the gateway itself: such a delivery stands in no lane, holds nothing back and is never sent.
pub(super) fn is_kept(delivery: &DeliveryRecord) -> bool {
    delivery.lane.is_none() && matches!(delivery.route.as_str(), UNREADABLE | UNROUTED)
}

/// Whether nobody could read it: what it says is known to no route.
pub(super) fn is_unreadable(delivery: &DeliveryRecord) -> bool {
    is_kept(delivery) && delivery.route.as_str() == UNREADABLE
}

/// The parked delivery that keeps a push for a person.
pub(super) fn kept(
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
        route: RouteName::new(route).map_err(|error| defect(format!("a route name of ours {error}")))?,
        client: meta.client.clone(),
        lane: None,
        state: DeliveryState::Parked,
        body: None,
        fault: Some((fault, fingerprint)),
        attempt: None,
    })
}

impl Service {
    /// Routes a kept push with the running configuration: a child exchange takes its place in the same transaction, and the kept
    /// delivery is done. Fails with the routing's own fault while still no route takes it.
    pub(super) async fn rerouted(
        &self,
        config: &Configuration,
        by: &By,
        delivery: &DeliveryRecord,
        now: Timestamp,
    ) -> Result<Box<Transition>, Fault> {
        // Refuses what is not parked any more.
        let released = next(config, delivery, &Event::Released, now)?;
        if is_unreadable(delivery) {
            return Err(advising(
                refused(FaultCode::WrongState, format!("{} could not be read, so it cannot be routed", delivery.id)),
                "Bản tin không đọc được; hãy xử lý thủ công rồi loại bỏ kèm lý do.",
                "It could not be read; settle it by hand with the sender, then discard it with a reason.",
            ));
        }
        let head = self.journal.delivery(delivery.id).await.map_err(of_journal)?;
        let head = head.ok_or_else(|| no_such("delivery", delivery.id))?;
        let bytes = self.journal.body(head.body_id).await.map_err(of_journal)?;
        let bytes = bytes.ok_or_else(|| refused(FaultCode::WrongState, "its body is no longer kept"))?;
        let received = Body { content_type: head.content_type, bytes };
        let mut exchange = child(config, &head.exchange, delivery, now);
        let deliveries = route(config, &mut exchange, &received)?;
        let body = BodyInput::Stored(head.body_id);
        let done = Next { state: DeliveryState::Delivered, fault: None, ..released };
        let mut transition = moved(delivery, done, EventKind::Released, by, now);
        transition.spawn.push(Acceptance { exchange, body, idempotency: None, deliveries });
        Ok(transition)
    }
}

/// Drafts the deliveries of a push; a body that is no JSON is routed by no route.
pub(super) fn route(
    config: &Configuration,
    meta: &mut ExchangeMeta,
    received: &Body,
) -> Result<Vec<NewDelivery>, Fault> {
    match received.content_type {
        ContentType::Json => draft::deliveries(config, meta, received, &resend::parsed(&received.bytes)?),
        ContentType::Xml | ContentType::Text | ContentType::Binary => {
            Err(refused(FaultCode::Mapping, "a push that is no JSON cannot be routed"))
        }
    }
}

fn child(config: &Configuration, parent: &ExchangeMeta, delivery: &DeliveryRecord, now: Timestamp) -> ExchangeMeta {
    ExchangeMeta {
        id: Service::new_id(now),
        authenticated_by: AuthenticatedBy::Gateway,
        link: Some(Link::Child { parent: delivery.id, index: 0 }),
        config: config.version.clone(),
        received_at: now,
        ..parent.clone()
    }
}
