//! What operators see and do, in the public JSON: error groups, systems, acts with their reasons.

use lienthong_core::{ConfigVersion, DeliveryId, Fault, SystemId, Timestamp};
use lienthong_engine::dispatch::GateView;
use lienthong_engine::poll::PollView;
use lienthong_engine::service;
use lienthong_journal::{DeliveryRecord, GroupRecord, Page};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case::{CaseFix, CaseNote, CaseSummary, Concerns};
use super::exchange::Delivery;
use super::expiry::Expiry;
use super::fault::{Insight, ShownFault};
use super::health::Condition;
use super::names::GateName;

/// Why an operator acts. An empty body is an act without a reason.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Act {
    /// Mandatory where something is given up or stopped; kept with the record.
    #[schema(max_length = 500, example = "corrected at the source")]
    pub reason: Option<String>,
    /// The operator knows that it may send twice, or out of order.
    pub confirm: bool,
}

/// Sync errors with one cause.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErrorGroup {
    pub id: String,
    pub system: String,
    pub operation: String,
    /// The latest fault of this cause.
    pub fault: ShownFault,
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    /// Times a delivery failed with this cause, ever.
    pub seen: u64,
    /// Parked now.
    pub parked: u64,
    /// Waiting or being verified now.
    pub waiting: u64,
    /// Held behind the parked ones in their lanes.
    pub held_behind: u64,
    pub sample_delivery: String,
    /// Since when something of it has been open without a break.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Timestamp,
    /// Times it came back after it had been closed.
    pub reopened: u64,
    pub case: CaseSummary,
}

/// One page of error groups.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErrorGroupPage {
    pub groups: Vec<ErrorGroup>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// One error group with a page of its parked deliveries, oldest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErrorGroupDetail {
    pub group: ErrorGroup,
    pub concerns: Concerns,
    /// What operators wrote down, oldest first.
    pub notes: Vec<CaseNote>,
    /// What fixed it before, oldest first.
    pub fixes: Vec<CaseFix>,
    pub deliveries: Vec<Delivery>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What an act on a group did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GroupOutcome {
    pub moved: u64,
    /// Changed meanwhile, or needing a confirmation of their own.
    pub refused: Vec<RefusedDelivery>,
    /// Refused beyond those listed.
    pub refused_unlisted: u64,
}

/// A delivery that an act on its group did not move.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RefusedDelivery {
    pub delivery: String,
    pub reason: String,
}

/// One external system.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct System {
    pub name: String,
    pub gate: GateName,
    /// Since when the gate has this state.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// The fault that closed it, or the operator's reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_probe: Option<Timestamp>,
    /// When a maintenance window ends, where one is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_success: Option<Timestamp>,
    /// Calls it allows at once now.
    pub concurrency: u32,
    pub in_flight: u64,
    pub queued: u64,
    pub waiting: u64,
    pub verifying: u64,
    pub parked: u64,
    /// How it is, by what was measured.
    pub condition: Condition,
    /// How it is polled, where it must be asked for its messages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pollers: Vec<Poller>,
    /// Until when its certificates and secrets hold, the soonest first; the gateway's own are those of the system `gateway`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expiries: Vec<Expiry>,
}

/// One poller of a system.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Poller {
    pub name: String,
    /// Asked at this moment.
    pub running: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_success: Option<Timestamp>,
    /// Why the last time failed; absent once it succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// Messages stored since the gateway started.
    pub messages: u64,
}

/// All external systems.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SystemList {
    pub systems: Vec<System>,
}

/// What probing found, per system.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProbeOutcome {
    pub results: Vec<ProbeResult>,
}

/// One system's probe.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProbeResult {
    pub system: String,
    pub ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<ShownFault>,
}

/// The configuration that runs now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reloaded {
    pub version: String,
}

/// Well.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    pub status: &'static str,
}

