//! What the simulator received and answered, for counting; it must not change anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::history::Totals;
use super::profile::FaultProfile;

/// What the simulator received and answered so far. In cheap mode only `requests`, `connections` and `logins` count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The profile now in force.
    pub profile: FaultProfile,
    /// The seed of the run.
    pub seed: u64,
    /// Whether this is the cheap mode.
    pub cheap: bool,
    /// Requests to the portal, control calls left out.
    pub requests: u64,
    /// Connections accepted, control calls included.
    pub connections: u64,
    /// Logins asked.
    pub logins: u64,
    /// Most logins that ran at the same time: 1 for a client that shares its session.
    pub logins_at_once: u64,
    /// Sessions valid now.
    pub sessions_open: u64,
    /// Commanded faults that no call has met yet.
    pub faults_waiting: u64,
    /// Counts of calls and answers.
    #[serde(flatten)]
    pub tally: Tally,
    /// What the stored history shows.
    #[serde(flatten)]
    pub stored: Totals,
}

/// Counts of calls and answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Understood calls per service (`login` for logins).
    pub services: BTreeMap<String, u64>,
    /// Answers: `success`, `refused`, or the name of the fault the call met.
    pub answers: BTreeMap<String, u64>,
    /// Refusals per reason, whether or not the caller could read them.
    pub refusals: BTreeMap<String, u64>,
    /// Logins while an earlier session was still valid: wasted ones.
    pub logins_while_valid: u64,
    /// Outages begun.
    pub outages: u64,
    /// Maintenance periods begun.
    pub maintenances: u64,
}

impl Tally {
    pub(super) fn service(&mut self, name: &str) {
        add(&mut self.services, name);
    }

    pub(super) fn answer(&mut self, name: &str) {
        add(&mut self.answers, name);
    }

    pub(super) fn refusal(&mut self, reason: &str) {
        add(&mut self.refusals, reason);
    }
}

fn add(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => {
            counts.insert(name.to_owned(), 1);
        }
    }
}
