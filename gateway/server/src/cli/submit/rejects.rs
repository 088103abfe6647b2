//! The file of what was refused, so that it can be corrected and submitted: lines as JSON with number and reason, rows of an export
//! as CSV with the reason beside each. It is made when needed.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use csv::{StringRecord, Writer, WriterBuilder};
use parking_lot::Mutex;
use serde_json::json;

use crate::cli::Failure;

/// The last column of a file of refused rows; it is no column of an export that is submitted again.
pub(crate) const REASON: &str = "refused_because";

pub(crate) struct Rejects {
    path: PathBuf,
    /// The columns of an export, and what separates them.
    columns: Option<(StringRecord, u8)>,
    file: Mutex<Option<Kept>>,
}

enum Kept {
    Lines(BufWriter<File>),
    Rows(Box<Writer<File>>),
}

impl Rejects {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, columns: None, file: Mutex::new(None) }
    }

    /// For rows of an export with these columns.
    pub(crate) fn of_rows(path: PathBuf, columns: StringRecord, delimiter: u8) -> Self {
        Self { path, columns: Some((columns, delimiter)), file: Mutex::new(None) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn write(&self, number: u64, reason: &str, line: &str) -> Result<(), Failure> {
        let record = json!({ "line": number, "reason": reason, "submission": line.trim_end() });
        self.with_file(|file| match file {
            Kept::Lines(file) => writeln!(file, "{record}").map_err(|error| self.failed(&error)),
            Kept::Rows(file) => file.write_record([line.trim_end(), reason]).map_err(|error| self.failed(&error)),
        })
    }

    /// A row as it stood, with the reason in the last column.
    pub(crate) fn write_row(&self, reason: &str, row: &StringRecord) -> Result<(), Failure> {
        let width = self.columns.as_ref().map_or(0, |(columns, _)| columns.len());
        let mut record = row.clone();
        while record.len() < width {
            record.push_field("");
        }
        record.push_field(reason);
        self.with_file(|file| match file {
            Kept::Rows(file) => file.write_record(&record).map_err(|error| self.failed(&error)),
            Kept::Lines(file) => {
                writeln!(file, "{}", json!(record.iter().collect::<Vec<_>>())).map_err(|error| self.failed(&error))
            }
        })
    }

    fn with_file(&self, write: impl FnOnce(&mut Kept) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut file = self.file.lock();
        if file.is_none() {
            *file = Some(self.made()?);
        }
        file.as_mut().map_or(Ok(()), write)
    }

    fn made(&self) -> Result<Kept, Failure> {
        let file = File::create(&self.path).map_err(|error| self.failed(&error))?;
        let Some((columns, delimiter)) = &self.columns else { return Ok(Kept::Lines(BufWriter::new(file))) };
        let mut writer = WriterBuilder::new().delimiter(*delimiter).flexible(true).from_writer(file);
        let mut header = columns.clone();
        header.push_field(REASON);
        writer.write_record(&header).map_err(|error| self.failed(&error))?;
        Ok(Kept::Rows(Box::new(writer)))
    }

    /// Everything is on its way to the disk, or the command failed.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        match self.file.lock().as_mut() {
            Some(Kept::Lines(file)) => file.flush().map_err(|error| self.failed(&error)),
            Some(Kept::Rows(file)) => file.flush().map_err(|error| self.failed(&error)),
            None => Ok(()),
        }
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> Failure {
        Failure::because(&format!("what was refused cannot be written to {}", self.path.display()), error)
    }
}
