//! Error groups with their cases: whose turn it is, who has it, what fixed it last time, which dates are at risk. It sends nothing.

use std::collections::HashMap;
use std::time::Duration;

use lienthong_core::{Fault, FaultCode, Fingerprint, SignedDuration, SystemId, Timestamp};
use lienthong_journal::{
    ActFilter, ActRecord, Actor, Command, Cursor, GroupFilter, GroupRecord, MemoChange, MemoName, MemoRecord, Page,
    Refusal,
};

use super::Service;
use super::fault::{advising, defect, no_such, of_journal, of_refusal, refused, wrong_field};
use super::model::OperatorAct;
use super::{door, query};
use crate::config::Configuration;
use crate::desk::case::{Case, CaseState, Deed, is_open};
use crate::desk::due::{Clockwork, DueStanding, Judged};
use crate::desk::verdict::{Evidence, Verdict, verdict};
use crate::flow::Calendar;

/// The memos of cases, by fingerprint.
const KIND: &str = "case";
/// Members whose keys, clients and dates are looked at.
pub const REACH: usize = 2_000;
/// Hours of growth that are shown.
const TREND_HOURS: i64 = 48;
/// A promised date this near, in working time, is at risk.
pub const AT_RISK_WITHIN: Duration = Duration::from_secs(4 * 3600);
/// Times an act is tried again when somebody changed the case meanwhile.
const TRIES: usize = 8;

/// An error group with what people added to it.
#[derive(Debug, Clone)]
pub struct CaseView {
    pub group: GroupRecord,
    pub case: Case,
    /// Of the case, 0 when nobody has touched it; an act may name it so that it meets what its operator saw.
    pub version: u32,
    pub state: CaseState,
    pub verdict: Verdict,
}

/// Whom a case concerns, and when.
#[derive(Debug, Clone)]
pub struct CaseReach {
    /// Distinct business keys.
    pub keys: u64,
    /// Parked deliveries by client.
    pub clients: Vec<(lienthong_core::ClientId, u64)>,
    /// Members whose promised date has passed, not counting the time their target was down.
    pub overdue: u64,
    /// Members whose promised date is within [`AT_RISK_WITHIN`] of working time.
    pub at_risk: u64,
    /// The earliest promised date that has not passed.
    pub next_due: Option<Timestamp>,
    /// Whether there are more members than were looked at.
    pub truncated: bool,
    /// Times the cause was seen, by hour, oldest first; hours without any are left out.
    pub trend: Vec<(Timestamp, u64)>,
}

