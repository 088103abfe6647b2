//! Amending a parked delivery: other content in the place of what was to be sent, by one person, or by two where the configuration says so. What was received is never changed, and the place in the lane stays.

mod content;
mod model;
mod proposal;

use lienthong_core::machine::Event;
use lienthong_core::{Body, DeliveryId, Effect, Fault, FaultCode};
use lienthong_journal::{Actor, Amend, Command, EventKind, Head, Kept, Step, Transition};
use serde_json::json;

use super::fault::{advising, no_such, of_journal, of_refusal, refused, wrong_field};
use super::model::{DeliveryOutcome, OperatorAct};
use super::operate::{By, Verb, asks_first, moved, next, spec};
use super::preview::Against;
use super::preview::difference::{Marked, difference};
use super::{Revealed, Service, door, reroute};
use crate::config::Configuration;
use content::Subject;

pub(crate) use model::Waiting;
pub use model::{Amended, Amendment, AmendmentTrial, Content, Editable, Edited, ProposalAbout, ProposalView};

impl Service {
    /// A parked delivery's content with all that helps to mend it. Before it shows the content to anybody the
    /// server has remembered it ([`Service::reveal`]).
    pub async fn editable(&self, id: DeliveryId) -> Result<Editable, Fault> {
        let config = self.config.load_full();
        let subject = self.subject(&config, id).await?;
        let by = By { actor: Actor::Gateway, reason: None, confirmed: false };
        let confirmation = self.may_amend(&config, &by, &subject.head).await.err();
        let amendments = self.journal.amendments(id).await.map_err(of_journal)?;
        let Subject { head, edited, operation, entry, before, .. } = subject;
        let record = self.record(id.exchange).await?.ok_or_else(|| no_such("exchange", id.exchange))?;
        let others = record.deliveries.into_iter().filter(|other| other.id != id && other.lane.is_some());
        Ok(Editable {
            second_person: needs_second(&config, &head),
            edited,
            operation,
            spec: entry.map(|entry| entry.spec.clone()),
            content: before,
            confirmation,
            others: others.map(|other| (other.id, other.system, other.state.name())).collect(),
            amendments,
            proposals: self.proposals_of(id).await?,
            exchange: head.exchange,
            delivery: head.delivery,
        })
    }

    /// What an amendment would change and come to, nothing being kept or sent: its content passes its schema and the way to its adapter's
    /// door, or the fault says where not. Marked fields are hidden unless `reveal`, an act that needs a reason.
    pub async fn try_amendment(
        &self,
        act: &OperatorAct,
        id: DeliveryId,
        content: Content,
        reveal: bool,
    ) -> Result<AmendmentTrial, Fault> {
        let config = self.config.load_full();
        let subject = self.subject(&config, id).await?;
        let after = match content {
            Content::New(bytes) => Body::json(bytes),
            Content::Kept(number) => self.kept_content(id, number).await?,
        };
        let by = By { actor: Actor::Operator(act.operator.clone()), reason: None, confirmed: true };
        self.admissible(&config, &by, &subject, &after).await?;
        let reason = act.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        door::note("/reason", reason)?;
        let marked = match (reveal, reason) {
            (true, None) => {
                return Err(wrong_field(FaultCode::ReasonMissing, "/reason", "is required to reveal marked fields"));
            }
            (true, Some(_)) => {
                self.reveal(act, &[Revealed::Difference(id)]).await?;
                Marked::Nothing
            }
            (false, _) => subject.marked.clone(),
        };
        Ok(AmendmentTrial {
            difference: difference(Against::Received, &subject.before, &after, &marked),
            second_person: needs_second(&config, &subject.head),
            confirmation: self.may_amend(&config, &By { confirmed: false, ..by }, &subject.head).await.err(),
            delivery: subject.head.delivery,
        })
    }

