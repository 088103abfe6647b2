//! One table ready for look-ups. Its rows have been checked: on no day do two of one code hold.

use std::collections::HashMap;

use jiff::civil::Date;
use lienthong_core::text;

use super::TableSpec;

/// Separates the parts of a code made of several columns inside an index; no cell can hold it.
const PART: char = '\u{1f}';

/// One row. Cells stand in the order of [`TableSpec::key`] and [`TableSpec::values`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub key: Vec<String>,
    pub values: Vec<String>,
    /// First day it holds; `None`: always has.
    pub from: Option<Date>,
    /// Last day it holds, included; `None`: still does.
    pub to: Option<Date>,
    /// Its line in the table's file.
    pub line: usize,
}

impl Row {
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// The code, its parts joined by a slash.
    pub fn code(&self) -> String {
        self.key.join("/")
    }
}

/// Why a look-up found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// No row has it, on any day.
    Unknown,
    /// Rows have it, on other days.
    OtherDay,
}

/// A table with its indexes.
#[derive(Debug)]
pub struct Table {
    pub spec: TableSpec,
    /// The file its rows stand in.
    pub file: String,
    rows: Vec<Row>,
    by_key: HashMap<String, Vec<usize>>,
    /// Per column of [`TableSpec::one_to_one`].
    by_value: HashMap<String, HashMap<String, Vec<usize>>>,
}

impl Table {
    pub(super) fn new(spec: TableSpec, file: String, rows: Vec<Row>) -> Self {
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, row) in rows.iter().enumerate() {
            by_key.entry(joined(&row.key)).or_default().push(place);
        }
        let mut by_value = HashMap::new();
        for column in &spec.one_to_one {
            let mut index: HashMap<String, Vec<usize>> = HashMap::new();
            let Some(at) = spec.values.iter().position(|value| value == column) else { continue };
            for (place, row) in rows.iter().enumerate() {
                if let Some(value) = row.values.get(at).filter(|value| !value.is_empty()) {
                    index.entry(value.clone()).or_default().push(place);
                }
            }
            by_value.insert(column.clone(), index);
        }
        Self { spec, file, rows, by_key, by_value }
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of a code on a day. A code in decomposed Unicode is the code.
    pub fn lookup<T: AsRef<str>>(&self, key: &[T], day: Date) -> Result<&Row, Missing> {
        let parts: Vec<&str> = key.iter().map(AsRef::as_ref).collect();
        self.on_day(self.by_key.get(text::nfc(&parts.join(&PART.to_string())).as_str()), day)
    }

    /// The row that has this value in a one-to-one column on a day.
    pub fn lookup_back(&self, column: &str, value: &str, day: Date) -> Result<&Row, Missing> {
        let index = self.by_value.get(column).ok_or(Missing::Unknown)?;
        self.on_day(index.get(text::nfc(value).as_str()), day)
    }

    fn on_day(&self, places: Option<&Vec<usize>>, day: Date) -> Result<&Row, Missing> {
        let mut rows = places.ok_or(Missing::Unknown)?.iter().filter_map(|place| self.rows.get(*place));
        rows.find(|row| row.holds_on(day)).ok_or(Missing::OtherDay)
    }

    /// The cell of a row in a value column.
    pub fn value<'r>(&self, row: &'r Row, column: &str) -> Option<&'r str> {
        let place = self.spec.values.iter().position(|value| value == column)?;
        row.values.get(place).map(String::as_str)
    }

    pub fn is_personal(&self, column: &str) -> bool {
        self.spec.personal.iter().any(|personal| personal == column)
    }
}

pub(super) fn joined(key: &[String]) -> String {
    key.join(&PART.to_string())
}