impl Service {
    /// Error groups with their cases, as [`Service::groups`] lists them.
    pub async fn cases(
        &self,
        filter: GroupFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<CaseView>, Fault> {
        let config = self.config.load_full();
        let page = self.groups(filter, cursor, limit).await?;
        let ids = page.rows.iter().map(|group| group.fingerprint.to_string()).collect();
        let memos = self.journal.memos_of(KIND, ids).await.map_err(of_journal)?;
        let mut kept: HashMap<String, MemoRecord> = memos.into_iter().map(|memo| (memo.id.clone(), memo)).collect();
        let seen = page.rows.into_iter().map(|group| {
            let (case, version) = read(kept.remove(group.fingerprint.as_str()))?;
            Ok(self.viewed(&config, group, None, case, version))
        });
        Ok(Page { rows: seen.collect::<Result<_, Fault>>()?, next: page.next })
    }

    /// One error group with its case and whom it concerns.
    pub async fn case(&self, id: &Fingerprint) -> Result<(CaseView, CaseReach), Fault> {
        let config = self.config.load_full();
        let group = self.grouped(id).await?;
        let reach = self.reach(&config, &group.system, id).await?;
        let view = self.seen(&config, group, Some(reach.clients.len())).await?;
        Ok((view, reach))
    }

    /// Somebody looks at it.
    pub async fn acknowledge_case(
        &self,
        act: &OperatorAct,
        id: &Fingerprint,
        seen: Option<u32>,
    ) -> Result<CaseView, Fault> {
        self.deed(act, id, seen, &Deed::Acknowledge).await
    }

    /// Gives it to a person or unit, or back to nobody.
    pub async fn assign_case(
        &self,
        act: &OperatorAct,
        id: &Fingerprint,
        seen: Option<u32>,
        owner: Option<String>,
    ) -> Result<CaseView, Fault> {
        let owner = owner.map(|owner| owner.trim().to_owned()).filter(|owner| !owner.is_empty());
        door::note("/owner", owner.as_deref())?;
        self.deed(act, id, seen, &Deed::Assign(owner)).await
    }

    /// Writes something down for whoever looks next.
    pub async fn annotate_case(
        &self,
        act: &OperatorAct,
        id: &Fingerprint,
        seen: Option<u32>,
        text: &str,
    ) -> Result<CaseView, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(wrong_field(FaultCode::ReasonMissing, "/text", "is required"));
        }
        door::note("/text", Some(text))?;
        self.deed(act, id, seen, &Deed::Note(text.to_owned())).await
    }

    /// Says what fixed it, for the next time; `LT-WRONG-STATE` while anything of it is open. The reason says how.
    pub async fn resolve_case(
        &self,
        act: &OperatorAct,
        id: &Fingerprint,
        seen: Option<u32>,
    ) -> Result<CaseView, Fault> {
        let how = act.reason.as_deref().map(str::trim).filter(|how| !how.is_empty());
        let how = how.ok_or_else(|| wrong_field(FaultCode::ReasonMissing, "/reason", "is required"))?.to_owned();
        door::note("/reason", Some(&how))?;
        self.deed(act, id, seen, &Deed::Resolve(how)).await
    }

    /// What operators did, newest first: to a case (`case`, fingerprint), a delivery, a system, or all.
    pub async fn acts(
        &self,
        filter: ActFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<ActRecord>, Fault> {
        self.journal.acts(filter, cursor, query::rows(limit)).await.map_err(of_journal)
    }

    async fn deed(
        &self,
        act: &OperatorAct,
        id: &Fingerprint,
        seen: Option<u32>,
        deed: &Deed,
    ) -> Result<CaseView, Fault> {
        let config = self.config.load_full();
        for _ in 0..TRIES {
            let group = self.grouped(id).await?;
            if matches!(deed, Deed::Resolve(_)) && is_open(&group) {
                return Err(still_open(&group));
            }
            let (case, version) = self.kept(id).await?;
            if seen.is_some_and(|seen| seen != version) {
                return Err(of_refusal(&Refusal::MemoChanged { version }));
            }
            let now = self.clock.now();
            let change = MemoChange {
                name: name(id),
                version,
                text: Some(written(&case.after(deed, &act.operator, now, &group))?),
                at: now,
                actor: Actor::Operator(act.operator.clone()),
                verb: deed.verb().to_owned(),
                reason: act.reason.clone(),
                remember: true,
            };
            match self.commit(vec![Command::Memo(Box::new(change))]).await?.pop() {
                Some(Ok(_)) => return self.seen(&config, group, None).await,
                Some(Err(Refusal::MemoChanged { .. })) if seen.is_none() => {}
                Some(Err(refusal)) => return Err(of_refusal(&refusal)),
                None => return Err(defect("the journal gave no result for a case")),
            }
        }
        Err(of_refusal(&Refusal::MemoChanged { version: 0 }))
    }

    async fn grouped(&self, id: &Fingerprint) -> Result<GroupRecord, Fault> {
        self.journal.group(id).await.map_err(of_journal)?.ok_or_else(|| no_such("error group", id))
    }

    async fn kept(&self, id: &Fingerprint) -> Result<(Case, u32), Fault> {
        read(self.journal.memo(&name(id)).await.map_err(of_journal)?)
    }

    async fn seen(
        &self,
        config: &Configuration,
        group: GroupRecord,
        clients: Option<usize>,
    ) -> Result<CaseView, Fault> {
        let (case, version) = self.kept(&group.fingerprint).await?;
        Ok(self.viewed(config, group, clients, case, version))
    }

    fn viewed(
        &self,
        config: &Configuration,
        group: GroupRecord,
        clients: Option<usize>,
        case: Case,
        version: u32,
    ) -> CaseView {
        let verdict = verdict(&Evidence {
            fault: &group.sample,
            gate: self.gate_of(&group.system),
            follows_their_list: follows_their_list(config, &group.sample),
            clients,
            reopened: group.reopened,
        });
        CaseView { state: case.state(&group, self.is_releasing(&group.fingerprint)), group, case, version, verdict }
    }

    pub(super) async fn reach(
        &self,
        config: &Configuration,
        system: &SystemId,
        id: &Fingerprint,
    ) -> Result<CaseReach, Fault> {
        let now = self.clock.now();
        let reach = self.journal.group_reach(id, REACH).await.map_err(of_journal)?;
        let from = now.saturating_sub(SignedDuration::from_hours(TREND_HOURS)).unwrap_or(now);
        let trend = self.journal.group_trend(id, from).await.map_err(of_journal)?;
        let outages = self.dispatcher.vitals().outages(system);
        let clockwork = clockwork(config, &outages, now);
        let judged: Vec<Judged> = reach.due.iter().map(|promise| clockwork.judge(promise)).collect();
        let count = |standing| judged.iter().filter(|judged| judged.standing == standing).count() as u64;
        let ahead = judged.iter().filter(|judged| judged.standing != DueStanding::Overdue);
        Ok(CaseReach {
            keys: reach.keys,
            clients: reach.clients,
            overdue: count(DueStanding::Overdue),
            at_risk: count(DueStanding::Near),
            next_due: ahead.map(|judged| judged.due).min(),
            truncated: reach.truncated,
            trend,
        })
    }
}

