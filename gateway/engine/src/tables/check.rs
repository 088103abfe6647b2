//! What a table's declaration and rows say of each other: overlaps, gaps, two codes for one value. It reads nothing.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::read::problem_at;
use super::table::{Row, joined};
use super::{NOTE, TableSpec, VALID_FROM, VALID_TO};
use crate::routing::RouteProblem;

const NAME_BYTES: usize = 64;

pub(super) fn spec(spec: &TableSpec) -> Vec<RouteProblem> {
    let at = |problem: String, remedy: &str| problem_at(&spec.file, spec.line, problem, remedy);
    let mut problems = Vec::new();
    let plain = |name: &str| {
        (1..=NAME_BYTES).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'))
    };
    if !plain(&spec.name) {
        let remedy = "use lower-case letters, digits, '-', '_' and '.', 64 at most";
        problems.push(at(format!("`{}` is no name a table can have", spec.name), remedy));
    }
    if spec.key.is_empty() || spec.values.is_empty() {
        let remedy = "name at least one column in `key` and one in `values`";
        problems.push(at(format!("table {} has no key or no value", spec.name), remedy));
    }
    let columns: Vec<&String> = spec.key.iter().chain(&spec.values).collect();
    for (place, column) in columns.iter().enumerate() {
        if !plain(column) || [VALID_FROM, VALID_TO, NOTE].contains(&column.as_str()) {
            problems.push(at(format!("`{column}` is no name a column can have"), "give the column another name"));
        } else if columns.iter().take(place).any(|earlier| earlier == column) {
            problems.push(at(format!("column `{column}` is declared twice"), "declare it once"));
        }
    }
    for column in spec.one_to_one.iter().filter(|column| !spec.values.contains(column)) {
        problems.push(at(format!("`{column}` is no value column"), "let `one_to_one` name columns of `values`"));
    }
    for column in spec.personal.iter().filter(|column| !columns.contains(column)) {
        problems.push(at(format!("`{column}` is no column"), "let `personal` name columns of `key` or `values`"));
    }
    if let Some(observed) = spec.observed.as_ref().filter(|observed| !columns.contains(&&observed.column)) {
        let problem = format!("`{}` is no column", observed.column);
        problems.push(at(problem, "let `observed.column` name a column of `key` or `values`"));
    }
    problems
}

pub(super) fn rows(spec: &TableSpec, file: &str, rows: &[Row]) -> Vec<RouteProblem> {
    let mut problems = Vec::new();
    for rows in groups(rows, |row| Some(joined(&row.key))).values() {
        overlaps(file, rows, &mut problems);
        if spec.total {
            gaps(file, rows, &mut problems);
        }
    }
    for column in &spec.one_to_one {
        let Some(place) = spec.values.iter().position(|value| value == column) else { continue };
        let value = |row: &Row| row.values.get(place).filter(|value| !value.is_empty()).cloned();
        for rows in groups(rows, value).values() {
            two_codes(file, column, rows, &mut problems);
        }
    }
    problems.sort_by_key(|problem| problem.line);
    problems
}

/// Rows with one name each, in the order of their first days.
fn groups(rows: &[Row], name: impl Fn(&Row) -> Option<String>) -> BTreeMap<String, Vec<&Row>> {
    let mut groups: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        if let Some(name) = name(row) {
            groups.entry(name).or_default().push(row);
        }
    }
    groups.values_mut().for_each(|rows| rows.sort_by_key(|row| (row.from.unwrap_or(Date::MIN), row.line)));
    groups
}

fn overlaps(file: &str, rows: &[&Row], problems: &mut Vec<RouteProblem>) {
    for (earlier, later) in rows.iter().zip(rows.iter().skip(1)) {
        if !meet(earlier, later) {
            continue;
        }
        let same = earlier.values == later.values && (earlier.from, earlier.to) == (later.from, later.to);
        let (problem, remedy) = if same {
            (format!("this row stands in line {} already", earlier.line), "remove one of the two")
        } else {
            let problem = format!("code {} holds in line {} too on some of these days", later.code(), earlier.line);
            (problem, "let the earlier row end (`valid_to`) before this one begins")
        };
        problems.push(problem_at(file, later.line, problem, remedy));
    }
}

fn meet(earlier: &Row, later: &Row) -> bool {
    earlier.to.is_none_or(|to| later.from.is_none_or(|from| from <= to))
}

fn gaps(file: &str, rows: &[&Row], problems: &mut Vec<RouteProblem>) {
    for (earlier, later) in rows.iter().zip(rows.iter().skip(1)) {
        if let (Some(to), Some(from)) = (earlier.to, later.from)
            && to.tomorrow().is_ok_and(|next| next < from)
        {
            let problem = format!("code {} has no row from {} until {from}", later.code(), to.tomorrow().unwrap_or(to));
            problems.push(problem_at(file, later.line, problem, "the table is declared total: fill the days between"));
        }
    }
    if let Some(last) = rows.iter().max_by_key(|row| row.to.unwrap_or(Date::MAX))
        && let Some(to) = last.to
    {
        let problem = format!("code {} has no row after {to}", last.code());
        problems.push(problem_at(file, last.line, problem, "the table is declared total: say what holds afterwards"));
    }
}

fn two_codes(file: &str, column: &str, rows: &[&Row], problems: &mut Vec<RouteProblem>) {
    for (place, later) in rows.iter().enumerate() {
        let other = rows.iter().take(place).find(|earlier| earlier.key != later.key && meet(earlier, later));
        if let Some(earlier) = other {
            let problem = format!(
                "codes {} and {} (line {}) have one `{column}` on some of these days",
                later.code(),
                earlier.code(),
                earlier.line
            );
            let remedy = "the table is declared one-to-one in this column: correct a row, or leave the column out of `one_to_one`";
            problems.push(problem_at(file, later.line, problem, remedy));
        }
    }
}
