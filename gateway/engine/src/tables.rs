//! Code tables: dated rows, checked whole when loaded, looked up in both directions by the day that counts. It reads no file and no clock.

mod added;
mod check;
mod counterpart;
mod edit;
mod read;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::routing::RouteProblem;

pub use added::{AddedRow, Laid};
pub use counterpart::{Counterparts, ObservedSpec};
pub use edit::{EditProblem, EditedRow};
pub use table::{Missing, Row, Table};

/// Column of the first day a row holds; empty or absent: always has.
pub const VALID_FROM: &str = "valid_from";
/// Column of the last day a row holds, that day included; empty or absent: still does.
pub const VALID_TO: &str = "valid_to";
/// A column for people, never looked at.
pub const NOTE: &str = "note";

/// A table as declared, before its rows are read.
#[derive(Debug, Clone, Default)]
pub struct TableSpec {
    pub name: String,
    /// Where it is declared, for problems.
    pub file: String,
    pub line: usize,
    pub description: String,
    /// Where its facts come from.
    pub source: Option<String>,
    /// The columns that make a code, in order.
    pub key: Vec<String>,
    /// What a code leads to.
    pub values: Vec<String>,
    /// Once a code holds, there is a row for every later day.
    pub total: bool,
    /// Value columns that lead back to one code on every day.
    pub one_to_one: Vec<String>,
    /// Columns whose content is never shown in faults.
    pub personal: Vec<String>,
    /// How another system's own list of these codes is recognised, where it tells one.
    pub observed: Option<ObservedSpec>,
}

/// The text of a table's rows.
#[derive(Debug, Clone, Default)]
pub struct TableText {
    pub file: String,
    /// CSV with a header.
    pub text: String,
}

/// All tables by name, and the rows that operators added.
#[derive(Debug, Clone, Default)]
pub struct Tables(BTreeMap<String, Arc<Table>>, Arc<[(AddedRow, Laid)]>);

impl Tables {
    /// Reads and checks every table: unknown, missing and repeated columns, empty cells, days that do not exist, rows that overlap or
    /// repeat, gaps where a table is declared total, codes that cannot be told apart where it is declared one-to-one. All problems at once,
    /// each at its line.
    pub fn build(declared: impl IntoIterator<Item = (TableSpec, TableText)>) -> Result<Self, Vec<RouteProblem>> {
        let (mut tables, mut problems) = (BTreeMap::new(), Vec::new());
        for (spec, text) in declared {
            let mut found = check::spec(&spec);
            let rows = read::rows(&spec, &text, &mut found);
            if found.is_empty() {
                found.extend(check::rows(&spec, &text.file, &rows));
            }
            if found.is_empty() {
                tables.insert(spec.name.clone(), Arc::new(Table::new(spec, text.file, rows)));
            }
            problems.extend(found);
        }
        if problems.is_empty() { Ok(Self(tables, Arc::default())) } else { Err(problems) }
    }

    pub fn get(&self, name: &str) -> Option<&Arc<Table>> {
        self.0.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.0.values()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
