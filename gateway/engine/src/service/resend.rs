//! Sending a finished exchange again: a new, linked one with the same body, routed anew by the running configuration. The old one stays as it is.

use bytes::Bytes;
use lienthong_core::delivery::ExchangeState;
use lienthong_core::exchange::{Descent, Link, Source};
use lienthong_core::{Body, ContentType, ExchangeId, ExchangeMeta, Fault, FaultCode};
use lienthong_journal::{Acceptance, BodyInput, Command, ExchangeFilter, ExchangeRecord, Idempotency};
use serde_json::Value;

use super::door::{self, Place};
use super::fault::{advising, no_such, of_journal, refused, wrong_field};
use super::model::{Caller, Receipt};
use super::{Service, digest, query, reroute, submit};
use crate::config::{ClientPolicy, Configuration};
use crate::draft::{self, Drafted};

/// Newer exchanges of the key read at once when looking for one that stands.
const NEWER_AT_ONCE: usize = 100;

impl Service {
    /// Sends a delivered (or closed) exchange again as a new, linked one; the reason is mandatory. The new one belongs to the client
    /// of the old, keeps key, aliases, due date and class, and drops `not_before` and an expiry that has passed.
    ///
    /// It counts against the caller's quota. Refused with `LT-WRONG-STATE` while the old one is still moving or parked, for calls, when its body is no longer kept,
    /// and where only the newest state matters and a newer exchange of the key stands: sending the old one would undo it.
    ///
    /// The server has decided that the caller may: its own exchange, or by an operator's permission.
    pub async fn resend(
        &self,
        caller: &Caller,
        id: ExchangeId,
        reason: &str,
        idempotency_key: Option<String>,
    ) -> Result<Receipt, Fault> {
        self.accepting()?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(wrong_field(FaultCode::ReasonMissing, "/reason", "is required"));
        }
        door::note("/reason", Some(reason))?;
        let config = self.config.load_full();
        let policy = config.clients.get(&caller.client).cloned().unwrap_or_default();
        let waived = ClientPolicy { idempotency_key_required: false, ..policy };
        door::idempotency_key(&waived, idempotency_key.as_deref())?;
        self.within_quota(&caller.client, &waived).await?;
        let record = self.record(id).await?.ok_or_else(|| no_such("exchange", id))?;
        self.finished(&config, &record).await?;
        let record = as_amended(record)?;
        let bytes = self.journal.body(record.body).await.map_err(of_journal)?.ok_or_else(|| body_gone(id))?;
        let mut acceptance = self.again(&config, caller, &record, bytes, reason).await?;
        if let Some(key) = idempotency_key {
            let expires_at = submit::kept_until(acceptance.exchange.received_at);
            let fingerprint = digest::of_resend(id, reason);
            acceptance.idempotency = Some(Idempotency { scope: caller.client.clone(), key, fingerprint, expires_at });
        }
        let mut results = self.commit(vec![Command::Accept(acceptance)]).await?;
        self.receipt(results.pop()).await
    }

    async fn finished(&self, config: &Configuration, record: &ExchangeRecord) -> Result<(), Fault> {
        let id = record.meta.id;
        if record.meta.call {
            let detail = format!("exchange {id} was a synchronous call; ask again instead");
            return Err(refused(FaultCode::WrongState, detail));
        }
        if record.deliveries.iter().any(reroute::is_unreadable) {
            let detail = format!("exchange {id} could not be read, so it cannot be routed");
            return Err(refused(FaultCode::WrongState, detail));
        }
        match query::state(record) {
            ExchangeState::Delivered | ExchangeState::Closed => {}
            state @ (ExchangeState::Attention | ExchangeState::InProgress) => {
                return Err(advising(
                    refused(FaultCode::WrongState, format!("exchange {id} is {}", state.as_str())),
                    "Chỉ gửi lại được bản tin đã kết thúc.",
                    "Only a finished exchange can be sent again; a parked delivery is released instead.",
                ));
            }
        }
        let snapshot = |operation| config.catalogue.get(operation).is_some_and(|entry| entry.spec.snapshot);
        if record.deliveries.iter().any(|delivery| snapshot(&delivery.operation)) {
            self.newest(record).await?;
        }
        Ok(())
    }

    /// No newer exchange of the key and operation stands or is on its way.
    async fn newest(&self, record: &ExchangeRecord) -> Result<(), Fault> {
        let filter = ExchangeFilter {
            key: Some(record.meta.key.clone()),
            operation: Some(record.meta.operation.clone()),
            ..ExchangeFilter::default()
        };
        let mut cursor = None;
        loop {
            let page = self.journal.exchanges(filter.clone(), cursor, NEWER_AT_ONCE).await.map_err(of_journal)?;
            for other in &page.rows {
                if other.meta.id == record.meta.id {
                    return Ok(());
                }
                if query::state(other) != ExchangeState::Closed && !is_resend(other, record) {
                    return Err(newer(other.meta.id));
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    async fn again(
        &self,
        config: &Configuration,
        caller: &Caller,
        record: &ExchangeRecord,
        bytes: Bytes,
        reason: &str,
    ) -> Result<Box<Acceptance>, Fault> {
        let received = Body { content_type: record.content_type, bytes };
        let input = input(config, &record.meta, &received)?;
        let now = self.clock.now();
        let old = &record.meta;
        let mut exchange = ExchangeMeta {
            id: Self::new_id(now),
            authenticated_by: caller.authenticated_by,
            expires_at: old.expires_at.filter(|expires_at| *expires_at > now),
            not_before: None,
            // On the way it was on; known already as what it is.
            descent: old.descent.as_ref().map(|descent| Descent { recognition: None, ..descent.clone() }),
            link: Some(Link::Resend { of: old.id, reason: asked_by(caller, old, reason) }),
            config: config.version.clone(),
            received_at: now,
            ..ExchangeMeta::clone(old)
        };
        let Drafted { deliveries, also, noted } =
            draft::deliveries(&*self.journal, config, &mut exchange, &received, &input).await?;
        let body = BodyInput::Stored(record.body);
        Ok(Box::new(Acceptance { exchange, body, idempotency: None, deliveries, noted, also }))
    }
}

/// The old body held against the running configuration; what systems pushed was never asked for, so has no schema of ours to pass.
fn input(config: &Configuration, meta: &ExchangeMeta, received: &Body) -> Result<Value, Fault> {
    match (&meta.source, received.content_type) {
        (Source::Client(_), _) => {
            let entry = door::asked(config, &meta.operation)?;
            // The key may have been an alias when it was given; it was checked then.
            door::content(config, entry, None, &received.bytes, Place::Body)
        }
        (Source::System(_) | Source::Gateway | Source::Answer(_), ContentType::Json) => parsed(&received.bytes),
        (
            Source::System(_) | Source::Gateway | Source::Answer(_),
            ContentType::Xml | ContentType::Text | ContentType::Binary,
        ) => Err(refused(FaultCode::WrongState, format!("exchange {} was kept raw and cannot be routed", meta.id))),
    }
}

/// A stored JSON body.
pub(super) fn parsed(bytes: &[u8]) -> Result<Value, Fault> {
    serde_json::from_slice(bytes).map_err(|error| refused(FaultCode::Mapping, format!("the body is no JSON: {error}")))
}

/// What was amended is sent again as it went out. Where several deliveries went out with different contents there is no such message.
fn as_amended(record: ExchangeRecord) -> Result<ExchangeRecord, Fault> {
    if record.deliveries.iter().all(|delivery| delivery.amended.is_none()) {
        return Ok(record);
    }
    let instead = match record.deliveries.as_slice() {
        [only] => only.instead,
        _several => None,
    };
    let Some(body) = instead else {
        let detail = format!("deliveries of exchange {} were amended each for itself", record.meta.id);
        return Err(advising(
            refused(FaultCode::WrongState, detail),
            "Nội dung đã được sửa riêng cho từng nơi nhận; hãy gửi bản tin mới.",
            "Its deliveries went out with different contents; submit a new message.",
        ));
    };
    Ok(ExchangeRecord { body, ..record })
}

fn newer(id: ExchangeId) -> Fault {
    advising(
        refused(FaultCode::WrongState, format!("exchange {id} of the same key is newer")),
        &format!("Bản tin {id} mới hơn; hãy gửi lại bản tin đó."),
        &format!("Exchange {id} holds a newer state; send that one again."),
    )
}

/// It holds the same state, so it is no newer one.
fn is_resend(other: &ExchangeRecord, of: &ExchangeRecord) -> bool {
    matches!(&other.meta.link, Some(Link::Resend { of: first, reason: _ }) if *first == of.meta.id)
}

/// Who asked is part of why, where it is not the exchange's own client.
fn asked_by(caller: &Caller, old: &ExchangeMeta, reason: &str) -> String {
    match caller.client == old.client {
        true => reason.to_owned(),
        false => format!("{reason} (asked by {})", caller.client),
    }
}

fn body_gone(id: ExchangeId) -> Fault {
    advising(
        refused(FaultCode::WrongState, format!("the body of exchange {id} is no longer kept")),
        "Nội dung đã hết hạn lưu trữ.",
        "Its body is past its retention; submit it anew.",
    )
}
