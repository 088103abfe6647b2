//! Large bodies in files named by the hash of their bytes: synced before the transaction that names them. It knows no rows.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::hooks::{Deed, Hooks, Point};
use crate::command::{Acceptance, BodyInput, Command, Transition};

/// SHA-256 of the stored bytes.
pub(super) type FileHash = [u8; 32];

/// Bodies of one batch that lie in files, by where their bytes lie in memory. The batch keeps those alive, and this the files:
/// none is swept until it is dropped, when rows name them or nobody does.
#[derive(Default)]
pub(super) struct Filed {
    places: HashMap<(usize, usize), FileHash>,
    pinned_in: Option<Arc<BodyFolder>>,
}

impl Filed {
    pub(super) fn hash(&self, bytes: &Bytes) -> Option<&FileHash> {
        if self.places.is_empty() { None } else { self.places.get(&place(bytes)) }
    }
}

impl Drop for Filed {
    fn drop(&mut self) {
        if let Some(folder) = &self.pinned_in {
            folder.unpin(self.places.values());
        }
    }
}

fn place(bytes: &Bytes) -> (usize, usize) {
    (bytes.as_ptr() as usize, bytes.len())
}

/// The folder of large bodies.
pub(super) struct BodyFolder {
    folder: PathBuf,
    /// Files a batch on its way may name: never swept. Counted, since two batches may carry the same bytes.
    pinned: Mutex<HashMap<FileHash, usize>>,
}

impl BodyFolder {
    pub(super) fn open(journal: &Path) -> io::Result<Self> {
        let folder = journal.join("bodies");
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, pinned: Mutex::default() })
    }

    pub(super) fn path(&self, hash: &FileHash) -> PathBuf {
        path_in(&self.folder, hash)
    }

    pub(super) fn read(&self, hash: &FileHash) -> io::Result<Option<Bytes>> {
        match fs::read(self.path(hash)) {
            Ok(bytes) => Ok(Some(Bytes::from(bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes and syncs every body of the batch above `inline` bytes.
    pub(super) fn write_large(self: &Arc<Self>, batch: &[Command], inline: usize, hooks: &Hooks) -> io::Result<Filed> {
        let mut filed = Filed { places: HashMap::new(), pinned_in: Some(Arc::clone(self)) };
        for bytes in new_bodies(batch).filter(|bytes| bytes.len() > inline) {
            if filed.hash(bytes).is_some() {
                continue;
            }
            let hash: FileHash = Sha256::digest(bytes).into();
            *self.pinned.lock().entry(hash).or_default() += 1;
            filed.places.insert(place(bytes), hash);
            stop_at(hooks, Point::BeforeBody)?;
            self.write(&hash, bytes)?;
            stop_at(hooks, Point::AfterBody)?;
        }
        Ok(filed)
    }

    fn unpin<'a>(&self, hashes: impl Iterator<Item = &'a FileHash>) {
        let mut pinned = self.pinned.lock();
        for hash in hashes {
            if let Some(count) = pinned.get_mut(hash) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    pinned.remove(hash);
                }
            }
        }
    }

    fn write(&self, hash: &FileHash, bytes: &Bytes) -> io::Result<()> {
        let path = self.path(hash);
        // A complete file of this name holds these bytes; only its directory may not be synced yet.
        if fs::metadata(&path).is_ok_and(|file| file.len() == bytes.len() as u64) {
            return sync_folder(path.parent());
        }
        let Some(folder) = path.parent() else { return Err(io::ErrorKind::InvalidInput.into()) };
        fs::create_dir_all(folder)?;
        // Every time: another thread may have made it and not yet synced it.
        sync_folder(Some(&self.folder))?;
        let draft = folder.join(format!("{}.{}.new", name(hash), uuid::Uuid::new_v4().simple()));
        let written = File::create(&draft).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        if let Err(error) = written.and_then(|()| fs::rename(&draft, &path)) {
            // What is left of the draft is swept later.
            fs::remove_file(&draft).ok();
            return Err(error);
        }
        sync_folder(Some(folder))
    }

    /// Removes files that no row names, unless a batch on its way does. `used` is asked with the pin held.
    pub(super) fn remove_unused(
        &self,
        hashes: impl IntoIterator<Item = FileHash>,
        mut used: impl FnMut(&FileHash) -> bool,
    ) -> u64 {
        let mut removed = 0;
        for hash in hashes {
            let pinned = self.pinned.lock();
            if pinned.contains_key(&hash) || used(&hash) {
                continue;
            }
            match fs::remove_file(self.path(&hash)) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => tracing::warn!(%error, "a body file cannot be removed"),
            }
        }
        removed
    }

    /// Removes drafts left by a process that died, and tells the complete files there are. Only at start.
    pub(super) fn sweep_drafts(&self) -> io::Result<HashSet<FileHash>> {
        let mut complete = HashSet::new();
        for shelf in fs::read_dir(&self.folder)? {
            let shelf = shelf?.path();
            if !shelf.is_dir() {
                continue;
            }
            for entry in fs::read_dir(shelf)? {
                let path = entry?.path();
                match path.file_name().and_then(|text| text.to_str()).and_then(parse) {
                    Some(hash) => {
                        complete.insert(hash);
                    }
                    None => fs::remove_file(&path)?,
                }
            }
        }
        Ok(complete)
    }
}