    /// Puts other content in the place of what a parked delivery was to send, and sends it; where the configuration asks for a second
    /// person it is kept as a proposal instead. The reason is mandatory (`LT-REASON-MISSING`).
    ///
    /// `LT-INVALID` with every field that breaks the schema, `LT-BAD-JSON`, `LT-BODY-TOO-LARGE`; `LT-CONFIRMATION-NEEDED` as for a release,
    /// and where it may have happened already and its target was not asked; `LT-WRONG-STATE` when it moved, when a proposal is
    /// open, and for what cannot be amended. The content has come to its adapter's door when this succeeds.
    pub async fn amend(&self, act: &OperatorAct, id: DeliveryId, asked: Amendment) -> Result<Amended, Fault> {
        self.accepting()?;
        let by = By::operator(act, Verb::Discard)?;
        let config = self.config.load_full();
        let subject = self.subject(&config, id).await?;
        subject.seen_at(asked.seen)?;
        let after = Body::json(asked.content);
        let transition = self.admissible(&config, &by, &subject, &after).await?;
        self.may_amend(&config, &by, &subject.head).await?;
        let open = self.open_proposal(&subject.head.delivery).await?;
        if needs_second(&config, &subject.head) {
            return self.propose(&by, &subject, after, open).await.map(Amended::Proposed);
        }
        if let Some(open) = open {
            return Err(proposal::is_open(&open));
        }
        let number = self.next_number(id).await?;
        let kept = self.kept_anew(&by, number, &after);
        let step = step(number, transition, &subject, &subject.changed(&after), None);
        let amend = amend(&subject.head, Some(kept), Some(step));
        self.carry_out(&subject.head, amend).await.map(|outcome| Amended::Sent(Box::new(outcome)))
    }

    /// Approves exactly the proposal of that number, if its delivery is still as its author saw it; it goes at once. The approver is not
    /// the author (`LT-NOT-PERMITTED`). The server has decided that the caller may approve.
    pub async fn approve_amendment(
        &self,
        act: &OperatorAct,
        id: DeliveryId,
        number: u32,
    ) -> Result<DeliveryOutcome, Fault> {
        self.accepting()?;
        let by = By::operator(&OperatorAct { reason: None, ..act.clone() }, Verb::Release)?;
        let (proposal, version) = self.proposal(id, number).await?;
        if proposal.by == act.operator {
            return Err(advising(
                refused(FaultCode::NotPermitted, format!("{} proposed it", act.operator)),
                "Người đề nghị không tự phê duyệt được; cần người thứ hai.",
                "Whoever proposed it cannot approve it; a second person has to.",
            ));
        }
        let config = self.config.load_full();
        let subject = self.subject(&config, id).await.map_err(|fault| proposal::moved_on(fault, number))?;
        subject.seen_at(Some(proposal.version)).map_err(|fault| proposal::moved_on(fault, number))?;
        let after = self.kept_content(id, number).await?;
        // Its author's confirmation is part of what is approved.
        let by = By { reason: Some(proposal.reason.clone()), confirmed: proposal.confirmed, ..by };
        let transition = self.admissible(&config, &by, &subject, &after).await?;
        self.may_amend(&config, &by, &subject.head).await?;
        let step = step(number, transition, &subject, &(proposal.changed.clone(), proposal.more), Some(&proposal.by));
        let decided = self.decided(act, id, number, version, "approved");
        let amend = Amend { memo: Some(decided), ..amend(&subject.head, None, Some(step)) };
        self.carry_out(&subject.head, amend).await
    }

    /// Refuses a proposal with a reason, or takes one's own back. `decides`: whether the caller may decide on others'.
    pub async fn refuse_amendment(
        &self,
        act: &OperatorAct,
        id: DeliveryId,
        number: u32,
        decides: bool,
    ) -> Result<(), Fault> {
        let by = By::operator(act, Verb::Discard)?;
        let (proposal, version) = self.proposal(id, number).await?;
        let own = proposal.by == act.operator;
        if !own && !decides {
            return Err(refused(FaultCode::NotPermitted, format!("{} may not decide on proposals", act.operator)));
        }
        let verb = if own { "withdrawn" } else { "refused" };
        let mut change = self.decided(act, id, number, version, verb);
        change.reason = by.reason;
        match self.commit(vec![Command::Memo(Box::new(change))]).await?.pop() {
            Some(Err(refusal)) => Err(of_refusal(&refusal)),
            Some(Ok(_)) | None => Ok(()),
        }
    }

