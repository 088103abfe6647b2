//! What can be told of a flow without running it: names, operations, steps that wait for each other. It compiles no program.

use std::collections::HashSet;

use super::{FlowSpec, MatchSpec, On, StepSpec};
use crate::routing::{Catalogue, RouteProblem};

pub(super) fn names(specs: &[FlowSpec]) -> Vec<RouteProblem> {
    let mut seen = HashSet::new();
    let twice = specs.iter().filter(|spec| !seen.insert(spec.name.as_str()));
    twice.map(|spec| at(spec, spec.line, format!("flow {} stands twice", spec.name), "give it another name")).collect()
}

pub(super) fn flow(spec: &FlowSpec, catalogue: &Catalogue) -> Vec<RouteProblem> {
    let mut problems = Vec::new();
    if spec.begins.is_empty() || spec.steps.is_empty() {
        let told = format!("flow {} has no beginning or no step", spec.name);
        problems.push(at(spec, spec.line, told, "say what message begins it, and name its steps"));
    }
    if spec.pauses.is_empty() != spec.resumes.is_empty() {
        let told = format!("flow {} pauses and never goes on, or goes on without a pause", spec.name);
        problems.push(at(spec, spec.line, told, "give both `pause_when` and `resume_when`, or none"));
    }
    problems.extend(spec.matches().filter_map(|(_, what)| operation(spec, what, catalogue)));
    let mut seen = HashSet::new();
    for step in &spec.steps {
        if !seen.insert(step.name.as_str()) {
            let told = format!("step {} stands twice in flow {}", step.name, spec.name);
            problems.push(at(spec, step.line, told, "give it another name"));
        }
        problems.extend(one(spec, step));
    }
    problems
}

fn one(spec: &FlowSpec, step: &StepSpec) -> Vec<RouteProblem> {
    let mut problems = Vec::new();
    if step.completed_by.is_empty() {
        let told = format!("nothing completes step {} of flow {}", step.name, spec.name);
        problems.push(at(spec, step.line, told, "name the message that does in `completed_by`"));
    }
    for name in &step.after {
        if !spec.steps.iter().any(|other| other.name == *name) {
            let names = spec.steps.iter().map(|other| other.name.as_str()).collect::<Vec<_>>().join(", ");
            problems.push(at(spec, step.line, format!("there is no step {name}"), format!("steps are {names}")));
        }
    }
    if waits_for_itself(spec, step) {
        let told = format!("step {} of flow {} comes after itself", step.name, spec.name);
        problems.push(at(
            spec,
            step.line,
            told,
            "let it come after earlier steps only; a loop is a step with `repeats`",
        ));
    }
    if step.within.is_some_and(super::Within::is_working) && spec.calendar.is_none() {
        let told = format!("step {} counts working time, and there is no calendar", step.name);
        problems.push(at(
            spec,
            step.line,
            told,
            "describe working days in calendars/, or give hours (`16h`) and days (`3d`)",
        ));
    }
    if step.within.is_some() && step.who_acts.trim().is_empty() {
        let told = format!("step {} may be late, and nobody is named who must act", step.name);
        problems.push(at(spec, step.line, told, "name the unit or party in `who_acts`"));
    }
    problems
}

fn waits_for_itself(spec: &FlowSpec, step: &StepSpec) -> bool {
    let mut open = spec.before(step);
    let mut seen = HashSet::new();
    while let Some(place) = open.pop() {
        let Some(before) = spec.steps.get(place).filter(|_| seen.insert(place)) else { continue };
        if before.name == step.name {
            return true;
        }
        open.extend(spec.before(before));
    }
    false
}

fn operation(spec: &FlowSpec, what: &MatchSpec, catalogue: &Catalogue) -> Option<RouteProblem> {
    let name = &what.operation;
    let Some(entry) = catalogue.get(name) else {
        let told = format!("flow {} looks for {name}, and there is no such operation or message", spec.name);
        return Some(at(spec, spec.line, told, "`GET /v1/operations` lists what there is"));
    };
    let received = entry.inbound || entry.message;
    match what.on {
        On::Delivered if received => {
            let told = format!("{name} comes to us or is made here: it is accepted, not delivered");
            Some(at(spec, spec.line, told, "write `on: accepted`"))
        }
        On::Delivered | On::Accepted => None,
    }
}

fn at(spec: &FlowSpec, line: usize, problem: String, remedy: impl Into<String>) -> RouteProblem {
    RouteProblem { file: spec.file.clone(), line, column: None, problem, remedy: remedy.into() }
}