/// What promised dates are judged by now.
pub(super) fn clockwork<'a>(
    config: &'a Configuration,
    outages: &'a [(Timestamp, Timestamp)],
    now: Timestamp,
) -> Clockwork<'a> {
    let calendar = config.flows.calendar();
    Clockwork { outages, calendar, now, near: at_risk_until(calendar, now) }
}

/// Until when a promised date is near: in working time where there is a calendar.
fn at_risk_until(calendar: Option<&Calendar>, now: Timestamp) -> Timestamp {
    match calendar {
        Some(calendar) => calendar.after(now, AT_RISK_WITHIN),
        None => now.saturating_add(AT_RISK_WITHIN).unwrap_or(now),
    }
}

fn follows_their_list(config: &Configuration, fault: &Fault) -> bool {
    let tables = fault.problems.iter().filter_map(|problem| problem.table.as_deref());
    tables.filter_map(|name| config.tables.get(name)).any(|table| table.spec.observed.is_some())
}

fn name(id: &Fingerprint) -> MemoName {
    MemoName { kind: KIND, id: id.to_string() }
}

/// A case and its version; of none, an untouched one.
fn read(memo: Option<MemoRecord>) -> Result<(Case, u32), Fault> {
    let Some(MemoRecord { id, version, text, at: _ }) = memo else { return Ok((Case::default(), 0)) };
    let case =
        serde_json::from_str(&text).map_err(|error| defect(format!("the case of {id} cannot be read: {error}")))?;
    Ok((case, version))
}

fn written(case: &Case) -> Result<String, Fault> {
    serde_json::to_string(case).map_err(|error| defect(format!("a case cannot be written: {error}")))
}

fn still_open(group: &GroupRecord) -> Fault {
    let open = group.parked.saturating_add(group.waiting);
    advising(
        refused(FaultCode::WrongState, format!("{open} deliveries of the group are open")),
        "Vẫn còn bản tin chưa xử lý; hãy gửi lại hoặc hủy trước.",
        "Something of it is still open; release or discard that first.",
    )
}
