//! Fire drills as use cases: begin, look, end. They concern one test key of one system; nothing of them reaches it.

use std::time::Duration;

use lienthong_core::{BusinessKey, Fault, FaultCode, SystemId};
use lienthong_journal::{Actor, Command, MemoChange, MemoName, Refusal};

use super::Service;
use super::fault::{advising, defect, no_such, of_journal, of_refusal, refused, wrong_field};
use super::model::OperatorAct;
use crate::callback::is_callback;
use crate::dispatch::DRILLS;
use crate::drill::{Drill, Fails, LONGEST, SHORTEST};
use crate::internal::is_internal;
use crate::queue::is_queue;

/// Systems are fewer.
const MOST: usize = 1_000;

/// What an operator wants to see fail.
#[derive(Debug, Clone)]
pub struct DrillPlan {
    pub system: SystemId,
    pub key: BusinessKey,
    pub fails: Fails,
    pub lasts: Duration,
}

impl Service {
    /// Begins a drill. `LT-BAD-PARAMETER` for a key that the configuration does not name as one for tests, a system that is not an external
    /// one, or a time that is too long; `LT-WRONG-STATE` while another of the system runs.
    pub async fn begin_drill(&self, act: &OperatorAct, plan: DrillPlan) -> Result<Drill, Fault> {
        let reason = act.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        let reason = reason.ok_or_else(|| wrong_field(FaultCode::ReasonMissing, "/reason", "is required"))?.to_owned();
        super::door::note("/reason", Some(&reason))?;
        self.may_drill(&plan)?;
        let now = self.clock.now();
        let until = now
            .saturating_add(plan.lasts)
            .map_err(|_| wrong_field(FaultCode::BadParameter, "/lasts", "is too long"))?;
        let (before, version) = self.kept_drill(&plan.system).await?;
        if before.is_some_and(|drill| drill.is_running(now)) {
            return Err(at_work(&plan.system));
        }
        let DrillPlan { system, key, fails, .. } = plan;
        let drill = Drill { system, key, fails, by: act.operator.clone(), reason, began: now, until, ended: None };
        self.keep_drill(act, &drill, version, "began").await?;
        self.dispatcher.set_drill(&drill.system, Some(drill.clone()));
        Ok(drill)
    }

    /// Every system's latest drill, running or over.
    pub async fn drills(&self) -> Result<Vec<Drill>, Fault> {
        let memos = self.journal.memos(DRILLS, None, MOST).await.map_err(of_journal)?;
        memos.iter().map(|memo| read(&memo.text)).collect()
    }

    /// Ends a system's drill before its time; what waits for it goes again by itself.
    pub async fn end_drill(&self, act: &OperatorAct, system: &SystemId) -> Result<Drill, Fault> {
        super::door::note("/reason", act.reason.as_deref())?;
        // First of all nothing more is to fail, whatever becomes of the record.
        self.dispatcher.set_drill(system, None);
        let (before, version) = self.kept_drill(system).await?;
        let mut drill = before.ok_or_else(|| no_such("drill of system", system))?;
        let now = self.clock.now();
        if !drill.is_running(now) {
            return Err(refused(FaultCode::WrongState, format!("the drill of {system} is over")));
        }
        drill.ended = Some(now);
        self.keep_drill(act, &drill, version, "ended").await?;
        self.dispatcher.nudge(system);
        Ok(drill)
    }

    fn may_drill(&self, plan: &DrillPlan) -> Result<(), Fault> {
        let config = self.config.load();
        let DrillPlan { system, key, fails: _, lasts } = plan;
        if !config.systems.contains_key(system) {
            return Err(no_such("system", system));
        }
        if is_internal(system) || is_callback(system) || is_queue(system) {
            return Err(wrong_field(FaultCode::BadParameter, "/system", "is no external system"));
        }
        if !(SHORTEST..=LONGEST).contains(lasts) {
            return Err(wrong_field(FaultCode::BadParameter, "/lasts", "is from ten seconds to two hours"));
        }
        if !config.watch.test_keys.has(key) {
            let fault =
                wrong_field(FaultCode::BadParameter, "/key", "is no test key: `drills.test_keys` does not name it");
            return Err(advising(
                fault,
                "Chỉ diễn tập với khóa thử đã khai báo ở drills.test_keys trong gateway.yaml.",
                "Drills are for keys that drills.test_keys of gateway.yaml names as test keys only.",
            ));
        }
        Ok(())
    }

    async fn kept_drill(&self, system: &SystemId) -> Result<(Option<Drill>, u32), Fault> {
        let memo = self.journal.memo(&name(system)).await.map_err(of_journal)?;
        memo.map_or(Ok((None, 0)), |memo| Ok((Some(read(&memo.text)?), memo.version)))
    }

    async fn keep_drill(&self, act: &OperatorAct, drill: &Drill, version: u32, verb: &str) -> Result<(), Fault> {
        let text =
            serde_json::to_string(drill).map_err(|error| defect(format!("a drill cannot be written: {error}")))?;
        let change = MemoChange {
            name: name(&drill.system),
            version,
            text: Some(text),
            at: self.clock.now(),
            actor: Actor::Operator(act.operator.clone()),
            verb: verb.to_owned(),
            reason: act.reason.clone(),
            remember: true,
        };
        match self.commit(vec![Command::Memo(Box::new(change))]).await?.pop() {
            Some(Ok(_)) => Ok(()),
            Some(Err(Refusal::MemoChanged { .. })) => Err(at_work(&drill.system)),
            Some(Err(refusal)) => Err(of_refusal(&refusal)),
            None => Err(defect("the journal gave no result for a drill")),
        }
    }
}

fn name(system: &SystemId) -> MemoName {
    MemoName { kind: DRILLS, id: system.to_string() }
}

fn read(text: &str) -> Result<Drill, Fault> {
    serde_json::from_str(text).map_err(|error| defect(format!("a drill cannot be read: {error}")))
}

fn at_work(system: &SystemId) -> Fault {
    refused(FaultCode::WrongState, format!("a drill of {system} runs, or was changed in this moment"))
}
