//! Fire drills in the public JSON. It decides nothing.

use std::time::Duration;

use lienthong_core::{Fault, FaultCode, FieldProblem, Timestamp};
use lienthong_engine::drill::{self, Fails};
use lienthong_engine::service::DrillPlan;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is to fail, and for how long.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DrillRequest {
    #[schema(example = "portal")]
    pub system: String,
    /// A key that `drills.test_keys` of the configuration names.
    #[schema(example = "H56.14-000101-0001")]
    pub key: String,
    /// `refused` (connection refused), `timeout` (outcome unknown), `rejected` (the data), `certificate` or `maintenance`.
    #[schema(example = "rejected")]
    pub fails: String,
    /// From 10 to 7200; it ends by itself then. Left out: 600.
    #[schema(example = 600)]
    pub seconds: u64,
    #[schema(max_length = 500, example = "training of the duty officers")]
    pub reason: Option<String>,
}

impl Default for DrillRequest {
    fn default() -> Self {
        let nothing = String::new;
        Self { system: nothing(), key: nothing(), fails: nothing(), seconds: 600, reason: None }
    }
}

impl DrillRequest {
    pub fn plan(&self) -> Result<DrillPlan, Fault> {
        let Self { system, key, fails, seconds, reason: _ } = self;
        Ok(DrillPlan {
            system: system.parse().map_err(|_| wrong("/system", "is no system's name"))?,
            key: key.parse().map_err(|_| wrong("/key", "is no key"))?,
            fails: Fails::of(fails)
                .ok_or_else(|| wrong("/fails", "is refused, timeout, rejected, certificate or maintenance"))?,
            lasts: Duration::from_secs(*seconds),
        })
    }
}

fn wrong(pointer: &str, problem: &str) -> Fault {
    let code = FaultCode::BadParameter;
    Fault::new(code.kind(), code, format!("{pointer} {problem}")).with_problem(FieldProblem::new(pointer, problem))
}

/// Every system's latest drill.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DrillList {
    pub drills: Vec<Drill>,
}

/// One fire drill.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Drill {
    pub system: String,
    pub key: String,
    pub fails: &'static str,
    pub running: bool,
    pub by: String,
    pub reason: String,
    #[schema(value_type = String, format = DateTime)]
    pub began: Timestamp,
    /// Ends by itself then.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Ended by an operator before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended: Option<Timestamp>,
}

impl Drill {
    pub fn of(drill: drill::Drill, now: Timestamp) -> Self {
        let running = drill.is_running(now);
        let drill::Drill { system, key, fails, by, reason, began, until, ended } = drill;
        Self {
            system: system.to_string(),
            key: key.to_string(),
            fails: fails.as_str(),
            running,
            by,
            reason,
            began,
            until,
            ended,
        }
    }
}
