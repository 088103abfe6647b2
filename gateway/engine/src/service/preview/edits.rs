//! A configuration as edits would make it: the running one with other rows and transforms, compiled anew where they matter. It is given to nobody but the preview.

use std::borrow::Cow;
use std::sync::Arc;

use lienthong_core::{Fault, FaultCode, FieldProblem, limits};

use super::model::Edits;
use crate::config::Configuration;
use crate::flow::Flows;
use crate::routing::{ProgramSource, Programs, RouteProblem, RouteSpec, RouteTable};
use crate::service::fault::refused;
use crate::tables::{EditProblem, Tables};

/// Most rows in all, and most transforms.
const MOST_ROWS: usize = 1_000;
const MOST_TRANSFORMS: usize = 64;
/// How the file of an edited transform is named in its problems and faults.
const TRANSFORMS: &str = "/edits/transforms/";

impl Edits {
    /// The running configuration with these edits. What is wrong with them is one fault that names every place; nothing is half applied.
    pub(super) fn over(&self, running: &Configuration) -> Result<Configuration, Fault> {
        let mut problems = self.excess();
        let tables = Arc::new(self.tables_over(&running.tables, &mut problems));
        let specs = self.specs_over(running, &mut problems);
        let programs = Programs::over(&tables);
        let routes = RouteTable::compile_with(specs, &running.catalogue, &programs);
        let flows = running.flows.iter().map(|flow| flow.spec.clone()).collect();
        let flows = Flows::compile(flows, &running.catalogue, &programs);
        let (routes, flows) = match (routes, flows) {
            (Ok(routes), Ok(flows)) if problems.is_empty() => (routes, flows),
            (routes, flows) => {
                problems.extend(routes.err().into_iter().chain(flows.err()).flatten().map(placed));
                return Err(unfit(problems));
            }
        };
        Ok(Configuration {
            version: running.version.clone(),
            systems: running.systems.clone(),
            clients: running.clients.clone(),
            adapters: running.adapters.clone(),
            inbound: running.inbound.clone(),
            pollers: running.pollers.clone(),
            catalogue: running.catalogue.clone(),
            tables,
            routes,
            flows,
            paces: Arc::clone(&running.paces),
            reconciliations: running.reconciliations.clone(),
            reports: running.reports.clone(),
            digests: running.digests.clone(),
            watch: running.watch.clone(),
            approval: running.approval.clone(),
        })
    }

    fn excess(&self) -> Vec<FieldProblem> {
        let rows: usize = self.tables.values().map(Vec::len).sum();
        let many = |is: bool, pointer: &str, most: usize| {
            is.then(|| FieldProblem::new(pointer, format!("holds more than {most}")))
        };
        let rows = many(rows > MOST_ROWS, "/edits/tables", MOST_ROWS);
        rows.into_iter()
            .chain(many(self.transforms.len() > MOST_TRANSFORMS, "/edits/transforms", MOST_TRANSFORMS))
            .collect()
    }

    fn tables_over(&self, running: &Tables, problems: &mut Vec<FieldProblem>) -> Tables {
        let mut tables = running.clone();
        if !problems.is_empty() {
            return tables;
        }
        for (name, rows) in &self.tables {
            let at = format!("/edits/tables/{}", escaped(name));
            let Some(table) = running.get(name) else {
                problems.push(FieldProblem::new(at, "is no table of the running configuration"));
                continue;
            };
            match table.edited(rows) {
                Ok(table) => tables = tables.with(table),
                Err(found) => problems.extend(found.into_iter().map(|problem| of_row(&at, problem))),
            }
        }
        tables
    }

    fn specs_over(&self, running: &Configuration, problems: &mut Vec<FieldProblem>) -> Vec<RouteSpec> {
        let known = |name: &String| running.routes.iter().any(|route| route.spec.name.as_str() == name);
        for name in self.transforms.keys().filter(|name| !known(name)) {
            let at = format!("{TRANSFORMS}{}", escaped(name));
            problems.push(FieldProblem::new(at, "is no route of the running configuration"));
        }
        let edited = |spec: &RouteSpec| {
            let name = spec.name.as_str();
            let text = self.transforms.get(name)?.clone();
            Some(ProgramSource { file: format!("{TRANSFORMS}{}", escaped(name)), line: 1, text })
        };
        let specs = running.routes.iter().map(|route| {
            let spec = route.spec.clone();
            let transform = edited(&spec).or_else(|| spec.transform.clone());
            RouteSpec { transform, ..spec }
        });
        specs.collect()
    }
}

fn of_row(at: &str, problem: EditProblem) -> FieldProblem {
    let EditProblem { row, problem, remedy } = problem;
    let at = row.map_or_else(|| Cow::Borrowed(at), |row| Cow::Owned(format!("{at}/{row}")));
    FieldProblem::new(at, format!("{problem} ({remedy})"))
}

/// At the edit it comes from, or at all of them where it shows elsewhere.
fn placed(problem: RouteProblem) -> FieldProblem {
    if !problem.file.starts_with(TRANSFORMS) {
        return FieldProblem::new("/edits", problem.to_string());
    }
    let RouteProblem { file, line, column, problem, remedy } = problem;
    let column = column.map(|column| format!(", column {column}")).unwrap_or_default();
    FieldProblem::new(file, format!("line {line}{column}: {problem} ({remedy})"))
}

fn unfit(problems: Vec<FieldProblem>) -> Fault {
    let first = problems.first().map(|one| format!("{} {}", one.pointer, one.problem)).unwrap_or_default();
    let count = problems.len().min(limits::FIELD_PROBLEMS);
    refused(FaultCode::BadParameter, format!("{count} problem(s) in the edits: {first}")).with_problems(problems)
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
