//! Releases in steps as use cases: begin, look, pause, resume, stop; and the one turn that the runner makes again and again. It waits for nothing.

use std::sync::Arc;

use lienthong_core::{DeliveryId, DeliveryState, ExchangeId, Fault, FaultCode, Fingerprint, StateName, Timestamp};
use lienthong_journal::{Actor, Command, Cursor, DeliveryRecord, MemoChange, MemoName, MemoRecord, Refusal};

use super::Service;
use super::fault::{advising, defect, no_such, of_journal, of_refusal, passes_by_itself, refused, wrong_field};
use super::model::OperatorAct;
use super::operate::{By, Verb};
use crate::desk::release::{Became, Because, Going, Member, Pace, Release};

/// The memos of releases, by id.
const KIND: &str = "release";
/// Releases shown, and kept; older ones that are over are forgotten when one begins.
pub const MOST_RELEASES: usize = 200;
/// Members looked at in one turn.
const LOOK_AT: usize = 200;

/// A release as it stands.
#[derive(Debug, Clone)]
pub struct ReleaseView {
    pub id: String,
    pub version: u32,
    pub release: Release,
}

impl ReleaseView {
    /// When the rest will have gone at the pace so far; `None` while nothing has, or nothing goes on.
    pub fn eta(&self, now: Timestamp) -> Option<Timestamp> {
        let Release { total, began, going, .. } = &self.release;
        let over = self.release.over();
        if *going != Going::Running || over == 0 {
            return None;
        }
        let so_far = now.duration_since(*began).as_secs_f64().max(0.0);
        let left = total.saturating_sub(over);
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let seconds = so_far * left as f64 / over as f64;
        let wait = lienthong_core::SignedDuration::try_from_secs_f64(seconds).ok()?;
        now.saturating_add(wait).ok()
    }
}

impl Service {
    /// Begins to release a group's parked members in growing steps. Those that were parked when it began, each once; what is held behind
    /// them follows by itself.
    ///
    /// `LT-WRONG-STATE` while another release of the group is not over; `LT-BAD-PARAMETER` for a pace that makes no sense.
    pub async fn begin_release(
        &self,
        act: &OperatorAct,
        group: &Fingerprint,
        pace: Pace,
    ) -> Result<ReleaseView, Fault> {
        self.begin_release_once(act, group, pace, Self::new_id(self.clock.now())).await
    }

    /// The same under an id that whoever asks has made: asking again begins nothing, and tells of the one that was begun.
    pub async fn begin_release_once(
        &self,
        act: &OperatorAct,
        group: &Fingerprint,
        pace: Pace,
        id: ExchangeId,
    ) -> Result<ReleaseView, Fault> {
        match self.begin(act, group, pace, id).await {
            Err(fault) if fault.code == FaultCode::WrongState => match self.a_release(&id.to_string()).await {
                Ok(begun) if begun.release.group == *group => Ok(begun),
                Ok(_) | Err(_) => Err(fault),
            },
            other => other,
        }
    }

    async fn begin(
        &self,
        act: &OperatorAct,
        group: &Fingerprint,
        pace: Pace,
        id: ExchangeId,
    ) -> Result<ReleaseView, Fault> {
        let by = By::operator(act, Verb::Release)?;
        if let Some((field, problem)) = pace.problem() {
            return Err(wrong_field(FaultCode::BadParameter, field, problem));
        }
        let _one_at_a_time = self.shared.begins.lock().await;
        let record =
            self.journal.group(group).await.map_err(of_journal)?.ok_or_else(|| no_such("error group", group))?;
        let mut all = self.releases().await?;
        if let Some(other) = all.iter().find(|view| view.release.group == *group && !view.release.going.is_over()) {
            return Err(at_work(&other.id));
        }
        if all.iter().any(|view| view.id == id.to_string()) {
            return Err(refused(FaultCode::WrongState, format!("release {id} has begun already")));
        }
        self.forget_oldest(&mut all).await?;
        let now = self.clock.now();
        let release = Release {
            group: group.clone(),
            by: act.operator.clone(),
            reason: by.reason,
            confirmed: by.confirmed,
            pace,
            going: Going::Running,
            because: None,
            began: now,
            ended: None,
            total: record.parked,
            step: 0,
            batch: Vec::new(),
            sent_in_step: 0,
            failed_in_step: 0,
            after: None,
            delivered: 0,
            failed: 0,
            refused: 0,
            refusals: Vec::new(),
        };
        let view = ReleaseView { id: id.to_string(), version: 0, release };
        let view = self.keep(view, "began", &by.actor, act.reason.clone(), true).await?;
        self.shared.releasing.lock().insert(group.clone());
        self.shared.release_begun.notify_one();
        Ok(view)
    }

    /// Releases by id, the newest last.
    pub async fn releases(&self) -> Result<Vec<ReleaseView>, Fault> {
        let memos = self.journal.memos(KIND, None, MOST_RELEASES.saturating_mul(2)).await.map_err(of_journal)?;
        memos.into_iter().map(read).collect()
    }

