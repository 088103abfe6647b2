//! How every external system is: its state with what shows it, what was measured, what waits and by when it is drained. It sends nothing.

use std::collections::HashMap;
use std::sync::Arc;

use lienthong_core::network::SessionState;
use lienthong_core::{ClientId, Fault, SystemId, Timestamp};
use lienthong_journal::Command;
use parking_lot::Mutex;

use super::Service;
use super::case::clockwork;
use super::fault::{no_such, of_journal, of_refusal};
use super::model::SystemView;
use super::silence::of_system;
use crate::desk::backlog::{Drain, Standing, SystemBacklog, Why, drain};
use crate::desk::bulk::{self, BulkPlan};
use crate::desk::health::{Sign, Signs, SystemState, judged};
use crate::dispatch::GateState;
use crate::internal::is_internal;
use crate::vitals::{Hour, Minute, Recent, client_subject, keep_from, system_subject};

/// Open deliveries looked at for their dates.
const MOST_LOOKED_AT: usize = 200_000;
/// Hours read of one subject.
const MOST_HOURS: usize = 92 * 24 + 1;

/// The states that systems were last seen in.
pub(super) type States = Mutex<HashMap<SystemId, (SystemState, Timestamp)>>;

/// One external system with all that tells how it is.
#[derive(Debug, Clone)]
pub struct SystemHealth {
    pub view: SystemView,
    pub state: SystemState,
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
    /// What shows it.
    pub signs: Vec<Sign>,
    pub session: SessionState,
    pub recent: Recent,
    /// What goes by itself, parked ones apart.
    pub open: u64,
    pub drain: Drain,
    /// How long its bulk traffic takes, where any waits.
    pub bulk: Option<BulkPlan>,
    /// Dates that will have passed when their turn comes, at the present rate; `None` where that cannot be told. Those that passed
    /// already are told apart.
    pub will_miss: Option<u64>,
    /// What waits for it, when that was looked at, and whether it was all of it; `None` before the first look.
    pub backlog: Option<(Arc<SystemBacklog>, Timestamp, bool)>,
}

/// What was measured of a system over time.
#[derive(Debug, Clone)]
pub struct Course {
    /// The last hours by minute, oldest first; what was not watched is left out.
    pub minutes: Vec<Minute>,
    /// By hour, oldest first; the same.
    pub hours: Vec<(Timestamp, Hour)>,
}

impl Service {
    /// How every system is. Cheap: it reads counts the journal keeps, and what is in memory.
    pub async fn health(&self) -> Result<Vec<SystemHealth>, Fault> {
        let standing = self.dispatcher.vitals().standing();
        let views = self.systems().await?;
        Ok(views.into_iter().map(|view| self.health_of(view, standing.as_deref())).collect())
    }

    /// One system, with what was measured over time from `from` on.
    pub async fn system(&self, system: &SystemId, from: Timestamp) -> Result<(SystemHealth, Course), Fault> {
        let health = self.health().await?.into_iter().find(|health| health.view.system == *system);
        let health = health.ok_or_else(|| no_such("system", system))?;
        let vitals = self.dispatcher.vitals();
        Ok((health, Course { minutes: vitals.minutes(system), hours: vitals.hours(system, from) }))
    }

    fn health_of(&self, view: SystemView, standing: Option<&Standing>) -> SystemHealth {
        let (config, now) = (self.config.load(), self.clock.now());
        let recent = self.dispatcher.vitals().recent(&view.system, now);
        let policy = config.systems.get(&view.system);
        let signs = Signs {
            gate: &view.gate,
            calls: policy.map_or(0, |policy| policy.concurrency.get()),
            timeout: policy.map(|policy| policy.timeout).unwrap_or_default(),
            queued: view.queued,
            recent: &recent,
        };
        let (state, since, signs) = judged(&signs);
        let noted = self.shared.states.lock().get(&view.system).copied();
        let since = since.or_else(|| noted.filter(|(noted, _)| *noted == state).map(|(_, since)| since));
        let open = view.queued + view.waiting + view.verifying + view.in_flight;
        let drained = match (is_internal(&view.system), view.gate.state) {
            (true, _) => Drain::Unknown(Why::NotASystem),
            (false, GateState::Open) => drain(open, recent.rates, now),
            (false, GateState::Probing | GateState::Closed | GateState::Paused | GateState::Maintenance)
                if open == 0 =>
            {
                Drain::Nothing
            }
            (false, GateState::Probing | GateState::Closed | GateState::Paused | GateState::Maintenance) => {
                Drain::Unknown(Why::NothingGoes)
            }
        };
        let backlog = standing.map(|standing| {
            let backlog = standing.systems.get(&view.system).cloned().unwrap_or_default();
            (backlog, standing.at, !standing.truncated)
        });
        let session = config.adapters.get(&view.system).map_or(SessionState::Unknown, |adapter| adapter.session(now));
        let waits = backlog.as_ref().map_or(0, |(backlog, _, _)| backlog.bulk);
        let bulk = policy.filter(|_| waits > 0).map(|policy| bulk::plan(waits, policy, now));
        let will_miss = misses(drained, backlog.as_ref(), &recent, now);
        SystemHealth { view, state, since, signs, session, recent, open, drain: drained, bulk, will_miss, backlog }
    }

