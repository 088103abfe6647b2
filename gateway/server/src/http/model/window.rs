//! Maintenance windows in the public JSON.

use lienthong_core::{Fault, FaultCode, FieldProblem, Timestamp};
use lienthong_engine::desk::window::{Day, When};
use lienthong_engine::service::WindowView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// When nothing is to be sent to a system, and why.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WindowRequest {
    /// Days of the week it begins on (`mon` to `sun`); left out, it is open once.
    pub days: Vec<String>,
    /// A time (`22:00`) with days, otherwise a moment; in Vietnam's time unless it has an offset.
    #[schema(example = "2026-03-02T22:00")]
    pub from: String,
    /// With days not later than `from`: on the next day.
    #[schema(example = "2026-03-03T05:00")]
    pub until: String,
    /// Mandatory; shown to whoever meets the window.
    #[schema(max_length = 500, example = "upgrade announced by letter 12/TB")]
    pub reason: Option<String>,
    /// Of a change, the version that was seen: it is refused when somebody changed it meanwhile.
    pub version: Option<u32>,
}

/// Why a window is removed.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WindowRemoval {
    #[schema(max_length = 500)]
    pub reason: Option<String>,
    /// The version that was seen.
    pub version: Option<u32>,
}

/// One maintenance window.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MaintenanceWindow {
    /// Absent for one that is configured: only the configuration changes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub version: u32,
    pub system: String,
    pub days: Vec<&'static str>,
    pub from: String,
    pub until: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who set it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    /// Open now.
    pub open: bool,
    /// When it opens next, or has opened; absent when it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opens_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closes_at: Option<Timestamp>,
}

/// Maintenance windows, those that open first before the others.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WindowList {
    pub windows: Vec<MaintenanceWindow>,
}

impl WindowRequest {
    pub fn when(&self) -> Result<When, Fault> {
        When::read(&self.days, &self.from, &self.until).map_err(|(field, problem)| {
            let code = FaultCode::BadParameter;
            Fault::new(code.kind(), code, format!("{field} {problem}")).with_problem(FieldProblem::new(field, problem))
        })
    }
}

impl From<WindowView> for MaintenanceWindow {
    fn from(view: WindowView) -> Self {
        let WindowView { id, version, system, when, reason, by, opening, open } = view;
        let (days, from, until) = match when {
            When::Once { from, until } => (Vec::new(), from.to_string(), until.to_string()),
            When::Weekly { days, from, until } => {
                let time = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
                (days.into_iter().map(Day::as_str).collect(), time(from), time(until))
            }
        };
        let (by, at) = by.unzip();
        let (opens_at, closes_at) = opening.unzip();
        let system = system.to_string();
        Self { id, version, system, days, from, until, reason, by, at, open, opens_at, closes_at }
    }
}
