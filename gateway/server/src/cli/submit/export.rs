//! CSV exports: each row becomes a line to be sent, by a program or as it is. Rows that cannot become one are kept with the reason.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::{Args, ValueEnum};
use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord};
use lienthong_core::Fault;
use lienthong_core::program::{Compiler as _, Program, ProgramText};
use lienthong_engine::routing::Programs;
use lienthong_formats::encoding::{self, EncodingError};
use serde_json::{Map, Value};

use super::line::Line;
use super::rejects::REASON;
use crate::cli::Failure;
use crate::config;

/// Most bytes of one row; an unclosed quote must not read a whole export into memory.
const ROW_BYTES: u64 = 16 << 20;
/// How much of a file is looked at before anything is sent.
const SAMPLE_BYTES: u64 = 1 << 20;
/// Longest program, in bytes.
const PROGRAM_BYTES: u64 = 1 << 20;

/// How a CSV export is read.
#[derive(Debug, Clone, Args)]
pub(crate) struct Export {
    /// A CSV file with a header, or `-`: each row is a submission.
    #[arg(long, value_name = "FILE", conflicts_with = "file", requires = "operation")]
    pub(crate) csv: Option<PathBuf>,
    /// What is asked with each row.
    #[arg(long, requires = "csv")]
    operation: Option<String>,
    /// A VRL program that makes `{key, body, …}` of a row, whose columns are texts in `.`; see docs/mapping.md.
    #[arg(long, value_name = "FILE", requires = "csv")]
    map: Option<PathBuf>,
    /// Without a program: the column of the business key. The row is the body, and the gateway's route changes it.
    #[arg(long, value_name = "COLUMN", requires = "csv", conflicts_with = "map")]
    key: Option<String>,
    /// The configuration folder whose code tables the program looks into.
    #[arg(long, value_name = "DIR", requires = "map")]
    tables: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "utf-8", requires = "csv")]
    encoding: Encoding,
    /// What separates columns: one character, or `tab`.
    #[arg(long, default_value = ",", value_parser = delimiter)]
    pub(crate) delimiter: u8,
}

/// How the export's bytes are read. Nothing is guessed: another encoding is named and refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Encoding {
    #[value(name = "utf-8")]
    Utf8,
    #[value(name = "windows-1258")]
    Windows1258,
    /// TCVN3, whose fonts are called ABC.
    #[value(name = "tcvn3")]
    Tcvn3,
    #[value(name = "vni")]
    Vni,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [one] if one.is_ascii() && !one.is_ascii_alphanumeric() && *one != b'"' => Ok(*one),
        _other => Err("must be one character such as `,` or `;`, or `tab`".to_owned()),
    }
}

/// A row that cannot be sent, and why.
pub(crate) struct Refused {
    pub(crate) number: u64,
    pub(crate) reason: String,
    pub(crate) row: StringRecord,
}

/// A row on its way.
pub(crate) enum Row {
    Ready(Line),
    Refused(Refused),
}

/// An export whose header and program are sound.
pub(crate) struct Rows {
    reader: Reader<Bounded>,
    header: StringRecord,
    /// Columns of the export itself: the reason of an earlier run is none of them.
    width: usize,
    maker: Maker,
    encoding: Encoding,
    left: Arc<AtomicU64>,
    seen: HashMap<u128, u32>,
    number: u64,
}

/// What makes a submission of a row.
enum Maker {
    Program { program: Arc<dyn Program>, operation: String },
    Key { column: String, operation: String },
}

impl Export {
    /// Whether nothing is said of an export that is not there.
    pub(crate) fn is_consistent(&self) -> bool {
        let given = self.operation.is_some() || self.map.is_some() || self.key.is_some() || self.tables.is_some();
        self.csv.is_some() || !given
    }

    /// Opens and checks everything that can be checked before the first row.
    pub(crate) fn open(&self) -> Result<(Rows, Option<u64>), Failure> {
        let (Some(path), Some(operation)) = (&self.csv, &self.operation) else {
            return Err(Failure::Usage("--csv needs --operation".to_owned()));
        };
        let (source, length) = source(path)?;
        if length.is_some() {
            self.look_at_start(path)?;
        }
        let left = Arc::new(AtomicU64::new(ROW_BYTES));
        let bounded = Bounded { source, left: Arc::clone(&left) };
        let mut reader =
            ReaderBuilder::new().delimiter(self.delimiter).flexible(true).has_headers(false).from_reader(bounded);
        let mut first = ByteRecord::new();
        reader.read_byte_record(&mut first).map_err(|error| unread(path, &error))?;
        let header = self.header(&first, path)?;
        let width = header.len() - usize::from(header.iter().next_back() == Some(REASON));
        let maker = self.maker(operation.clone(), &header)?;
        let rows =
            Rows { reader, header, width, maker, encoding: self.encoding, left, seen: HashMap::new(), number: 1 };
        Ok((rows, length))
    }

