//! The office at work: takes the next step of a dossier, pushes it and repeats what got no answer, by itself or when told to; it must not decide what comes next.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use serde::Serialize;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::options::{Desk, TaxDesk};
use super::push::{Push, PushReply};
use super::report::PushRecord;
use super::script::Step;
use super::slip;
use super::state::{Shared, State, now};

/// Dossiers worked on at the same time.
const CLERKS: usize = 32;
/// Answers kept of one push.
const ANSWERS: usize = 20;

/// What became of asking for a dossier's next step.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stepped {
    /// It was pushed, answered or given up.
    Pushed(PushRecord),
    /// The tax office has the slip.
    SlipSent,
    /// It waits for something from outside: `supplement`, `payment`, `desk`.
    Waits(&'static str),
    /// Not yet: the tax office has decided nothing, or somebody is at it.
    Later,
    /// The script is over.
    Over,
}

enum Job {
    Push { step: Step, push: Push, desk: Desk },
    Slip { tax: TaxDesk, slip: String },
    AskForNotices(TaxDesk),
}

/// Works by itself until told to stop.
pub(super) async fn run(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let mut at_work = JoinSet::new();
    let clerks = Arc::new(Semaphore::new(CLERKS));
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            () = shared.awake.notified() => {}
            Some(_) = at_work.join_next(), if !at_work.is_empty() => continue,
        }
        let woken = std::mem::take(&mut shared.state.lock().woken);
        for code in woken {
            at_work.spawn(advance(Arc::clone(&shared), code, Arc::clone(&clerks)));
        }
    }
    at_work.shutdown().await;
}

/// Step after step until the dossier waits or is over.
async fn advance(shared: Arc<Shared>, code: String, clerks: Arc<Semaphore>) {
    let pace = shared.options.script.pace;
    loop {
        tokio::time::sleep(pace).await;
        let Ok(_clerk) = clerks.acquire().await else { return };
        match shared.step(&code).await {
            Ok(Stepped::Pushed(_) | Stepped::SlipSent) => {}
            Ok(Stepped::Later) => tokio::time::sleep(pace.max(Duration::from_millis(20))).await,
            Ok(Stepped::Waits(_) | Stepped::Over) => return,
            Err(error) => {
                tracing::debug!(
                    code,
                    error = format!("{error:#}"),
                    "a step of the land office failed; it is tried again"
                );
                tokio::time::sleep(shared.options.script.again).await;
            }
        }
    }
}

impl Shared {
    /// Takes the dossier's next step. An error leaves the step to be taken again.
    pub(super) async fn step(&self, code: &str) -> anyhow::Result<Stepped> {
        let job = match self.next_job(code)? {
            Ok(job) => job,
            Err(stepped) => return Ok(stepped),
        };
        let done = self.perform(code, job).await;
        let mut state = self.state.lock();
        let dossier = state.dossiers.get_mut(code).context("the dossier is gone")?;
        dossier.busy = false;
        match done? {
            Stepped::Pushed(record) => {
                dossier.plan.pop_front();
                dossier.remember(record.clone());
                Ok(Stepped::Pushed(record))
            }
            Stepped::SlipSent => {
                dossier.plan.pop_front();
                dossier.counts.slips += 1;
                Ok(Stepped::SlipSent)
            }
            other => Ok(other),
        }
    }

