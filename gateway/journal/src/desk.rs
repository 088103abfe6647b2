//! What operators keep beside the exchanges: memos (cases, releases in steps, windows, …) and the record of what they did. Their content is not the journal's business.

use lienthong_core::Timestamp;

use crate::record::Actor;

/// Most bytes of a memo's text.
pub const MEMO_BYTES: usize = 1024 * 1024;

/// Which memo: what it is (`case`, `release`, `window`) and its id among those.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemoName {
    pub kind: &'static str,
    pub id: String,
}

/// A memo as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoRecord {
    pub id: String,
    /// From 1, rising by one with each change.
    pub version: u32,
    pub text: String,
    pub at: Timestamp,
}

/// A change of a memo, guarded by its version, recorded as an act with the text before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoChange {
    pub name: MemoName,
    /// The version this was computed from, 0 where there must be none yet; another one is refused as changed.
    pub version: u32,
    /// `None` removes it.
    pub text: Option<String>,
    pub at: Timestamp,
    pub actor: Actor,
    /// What was done, one word: `assigned`, `paused`.
    pub verb: String,
    pub reason: Option<String>,
    /// Whether it is an act to remember, or only bookkeeping (a count that rose).
    pub remember: bool,
}

/// Something that was done by a person, or in their name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActRecord {
    /// Rising.
    pub seq: u64,
    pub at: Timestamp,
    pub actor: Actor,
    pub verb: String,
    /// What it was done to: `delivery`, `system`, or a memo's kind.
    pub kind: String,
    pub id: String,
    pub reason: Option<String>,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// Which acts to list; all given conditions hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActFilter {
    /// What it was done to; an id only together with its kind.
    pub kind: Option<String>,
    pub id: Option<String>,
}
