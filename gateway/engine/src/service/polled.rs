//! One page of a polled system: every message stored, then the cursor together with the acknowledgement. It asks no system.

use lienthong_core::exchange::{AuthenticatedBy, Source};
use lienthong_core::poller::{Page, PollCursor, Poller};
use lienthong_core::{
    Body, BusinessKey, Class, ClientId, DeliveryState, ExchangeMeta, Fault, OperationName, OrderKey, RouteName,
    Timestamp, delivery::OnParked,
};
use lienthong_journal::{Acceptance, BodyInput, Command, Idempotency, Lane, NewDelivery, Noted};

use super::fault::{defect, of_journal, of_refusal};
use super::{Service, digest};
use crate::config::Configuration;

/// The route name of what tells a system that its page arrived. Its content is its own; no route makes it.
const ACKNOWLEDGEMENT: &str = "gateway.acknowledgement";
/// How long an acknowledgement is recognised, so that a page asked for again after a crash is not acknowledged twice.
const RECOGNISED: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

/// Where a poller stands and when it last succeeded.
#[derive(Debug, Clone, Default)]
pub(crate) struct PollStand {
    pub(crate) cursor: Option<PollCursor>,
    pub(crate) polled_at: Option<Timestamp>,
}

impl Service {
    pub(crate) async fn poll_stand(&self, poller: &dyn Poller) -> Result<PollStand, Fault> {
        let cursor = self.journal.cursor(&cursor_name(poller)).await.map_err(of_journal)?;
        let polled_at = self.journal.cursor(&time_name(poller)).await.map_err(of_journal)?;
        Ok(PollStand { cursor: cursor.map(PollCursor), polled_at: polled_at.and_then(|text| text.parse().ok()) })
    }

    /// Stores what a page holds. A message that cannot be stored leaves the cursor where it is: the page is asked for again, and
    /// what was stored of it is recognised then.
    pub(crate) async fn polled(&self, poller: &dyn Poller, page: Page) -> Result<PollCursor, Fault> {
        let config = self.config.load_full();
        let Page { messages, next, acknowledgement, more: _ } = page;
        for message in messages {
            self.kept_whole(&config, poller.system(), None, message).await?;
        }
        let now = self.clock.now();
        let mut batch = Vec::with_capacity(3);
        if let Some((operation, body)) = acknowledgement {
            batch.push(Command::Accept(Box::new(acknowledging(&config, poller, operation, body, &next, now)?)));
        }
        batch.push(Command::SetCursor { name: cursor_name(poller), value: next.0.clone(), at: now });
        batch.push(Command::SetCursor { name: time_name(poller), value: now.to_string(), at: now });
        for result in self.commit(batch).await? {
            result.map_err(|refusal| of_refusal(&refusal))?;
        }
        Ok(next)
    }
}

fn cursor_name(poller: &dyn Poller) -> String {
    format!("poll/{}/{}", poller.system(), poller.name())
}

fn time_name(poller: &dyn Poller) -> String {
    format!("polled/{}/{}", poller.system(), poller.name())
}

fn acknowledging(
    config: &Configuration,
    poller: &dyn Poller,
    operation: OperationName,
    body: Body,
    next: &PollCursor,
    now: Timestamp,
) -> Result<Acceptance, Fault> {
    let of_ours = |error: lienthong_core::id::IdError| defect(format!("{}: {error}", poller.name()));
    let client = ClientId::new(&format!("system-{}", poller.system())).map_err(of_ours)?;
    let content = digest::of_bytes("acknowledgement", &body.bytes);
    let named = digest::of_bytes("poll", format!("{} {}", cursor_name(poller), next.0).as_bytes());
    let exchange = ExchangeMeta {
        id: Service::new_id(now),
        client: client.clone(),
        authenticated_by: AuthenticatedBy::Gateway,
        source: Source::System(poller.system().clone()),
        operation: operation.clone(),
        key: BusinessKey::new(&cursor_name(poller)).map_err(of_ours)?,
        aliases: Vec::new(),
        purpose: None,
        on_behalf_of: None,
        due_at: None,
        expires_at: None,
        not_before: None,
        class: Class::Live,
        trace: None,
        callback: None,
        link: None,
        descent: None,
        call: false,
        config: config.version.clone(),
        received_at: now,
    };
    let stored = || BodyInput::New { content_type: body.content_type, bytes: body.bytes.clone() };
    let delivery = NewDelivery {
        system: poller.system().clone(),
        operation,
        route: RouteName::new(ACKNOWLEDGEMENT).map_err(of_ours)?,
        client: client.clone(),
        lane: Some(Lane {
            key: OrderKey::new(&cursor_name(poller)).map_err(of_ours)?,
            on_parked: OnParked::Skip,
            supersede: false,
        }),
        state: DeliveryState::Queued,
        body: Some(stored()),
        fault: None,
        attempt: None,
    };
    let idempotency = Idempotency {
        scope: client,
        key: format!("ack-{}", digest::hex(&named)),
        fingerprint: content,
        expires_at: now.saturating_add(RECOGNISED).unwrap_or(now),
    };
    Ok(Acceptance {
        exchange,
        body: stored(),
        idempotency: Some(idempotency),
        deliveries: vec![delivery],
        noted: Noted::default(),
        also: Vec::new(),
    })
}