    async fn carry_out(&self, head: &Head, amend: Amend) -> Result<DeliveryOutcome, Fault> {
        let mut results = self.commit(vec![Command::Amend(Box::new(amend))]).await?;
        Self::moved(results.pop())?;
        self.look_again(&head.delivery.system);
        let head = self.journal.delivery(head.delivery.id).await.map_err(of_journal)?;
        let delivery = head.ok_or_else(|| refused(FaultCode::Internal, "an amended delivery is gone"))?.delivery;
        Ok(DeliveryOutcome { delivery })
    }

    /// The move an amendment makes, if its content is fit to be sent.
    async fn admissible(
        &self,
        config: &Configuration,
        by: &By,
        subject: &Subject<'_>,
        after: &Body,
    ) -> Result<Box<Transition>, Fault> {
        let value = subject.validated(config, after)?;
        if value == subject.value() {
            return Err(advising(
                wrong_field(FaultCode::BadParameter, "/body", "is what it was"),
                "Nội dung không thay đổi; hãy gửi lại thay vì sửa.",
                "Nothing is changed; release it instead.",
            ));
        }
        let now = self.clock.now();
        let delivery = &subject.head.delivery;
        if reroute::is_kept(delivery) {
            let rerouted = self.rerouted(config, by, delivery, now, Some(after)).await?;
            return Ok(Box::new(Transition { event: EventKind::Amended, ..*rerouted }));
        }
        let next = next(config, delivery, &Event::Amended, now)?;
        self.comes_to_the_door(config, subject, after, &value).await?;
        Ok(moved(delivery, next, EventKind::Amended, by, now))
    }

    /// What a release asks, and more: what must not happen twice and may have happened is not amended before its target was asked.
    async fn may_amend(&self, config: &Configuration, by: &By, head: &Head) -> Result<(), Fault> {
        let delivery = &head.delivery;
        if reroute::is_kept(delivery) {
            return Ok(());
        }
        let spec = spec(config, delivery);
        if !by.confirmed && asks_first(spec, delivery) {
            return Err(advising(
                refused(FaultCode::ConfirmationNeeded, format!("{} may have happened already", delivery.id)),
                "Có thể đã được xử lý; hãy gửi lại để hệ thống tra cứu trước, hoặc xác nhận.",
                "It may have happened: release it, so that its target is asked first, or confirm that it has not.",
            ));
        }
        let once = spec.is_none_or(|spec| spec.effect == Effect::Once);
        match self.may_release(spec, delivery, by.confirmed).await {
            Err(fault) if once && fault.code == FaultCode::ConfirmationNeeded => Err(advising(
                fault,
                "Hãy hỏi cơ quan tiếp nhận trước khi xác nhận.",
                "Ask the receiver before you confirm.",
            )),
            other => other,
        }
    }
}

/// Whether the configuration asks for a second person.
fn needs_second(config: &Configuration, head: &Head) -> bool {
    let amend = &config.approval.amend;
    amend.contains(&head.delivery.operation) || amend.contains(&head.exchange.operation)
}

fn amend(head: &Head, keep: Option<Kept>, step: Option<Step>) -> Amend {
    let delivery = &head.delivery;
    Amend { delivery: delivery.id, version: delivery.version, keep, memo: None, step }
}

/// Places of what changed and never its values: the record of acts is kept for good.
fn step(
    number: u32,
    to: Box<Transition>,
    subject: &Subject<'_>,
    (changed, more): &(Vec<String>, u64),
    proposed_by: Option<&str>,
) -> Step {
    let delivery = &subject.head.delivery;
    let before = json!({"state": delivery.state.name(), "amendment": delivery.amended.unwrap_or(0)});
    let mut after = json!({"state": to.state.name(), "amendment": number, "changed": changed});
    if let Some(fields) = after.as_object_mut() {
        if *more > 0 {
            fields.insert("more".to_owned(), (*more).into());
        }
        if let Some(author) = proposed_by {
            fields.insert("proposed_by".to_owned(), author.into());
        }
    }
    Step { number, to, before: before.to_string(), after: after.to_string() }
}
