//! Business keys, aliases and order keys: resolving and adding. One word leads to one key, and never onwards.

use lienthong_core::BusinessKey;
use rusqlite::OptionalExtension;

use super::store::{Store, Verdict};
use crate::error::Refusal;
use crate::sqlite::fail::Fail;
use crate::sqlite::sql::Sql;
use crate::sqlite::stored::key_of;

/// The key of a submission after alias resolution.
pub(super) struct ResolvedKey {
    /// `None` when it is new.
    pub(super) id: Option<i64>,
    pub(super) key: BusinessKey,
}

/// What is to be done about an alias.
pub(super) enum AliasPlan {
    Nothing,
    Add(BusinessKey),
    /// A known word that is nobody's key: it leads to this key from now on.
    Lead(i64),
}

impl Store<'_> {
    /// The key `given` leads to.
    pub(super) fn resolve(&mut self, given: &BusinessKey) -> Result<ResolvedKey, Fail> {
        match self.find_key(given.as_str())? {
            None => Ok(ResolvedKey { id: None, key: given.clone() }),
            Some((id, None)) => Ok(ResolvedKey { id: Some(id), key: given.clone() }),
            Some((_, Some(leads_to))) => Ok(ResolvedKey { id: Some(leads_to), key: self.key_text(leads_to)? }),
        }
    }

    /// What each alias of an acceptance needs, or why it is refused.
    pub(super) fn plan_aliases(&mut self, aliases: &[BusinessKey], key: &ResolvedKey) -> Verdict<Vec<AliasPlan>> {
        let mut plans = Vec::with_capacity(aliases.len());
        for (place, alias) in aliases.iter().enumerate() {
            let repeated = aliases.iter().take(place).any(|earlier| earlier == alias);
            if repeated || *alias == key.key {
                plans.push(AliasPlan::Nothing);
                continue;
            }
            match self.plan_alias(alias, key)? {
                Ok(plan) => plans.push(plan),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        Ok(Ok(plans))
    }

    fn plan_alias(&mut self, alias: &BusinessKey, key: &ResolvedKey) -> Verdict<AliasPlan> {
        match self.find_key(alias.as_str())? {
            None => Ok(Ok(AliasPlan::Add(alias.clone()))),
            Some((_, Some(leads_to))) if Some(leads_to) == key.id => Ok(Ok(AliasPlan::Nothing)),
            Some((_, Some(leads_to))) => {
                Ok(Err(Refusal::AliasTaken { alias: alias.clone(), key: self.key_text(leads_to)? }))
            }
            Some((id, None)) => {
                let used = self.sql.get(Sql::KeyUsed)?.exists((id,))? || self.sql.get(Sql::KeyLed)?.exists((id,))?;
                if used {
                    return Ok(Err(Refusal::AliasTaken { alias: alias.clone(), key: alias.clone() }));
                }
                Ok(Ok(AliasPlan::Lead(id)))
            }
        }
    }

    pub(super) fn apply_aliases(&mut self, plans: &[AliasPlan], key: i64) -> Result<(), Fail> {
        for plan in plans {
            match plan {
                AliasPlan::Nothing => {}
                AliasPlan::Add(alias) => {
                    self.add_key(alias.as_str(), Some(key))?;
                }
                AliasPlan::Lead(id) => {
                    self.sql.get(Sql::KeyLead)?.execute((id, key))?;
                }
            }
        }
        Ok(())
    }

    /// The integer of a word that is taken as it is: an order key of its own.
    pub(super) fn word(&mut self, text: &str) -> Result<i64, Fail> {
        match self.find_key(text)? {
            Some((id, _)) => Ok(id),
            None => self.add_key(text, None),
        }
    }

    pub(super) fn add_key(&mut self, text: &str, leads_to: Option<i64>) -> Result<i64, Fail> {
        self.next.key += 1;
        self.sql.get(Sql::KeyAdd)?.execute((self.next.key, text, leads_to))?;
        Ok(self.next.key)
    }

    fn find_key(&mut self, text: &str) -> Result<Option<(i64, Option<i64>)>, Fail> {
        let statement = self.sql.get(Sql::KeyFind)?;
        Ok(statement.query_row((text,), |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    fn key_text(&mut self, id: i64) -> Result<BusinessKey, Fail> {
        let text: String = self.sql.get(Sql::KeyText)?.query_row((id,), |row| row.get(0))?;
        key_of(&text)
    }
}
