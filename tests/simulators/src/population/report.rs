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
    /// Citizens registered.
    pub citizens: u64,
    /// Requests, control calls left out.
    pub requests: u64,
    /// Tokens valid now.
    pub tokens_valid: u64,
    /// Most token requests that ran at the same time: 1 for a client that shares its token.
    pub tokens_at_once: u64,
    /// Commanded faults that no call has met yet.
    pub faults_waiting: u64,
    /// Counts of calls and answers.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Counts of calls and answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Calls per operation that was understood (`token` for the token service).
    pub services: BTreeMap<String, u64>,
    /// Answers: `found`, `not-found`, `token`, `refused`, or the name of the fault the call met.
    pub answers: BTreeMap<String, u64>,
    /// Refusals per reason: the rule and, after a colon, the element.
    pub refusals: BTreeMap<String, u64>,
    /// Requests per generation of authentication that held.
    pub proofs: BTreeMap<String, u64>,
    /// Requests per procedure code they were made for.
    pub purposes: BTreeMap<String, u64>,
    /// Requests per officer they were made by.
    pub officers: BTreeMap<String, u64>,
    /// Requests whose `MaYeuCau` had been used before.
    pub duplicates: u64,
    /// Different `MaYeuCau` seen.
    pub request_ids: u64,
    /// True when more request ids came than are remembered.
    pub ids_capped: bool,
    /// Outages begun.
    pub outages: u64,
    /// Maintenance periods begun.
    pub maintenances: u64,
}

/// Different names counted at most in one list.
const NAMES: usize = 10_000;

pub(super) fn add(counts: &mut BTreeMap<String, u64>, name: &str) {
    if let Some(count) = counts.get_mut(name) {
        *count += 1;
    } else if counts.len() < NAMES {
        counts.insert(name.to_owned(), 1);
    }
}