    pub async fn a_release(&self, id: &str) -> Result<ReleaseView, Fault> {
        let memo = self.journal.memo(&name(id)).await.map_err(of_journal)?;
        memo.map_or_else(|| Err(no_such("release", id)), read)
    }

    /// No further step, and no further member of this one, until it is resumed.
    pub async fn pause_release(&self, act: &OperatorAct, id: &str) -> Result<ReleaseView, Fault> {
        self.turn(act, id, Going::Paused, "paused").await
    }

    pub async fn resume_release(&self, act: &OperatorAct, id: &str) -> Result<ReleaseView, Fault> {
        let view = self.turn(act, id, Going::Running, "resumed").await?;
        self.shared.release_begun.notify_one();
        Ok(view)
    }

    /// For good; what was released already goes on.
    pub async fn stop_release(&self, act: &OperatorAct, id: &str) -> Result<ReleaseView, Fault> {
        self.turn(act, id, Going::Stopped, "stopped").await
    }

    /// Whether a release of the group is not over.
    pub(super) fn is_releasing(&self, group: &Fingerprint) -> bool {
        self.shared.releasing.lock().contains(group)
    }

    async fn turn(&self, act: &OperatorAct, id: &str, to: Going, verb: &str) -> Result<ReleaseView, Fault> {
        let by = By::operator(act, Verb::Release)?;
        // The runner writes too: what it counted meanwhile must not be lost.
        for _ in 0..16 {
            let mut view = self.a_release(id).await?;
            let going = view.release.going;
            if going.is_over() || going == to {
                let detail = format!("release {id} is {}", going.as_str());
                return Err(refused(FaultCode::WrongState, detail));
            }
            view.release.going = to;
            if to == Going::Running {
                // What stopped it may not be mended: small steps first.
                view.release.step = 0;
            }
            view.release.because = (to == Going::Paused).then(|| Because::Operator(act.operator.clone()));
            if to.is_over() {
                view.release.ended = Some(self.clock.now());
            }
            match self.keep(view, verb, &by.actor, by.reason.clone(), true).await {
                Ok(view) => {
                    self.note_whether_releasing(&view.release);
                    return Ok(view);
                }
                Err(fault) if fault.code == FaultCode::WrongState => {}
                Err(fault) => return Err(fault),
            }
        }
        Err(of_refusal(&Refusal::MemoChanged { version: 0 }))
    }

    /// What was read of all releases, for whoever needs nothing newer; `None` when they cannot be read.
    pub(crate) fn saw_releases(&self, read: Option<&[ReleaseView]>) {
        read.into_iter().flatten().for_each(|view| self.note_whether_releasing(&view.release));
        *self.shared.releases.lock() = read.map(Arc::from);
    }

    pub(crate) fn releases_seen(&self) -> Option<Arc<[ReleaseView]>> {
        self.shared.releases.lock().clone()
    }

    /// Paused ones too: a restart forgets what only memory knows.
    fn note_whether_releasing(&self, release: &Release) {
        let mut releasing = self.shared.releasing.lock();
        match release.going.is_over() {
            true => releasing.remove(&release.group),
            false => releasing.insert(release.group.clone()),
        };
    }

    /// One turn of a running release: releases what may go now, looks at what became of it, begins the next step. `most`: releases at
    /// most. Answers whether anything changed.
    pub(crate) async fn advance(&self, mut view: ReleaseView, most: usize) -> Result<bool, Fault> {
        if view.release.going != Going::Running {
            return Ok(false);
        }
        let before = view.release.clone();
        if view.release.batch.is_empty() {
            self.next_step(&mut view.release).await?;
            // On disk before any of it goes, so that a restart knows of each whether it went.
            if view.release != before {
                view = self.kept_by_itself(view, &before).await?;
            }
        }
        let step = view.release.clone();
        self.look_at_step(&mut view.release, most).await?;
        if !step.batch.is_empty() && view.release.batch.is_empty() {
            view.release.step_over();
        }
        if view.release != step {
            view = self.kept_by_itself(view, &step).await?;
        }
        self.note_whether_releasing(&view.release);
        Ok(view.release != before)
    }

    async fn kept_by_itself(&self, view: ReleaseView, before: &Release) -> Result<ReleaseView, Fault> {
        let turned = view.release.going != before.going;
        let verb = if turned { view.release.going.as_str() } else { "counted" };
        let because = view.release.because.as_ref().map(ToString::to_string);
        self.keep(view, verb, &Actor::Gateway, because, turned).await
    }

    /// The next members that were parked when it began.
    async fn next_step(&self, release: &mut Release) -> Result<(), Fault> {
        let size = usize::try_from(release.next_size()).unwrap_or(1);
        let (mut batch, mut after) = (Vec::with_capacity(size), release.after.clone());
        while batch.len() < size {
            let left = size.saturating_sub(batch.len());
            let cursor = after.clone().map(Cursor);
            let page = self.journal.group_members(&release.group, cursor, left).await.map_err(of_journal)?;
            let parked_then = page.rows.iter().filter(|member| member.updated_at <= release.began);
            batch.extend(parked_then.map(|member| Member { id: member.id, version: member.version }));
            match page.next {
                Some(next) => after = Some(next.0),
                None => {
                    // A page without a successor says nothing of where it ended; what it held is in this batch.
                    release.begin(batch, Some(END.to_owned()));
                    return self.ended(release);
                }
            }
        }
        release.begin(batch, after);
        Ok(())
    }

