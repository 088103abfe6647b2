//! Flows across systems: named steps of one key, which message completes each, within what time, and who must act. Pure; who watches them is the dispatcher.

pub mod calendar;
mod check;
mod fold;
mod span;
mod spec;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use lienthong_core::{ExchangeMeta, OperationName, Timestamp};
use serde_json::Value;

use crate::routing::{Catalogue, Predicate, Programs, RouteProblem};

pub use calendar::Calendar;
pub use fold::{Ended, Mark, Role, Standing, StepStanding, StepState, fold};
pub use span::Within;
pub use spec::{EndSpec, FlowSpec, MatchSpec, On, StepSpec};

/// Every configured flow, compiled.
#[derive(Default)]
pub struct Flows(Vec<Flow>);

/// One flow with its conditions compiled.
pub struct Flow {
    pub spec: FlowSpec,
    matchers: Vec<Matcher>,
}

/// What one kind of message means for a flow.
struct Matcher {
    operation: OperationName,
    on: On,
    when: Option<Predicate>,
    role: Role,
}

/// One thing that happened to a key.
pub struct Happening<'a> {
    pub operation: &'a OperationName,
    pub on: On,
    pub at: Timestamp,
    pub meta: &'a ExchangeMeta,
    /// What was accepted or sent; absent when it is no longer kept.
    pub body: Option<&'a Value>,
}

impl Flows {
    /// The working time that flows count by: the first flow's that has one.
    pub fn calendar(&self) -> Option<&Calendar> {
        self.iter().find_map(|flow| flow.spec.calendar.as_deref())
    }

    /// Compiles and checks every flow: all problems at once.
    pub fn compile(
        specs: Vec<FlowSpec>,
        catalogue: &Catalogue,
        programs: &Programs,
    ) -> Result<Self, Vec<RouteProblem>> {
        let mut problems = check::names(&specs);
        let mut flows = Vec::with_capacity(specs.len());
        for spec in specs {
            problems.extend(check::flow(&spec, catalogue));
            match Flow::new(spec, programs) {
                Ok(flow) => flows.push(flow),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(Self(flows)) } else { Err(problems) }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Flow> {
        self.0.iter()
    }

    pub fn get(&self, name: &str) -> Option<&Flow> {
        self.0.iter().find(|flow| flow.spec.name == name)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any flow looks at this.
    pub fn look_at(&self, operation: &OperationName, on: On) -> bool {
        self.0.iter().any(|flow| flow.looks_at(operation, on))
    }
}

impl Flow {
    fn new(spec: FlowSpec, programs: &Programs) -> Result<Self, Vec<RouteProblem>> {
        let (mut matchers, mut problems) = (Vec::new(), Vec::new());
        for (role, what) in spec.matches() {
            match what.when.as_ref().map(|source| programs.predicate(source)).transpose() {
                Ok(when) => {
                    let MatchSpec { operation, on, when: _ } = what.clone();
                    matchers.push(Matcher { operation, on, when, role });
                }
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(Self { spec, matchers }) } else { Err(problems) }
    }

    pub fn looks_at(&self, operation: &OperationName, on: On) -> bool {
        self.matchers.iter().any(|matcher| matcher.operation == *operation && matcher.on == on)
    }

    /// Whether what it means depends on its content.
    pub fn reads(&self, operation: &OperationName, on: On) -> bool {
        let of_it = |matcher: &&Matcher| matcher.operation == *operation && matcher.on == on;
        self.matchers.iter().filter(of_it).any(|matcher| matcher.when.is_some())
    }

    /// What it means for this flow. A condition that cannot be told does not hold.
    pub fn marks(&self, happening: &Happening<'_>) -> Vec<Mark> {
        let Happening { operation, on, at, meta, body } = happening;
        let holds = |matcher: &&Matcher| match (&matcher.when, body) {
            (None, _) => true,
            (Some(when), Some(body)) => when.holds(meta, body).unwrap_or_else(|fault| {
                tracing::warn!(flow = %self.spec.name, detail = %fault.detail, "a flow's condition cannot be told");
                false
            }),
            (Some(_), None) => false,
        };
        let of_it = self.matchers.iter().filter(|matcher| matcher.operation == **operation && matcher.on == *on);
        of_it.filter(holds).map(|matcher| Mark { at: *at, role: matcher.role }).collect()
    }

    /// Where it stands, once it has begun.
    pub fn standing(&self, marks: &[Mark], now: Timestamp) -> Option<Standing> {
        fold(&self.spec, marks, now)
    }
}

/// The calendar of working time, shared by flows.
pub type SharedCalendar = Arc<Calendar>;
