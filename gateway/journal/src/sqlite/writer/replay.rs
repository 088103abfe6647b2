//! What makes an acceptance one that was accepted before: its idempotency key, or its place among a delivery's follow-ups.

use lienthong_core::exchange::Link;
use lienthong_core::{ExchangeId, ExchangeMeta};
use rusqlite::OptionalExtension;

use super::store::{Store, Verdict};
use crate::command::{Acceptance, Idempotency};
use crate::error::Refusal;
use crate::sqlite::fail::Fail;
use crate::sqlite::row::exchange_id;
use crate::sqlite::sql::Sql;

/// What an idempotency key says of an acceptance.
pub(super) enum Recognised {
    New,
    Expired,
    As(ExchangeId),
}

impl Store<'_> {
    pub(super) fn recognise(&mut self, idempotency: &Idempotency, now: i64) -> Verdict<Recognised> {
        let Some(scope) = self.shared.names.known().clients.id(&idempotency.scope) else {
            return Ok(Ok(Recognised::New));
        };
        let statement = self.sql.get(Sql::IdempotencyFind)?;
        let found = statement
            .query_row((scope, &idempotency.key), |row| {
                Ok((row.get::<_, [u8; 32]>(0)?, exchange_id(row, 1)?, row.get::<_, i64>(2)?))
            })
            .optional()?;
        Ok(match found {
            Some((fingerprint, exchange, expires_at)) if expires_at > now => {
                if fingerprint == idempotency.fingerprint {
                    Ok(Recognised::As(exchange))
                } else {
                    Err(Refusal::IdempotencyConflict(exchange))
                }
            }
            Some(_) => Ok(Recognised::Expired),
            None => Ok(Recognised::New),
        })
    }

    /// The exchange that has this place already.
    pub(super) fn child(&mut self, link: &[u8]) -> Result<Option<ExchangeId>, Fail> {
        Ok(self.sql.get(Sql::ChildFind)?.query_row((link,), |row| exchange_id(row, 0)).optional()?)
    }
}

/// What is unique about a follow-up: its parent delivery and its place.
pub(super) fn child_link(meta: &ExchangeMeta) -> Option<Vec<u8>> {
    match &meta.link {
        Some(Link::Child { parent, index }) => {
            let mut link = parent.exchange.0.as_bytes().to_vec();
            link.extend(parent.index.to_be_bytes());
            link.extend(index.to_be_bytes());
            Some(link)
        }
        Some(Link::Resend { .. }) | None => None,
    }
}

/// Two follow-ups of one outcome that claim the same place, id or idempotency key.
pub(super) fn twins(spawn: &[Acceptance]) -> Option<Refusal> {
    spawn.iter().enumerate().find_map(|(place, younger)| {
        spawn.iter().take(place).find_map(|elder| {
            let same_place =
                child_link(&younger.exchange).is_some_and(|link| child_link(&elder.exchange) == Some(link));
            let same_key = match (&younger.idempotency, &elder.idempotency) {
                (Some(one), Some(other)) => one.scope == other.scope && one.key == other.key,
                (None, _) | (_, None) => false,
            };
            let same = same_place || same_key || younger.exchange.id == elder.exchange.id;
            same.then_some(Refusal::ChildExists(elder.exchange.id))
        })
    })
}
