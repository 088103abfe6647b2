//! Reconciliations in the public JSON: runs, counts, differences. Bodies of messages are never among them; it decides nothing.

mod totals;

use jiff::civil::Date;
use lienthong_core::Timestamp;
use lienthong_engine::reconcile::run::{List, Wanted};
use lienthong_engine::reconcile::{Aspect, Counts, Found, Newer, Run, Sending, Sent, Spec, State, Why};
use lienthong_engine::service::RunView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use totals::{Totals, TotalsRow};

/// What is compared.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReconciliationRequest {
    /// A configured reconciliation.
    #[schema(example = "portal-dossiers")]
    pub name: String,
    /// The days compared, both included; yesterday where left out.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
    /// The gateway reads the lists from the files of its daily run, and compares.
    pub from_files: bool,
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

/// Which differences are sent; all given conditions hold.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SendRequest {
    /// Why; it becomes the messages' purpose.
    #[schema(max_length = 500, example = "the portal lost them on 2026-01-15")]
    pub reason: Option<String>,
    /// The operator knows that what the other side holds may be newer, and wants it overwritten.
    pub confirm: bool,
    /// These places; all that fit the other conditions where left out.
    #[schema(max_items = 10_000)]
    pub places: Vec<u32>,
    /// `missing_there`, `missing_here`, `status`, `due` or `returned`.
    #[schema(value_type = Option<String>)]
    pub aspect: Option<Aspect>,
    /// `here`, `there` or `undecided`.
    #[schema(value_type = Option<String>)]
    pub newer: Option<Newer>,
    #[schema(value_type = Option<String>)]
    pub why: Option<Why>,
    pub unit: Option<String>,
    pub procedure: Option<String>,
    pub status: Option<String>,
}

/// Runs, the newest first, and what is configured.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReconciliationList {
    pub configured: Vec<ConfiguredReconciliation>,
    pub runs: Vec<Reconciliation>,
}

/// A configured reconciliation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConfiguredReconciliation {
    pub name: String,
    pub summary: String,
    pub operation: String,
    /// Whether the other side is asked about each key.
    pub looks_up: bool,
    /// Whether a list of the other side can be given.
    pub takes_their_list: bool,
    /// When it runs by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily: Option<String>,
}

/// One run.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reconciliation {
    pub id: String,
    pub name: String,
    pub by: String,
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// `receiving`, `comparing`, `done`, `stopped` or `failed`.
    #[schema(example = "done")]
    pub state: &'static str,
    /// Why it failed or was stopped, or what it waits for now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub began: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended: Option<Timestamp>,
    /// Whether the gateway reads the lists from the files of its daily run.
    pub from_files: bool,
    pub here: TakenList,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub there: Option<TakenList>,
    pub counts: Counted,
    /// Pieces of the province's list compared, of all.
    pub compared: u32,
    pub pieces: u32,
    /// What is being sent now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sending: Option<SendingShown>,
    /// What was sent, the newest last.
    pub sendings: Vec<SendingShown>,
}

/// What was received of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TakenList {
    pub parts: u32,
    pub rows: u64,
    pub refused: u64,
    /// The first rows that could not be read, and why.
    pub problems: Vec<RowProblem>,
}

/// A row that could not be read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RowProblem {
    pub line: u64,
    pub problem: String,
}

/// What a run found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Counted {
    pub keys: u64,
    pub equal: u64,
    pub different: u64,
    pub missing_there: u64,
    pub missing_here: u64,
    pub status: u64,
    pub due: u64,
    pub returned: u64,
    /// Of the different ones: the other side holds the newer state.
    pub newer_there: u64,
    /// Rows of other days.
    pub outside: u64,
    /// Rows that repeat another.
    pub repeated: u64,
    /// Rows that contradict another of their key.
    pub conflicting: u64,
    /// Keys asked about there, and those without an answer.
    pub asked: u64,
    pub unanswered: u64,
}

/// A sending of differences.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SendingShown {
    pub by: String,
    pub reason: String,
    pub confirmed: bool,
    #[schema(value_type = String, format = DateTime)]
    pub began: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended: Option<Timestamp>,
    pub sent: u64,
    pub not_sent: u64,
}

