//! Files that come with messages: streamed into a store, named by the hash of their content. It opens none.

use async_trait::async_trait;

/// A stored file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// SHA-256 of the content, lower-case hexadecimal.
    pub sha256: String,
    pub bytes: u64,
}

/// Why a file could not be stored; nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The most that is kept, in bytes.
    #[error("the file is longer than the {0} bytes that are kept")]
    TooLong(u64),
    /// Until there is room again on the disk.
    #[error("there is no room for files on the disk")]
    NoRoom,
    #[error("the file cannot be stored: {0}")]
    Storage(String),
}

/// Keeps files beside the journal. The same content is kept once.
#[async_trait]
pub trait FileStore: Send + Sync + 'static {
    async fn begin(&self) -> Result<Box<dyn FileWriter>, FileError>;

    /// Whether a file of this hash is kept.
    async fn has(&self, sha256: &str) -> Result<bool, FileError>;
}

/// A file being written. Dropped before [`FileWriter::finish`], it leaves nothing behind.
#[async_trait]
pub trait FileWriter: Send {
    async fn write(&mut self, chunk: &[u8]) -> Result<(), FileError>;

    /// On disk, synced, under its hash when this returns.
    async fn finish(self: Box<Self>) -> Result<StoredFile, FileError>;
}

/// Keeps nothing and says so: for programs that only look (`check`), and for tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

#[async_trait]
impl FileStore for NoFiles {
    async fn begin(&self) -> Result<Box<dyn FileWriter>, FileError> {
        Err(FileError::Storage("this program keeps no files".into()))
    }

    async fn has(&self, _sha256: &str) -> Result<bool, FileError> {
        Ok(false)
    }
}
