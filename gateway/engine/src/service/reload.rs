//! After the configuration changed: what was parked for a reason it may have mended goes again, as the fault table says. It loads no configuration.

use lienthong_core::fault::Retry;
use lienthong_core::{Fault, FaultKind};
use lienthong_journal::{Actor, Page};

use super::Service;
use super::fault::of_journal;
use super::group::{MEMBERS_AT_ONCE, parked_by};
use super::model::GroupOutcome;
use super::operate::{By, Verb};

impl Service {
    /// After a reload: what was parked for a reason the configuration may have mended is released, as the fault table says.
    /// What would need a person's confirmation stays parked. Then the dispatcher takes the new configuration up. Returns how many moved.
    pub async fn reloaded(&self) -> Result<u64, Fault> {
        let kinds = mendable();
        let reason = format!("configuration {} was loaded", self.config.load().version);
        let by = By { actor: Actor::Gateway, reason: Some(reason), confirmed: false };
        let begun = self.clock.now();
        let (mut outcome, mut cursor) = (GroupOutcome::default(), None);
        self.dispatcher.reloaded();
        loop {
            let page = self.journal.parked_of_kinds(&kinds, cursor, MEMBERS_AT_ONCE).await.map_err(of_journal)?;
            let Page { rows, next } = page;
            let parked_before = parked_by(begun, rows);
            self.act_on_page(Verb::Release, &by, parked_before, &mut outcome).await?;
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        let still_parked = outcome.refused.len() as u64 + outcome.refused_unlisted;
        tracing::info!(
            released = outcome.moved,
            still_parked,
            "parked deliveries reviewed after a configuration change"
        );
        Ok(outcome.moved)
    }
}

/// The kinds of fault that a change of configuration may mend.
fn mendable() -> Vec<FaultKind> {
    FaultKind::ALL.into_iter().filter(|kind| kind.retry() == Retry::OnConfigurationChange).collect()
}
