//! The words of the systems page. They decide nothing.

use serde::Serialize;

/// The systems.
#[derive(Debug, Serialize)]
pub(crate) struct Systems {
    pub(crate) title: &'static str,
    pub(crate) gate: &'static str,
    pub(crate) since: &'static str,
    pub(crate) why: &'static str,
    pub(crate) next_probe: &'static str,
    pub(crate) last_success: &'static str,
    pub(crate) pause: &'static str,
    pub(crate) resume: &'static str,
    pub(crate) probe: &'static str,
    pub(crate) pause_says: &'static str,
    pub(crate) resume_says: &'static str,
    pub(crate) probe_says: &'static str,
    pub(crate) reached: &'static str,
    pub(crate) unreached: &'static str,
    pub(crate) acts: &'static str,
}
