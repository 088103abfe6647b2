//! What makes an acceptance one that was accepted before: its idempotency key, or its place among a delivery's follow-ups.

use std::collections::{HashMap, HashSet};

use lienthong_core::exchange::Link;
use lienthong_core::{ClientId, ExchangeId, ExchangeMeta};
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
    let mut places: HashMap<Vec<u8>, ExchangeId> = HashMap::new();
    let mut keys: HashMap<(&ClientId, &str), ExchangeId> = HashMap::new();
    let mut ids: HashSet<ExchangeId> = HashSet::new();
    spawn.iter().find_map(|younger| {
        let id = younger.exchange.id;
        let elder = (!ids.insert(id)).then_some(id);
        let place = child_link(&younger.exchange).and_then(|link| places.insert(link, id));
        let key = younger.idempotency.as_ref().and_then(|key| keys.insert((&key.scope, &key.key), id));
        elder.or(place).or(key).map(Refusal::ChildExists)
    })
}
