//! A consistent copy of a running journal: the database page by page from one snapshot, large bodies by link or copy, files that came with messages the same way. It stops no traffic.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::bodies::{FileHash, path_in, sync_folder};
use super::fail::Fail;
use super::schema;
use crate::error::JournalError;
use crate::files;

/// Told bytes copied, of bytes in all.
pub(super) type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

const PAGES_PER_STEP: i32 = 256;

/// Copies a journal folder that another process may be using, as [`crate::Journal::backup`] does for its own: from one snapshot, large
/// bodies and files included. It takes no lock that the owner needs; `to` must not exist.
pub fn backup_folder(
    from: &Path,
    to: &Path,
    progress: Arc<dyn Fn(u64, u64) + Send + Sync>,
) -> Result<(), JournalError> {
    if !schema::database(from).exists() {
        return Err(JournalError::Storage(format!("{} holds no journal", from.display())));
    }
    Ok(backup(from, to, &progress)?)
}

/// The same for a folder that this process has open, on a thread of its own.
pub(super) async fn aside(from: PathBuf, to: PathBuf, progress: Progress) -> Result<(), JournalError> {
    match tokio::task::spawn_blocking(move || backup(&from, &to, &progress)).await {
        Ok(copied) => copied.map_err(JournalError::from),
        Err(lost) => Err(JournalError::Storage(format!("the backup was lost: {lost}"))),
    }
}

/// Held while a copy is made. The lock lies in a file, so that it counts across processes; many may copy at once.
pub(crate) fn hold_to_copy(folder: &Path) -> io::Result<File> {
    let file = lock_file(folder)?;
    file.lock_shared()?;
    Ok(file)
}

/// Held while retention removes, because a copy links the files its snapshot names; `None` while a copy is made.
pub(crate) fn hold_to_remove(folder: &Path) -> io::Result<Option<File>> {
    let file = lock_file(folder)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn lock_file(folder: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(folder.join("backup.lock"))
}

/// Copies the journal in `from` to `to`, which must not exist. What is unfinished bears another name.
fn backup(from: &Path, to: &Path, progress: &Progress) -> Result<(), Fail> {
    if to.exists() {
        return Err(Fail::File(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} exists", to.display()))));
    }
    let _held = hold_to_copy(from)?;
    let mut draft = to.as_os_str().to_owned();
    draft.push(".unfinished");
    let draft = PathBuf::from(draft);
    if draft.exists() {
        fs::remove_dir_all(&draft)?;
    }
    fs::create_dir_all(&draft)?;
    let done = copy(from, &draft, progress).and_then(|()| {
        fs::rename(&draft, to)?;
        Ok(sync_folder(to.parent().filter(|parent| !parent.as_os_str().is_empty()))?)
    });
    if done.is_err() {
        // What remains is told by its name, and taken away by the next try.
        fs::remove_dir_all(&draft).ok();
    }
    done
}

fn copy(from: &Path, to: &Path, progress: &Progress) -> Result<(), Fail> {
    let source = schema::reader(from)?;
    // One snapshot for all steps: without it every commit would begin the copy anew.
    let snapshot = source.unchecked_transaction()?;
    let (bodies, body_bytes) = bodies_of(&source)?;
    // What the snapshot's messages tell of was whole before they were stored.
    let kept = files::list(from)?;
    let file_bytes = kept.iter().fold(body_bytes, |sum, (_, bytes)| sum.saturating_add(*bytes));
    let page: u64 =
        u64::try_from(source.pragma_query_value(None, "page_size", |row| row.get::<_, i64>(0))?).unwrap_or(0);
    let mut target = Connection::open(schema::database(to))?;
    let mut copied = {
        let backup = Backup::new(&source, &mut target)?;
        loop {
            let step = backup.step(PAGES_PER_STEP)?;
            let at = backup.progress();
            let (all, left) = (u64::try_from(at.pagecount).unwrap_or(0), u64::try_from(at.remaining).unwrap_or(0));
            let copied = all.saturating_sub(left).saturating_mul(page);
            progress(copied, all.saturating_mul(page).saturating_add(file_bytes));
            match step {
                StepResult::Done => break copied,
                StepResult::More => {}
                StepResult::Busy | StepResult::Locked => std::thread::yield_now(),
                other => return Err(Fail::Misuse(format!("the copy stopped: {other:?}"))),
            }
        }
    };
    snapshot.finish()?;
    target.close().map_err(|(_, error)| error)?;
    let all = copied.saturating_add(file_bytes);
    let mut told = |bytes: u64| {
        copied = copied.saturating_add(bytes);
        progress(copied, all);
    };
    copy_bodies(&from.join("bodies"), &to.join("bodies"), &bodies, &mut told)?;
    files::copy_into(from, to, &kept, told)?;
    sync_folder(Some(to))?;
    Ok(())
}

fn copy_bodies(from: &Path, to: &Path, bodies: &[(FileHash, u64)], told: &mut impl FnMut(u64)) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for (hash, size) in bodies {
        place(&path_in(from, hash), &path_in(to, hash))?;
        told(*size);
    }
    sync_tree(to)
}

/// The files the snapshot names, with their sizes, and the bytes of all.
fn bodies_of(source: &Connection) -> Result<(Vec<(FileHash, u64)>, u64), Fail> {
    let mut statement = source.prepare("SELECT file, max(size) FROM body WHERE file IS NOT NULL GROUP BY file")?;
    let rows = statement.query_map((), |row| Ok((row.get::<_, FileHash>(0)?, row.get::<_, i64>(1)?)))?;
    let mut files = Vec::new();
    let mut bytes = 0_u64;
    for row in rows {
        let (hash, size) = row?;
        let size = u64::try_from(size).unwrap_or(0);
        bytes = bytes.saturating_add(size);
        files.push((hash, size));
    }
    Ok((files, bytes))
}

/// The same file under another name where the disk is the same, a synced copy of the same age where not. The files are never changed.
pub(crate) fn place(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    fs::copy(from, to)?;
    let copied = File::options().write(true).open(to)?;
    copied.set_modified(fs::metadata(from)?.modified()?)?;
    copied.sync_all()
}

fn sync_tree(bodies: &Path) -> io::Result<()> {
    for entry in fs::read_dir(bodies)? {
        sync_folder(Some(&entry?.path()))?;
    }
    sync_folder(Some(bodies))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_removed_while_a_copy_is_made_by_whomever() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (hold_to_copy(folder.path()).unwrap(), hold_to_copy(folder.path()).unwrap());
        assert!(hold_to_remove(folder.path()).unwrap().is_none());
        drop(one);
        assert!(hold_to_remove(folder.path()).unwrap().is_none());
        drop(other);
        assert!(hold_to_remove(folder.path()).unwrap().is_some());
    }
}
