//! Whole files or none: names, modes, limits, age, backups, and a process killed while it writes.

mod kills;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use lienthong_core::file::StoredFile;
use lienthong_core::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::*;
use crate::sqlite::{SettableDisk, SqliteJournal, SqliteOptions, backup_folder};

const ROOM: u64 = 1 << 40;
const LARGEST: u64 = 1 << 20;

/// A clock that tests move.
#[derive(Default)]
struct Moved(AtomicI64);

impl Moved {
    fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-01-05T01:00:00Z".parse().unwrap();
        start + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// Files below a journal's folder, with a disk and a clock of their own.
struct Place {
    folder: TempDir,
    clock: Arc<Moved>,
    disk: Arc<SettableDisk>,
    files: FileFolder,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, disk) = (Arc::new(Moved::default()), Arc::new(SettableDisk::new(ROOM)));
        let mut options = FileOptions::new(folder.path(), Arc::clone(&clock) as Arc<dyn Clock>);
        options.disk = Arc::clone(&disk) as Arc<dyn DiskSpace>;
        options.largest = LARGEST;
        let files = FileFolder::new(options);
        files.prepare().await.unwrap();
        Self { folder, clock, disk, files }
    }

    async fn store(&self, parts: &[&[u8]]) -> Result<StoredFile, FileError> {
        let mut writer = self.files.begin().await?;
        for part in parts {
            writer.write(part).await?;
        }
        writer.finish().await
    }

    fn path(&self, stored: &StoredFile) -> PathBuf {
        path_in(&self.folder.path().join("files"), &stored.sha256.parse().unwrap())
    }

    /// Everything below `files/`, by its path there.
    fn all(&self) -> BTreeMap<String, u32> {
        below(&self.folder.path().join("files"))
    }

    async fn sweep(&self, before: Timestamp) -> FileSweep {
        let mut sum = FileSweep { next: Some(0), ..FileSweep::default() };
        while let Some(shelf) = sum.next {
            let step = self.files.sweep(before, shelf).await.unwrap();
            sum = FileSweep { removed: sum.removed + step.removed, bytes: sum.bytes + step.bytes, next: step.next };
        }
        sum
    }
}

/// Paths with their modes.
fn below(folder: &Path) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            found.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), mode);
            if path.is_dir() {
                open.push(path);
            }
        }
    }
    found
}