    fn ended(&self, release: &mut Release) -> Result<(), Fault> {
        if release.batch.is_empty() {
            release.done(self.clock.now());
        }
        Ok(())
    }

    async fn look_at_step(&self, release: &mut Release, most: usize) -> Result<(), Fault> {
        let by = By {
            actor: Actor::Operator(release.by.clone()),
            reason: release.reason.clone(),
            confirmed: release.confirmed,
        };
        let mut may_go = most;
        for member in release.batch.clone().into_iter().take(LOOK_AT) {
            let Some(delivery) = self.found(member.id).await? else {
                release.not_released(member.id, "is no longer kept".to_owned());
                continue;
            };
            match (delivery.state.name() == StateName::Parked, delivery.version == member.version) {
                (true, true) if may_go > 0 => {
                    may_go = may_go.saturating_sub(1);
                    match self.act(Verb::Release, &by, member.id, Some(member.version)).await {
                        Ok(_) => {}
                        Err(fault) if passes_by_itself(&fault) => break,
                        Err(fault) => release.not_released(member.id, fault.to_string()),
                    }
                }
                (true, true) => break,
                (true, false) => release.settled(member.id, Became::Parked),
                (false, _) if is_over(&delivery) => release.settled(member.id, Became::Over),
                // What keeps it is another's error, with its own case.
                (false, _) if is_held_behind(&delivery) => {
                    release.not_released(member.id, "released; it waits behind another of its key".to_owned());
                }
                (false, _) => {}
            }
        }
        Ok(())
    }

    async fn found(&self, id: DeliveryId) -> Result<Option<DeliveryRecord>, Fault> {
        let head = self.journal.delivery(id).await.map_err(of_journal)?;
        Ok(head.map(|head| head.delivery))
    }

    async fn keep(
        &self,
        view: ReleaseView,
        verb: &str,
        actor: &Actor,
        reason: Option<String>,
        remember: bool,
    ) -> Result<ReleaseView, Fault> {
        let ReleaseView { id, version, release } = view;
        let text =
            serde_json::to_string(&release).map_err(|error| defect(format!("a release cannot be written: {error}")))?;
        let change = MemoChange {
            name: name(&id),
            version,
            text: Some(text),
            at: self.clock.now(),
            actor: actor.clone(),
            verb: verb.to_owned(),
            reason,
            remember,
        };
        match self.commit(vec![Command::Memo(Box::new(change))]).await?.pop() {
            Some(Ok(_)) => Ok(ReleaseView { id, version: version.saturating_add(1), release }),
            Some(Err(refusal)) => Err(of_refusal(&refusal)),
            None => Err(defect("the journal gave no result for a release")),
        }
    }

    async fn forget_oldest(&self, all: &mut Vec<ReleaseView>) -> Result<(), Fault> {
        all.retain(|view| view.release.going.is_over());
        let over = all.len().saturating_sub(MOST_RELEASES.saturating_sub(1));
        let drops = all.drain(..over).map(|view| {
            Command::Memo(Box::new(MemoChange {
                name: name(&view.id),
                version: view.version,
                text: None,
                at: self.clock.now(),
                actor: Actor::Gateway,
                verb: "forgotten".to_owned(),
                reason: None,
                remember: false,
            }))
        });
        let drops: Vec<Command> = drops.collect();
        if !drops.is_empty() {
            self.commit(drops).await?;
        }
        Ok(())
    }
}

/// The place behind the last member.
const END: &str = "m7fffffffffffffff";

fn is_over(delivery: &DeliveryRecord) -> bool {
    match delivery.state {
        DeliveryState::Delivered | DeliveryState::Cancelled | DeliveryState::Discarded | DeliveryState::Superseded => {
            true
        }
        DeliveryState::Queued
        | DeliveryState::Waiting { .. }
        | DeliveryState::InFlight { .. }
        | DeliveryState::Verifying { .. }
        | DeliveryState::Parked => false,
    }
}

fn is_held_behind(delivery: &DeliveryRecord) -> bool {
    delivery.state.name() == StateName::Queued && delivery.lane.is_some() && !delivery.is_head
}

fn name(id: &str) -> MemoName {
    MemoName { kind: KIND, id: id.to_owned() }
}

fn read(memo: MemoRecord) -> Result<ReleaseView, Fault> {
    let MemoRecord { id, version, text, at: _ } = memo;
    let release =
        serde_json::from_str(&text).map_err(|error| defect(format!("release {id} cannot be read: {error}")))?;
    Ok(ReleaseView { id, version, release })
}

fn at_work(id: &str) -> Fault {
    advising(
        refused(FaultCode::WrongState, format!("release {id} of the group is not over")),
        "Nhóm lỗi này đang được gửi lại; hãy chờ hoặc dừng lần gửi đó.",
        "The group is being released already; wait for that release or stop it.",
    )
}
