//! A flow as configured, before its conditions are compiled. It judges nothing.

use lienthong_core::OperationName;

use super::{Role, SharedCalendar, Within};
use crate::routing::ProgramSource;

/// One flow.
#[derive(Debug, Clone)]
pub struct FlowSpec {
    /// Lower-case letters, digits, '-'.
    pub name: String,
    pub summary: String,
    /// Where it stands, for problems.
    pub file: String,
    pub line: usize,
    /// The message of a key that begins it; again once it has ended.
    pub begins: Vec<MatchSpec>,
    pub steps: Vec<StepSpec>,
    /// Time stands still from one of these …
    pub pauses: Vec<MatchSpec>,
    /// … to one of these.
    pub resumes: Vec<MatchSpec>,
    /// It is over early.
    pub ends: Vec<EndSpec>,
    /// What working time is; needed where a step has some.
    pub calendar: Option<SharedCalendar>,
}

/// Which message counts.
#[derive(Debug, Clone)]
pub struct MatchSpec {
    pub operation: OperationName,
    pub on: On,
    /// Over the body of what was accepted, or sent.
    pub when: Option<ProgramSource>,
}

/// When a message counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum On {
    /// It came to us, or was made here.
    Accepted,
    /// Its target said yes.
    Delivered,
}

/// One step.
#[derive(Debug, Clone)]
pub struct StepSpec {
    pub name: String,
    pub line: usize,
    /// Any of these completes it.
    pub completed_by: Vec<MatchSpec>,
    /// The steps before it; none: the flow's beginning.
    pub after: Vec<String>,
    /// How long it may take once those are done; for ever when absent.
    pub within: Option<Within>,
    /// The unit or party that must act.
    pub who_acts: String,
    /// It may happen again, and what comes after it with it.
    pub repeats: bool,
}

/// A way to end early.
#[derive(Debug, Clone)]
pub struct EndSpec {
    pub name: String,
    pub on: MatchSpec,
}

impl FlowSpec {
    /// What each kind of message means; beginnings first, since one message may begin and complete.
    pub(super) fn matches(&self) -> impl Iterator<Item = (Role, &MatchSpec)> {
        let begins = self.begins.iter().map(|what| (Role::Begins, what));
        let steps = self.steps.iter().enumerate();
        let steps =
            steps.flat_map(|(step, spec)| spec.completed_by.iter().map(move |what| (Role::Completes(step), what)));
        let pauses = self.pauses.iter().map(|what| (Role::Pauses, what));
        let resumes = self.resumes.iter().map(|what| (Role::Resumes, what));
        let ends = self.ends.iter().enumerate().map(|(end, spec)| (Role::Ends(end), &spec.on));
        begins.chain(resumes).chain(steps).chain(pauses).chain(ends)
    }

    /// The places of the steps before this one.
    pub(super) fn before(&self, step: &StepSpec) -> Vec<usize> {
        let place = |name: &String| self.steps.iter().position(|other| other.name == *name);
        step.after.iter().filter_map(place).collect()
    }
}
