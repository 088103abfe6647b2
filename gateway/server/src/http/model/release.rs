//! Releases in steps in the public JSON. It decides nothing.

use lienthong_core::Timestamp;
use lienthong_engine::desk::{Pace, Release};
use lienthong_engine::service::ReleaseView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RefusedDelivery;

/// How a group is to be released.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReleaseRequest {
    /// Members of each step, 1 to 1000; the last one repeats. Left out: 1, 5, 20, 100.
    #[schema(example = json!([1, 5, 20, 100]))]
    pub steps: Option<Vec<u32>>,
    /// Releases a second, at most.
    pub per_second: Option<u32>,
    /// It pauses by itself when more than this share of a step, in hundredths, fails again. Left out: 20.
    #[schema(example = 20, maximum = 100)]
    pub stop_above: Option<u8>,
    #[schema(max_length = 500, example = "the ward was added")]
    pub reason: Option<String>,
    /// The operator knows that it may send twice, or out of order.
    pub confirm: bool,
}

/// A release of an error group in steps.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReleaseInSteps {
    pub id: String,
    pub group: String,
    pub by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// `running`, `paused`, `stopped` or `done`.
    #[schema(example = "running")]
    pub state: &'static str,
    /// Why it is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub began: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended: Option<Timestamp>,
    /// When the rest will have gone at the pace so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub eta: Option<Timestamp>,
    pub steps: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_second: Option<u32>,
    pub stop_above: u8,
    /// Steps that are over.
    pub step: u32,
    /// Members of the step at hand that have not settled.
    pub in_step: u64,
    /// Parked when it began.
    pub total: u64,
    pub delivered: u64,
    /// Parked again.
    pub failed: u64,
    /// Not released, or released and waiting behind another of its key; the first of them in `refusals`.
    pub refused: u64,
    pub refusals: Vec<RefusedDelivery>,
}

/// Releases in steps, the newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReleaseList {
    pub releases: Vec<ReleaseInSteps>,
}

impl ReleaseRequest {
    pub fn pace(&self) -> Pace {
        let usual = Pace::default();
        Pace {
            steps: self.steps.clone().unwrap_or(usual.steps),
            per_second: self.per_second,
            stop_above: self.stop_above.unwrap_or(usual.stop_above),
        }
    }
}

impl ReleaseInSteps {
    pub fn of(view: ReleaseView, now: Timestamp) -> Self {
        let eta = view.eta(now);
        let ReleaseView { id, version: _, release } = view;
        let Release {
            group,
            by,
            reason,
            confirmed: _,
            pace: Pace { steps, per_second, stop_above },
            going,
            because,
            began,
            ended,
            total,
            step,
            batch,
            sent_in_step: _,
            failed_in_step: _,
            after: _,
            delivered,
            failed,
            refused,
            refusals,
        } = release;
        let refusals = refusals.into_iter();
        Self {
            id,
            group: group.to_string(),
            by,
            reason,
            state: going.as_str(),
            because: because.map(|why| why.to_string()),
            began,
            ended,
            eta,
            steps,
            per_second,
            stop_above,
            step,
            in_step: batch.len() as u64,
            total,
            delivered,
            failed,
            refused,
            refusals: refusals
                .map(|(delivery, reason)| RefusedDelivery { delivery: delivery.to_string(), reason })
                .collect(),
        }
    }
}
