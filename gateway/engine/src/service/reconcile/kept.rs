//! How runs lie in the journal: a memo each, and numbered memos for pieces of their lists and of what was found. It compares nothing.

use lienthong_core::{Fault, FaultCode};
use lienthong_journal::{Actor, Command, MemoChange, MemoName, MemoRecord};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::Service;
use super::super::fault::{defect, no_such, of_journal, of_refusal, refused};
use super::view::RunView;
use crate::reconcile::Side;
use crate::reconcile::run::FoundChunk;

/// The memos of runs, by id.
const RUN: &str = "reconciliation";
/// Pieces of lists, `<run>/<side>/<number>`.
const ROWS: &str = "reconciliation-rows";
/// Pieces of what was found, `<run>/<number>`.
const FOUND: &str = "reconciliation-found";
/// Runs shown, and kept; older ones that are over are forgotten when one begins.
const MOST_RUNS: usize = 200;
/// Pieces removed in one transaction.
const DROPS: usize = 50;

pub(super) fn rows_name(run: &str, side: Side, number: u32) -> MemoName {
    MemoName { kind: ROWS, id: format!("{run}/{}/{number:06}", side.as_str()) }
}

pub(super) fn found_name(run: &str, number: u32) -> MemoName {
    MemoName { kind: FOUND, id: format!("{run}/{number:06}") }
}

impl Service {
    /// Runs by id, the newest last.
    pub async fn reconciliations(&self) -> Result<Vec<RunView>, Fault> {
        let memos = self.journal.memos(RUN, None, MOST_RUNS.saturating_mul(2)).await.map_err(of_journal)?;
        memos.into_iter().map(|memo| self.read_run(memo)).collect()
    }

    pub async fn a_reconciliation(&self, id: &str) -> Result<RunView, Fault> {
        let memo = self.journal.memo(&run_name(id)).await.map_err(of_journal)?;
        memo.map_or_else(|| Err(no_such("run of a reconciliation", id)), |memo| self.read_run(memo))
    }

    fn read_run(&self, memo: MemoRecord) -> Result<RunView, Fault> {
        let MemoRecord { id, version, text, at: _ } = memo;
        let run = read_text(&id, &text)?;
        let waits = self.shared.reconciliation_waits.lock().get(&id).cloned();
        Ok(RunView { id, version, run, waits })
    }

    /// Writes the run and what belongs to the same step, in one transaction.
    pub(super) async fn keep_run(
        &self,
        view: RunView,
        mut with: Vec<Command>,
        (verb, actor, reason): (&str, &Actor, Option<String>),
    ) -> Result<RunView, Fault> {
        let RunView { id, version, run, waits } = view;
        let remember = match actor {
            Actor::Operator(_) => true,
            Actor::Gateway | Actor::Client(_) => false,
        };
        let change = MemoChange {
            name: run_name(&id),
            version,
            text: Some(written(&run)?),
            at: self.clock.now(),
            actor: actor.clone(),
            verb: verb.to_owned(),
            reason,
            remember,
        };
        // The run comes first: when somebody changed it meanwhile, the pieces' own versions keep them out too.
        with.insert(0, Command::Memo(Box::new(change)));
        let mut results = self.commit(with).await?.into_iter();
        match results.next() {
            Some(Ok(_)) => {}
            Some(Err(refusal)) => return Err(of_refusal(&refusal)),
            None => return Err(defect("the journal gave no result for a run")),
        }
        for result in results {
            result.map_err(|refusal| of_refusal(&refusal))?;
        }
        Ok(RunView { id, version: version.saturating_add(1), run, waits })
    }

    /// A piece made, changed or removed.
    pub(super) fn piece(&self, name: &MemoName, version: u32, text: Option<String>) -> Result<Command, Fault> {
        if text.as_ref().is_some_and(|text| text.len() > lienthong_journal::desk::MEMO_BYTES) {
            return Err(refused(FaultCode::BodyTooLarge, format!("{} is too long to be kept", name.id)));
        }
        Ok(Command::Memo(Box::new(MemoChange {
            name: name.clone(),
            version,
            text,
            at: self.clock.now(),
            actor: Actor::Gateway,
            verb: "kept".to_owned(),
            reason: None,
            remember: false,
        })))
    }

