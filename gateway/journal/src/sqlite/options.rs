//! How the embedded journal is opened: folder, limits, clock and disk. Every limit has a default that fits a small machine.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{Clock, limits};

use super::disk::{DiskSpace, RealDisk};
use super::hooks::Hooks;

/// Free bytes on the journal's disk below which things stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watermarks {
    /// Below this nothing new is accepted.
    pub low: u64,
    /// Below this sending stops too.
    pub critical: u64,
}

impl Default for Watermarks {
    fn default() -> Self {
        Self { low: 1024 * 1024 * 1024, critical: 256 * 1024 * 1024 }
    }
}

/// See [`super::SqliteJournal::open`].
#[derive(Clone)]
pub struct SqliteOptions {
    /// Made when it is not there; one process at a time.
    pub folder: PathBuf,
    pub watermarks: Watermarks,
    /// Most commands in one transaction.
    pub group_commands: usize,
    /// Most bytes of inline bodies in one transaction.
    pub group_bytes: usize,
    /// How long the writer waits for company after the first batch; zero takes what is there.
    pub linger: Duration,
    /// Batches waiting for the writer; acceptances are refused at three quarters of it.
    pub queue_batches: usize,
    /// Bytes of bodies waiting for the writer.
    pub queue_bytes: usize,
    /// Connections for reading, hence reads at one time.
    pub readers: usize,
    /// Bodies above this many bytes are stored in files.
    pub inline_bytes: usize,
    /// Page cache of the writer, in bytes.
    pub cache_bytes: usize,
    /// The write-ahead log is copied into the database when it is longer than this, in bytes.
    pub wal_bytes: u64,
    /// Room kept for outcomes when the disk is full, in bytes; zero keeps none.
    pub reserve_bytes: u64,
    pub disk: Arc<dyn DiskSpace>,
    /// For the interval of looking at the disk. Records take their times from the commands.
    pub clock: Arc<dyn Clock>,
    /// Where tests step in.
    #[doc(hidden)]
    pub hooks: Hooks,
}

impl SqliteOptions {
    /// Defaults for `folder`.
    pub fn new(folder: impl Into<PathBuf>, clock: Arc<dyn Clock>) -> Self {
        Self {
            folder: folder.into(),
            watermarks: Watermarks::default(),
            group_commands: 1024,
            group_bytes: 4 * 1024 * 1024,
            linger: Duration::ZERO,
            queue_batches: 4096,
            queue_bytes: 32 * 1024 * 1024,
            readers: 4,
            inline_bytes: limits::INLINE_BODY_BYTES,
            cache_bytes: 24 * 1024 * 1024,
            wal_bytes: 32 * 1024 * 1024,
            reserve_bytes: 16 * 1024 * 1024,
            disk: Arc::new(RealDisk),
            clock,
            hooks: Hooks::default(),
        }
    }
}
