//! Files that come with messages, beside the journal: named by the hash of their content, whole or not there. It knows no message.

mod copy;
mod name;
mod sweep;
#[cfg(test)]
mod tests;
mod write;

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use lienthong_core::Clock;
use lienthong_core::file::{FileError, FileStore, FileWriter};
use parking_lot::Mutex;

use crate::record::DiskState;
use crate::sqlite::disk::DiskWatch;
use crate::sqlite::{DiskSpace, RealDisk, Watermarks};

pub(crate) use copy::{copy_into, list};
pub use name::{FileName, NotAName};
pub use sweep::FileSweep;

/// See [`FileFolder::new`].
#[derive(Clone)]
pub struct FileOptions {
    /// The journal's folder: the files are in `files/` below it.
    pub journal: PathBuf,
    /// Nothing is stored below `low`: what room is left is for outcomes.
    pub watermarks: Watermarks,
    /// Largest file, in bytes.
    pub largest: u64,
    pub disk: Arc<dyn DiskSpace>,
    /// Gives files their age.
    pub clock: Arc<dyn Clock>,
}

impl FileOptions {
    /// Defaults for the files of the journal in `journal`.
    pub fn new(journal: impl Into<PathBuf>, clock: Arc<dyn Clock>) -> Self {
        Self {
            journal: journal.into(),
            watermarks: Watermarks::default(),
            largest: 1 << 30,
            disk: Arc::new(RealDisk),
            clock,
        }
    }
}

/// The files in one folder: `files/ab/cdef…` by SHA-256, readable for nobody else. What is being written is in `files/new` until
/// it is whole and synced. Cheap to clone.
#[derive(Clone)]
pub struct FileFolder(Arc<Shared>);

struct Shared {
    journal: PathBuf,
    folder: PathBuf,
    largest: u64,
    disk: DiskWatch,
    clock: Arc<dyn Clock>,
    /// Held while a name is taken or given up, so that what is stored again is not removed as old.
    naming: Mutex<()>,
}

/// A file opened for reading: it stays readable when retention removes its name meanwhile.
#[derive(Debug)]
pub struct OpenFile {
    pub file: File,
    pub bytes: u64,
}

impl FileFolder {
    /// Touches nothing yet; see [`FileFolder::prepare`].
    pub fn new(options: FileOptions) -> Self {
        let FileOptions { journal, watermarks, largest, disk, clock } = options;
        let disk = DiskWatch::new(&journal, disk, Arc::clone(&clock), watermarks);
        let folder = folder_in(&journal);
        Self(Arc::new(Shared { journal, folder, largest, disk, clock, naming: Mutex::new(()) }))
    }

    /// Where what is being written lies; nothing in it outlives its process.
    pub fn drafts(&self) -> PathBuf {
        self.0.drafts()
    }

    /// Makes the folders and removes what a process that died has left half-written; how many that were. For the owner of the
    /// journal, before anything is stored.
    pub async fn prepare(&self) -> Result<usize, FileError> {
        let shared = Arc::clone(&self.0);
        blocking(move || shared.prepare()).await
    }

    /// `None`: no such file is kept.
    pub async fn open(&self, name: &FileName) -> Result<Option<OpenFile>, FileError> {
        let path = path_in(&self.0.folder, name);
        blocking(move || match File::open(path) {
            Ok(file) => Ok(Some(OpenFile { bytes: file.metadata()?.len(), file })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        })
        .await
    }
}

impl std::fmt::Debug for FileFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileFolder({})", self.0.folder.display())
    }
}

#[async_trait]
impl FileStore for FileFolder {
    async fn begin(&self) -> Result<Box<dyn FileWriter>, FileError> {
        Ok(Box::new(write::Writing::begin(Arc::clone(&self.0)).await?))
    }

    async fn has(&self, sha256: &str) -> Result<bool, FileError> {
        let Ok(name) = sha256.parse::<FileName>() else { return Ok(false) };
        let path = path_in(&self.0.folder, &name);
        blocking(move || Ok(path.try_exists()?)).await
    }
}

impl Shared {
    fn prepare(&self) -> Result<usize, Failed> {
        private_folder(&self.folder)?;
        private_folder(&self.drafts())?;
        let mut swept = 0;
        for draft in fs::read_dir(self.drafts())? {
            fs::remove_file(draft?.path())?;
            swept += 1;
        }
        sync_folder(&self.folder)?;
        sync_folder(&self.journal)?;
        Ok(swept)
    }

    fn drafts(&self) -> PathBuf {
        self.folder.join("new")
    }

    fn check_room(&self) -> Result<(), Failed> {
        match self.disk.state() {
            DiskState::Enough => Ok(()),
            DiskState::Low | DiskState::Critical => Err(Failed::NoRoom),
        }
    }

    /// A disk that is full is known to be.
    fn noticed(&self, error: io::Error) -> Failed {
        if error.kind() == io::ErrorKind::StorageFull {
            self.disk.found_full();
            return Failed::NoRoom;
        }
        Failed::Storage(error)
    }
}

/// Why nothing was stored.
#[derive(Debug)]
enum Failed {
    TooLong(u64),
    NoRoom,
    Storage(io::Error),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Storage(error)
    }
}

/// Off the threads that serve.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failed> + Send + 'static,
) -> Result<T, FileError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(Failed::TooLong(most))) => Err(FileError::TooLong(most)),
        Ok(Err(Failed::NoRoom)) => Err(FileError::NoRoom),
        Ok(Err(Failed::Storage(error))) => Err(FileError::Storage(error.to_string())),
        Err(lost) => Err(FileError::Storage(lost.to_string())),
    }
}

fn folder_in(journal: &Path) -> PathBuf {
    journal.join("files")
}

fn path_in(folder: &Path, name: &FileName) -> PathBuf {
    folder.join(name.shelf()).join(name.rest())
}

/// A folder nobody else may look into; one that is there is made so.
fn private_folder(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        }
        made => made,
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
