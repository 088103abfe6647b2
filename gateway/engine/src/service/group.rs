//! Operators' acts on a whole error group: its parked members in pages, oldest first, each with its own result. It never stops at one refusal.

use std::collections::BTreeSet;

use lienthong_core::{Fault, Fingerprint, SystemId, Timestamp, limits};
use lienthong_journal::{Command, DeliveryRecord, Page};

use super::Service;
use super::fault::{no_such, of_journal};
use super::model::{GroupOutcome, OperatorAct};
use super::operate::{By, Verb};
use crate::config::Configuration;

/// Members moved in one commit.
pub(super) const MEMBERS_AT_ONCE: usize = 200;

impl Service {
    /// Releases every parked member, oldest first; those that need a confirmation of their own are told in `refused`.
    pub async fn release_group(&self, act: &OperatorAct, id: &Fingerprint) -> Result<GroupOutcome, Fault> {
        self.act_on_group(Verb::Release, &By::operator(act, Verb::Release)?, id, self.clock.now()).await
    }

    /// Discards every parked member; the reason is mandatory (`LT-REASON-MISSING`).
    pub async fn discard_group(&self, act: &OperatorAct, id: &Fingerprint) -> Result<GroupOutcome, Fault> {
        self.discard_group_seen(act, id, self.clock.now()).await
    }

    /// Discards every member that was parked when the operator looked, and none that came later.
    pub async fn discard_group_seen(
        &self,
        act: &OperatorAct,
        id: &Fingerprint,
        seen: Timestamp,
    ) -> Result<GroupOutcome, Fault> {
        let begun = seen.min(self.clock.now());
        self.act_on_group(Verb::Discard, &By::operator(act, Verb::Discard)?, id, begun).await
    }

    async fn act_on_group(
        &self,
        verb: Verb,
        by: &By,
        id: &Fingerprint,
        begun: Timestamp,
    ) -> Result<GroupOutcome, Fault> {
        self.journal.group(id).await.map_err(of_journal)?.ok_or_else(|| no_such("error group", id))?;
        let (mut outcome, mut cursor) = (GroupOutcome::default(), None);
        loop {
            let page = self.journal.group_members(id, cursor, MEMBERS_AT_ONCE).await.map_err(of_journal)?;
            let Page { rows, next } = page;
            let parked_before = parked_by(begun, rows);
            self.act_on_page(verb, by, parked_before, &mut outcome).await?;
            cursor = next;
            if cursor.is_none() {
                return Ok(outcome);
            }
        }
    }

    /// One page: every move in one commit, in the page's order.
    pub(super) async fn act_on_page(
        &self,
        verb: Verb,
        by: &By,
        rows: Vec<DeliveryRecord>,
        outcome: &mut GroupOutcome,
    ) -> Result<(), Fault> {
        let config = self.config.load_full();
        let (mut batch, mut moving) = (Vec::new(), Vec::new());
        for row in rows {
            match self.transition(&config, verb, by, &row).await {
                Ok(transition) => {
                    batch.push(Command::Move(transition));
                    moving.push(row);
                }
                Err(fault) => outcome.refuse(&row, &fault),
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        let mut results = self.commit(batch).await?.into_iter();
        for row in &moving {
            match Self::moved(results.next()) {
                Ok(()) => outcome.moved += 1,
                Err(fault) => outcome.refuse(row, &fault),
            }
        }
        self.look_again_at(&config, moving.into_iter().map(|row| row.system).collect());
        Ok(())
    }

    pub(super) fn look_again_at(&self, config: &Configuration, systems: BTreeSet<SystemId>) {
        for system in systems.iter().filter(|system| config.systems.contains_key(*system)) {
            self.look_again(system);
        }
    }
}

/// What was parked when the act began: what fails again meanwhile is a new error, and must not keep the act from ending.
pub(super) fn parked_by(begun: Timestamp, rows: Vec<DeliveryRecord>) -> Vec<DeliveryRecord> {
    rows.into_iter().filter(|row| row.updated_at <= begun).collect()
}

impl GroupOutcome {
    fn refuse(&mut self, row: &DeliveryRecord, fault: &Fault) {
        if self.refused.len() < limits::PAGE_ROWS {
            self.refused.push((row.id, fault.detail.clone()));
        } else {
            self.refused_unlisted += 1;
        }
    }
}