    /// A piece with its version, where it is there.
    pub(super) async fn read_piece<T: DeserializeOwned>(&self, name: &MemoName) -> Result<Option<(T, u32)>, Fault> {
        let memo = self.journal.memo(name).await.map_err(of_journal)?;
        let read = |memo: MemoRecord| Ok((read_text(&name.id, &memo.text)?, memo.version));
        memo.map(read).transpose()
    }

    pub(super) async fn found_chunk(&self, run: &str, number: u32) -> Result<Option<(FoundChunk, u32)>, Fault> {
        self.read_piece(&found_name(run, number)).await
    }

    /// Runs beyond the last [`MOST_RUNS`], and what was found by runs older than their reconciliation keeps it.
    pub(super) async fn forget_old_runs(&self) -> Result<(), Fault> {
        let mut views = self.reconciliations().await?;
        let now = self.clock.now();
        for view in &views {
            let Some(ended) = view.run.ended else { continue };
            let kept = self.spec(&view.run.name).map_or(std::time::Duration::ZERO, |spec| spec.keep);
            if view.run.sending.is_none() && ended.saturating_add(kept).is_ok_and(|until| until < now) {
                self.drop_pieces(&view.id).await?;
            }
        }
        views.retain(|view| view.run.phase.is_over() && view.run.sending.is_none());
        let over = views.len().saturating_sub(MOST_RUNS.saturating_sub(1));
        for view in views.into_iter().take(over) {
            self.drop_pieces(&view.id).await?;
            self.commit(vec![self.piece(&run_name(&view.id), view.version, None)?]).await?;
        }
        Ok(())
    }

    /// Everything of a run but the run itself.
    async fn drop_pieces(&self, run: &str) -> Result<(), Fault> {
        self.drop_rows(run).await?;
        self.drop_kind(FOUND, run).await
    }

    /// The lists are of no more use.
    pub(super) async fn drop_rows(&self, run: &str) -> Result<(), Fault> {
        self.drop_kind(ROWS, run).await
    }

    /// Lists of runs that are over, where the process ended, or the journal did not answer, before they were removed.
    pub(crate) async fn drop_rows_left_behind(&self) -> Result<(), Fault> {
        let mut after: Option<String> = None;
        while let Some(memo) = self.journal.memos(ROWS, after.as_deref(), 1).await.map_err(of_journal)?.pop() {
            let run = memo.id.split('/').next().unwrap_or_default();
            let is_used = match self.a_reconciliation(run).await {
                Ok(view) => !view.run.phase.is_over(),
                Err(fault) if fault.code == FaultCode::NoSuchRecord => false,
                Err(fault) => return Err(fault),
            };
            if !is_used {
                self.drop_rows(run).await?;
            }
            after = Some(end_of(run));
        }
        Ok(())
    }

    async fn drop_kind(&self, kind: &'static str, run: &str) -> Result<(), Fault> {
        loop {
            let (first, end) = (format!("{run}/"), end_of(run));
            let memos = self.journal.memos(kind, Some(&first), DROPS).await.map_err(of_journal)?;
            let own: Vec<MemoRecord> = memos.into_iter().filter(|memo| memo.id < end).collect();
            if own.is_empty() {
                return Ok(());
            }
            let drops = own.into_iter().map(|memo| {
                let name = MemoName { kind, id: memo.id };
                self.piece(&name, memo.version, None)
            });
            self.commit(drops.collect::<Result<_, _>>()?).await?;
        }
    }
}

/// Comes after every piece of a run and before any of another: `0` follows `/`.
fn end_of(run: &str) -> String {
    format!("{run}0")
}

fn run_name(id: &str) -> MemoName {
    MemoName { kind: RUN, id: id.to_owned() }
}

fn read_text<T: DeserializeOwned>(id: &str, text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| defect(format!("reconciliation {id} cannot be read: {error}")))
}

pub(super) fn written<T: Serialize>(document: &T) -> Result<String, Fault> {
    serde_json::to_string(document).map_err(|error| defect(format!("a reconciliation cannot be written: {error}")))
}