/// SHA-256 of `abc`, as the standard has it.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[tokio::test]
async fn the_same_content_is_kept_once_under_its_hash_and_nobody_else_may_read_it() {
    let place = Place::new().await;
    let stored = place.store(&[b"a", b"", b"bc"]).await.unwrap();
    assert_eq!((stored.sha256.as_str(), stored.bytes), (ABC, 3));
    assert_eq!(place.store(&[b"abc"]).await.unwrap(), stored);
    let shelf = format!("{}/{}", &ABC[..2], &ABC[2..]);
    let expected = [("ba".to_owned(), 0o700), (shelf, 0o600), ("new".to_owned(), 0o700)];
    assert_eq!(place.all(), BTreeMap::from(expected));
    let top = fs::metadata(place.folder.path().join("files")).unwrap().permissions().mode();
    assert_eq!(top & 0o777, 0o700);
    assert!(place.files.has(ABC).await.unwrap());
    assert!(!place.files.has(&"0".repeat(64)).await.unwrap());
    assert!(!place.files.has("../journal.db").await.unwrap());
    let mut opened = place.files.open(&ABC.parse().unwrap()).await.unwrap().unwrap();
    let mut text = String::new();
    io::Read::read_to_string(&mut opened.file, &mut text).unwrap();
    assert_eq!((text.as_str(), opened.bytes), ("abc", 3));
    assert!(place.files.open(&"0".repeat(64).parse().unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_file_longer_than_a_block_is_whole_and_what_is_not_finished_is_seen_by_nobody() {
    let place = Place::new().await;
    let content: Vec<u8> = (0..700_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let mut writer = place.files.begin().await.unwrap();
    for part in content.chunks(9973) {
        writer.write(part).await.unwrap();
    }
    let drafts = |place: &Place| place.all().keys().filter(|path| path.starts_with("new/")).count();
    assert_eq!((drafts(&place), place.all().len()), (1, 2), "a draft and its folder, nothing else");
    let stored = writer.finish().await.unwrap();
    assert_eq!(fs::read(place.path(&stored)).unwrap(), content);
    let mut dropped = place.files.begin().await.unwrap();
    dropped.write(&content).await.unwrap();
    assert_eq!(drafts(&place), 1);
    drop(dropped);
    assert_eq!(drafts(&place), 0);
}

#[tokio::test]
async fn a_file_that_is_too_long_leaves_nothing_behind() {
    let place = Place::new().await;
    let most = usize::try_from(LARGEST).unwrap();
    assert_eq!(place.store(&[&vec![1; most]]).await.unwrap().bytes, LARGEST);
    let refused = place.store(&[&vec![2; most], b"!"]).await.unwrap_err();
    assert_eq!(refused, FileError::TooLong(LARGEST));
    assert_eq!(place.all().keys().filter(|path| path.starts_with("new/")).count(), 0);
}

#[tokio::test]
async fn below_the_watermark_nothing_begins_and_what_began_ends() {
    let place = Place::new().await;
    let mut begun = place.files.begin().await.unwrap();
    begun.write(b"half").await.unwrap();
    place.disk.set(Watermarks::default().low - 1);
    place.clock.pass(2);
    assert_eq!(place.files.begin().await.err(), Some(FileError::NoRoom));
    assert_eq!(begun.finish().await.unwrap_err(), FileError::NoRoom);
    assert_eq!(place.all().len(), 1, "the folder of drafts, empty");
    place.disk.set(ROOM);
    place.clock.pass(2);
    place.store(&[b"abc"]).await.unwrap();
}

#[tokio::test]
async fn drafts_of_a_process_that_died_are_swept_before_anything_is_stored() {
    let place = Place::new().await;
    let stored = place.store(&[b"abc"]).await.unwrap();
    fs::write(place.folder.path().join("files/new/0f"), b"half").unwrap();
    fs::set_permissions(place.folder.path().join("files"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(place.files.prepare().await.unwrap(), 1);
    assert_eq!(place.files.prepare().await.unwrap(), 0);
    assert!(place.path(&stored).exists());
    let mode = fs::metadata(place.folder.path().join("files")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "a folder that was opened to others is closed again");
}

#[tokio::test]
async fn a_file_is_removed_when_it_is_older_than_asked_and_what_came_again_is_young() {
    let place = Place::new().await;
    let (old, again) = (place.store(&[b"old"]).await.unwrap(), place.store(&[b"again"]).await.unwrap());
    place.clock.pass(100);
    place.store(&[b"again"]).await.unwrap();
    let young = place.store(&[b"young"]).await.unwrap();
    let stray = place.path(&old).with_file_name("stray");
    fs::write(&stray, b"not ours").unwrap();
    let start = place.clock.now() - SignedDuration::from_secs(100);
    assert_eq!(place.sweep(start).await.removed, 0, "exactly as old as allowed");
    let swept = place.sweep(place.clock.now()).await;
    assert_eq!((swept.removed, swept.bytes), (1, 3));
    assert!(!place.path(&old).exists() && stray.exists());
    assert!(place.path(&again).exists() && place.path(&young).exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_store_the_same_at_once_are_all_told_of_one_file() {
    let place = Arc::new(Place::new().await);
    let all: Vec<_> = (0..16)
        .map(|_| {
            let place = Arc::clone(&place);
            tokio::spawn(async move { place.store(&[b"a", b"bc"]).await.unwrap().sha256 })
        })
        .collect();
    for one in all {
        assert_eq!(one.await.unwrap(), ABC);
    }
    assert_eq!(place.all().len(), 3);
}

#[tokio::test]
async fn a_backup_holds_the_whole_files_with_their_age_and_no_half_ones() {
    let place = Place::new().await;
    let journal = place.folder.path();
    let opened = SqliteJournal::open(SqliteOptions::new(journal, Arc::clone(&place.clock) as Arc<dyn Clock>)).unwrap();
    let stored = place.store(&[b"abc"]).await.unwrap();
    let _half = place.files.begin().await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    let to = copy.path().join("copy");
    let told = Arc::new(Mutex::new((0, 0)));
    let seen = Arc::clone(&told);
    backup_folder(journal, &to, Arc::new(move |done, all| *seen.lock() = (done, all))).unwrap();
    let (done, all) = *told.lock();
    assert_eq!(done, all);
    let copied = below(&to.join("files"));
    assert_eq!(copied.len(), 2, "{copied:?}");
    let kept = to.join("files").join(&ABC[..2]).join(&ABC[2..]);
    assert_eq!(fs::read(&kept).unwrap(), b"abc");
    let age = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    assert_eq!(age(&kept), age(&place.path(&stored)));
    assert_eq!(fs::metadata(to.join("files")).unwrap().permissions().mode() & 0o777, 0o700);
    drop(opened);
}

#[tokio::test]
async fn nothing_is_removed_while_a_backup_is_made() {
    let place = Place::new().await;
    place.store(&[b"abc"]).await.unwrap();
    place.clock.pass(10);
    let held = crate::sqlite::backup::hold_to_copy(place.folder.path()).unwrap();
    assert_eq!(place.files.sweep(place.clock.now(), 0xba).await.unwrap(), FileSweep::default());
    drop(held);
    assert_eq!(place.sweep(place.clock.now()).await.removed, 1);
}