/// One page of differences.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReconciliationPage {
    pub differences: Vec<ReconciliationDifference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// One key that differs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReconciliationDifference {
    pub place: u32,
    pub key: String,
    /// Its line in the province's list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// In what they differ: `missing_there`, `missing_here`, `status`, `due`, `returned`.
    pub aspects: Vec<&'static str>,
    /// Which side is newer: `here`, `there` or `undecided`.
    pub newer: &'static str,
    pub why: &'static str,
    pub who_must_act: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub here: Option<SideState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub there: Option<SideState>,
    /// The newest message of this key that was handed over here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    /// What it was sent as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_as: Option<String>,
    /// Why it was not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_sent: Option<String>,
}

/// What one side says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SideState {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub day: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub due: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub returned: Option<Date>,
}

impl SendRequest {
    pub fn wanted(&self) -> Wanted {
        let Self { reason: _, confirm: _, places, aspect, newer, why, unit, procedure, status } = self.clone();
        Wanted { places, aspect, newer, why, unit, procedure, status, key: None }
    }
}

impl From<&Spec> for ConfiguredReconciliation {
    fn from(spec: &Spec) -> Self {
        Self {
            name: spec.name.clone(),
            summary: spec.summary.clone(),
            operation: spec.operation.to_string(),
            looks_up: spec.lookup.is_some(),
            takes_their_list: spec.there.is_some(),
            daily: spec.daily.as_ref().map(|daily| daily.at.strftime("%H:%M").to_string()),
        }
    }
}

impl From<RunView> for Reconciliation {
    fn from(view: RunView) -> Self {
        let RunView { id, version: _, run, waits } = view;
        let Run {
            name,
            by,
            began,
            ended,
            from,
            to,
            phase,
            because,
            from_files,
            here,
            there,
            compared,
            found: _,
            counts,
            sending,
            sent,
            at_once: _,
            missing: _,
        } = run;
        Self {
            id,
            name,
            by,
            from,
            to,
            state: phase.as_str(),
            because: because.or(waits),
            began,
            ended,
            from_files,
            compared,
            pieces: here.chunks,
            here: here.into(),
            there: there.map(Into::into),
            counts: counts.into(),
            sending: sending.map(Into::into),
            sendings: sent.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Counts> for Counted {
    fn from(counts: Counts) -> Self {
        let Counts {
            keys,
            equal,
            different,
            missing_there,
            missing_here,
            status,
            due,
            returned,
            newer_there,
            outside,
            repeated,
            conflicting,
            asked,
            unanswered,
        } = counts;
        Self {
            keys,
            equal,
            different,
            missing_there,
            missing_here,
            status,
            due,
            returned,
            newer_there,
            outside,
            repeated,
            conflicting,
            asked,
            unanswered,
        }
    }
}

impl From<List> for TakenList {
    fn from(list: List) -> Self {
        let List { parts, chunks: _, lines: _, rows, refused, told } = list;
        let problems = told.into_iter().map(|(line, problem)| RowProblem { line, problem }).collect();
        Self { parts, rows, refused, problems }
    }
}

impl From<Sending> for SendingShown {
    fn from(sending: Sending) -> Self {
        let Sending { by, reason, confirmed, wanted: _, began, ended, chunk: _, sent, not_sent } = sending;
        Self { by, reason, confirmed, began, ended, sent, not_sent }
    }
}

impl From<State> for SideState {
    fn from(state: State) -> Self {
        let State { unit, procedure, status, day, due, returned, changed: _ } = state;
        Self { unit, procedure, status, day, due: due.day(), returned: returned.day() }
    }
}

impl From<Found> for ReconciliationDifference {
    fn from(found: Found) -> Self {
        let Found { place, key, line, here, there, difference, handed, why, body: _, sent } = found;
        let (sent_as, not_sent) = match sent {
            Some(Sent::As(exchange)) => (Some(exchange.to_string()), None),
            Some(Sent::Not(why)) => (None, Some(why)),
            None => (None, None),
        };
        Self {
            place,
            key: key.to_string(),
            line,
            aspects: difference.aspects.iter().map(|aspect| aspect.as_str()).collect(),
            newer: difference.newer.as_str(),
            why: why.as_str(),
            who_must_act: why.party().as_str(),
            here: here.map(Into::into),
            there: there.map(Into::into),
            exchange: handed.map(|handed| handed.exchange.to_string()),
            sent_as,
            not_sent,
        }
    }
}
