//! Retention in small steps, between groups: bodies, then whole exchanges, events, idempotency keys. It removes nothing that is open.

use std::time::Duration;

use lienthong_core::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::moves::is_over;
use super::store::Store;
use crate::record::{BodyId, Retention, RetentionStep};
use crate::sqlite::bodies::FileHash;
use crate::sqlite::codes::micros;
use crate::sqlite::fail::Fail;
use crate::sqlite::row::delivery_seq;

/// Where a round of retention stands. A round lost with the process begins anew.
#[derive(Debug, Default)]
pub(in crate::sqlite) struct Round {
    phase: Phase,
    /// The last exchange looked at again in this round.
    later: i64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    #[default]
    Bodies,
    BodiesLater,
    Exchanges,
    ExchangesLater,
    Events,
    Keys,
}

/// Which of an exchange goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Bodies,
    All,
}

impl What {
    fn code(self) -> i64 {
        match self {
            Self::Bodies => 1,
            Self::All => 2,
        }
    }

    fn cursor(self) -> &'static str {
        match self {
            Self::Bodies => "retained_bodies",
            Self::All => "retained_exchanges",
        }
    }
}

/// What a step removed, and the files that may be nobody's now.
#[derive(Debug, Default)]
pub(in crate::sqlite) struct Removed {
    pub(in crate::sqlite) step: RetentionStep,
    pub(in crate::sqlite) files: Vec<FileHash>,
}

