//! Amendments that wait for a second person: memos without a word of the content, which lies beside the delivery. It sends nothing.

use lienthong_core::{Body, DeliveryId, Fault, FaultCode, Timestamp};
use lienthong_journal::{Actor, Amend, Command, DeliveryRecord, Kept, MemoChange, MemoName, MemoRecord};
use serde::{Deserialize, Serialize};

use super::content::Subject;
use super::model::{ProposalAbout, ProposalView, Waiting};
use crate::draft;
use crate::service::Service;
use crate::service::fault::{advising, defect, no_such, of_journal, of_refusal, refused};
use crate::service::model::OperatorAct;
use crate::service::operate::By;

/// The memos of proposals, by delivery and number.
const KIND: &str = "amendment";
/// Open proposals listed, at most.
const MOST: usize = 500;

/// A proposal as its memo holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proposal {
    pub(super) number: u32,
    /// Of the delivery, as its author saw it.
    pub(super) version: u32,
    pub(super) by: String,
    pub(super) at: Timestamp,
    pub(super) reason: String,
    #[serde(default)]
    pub(super) confirmed: bool,
    pub(super) changed: Vec<String>,
    #[serde(default)]
    pub(super) more: u64,
}

impl Service {
    /// Amendments that wait for a second person, by the exchange they concern, at most 500.
    pub async fn proposals(&self) -> Result<Vec<ProposalView>, Fault> {
        let memos = self.journal.memos(KIND, None, MOST).await.map_err(of_journal)?;
        let mut views = Vec::with_capacity(memos.len());
        for memo in memos {
            views.push(self.view_of(&memo).await?);
        }
        Ok(views)
    }

    /// Those proposed before then that can still be approved, and whether there are more than were looked at.
    pub(crate) async fn waiting_since(&self, before: Timestamp) -> Result<(Vec<Waiting>, bool), Fault> {
        let memos = self.journal.memos(KIND, None, MOST).await.map_err(of_journal)?;
        let more = memos.len() == MOST;
        let mut waiting = Vec::new();
        for memo in memos {
            if read(&memo)?.at > before {
                continue;
            }
            let ProposalView { delivery, number, at, changed, more, stale, about, .. } = self.view_of(&memo).await?;
            let Some(ProposalAbout { system, operation, .. }) = about.filter(|_| !stale) else { continue };
            let fields = more.saturating_add(changed.len() as u64);
            waiting.push(Waiting { delivery, number, at, system, operation, fields });
        }
        Ok((waiting, more))
    }

    /// Those of one delivery.
    pub(super) async fn proposals_of(&self, id: DeliveryId) -> Result<Vec<ProposalView>, Fault> {
        let before = format!("{id}/");
        let memos = self.journal.memos(KIND, Some(&before), MOST).await.map_err(of_journal)?;
        let mut views = Vec::new();
        for memo in memos.iter().take_while(|memo| memo.id.starts_with(&before)) {
            views.push(self.view_of(memo).await?);
        }
        Ok(views)
    }

    /// One that can still be approved.
    pub(super) async fn open_proposal(&self, delivery: &DeliveryRecord) -> Result<Option<ProposalView>, Fault> {
        let all = self.proposals_of(delivery.id).await?;
        Ok(all.into_iter().find(|view| !view.stale))
    }

    /// What was proposed, and the version of its memo.
    pub(super) async fn proposal(&self, id: DeliveryId, number: u32) -> Result<(Proposal, u32), Fault> {
        let memo = self.journal.memo(&name(id, number)).await.map_err(of_journal)?;
        let memo = memo.ok_or_else(|| {
            advising(
                no_such("open proposal", format!("{id} {number}")),
                "Đề nghị đã được quyết định hoặc rút lại.",
                "It was decided on or taken back meanwhile.",
            )
        })?;
        Ok((read(&memo)?, memo.version))
    }

