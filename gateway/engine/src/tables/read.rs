//! Reads a table's CSV into rows; each problem has its line. What rows say of each other is checked by `check`.

use csv::{ReaderBuilder, StringRecord, Trim};
use jiff::civil::Date;
use lienthong_core::text;

use super::table::Row;
use super::{NOTE, TableSpec, TableText, VALID_FROM, VALID_TO};
use crate::routing::RouteProblem;

/// Most rows of one table.
const ROWS: usize = 200_000;
/// Longest cell, in characters.
const CELL_CHARS: usize = 500;

/// Where each column stands in a record.
struct Header {
    key: Vec<usize>,
    values: Vec<usize>,
    from: Option<usize>,
    to: Option<usize>,
    width: usize,
}

/// The rows, in the order they stand. Rows with a problem are left out.
pub(super) fn rows(spec: &TableSpec, table: &TableText, problems: &mut Vec<RouteProblem>) -> Vec<Row> {
    let body = table.text.strip_prefix('\u{feff}').unwrap_or(&table.text);
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::None).from_reader(body.as_bytes());
    let at = |line: usize, problem: String, remedy: &str| problem_at(&table.file, line, problem, remedy);
    let header = match reader.headers() {
        Ok(names) => header(spec, names),
        Err(error) => Err(vec![error.to_string()]),
    };
    let header = match header {
        Ok(header) => header,
        Err(found) => {
            let remedy = header_remedy(spec);
            problems.extend(found.into_iter().map(|problem| at(1, problem, &remedy)));
            return Vec::new();
        }
    };
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
                problems.push(at(line, "this row cannot be read as CSV".to_owned(), "check its quotes"));
                continue;
            }
        };
        let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
        if rows.len() >= ROWS {
            problems.push(at(line, format!("the table has more than {ROWS} rows"), "split it"));
            break;
        }
        match row(&header, &record, line) {
            Ok(row) => rows.push(row),
            Err(found) => problems.extend(found.into_iter().map(|(problem, remedy)| at(line, problem, remedy))),
        }
    }
    rows
}

pub(super) fn problem_at(file: &str, line: usize, problem: String, remedy: &str) -> RouteProblem {
    RouteProblem { file: file.to_owned(), line, column: None, problem, remedy: remedy.to_owned() }
}

fn header_remedy(spec: &TableSpec) -> String {
    let columns: Vec<&str> = spec.key.iter().chain(&spec.values).map(String::as_str).collect();
    format!("its columns are {}, and where wanted {VALID_FROM}, {VALID_TO} and {NOTE}", columns.join(", "))
}

fn header(spec: &TableSpec, names: &StringRecord) -> Result<Header, Vec<String>> {
    let mut problems = Vec::new();
    let declared = |name: &str| spec.key.iter().chain(&spec.values).any(|column| column == name);
    for (place, name) in names.iter().enumerate() {
        if !declared(name) && ![VALID_FROM, VALID_TO, NOTE].contains(&name) {
            problems.push(format!("column `{}` is not known here", text::excerpt(name, 60)));
        } else if names.iter().take(place).any(|earlier| earlier == name) {
            problems.push(format!("column `{name}` stands here twice"));
        }
    }
    let mut place_of = |column: &String| {
        let place = names.iter().position(|name| name == column);
        if place.is_none() {
            problems.push(format!("column `{column}` is missing"));
        }
        place.unwrap_or_default()
    };
    let key = spec.key.iter().map(&mut place_of).collect();
    let values = spec.values.iter().map(&mut place_of).collect();
    let optional = |column: &str| names.iter().position(|name| name == column);
    let header = Header { key, values, from: optional(VALID_FROM), to: optional(VALID_TO), width: names.len() };
    if problems.is_empty() { Ok(header) } else { Err(problems) }
}

type Found = (String, &'static str);

fn row(header: &Header, record: &StringRecord, line: usize) -> Result<Row, Vec<Found>> {
    if record.len() != header.width {
        let problem = format!("this row has {} cells, the header {}", record.len(), header.width);
        return Err(vec![(problem, "quote cells that hold a comma, and leave out none")]);
    }
    let mut problems: Vec<Found> = record.iter().filter_map(cell_problem).collect();
    let cells = |places: &[usize]| -> Vec<String> {
        places.iter().map(|place| record.get(*place).unwrap_or_default().to_owned()).collect()
    };
    let (key, values) = (cells(&header.key), cells(&header.values));
    if key.iter().any(String::is_empty) {
        problems.push(("a cell of the key is empty".to_owned(), "give every row its code"));
    }
    let mut day = |place: Option<usize>| {
        let text = place.and_then(|place| record.get(place)).filter(|text| !text.is_empty())?;
        let day = iso_day(text);
        if day.is_none() {
            problems.push((
                format!("`{}` is no day", text::excerpt(text, 20)),
                "write days as 2025-07-01; leave the cell empty for no limit",
            ));
        }
        day
    };
    let (from, to) = (day(header.from), day(header.to));
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        problems.push((format!("the row ends ({to}) before it begins ({from})"), "exchange or correct the days"));
    }
    if problems.is_empty() { Ok(Row { key, values, from, to, line }) } else { Err(problems) }
}

fn iso_day(text: &str) -> Option<Date> {
    use lienthong_formats::date::{Format, parse};
    if text != text.trim() {
        return None;
    }
    parse(Format::DashedDay, text).ok().and_then(|parsed| parsed.day())
}

fn cell_problem(cell: &str) -> Option<Found> {
    if cell != cell.trim() {
        return Some(("a cell begins or ends with a blank".to_owned(), "remove it: codes are compared exactly"));
    }
    if !text::is_plain(cell) || cell.contains('\n') {
        return Some(("a cell holds control characters".to_owned(), "remove them"));
    }
    if text::nfc(cell) != cell {
        return Some(("a cell is not in Unicode's composed form".to_owned(), "save the file in NFC"));
    }
    if let Some(legacy) = lienthong_formats::encoding::mistaken(cell) {
        let problem = format!("a cell looks like {} taken for another encoding", legacy.as_str());
        return Some((problem, "export the table again as UTF-8"));
    }
    (cell.chars().count() > CELL_CHARS)
        .then(|| (format!("a cell is longer than {CELL_CHARS} characters"), "shorten it"))
}
