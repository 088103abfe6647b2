//! Where tests step into the writer: die, fail or look at a named point. Without a hook nothing happens.

use std::sync::Arc;

/// A point a process may die at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Point {
    /// A large body is about to be written to its file.
    BeforeBody,
    /// The file is on disk; the transaction that names it is not.
    AfterBody,
    /// A statement of the group may find the disk full.
    Statements,
    /// All statements of the group are done.
    BeforeCommit,
    /// The transaction is on disk; nobody has been told.
    AfterCommit,
}

/// What happens there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Go,
    /// Nothing is answered and nothing more is done, as if the process had ended.
    Die,
    /// The step reports failure: at [`Point::BeforeCommit`] the transaction is not on disk, at [`Point::AfterCommit`] it is.
    Fail,
    /// The step reports that the disk is full: at [`Point::Statements`] and where bodies are written.
    Full,
}

type Hook = Arc<dyn Fn(Point) -> Deed + Send + Sync>;

/// A test's hook, or none.
#[derive(Clone, Default)]
pub struct Hooks(Option<Hook>);

impl Hooks {
    pub fn new(hook: impl Fn(Point) -> Deed + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(super) fn at(&self, point: Point) -> Deed {
        self.0.as_ref().map_or(Deed::Go, |hook| hook(point))
    }
}
