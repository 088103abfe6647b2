//! Counts what became of each land dossier, at the simulators and at the desk. It asks the journal only whether something missing waits for a person, and where the flow stands.

use lienthong_core::{BusinessKey, StateName};
use lienthong_engine::flow::Ended;
use lienthong_engine::service::{KeyTimeline, Service};
use lienthong_simulators::land::Stage;

use super::LandRun;
use super::case::Case;

/// `TrangThaiHoSo` of a dossier whose result was returned.
const RETURNED: u8 = 10;

/// What became of the land dossiers of a run.
#[derive(Debug, Clone, Default)]
pub(in crate::sandbox) struct LandVerdict {
    pub(in crate::sandbox) dossiers: u64,
    /// Back with their citizens, as portal, land office and desk all say.
    pub(in crate::sandbox) returned: u64,
    /// Whose flow is complete.
    pub(in crate::sandbox) flows_completed: u64,
    /// Something of theirs is parked.
    pub(in crate::sandbox) waiting_for_a_person: u64,
    /// Notices that reached the desk.
    pub(in crate::sandbox) notices: u64,
    /// Copies of notices that were recognised.
    pub(in crate::sandbox) copies: u64,
    /// Due dates that the tax authority's ledger told.
    pub(in crate::sandbox) due_dates: u64,
    pub(in crate::sandbox) receipts: u64,
    pub(in crate::sandbox) files: u64,
    pub(in crate::sandbox) lost: u64,
    pub(in crate::sandbox) duplicated: u64,
    pub(in crate::sandbox) out_of_order: u64,
}

impl LandRun<'_> {
    pub(in crate::sandbox) async fn judge(&self, service: &Service) -> anyhow::Result<LandVerdict> {
        let office = self.neighbours.land.report().totals;
        let mut verdict = LandVerdict {
            duplicated: office.doubled + office.changed,
            out_of_order: office.out_of_order,
            ..LandVerdict::default()
        };
        for case in self.cases.values() {
            self.judge_one(case, service, &mut verdict).await?;
        }
        Ok(verdict)
    }

    async fn judge_one(&self, case: &Case, service: &Service, verdict: &mut LandVerdict) -> anyhow::Result<()> {
        let at_portal = self.neighbours.portal.dossier(&case.code).map(|history| history.status);
        let at_office = self.neighbours.land.dossier(&case.code).map(|report| report.stage);
        let is_back = case.is_over() && at_portal == Some(RETURNED) && at_office == Some(Stage::Returned);
        let timeline = service.timeline(&BusinessKey::new(&case.code)?).await?;
        let parked = is_parked(&timeline);
        verdict.dossiers += 1;
        verdict.returned += u64::from(is_back);
        verdict.waiting_for_a_person += u64::from(parked);
        verdict.lost += u64::from(!is_back && !parked);
        verdict.notices += case.notices.len() as u64;
        verdict.duplicated +=
            case.notices.values().filter(|heard| heard.from_portal > 1 || heard.from_land > 1).count() as u64;
        verdict.due_dates += case.ledger.len() as u64;
        verdict.receipts += case.receipts.len() as u64;
        verdict.files += case.files.len() as u64;
        verdict.copies += timeline.copies.len() as u64;
        let complete = |ended: &Ended| ended.by.is_none();
        let flows = timeline.flows.iter();
        verdict.flows_completed +=
            u64::from(flows.clone().any(|flow| flow.standing.ended.as_ref().is_some_and(complete)));
        Ok(())
    }
}

fn is_parked(timeline: &KeyTimeline) -> bool {
    let mut deliveries = timeline.exchanges.iter().flat_map(|detail| &detail.record.deliveries);
    deliveries.any(|delivery| delivery.state.name() == StateName::Parked)
}
