//! What the simulator received and answered, for counting; it must not change anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::net::profile::FaultProfile;

/// What the simulator received and answered so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The profile now in force.
    pub profile: FaultProfile,
    /// The seed of the run.
    pub seed: u64,
    /// Taxpayers registered.
    pub taxpayers: u64,
    /// Requests, control calls left out.
    pub requests: u64,
    /// Commanded faults that no call has met yet.
    pub faults_waiting: u64,
    /// Different slips taken.
    pub slips: u64,
    /// Slips that came again, byte for byte.
    pub slip_duplicates: u64,
    /// Counts of calls and answers.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Counts of calls and answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Calls per kind that was understood: `00003`, `00109`, `slip`.
    pub kinds: BTreeMap<String, u64>,
    /// Answers: `found`, `not-found`, `taken`, `refused`, or the name of the fault the call met.
    pub answers: BTreeMap<String, u64>,
    /// Refusals per reason: the rule and, after a colon, the element.
    pub refusals: BTreeMap<String, u64>,
    /// Messages whose MSG_ID had been used before.
    pub repeated_ids: u64,
    /// Outages begun.
    pub outages: u64,
    /// Maintenance periods begun.
    pub maintenances: u64,
}

/// Different names counted at most in one list.
const NAMES: usize = 1_000;

pub(super) fn add(counts: &mut BTreeMap<String, u64>, name: &str) {
    if let Some(count) = counts.get_mut(name) {
        *count += 1;
    } else if counts.len() < NAMES {
        counts.insert(name.to_owned(), 1);
    }
}
