//! Which dossier codes are known to exist at the portal: a bounded guess that saves a request. Being wrong costs one, never a record.

use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher;
use std::num::NonZeroUsize;

use parking_lot::Mutex;

/// Remembers digests of codes, the oldest forgotten first. Lost on restart, which is harmless.
pub(crate) struct Known {
    hasher: RandomState,
    most: usize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    digests: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Known {
    pub(crate) fn new(most: NonZeroUsize) -> Self {
        Self { hasher: RandomState::new(), most: most.get(), seen: Mutex::default() }
    }

    pub(crate) fn contains(&self, code: &str) -> bool {
        self.seen.lock().digests.contains(&self.hasher.hash_one(code))
    }

    pub(crate) fn insert(&self, code: &str) {
        let digest = self.hasher.hash_one(code);
        let mut seen = self.seen.lock();
        if !seen.digests.insert(digest) {
            return;
        }
        seen.order.push_back(digest);
        while seen.order.len() > self.most {
            if let Some(oldest) = seen.order.pop_front() {
                seen.digests.remove(&oldest);
            }
        }
    }

    /// The portal says it does not exist after all. Its place in the order stays and is reused or runs out.
    pub(crate) fn remove(&self, code: &str) {
        let digest = self.hasher.hash_one(code);
        let mut seen = self.seen.lock();
        if seen.digests.remove(&digest) {
            seen.order.retain(|one| *one != digest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_forgets_the_oldest() {
        let known = Known::new(NonZeroUsize::new(2).unwrap());
        for code in ["a", "b", "b", "c"] {
            known.insert(code);
        }
        assert!(!known.contains("a"));
        assert!(known.contains("b") && known.contains("c"));
        known.remove("b");
        assert!(!known.contains("b") && known.contains("c"));
        known.insert("d");
        assert!(known.contains("c") && known.contains("d"));
    }
}
