//! The files of a journal for its backup: listed, then linked or copied. What is half-written is never among them.

use std::fs::{self, ReadDir};
use std::io;
use std::path::Path;

use super::{FileName, folder_in, path_in, private_folder, sync_folder};
use crate::sqlite::backup::place;

/// The whole files beside the journal in `journal`, with their sizes.
pub(crate) fn list(journal: &Path) -> io::Result<Vec<(FileName, u64)>> {
    let mut found = Vec::new();
    for shelf in entries(&folder_in(journal))?.into_iter().flatten() {
        let shelf = shelf?;
        if !shelf.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(shelf.path())? {
            let file = file?;
            let name = |rest: &str| FileName::on_shelf(shelf.file_name().to_str()?, rest);
            if let Some(name) = file.file_name().to_str().and_then(name) {
                found.push((name, file.metadata()?.len()));
            }
        }
    }
    Ok(found)
}

/// `None`: this journal has kept no file yet.
fn entries(folder: &Path) -> io::Result<Option<ReadDir>> {
    match fs::read_dir(folder) {
        Ok(entries) => Ok(Some(entries)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts them into the copy of the journal in `to`, each told by its size when it is there.
pub(crate) fn copy_into(
    from: &Path,
    to: &Path,
    files: &[(FileName, u64)],
    mut told: impl FnMut(u64),
) -> io::Result<()> {
    let (from, to) = (folder_in(from), folder_in(to));
    private_folder(&to)?;
    for (name, bytes) in files {
        private_folder(&to.join(name.shelf()))?;
        place(&path_in(&from, name), &path_in(&to, name))?;
        told(*bytes);
    }
    for shelf in fs::read_dir(&to)? {
        sync_folder(&shelf?.path())?;
    }
    sync_folder(&to)
}
