//! The folder a bench works in: fresh, and removed when the bench ends however it ends. It removes nothing it did not make.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// A folder of this run alone.
pub(crate) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// Makes `bench-<process id>` within `parent`, which is made when it is missing.
    pub(crate) fn within(parent: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        let parent = parent.canonicalize().with_context(|| format!("cannot find {}", parent.display()))?;
        let folder = parent.join(format!("bench-{}", std::process::id()));
        std::fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { folder })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(%error, folder = %self.folder.display(), "the bench's folder is left");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_goes_and_what_stood_beside_it_stays() {
        let parent = tempfile::tempdir().unwrap();
        std::fs::write(parent.path().join("mine"), "x").unwrap();
        let scratch = Scratch::within(parent.path()).unwrap();
        let folder = scratch.path().to_owned();
        std::fs::write(folder.join("journal"), "x").unwrap();
        drop(scratch);
        assert!(!folder.exists());
        assert!(parent.path().join("mine").exists());
    }

    #[test]
    fn a_folder_that_is_there_already_is_not_taken() {
        let parent = tempfile::tempdir().unwrap();
        let first = Scratch::within(parent.path()).unwrap();
        assert!(Scratch::within(parent.path()).is_err());
        assert!(first.path().exists());
    }
}
