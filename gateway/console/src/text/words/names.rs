//! The words that name states, kinds, roles and steps. One structure, one file a language; it formats nothing.

use serde::Serialize;

/// States of deliveries.
#[derive(Debug, Serialize)]
pub(crate) struct States {
    pub(crate) queued: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) in_flight: &'static str,
    pub(crate) verifying: &'static str,
    pub(crate) delivered: &'static str,
    pub(crate) parked: &'static str,
    pub(crate) cancelled: &'static str,
    pub(crate) discarded: &'static str,
    pub(crate) superseded: &'static str,
}

/// States of exchanges.
#[derive(Debug, Serialize)]
pub(crate) struct Wholes {
    pub(crate) delivered: &'static str,
    pub(crate) attention: &'static str,
    pub(crate) in_progress: &'static str,
    pub(crate) closed: &'static str,
}

/// States of gates.
#[derive(Debug, Serialize)]
pub(crate) struct Gates {
    pub(crate) open: &'static str,
    pub(crate) probing: &'static str,
    pub(crate) closed: &'static str,
    pub(crate) paused: &'static str,
    pub(crate) maintenance: &'static str,
}

/// Kinds of faults.
#[derive(Debug, Serialize)]
pub(crate) struct Faults {
    pub(crate) unreachable: &'static str,
    pub(crate) timeout: &'static str,
    pub(crate) interrupted: &'static str,
    pub(crate) throttled: &'static str,
    pub(crate) unavailable: &'static str,
    pub(crate) unauthenticated: &'static str,
    pub(crate) forbidden: &'static str,
    pub(crate) rejected: &'static str,
    pub(crate) conflict: &'static str,
    pub(crate) not_found: &'static str,
    pub(crate) unintelligible: &'static str,
    pub(crate) mapping: &'static str,
    pub(crate) invalid: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) internal: &'static str,
}

/// Roles.
#[derive(Debug, Serialize)]
pub(crate) struct Roles {
    pub(crate) viewer: &'static str,
    pub(crate) operator: &'static str,
    pub(crate) approver: &'static str,
    pub(crate) administrator: &'static str,
}

/// Where steps of flows stand.
#[derive(Debug, Serialize)]
pub(crate) struct Steps {
    pub(crate) ahead: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) late: &'static str,
    pub(crate) done: &'static str,
    pub(crate) skipped: &'static str,
    pub(crate) paused: &'static str,
}
