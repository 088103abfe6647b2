//! Operators' memos, guarded by their versions, and the record of acts. It reads nobody's content.

use rusqlite::{OptionalExtension, params};

use super::store::{Store, Verdict, actor_columns};
use crate::command::Transition;
use crate::desk::{ActRecord, MEMO_BYTES, MemoChange};
use crate::error::Refusal;
use crate::record::{Actor, Committed, EventKind};
use crate::sqlite::codes::micros;
use crate::sqlite::fail::Fail;
use crate::sqlite::sql::Sql;

impl Store<'_> {
    pub(super) fn memo(&mut self, change: &MemoChange) -> Verdict<Committed> {
        let before = match self.before(change)? {
            Ok(before) => before,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let MemoChange { name, version, text, at, actor, verb, reason, remember } = change;
        let place = (name.kind, &name.id);
        match text {
            Some(text) => {
                let row = params![name.kind, name.id, version.saturating_add(1), text, micros(*at)];
                self.sql.get(Sql::MemoPut)?.execute(row)?;
            }
            None => {
                self.sql.get(Sql::MemoDrop)?.execute(place)?;
            }
        }
        if *remember {
            self.act(&ActRecord {
                seq: 0,
                at: *at,
                actor: actor.clone(),
                verb: verb.clone(),
                kind: name.kind.to_owned(),
                id: name.id.clone(),
                reason: reason.clone(),
                before,
                after: text.clone(),
            })?;
        }
        let told = format!("{}/{}: {verb}", name.kind, name.id);
        self.note(*at, EventKind::MemoChanged, None, actor.clone(), Some(told))
    }

    /// The text a memo's change meets, or why it cannot be made.
    pub(super) fn before(&mut self, change: &MemoChange) -> Verdict<Option<String>> {
        if change.text.as_ref().is_some_and(|text| text.len() > MEMO_BYTES) {
            return Ok(Err(Refusal::MemoTooLarge));
        }
        let find = self.sql.get(Sql::MemoFind)?;
        let place = (change.name.kind, &change.name.id);
        let found: Option<(u32, String)> = find.query_row(place, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (version, before) = found.map_or((0, None), |(version, text)| (version, Some(text)));
        match version == change.version {
            true => Ok(Ok(before)),
            false => Ok(Err(Refusal::MemoChanged { version })),
        }
    }

    /// Remembers an act; its number is given here.
    pub(super) fn act(&mut self, act: &ActRecord) -> Result<(), Fail> {
        let ActRecord { seq: _, at, actor, verb, kind, id, reason, before, after } = act;
        let (actor_kind, name) = actor_columns(actor);
        let row = params![micros(*at), actor_kind, name, verb, kind, id, reason, before, after];
        self.sql.get(Sql::ActAdd)?.execute(row)?;
        Ok(())
    }

    /// What a person did to a delivery; what the gateway did by itself is an event and no act.
    pub(super) fn act_of_move(&mut self, to: &Transition, before: &str) -> Result<(), Fail> {
        match &to.actor {
            Actor::Operator(_) => {}
            Actor::Gateway | Actor::Client(_) => return Ok(()),
        }
        let verb = match to.event {
            EventKind::Released => "released",
            EventKind::Discarded => "discarded",
            // It tells more, and does so itself.
            EventKind::Amended => return Ok(()),
            EventKind::Accepted
            | EventKind::Admitted
            | EventKind::Delivered
            | EventKind::Waiting
            | EventKind::Verifying
            | EventKind::Parked
            | EventKind::Cancelled
            | EventKind::Superseded
            | EventKind::InboxLeased
            | EventKind::GateChanged
            | EventKind::SystemSet
            | EventKind::ConfigurationLoaded
            | EventKind::Recognised
            | EventKind::MemoChanged => to.state.name().as_str(),
        };
        self.act(&ActRecord {
            seq: 0,
            at: to.at,
            actor: to.actor.clone(),
            verb: verb.to_owned(),
            kind: "delivery".to_owned(),
            id: to.delivery.to_string(),
            reason: to.note.clone(),
            before: Some(before.to_owned()),
            after: Some(to.state.name().as_str().to_owned()),
        })
    }
}
