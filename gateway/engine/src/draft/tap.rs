//! Copies for tap routes: exchanges of their own that are born with the original and never concern it. A copy that cannot be drafted is kept for a person.

use std::sync::Arc;

use lienthong_core::exchange::{AuthenticatedBy, Descent, Link, Stage};
use lienthong_core::{DeliveryId, ExchangeMeta, Fault, OrderKey};
use lienthong_journal::{Acceptance, NewDelivery, Noted};

use super::{Source, UNROUTED, kept, lane_of, new_id, ours, stored, system};
use crate::internal;
use crate::routing::{PlannedDelivery, PlannedTap, Route};

impl Source<'_> {
    /// The copy of the message that one tap route takes; `place` counts the copies of one original.
    pub(super) fn tapped(&self, tap: PlannedTap, place: u16) -> Result<Acceptance, Fault> {
        let PlannedTap { route, order_key } = tap;
        let exchange = self.copy(&route, place);
        let deliveries = match order_key.and_then(|order_key| self.copied(&exchange, &route, order_key)) {
            Ok(deliveries) => deliveries,
            Err(fault) => {
                let gateway = system(self.config, internal::SYSTEM)?;
                vec![kept(&gateway, &exchange, &exchange.operation, UNROUTED, ours(fault))?]
            }
        };
        let body = stored(self.received.clone());
        Ok(Acceptance { exchange, body, idempotency: None, deliveries, noted: Noted::default(), also: Vec::new() })
    }

    fn copied(&self, copy: &ExchangeMeta, route: &Arc<Route>, order_key: OrderKey) -> Result<Vec<NewDelivery>, Fault> {
        let source = Source { meta: copy, from: Stage::Await, ..*self };
        let mut drafts = Vec::new();
        let order_key = lane_of(route, &order_key)?;
        source.draft(PlannedDelivery { route: Arc::clone(route), order_key }, &mut drafts)?;
        Ok(drafts)
    }

    fn copy(&self, route: &Route, place: u16) -> ExchangeMeta {
        let parent = DeliveryId { exchange: self.meta.id, index: 0 };
        let depth = self.meta.descent.as_ref().map_or(0, |descent| descent.depth);
        let version = self.meta.descent.as_ref().and_then(|descent| descent.version);
        ExchangeMeta {
            id: new_id(self.meta.received_at),
            authenticated_by: AuthenticatedBy::Gateway,
            // They belong to the original.
            aliases: Vec::new(),
            class: route.spec.class.unwrap_or(self.meta.class),
            link: Some(Link::Child { parent, index: Link::TAPS.saturating_add(place) }),
            descent: Some(Descent {
                depth: depth.saturating_add(1),
                route: route.spec.name.clone(),
                item: None,
                stage: Some(Stage::Await),
                recognition: None,
                version,
            }),
            ..self.meta.clone()
        }
    }
}