    /// A file in another encoding is refused before a row of it is sent.
    fn look_at_start(&self, path: &Path) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::because(&format!("{} cannot be read", path.display()), error);
        let mut start = Vec::new();
        File::open(path).map_err(failed)?.take(SAMPLE_BYTES).read_to_end(&mut start).map_err(failed)?;
        let whole = start.len() as u64 == SAMPLE_BYTES;
        // A cut at the end may fall inside a character.
        let end = if whole { start.len().saturating_sub(4) } else { start.len() };
        let cut = (end..=start.len()).rev().find_map(|end| start.get(..end).filter(|part| self.read(part).is_ok()));
        match cut {
            Some(_) => Ok(()),
            None => self
                .read(&start)
                .map(drop)
                .map_err(|why| Failure::Failed(format!("{}, {why}; nothing was sent", path.display()))),
        }
    }

    /// The text, or from which line on it is none and what to do.
    fn read(&self, bytes: &[u8]) -> Result<String, String> {
        self.encoding.declared().read(bytes).map(Cow::into_owned).map_err(|error| {
            let line = 1 + bytes.iter().take(error.at).filter(|byte| **byte == b'\n').count();
            format!("line {line}, {}", advised(&error))
        })
    }

    fn header(&self, record: &ByteRecord, path: &Path) -> Result<StringRecord, Failure> {
        let wrong = |why: String| Failure::Failed(format!("{}: the header {why}", path.display()));
        let names: Result<Vec<String>, String> =
            record.iter().map(|cell| decoded(self.encoding, cell).map(|name| name.trim().to_owned())).collect();
        let names = names.map_err(wrong)?;
        if let [only] = names.as_slice()
            && only.contains([';', '\t', ','])
        {
            return Err(wrong("is one column; say what separates them, such as `--delimiter ';'`".to_owned()));
        }
        for (place, name) in names.iter().enumerate() {
            if name.is_empty() {
                return Err(wrong(format!("has no name for column {}", place + 1)));
            }
            if names.iter().take(place).any(|earlier| earlier == name) {
                return Err(wrong(format!("names `{name}` twice")));
            }
        }
        if names.is_empty() { Err(wrong("is missing".to_owned())) } else { Ok(names.iter().collect()) }
    }

    fn maker(&self, operation: String, header: &StringRecord) -> Result<Maker, Failure> {
        match (&self.map, &self.key) {
            (Some(map), _) => Ok(Maker::Program { program: self.program(map)?, operation }),
            (None, Some(key)) if header.iter().any(|name| name == key) => {
                Ok(Maker::Key { column: key.clone(), operation })
            }
            (None, Some(key)) => Err(Failure::Usage(format!("the export has no column `{key}`"))),
            (None, None) => {
                Err(Failure::Usage("say how rows become submissions: --map FILE, or --key COLUMN".to_owned()))
            }
        }
    }

    fn program(&self, map: &Path) -> Result<Arc<dyn Program>, Failure> {
        let failed = |error: io::Error| Failure::because(&format!("{} cannot be read", map.display()), error);
        let mut text = String::new();
        File::open(map).map_err(failed)?.take(PROGRAM_BYTES).read_to_string(&mut text).map_err(failed)?;
        let tables = match &self.tables {
            Some(folder) => config::load_tables(folder).map_err(Failure::Configuration)?,
            None => Arc::default(),
        };
        let text = ProgramText { place: map.display().to_string(), text };
        Programs::over(&tables).compile(&text).map_err(|problems| Failure::Failed(problems.join("\n")))
    }
}

impl Rows {
    /// The export's own columns.
    pub(crate) fn columns(&self) -> StringRecord {
        self.header.iter().take(self.width).collect()
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> u64 {
        self.reader.position().byte()
    }

    /// The next row; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Row>, Failure> {
        let mut record = ByteRecord::new();
        self.left.store(ROW_BYTES, Ordering::Relaxed);
        let more = self.reader.read_byte_record(&mut record);
        if !more.map_err(|error| Failure::because("the export cannot be read on", error))? {
            return Ok(None);
        }
        self.number += 1;
        let number = record.position().map_or(self.number, csv::Position::line);
        Ok(Some(match self.line(number, &record) {
            Ok(line) => Row::Ready(line),
            Err(reason) => Row::Refused(Refused { number, reason, row: self.readable(&record) }),
        }))
    }

    /// A row as it can be shown; what no encoding explains is marked as such.
    fn readable(&self, record: &ByteRecord) -> StringRecord {
        let with_reason = self.width < self.header.len() && record.len() == self.header.len();
        let width = if with_reason { self.width } else { record.len() };
        let text =
            |cell: &[u8]| decoded(self.encoding, cell).unwrap_or_else(|_| String::from_utf8_lossy(cell).into_owned());
        record.iter().take(width).map(text).collect()
    }

