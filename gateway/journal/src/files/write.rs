//! One file being written: under a name of its own until it is whole and on disk, then under its hash. It keeps nothing it cannot finish.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use lienthong_core::file::{FileError, FileWriter, StoredFile};
use sha2::{Digest as _, Sha256};

use super::{Failed, FileName, Shared, blocking, path_in, private_folder, sync_folder};

/// Bytes gathered before they are handed to a thread that may wait for the disk.
const BLOCK: usize = 256 * 1024;

/// The side that streams.
pub(super) struct Writing {
    /// `None` once it has failed: nothing can be finished any more.
    draft: Option<Draft>,
    pending: Vec<u8>,
}

/// The side that waits for the disk. Dropped before it has its name, it leaves nothing behind.
struct Draft {
    shared: Arc<Shared>,
    file: File,
    path: PathBuf,
    hash: Sha256,
    bytes: u64,
    named: bool,
}

impl Writing {
    pub(super) async fn begin(shared: Arc<Shared>) -> Result<Self, FileError> {
        let draft = blocking(move || Draft::begin(shared)).await?;
        Ok(Self { draft: Some(draft), pending: Vec::new() })
    }

    async fn flush(&mut self) -> Result<(), FileError> {
        let mut draft = self.draft.take().ok_or_else(given_up)?;
        let mut pending = std::mem::take(&mut self.pending);
        let (draft, emptied) = blocking(move || {
            draft.append(&pending)?;
            pending.clear();
            Ok((draft, pending))
        })
        .await?;
        self.draft = Some(draft);
        self.pending = emptied;
        Ok(())
    }
}

fn given_up() -> FileError {
    FileError::Storage("writing it was given up".into())
}

#[async_trait]
impl FileWriter for Writing {
    async fn write(&mut self, chunk: &[u8]) -> Result<(), FileError> {
        for part in chunk.chunks(BLOCK) {
            self.pending.extend_from_slice(part);
            if self.pending.len() >= BLOCK {
                self.flush().await?;
            }
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<StoredFile, FileError> {
        self.flush().await?;
        let draft = self.draft.take().ok_or_else(given_up)?;
        blocking(move || draft.finish()).await
    }
}

impl Draft {
    fn begin(shared: Arc<Shared>) -> Result<Self, Failed> {
        shared.check_room()?;
        let path = shared.drafts().join(uuid::Uuid::new_v4().simple().to_string());
        let made = File::options().write(true).create_new(true).mode(0o600).open(&path);
        let file = made.map_err(|error| shared.noticed(error))?;
        Ok(Self { shared, file, path, hash: Sha256::new(), bytes: 0, named: false })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Failed> {
        self.shared.check_room()?;
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if self.bytes > self.shared.largest {
            return Err(Failed::TooLong(self.shared.largest));
        }
        self.hash.update(bytes);
        self.file.write_all(bytes).map_err(|error| self.shared.noticed(error))
    }

    /// On disk first, then named, then its name on disk.
    fn finish(mut self) -> Result<StoredFile, Failed> {
        let now = SystemTime::from(self.shared.clock.now());
        self.file.set_modified(now)?;
        self.file.sync_all().map_err(|error| self.shared.noticed(error))?;
        let name = FileName::of(std::mem::take(&mut self.hash).finalize().into());
        let path = path_in(&self.shared.folder, &name);
        let shared = Arc::clone(&self.shared);
        let _naming = shared.naming.lock();
        if is_whole(&path, self.bytes) {
            renew(&path, now)?;
        } else {
            private_folder(&shared.folder.join(name.shelf()))?;
            sync_folder(&shared.folder)?;
            fs::rename(&self.path, &path).map_err(|error| shared.noticed(error))?;
            self.named = true;
        }
        sync_folder(&shared.folder.join(name.shelf()))?;
        Ok(StoredFile { sha256: name.to_string(), bytes: self.bytes })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.named {
            // What cannot be removed is swept at the next start.
            fs::remove_file(&self.path).ok();
        }
    }
}

fn is_whole(path: &Path, bytes: u64) -> bool {
    fs::metadata(path).is_ok_and(|kept| kept.len() == bytes)
}

/// The same content came again: it is kept as long as if it had come only now.
fn renew(path: &Path, now: SystemTime) -> io::Result<()> {
    let kept = File::options().write(true).open(path)?;
    if kept.metadata()?.modified()? < now {
        kept.set_modified(now)?;
    }
    kept.sync_all()
}
