//! Alerts as use cases: look, try a target; and what the alerts' own task reads and keeps. It decides nothing about them.

use std::sync::Arc;

use lienthong_core::{ClientId, ExchangeId, Fault, SystemId, Timestamp};
use lienthong_journal::{
    Actor, Command, CommandResult, DiskState, ExchangeFilter, GroupRecord, MemoChange, MemoName, MemoRecord,
};
use serde::{Deserialize, Serialize};

use super::Service;
use super::fault::{defect, no_such, of_journal, of_refusal};
use super::model::OperatorAct;
use crate::alert::{self, Board, KIND};
use crate::config::Configuration;
use crate::dispatch::GateView;

/// The memos of tests of targets, by target.
const TESTS: &str = "alert-test";
/// Times a test's record is tried when another is recorded meanwhile.
const TRIES: usize = 4;

/// What became of a test of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetTest {
    pub target: String,
    pub by: String,
    pub at: Timestamp,
    /// Why it was not taken; `None` when it was.
    pub trouble: Option<String>,
}

impl Service {
    /// What fires, what did, and how the targets are doing.
    pub fn alerts(&self) -> Arc<Board> {
        Arc::clone(&self.shared.alerts.lock())
    }

    /// Sends a target a message that says it is a test, at once and once; whether it was taken is no fault but the answer.
    pub async fn test_alert_target(&self, act: &OperatorAct, target: &str) -> Result<TargetTest, Fault> {
        super::door::note("/reason", act.reason.as_deref())?;
        let alerting = Arc::clone(&self.config.load().watch.alerting);
        let found = alerting.target(target).ok_or_else(|| no_such("alert target", target))?;
        let at = self.clock.now();
        let id = format!("msg_test_{}", Self::new_id(at).0.simple());
        let message = alert::of_test(id, &act.operator, at, alerting.public_url.as_deref());
        let carried = alert::carry(&*found.courier, &message, at).await;
        let trouble = carried.err().map(|undelivered| undelivered.to_string());
        let test = TargetTest { target: target.to_owned(), by: act.operator.clone(), at, trouble };
        self.remember_test(act, &test).await?;
        Ok(test)
    }

    async fn remember_test(&self, act: &OperatorAct, test: &TargetTest) -> Result<(), Fault> {
        let name = MemoName { kind: TESTS, id: test.target.clone() };
        let text = serde_json::to_string(test).map_err(|error| defect(format!("a test cannot be written: {error}")))?;
        let mut refused = None;
        for _ in 0..TRIES {
            let version = self.journal.memo(&name).await.map_err(of_journal)?.map_or(0, |memo| memo.version);
            let change = MemoChange {
                name: name.clone(),
                version,
                text: Some(text.clone()),
                at: test.at,
                actor: Actor::Operator(act.operator.clone()),
                verb: "tested".to_owned(),
                reason: act.reason.clone(),
                remember: true,
            };
            match self.commit(vec![Command::Memo(Box::new(change))]).await?.pop() {
                Some(Ok(_)) => return Ok(()),
                Some(Err(refusal)) => refused = Some(of_refusal(&refusal)),
                None => return Err(defect("the journal gave no result for a test")),
            }
        }
        Err(refused.unwrap_or_else(|| defect("a test was not recorded")))
    }

    pub(crate) fn show_alerts(&self, board: Board) {
        *self.shared.alerts.lock() = Arc::new(board);
    }

    pub(crate) async fn alert_memos(&self, after: Option<&str>, limit: usize) -> Result<Vec<MemoRecord>, Fault> {
        self.journal.memos(KIND, after, limit).await.map_err(of_journal)
    }

    pub(crate) async fn keep_alerts(&self, changes: Vec<MemoChange>) -> Result<Vec<CommandResult>, Fault> {
        self.commit(changes.into_iter().map(|change| Command::Memo(Box::new(change))).collect()).await
    }

    pub(crate) fn gate_view(&self, system: &SystemId) -> Option<GateView> {
        self.dispatcher.gate(system)
    }

    pub(crate) fn disk(&self) -> DiskState {
        self.journal.disk()
    }

    /// Members of a group whose promised date has passed, and those whose date is near.
    pub(crate) async fn dates_at_risk(
        &self,
        config: &Configuration,
        record: &GroupRecord,
    ) -> Result<(u64, u64), Fault> {
        let reach = self.reach(config, &record.system, &record.fingerprint).await?;
        Ok((reach.overdue, reach.at_risk))
    }

    /// The journal was read.
    pub(crate) async fn journal_answers(&self) -> Result<(), Fault> {
        self.journal.last_event().await.map(drop).map_err(of_journal)
    }

    /// A client's newest exchange, among those looked at first.
    pub(crate) async fn newest_of(&self, client: &ClientId) -> Result<Option<ExchangeId>, Fault> {
        let filter = ExchangeFilter { client: Some(client.clone()), ..ExchangeFilter::default() };
        let page = self.journal.exchanges(filter, None, 1).await.map_err(of_journal)?;
        Ok(page.rows.first().map(|record| record.meta.id))
    }

    /// The key of an exchange, where it is known to be no personal datum: alerts leave the gateway.
    pub(crate) async fn key_to_tell(&self, config: &Configuration, id: ExchangeId) -> Result<Option<String>, Fault> {
        let Some(record) = self.journal.exchange(id).await.map_err(of_journal)? else { return Ok(None) };
        let Some(entry) = config.catalogue.get(&record.meta.operation) else { return Ok(None) };
        let field = entry.spec.key_field.as_ref();
        let open = field.is_some_and(|field| !entry.spec.personal.iter().any(|personal| personal == field));
        Ok(open.then(|| record.meta.key.to_string()))
    }
}
