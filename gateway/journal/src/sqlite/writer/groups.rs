//! Error groups as faults are recorded: made with the first of a cause, counted once a transaction. It reads them for nobody.

use std::collections::HashMap;

use lienthong_core::{DeliveryId, Fault, Fingerprint, Timestamp};
use rusqlite::{OptionalExtension, params};

use super::store::{About, Store};
use crate::sqlite::codes::micros;
use crate::sqlite::fail::Fail;
use crate::sqlite::read::cases::HOUR;
use crate::sqlite::row::id_bytes;
use crate::sqlite::sql::Sql;
use crate::sqlite::stored::fault_to_text;

/// Error groups whose integer is remembered; more are looked up again.
const REMEMBERED_GROUPS: usize = 4096;

/// A cause seen in the open transaction.
pub(super) struct SeenFault {
    times: i64,
    at: Timestamp,
    kind: &'static str,
    fault: String,
    sample: DeliveryId,
    /// When it came back after nothing of it was open.
    reopened: Option<i64>,
}

/// A fault as a delivery's row keeps it.
pub(super) struct KeptFault {
    pub(super) group: i64,
    pub(super) text: String,
}

impl Store<'_> {
    /// Counts what the transaction has seen.
    pub(super) fn write_seen(&mut self, seen: HashMap<i64, SeenFault>) -> Result<(), Fail> {
        for (group, seen) in seen {
            let SeenFault { times, at, kind, fault, sample, reopened } = seen;
            let at = micros(at);
            let row = params![group, kind, at, times, fault, id_bytes(&sample.exchange), sample.index, reopened];
            self.sql.get(Sql::GroupSeen)?.execute(row)?;
            self.sql.get(Sql::GroupHour)?.execute((group, at.div_euclid(HOUR), times))?;
        }
        Ok(())
    }

    /// Counts a fault in its group, which is made when it is the first of its cause.
    pub(super) fn fault(
        &mut self,
        (fault, print): &(Fault, Fingerprint),
        about: &About<'_>,
        at: Timestamp,
    ) -> Result<KeptFault, Fail> {
        let text = fault_to_text(fault, Some(print))?;
        let known = self.find_group(print)?;
        let group = match known {
            Some(group) => group,
            None => self.add_group(fault, print, &text, about, at)?,
        };
        // Asked once a transaction, before the first of its faults is written.
        let came_back = known.is_some() && !self.pending.seen.contains_key(&group) && !self.is_open(group)?;
        let kind = fault.kind.as_str();
        let seen = self.pending.seen.entry(group).or_insert_with(|| SeenFault {
            times: 0,
            at,
            kind,
            fault: String::new(),
            sample: about.delivery,
            reopened: came_back.then(|| micros(at)),
        });
        seen.times += 1;
        seen.at = seen.at.max(at);
        (seen.kind, seen.sample) = (kind, about.delivery);
        seen.fault.clone_from(&text);
        Ok(KeptFault { group, text })
    }

    fn is_open(&mut self, group: i64) -> Result<bool, Fail> {
        Ok(self.sql.get(Sql::GroupIsOpen)?.exists((group,))?)
    }

    fn find_group(&mut self, print: &Fingerprint) -> Result<Option<i64>, Fail> {
        if let Some(group) = self.groups.get(print) {
            return Ok(Some(*group));
        }
        let found = self.sql.get(Sql::GroupFind)?.query_row((print.as_str(),), |row| row.get(0)).optional()?;
        if let Some(group) = found {
            self.remember_group(print, group);
        }
        Ok(found)
    }

    fn add_group(
        &mut self,
        fault: &Fault,
        print: &Fingerprint,
        text: &str,
        about: &About<'_>,
        at: Timestamp,
    ) -> Result<i64, Fail> {
        self.next.group += 1;
        let group = self.next.group;
        self.sql.get(Sql::GroupAdd)?.execute(params![
            group,
            print.as_str(),
            about.system.1,
            about.operation.1,
            fault.kind.as_str(),
            micros(at),
            micros(at),
            0,
            text,
            id_bytes(&about.delivery.exchange),
            about.delivery.index,
        ])?;
        self.remember_group(print, group);
        Ok(group)
    }

    /// Error groups were removed.
    pub(super) fn forget_groups(&mut self) {
        self.groups.clear();
    }

    fn remember_group(&mut self, print: &Fingerprint, group: i64) {
        if self.groups.len() >= REMEMBERED_GROUPS {
            self.groups.clear();
        }
        self.groups.insert(print.clone(), group);
    }
}
