//! A table with some of its rows replaced and others added, checked as a whole: what a file would be after an edit. It changes no table.

use std::collections::BTreeMap;
use std::sync::Arc;

use csv::WriterBuilder;

use super::table::{Row, Table};
use super::{TableText, Tables, check, read};
use crate::routing::RouteProblem;

/// Cells by the names of their columns; a column left out is empty.
pub type EditedRow = BTreeMap<String, String>;

/// What is wrong with an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditProblem {
    /// Which of the rows, from 0; `None`: what they and the other rows of the table say of each other.
    pub row: Option<usize>,
    pub problem: String,
    pub remedy: String,
}

impl Tables {
    /// These tables with another in the place of one of the same name.
    #[must_use]
    pub fn with(&self, table: Table) -> Self {
        let mut tables = self.0.clone();
        tables.insert(table.spec.name.clone(), Arc::new(table));
        Self(tables, Arc::clone(&self.1))
    }
}

impl Table {
    /// The table with these rows: one takes the place of the row that has its code from the same day, and is added where there is none.
    /// Everything that holds for a table's file holds for the result; all problems at once.
    pub fn edited(&self, rows: &[EditedRow]) -> Result<Self, Vec<EditProblem>> {
        let (mut problems, mut edits) = (Vec::new(), Vec::with_capacity(rows.len()));
        let end = self.rows().iter().map(|row| row.line).max().unwrap_or(1);
        for (place, row) in rows.iter().enumerate() {
            match self.read_row(row) {
                Ok(read) => edits.push(Row { line: end.saturating_add(place).saturating_add(1), ..read }),
                Err(found) => problems.extend(found.into_iter().map(|found| told(Some(place), found))),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let replaced = |row: &&Row| edits.iter().any(|edit| edit.key == row.key && edit.from == row.from);
        let kept = self.rows().iter().filter(|row| !replaced(row)).cloned();
        let all: Vec<Row> = kept.chain(edits.iter().cloned()).collect();
        let found = check::rows(&self.spec, &self.file, &all);
        if found.is_empty() {
            return Ok(Self::new(self.spec.clone(), self.file.clone(), all));
        }
        let of_edit = |problem: &RouteProblem| edits.iter().position(|edit| edit.line == problem.line);
        Err(found.into_iter().map(|problem| told(of_edit(&problem), problem)).collect())
    }

    /// The table with one more row; no other of its code may hold on any of its days.
    pub fn added(&self, row: &EditedRow) -> Result<Self, Vec<EditProblem>> {
        let read = self.row_of(row)?;
        if let Some(other) = self.rows().iter().find(|other| other.key == read.key && other.from == read.from) {
            let from = other.from.map(|day| format!(" from {day}")).unwrap_or_default();
            let problem = format!("{}:{}: there is a row of this code{from} already", self.file, other.line);
            return Err(vec![EditProblem { row: Some(0), problem, remedy: "change the days".to_owned() }]);
        }
        self.edited(std::slice::from_ref(row))
    }

    /// The row as it would be read from the table's file.
    pub fn row_of(&self, row: &EditedRow) -> Result<Row, Vec<EditProblem>> {
        self.read_row(row).map_err(|found| found.into_iter().map(|found| told(Some(0), found)).collect())
    }

    /// One row as a file of its own: the same rules for its columns, cells and days.
    fn read_row(&self, row: &EditedRow) -> Result<Row, Vec<RouteProblem>> {
        let columns = self.spec.key.iter().chain(&self.spec.values);
        let mut cells: BTreeMap<&str, &str> = columns.map(|column| (column.as_str(), "")).collect();
        cells.extend(row.iter().map(|(column, cell)| (column.as_str(), cell.as_str())));
        let text = TableText { file: self.file.clone(), text: written(&cells) };
        let mut problems = Vec::new();
        let rows = read::rows(&self.spec, &text, &mut problems);
        match rows.into_iter().next() {
            Some(row) if problems.is_empty() => Ok(row),
            Some(_) | None => Err(problems),
        }
    }
}

/// A header and one record.
fn written(cells: &BTreeMap<&str, &str>) -> String {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory cannot fail.
    writer.write_record(cells.keys()).and_then(|()| writer.write_record(cells.values())).ok();
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn told(row: Option<usize>, problem: RouteProblem) -> EditProblem {
    let RouteProblem { file, line, column: _, problem, remedy } = problem;
    match row {
        Some(_) => EditProblem { row, problem, remedy },
        None => EditProblem { row, problem: format!("{file}:{line}: {problem}"), remedy },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{TableSpec, TableText};
    use jiff::civil::date;

    fn table() -> Arc<Table> {
        let spec = TableSpec {
            name: "provinces".to_owned(),
            key: vec!["code".to_owned()],
            values: vec!["name".to_owned()],
            one_to_one: vec!["name".to_owned()],
            ..TableSpec::default()
        };
        let rows = "code,name,valid_from,valid_to\n01,Hà Nội,,\n60,Đồng Nai,,2025-06-30\n75,Đồng Nai,2025-07-01,\n";
        let text = TableText { file: "tables/provinces.csv".to_owned(), text: rows.to_owned() };
        Tables::build([(spec, text)]).unwrap().get("provinces").unwrap().clone()
    }

    fn row(cells: &[(&str, &str)]) -> EditedRow {
        cells.iter().map(|(column, cell)| ((*column).to_owned(), (*cell).to_owned())).collect()
    }

    #[test]
    fn rows_are_added_and_replaced_by_code_and_first_day_and_the_table_itself_stays() {
        let table = table();
        let edits = [
            row(&[("code", "79"), ("name", "Thành phố Hồ Chí Minh")]),
            row(&[("code", "75"), ("name", "Tỉnh Đồng Nai"), ("valid_from", "2025-07-01")]),
        ];
        let edited = table.edited(&edits).unwrap();
        let name = |table: &Table, code: &str| {
            let day = date(2026, 1, 1);
            table.lookup(&[code], day).ok().and_then(|row| table.value(row, "name")).map(str::to_owned)
        };
        assert_eq!(name(&edited, "79").as_deref(), Some("Thành phố Hồ Chí Minh"));
        assert_eq!(name(&edited, "75").as_deref(), Some("Tỉnh Đồng Nai"));
        assert_eq!((edited.rows().len(), table.rows().len()), (4, 3));
        assert_eq!((name(&table, "79"), name(&table, "75").as_deref()), (None, Some("Đồng Nai")));
    }

    #[test]
    fn what_is_wrong_with_a_row_is_told_at_its_place() {
        let found = table()
            .edited(&[
                row(&[("code", "02"), ("nome", "x"), ("valid_from", "1/7/2025")]),
                row(&[("name", "nobody's")]),
                row(&[("code", "03"), ("name", "ba"), ("valid_from", "2025-13-01")]),
            ])
            .unwrap_err();
        let told: Vec<_> = found.iter().map(|one| (one.row, one.problem.as_str())).collect();
        assert_eq!(
            told,
            [
                (Some(0), "column `nome` is not known here"),
                (Some(1), "a cell of the key is empty"),
                (Some(2), "`2025-13-01` is no day")
            ]
        );
    }

    #[test]
    fn an_edit_that_meets_another_row_is_refused_and_says_which() {
        let overlapping = table().edited(&[row(&[("code", "01"), ("name", "x"), ("valid_from", "2026-01-01")])]);
        let found = overlapping.unwrap_err();
        assert_eq!((found.len(), found[0].row), (1, Some(0)), "{found:?}");
        assert!(found[0].problem.contains("holds in line 2 too") && found[0].remedy.contains("valid_to"), "{found:?}");
        let twice = table().edited(&[row(&[("code", "02"), ("name", "Hà Nội")])]).unwrap_err();
        assert!(twice[0].problem.contains("have one `name`"), "{twice:?}");
    }
}