    /// Keeps it for a second person. The same content from the same person again is the proposal that is there.
    pub(super) async fn propose(
        &self,
        by: &By,
        subject: &Subject<'_>,
        after: Body,
        open: Option<ProposalView>,
    ) -> Result<ProposalView, Fault> {
        let delivery = &subject.head.delivery;
        let Actor::Operator(author) = &by.actor else { return Err(defect("nobody proposes an amendment")) };
        if let Some(open) = open {
            let same = open.by == *author && self.kept_content(delivery.id, open.number).await?.bytes == after.bytes;
            return if same { Ok(open) } else { Err(is_open(&open)) };
        }
        let number = self.next_number(delivery.id).await?;
        let kept = self.kept_anew(by, number, &after);
        let (changed, more) = subject.changed(&after);
        let reason = by.reason.clone().unwrap_or_default();
        let (version, at, confirmed) = (delivery.version, kept.at, by.confirmed);
        let proposal = Proposal { number, version, by: author.clone(), at, reason, confirmed, changed, more };
        let text = serde_json::to_string(&proposal).map_err(|error| defect(error.to_string()))?;
        let memo = MemoChange {
            name: name(delivery.id, number),
            version: 0,
            text: Some(text),
            at,
            actor: by.actor.clone(),
            verb: "proposed".to_owned(),
            reason: by.reason.clone(),
            remember: true,
        };
        let amend = Amend { delivery: delivery.id, version, keep: Some(kept), memo: Some(memo), step: None };
        match self.commit(vec![Command::Amend(Box::new(amend))]).await?.pop() {
            Some(Ok(_)) => self.seen_now(delivery.id, proposal).await,
            Some(Err(refusal)) => Err(of_refusal(&refusal)),
            None => Err(defect("the journal gave no result for a proposal")),
        }
    }

    pub(super) fn kept_anew(&self, by: &By, number: u32, after: &Body) -> Kept {
        let body = draft::stored(after.clone());
        Kept { number, body, at: self.clock.now(), actor: by.actor.clone(), reason: by.reason.clone() }
    }

    /// The proposal is over; what it was stands in the record of acts.
    pub(super) fn decided(
        &self,
        act: &OperatorAct,
        id: DeliveryId,
        number: u32,
        version: u32,
        verb: &str,
    ) -> MemoChange {
        MemoChange {
            name: name(id, number),
            version,
            text: None,
            at: self.clock.now(),
            actor: Actor::Operator(act.operator.clone()),
            verb: verb.to_owned(),
            reason: act.reason.clone(),
            remember: true,
        }
    }

    async fn view_of(&self, memo: &MemoRecord) -> Result<ProposalView, Fault> {
        let id = memo.id.split('/').next().and_then(|id| id.parse().ok());
        let id: DeliveryId = id.ok_or_else(|| defect(format!("the proposal {} has no delivery", memo.id)))?;
        self.seen_now(id, read(memo)?).await
    }

    async fn seen_now(&self, id: DeliveryId, proposal: Proposal) -> Result<ProposalView, Fault> {
        let Proposal { number, version, by, at, reason, confirmed, changed, more } = proposal;
        let head = self.journal.delivery(id).await.map_err(of_journal)?;
        let stale = head.as_ref().is_none_or(|head| head.delivery.version != version);
        let about = head.map(|head| ProposalAbout {
            key: head.exchange.key.clone(),
            system: head.delivery.system.clone(),
            operation: head.delivery.operation.clone(),
            state: head.delivery.state.name(),
        });
        Ok(ProposalView { delivery: id, number, by, at, reason, confirmed, changed, more, stale, about })
    }
}

/// Somebody's proposal comes first.
pub(super) fn is_open(open: &ProposalView) -> Fault {
    let ProposalView { number, by, .. } = open;
    advising(
        refused(FaultCode::WrongState, format!("amendment {number} of {by} waits for a decision")),
        &format!("{by} đã đề nghị sửa (số {number}); hãy quyết định đề nghị đó trước."),
        &format!("{by} has proposed an amendment (number {number}); decide on that one first."),
    )
}

/// The delivery is not what the proposal's author saw.
pub(super) fn moved_on(fault: Fault, number: u32) -> Fault {
    if fault.code != FaultCode::WrongState {
        return fault;
    }
    advising(
        fault,
        "Bản ghi đã thay đổi sau khi đề nghị; hãy từ chối đề nghị này.",
        &format!(
            "It moved after amendment {number} was proposed: refuse that, and propose anew if it is still needed."
        ),
    )
}

fn name(id: DeliveryId, number: u32) -> MemoName {
    MemoName { kind: KIND, id: format!("{id}/{number}") }
}

fn read(memo: &MemoRecord) -> Result<Proposal, Fault> {
    serde_json::from_str(&memo.text).map_err(|error| defect(format!("proposal {} cannot be read: {error}", memo.id)))
}
