//! The facts that rules look at, read from the journal and the gates: bounded, and what is costly not at every turn. It judges nothing.

use std::collections::HashMap;
use std::time::Duration;

use lienthong_core::{ExchangeId, Fault, Fingerprint, SignedDuration, Timestamp};
use lienthong_journal::{GroupFilter, GroupRecord};

use super::facts::{Backlog, Facts, GroupFact};
use super::rule::{Alerting, Condition};
use crate::config::Configuration;
use crate::service::{Service, SystemHealth};

/// Open groups looked at.
const MOST_GROUPS: usize = 500;
/// Groups read at once.
const AT_ONCE: usize = 100;
/// Promised dates are counted this often.
const DATES_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// A journal that has not answered for so long is told of.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is remembered between two looks.
#[derive(Debug, Default)]
pub(super) struct Gatherer {
    keys: HashMap<ExchangeId, Option<String>>,
    dates: HashMap<Fingerprint, (u64, u64)>,
    dates_at: Option<Timestamp>,
    /// Since when the journal has not answered, and what it said.
    silent: Option<(Timestamp, String)>,
}

impl Gatherer {
    /// The journal answered, or did not.
    pub(super) fn heard(&mut self, answer: Result<(), &Fault>, now: Timestamp) {
        match answer {
            Ok(()) => self.silent = None,
            Err(fault) => {
                let since = self.silent.take().map_or(now, |(since, _)| since);
                self.silent = Some((since, fault.code.as_str().to_owned()));
            }
        }
    }

    pub(super) async fn facts(
        &mut self,
        service: &Service,
        config: &Configuration,
        alerting: &Alerting,
        now: Timestamp,
    ) -> Facts {
        let read = self.read(service, config, alerting, now).await;
        self.heard(read.as_ref().map(drop), now);
        let mut facts = read.unwrap_or_default();
        facts.gates =
            config.systems.keys().filter_map(|system| Some((system.clone(), service.gate_view(system)?))).collect();
        facts.expiries = config.watch.expiries.to_vec();
        facts.disk = Some(service.disk());
        let patience = SignedDuration::try_from(PATIENCE).unwrap_or(SignedDuration::MAX);
        facts.journal = self.silent.clone().filter(|(since, _)| now.duration_since(*since) >= patience);
        facts
    }

    async fn read(
        &mut self,
        service: &Service,
        config: &Configuration,
        alerting: &Alerting,
        now: Timestamp,
    ) -> Result<Facts, Fault> {
        let wanted = |which: fn(Condition) -> bool| alerting.rules.iter().any(|rule| which(rule.condition));
        let mut facts = Facts::default();
        if wanted(is_of_groups) {
            let (records, more) = open_groups(service).await?;
            if wanted(is_of_dates) {
                self.count_dates(service, config, &records, now).await?;
            }
            facts.groups = Some((self.told(service, config, records).await?, more));
        }
        if wanted(is_of_drains) {
            let told = |health: SystemHealth| {
                let SystemHealth { view, drain, open, will_miss, .. } = health;
                (view.system, Backlog { drain, open, will_miss })
            };
            facts.drains = Some(service.health().await?.into_iter().map(told).collect());
        }
        // Read in any case: an answer is a fact of its own.
        facts.releases = Some(service.releases().await?.into_iter().map(|view| (view.id, view.release)).collect());
        Ok(facts)
    }

    async fn told(
        &mut self,
        service: &Service,
        config: &Configuration,
        records: Vec<GroupRecord>,
    ) -> Result<Vec<GroupFact>, Fault> {
        self.keys.retain(|id, _| records.iter().any(|record| record.sample_delivery.exchange == *id));
        let mut told = Vec::with_capacity(records.len());
        for record in records {
            let exchange = record.sample_delivery.exchange;
            let key = match self.keys.get(&exchange) {
                Some(key) => key.clone(),
                None => {
                    let key = service.key_to_tell(config, exchange).await?;
                    self.keys.insert(exchange, key.clone());
                    key
                }
            };
            let due = self.dates.get(&record.fingerprint).copied();
            told.push(GroupFact { record, key, due });
        }
        Ok(told)
    }

    async fn count_dates(
        &mut self,
        service: &Service,
        config: &Configuration,
        records: &[GroupRecord],
        now: Timestamp,
    ) -> Result<(), Fault> {
        if self.dates_at.is_some_and(|at| now.duration_since(at) < DATES_EVERY) {
            return Ok(());
        }
        let mut dates = HashMap::new();
        for record in records.iter().filter(|record| record.parked > 0) {
            dates.insert(record.fingerprint.clone(), service.dates_at_risk(config, record).await?);
        }
        self.dates = dates;
        self.dates_at = Some(now);
        Ok(())
    }
}

fn is_of_groups(condition: Condition) -> bool {
    match condition {
        Condition::NewGroup | Condition::GroupOver(_) | Condition::DeadlineAtRisk(_) => true,
        Condition::SystemDown(_)
        | Condition::DrainOver(_)
        | Condition::Expiry(_)
        | Condition::Trouble
        | Condition::ReleasePaused => false,
    }
}

fn is_of_dates(condition: Condition) -> bool {
    matches!(condition, Condition::DeadlineAtRisk(_))
}

fn is_of_drains(condition: Condition) -> bool {
    matches!(condition, Condition::DrainOver(_))
}

/// The open groups, and whether there are more.
async fn open_groups(service: &Service) -> Result<(Vec<GroupRecord>, bool), Fault> {
    let (mut records, mut cursor) = (Vec::new(), None);
    loop {
        let page = service.groups(GroupFilter::default(), cursor, AT_ONCE).await?;
        records.extend(page.rows);
        match page.next {
            Some(next) if records.len() < MOST_GROUPS => cursor = Some(next),
            next => return Ok((records, next.is_some())),
        }
    }
}
