//! Whole lists: handed over part by part, or in one act that begins a run, takes them and compares. What is not received whole is not compared; it opens no file.

use std::io;
use std::sync::Arc;

use lienthong_core::{Fault, FaultCode, FaultKind, FieldProblem};

use super::super::Service;
use super::super::fault::{defect, refused};
use super::super::model::OperatorAct;
use super::view::RunView;
use super::{PartGiven, RunAsked};
use crate::reconcile::parts::Parts;
use crate::reconcile::{Phase, Side};

/// A list with the side it is of.
pub struct ListGiven {
    pub side: Side,
    pub parts: Parts,
}

/// The runs whose lists this process is receiving in one act.
pub(in crate::service) type Taking = parking_lot::Mutex<std::collections::HashSet<String>>;

/// One of them, as long as it is received.
struct Taken<'t> {
    taking: &'t Taking,
    id: String,
}

impl<'t> Taken<'t> {
    fn new(taking: &'t Taking, id: String) -> Self {
        taking.lock().insert(id.clone());
        Self { taking, id }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.taking.lock().remove(&self.id);
    }
}

impl Service {
    /// Begins a run over these lists and compares them. A list that cannot be taken ends the run, which says why, as the fault does.
    pub async fn reconcile_lists(
        &self,
        act: &OperatorAct,
        asked: RunAsked,
        lists: Vec<ListGiven>,
    ) -> Result<RunView, Fault> {
        let (shared, id) = (Arc::clone(&self.shared), self.an_id().to_string());
        let _taken = Taken::new(&shared.taking_lists, id.clone());
        self.begin_as(&id, act, asked, true).await?;
        let taken = self.take_lists(&id, act, lists).await;
        if let Err(fault) = &taken
            && let Err(unended) = self.end_half(&id, fault).await
        {
            tracing::warn!(run = id, fault = %unended, "a reconciliation without its whole lists is ended later");
        }
        taken
    }

    /// Unless somebody ended it before.
    async fn end_half(&self, id: &str, fault: &Fault) -> Result<(), Fault> {
        match self.a_reconciliation(id).await?.run.phase {
            Phase::Receiving => self.fail_run(id, fault).await,
            Phase::Comparing | Phase::Done | Phase::Stopped | Phase::Failed => Ok(()),
        }
    }

    async fn take_lists(&self, id: &str, act: &OperatorAct, lists: Vec<ListGiven>) -> Result<RunView, Fault> {
        for list in lists {
            self.hand_list_over(id, list).await?;
        }
        let view = self.a_reconciliation(id).await?;
        self.compare_from_now(act, view).await
    }

    /// Hands a list over. Parts that were taken before are taken no second time.
    pub async fn hand_list_over(&self, id: &str, ListGiven { side, mut parts }: ListGiven) -> Result<(), Fault> {
        let form = parts.form();
        let mut number = 0_u32;
        loop {
            let reading = tokio::task::spawn_blocking(move || (parts.part(), parts));
            let (part, again) = reading.await.map_err(|lost| defect(format!("a list was not read: {lost}")))?;
            parts = again;
            let Some(bytes) = part.map_err(|error| unread(side, &error))? else { return Ok(()) };
            number = number.saturating_add(1);
            let view = self.a_reconciliation(id).await?;
            let given = PartGiven { side, number, form, bytes: &bytes };
            self.take_part(view, given).await.map_err(|fault| of_list(side, fault))?;
        }
    }

    /// Lists that were being received in one act when the process ended are not whole: their run ends, and says so.
    pub(crate) async fn end_half_taken(&self, view: &RunView) -> Result<(), Fault> {
        let is_taken = self.shared.taking_lists.lock().contains(&view.id);
        if is_taken || !view.run.at_once || view.run.phase != Phase::Receiving {
            return Ok(());
        }
        let fault = Fault::of(FaultKind::Interrupted, "the lists were not received whole: hand them over again");
        self.end_half(&view.id, &fault).await
    }
}

fn unread(side: Side, error: &io::Error) -> Fault {
    let why = format!("the list cannot be read: {error}");
    refused(FaultCode::Invalid, why.clone()).with_problem(FieldProblem::new(side.as_str(), why))
}

/// Of two lists it is told which one is meant.
fn of_list(side: Side, mut fault: Fault) -> Fault {
    for problem in fault.problems.iter_mut().filter(|problem| problem.pointer.is_empty()) {
        side.as_str().clone_into(&mut problem.pointer);
    }
    fault
}
