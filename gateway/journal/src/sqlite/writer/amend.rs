//! Content that people put in the place of a delivery's: kept beside what was there, put in force with the move that sends it. Everything that can refuse it is looked at before anything is written.

use rusqlite::params;

use super::moves::stale;
use super::recent::Found;
use super::store::{Store, Verdict, actor_columns};
use crate::command::{Amend, Kept, Step};
use crate::desk::ActRecord;
use crate::error::Refusal;
use crate::record::{Actor, BodyId, Committed};
use crate::sqlite::bodies::Filed;
use crate::sqlite::codes::micros;
use crate::sqlite::fail::Fail;
use crate::sqlite::row::DeliveryRow;
use crate::sqlite::sql::Sql;

/// The number of what a delivery was born with.
const BORN: u32 = 0;

impl Store<'_> {
    pub(super) fn amend(&mut self, amend: &Amend, filed: &Filed) -> Verdict<Committed> {
        let Amend { delivery, version, keep, memo, step } = amend;
        let Some(found) = self.find(*delivery)? else { return Ok(Err(Refusal::NoSuchDelivery)) };
        if let Some(refusal) = self.against(amend, &found)? {
            return Ok(Err(refusal));
        }
        if let Some(kept) = keep {
            self.keep(found.row.seq, kept, filed)?;
        }
        let committed = match step {
            Some(step) => {
                self.put_in_force(&found, step.number)?;
                let committed = self.transition(&step.to, filed)?.map_err(|refusal| broken(&refusal, *version))?;
                self.act_of_amendment(step)?;
                committed
            }
            None => Committed::Done,
        };
        if let Some(change) = memo {
            self.memo(change)?.map_err(|refusal| broken(&refusal, *version))?;
        }
        Ok(Ok(committed))
    }

    /// Why it cannot be, all of it.
    fn against(&mut self, amend: &Amend, found: &Found) -> Result<Option<Refusal>, Fail> {
        let row = &found.row;
        let moved = || Ok::<_, Fail>(Refusal::Stale { version: row.version, state: row.state.name()? });
        if row.version != amend.version {
            return moved().map(Some);
        }
        let last = self.last_amendment(row.seq)?;
        let next = last.saturating_add(1);
        if amend.keep.as_ref().is_some_and(|kept| kept.number != next) {
            return moved().map(Some);
        }
        if let Some(change) = &amend.memo
            && let Err(refusal) = self.before(change)?
        {
            return Ok(Some(refusal));
        }
        let Some(Step { number, to, .. }) = &amend.step else { return Ok(None) };
        let known = if amend.keep.is_some() { next } else { last };
        if to.delivery != amend.delivery || *number == BORN || *number > known {
            return Err(Fail::Misuse(format!("amendment {number} of {} is not there", amend.delivery)));
        }
        if let Some(refusal) = stale(row, to)? {
            return Ok(Some(refusal));
        }
        Ok(self.plan_children(&to.spawn)?.err())
    }

    /// The highest number of a delivery's amendments, 0 where there is none.
    fn last_amendment(&mut self, delivery: i64) -> Result<u32, Fail> {
        let sql = "SELECT ifnull(max(number), 0) FROM amendment WHERE delivery = ?1";
        Ok(self.connection().prepare_cached(sql)?.query_row((delivery,), |row| row.get(0))?)
    }

    fn act_of_amendment(&mut self, step: &Step) -> Result<(), Fail> {
        let Step { number: _, to, before, after } = step;
        self.act(&ActRecord {
            seq: 0,
            at: to.at,
            actor: to.actor.clone(),
            verb: "amended".to_owned(),
            kind: "delivery".to_owned(),
            id: to.delivery.to_string(),
            reason: to.note.clone(),
            before: Some(before.clone()),
            after: Some(after.clone()),
        })
    }

    fn keep(&mut self, delivery: i64, kept: &Kept, filed: &Filed) -> Result<(), Fail> {
        let Kept { number, body, at, actor, reason } = kept;
        let (body, _, _) = self.body(body, filed)?;
        self.add_amendment(delivery, *number, body, (micros(*at), actor, reason.as_deref()))
    }

    fn add_amendment(
        &mut self,
        delivery: i64,
        number: u32,
        body: BodyId,
        (at, actor, reason): (i64, &Actor, Option<&str>),
    ) -> Result<(), Fail> {
        let (kind, name) = actor_columns(actor);
        let sql = "INSERT INTO amendment (delivery, number, body, at, actor_kind, actor, reason) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let row = params![delivery, number, body.0, at, kind, name, reason];
        self.connection().prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    /// From here on the delivery sends this content.
    fn put_in_force(&mut self, found: &Found, number: u32) -> Result<(), Fail> {
        let row = &found.row;
        // Attempts that sent what stood there so far held no reference of their own.
        let sent = "SELECT count(*) FROM attempt WHERE delivery = ?1 AND sent = ?2";
        let sent = self.connection().prepare_cached(sent)?.query_row((row.seq, found.whole.0), |row| row.get(0))?;
        for _ in 0_i64..sent {
            self.sql.get(Sql::BodyShare)?.execute((found.whole.0,))?;
        }
        if let (Some(own), None) = (row.body, row.amended) {
            self.add_amendment(row.seq, BORN, BodyId(own), (row.received_at, &Actor::Gateway, None))?;
        }
        self.connection().prepare_cached(place(row))?.execute((row.seq, number))?;
        self.recent.forget(row.seq);
        Ok(())
    }
}

/// What is its own is replaced as such; what everybody got stays, and is passed over for this delivery alone.
fn place(row: &DeliveryRow) -> &'static str {
    match row.body {
        Some(_) => {
            "UPDATE delivery SET amended = ?2, \
             body = (SELECT body FROM amendment WHERE delivery = ?1 AND number = ?2) WHERE seq = ?1"
        }
        None => {
            "UPDATE delivery SET amended = ?2, \
             instead = (SELECT body FROM amendment WHERE delivery = ?1 AND number = ?2) WHERE seq = ?1"
        }
    }
}

/// What nothing stood against was refused: a defect of this file.
fn broken(refusal: &Refusal, version: u32) -> Fail {
    Fail::Misuse(format!("an amendment seen at version {version} was half refused: {refusal}"))
}
