//! Flows of a key, and copies of its messages, in the public JSON.

use lienthong_core::Timestamp;
use lienthong_engine::flow::{Ended, Standing, StepStanding, StepState};
use lienthong_engine::service::FlowView;
use lienthong_journal::{EventRecord, Standstill};
use serde::Serialize;
use utoipa::ToSchema;

/// Where one flow of a key stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Flow {
    #[schema(example = "land-obligation")]
    pub name: String,
    pub summary: String,
    pub state: FlowStateName,
    #[schema(value_type = String, format = DateTime)]
    pub began_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub paused_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// The early end's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    pub steps: Vec<FlowStep>,
}

/// One step of a flow.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FlowStep {
    pub name: String,
    pub state: FlowStepName,
    /// The unit or party that must act.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub who_acts: String,
    /// When its turn came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub done_at: Option<Timestamp>,
    /// How often it was completed.
    pub times: u32,
}

/// Where a flow stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FlowStateName {
    Running,
    /// A step did not happen in time.
    Late,
    Paused,
    Completed,
    EndedEarly,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FlowStepName {
    /// What comes before it is not done.
    Ahead,
    Waiting,
    Late,
    Paused,
    Done,
    /// The flow went on, or ended, without it.
    Skipped,
}

/// A message that came another way before, and was recognised.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Copied {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The exchange it is a copy of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    /// Which way it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A time in which promised dates stood still.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StoodStill {
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Absent while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

impl From<&Standstill> for StoodStill {
    fn from(Standstill { since, until }: &Standstill) -> Self {
        Self { since: *since, until: *until }
    }
}

impl From<&FlowView> for Flow {
    fn from(view: &FlowView) -> Self {
        let FlowView { name, summary, standing } = view;
        let Standing { began_at, ended, paused_since, steps } = standing;
        Self {
            name: name.clone(),
            summary: summary.clone(),
            state: state(standing),
            began_at: *began_at,
            paused_since: *paused_since,
            ended_at: ended.as_ref().map(|ended| ended.at),
            ended_by: ended.as_ref().and_then(|ended| ended.by.clone()),
            steps: steps.iter().map(FlowStep::from).collect(),
        }
    }
}

fn state(standing: &Standing) -> FlowStateName {
    let late = standing.steps.iter().any(|step| matches!(step.state, StepState::Late { .. }));
    match (&standing.ended, standing.paused_since, late) {
        (Some(Ended { by: Some(_), .. }), _, _) => FlowStateName::EndedEarly,
        (Some(Ended { by: None, .. }), _, _) => FlowStateName::Completed,
        (None, _, true) => FlowStateName::Late,
        (None, Some(_), false) => FlowStateName::Paused,
        (None, None, false) => FlowStateName::Running,
    }
}

impl From<&StepStanding> for FlowStep {
    fn from(step: &StepStanding) -> Self {
        let StepStanding { name, who_acts, state, times } = step;
        let (state, since, due_at, done_at) = match state {
            StepState::Ahead => (FlowStepName::Ahead, None, None, None),
            StepState::Waiting { since, due } => (FlowStepName::Waiting, Some(*since), *due, None),
            StepState::Late { since, due } => (FlowStepName::Late, Some(*since), Some(*due), None),
            StepState::Paused { since } => (FlowStepName::Paused, Some(*since), None, None),
            StepState::Done { at } => (FlowStepName::Done, None, None, Some(*at)),
            StepState::Skipped => (FlowStepName::Skipped, None, None, None),
        };
        Self { name: name.clone(), state, who_acts: who_acts.clone(), since, due_at, done_at, times: *times }
    }
}

impl From<&EventRecord> for Copied {
    fn from(event: &EventRecord) -> Self {
        Self { at: event.at, exchange: event.exchange.map(|id| id.to_string()), note: event.note.clone() }
    }
}
