//! What a release would come to: each delivery of a selection taken through routes, transforms, tables and checks to its adapter's door, by the running configuration or an edited one. Nothing is sent, moved or kept.

pub(super) mod course;
pub(super) mod difference;
mod edits;
mod judge;
mod model;
pub(super) mod tally;

use std::time::Duration;

use lienthong_core::{DeliveryId, Fault, FaultCode, Fingerprint};
use lienthong_journal::{Cursor, GroupRecord};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::fault::{defect, no_such, of_journal, wrong_field};
use super::model::OperatorAct;
use super::{Revealed, Service, door};
pub(super) use difference::{Marked, difference};
use judge::Judge;
use tally::Tally;
pub(super) use tally::personal;

pub use model::{
    Against, Cause, DIFFERENCES, Difference, Edits, Extent, FieldChange, MOST, Preview, Previewed, ROWS, Selection,
    Sending, Shown, Subject, Verdict,
};

/// Members of a group read at once.
const MEMBERS: usize = 200;
/// A preview of a group ends at the next page after this, and says where the next one goes on.
const LONGEST: Duration = Duration::from_secs(20);

/// Previews are work for the processor: one at a time, the next one waits for its turn.
pub(super) struct Turn(Semaphore);

impl Default for Turn {
    fn default() -> Self {
        Self(Semaphore::new(1))
    }
}

impl Service {
    /// What a release of the selection would come to now, by the running configuration or by one with these edits. With
    /// [`Extent::reveal`] a reason is needed (`LT-REASON-MISSING`), and each delivery of which something is shown is remembered ([`Service::reveal`]).
    ///
    /// Problems of the edits are told field by field (`LT-BAD-PARAMETER`), and nothing is previewed then.
    pub async fn preview(
        &self,
        act: &OperatorAct,
        selection: Selection,
        edits: Edits,
        extent: Extent,
    ) -> Result<Preview, Fault> {
        revealing(act, extent)?;
        if let Selection::Deliveries(ids) = &selection
            && ids.len() > MOST
        {
            return Err(wrong_field(FaultCode::BadParameter, "/deliveries", format!("holds more than {MOST}")));
        }
        // A caller that goes away ends the work at the next delivery.
        let gone = CancellationToken::new();
        let _ends = gone.clone().drop_guard();
        let turn = self.shared.previews.0.acquire().await.map_err(|closed| defect(closed.to_string()))?;
        let (service, operator, runtime) = (self.clone(), act.operator.clone(), Handle::current());
        let working = tokio::task::spawn_blocking(move || {
            let running = service.config.load_full();
            let work = async {
                let candidate = if edits.is_empty() { None } else { Some(edits.over(&running)?) };
                let config = candidate.as_ref().unwrap_or(&running);
                let judge = Judge { service: &service, config, operator: &operator };
                let tally = Tally::new(config, candidate.is_some(), service.now(), extent);
                Work { judge, tally, gone }.all(selection, extent).await
            };
            runtime.block_on(work)
        });
        let previewed = working.await.unwrap_or_else(|lost| Err(defect(format!("a preview was lost: {lost}"))));
        drop(turn);
        let previewed = previewed?;
        let told = |row: &&Previewed| row.sends.iter().any(|sending| sending.difference.is_some());
        let shown: Vec<Revealed> = previewed.rows.iter().filter(told).map(|row| Revealed::Difference(row.id)).collect();
        if extent.reveal && !shown.is_empty() {
            self.reveal(act, &shown).await?;
        }
        Ok(previewed)
    }
}

/// There is a reason where marked fields are shown.
fn revealing(act: &OperatorAct, extent: Extent) -> Result<(), Fault> {
    let reason = act.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    door::note("/reason", reason)?;
    match (extent.reveal, reason) {
        (true, None) => Err(wrong_field(FaultCode::ReasonMissing, "/reason", "is required to reveal marked fields")),
        (true, Some(_)) | (false, _) => Ok(()),
    }
}

/// One preview on its own thread.
struct Work<'a> {
    judge: Judge<'a>,
    tally: Tally,
    gone: CancellationToken,
}

impl Work<'_> {
    async fn all(mut self, selection: Selection, extent: Extent) -> Result<Preview, Fault> {
        let limit = extent.limit.clamp(1, MOST);
        match selection {
            Selection::Group { group, cursor } => self.group(&group, cursor, limit).await?,
            Selection::Deliveries(ids) => {
                let mut seen = std::collections::HashSet::with_capacity(ids.len());
                for id in ids.into_iter().filter(|id| seen.insert(*id)).take(limit) {
                    self.one(id).await?;
                }
            }
        }
        Ok(self.tally.told())
    }

    async fn group(&mut self, id: &Fingerprint, mut cursor: Option<Cursor>, limit: usize) -> Result<(), Fault> {
        let Service { journal, clock, .. } = self.judge.service;
        let begun = clock.monotonic();
        let group: GroupRecord =
            journal.group(id).await.map_err(of_journal)?.ok_or_else(|| no_such("error group", id))?;
        self.tally.of_group(group.parked);
        let mut left = limit;
        while left > 0 {
            let page = journal.group_members(id, cursor, left.min(MEMBERS)).await.map_err(of_journal)?;
            left = left.saturating_sub(page.rows.len());
            for row in &page.rows {
                self.one(row.id).await?;
            }
            cursor = page.next;
            if cursor.is_none() || clock.monotonic().saturating_sub(begun) > LONGEST {
                break;
            }
        }
        self.tally.goes_on(cursor);
        Ok(())
    }

    async fn one(&mut self, id: DeliveryId) -> Result<(), Fault> {
        if self.gone.is_cancelled() {
            return Err(defect("whoever asked for the preview has gone away"));
        }
        let judged = self.judge.of(id).await?;
        self.tally.add(&self.judge, id, judged).await
    }
}