impl Store<'_> {
    /// One step inside the open transaction.
    pub(in crate::sqlite) fn retain(
        &mut self,
        round: &mut Round,
        keep: &Retention,
        now: Timestamp,
    ) -> Result<Removed, Fail> {
        self.keep_counters()?;
        let mut removed = Removed::default();
        let mut budget = keep.step_rows.max(1);
        while budget > 0 {
            let (used, over) = match round.phase {
                Phase::Bodies => self.sweep(What::Bodies, before(now, keep.bodies), budget, &mut removed)?,
                Phase::BodiesLater => {
                    self.sweep_later(What::Bodies, before(now, keep.bodies), budget, round, &mut removed)?
                }
                Phase::Exchanges => self.sweep(What::All, before(now, keep.exchanges), budget, &mut removed)?,
                Phase::ExchangesLater => {
                    self.sweep_later(What::All, before(now, keep.exchanges), budget, round, &mut removed)?
                }
                Phase::Events => self.sweep_events(before(now, keep.events), budget, &mut removed)?,
                Phase::Keys => {
                    self.sweep_groups(before(now, keep.exchanges), budget)?;
                    self.sweep_segments()?;
                    self.sweep_keys(micros(now), budget, &mut removed)?
                }
            };
            budget = budget.saturating_sub(used);
            if !over {
                break;
            }
            round.later = 0;
            round.phase = match round.phase {
                Phase::Bodies => Phase::BodiesLater,
                Phase::BodiesLater => Phase::Exchanges,
                Phase::Exchanges => Phase::ExchangesLater,
                Phase::ExchangesLater => Phase::Events,
                Phase::Events => Phase::Keys,
                Phase::Keys => {
                    round.phase = Phase::Bodies;
                    removed.step.done = true;
                    break;
                }
            };
        }
        Ok(removed)
    }

    /// Integers are never given twice, even when retention removes the rows that bore the highest.
    fn keep_counters(&mut self) -> Result<(), Fail> {
        let next = self.next;
        for (name, value) in [
            ("last_exchange", next.exchange),
            ("last_event", next.event),
            ("last_body", next.body),
            ("last_bkey", next.key),
        ] {
            self.set_meta(name, value)?;
        }
        Ok(())
    }

    fn set_meta(&mut self, name: &str, value: i64) -> Result<(), Fail> {
        let sql = "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";
        self.connection().prepare_cached(sql)?.execute((name, value))?;
        Ok(())
    }

    /// Goes on over exchanges in the order of acceptance up to the first that is too young.
    fn sweep(&mut self, what: What, cutoff: i64, budget: usize, removed: &mut Removed) -> Result<(usize, bool), Fail> {
        let at = "SELECT value FROM meta WHERE name = ?1";
        let at: Option<i64> =
            self.connection().prepare_cached(at)?.query_row((what.cursor(),), |row| row.get(0)).optional()?;
        let sql = "SELECT seq, received_at FROM exchange WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        let rows: Vec<(i64, i64)> = self
            .connection()
            .prepare_cached(sql)?
            .query_map((at.unwrap_or(0), limit(budget)), |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let fetched = rows.len();
        let old: Vec<i64> = rows.into_iter().take_while(|(_, at)| *at <= cutoff).map(|(seq, _)| seq).collect();
        for seq in &old {
            if !self.remove_if_finished(what, *seq, cutoff, removed)? {
                let sql = "INSERT OR IGNORE INTO retain_later (what, exchange) VALUES (?1, ?2)";
                self.connection().prepare_cached(sql)?.execute((what.code(), seq))?;
            }
        }
        if let Some(last) = old.last() {
            self.set_meta(what.cursor(), *last)?;
        }
        Ok((old.len(), old.len() < fetched || fetched < budget))
    }

    /// Looks again at exchanges that were not finished when they were passed.
    fn sweep_later(
        &mut self,
        what: What,
        cutoff: i64,
        budget: usize,
        round: &mut Round,
        removed: &mut Removed,
    ) -> Result<(usize, bool), Fail> {
        let sql = "SELECT exchange FROM retain_later WHERE what = ?1 AND exchange > ?2 ORDER BY exchange LIMIT ?3";
        let rows: Vec<i64> = self
            .connection()
            .prepare_cached(sql)?
            .query_map((what.code(), round.later, limit(budget)), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for seq in &rows {
            if self.remove_if_finished(what, *seq, cutoff, removed)? {
                let sql = "DELETE FROM retain_later WHERE what = ?1 AND exchange = ?2";
                self.connection().prepare_cached(sql)?.execute((what.code(), seq))?;
            }
            round.later = *seq;
        }
        Ok((rows.len(), rows.len() < budget))
    }

    /// Whether it was finished long enough ago, and hence removed.
    fn remove_if_finished(
        &mut self,
        what: What,
        exchange: i64,
        cutoff: i64,
        removed: &mut Removed,
    ) -> Result<bool, Fail> {
        let sql = "SELECT system, client, class, state, updated_at FROM delivery WHERE seq BETWEEN ?1 AND ?2";
        let mut statement = self.connection().prepare_cached(sql)?;
        let mut rows = statement.query((delivery_seq(exchange, 0), delivery_seq(exchange, u16::MAX)))?;
        let mut counted = Vec::new();
        while let Some(row) = rows.next()? {
            let (state, updated_at): (i64, i64) = (row.get(3)?, row.get(4)?);
            if !is_over(state) || updated_at > cutoff {
                return Ok(false);
            }
            counted.push((row.get(0)?, row.get(1)?, row.get(2)?, state));
        }
        self.remove_bodies(exchange, removed)?;
        if what == What::All {
            for (system, client, class, state) in counted {
                self.count(system, client, class, state, -1);
            }
            self.remove_exchange(exchange)?;
            removed.step.exchanges += 1;
        }
        Ok(true)
    }

    fn remove_bodies(&mut self, exchange: i64, removed: &mut Removed) -> Result<(), Fail> {
        let sql = "UPDATE exchange SET kept = 0 WHERE seq = ?1 AND kept = 1 RETURNING body";
        let mut statement = self.connection().prepare_cached(sql)?;
        let Some(whole) = statement.query_row((exchange,), |row| row.get::<_, i64>(0)).optional()? else {
            return Ok(());
        };
        // An attempt that sent the content as it stands now holds no reference of its own.
        let sql = "SELECT body FROM delivery WHERE seq BETWEEN ?1 AND ?2 AND body IS NOT NULL AND amended IS NULL \
             UNION ALL SELECT body FROM amendment WHERE delivery BETWEEN ?1 AND ?2 \
             UNION ALL SELECT a.sent FROM attempt a JOIN delivery d ON d.seq = a.delivery \
             WHERE a.delivery BETWEEN ?1 AND ?2 AND a.sent <> ifnull(ifnull(d.body, d.instead), ?3) \
             UNION ALL SELECT answer FROM attempt WHERE delivery BETWEEN ?1 AND ?2 AND answer IS NOT NULL";
        let bounds = (delivery_seq(exchange, 0), delivery_seq(exchange, u16::MAX), whole);
        let mut bodies: Vec<i64> =
            self.connection().prepare_cached(sql)?.query_map(bounds, |row| row.get(0))?.collect::<Result<_, _>>()?;
        bodies.push(whole);
        for body in bodies {
            if let Some(file) = self.release_body(BodyId(body))? {
                removed.files.extend(file);
                removed.step.bodies += 1;
            }
        }
        Ok(())
    }

    /// One reference less. `Some` when it was the last and the row is gone, with the file it named.
    pub(super) fn release_body(&mut self, id: BodyId) -> Result<Option<Option<FileHash>>, Fail> {
        let less = "UPDATE body_share SET extra = extra - 1 WHERE body = ?1 AND extra > 0";
        if self.connection().prepare_cached(less)?.execute((id.0,))? == 1 {
            return Ok(None);
        }
        self.connection().prepare_cached("DELETE FROM body_share WHERE body = ?1")?.execute((id.0,))?;
        let sql = "DELETE FROM body WHERE id = ?1 RETURNING file";
        let mut statement = self.connection().prepare_cached(sql)?;
        Ok(statement.query_row((id.0,), |row| row.get::<_, Option<FileHash>>(0)).optional()?)
    }

    fn remove_exchange(&mut self, exchange: i64) -> Result<(), Fail> {
        self.recent.clear();
        let connection = self.connection();
        let (first, last) = (delivery_seq(exchange, 0), delivery_seq(exchange, u16::MAX));
        connection.prepare_cached("DELETE FROM attempt WHERE delivery BETWEEN ?1 AND ?2")?.execute((first, last))?;
        connection.prepare_cached("DELETE FROM amendment WHERE delivery BETWEEN ?1 AND ?2")?.execute((first, last))?;
        let lanes = "DELETE FROM delivery WHERE seq BETWEEN ?1 AND ?2 RETURNING lane";
        let lanes: Vec<Option<i64>> =
            connection.prepare_cached(lanes)?.query_map((first, last), |row| row.get(0))?.collect::<Result<_, _>>()?;
        let sql = "DELETE FROM exchange WHERE seq = ?1 RETURNING bkey, terms";
        let (key, terms): (i64, Option<Vec<u8>>) =
            connection.prepare_cached(sql)?.query_row((exchange,), |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.unfind(exchange, &terms.unwrap_or_default())?;
        connection.prepare_cached("DELETE FROM retain_later WHERE what = 1 AND exchange = ?1")?.execute((exchange,))?;
        let mut words: Vec<i64> = lanes.into_iter().flatten().chain([key]).collect();
        words.sort_unstable();
        words.dedup();
        for word in words {
            self.remove_word(word)?;
        }
        Ok(())
    }

    /// A key goes with its last exchange and lane, and its aliases with it.
    fn remove_word(&mut self, word: i64) -> Result<(), Fail> {
        let unused = "NOT EXISTS (SELECT 1 FROM exchange WHERE bkey = k.id) \
             AND NOT EXISTS (SELECT 1 FROM delivery WHERE lane IS NOT NULL AND lane = k.id)";
        let connection = self.connection();
        let idle = format!("SELECT 1 FROM bkey k WHERE k.id = ?1 AND k.leads_to IS NULL AND {unused}");
        if !connection.prepare_cached(&idle)?.exists((word,))? {
            return Ok(());
        }
        let aliases = format!("DELETE FROM bkey AS k WHERE k.leads_to IS NOT NULL AND k.leads_to = ?1 AND {unused}");
        connection.prepare_cached(&aliases)?.execute((word,))?;
        let itself = "DELETE FROM bkey WHERE id = ?1 AND NOT EXISTS \
             (SELECT 1 FROM bkey a WHERE a.leads_to IS NOT NULL AND a.leads_to = ?1)";
        if connection.prepare_cached(itself)?.execute((word,))? == 1 {
            self.forget_pace(word)?;
        }
        Ok(())
    }

    fn sweep_events(&mut self, cutoff: i64, budget: usize, removed: &mut Removed) -> Result<(usize, bool), Fail> {
        let sql = "SELECT seq, at FROM event ORDER BY seq LIMIT ?1";
        let rows: Vec<(i64, i64)> = self
            .connection()
            .prepare_cached(sql)?
            .query_map((limit(budget),), |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let fetched = rows.len();
        let old: Vec<i64> = rows.into_iter().take_while(|(_, at)| *at <= cutoff).map(|(seq, _)| seq).collect();
        if let Some(last) = old.last() {
            self.connection().prepare_cached("DELETE FROM event WHERE seq <= ?1")?.execute((last,))?;
        }
        removed.step.events += old.len() as u64;
        Ok((old.len(), old.len() < fetched || fetched < budget))
    }

    fn sweep_groups(&mut self, cutoff: i64, budget: usize) -> Result<(), Fail> {
        let sql = "DELETE FROM error_group WHERE id IN (SELECT g.id FROM error_group g WHERE g.last_seen <= ?1 \
             AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.fault_group IS NOT NULL AND d.fault_group = g.id) \
             LIMIT ?2)";
        if self.connection().prepare_cached(sql)?.execute((cutoff, limit(budget)))? > 0 {
            let hours = "DELETE FROM group_hour WHERE fault_group NOT IN (SELECT id FROM error_group)";
            self.connection().prepare_cached(hours)?.execute(())?;
            self.forget_groups();
        }
        Ok(())
    }

    fn sweep_keys(&mut self, now: i64, budget: usize, removed: &mut Removed) -> Result<(usize, bool), Fail> {
        let sql = "DELETE FROM idempotency WHERE (scope, key) IN (SELECT scope, key FROM idempotency \
             INDEXED BY idempotency_expiry WHERE expires_at <= ?1 LIMIT ?2)";
        let count = self.connection().prepare_cached(sql)?.execute(params![now, limit(budget)])?;
        removed.step.idempotency_keys += count as u64;
        let sql = "DELETE FROM recognised WHERE (identity, version) IN (SELECT identity, version FROM recognised \
             INDEXED BY recognised_expiry WHERE expires_at <= ?1 LIMIT ?2)";
        let forgotten = self.connection().prepare_cached(sql)?.execute(params![now, limit(budget)])?;
        let count = count.max(forgotten);
        Ok((count, count < budget))
    }

    /// Files among `files` that no row names any more.
    pub(in crate::sqlite) fn is_named(&self, file: &FileHash) -> Result<bool, Fail> {
        let sql = "SELECT 1 FROM body WHERE file IS NOT NULL AND file = ?1 LIMIT 1";
        Ok(self.connection().prepare_cached(sql)?.exists((file.as_slice(),))?)
    }
}

/// Microseconds of the time before which things are old enough.
fn before(now: Timestamp, kept: Duration) -> i64 {
    micros(now.saturating_sub(kept).unwrap_or(Timestamp::MIN))
}

fn limit(budget: usize) -> i64 {
    i64::try_from(budget).unwrap_or(i64::MAX)
}