fn stop_at(hooks: &Hooks, point: Point) -> io::Result<()> {
    match hooks.at(point) {
        Deed::Go => Ok(()),
        Deed::Die | Deed::Fail => Err(io::Error::other("stopped by a test")),
        Deed::Full => Err(io::ErrorKind::StorageFull.into()),
    }
}

pub(super) fn path_in(bodies: &Path, hash: &FileHash) -> PathBuf {
    let name = name(hash);
    bodies.join(name.get(..2).unwrap_or_default()).join(&name)
}

fn name(hash: &FileHash) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}

fn parse(name: &str) -> Option<FileHash> {
    if name.len() != 64 || !name.is_ascii() {
        return None;
    }
    let mut hash = [0; 32];
    for (place, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(name.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    Some(hash)
}

pub(super) fn sync_folder(folder: Option<&Path>) -> io::Result<()> {
    folder.map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Bytes of new bodies in a batch.
pub(super) fn new_bodies(batch: &[Command]) -> impl Iterator<Item = &Bytes> {
    batch.iter().flat_map(|command| {
        let mut found = Vec::new();
        match command {
            Command::Accept(acceptance) => of_acceptance(acceptance, &mut found),
            Command::Move(transition) => of_move(transition, &mut found),
            Command::Amend(amend) => {
                found.extend(amend.keep.as_ref().map(|kept| &kept.body));
                amend.step.iter().for_each(|step| of_move(&step.to, &mut found));
            }
            Command::LeaseInbox { .. }
            | Command::Set(_)
            | Command::SetCursor { .. }
            | Command::Measure { .. }
            | Command::Memo(_)
            | Command::Act(_)
            | Command::Note { .. } => {}
        }
        found.into_iter().filter_map(|body| match body {
            BodyInput::New { bytes, .. } => Some(bytes),
            BodyInput::Stored(_) => None,
        })
    })
}

fn of_move<'a>(transition: &'a Transition, found: &mut Vec<&'a BodyInput>) {
    found.extend(transition.start.as_ref().map(|start| &start.sent));
    found.extend(transition.end.as_ref().and_then(|end| end.answer.as_ref()));
    transition.spawn.iter().for_each(|acceptance| of_acceptance(acceptance, found));
}

fn of_acceptance<'a>(acceptance: &'a Acceptance, found: &mut Vec<&'a BodyInput>) {
    found.push(&acceptance.body);
    for delivery in &acceptance.deliveries {
        found.extend(&delivery.body);
        found.extend(delivery.attempt.as_ref().map(|attempt| &attempt.sent));
    }
    acceptance.also.iter().for_each(|also| of_acceptance(also, found));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_bytes_and_drafts_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let bodies = BodyFolder::open(folder.path()).unwrap();
        let bytes = Bytes::from(vec![7_u8; 1000]);
        let hash: FileHash = Sha256::digest(&bytes).into();
        bodies.write(&hash, &bytes).unwrap();
        bodies.write(&hash, &bytes).unwrap();
        assert_eq!(bodies.read(&hash).unwrap().unwrap(), bytes);
        assert_eq!(parse(&name(&hash)), Some(hash));
        let draft = bodies.path(&hash).with_extension("x.new");
        fs::write(&draft, b"half").unwrap();
        assert_eq!(bodies.sweep_drafts().unwrap(), HashSet::from([hash]));
        assert!(!draft.exists());
        assert_eq!(bodies.remove_unused([hash], |_| true), 0);
        assert_eq!(bodies.remove_unused([hash], |_| false), 1);
        assert_eq!(bodies.read(&hash).unwrap(), None);
    }
}
