//! The dossiers the portal has accepted, each with its history, and what they show about order and repetition; it must not judge content.

use std::collections::HashMap;

use serde_json::Value;

use super::history::{DossierHistory, SeqSummary, Totals, Write, WriteKind};
use super::marks::mark_of;
use super::options::Limits;
use crate::net::digest::{Digest, digest};

/// One accepted write, before it is kept.
pub(super) struct Accepted<'a> {
    pub(super) code: &'a str,
    pub(super) kind: WriteKind,
    pub(super) status: u8,
    pub(super) content: &'a Value,
}

/// Whether the portal has a dossier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Known {
    Yes,
    No,
    /// More dossiers came than are kept: nobody can tell.
    Unsure,
}

#[derive(Default)]
struct Dossier {
    registered: bool,
    status: u8,
    last_seq: Option<u64>,
    last_snapshot: Option<Digest>,
    out_of_order: u64,
    duplicated: u64,
    writes: Vec<Write>,
}

pub(super) struct Store {
    limits: Limits,
    dossiers: HashMap<String, Dossier>,
    totals: Totals,
    kept: usize,
    serial: u64,
}

impl Store {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, dossiers: HashMap::new(), totals: Totals::default(), kept: 0, serial: 0 }
    }

    pub(super) fn knows(&self, code: &str) -> Known {
        match self.dossiers.get(code) {
            Some(dossier) if dossier.registered => Known::Yes,
            Some(_) => Known::No,
            None if self.dossiers.len() >= self.limits.dossiers => Known::Unsure,
            None => Known::No,
        }
    }

    pub(super) fn status(&self, code: &str) -> Option<u8> {
        self.dossiers.get(code).filter(|dossier| dossier.registered).map(|dossier| dossier.status)
    }

    /// Keeps one accepted write and counts what it shows.
    pub(super) fn accept(&mut self, write: &Accepted<'_>, at_ms: u64) {
        self.serial += 1;
        self.totals.count(write.kind);
        let seq = mark_of(write.kind, write.content);
        if seq.is_none() {
            self.totals.unmarked += 1;
        }
        if self.is_new_over_the_limit(write.code) {
            self.totals.history_capped = true;
            return;
        }
        let dossier = self.dossiers.entry(write.code.to_owned()).or_default();
        let record = Write {
            serial: self.serial,
            at_ms,
            kind: write.kind,
            status: write.status,
            seq,
            digest: digest(write.content),
        };
        dossier.judge(&record, &mut self.totals);
        if self.kept < self.limits.writes {
            self.kept += 1;
            dossier.writes.push(record);
        } else {
            self.totals.history_capped = true;
        }
    }

    fn is_new_over_the_limit(&self, code: &str) -> bool {
        self.dossiers.len() >= self.limits.dossiers && !self.dossiers.contains_key(code)
    }

    pub(super) fn history(&self, code: &str) -> Option<DossierHistory> {
        self.dossiers.get(code).map(|dossier| DossierHistory {
            code: code.to_owned(),
            registered: dossier.registered,
            status: dossier.status,
            writes: dossier.writes.clone(),
        })
    }

    pub(super) fn sequences(&self) -> HashMap<String, SeqSummary> {
        self.dossiers.iter().map(|(code, dossier)| (code.clone(), dossier.summary())).collect()
    }

    pub(super) fn totals(&self) -> Totals {
        let dossiers = self.dossiers.values().filter(|dossier| dossier.registered).count();
        Totals { dossiers: dossiers as u64, ..self.totals }
    }
}

impl Dossier {
    /// Compares a write with what was accepted before it.
    fn judge(&mut self, write: &Write, totals: &mut Totals) {
        if let Some(seq) = write.seq {
            if self.last_seq.is_some_and(|last| seq < last) {
                self.out_of_order += 1;
                totals.out_of_order += 1;
            }
            self.last_seq = self.last_seq.max(Some(seq));
        }
        match write.kind {
            WriteKind::Insert | WriteKind::Update => {
                if self.last_snapshot == Some(write.digest) {
                    totals.repeated_snapshots += 1;
                }
                self.last_snapshot = Some(write.digest);
                self.registered = true;
                self.status = write.status;
            }
            WriteKind::Progress => {
                if self.has(WriteKind::Progress, write.digest) {
                    self.duplicated += 1;
                    totals.duplicated += 1;
                }
            }
            WriteKind::Status => {
                if self.has(WriteKind::Status, write.digest) {
                    totals.repeated_statuses += 1;
                }
            }
        }
    }

    fn has(&self, kind: WriteKind, digest: Digest) -> bool {
        self.writes.iter().any(|write| write.kind == kind && write.digest == digest)
    }

    fn summary(&self) -> SeqSummary {
        let seqs = |wanted: fn(WriteKind) -> bool| -> Vec<u64> {
            self.writes.iter().filter(|w| wanted(w.kind)).filter_map(|w| w.seq).collect()
        };
        let snapshots = seqs(|kind| matches!(kind, WriteKind::Insert | WriteKind::Update));
        SeqSummary {
            highest: self.last_seq,
            last_snapshot: snapshots.last().copied(),
            snapshots,
            steps: seqs(|kind| kind == WriteKind::Progress),
            statuses: seqs(|kind| kind == WriteKind::Status),
            writes: self.writes.len() as u64,
            out_of_order: self.out_of_order,
            duplicated: self.duplicated,
        }
    }
}

#[cfg(test)]
mod tests;
