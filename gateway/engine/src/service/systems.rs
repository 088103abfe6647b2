//! External systems as operators see and steer them: gate, backlog, pause, resume, probe. It sends nothing but probes.

use std::collections::BTreeMap;

use lienthong_core::{Fault, StateName, SystemId, Timestamp};
use lienthong_journal::{Actor, BacklogRow, Command, CommandResult, SystemSetting};

use super::fault::{no_such, of_journal, of_refusal};
use super::model::{OperatorAct, SystemView};
use super::{Service, door};
use crate::config::Configuration;
use crate::dispatch::{GateState, GateView};
use crate::expiry;

impl Service {
    /// Every configured system, and any other that still has open deliveries.
    pub async fn systems(&self) -> Result<Vec<SystemView>, Fault> {
        let config = self.config.load_full();
        let now = self.clock.now();
        let backlog = self.journal.backlog().await.map_err(of_journal)?;
        let mut views: BTreeMap<SystemId, SystemView> = BTreeMap::new();
        for system in config.systems.keys() {
            views.insert(system.clone(), self.view(system, now));
        }
        for row in backlog.iter().filter(|row| !row.system.is_inbox()) {
            views.entry(row.system.clone()).or_insert_with(|| self.view(&row.system, now)).count(row);
        }
        Ok(views.into_values().collect())
    }

    fn view(&self, system: &SystemId, now: Timestamp) -> SystemView {
        let gate = self.dispatcher.gate(system).unwrap_or_else(|| unserved(now));
        SystemView {
            system: system.clone(),
            gate,
            queued: 0,
            waiting: 0,
            verifying: 0,
            in_flight: 0,
            parked: 0,
            pollers: self.shared.polls.of(system),
            expiries: expiry::of_system(&self.config.load().watch.expiries, system),
        }
    }

    /// Pauses one system, or all of them; outlives a restart. Stored first, so that a crash in between pauses rather than sends.
    pub async fn pause(&self, act: &OperatorAct, system: Option<&SystemId>) -> Result<(), Fault> {
        self.set(act, system, true).await
    }

    pub async fn resume(&self, act: &OperatorAct, system: Option<&SystemId>) -> Result<(), Fault> {
        self.set(act, system, false).await
    }

    async fn set(&self, act: &OperatorAct, system: Option<&SystemId>, paused: bool) -> Result<(), Fault> {
        door::note("/reason", act.reason.as_deref())?;
        let systems = named(&self.config.load(), system)?;
        let at = self.clock.now();
        let batch: Vec<Command> = systems
            .iter()
            .map(|system| {
                Command::Set(SystemSetting {
                    system: system.clone(),
                    paused,
                    reason: act.reason.clone(),
                    actor: Actor::Operator(act.operator.clone()),
                    at,
                })
            })
            .collect();
        if batch.is_empty() {
            return Ok(());
        }
        let results: Vec<CommandResult> = self.commit(batch).await?;
        for (system, result) in systems.iter().zip(results) {
            result.map_err(|refusal| of_refusal(&refusal))?;
            self.dispatcher.set_paused(system, paused, act.reason.clone());
        }
        Ok(())
    }

    /// Tries the system now (all at once when none is named), whatever its gate says; the result per system.
    pub async fn probe(&self, system: Option<&SystemId>) -> Result<Vec<(SystemId, Result<(), Fault>)>, Fault> {
        let systems = named(&self.config.load(), system)?;
        let probes = systems.into_iter().map(|system| async move {
            let result = self.dispatcher.probe(&system).await;
            (system, result)
        });
        Ok(futures::future::join_all(probes).await)
    }
}

/// The configured system of that name, or all of them.
fn named(config: &Configuration, system: Option<&SystemId>) -> Result<Vec<SystemId>, Fault> {
    match system {
        None => Ok(config.systems.keys().cloned().collect()),
        Some(system) if config.systems.contains_key(system) => Ok(vec![system.clone()]),
        Some(system) => Err(no_such("system", system)),
    }
}

/// A system nothing is sent to because the running configuration does not describe it.
fn unserved(now: Timestamp) -> GateView {
    GateView {
        state: GateState::Closed,
        since: now,
        reason: Some("not served by the running configuration".to_owned()),
        next_probe: None,
        until: None,
        in_flight: 0,
        concurrency: 0,
        last_success: None,
    }
}

impl SystemView {
    fn count(&mut self, row: &BacklogRow) {
        let place = match row.state {
            StateName::Queued => &mut self.queued,
            StateName::Waiting => &mut self.waiting,
            StateName::Verifying => &mut self.verifying,
            StateName::InFlight => &mut self.in_flight,
            StateName::Parked => &mut self.parked,
            StateName::Delivered | StateName::Cancelled | StateName::Discarded | StateName::Superseded => return,
        };
        *place += row.count;
    }
}