    fn line(&mut self, number: u64, record: &ByteRecord) -> Result<Line, String> {
        let cells = self.cells(record)?;
        let envelope = self.maker.envelope(&cells)?;
        let text = serde_json::to_vec(&envelope).map_err(|error| error.to_string())?;
        let mut line = Line::read(number, &text, &mut self.seen)?;
        line.row = Some(cells.iter().map(|(_, cell)| cell.as_str()).collect());
        Ok(line)
    }

    /// Name and text of each column; every problem of a row names its column and never its content.
    fn cells(&self, record: &ByteRecord) -> Result<Vec<(String, String)>, String> {
        if record.len() != self.header.len() && record.len() != self.width {
            return Err(format!("the row has {} columns, the header {}", record.len(), self.width));
        }
        let columns = self.header.iter().take(self.width).zip(record.iter());
        let cell = |(name, cell): (&str, &[u8])| {
            let text = decoded(self.encoding, cell).map_err(|why| format!("column `{name}` {why}"))?;
            match encoding::mistaken(&text) {
                None => Ok((name.to_owned(), text)),
                Some(legacy) => Err(format!(
                    "column `{name}` looks like {} taken for another encoding: export it again as UTF-8",
                    legacy.as_str()
                )),
            }
        };
        columns.map(cell).collect()
    }
}

impl Maker {
    fn envelope(&self, cells: &[(String, String)]) -> Result<Value, String> {
        let row: Map<String, Value> =
            cells.iter().map(|(name, cell)| (name.clone(), Value::String(cell.clone()))).collect();
        match self {
            Self::Program { program, operation } => {
                let mut made = program.run(Value::Object(row)).map_err(|fault| told(&fault))?;
                if let Some(envelope) = made.as_object_mut() {
                    envelope.entry("operation").or_insert_with(|| Value::String(operation.clone()));
                    if !envelope.contains_key("body") {
                        return Err("the program leaves no `body`".to_owned());
                    }
                }
                Ok(made)
            }
            Self::Key { column, operation } => {
                let key = row.get(column).cloned().unwrap_or_default();
                Ok(serde_json::json!({ "operation": operation, "key": key, "body": row }))
            }
        }
    }
}

/// A fault of the program: where, and which columns.
fn told(fault: &Fault) -> String {
    let fields: Vec<String> = fault
        .problems
        .iter()
        .map(|problem| {
            let class = problem.value_class.as_ref().map_or_else(String::new, |class| format!(" ({class})"));
            format!("{}{class}: {}", problem.pointer, problem.problem)
        })
        .collect();
    format!("{} {}; {}", fault.code.as_str(), fault.detail, fields.join("; "))
}

impl Encoding {
    fn declared(self) -> encoding::Encoding {
        match self {
            Self::Utf8 => encoding::Encoding::Utf8,
            Self::Windows1258 => encoding::Encoding::Windows1258,
            Self::Tcvn3 => encoding::Encoding::Tcvn3,
            Self::Vni => encoding::Encoding::Vni,
        }
    }
}

fn decoded(encoding: Encoding, bytes: &[u8]) -> Result<String, String> {
    encoding.declared().read(bytes).map(Cow::into_owned).map_err(|error| advised(&error))
}

/// The error with the option that declares what the bytes look like.
fn advised(error: &EncodingError) -> String {
    let options = Encoding::value_variants().iter();
    let option = options.filter_map(|one| {
        let looks_like = error.looks_like.is_some_and(|legacy| one.declared().as_str() == legacy.as_str());
        one.to_possible_value().filter(|_| looks_like && one.declared() != error.declared)
    });
    let option = option.map(|value| format!(" (`--encoding {}`)", value.get_name())).next();
    format!("{error}{}", option.unwrap_or_default())
}

fn source(path: &Path) -> Result<(Box<dyn Read + Send>, Option<u64>), Failure> {
    if path == Path::new("-") {
        return Ok((Box::new(io::stdin()), None));
    }
    let failed = |error: io::Error| Failure::because(&format!("{} cannot be read", path.display()), error);
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    Ok((Box::new(file), Some(length)))
}

fn unread(path: &Path, error: &csv::Error) -> Failure {
    Failure::because(&format!("{} cannot be read", path.display()), error)
}

/// Reads on only while the row at hand is within its limit.
struct Bounded {
    source: Box<dyn Read + Send>,
    left: Arc<AtomicU64>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        let left = self.left.load(Ordering::Relaxed);
        let after = left.checked_sub(read as u64);
        let after = after.ok_or_else(|| io::Error::other("a row is longer than 16 MiB; is a quote left open?"))?;
        self.left.store(after, Ordering::Relaxed);
        Ok(read)
    }
}
