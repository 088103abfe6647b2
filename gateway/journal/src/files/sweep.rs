//! Removes files that are too old, a shelf at a time. It looks for nobody who still names them: the age alone counts.

use std::fs::{self, DirEntry};
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use lienthong_core::Timestamp;
use lienthong_core::file::FileError;

use super::{Failed, FileFolder, FileName, Shared, blocking};
use crate::sqlite::backup::hold_to_remove;

/// What one step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileSweep {
    pub removed: u64,
    pub bytes: u64,
    /// Where to go on; `None` when all shelves were seen, or a backup is being made that must find all it lists.
    pub next: Option<u8>,
}

impl FileFolder {
    /// Removes what was stored last before `before` from one shelf. Begin with shelf 0.
    pub async fn sweep(&self, before: Timestamp, shelf: u8) -> Result<FileSweep, FileError> {
        let shared = Arc::clone(&self.0);
        blocking(move || shared.sweep(SystemTime::from(before), shelf)).await
    }
}

impl Shared {
    fn sweep(&self, before: SystemTime, shelf: u8) -> Result<FileSweep, Failed> {
        let Some(_held) = hold_to_remove(&self.journal)? else { return Ok(FileSweep::default()) };
        let mut sum = FileSweep { next: shelf.checked_add(1), ..FileSweep::default() };
        let name = format!("{shelf:02x}");
        let entries = match fs::read_dir(self.folder.join(&name)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(sum),
            Err(error) => return Err(error.into()),
        };
        for entry in entries {
            if let Some(bytes) = self.remove_old(&name, &entry?, before)? {
                sum.removed += 1;
                sum.bytes = sum.bytes.saturating_add(bytes);
            }
        }
        Ok(sum)
    }

    /// The size of what was removed; `None`: it is kept.
    fn remove_old(&self, shelf: &str, entry: &DirEntry, before: SystemTime) -> io::Result<Option<u64>> {
        if entry.file_name().to_str().and_then(|rest| FileName::on_shelf(shelf, rest)).is_none() {
            return Ok(None);
        }
        let _naming = self.naming.lock();
        let found = fs::metadata(entry.path())?;
        if found.modified()? >= before {
            return Ok(None);
        }
        fs::remove_file(entry.path())?;
        Ok(Some(found.len()))
    }
}
