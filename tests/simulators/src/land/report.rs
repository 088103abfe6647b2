//! What the simulator received, pushed and answered, for counting; it must not change anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::options::Dialect;
use super::push::PushReply;
use crate::net::profile::FaultProfile;

/// What the simulator received, pushed and answered so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The profile now in force.
    pub profile: FaultProfile,
    /// The seed of the run.
    pub seed: u64,
    pub dialect: Dialect,
    /// Requests, control calls left out.
    pub requests: u64,
    /// iLIS: tokens given for the password, for a refresh token, and while another was still valid.
    pub logins: u64,
    pub refreshes: u64,
    pub tokens_while_valid: u64,
    /// Commanded faults that no call has met yet.
    pub faults_waiting: u64,
    /// Dossiers received.
    pub dossiers: u64,
    /// Sums over dossiers.
    pub totals: Counts,
    /// Dossiers by where they stand.
    pub stages: BTreeMap<Stage, u64>,
    /// Counts of calls and answers.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Where a dossier stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    Working,
    WaitingForSupplement,
    WaitingForPayment,
    Finished,
    Returned,
}

/// What happened to one dossier, or to all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Receipts: the first, and those answered "đã tồn tại".
    pub receipts: u64,
    /// Receipts of a dossier that was there, with the same content: harmless.
    pub repeated: u64,
    /// Receipts of a dossier that was there, with other content: refused in the same words, and lost.
    pub changed: u64,
    /// Supplements taken.
    pub supplements: u64,
    /// Supplements nobody waited for.
    pub unasked: u64,
    /// Results handed over, and told so again.
    pub returned: u64,
    pub returned_again: u64,
    /// Reports of a wrong result.
    pub wrong_results: u64,
    /// Supplements and reports that came again, byte for byte: what must not happen twice.
    pub doubled: u64,
    /// Messages before the dossier's receipt, results before its end, receipts after it.
    pub out_of_order: u64,
    /// Pushes that the desk answered with `Result` 1.
    pub pushed: u64,
    /// Pushes answered with another `Result`.
    pub refused: u64,
    /// Pushes that were given up without any answer.
    pub unanswered: u64,
    /// Pushes sent again, answered or not.
    pub pushed_again: u64,
    /// Slips the tax office has.
    pub slips: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: &Self) {
        let Self {
            receipts,
            repeated,
            changed,
            supplements,
            unasked,
            returned,
            returned_again,
            wrong_results,
            doubled,
            out_of_order,
            pushed,
            refused,
            unanswered,
            pushed_again,
            slips,
        } = other;
        self.receipts += receipts;
        self.repeated += repeated;
        self.changed += changed;
        self.supplements += supplements;
        self.unasked += unasked;
        self.returned += returned;
        self.returned_again += returned_again;
        self.wrong_results += wrong_results;
        self.doubled += doubled;
        self.out_of_order += out_of_order;
        self.pushed += pushed;
        self.refused += refused;
        self.unanswered += unanswered;
        self.pushed_again += pushed_again;
        self.slips += slips;
    }
}

/// One push and everything the desk answered to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushRecord {
    /// `ChuyenHoSo`, …
    pub name: String,
    /// How often it was sent.
    pub sends: u64,
    /// The answers, in order; sends without an answer have none.
    pub answers: Vec<PushReply>,
}

impl PushRecord {
    /// `Result` of the first answer.
    pub fn result(&self) -> Option<i64> {
        self.answers.iter().find(|answer| answer.is_answer()).and_then(|answer| answer.result)
    }
}

/// One dossier as the office has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DossierReport {
    pub code: String,
    pub stage: Stage,
    /// What is done next by the script; `None` at its end.
    pub next: Option<String>,
    /// Its receipt as it came, files as their names and sizes.
    pub content: serde_json::Value,
    pub counts: Counts,
    pub pushes: Vec<PushRecord>,
    /// Numbers of its tax notices.
    pub notices: Vec<String>,
}

/// Counts of calls and answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Calls per name that was understood: `tiepnhan`, `GetDanhMucNguoiDung`, `files`, `token`, …
    pub calls: BTreeMap<String, u64>,
    /// Answers: `done`, `refused`, `list`, `file`, or the name of the fault the call met.
    pub answers: BTreeMap<String, u64>,
    /// Refusals per reason: the rule and, after a colon, the field.
    pub refusals: BTreeMap<String, u64>,
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
