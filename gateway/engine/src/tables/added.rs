//! Rows that operators added while the gateway ran, laid over those of the files. The files win: what they say meanwhile, or say otherwise, is set aside and told.

use std::sync::Arc;

use lienthong_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::table::{Row, Table};
use super::{EditedRow, Tables};

/// One row that an operator added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddedRow {
    pub id: String,
    pub table: String,
    /// Cells by the names of their columns.
    pub cells: EditedRow,
    pub by: String,
    pub at: Timestamp,
    pub reason: String,
}

/// What a row that was added means now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Laid {
    InForce,
    /// The file says the same meanwhile: it can be removed here.
    InFile,
    /// The file says otherwise, or the row does not fit it any more; why.
    SetAside(String),
}

impl Tables {
    /// These tables with the rows laid over them, in the order given.
    #[must_use]
    pub fn laid(&self, rows: Vec<AddedRow>) -> Self {
        let (mut tables, mut added) = (self.clone(), Vec::with_capacity(rows.len()));
        for row in rows {
            let laid = match tables.get(&row.table).map(|table| table.with_row(&row)) {
                None => Laid::SetAside(format!("there is no table {} any more", row.table)),
                Some(Ok(table)) => {
                    tables = tables.with(table);
                    Laid::InForce
                }
                Some(Err(laid)) => laid,
            };
            added.push((row, laid));
        }
        Self(tables.0, Arc::from(added))
    }

    /// The rows that operators added, with what became of each.
    pub fn added(&self) -> &[(AddedRow, Laid)] {
        &self.1
    }
}

impl Table {
    fn with_row(&self, added: &AddedRow) -> Result<Self, Laid> {
        if let Ok(row) = self.row_of(&added.cells)
            && self.rows().iter().any(|other| says_the_same(other, &row))
        {
            return Err(Laid::InFile);
        }
        self.added(&added.cells).map_err(|found| {
            let first = found.into_iter().next();
            Laid::SetAside(first.map(|problem| problem.problem).unwrap_or_default())
        })
    }
}

/// The same code with the same meaning on all of the days.
fn says_the_same(file: &Row, added: &Row) -> bool {
    let begins = file.from.is_none_or(|from| added.from.is_some_and(|day| from <= day));
    let ends = file.to.is_none_or(|to| added.to.is_some_and(|day| day <= to));
    file.key == added.key && file.values == added.values && begins && ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{TableSpec, TableText};
    use jiff::civil::date;

    fn tables(rows: &str) -> Tables {
        let spec = TableSpec {
            name: "wards".to_owned(),
            key: vec!["code".to_owned()],
            values: vec!["name".to_owned()],
            ..TableSpec::default()
        };
        let text = format!("code,name,valid_from,valid_to\n{rows}");
        Tables::build([(spec, TableText { file: "tables/wards.csv".to_owned(), text })]).unwrap()
    }

    fn added(code: &str, name: &str, from: &str) -> AddedRow {
        let cells = [("code", code), ("name", name), ("valid_from", from)];
        AddedRow {
            id: format!("{code}-{from}"),
            table: "wards".to_owned(),
            cells: cells.into_iter().map(|(column, cell)| (column.to_owned(), cell.to_owned())).collect(),
            by: "lan".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            reason: "new".to_owned(),
        }
    }

    fn name(tables: &Tables, code: &str) -> Option<String> {
        let table = tables.get("wards")?;
        let row = table.lookup(&[code], date(2026, 1, 1)).ok()?;
        table.value(row, "name").map(str::to_owned)
    }

    #[test]
    fn added_rows_are_looked_up_and_the_file_wins_where_it_says_otherwise() {
        let rows = || vec![added("2", "Hai", "2025-07-01"), added("1", "Khác", "2025-07-01"), added("2", "Nữa", "")];
        let laid = tables("1,Một,,\n").laid(rows());
        assert_eq!((name(&laid, "1").as_deref(), name(&laid, "2").as_deref()), (Some("Một"), Some("Hai")));
        let told: Vec<_> = laid.added().iter().map(|(_, laid)| laid.clone()).collect();
        assert_eq!(told[0], Laid::InForce);
        assert!(matches!(&told[1], Laid::SetAside(why) if !why.is_empty()), "{told:?}");
        assert!(matches!(&told[2], Laid::SetAside(_)), "rows of operators do not overlap either");

        let moved = tables("1,Một,,\n2,Hai,2025-07-01,\n").laid(rows());
        assert_eq!(moved.added()[0].1, Laid::InFile);
        assert_eq!(name(&moved, "2").as_deref(), Some("Hai"));
        let gone = Tables::default().laid(rows());
        assert!(gone.added().iter().all(|(_, laid)| matches!(laid, Laid::SetAside(_))));
    }

    #[test]
    fn a_row_is_refused_where_another_of_its_code_holds() {
        let table = tables("1,Một,2025-07-01,\n");
        let table = table.get("wards").unwrap();
        let same_day = table.added(&added("1", "Uno", "2025-07-01").cells).unwrap_err();
        assert!(same_day[0].problem.contains("2025-07-01"), "{same_day:?}");
        assert!(table.added(&added("1", "Uno", "2026-01-01").cells).is_err());
        assert!(table.added(&added("1", "", "2020-01-01").cells).is_err(), "an empty cell");
        let mut earlier = added("1", "Uno", "2020-01-01").cells;
        earlier.insert("valid_to".to_owned(), "2025-06-30".to_owned());
        assert_eq!(table.added(&earlier).unwrap().rows().len(), 2);
    }
}