impl ErrorGroup {
    pub fn of(view: &service::CaseView, insight: Insight) -> Self {
        let GroupRecord {
            fingerprint,
            system,
            operation,
            first_seen,
            last_seen,
            seen,
            parked,
            waiting,
            held_behind,
            sample,
            sample_delivery,
            opened_at,
            reopened,
        } = &view.group;
        Self {
            id: fingerprint.to_string(),
            system: system.to_string(),
            operation: operation.to_string(),
            fault: ShownFault::of(sample, insight),
            first_seen: *first_seen,
            last_seen: *last_seen,
            seen: *seen,
            parked: *parked,
            waiting: *waiting,
            held_behind: *held_behind,
            sample_delivery: sample_delivery.to_string(),
            opened_at: *opened_at,
            reopened: *reopened,
            case: CaseSummary::of(view),
        }
    }
}

impl ErrorGroupPage {
    pub fn of(page: &Page<service::CaseView>, insight: Insight) -> Self {
        Self {
            groups: page.rows.iter().map(|group| ErrorGroup::of(group, insight)).collect(),
            next_cursor: page.next.as_ref().map(|cursor| cursor.0.clone()),
        }
    }
}

impl ErrorGroupDetail {
    pub fn of(
        view: &service::CaseView,
        reach: &service::CaseReach,
        members: &Page<DeliveryRecord>,
        insight: Insight,
    ) -> Self {
        Self {
            group: ErrorGroup::of(view, insight),
            concerns: Concerns::from(reach),
            notes: view.case.notes.iter().map(CaseNote::from).collect(),
            fixes: view.case.fixes.iter().map(CaseFix::from).collect(),
            deliveries: members.rows.iter().map(|delivery| Delivery::of(delivery, &[], insight)).collect(),
            next_cursor: members.next.as_ref().map(|cursor| cursor.0.clone()),
        }
    }
}

impl From<service::GroupOutcome> for GroupOutcome {
    fn from(outcome: service::GroupOutcome) -> Self {
        let service::GroupOutcome { moved, refused, refused_unlisted } = outcome;
        let row = |(delivery, reason): (DeliveryId, String)| RefusedDelivery { delivery: delivery.to_string(), reason };
        Self { moved, refused: refused.into_iter().map(row).collect(), refused_unlisted }
    }
}

impl From<service::SystemHealth> for System {
    fn from(health: service::SystemHealth) -> Self {
        let condition = Condition::from(&health);
        let service::SystemView { system, gate, queued, waiting, verifying, in_flight, parked, pollers, expiries } =
            health.view;
        let GateView { state, since, reason, next_probe, until, in_flight: _, concurrency, last_success: _ } = gate;
        Self {
            name: system.to_string(),
            gate: state.into(),
            since,
            reason,
            next_probe,
            until,
            // Known over restarts too.
            last_success: health.recent.last_success,
            concurrency,
            in_flight,
            queued,
            waiting,
            verifying,
            parked,
            condition,
            pollers: pollers.into_iter().map(Poller::from).collect(),
            expiries: expiries.into_iter().map(Expiry::from).collect(),
        }
    }
}

impl From<PollView> for Poller {
    fn from(view: PollView) -> Self {
        let PollView { system: _, name, running, last_success, fault, next_at, messages } = view;
        let fault = fault.map(|fault| fault.code.as_str().to_owned());
        Self { name, running, last_success, fault, next_at, messages }
    }
}

impl From<Vec<service::SystemHealth>> for SystemList {
    fn from(views: Vec<service::SystemHealth>) -> Self {
        Self { systems: views.into_iter().map(System::from).collect() }
    }
}

impl ProbeOutcome {
    pub fn of(results: Vec<(SystemId, Result<(), Fault>)>, insight: Insight) -> Self {
        let result = |(system, probed): (SystemId, Result<(), Fault>)| ProbeResult {
            system: system.to_string(),
            ok: probed.is_ok(),
            fault: probed.err().map(|fault| ShownFault::of(&fault, insight)),
        };
        Self { results: results.into_iter().map(result).collect() }
    }
}

impl From<ConfigVersion> for Reloaded {
    fn from(version: ConfigVersion) -> Self {
        Self { version: version.to_string() }
    }
}
