//! The file of refused lines: number, reason, and the line itself, so that it can be corrected and submitted. It is made when needed.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use serde_json::json;

use crate::cli::Failure;

pub(crate) struct Rejects {
    path: PathBuf,
    file: Mutex<Option<BufWriter<File>>>,
}

impl Rejects {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, file: Mutex::new(None) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn write(&self, number: u64, reason: &str, line: &str) -> Result<(), Failure> {
        let mut file = self.file.lock();
        if file.is_none() {
            *file = Some(BufWriter::new(File::create(&self.path).map_err(|error| self.failed(&error))?));
        }
        let Some(file) = file.as_mut() else { return Ok(()) };
        let record = json!({ "line": number, "reason": reason, "submission": line.trim_end() });
        writeln!(file, "{record}").map_err(|error| self.failed(&error))
    }

    /// Everything is on its way to the disk, or the command failed.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        match self.file.lock().as_mut() {
            Some(file) => file.flush().map_err(|error| self.failed(&error)),
            None => Ok(()),
        }
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        Failure::because(&format!("refused lines cannot be written to {}", self.path.display()), error)
    }
}
