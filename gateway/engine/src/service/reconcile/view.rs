//! Looking at runs: differences page by page, counts by unit, procedure, status and day. It changes nothing.

use lienthong_core::{Fault, FaultCode};

use super::super::Service;
use super::super::fault::{refused, wrong_field};
use crate::reconcile::run::Wanted;
use crate::reconcile::tally::Tally;
use crate::reconcile::{Cell, Found, Place, Run};

/// Places of one piece of what was found: a place names its piece.
pub(super) const PLACES: u32 = 1_000;
/// Pieces looked through for one page.
const PIECES_A_PAGE: u32 = 400;

/// A run as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct RunView {
    pub id: String,
    pub version: u32,
    pub run: Run,
    /// What it waits for at this moment.
    pub waits: Option<String>,
}

/// Differences, and the place after which the next page begins.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPage {
    pub found: Vec<Found>,
    pub next: Option<u32>,
}

impl Service {
    /// What a run waits for is known to memory only: a restart finds it out again.
    pub fn note_what_it_waits_for(&self, run: &str, what: Option<&str>) {
        let mut waits = self.shared.reconciliation_waits.lock();
        match what {
            Some(what) => waits.insert(run.to_owned(), what.to_owned()),
            None => waits.remove(run),
        };
    }

    /// Differences of a run in the order they were found. A page may hold fewer than asked, even none, and still lead on.
    pub async fn differences(
        &self,
        id: &str,
        wanted: &Wanted,
        after: Option<u32>,
        limit: usize,
    ) -> Result<FoundPage, Fault> {
        let view = self.a_reconciliation(id).await?;
        let mut found = Vec::new();
        let first = after.map_or(0, |after| after / PLACES);
        for number in first..view.run.found {
            if number.saturating_sub(first) >= PIECES_A_PAGE {
                return Ok(FoundPage { found, next: Some(number.saturating_mul(PLACES).saturating_sub(1)) });
            }
            let Some((chunk, _)) = self.found_chunk(id, number).await? else { continue };
            for one in chunk.found {
                if after.is_some_and(|after| one.place <= after) || !wanted.holds(&one) {
                    continue;
                }
                if found.len() >= limit {
                    let next = found.last().map(|last: &Found| last.place);
                    return Ok(FoundPage { found, next });
                }
                found.push(one);
            }
        }
        Ok(FoundPage { found, next: None })
    }

    /// One difference.
    pub async fn a_difference(&self, id: &str, place: u32) -> Result<Found, Fault> {
        let chunk = self.found_chunk(id, place / PLACES).await?;
        let one = chunk.and_then(|(chunk, _)| chunk.found.into_iter().find(|found| found.place == place));
        one.ok_or_else(|| wrong_field(FaultCode::NoSuchRecord, "/place", "names no difference that is kept"))
    }

    /// Counts by unit, procedure, status and day; `LT-WRONG-STATE` until the run is done.
    pub async fn reconciliation_totals(&self, id: &str) -> Result<Vec<(Place, Cell)>, Fault> {
        let view = self.a_reconciliation(id).await?;
        if !view.run.phase.is_over() {
            return Err(refused(FaultCode::WrongState, format!("run {id} is {}", view.run.phase.as_str())));
        }
        let mut tally = Tally::default();
        for number in 0..view.run.found {
            if let Some((chunk, _)) = self.found_chunk(id, number).await? {
                tally.add(chunk.cells);
            }
        }
        Ok(tally.0.into_iter().collect())
    }
}
