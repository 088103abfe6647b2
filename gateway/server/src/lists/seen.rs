//! Whether a file is there and whole: it is when it stays as it is for some looks. It reads none.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Looks at which a file must be the same before it is taken: whoever writes it is done then.
const LOOKS: u32 = 3;

/// What a file is at a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Missing,
    /// It changed since the last looks, or was not there.
    Growing,
    Whole,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    length: u64,
    modified: Option<SystemTime>,
    looks: u32,
}

/// Files as they were at the last look.
#[derive(Debug, Default)]
pub(super) struct Seen {
    last: HashMap<PathBuf, Known>,
    now: HashMap<PathBuf, Known>,
}

impl Seen {
    /// Forgets what was not looked at.
    pub(super) fn next_look(&mut self) {
        self.last = std::mem::take(&mut self.now);
    }

    pub(super) fn standing(&mut self, path: &Path) -> Standing {
        let Some(found) = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file) else {
            return Standing::Missing;
        };
        let (length, modified) = (found.len(), found.modified().ok());
        let same = self.last.get(path).filter(|known| known.length == length && known.modified == modified);
        let looks = same.map_or(1, |known| known.looks.saturating_add(1));
        self.now.insert(path.to_owned(), Known { length, modified, looks });
        if looks >= LOOKS { Standing::Whole } else { Standing::Growing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_when_it_has_stayed_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        let mut seen = Seen::default();
        let mut look = || {
            seen.next_look();
            seen.standing(&path)
        };
        assert_eq!(look(), Standing::Missing);
        std::fs::write(&path, "half").unwrap();
        assert_eq!([look(), look()], [Standing::Growing; 2]);
        std::fs::write(&path, "half and half").unwrap();
        assert_eq!([look(), look(), look()], [Standing::Growing, Standing::Growing, Standing::Whole]);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(look(), Standing::Missing);
    }
}
