//! What was kept without a route: pushes nobody could read, messages no route took, elements no message came of. Released, such a one is routed anew as a child exchange. It reads no protocol.

use lienthong_core::exchange::{AuthenticatedBy, Descent, Link};
use lienthong_core::machine::{Event, Next};
use lienthong_core::{Body, ContentType, DeliveryState, ExchangeMeta, Fault, FaultCode, Timestamp};
use lienthong_journal::{Acceptance, BodyInput, DeliveryRecord, EventKind, Transition};

use super::fault::{advising, no_such, of_journal, refused};
use super::operate::{By, moved, next};
use super::{Service, resend};
use crate::config::Configuration;
use crate::draft::{self, Drafted, ROW, UNREADABLE, UNROUTED, stored};
use crate::routing::Child;

/// Whether it was kept by the gateway itself: such a delivery stands in no lane, holds nothing back and is never sent.
pub(super) fn is_kept(delivery: &DeliveryRecord) -> bool {
    delivery.lane.is_none() && matches!(delivery.route.as_str(), UNREADABLE | UNROUTED | ROW)
}

/// Whether nobody could read it: what it says is known to no route.
pub(super) fn is_unreadable(delivery: &DeliveryRecord) -> bool {
    is_kept(delivery) && delivery.route.as_str() == UNREADABLE
}

impl Service {
    /// Routes a kept push with the running configuration: a child exchange takes its place in the same transaction, and the kept
    /// delivery is done. Fails with the routing's own fault while still no route takes it. `instead`: what it should have been.
    pub(super) async fn rerouted(
        &self,
        config: &Configuration,
        by: &By,
        delivery: &DeliveryRecord,
        now: Timestamp,
        instead: Option<&Body>,
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
        let received = instead.cloned().unwrap_or(received);
        let mut exchange = child(config, &head.exchange, delivery, now);
        let (body, received) = match delivery.route.as_str() {
            ROW => {
                let made = self.row_again(config, &head.exchange, &received).await?;
                exchange.key = made.key;
                if let Some(descent) = &mut exchange.descent {
                    descent.recognition = made.recognition;
                }
                (stored(made.body.clone()), made.body)
            }
            _other => match instead {
                Some(amended) => (stored(amended.clone()), received),
                None => (BodyInput::Stored(head.body_id), received),
            },
        };
        let Drafted { deliveries, also, mut noted } = self.route(config, &mut exchange, &received).await?;
        if delivery.route.as_str() != ROW {
            // It said so when it came.
            noted.pace = None;
        }
        let done = Next { state: DeliveryState::Delivered, fault: None, ..released };
        let mut transition = moved(delivery, done, EventKind::Released, by, now);
        transition.spawn.push(Acceptance { exchange, body, idempotency: None, deliveries, noted, also });
        Ok(transition)
    }

    /// Drafts the deliveries of a push; a body that is no JSON is routed by no route.
    pub(super) async fn route(
        &self,
        config: &Configuration,
        meta: &mut ExchangeMeta,
        received: &Body,
    ) -> Result<Drafted, Fault> {
        match received.content_type {
            ContentType::Json => {
                let input = resend::parsed(&received.bytes)?;
                draft::deliveries(&*self.journal, config, meta, received, &input).await
            }
            ContentType::Xml | ContentType::Text | ContentType::Binary => {
                Err(refused(FaultCode::Mapping, "a push that is no JSON cannot be routed"))
            }
        }
    }

    /// The message of an element, made anew by the running configuration from what its parent had sent.
    async fn row_again(&self, config: &Configuration, kept: &ExchangeMeta, item: &Body) -> Result<Child, Fault> {
        let gone = || refused(FaultCode::WrongState, "what it was split from is no longer kept");
        let Some((Link::Child { parent, index: _ }, descent)) = kept.link.as_ref().zip(kept.descent.as_ref()) else {
            return Err(gone());
        };
        let route = config.routes.route(&descent.route);
        let route = route.ok_or_else(|| refused(FaultCode::Mapping, format!("there is no route {}", descent.route)))?;
        let attempts = self.journal.attempts(*parent).await.map_err(of_journal)?;
        let sent = attempts.last().ok_or_else(gone)?;
        let bytes = self.journal.body(sent.sent).await.map_err(of_journal)?.ok_or_else(gone)?;
        let sent = Body { content_type: sent.sent_type, bytes };
        route.row_again(kept, &sent, item, descent.item.unwrap_or_default())
    }
}

fn child(config: &Configuration, parent: &ExchangeMeta, delivery: &DeliveryRecord, now: Timestamp) -> ExchangeMeta {
    ExchangeMeta {
        id: Service::new_id(now),
        authenticated_by: AuthenticatedBy::Gateway,
        link: Some(Link::Child { parent: delivery.id, index: 0 }),
        // It stands for what was kept, whose identity is known already.
        descent: parent.descent.as_ref().map(|descent| Descent { recognition: None, ..descent.clone() }),
        config: config.version.clone(),
        received_at: now,
        ..parent.clone()
    }
}
