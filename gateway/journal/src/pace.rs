//! What a message's content says when it is accepted: what it is found by, and whether the time of its key's promised dates stands still.
//! It reads no content.

use lienthong_core::Timestamp;

use crate::search::Term;

/// Most standstills of one key that are read; the latest.
pub const STANDSTILLS: usize = 64;

/// What is noted of a message's content when it is accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noted {
    /// What it is found by, at most [`lienthong_core::limits::TERMS`].
    pub terms: Vec<Term>,
    /// How time goes on for its key from then on; `None` changes nothing.
    pub pace: Option<Pace>,
}

/// How the time of a key's promised dates goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Somebody outside has to act first, for example the citizen.
    StandsStill,
    Runs,
}

/// A time in which the promised dates of a key stood still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standstill {
    pub since: Timestamp,
    /// `None` while it lasts.
    pub until: Option<Timestamp>,
}