    /// What is to be done next, and the dossier marked as worked on; or why nothing is.
    fn next_job(&self, code: &str) -> anyhow::Result<Result<Job, Stepped>> {
        let state = &mut *self.state.lock();
        let State { dossiers, desk, tax, .. } = state;
        let dossier = dossiers.get_mut(code).with_context(|| format!("nobody received {code}"))?;
        if dossier.busy {
            return Ok(Err(Stepped::Later));
        }
        let job = loop {
            let Some(step) = dossier.plan.front().copied() else { return Ok(Err(Stepped::Over)) };
            let is_over = match step {
                Step::AwaitSupplement if !dossier.supplemented => return Ok(Err(Stepped::Waits("supplement"))),
                Step::AwaitPayment if !dossier.is_settled() => return Ok(Err(Stepped::Waits("payment"))),
                Step::AwaitSupplement | Step::AwaitPayment => true,
                Step::AwaitNotices => !dossier.notices.is_empty(),
                Step::SendSlip => tax.is_none(),
                Step::Forward
                | Step::RequestSupplement
                | Step::ConfirmSupplement
                | Step::TellNotices
                | Step::Finish
                | Step::GiveUp => false,
            };
            if is_over {
                dossier.plan.pop_front();
                continue;
            }
            match (step, tax.as_ref()) {
                (Step::AwaitNotices, Some(tax)) if dossier.slip.is_some() => break Job::AskForNotices(tax.clone()),
                (Step::AwaitNotices, _) => dossier.notices = dossier.own_notices(),
                (Step::SendSlip, Some(tax)) => {
                    let slip = match &dossier.slip {
                        Some(slip) => slip.clone(),
                        None => slip::signed(code, &dossier.receipt)?,
                    };
                    dossier.slip = Some(slip.clone());
                    break Job::Slip { tax: tax.clone(), slip };
                }
                (step, _) => {
                    let Some(desk) = desk.clone() else { return Ok(Err(Stepped::Waits("desk"))) };
                    let push = dossier.push_of(step, code, &self.options).context("a step without a push")?;
                    break Job::Push { step, push, desk };
                }
            }
        };
        dossier.busy = true;
        Ok(Ok(job))
    }

    async fn perform(&self, code: &str, job: Job) -> anyhow::Result<Stepped> {
        match job {
            Job::Push { step, push, desk } => {
                tracing::debug!(code, step = step.name(), "the land office pushes");
                Ok(Stepped::Pushed(self.push(code, &push, &desk).await))
            }
            Job::Slip { tax, slip } => {
                let mut left = self.options.script.tries;
                loop {
                    match tax.send(&self.caller, &slip, now()).await {
                        Ok(()) => return Ok(Stepped::SlipSent),
                        Err(error) if left <= 1 => return Err(error),
                        Err(error) => tracing::debug!(code, error = format!("{error:#}"), "the slip goes again"),
                    }
                    left -= 1;
                    tokio::time::sleep(self.options.script.again).await;
                }
            }
            Job::AskForNotices(tax) => {
                let notices = tax.notices(&self.caller, code).await?;
                if let Some(dossier) = self.state.lock().dossiers.get_mut(code) {
                    dossier.notices = notices;
                }
                Ok(Stepped::Later)
            }
        }
    }

    /// Pushes until it is answered, byte for byte the same; then, now and then, once more.
    pub(super) async fn push(&self, code: &str, push: &Push, desk: &Desk) -> PushRecord {
        let (dialect, script) = (self.options.dialect, &self.options.script);
        let name = push.name(dialect).to_owned();
        let address = desk.address(dialect, &name);
        let body = Bytes::from(push.body(code, dialect, self.options.marked_times).to_string());
        let mut record = PushRecord { name, sends: 0, answers: Vec::new() };
        let mut left = script.tries.max(1);
        while left > 0 {
            left -= 1;
            if self.send(&address, body.clone(), &mut record).await {
                if self.state.lock().repeats(&self.options) {
                    self.send(&address, body, &mut record).await;
                }
                break;
            }
            if left > 0 {
                tokio::time::sleep(script.again).await;
            }
        }
        record
    }

    /// One send; true when it was answered.
    async fn send(&self, address: &str, body: Bytes, record: &mut PushRecord) -> bool {
        record.sends += 1;
        match self.caller.post(address, "application/json; charset=utf-8", body).await {
            Ok(reply) => {
                let reply = PushReply::read(reply.status, &reply.body);
                let answered = reply.is_answer();
                if record.answers.len() < ANSWERS {
                    record.answers.push(reply);
                }
                answered
            }
            Err(error) => {
                tracing::debug!(error = format!("{error:#}"), "a push got no answer");
                false
            }
        }
    }

    /// Pushes anything about a dossier that was received, beside the script.
    pub(super) async fn push_by_hand(&self, code: &str, push: Push) -> anyhow::Result<PushRecord> {
        let desk = {
            let state = &mut *self.state.lock();
            if let Some(dossier) = state.dossiers.get_mut(code) {
                dossier.expects_after(&push);
            }
            state.desk.clone()
        };
        let Some(desk) = desk else { bail!("the desk's address is not known: set_desk") };
        let record = self.push(code, &push, &desk).await;
        if let Some(dossier) = self.state.lock().dossiers.get_mut(code) {
            dossier.remember(record.clone());
        }
        Ok(record)
    }
}
