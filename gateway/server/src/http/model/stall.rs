//! Where dossiers stall, in the public JSON.

use lienthong_core::Timestamp;
use lienthong_engine::service::{FlowStalls, LateKey, Stalls, StepStalls};
use serde::Serialize;
use utoipa::ToSchema;

/// All flows with where their dossiers stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FlowList {
    pub flows: Vec<StalledFlow>,
    /// Whether more steps are open than were looked at: the numbers are the least they can be.
    pub truncated: bool,
}

/// One flow over all keys.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StalledFlow {
    #[schema(example = "land-obligation")]
    pub name: String,
    pub summary: String,
    pub steps: Vec<StalledStep>,
}

/// One step over all keys.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StalledStep {
    pub name: String,
    /// The unit or party that must act.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub who_acts: String,
    /// Whether the step has a time limit; without one nothing of it is counted.
    pub limited: bool,
    /// Keys whose turn it is, in time or in a pause.
    pub waiting: u64,
    /// Keys whose turn it is, too late.
    pub late: u64,
    /// The error group of those that are late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Those that are late and wait longest, at most 20.
    pub longest: Vec<StalledKey>,
}

/// A key whose step is late.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StalledKey {
    #[schema(example = "H56.14-250115-0007")]
    pub key: String,
    /// When the step's turn came.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// When the gateway noticed that it was late.
    #[schema(value_type = String, format = DateTime)]
    pub late_since: Timestamp,
}

impl From<Stalls> for FlowList {
    fn from(Stalls { flows, truncated }: Stalls) -> Self {
        Self { flows: flows.into_iter().map(StalledFlow::from).collect(), truncated }
    }
}

impl From<FlowStalls> for StalledFlow {
    fn from(FlowStalls { name, summary, steps }: FlowStalls) -> Self {
        Self { name, summary, steps: steps.into_iter().map(StalledStep::from).collect() }
    }
}

impl From<StepStalls> for StalledStep {
    fn from(StepStalls { name, who_acts, limited, waiting, late, group, longest }: StepStalls) -> Self {
        let longest = longest.into_iter().map(StalledKey::from).collect();
        Self { name, who_acts, limited, waiting, late, group: group.map(|group| group.to_string()), longest }
    }
}

impl From<LateKey> for StalledKey {
    fn from(LateKey { key, since, late_since }: LateKey) -> Self {
        Self { key: key.to_string(), since, late_since }
    }
}