    /// Remembers since when each system is as it is.
    pub(crate) async fn note_states(&self) {
        let Ok(health) = self.health().await else { return };
        let now = self.clock.now();
        let mut states = self.shared.states.lock();
        states.retain(|system, _| health.iter().any(|health| health.view.system == *system));
        for SystemHealth { view, state, .. } in health {
            match states.get_mut(&view.system) {
                Some((noted, _)) if *noted == state => {}
                Some(noted) => *noted = (state, now),
                None => drop(states.insert(view.system, (state, now))),
            }
        }
    }

    /// Takes over what earlier processes measured.
    pub(crate) async fn restore_vitals(&self) -> Result<(), Fault> {
        let (config, vitals) = (self.config.load_full(), self.dispatcher.vitals());
        let from = keep_from(self.clock.now());
        for system in config.systems.keys() {
            let kept = self.journal.measures(&system_subject(system), from, MOST_HOURS).await.map_err(of_journal)?;
            vitals.restore_system(system, &kept);
        }
        let of_systems: Vec<ClientId> = config.systems.keys().filter_map(of_system).collect();
        for client in config.clients.keys().chain(&of_systems) {
            let kept = self.journal.measures(&client_subject(client), from, MOST_HOURS).await.map_err(of_journal)?;
            vitals.restore_client(client, &kept);
        }
        vitals.watches(self.clock.now());
        Ok(())
    }

    /// Writes down the hours that changed; what cannot be written is written the next time.
    pub(crate) async fn keep_vitals(&self) {
        let (vitals, now) = (self.dispatcher.vitals(), self.clock.now());
        let hours = vitals.take_changed(now);
        if hours.is_empty() {
            return;
        }
        let command = Command::Measure { hours: hours.clone(), keep_from: keep_from(now) };
        let kept = match self.journal.commit(vec![command]).await {
            Ok(results) => results.into_iter().try_for_each(|result| result.map(drop).map_err(|why| of_refusal(&why))),
            Err(error) => Err(of_journal(error)),
        };
        if let Err(fault) = kept {
            tracing::warn!(%fault, "what was measured is not on disk yet");
            vitals.put_back(&hours);
        }
    }

    /// Looks at what is open and its dates.
    pub(crate) async fn look_at_backlog(&self) -> Result<(), Fault> {
        let (config, vitals) = (self.config.load_full(), self.dispatcher.vitals());
        let open = self.journal.open_deliveries(MOST_LOOKED_AT).await.map_err(of_journal)?;
        let now = self.clock.now();
        let of = |system: &SystemId| (system.clone(), vitals.outages(system));
        let outages: HashMap<SystemId, Vec<(Timestamp, Timestamp)>> = config.systems.keys().map(of).collect();
        let none = Vec::new();
        vitals.stands(Standing::of(open, now, |system| clockwork(&config, outages.get(system).unwrap_or(&none), now)));
        Ok(())
    }
}

/// Dates that have not passed and will have, as far as anybody can tell.
fn misses(
    drain: Drain,
    backlog: Option<&(Arc<SystemBacklog>, Timestamp, bool)>,
    recent: &Recent,
    now: Timestamp,
) -> Option<u64> {
    let went = recent.rates.map(|rates| rates.went).filter(|went| *went > 0.0);
    match (drain, went, backlog) {
        (Drain::Nothing, _, _) => Some(0),
        (Drain::At(_) | Drain::Never, Some(went), Some((backlog, _, true))) => Some(backlog.will_miss(now, went)),
        (Drain::At(_) | Drain::Never | Drain::Unknown(_), _, _) => None,
    }
}
