//! Tests of the embedded journal: the contract, the model with crashes, and what only this implementation promises.

mod backup;
mod faults;
mod model;
mod search;
mod world;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use lienthong_core::{Clock, Timestamp};

use super::{SqliteJournal, SqliteOptions};
use crate::Journal;
use crate::contract::make::Desk;
use crate::contract::{self, make};

/// A clock that stands still unless told.
#[derive(Default)]
struct Standing(AtomicU64);

impl Standing {
    fn pass(&self, time: Duration) {
        self.0.fetch_add(time.as_millis() as u64, Ordering::SeqCst);
    }
}

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        make::at(0)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Options for a test: little memory, no reserve.
fn options(folder: &Path) -> SqliteOptions {
    SqliteOptions { reserve_bytes: 0, ..SqliteOptions::new(folder, Arc::new(Standing::default())) }
}

fn desk(options: SqliteOptions) -> Desk {
    Desk(Arc::new(SqliteJournal::open(options).unwrap()))
}

/// The files of a journal as they are at this instant, as a process that died would leave them. The database is copied before
/// the log: what is being copied from one into the other meanwhile is still in the log.
fn copy_as_it_is(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.join("bodies")).unwrap();
    for name in ["journal.db", "journal.db-wal"] {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
    for shelf in std::fs::read_dir(from.join("bodies")).unwrap() {
        let shelf = shelf.unwrap();
        let copied = to.join("bodies").join(shelf.file_name());
        std::fs::create_dir_all(&copied).unwrap();
        for file in std::fs::read_dir(shelf.path()).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), copied.join(file.file_name())).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_holds() {
    let folder = tempfile::tempdir().unwrap();
    let next = AtomicU32::new(0);
    let factory = || {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let journal = SqliteJournal::open(options(&folder.path().join(number.to_string()))).unwrap();
        Arc::new(journal) as Arc<dyn Journal>
    };
    let mut broken = Vec::new();
    for check in contract::checks() {
        if let Err(error) = check.run(&factory).await {
            broken.push(format!("{}: {error}", check.name));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(next.load(Ordering::Relaxed) > 70);
}
