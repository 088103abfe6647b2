//! Copies and versions of messages that come by several ways: what an identity is known by already. It judges no content itself.

use lienthong_core::exchange::{Link, Recognition};
use lienthong_core::{ExchangeId, ExchangeMeta};
use rusqlite::params;

use super::keys::ResolvedKey;
use super::store::Store;
use crate::command::Acceptance;
use crate::record::EventKind;
use crate::sqlite::codes::micros;
use crate::sqlite::fail::Fail;
use crate::sqlite::row::{exchange_id, id_bytes, text};
use crate::sqlite::sql::Sql;

/// What an exchange's recognition says of it.
pub(super) enum Recalled {
    /// It has none.
    Unnamed,
    /// This exchange has the same identity and content.
    Copy(ExchangeId),
    /// New content: the version it becomes, from 1.
    Version(u32),
}

impl Store<'_> {
    /// Looks among what its identity is known by and has not expired, the newest first.
    pub(super) fn recall(&mut self, meta: &ExchangeMeta) -> Result<Recalled, Fail> {
        let Some(recognition) = recognition(meta) else { return Ok(Recalled::Unnamed) };
        let now = micros(meta.received_at);
        let statement = self.sql.get(Sql::RecognisedFind)?;
        let mut rows = statement.query((&recognition.identity,))?;
        let mut newest = 0;
        while let Some(row) = rows.next()? {
            let version: u32 = row.get(0)?;
            newest = newest.max(version);
            let is_known = row.get::<_, i64>(3)? > now;
            if is_known && (recognition.content.is_empty() || text(row, 1)? == recognition.content) {
                return Ok(Recalled::Copy(exchange_id(row, 2)?));
            }
        }
        Ok(Recalled::Version(newest.saturating_add(1)))
    }

    /// Keeps what the exchange is recognised by from now on, and tells the exchange its version.
    pub(super) fn remember(&mut self, meta: &mut ExchangeMeta, version: Option<u32>) -> Result<(), Fail> {
        let Some(version) = version else { return Ok(()) };
        let id = meta.id;
        let Some(descent) = &mut meta.descent else { return Ok(()) };
        descent.version = Some(version);
        if let Some(Recognition { identity, content, until }) = &descent.recognition {
            let row = params![identity, version, content, id_bytes(&id), micros(*until)];
            self.sql.get(Sql::RecognisedAdd)?.execute(row)?;
        }
        Ok(())
    }

    /// Tells that a copy of `first` came.
    pub(super) fn copied(&mut self, copy: &Acceptance, first: ExchangeId, key: &ResolvedKey) -> Result<(), Fail> {
        let meta = &copy.exchange;
        let route = meta.descent.as_ref().map_or("", |descent| descent.route.as_str());
        let way = match &meta.link {
            Some(Link::Child { parent, index }) => format!("a copy came by route {route}, of {parent} ({index})"),
            Some(Link::Resend { .. }) | None => format!("a copy came by route {route}"),
        };
        let client = self.shared.names.client(self.connection(), &meta.client)?;
        let operation = self.shared.names.operation(self.connection(), &meta.operation)?;
        let about = ExchangeMeta { id: first, key: key.key.clone(), ..meta.clone() };
        self.of_exchange(&about, (client, operation), EventKind::Recognised, Some(way));
        Ok(())
    }
}

fn recognition(meta: &ExchangeMeta) -> Option<&Recognition> {
    meta.descent.as_ref()?.recognition.as_ref()
}
