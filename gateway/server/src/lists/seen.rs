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
    /// It changed since the last looks, or nobody looked at it before.
    Growing {
        /// Looks since its wait is over, this one too.
        late: u32,
    },
    Whole,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    length: u64,
    modified: Option<SystemTime>,
    looks: u32,
    late: u32,
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

    pub(super) fn standing(&mut self, path: &Path, is_late: bool) -> Standing {
        let Some(found) = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file) else {
            return Standing::Missing;
        };
        let (length, modified) = (found.len(), found.modified().ok());
        let last = self.last.get(path);
        let same = last.filter(|known| known.length == length && known.modified == modified);
        let looks = same.map_or(1, |known| known.looks.saturating_add(1));
        let late = last.map_or(0, |known| known.late).saturating_add(u32::from(is_late));
        self.now.insert(path.to_owned(), Known { length, modified, looks, late });
        if looks >= LOOKS { Standing::Whole } else { Standing::Growing { late } }
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
            seen.standing(&path, false)
        };
        assert_eq!(look(), Standing::Missing);
        std::fs::write(&path, "half").unwrap();
        let growing = Standing::Growing { late: 0 };
        assert_eq!([look(), look()], [growing; 2]);
        std::fs::write(&path, "half and half").unwrap();
        assert_eq!([look(), look(), look()], [growing, growing, Standing::Whole]);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(look(), Standing::Missing);
    }

    #[test]
    fn looks_at_a_file_that_changes_all_the_time_are_counted_from_the_end_of_its_wait() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        let (mut seen, mut list) = (Seen::default(), String::new());
        let mut look = |is_late| {
            list.push_str("line\n");
            std::fs::write(&path, &list).unwrap();
            seen.next_look();
            seen.standing(&path, is_late)
        };
        let lates = [look(false), look(false), look(true), look(true)];
        assert_eq!(lates, [0, 0, 1, 2].map(|late| Standing::Growing { late }));
    }
}
