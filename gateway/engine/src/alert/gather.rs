//! The facts that rules look at, read from the journal and the gates: bounded, and what is costly not at every turn. It judges nothing.

use std::collections::HashMap;
use std::time::Duration;

use lienthong_core::{ClientId, ExchangeId, Fault, Fingerprint, SignedDuration, Timestamp};
use lienthong_journal::{GroupFilter, GroupRecord};

use super::facts::{Backlog, Facts, GroupFact, ListenedFact, Sample, WaitingFact};
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
    /// Keys of exchanges told of in this look, and in the one before.
    keys: HashMap<ExchangeId, Option<String>>,
    earlier: HashMap<ExchangeId, Option<String>>,
    dates: HashMap<Fingerprint, (u64, u64)>,
    dates_at: Option<Timestamp>,
    /// The last message of each client that is silent, and when that came.
    last: HashMap<ClientId, (Option<Timestamp>, Option<Sample>)>,
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
        self.earlier = std::mem::take(&mut self.keys);
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
        if wanted(is_of_silence) {
            facts.listened = self.listened(service, config).await?;
        }
        let shortest = alerting.rules.iter().filter_map(|rule| waits_longer(rule.condition)).min();
        if let Some(before) = shortest.map(|longer| now.saturating_sub(longer).unwrap_or(now)) {
            facts.waiting = Some(self.waiting(service, config, before).await?);
        }
        // Whoever runs them reads them all the time.
        let seen = service.releases_seen();
        facts.releases = seen.map(|all| all.iter().map(|view| (view.id.clone(), view.release.clone())).collect());
        // In any case: an answer is a fact of its own.
        service.journal_answers().await?;
        Ok(facts)
    }

    /// Whoever may send; of those who are silent, what they sent last.
    async fn listened(
        &mut self,
        service: &Service,
        config: &Configuration,
    ) -> Result<Option<Vec<ListenedFact>>, Fault> {
        let Some(all) = service.listened() else { return Ok(None) };
        let silent = |client: &ClientId| all.iter().any(|one| one.client == *client && one.silent.is_some());
        self.last.retain(|client, _| silent(client));
        let mut told = Vec::with_capacity(all.len());
        for listened in all {
            let sample = match (&listened.silent, self.last.get(&listened.client)) {
                (None, _) => None,
                (Some(_), Some((at, sample))) if *at == listened.last => sample.clone(),
                (Some(_), _) => {
                    let sample = self.last_of(service, config, &listened.client).await?;
                    self.last.insert(listened.client.clone(), (listened.last, sample.clone()));
                    sample
                }
            };
            told.push(ListenedFact { listened, sample });
        }
        Ok(Some(told))
    }

    async fn told(
        &mut self,
        service: &Service,
        config: &Configuration,
        records: Vec<GroupRecord>,
    ) -> Result<Vec<GroupFact>, Fault> {
        let mut told = Vec::with_capacity(records.len());
        for record in records {
            let key = self.key_of(service, config, record.sample_delivery.exchange).await?;
            let due = self.dates.get(&record.fingerprint).copied();
            told.push(GroupFact { record, key, due });
        }
        Ok(told)
    }

    async fn waiting(
        &mut self,
        service: &Service,
        config: &Configuration,
        before: Timestamp,
    ) -> Result<(Vec<WaitingFact>, bool), Fault> {
        let (all, more) = service.waiting_since(before).await?;
        let mut told = Vec::with_capacity(all.len());
        for waiting in all {
            let key = self.key_of(service, config, waiting.delivery.exchange).await?;
            told.push(WaitingFact { waiting, key });
        }
        Ok((told, more))
    }

    async fn last_of(
        &mut self,
        service: &Service,
        config: &Configuration,
        client: &ClientId,
    ) -> Result<Option<Sample>, Fault> {
        let Some(exchange) = service.newest_of(client).await? else { return Ok(None) };
        let key = self.key_of(service, config, exchange).await?;
        Ok(Some(Sample { exchange: exchange.to_string(), key }))
    }

    /// A key that may be told, read once.
    async fn key_of(
        &mut self,
        service: &Service,
        config: &Configuration,
        exchange: ExchangeId,
    ) -> Result<Option<String>, Fault> {
        if let Some(key) = self.keys.get(&exchange) {
            return Ok(key.clone());
        }
        let key = match self.earlier.remove(&exchange) {
            Some(key) => key,
            None => service.key_to_tell(config, exchange).await?,
        };
        self.keys.insert(exchange, key.clone());
        Ok(key)
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
        | Condition::ReleasePaused
        | Condition::Silence
        | Condition::ApprovalWaiting(_) => false,
    }
}

fn is_of_dates(condition: Condition) -> bool {
    matches!(condition, Condition::DeadlineAtRisk(_))
}

fn is_of_drains(condition: Condition) -> bool {
    matches!(condition, Condition::DrainOver(_))
}

fn is_of_silence(condition: Condition) -> bool {
    matches!(condition, Condition::Silence)
}

/// How long an amendment waits before it is told of.
fn waits_longer(condition: Condition) -> Option<SignedDuration> {
    match condition {
        Condition::ApprovalWaiting(longer) => Some(SignedDuration::try_from(longer).unwrap_or(SignedDuration::MAX)),
        Condition::NewGroup
        | Condition::GroupOver(_)
        | Condition::DeadlineAtRisk(_)
        | Condition::SystemDown(_)
        | Condition::DrainOver(_)
        | Condition::Expiry(_)
        | Condition::Trouble
        | Condition::ReleasePaused
        | Condition::Silence => None,
    }
}

/// The open groups, and whether there are more.
async fn open_groups(service: &Service) -> Result<(Vec<GroupRecord>, bool), Fault> {
    let (mut records, mut cursor) = (Vec::new(), None);
    loop {
        let page = service.groups(GroupFilter { brief: true, ..GroupFilter::default() }, cursor, AT_ONCE).await?;
        records.extend(page.rows);
        match page.next {
            Some(next) if records.len() < MOST_GROUPS => cursor = Some(next),
            next => return Ok((records, next.is_some())),
        }
    }
}
