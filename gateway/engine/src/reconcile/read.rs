//! Parts of a list, in CSV or JSON lines: each row becomes a message by the configured program, and its state. It knows no journal; a bad row stops no other.

use std::borrow::Cow;

use csv::{ByteRecord, ReaderBuilder};
use lienthong_core::{BusinessKey, Fault, FaultCode};
use lienthong_formats::encoding::{self, Encoding};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::compare::State;
use super::spec::{ExportSpec, Fields};

/// Rows that could not be read of which each is told by itself.
pub const TOLD: usize = 100;

/// What workbooks (and all ZIP files) begin with.
const WORKBOOK: &[u8] = b"PK\x03\x04";

/// How a part is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// With a header, in every part.
    Csv,
    JsonLines,
}

/// A row that could be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// From 1, over all parts of the list, the header of the first one counted.
    pub line: u64,
    pub key: BusinessKey,
    pub state: State,
    /// What would be sent of it; not kept of the other side's list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// What a part held.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    pub rows: Vec<Row>,
    pub refused: u64,
    /// The first of the refused rows: line and why.
    pub told: Vec<(u64, String)>,
    /// Lines in all.
    pub lines: u64,
}

/// Reads a part whose first line has this number. The fault says what makes the whole part unreadable.
pub fn part(spec: &ExportSpec, fields: &Fields, form: Form, bytes: &[u8], first: u64) -> Result<Part, Fault> {
    let mut part = Part::default();
    if bytes.starts_with(WORKBOOK) {
        return Err(wrong("the list is a workbook of a spreadsheet program: save it as CSV, in UTF-8".to_owned()));
    }
    match form {
        Form::Csv => csv_rows(spec, fields, bytes, first, &mut part)?,
        Form::JsonLines => lines(spec, fields, bytes, first, &mut part),
    }
    Ok(part)
}

impl Part {
    fn take(&mut self, line: u64, made: Result<Row, String>) {
        match made {
            Ok(row) => self.rows.push(row),
            Err(why) => {
                self.refused += 1;
                if self.told.len() < TOLD {
                    self.told.push((line, why));
                }
            }
        }
    }
}

fn csv_rows(spec: &ExportSpec, fields: &Fields, bytes: &[u8], first: u64, part: &mut Part) -> Result<(), Fault> {
    let mut reader =
        ReaderBuilder::new().delimiter(spec.delimiter).flexible(true).has_headers(false).from_reader(bytes);
    let mut record = ByteRecord::new();
    let broken = |error: csv::Error| wrong(format!("the list cannot be read: {error}"));
    if !reader.read_byte_record(&mut record).map_err(broken)? {
        return Err(wrong("the list is empty: not even a header".to_owned()));
    }
    let header = header(spec, &record)?;
    while reader.read_byte_record(&mut record).map_err(broken)? {
        let line = first.saturating_add(record.position().map_or(0, csv::Position::line)).saturating_sub(1);
        let made = cells(&header, &record, spec.encoding).and_then(|row| made(spec, fields, line, row));
        part.take(line, made);
    }
    part.lines = reader.position().line().saturating_sub(1);
    Ok(())
}

fn header(spec: &ExportSpec, record: &ByteRecord) -> Result<Vec<String>, Fault> {
    let names: Result<Vec<String>, Fault> = record
        .iter()
        .map(|cell| match spec.encoding.read(cell) {
            Ok(name) => Ok(name.trim().to_owned()),
            Err(error) => Err(wrong(format!("the header {error}"))),
        })
        .collect();
    let names = names?;
    if let [only] = names.as_slice()
        && only.contains([';', '\t', ','])
    {
        return Err(wrong("the header is one column; set `delimiter` to what separates them".to_owned()));
    }
    for (place, name) in names.iter().enumerate() {
        if names.iter().take(place).any(|earlier| earlier == name) {
            return Err(wrong(format!("the header names `{name}` twice")));
        }
    }
    let missing: Vec<String> =
        spec.columns.iter().filter(|column| !names.contains(column)).map(|column| format!("`{column}`")).collect();
    if missing.is_empty() {
        return Ok(names);
    }
    let there: Vec<String> =
        names.iter().take(30).map(|name| format!("`{}`", lienthong_core::text::excerpt(name, 64))).collect();
    Err(wrong(format!("the list has no column {}; it has {}", missing.join(", "), there.join(", "))))
}

fn cells(header: &[String], record: &ByteRecord, encoding: Encoding) -> Result<Value, String> {
    if record.len() != header.len() {
        return Err(format!("the row has {} columns, the header {}", record.len(), header.len()));
    }
    let mut row = Map::new();
    for (name, cell) in header.iter().zip(record.iter()) {
        let text = encoding.read(cell).map_err(|error| format!("column `{name}` {error}"))?;
        row.insert(name.clone(), Value::String(sound(name, text)?));
    }
    Ok(Value::Object(row))
}

fn lines(spec: &ExportSpec, fields: &Fields, bytes: &[u8], first: u64, part: &mut Part) {
    let whole = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    for (number, line) in (first..).zip(whole.split(|byte| *byte == b'\n')) {
        part.lines = number.saturating_sub(first).saturating_add(1);
        if line.trim_ascii().is_empty() {
            continue;
        }
        let read = spec.encoding.read(line).map_err(|error| format!("the line {error}"));
        let row = read.and_then(|text| {
            let row: Value = serde_json::from_str(&text).map_err(|_| "the line is no JSON".to_owned())?;
            let members = row.as_object().ok_or("the line is no JSON object")?;
            match spec.columns.iter().find(|column| !members.contains_key(*column)) {
                Some(missing) => Err(format!("the line has no member `{missing}`")),
                None => Ok(row),
            }
        });
        part.take(number, row.and_then(|row| made(spec, fields, number, row)));
    }
}

/// Bytes that were read in a wrong encoding once are told as such, not kept as nonsense.
fn sound(name: &str, text: Cow<'_, str>) -> Result<String, String> {
    match encoding::mistaken(&text) {
        None => Ok(text.into_owned()),
        Some(legacy) => Err(format!("column `{name}` looks like {} taken for another encoding", legacy.as_str())),
    }
}

/// What the program makes of a row. No problem repeats a value of the row.
fn made(spec: &ExportSpec, fields: &Fields, line: u64, row: Value) -> Result<Row, String> {
    let mut made = spec.make.run(row).map_err(|fault| told(&fault))?;
    let envelope = made.as_object_mut().ok_or("the program leaves no object")?;
    let key = envelope.remove("key").unwrap_or_default();
    let key = key.as_str().ok_or("the program leaves no text in `key`")?;
    let key = BusinessKey::new(key).map_err(|error| format!("the program's `key` {error}"))?;
    let body = envelope.remove("body").filter(Value::is_object).ok_or("the program leaves no object in `body`")?;
    if let Some(other) = envelope.keys().next() {
        return Err(format!("the program leaves `{other}` beside `key` and `body`"));
    }
    let state = fields.state(&body)?;
    Ok(Row { line, key, state, body: Some(body) })
}

fn told(fault: &Fault) -> String {
    let fields: Vec<String> =
        fault.problems.iter().map(|problem| format!("{}: {}", problem.pointer, problem.problem)).collect();
    format!("{} {}; {}", fault.code.as_str(), fault.detail, fields.join("; "))
}

fn wrong(detail: String) -> Fault {
    Fault::new(FaultCode::BadParameter.kind(), FaultCode::BadParameter, detail.clone())
        .with_problem(lienthong_core::FieldProblem::new("", detail))
}

#[cfg(test)]
mod tests;
