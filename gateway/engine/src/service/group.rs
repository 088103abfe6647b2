//! Operators' acts on a whole error group: its parked members in pages, oldest first, each with its own result. It never stops at one refusal.

use std::collections::{BTreeSet, HashMap};

use lienthong_core::{BusinessKey, Fault, Fingerprint, OperationName, SystemId, Timestamp, limits};
use lienthong_journal::{AffectedKey, Command, DeliveryRecord, Page};

use super::Service;
use super::fault::{no_such, of_journal};
use super::model::{GroupOutcome, OperatorAct};
use super::operate::{By, Verb};
use crate::config::Configuration;

/// Members moved in one commit.
pub(super) const MEMBERS_AT_ONCE: usize = 200;

/// The business keys that an error group concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupKeys {
    /// With how many parked deliveries each.
    pub keys: Vec<(BusinessKey, u64)>,
    /// Keys that are personal data.
    pub hidden: u64,
    /// Whether there are more members than were looked at.
    pub truncated: bool,
}

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

    /// The business keys that the group concerns, those with the oldest parked member first, of the oldest `members`. Keys that are personal
    /// data are counted and not told.
    pub async fn group_keys(&self, id: &Fingerprint, members: usize) -> Result<GroupKeys, Fault> {
        self.journal.group(id).await.map_err(of_journal)?.ok_or_else(|| no_such("error group", id))?;
        let (affected, truncated) = self.journal.group_keys(id, members).await.map_err(of_journal)?;
        let config = self.config.load_full();
        let mut told = GroupKeys { truncated, ..GroupKeys::default() };
        let mut places = HashMap::with_capacity(affected.len());
        for AffectedKey { key, operation, parked } in affected {
            if is_personal(&config, &operation) {
                told.hidden = told.hidden.saturating_add(1);
                continue;
            }
            let place = *places.entry(key.clone()).or_insert(told.keys.len());
            match told.keys.get_mut(place) {
                Some((_, count)) => *count = count.saturating_add(parked),
                None => told.keys.push((key, parked)),
            }
        }
        Ok(told)
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

/// Whether an operation's key is a personal datum.
fn is_personal(config: &Configuration, operation: &OperationName) -> bool {
    let Some(entry) = config.catalogue.get(operation) else { return false };
    let field = entry.spec.key_field.as_ref();
    field.is_some_and(|field| entry.spec.personal.iter().any(|personal| personal == field))
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
