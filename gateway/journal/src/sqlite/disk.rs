//! Room on the journal's disk: looked at once a second at most, against two watermarks, with a reserve for outcomes. It refuses nothing itself.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use lienthong_core::Clock;
use rustix::fs::{FallocateFlags, fallocate, statvfs};

use super::options::Watermarks;
use crate::record::DiskState;

/// Tells the free bytes of a disk.
pub trait DiskSpace: Send + Sync + 'static {
    /// Bytes a process like this one may still write to the disk that holds `folder`.
    fn free(&self, folder: &Path) -> io::Result<u64>;
}

/// The operating system's own answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl DiskSpace for RealDisk {
    fn free(&self, folder: &Path) -> io::Result<u64> {
        let answer = statvfs(folder)?;
        Ok(answer.f_bavail.saturating_mul(answer.f_frsize))
    }
}

/// A disk whose room is said by a test.
#[derive(Debug)]
pub struct SettableDisk(AtomicU64);

impl SettableDisk {
    pub fn new(free: u64) -> Self {
        Self(AtomicU64::new(free))
    }

    pub fn set(&self, free: u64) {
        self.0.store(free, Ordering::SeqCst);
    }
}

impl DiskSpace for SettableDisk {
    fn free(&self, _folder: &Path) -> io::Result<u64> {
        Ok(self.0.load(Ordering::SeqCst))
    }
}

const LOOK_EVERY: Duration = Duration::from_secs(1);
const NEVER: u64 = u64::MAX;

/// The state of the disk as last seen.
pub(crate) struct DiskWatch {
    folder: PathBuf,
    space: Arc<dyn DiskSpace>,
    clock: Arc<dyn Clock>,
    watermarks: Watermarks,
    seen: AtomicU8,
    /// Monotonic milliseconds of the last look.
    looked_at: AtomicU64,
}

impl DiskWatch {
    pub(crate) fn new(folder: &Path, space: Arc<dyn DiskSpace>, clock: Arc<dyn Clock>, watermarks: Watermarks) -> Self {
        Self {
            folder: folder.to_owned(),
            space,
            clock,
            watermarks,
            seen: AtomicU8::new(0),
            looked_at: AtomicU64::new(NEVER),
        }
    }

    /// The state, looked at again when a second has passed since the last look.
    pub(crate) fn state(&self) -> DiskState {
        let now = u64::try_from(self.clock.monotonic().as_millis()).unwrap_or(u64::MAX - 1);
        let last = self.looked_at.load(Ordering::Relaxed);
        let due = last == NEVER || u128::from(now.saturating_sub(last)) >= LOOK_EVERY.as_millis();
        if due && self.looked_at.compare_exchange(last, now, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            self.look();
        }
        match self.seen.load(Ordering::Acquire) {
            0 => DiskState::Enough,
            1 => DiskState::Low,
            _ => DiskState::Critical,
        }
    }

    /// A write found no room, whatever the watermarks say: critical until the next look.
    pub(crate) fn found_full(&self) {
        self.remember(DiskState::Critical);
        let now = u64::try_from(self.clock.monotonic().as_millis()).unwrap_or(u64::MAX - 1);
        self.looked_at.store(now, Ordering::Release);
    }

    fn look(&self) {
        match self.space.free(&self.folder) {
            Ok(free) if free < self.watermarks.critical => self.remember(DiskState::Critical),
            Ok(free) if free < self.watermarks.low => self.remember(DiskState::Low),
            Ok(_) => self.remember(DiskState::Enough),
            // What was seen last stands.
            Err(error) => tracing::warn!(%error, "the free space of the journal's disk cannot be read"),
        }
    }

    fn remember(&self, state: DiskState) {
        let code = match state {
            DiskState::Enough => 0,
            DiskState::Low => 1,
            DiskState::Critical => 2,
        };
        let before = self.seen.swap(code, Ordering::AcqRel);
        if before != code {
            tracing::warn!(?state, "the room on the journal's disk changed");
        }
    }
}

/// A file that takes room until outcomes need it.
pub(super) struct Reserve {
    path: PathBuf,
    bytes: u64,
    held: bool,
}

impl Reserve {
    pub(super) fn new(folder: &Path, bytes: u64) -> Self {
        Self { path: folder.join("reserve"), bytes, held: false }
    }

    /// Takes the room when there is enough. A file system that cannot reserve is no fault.
    pub(super) fn hold(&mut self) {
        if self.held || self.bytes == 0 {
            return;
        }
        let taken = File::create(&self.path).and_then(|file| {
            fallocate(&file, FallocateFlags::empty(), 0, self.bytes)?;
            file.sync_all()
        });
        match taken {
            Ok(()) => self.held = true,
            Err(error) => {
                tracing::warn!(%error, "no room was reserved for outcomes");
                self.release();
            }
        }
    }

    /// Gives the room back to whoever writes next: the writer. Whether there was any.
    pub(super) fn release(&mut self) -> bool {
        let held = std::mem::take(&mut self.held);
        if let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the reserved room cannot be released");
        }
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_disk_has_room_and_a_reserve_takes_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(RealDisk.free(folder.path()).unwrap() > 0);
        let mut reserve = Reserve::new(folder.path(), 1 << 20);
        reserve.hold();
        assert_eq!(std::fs::metadata(folder.path().join("reserve")).unwrap().len(), 1 << 20);
        reserve.release();
        assert!(!folder.path().join("reserve").exists());
        reserve.release();
    }
}
