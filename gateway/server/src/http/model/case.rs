//! Cases of error groups in the public JSON: whose turn, who has it, whom it concerns, what operators did. It decides nothing.

use lienthong_core::fault::PublicText;
use lienthong_core::{BusinessKey, Timestamp};
use lienthong_engine::desk::{Fix, Note};
use lienthong_engine::service::{CaseReach, CaseView, GroupKeys};
use lienthong_journal::{ActRecord, Actor, Page};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where the case of an error group stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseSummary {
    /// `new`, `acknowledged`, `assigned`, `releasing`, `resolved` or `reopened`.
    #[schema(example = "new")]
    pub state: &'static str,
    /// Who has it: a person or a unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Rises with each act; an act that names it meets what its operator saw.
    pub version: u32,
    /// Who must act: `source_system`, `mapping`, `code_list`, `network`, `target_system`, `credentials` or `gateway`.
    #[schema(example = "source_system")]
    pub who_must_act: &'static str,
    /// What speaks for it, the strongest first.
    pub reasons: Vec<Reason>,
    /// What fixed it the last time it was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_fix: Option<CaseFix>,
}

/// One reason, in both languages.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reason {
    pub vi: String,
    pub en: String,
}

/// Whom an error group concerns.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Concerns {
    /// Distinct business keys with something parked.
    pub keys: u64,
    pub clients: Vec<ConcernedClient>,
    /// Parked past the date promised to the citizen.
    pub overdue: u64,
    /// Parked with a promised date within four working hours.
    pub at_risk: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_due: Option<Timestamp>,
    /// Whether there are more than were counted.
    pub truncated: bool,
    /// Times the cause was seen, by the hour, oldest first; hours without any are left out.
    pub trend: Vec<Hour>,
}

/// The business keys that an error group concerns, those with the oldest parked delivery first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AffectedKeys {
    pub keys: Vec<AffectedKey>,
    /// Keys beyond those listed.
    pub more: u64,
    /// Keys that are personal data, which are not told.
    pub hidden: u64,
    /// Whether there are more deliveries than were looked at.
    pub truncated: bool,
}

/// A business key and its parked deliveries.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AffectedKey {
    #[schema(example = "H56.14-260115-0007")]
    pub key: String,
    pub parked: u64,
}

/// A client and its parked deliveries.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConcernedClient {
    pub client: String,
    pub parked: u64,
}

/// One hour of a group's growth.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Hour {
    /// Its beginning.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    pub seen: u64,
}

/// Something an operator wrote down.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseNote {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub who: String,
    pub text: String,
}

/// What closed it once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseFix {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub who: String,
    pub how: String,
}

/// An act on a case.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CaseAct {
    /// Why; of resolving, what fixed it, which is mandatory.
    #[schema(max_length = 500, example = "added the ward to admin-units")]
    pub reason: Option<String>,
    /// Of assigning: a person or unit; left out, it is given back.
    #[schema(max_length = 500, example = "Sở Tư pháp")]
    pub owner: Option<String>,
    /// The case's version as it was seen; the act is refused when somebody changed it meanwhile.
    pub version: Option<u32>,
}

/// Something to write down.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NoteText {
    #[schema(max_length = 500, example = "phoned the ward, they correct it today")]
    pub text: String,
}

/// What operators did, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActList {
    pub acts: Vec<Deed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// One thing that was done.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Deed {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The operator or client; absent when the gateway did it by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    #[schema(example = "released")]
    pub verb: String,
    /// What it was done to: `case`, `delivery`, `system`, …
    pub kind: String,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl CaseSummary {
    pub fn of(view: &CaseView) -> Self {
        let CaseView { group: _, case, version, state, verdict } = view;
        Self {
            state: state.as_str(),
            owner: case.owner.clone(),
            version: *version,
            who_must_act: verdict.party.as_str(),
            reasons: verdict.reasons.iter().map(Reason::from).collect(),
            last_fix: case.last_fix().map(CaseFix::from),
        }
    }
}

impl From<&PublicText> for Reason {
    fn from(text: &PublicText) -> Self {
        let PublicText { vi, en } = text.clone();
        Self { vi, en }
    }
}

impl From<&CaseReach> for Concerns {
    fn from(reach: &CaseReach) -> Self {
        let CaseReach { keys, clients, overdue, at_risk, next_due, truncated, trend } = reach;
        let clients = clients.iter().map(|(client, parked)| (client.to_string(), *parked));
        Self {
            keys: *keys,
            clients: clients.map(|(client, parked)| ConcernedClient { client, parked }).collect(),
            overdue: *overdue,
            at_risk: *at_risk,
            next_due: *next_due,
            truncated: *truncated,
            trend: trend.iter().map(|(from, seen)| Hour { from: *from, seen: *seen }).collect(),
        }
    }
}

impl From<&Note> for CaseNote {
    fn from(note: &Note) -> Self {
        let Note { at, who, text } = note.clone();
        Self { at, who, text }
    }
}

impl From<&Fix> for CaseFix {
    fn from(fix: &Fix) -> Self {
        let Fix { at, who, how } = fix.clone();
        Self { at, who, how }
    }
}

impl AffectedKeys {
    /// The first `limit` of them.
    pub(crate) fn of(found: GroupKeys, limit: usize) -> Self {
        let GroupKeys { keys, hidden, truncated } = found;
        let more = keys.len().saturating_sub(limit) as u64;
        let told = |(key, parked): (BusinessKey, u64)| AffectedKey { key: key.to_string(), parked };
        Self { keys: keys.into_iter().take(limit).map(told).collect(), more, hidden, truncated }
    }
}

impl From<Page<ActRecord>> for ActList {
    fn from(page: Page<ActRecord>) -> Self {
        let Page { rows, next } = page;
        Self { acts: rows.into_iter().map(Deed::from).collect(), next_cursor: next.map(|cursor| cursor.0) }
    }
}

impl From<ActRecord> for Deed {
    fn from(act: ActRecord) -> Self {
        let ActRecord { seq: _, at, actor, verb, kind, id, reason, before, after } = act;
        let who = match actor {
            Actor::Operator(name) => Some(name),
            Actor::Client(client) => Some(client.to_string()),
            Actor::Gateway => None,
        };
        Self { at, who, verb, kind, id, reason, before, after }
    }
}
