//! What is told about accepted writes: records, summaries and totals; it must not decide anything.

use serde::{Deserialize, Serialize};

use crate::net::digest::Digest;

/// What an accepted write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WriteKind {
    /// `DongBoHoSoMC`, `isUpdating` False.
    Insert,
    /// `DongBoHoSoMC`, `isUpdating` True.
    Update,
    /// One step of `CapNhatTienDoHoSoMC`.
    Progress,
    /// `DongBoTrangThaiHoSo`.
    Status,
}

/// One accepted write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// Order of acceptance over all dossiers, from 1.
    pub serial: u64,
    /// When it was accepted, milliseconds since the epoch.
    pub at_ms: u64,
    /// What it did.
    pub kind: WriteKind,
    /// `TrangThaiHoSo` or `TrangThai`.
    pub status: u8,
    /// The client's mark, when it was there (see the README).
    pub seq: Option<u64>,
    /// Digest of the whole content, whatever the order of its fields.
    pub digest: Digest,
}

/// A dossier with everything accepted about it, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DossierHistory {
    /// `MaHoSo` as it came.
    pub code: String,
    /// Whether an insert was accepted (a status push alone does not make a dossier).
    pub registered: bool,
    /// `TrangThaiHoSo` of the newest snapshot; 0 without one.
    pub status: u8,
    /// Accepted writes.
    pub writes: Vec<Write>,
}

/// The client's marks that arrived for one dossier, in the order they were accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeqSummary {
    /// Marks of inserts and updates.
    pub snapshots: Vec<u64>,
    /// Marks of progress steps.
    pub steps: Vec<u64>,
    /// Marks of status pushes.
    pub statuses: Vec<u64>,
    /// Highest mark over all writes.
    pub highest: Option<u64>,
    /// Mark of the newest snapshot: what the portal shows now.
    pub last_snapshot: Option<u64>,
    /// Writes kept, marked or not.
    pub writes: u64,
    /// Writes that arrived older than an earlier accepted one.
    pub out_of_order: u64,
    /// Progress steps stored a second time.
    pub duplicated: u64,
}

/// Totals over all accepted writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Dossiers the portal has.
    pub dossiers: u64,
    /// Accepted inserts.
    pub inserts: u64,
    /// Accepted updates.
    pub updates: u64,
    /// Accepted progress steps.
    pub steps: u64,
    /// Accepted status pushes.
    pub statuses: u64,
    /// Progress steps stored a second time with the same full content: must stay 0.
    pub duplicated: u64,
    /// Writes older (by mark) than an earlier accepted one of the same dossier: must stay 0.
    pub out_of_order: u64,
    /// Snapshots equal to the one before: harmless, the price of an unknown outcome.
    pub repeated_snapshots: u64,
    /// Status pushes equal to an earlier one of the same dossier.
    pub repeated_statuses: u64,
    /// Writes without a mark: their order cannot be judged.
    pub unmarked: u64,
    /// A bound of memory was passed: the other numbers are lower bounds, and unknown dossiers are no longer refused.
    pub history_capped: bool,
}

impl Totals {
    pub(super) fn count(&mut self, kind: WriteKind) {
        match kind {
            WriteKind::Insert => self.inserts += 1,
            WriteKind::Update => self.updates += 1,
            WriteKind::Progress => self.steps += 1,
            WriteKind::Status => self.statuses += 1,
        }
    }
}
