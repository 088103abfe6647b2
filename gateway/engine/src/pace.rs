//! Whether the time of a dossier's promised dates stands still, by what its messages say: while the citizen has to hand something in or
//! to pay, where the procedure says so. Pure; the journal keeps since when.

use std::collections::HashMap;

use lienthong_core::{ExchangeMeta, OperationName};
use lienthong_journal::Pace;
use serde_json::Value;

use crate::routing::{Catalogue, Predicate, ProgramSource, Programs, RouteProblem};

/// When messages of one operation say that time stands still. Every other message of it says that time runs.
#[derive(Debug, Clone)]
pub struct PaceSpec {
    pub operation: OperationName,
    /// Over the body of what was accepted.
    pub when: ProgramSource,
}

/// The conditions of all operations, compiled.
#[derive(Default)]
pub struct Paces(HashMap<OperationName, Predicate>);

impl Paces {
    /// Compiles and checks every condition: all problems at once.
    pub fn compile(
        specs: Vec<PaceSpec>,
        catalogue: &Catalogue,
        programs: &Programs,
    ) -> Result<Self, Vec<RouteProblem>> {
        let (mut paces, mut problems) = (HashMap::new(), Vec::new());
        for PaceSpec { operation, when } in specs {
            if catalogue.get(&operation).is_none() {
                let told = format!("promised dates look for {operation}, and there is no such operation or message");
                problems.push(at(&when, told, "`GET /v1/operations` lists what there is"));
            }
            match programs.predicate(&when) {
                Ok(_) if paces.contains_key(&operation) => {
                    let told = format!("promised dates look for {operation} twice");
                    problems.push(at(&when, told, "join both conditions with `||`"));
                }
                Ok(predicate) => drop(paces.insert(operation, predicate)),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(Self(paces)) } else { Err(problems) }
    }

    /// What the message says, if anything. A condition that cannot be told says nothing.
    pub fn told(&self, meta: &ExchangeMeta, body: &Value) -> Option<Pace> {
        match self.0.get(&meta.operation)?.holds(meta, body) {
            Ok(true) => Some(Pace::StandsStill),
            Ok(false) => Some(Pace::Runs),
            Err(fault) => {
                let operation = &meta.operation;
                tracing::warn!(%operation, detail = %fault.detail, "nobody can tell whether promised dates stand still");
                None
            }
        }
    }
}

fn at(when: &ProgramSource, problem: String, remedy: &str) -> RouteProblem {
    RouteProblem { file: when.file.clone(), line: when.line, column: None, problem, remedy: remedy.to_owned() }
}
