//! Runs reconciliations: compares piece by piece and sends what was chosen, over restarts too. It decides nothing about them.

use std::collections::HashMap;
use std::time::Duration;

use lienthong_core::{Fault, FaultCode};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::reconcile::Phase;
use crate::service::{RunView, Service, passes_by_itself};

/// Between two looks for runs that go on.
const IDLE: Duration = Duration::from_secs(2);
/// Before a run that met something passing goes on.
const AGAIN: Duration = Duration::from_secs(5);
/// Runs that go on at once; the others wait.
const AT_ONCE: usize = 4;

/// Runs until `stopping`. What is at work then is left: the piece at hand is done again at the next start.
pub async fn run(service: Service, stopping: CancellationToken) {
    let mut at_work: HashMap<String, JoinHandle<()>> = HashMap::new();
    loop {
        at_work.retain(|_, task| !task.is_finished());
        match service.reconciliations().await {
            Ok(views) => {
                end_half_taken(&service, &views).await;
                begin(&service, views, &mut at_work);
                if let Err(fault) = service.drop_rows_left_behind().await {
                    tracing::warn!(%fault, "lists of reconciliations that are over are removed later");
                }
            }
            Err(fault) => tracing::warn!(%fault, "reconciliations cannot be read and are looked at again"),
        }
        tokio::select! {
            () = stopping.cancelled() => break,
            () = service.reconciliation_begun() => {}
            () = tokio::time::sleep(IDLE) => {}
        }
    }
    for task in at_work.into_values() {
        task.abort();
        // It ended or was aborted; either is the end of it.
        let _ended: Result<(), _> = task.await;
    }
}

async fn end_half_taken(service: &Service, views: &[RunView]) {
    for view in views {
        if let Err(fault) = service.end_half_taken(view).await {
            tracing::warn!(run = view.id, %fault, "a reconciliation without its whole lists is ended later");
        }
    }
}

fn begin(service: &Service, views: Vec<RunView>, at_work: &mut HashMap<String, JoinHandle<()>>) {
    for view in views.into_iter().filter(goes_on) {
        if at_work.len() >= AT_ONCE {
            return;
        }
        at_work.entry(view.id.clone()).or_insert_with(|| {
            let service = service.clone();
            tokio::spawn(async move { to_its_end(&service, &view.id).await })
        });
    }
}

fn goes_on(view: &RunView) -> bool {
    match view.run.phase {
        Phase::Comparing => true,
        Phase::Done => view.run.sending.is_some(),
        Phase::Receiving | Phase::Stopped | Phase::Failed => false,
    }
}

async fn to_its_end(service: &Service, id: &str) {
    loop {
        match one_course(service, id).await {
            Ok(()) => return service.note_what_it_waits_for(id, None),
            // An operator stopped it in this very moment.
            Err(fault) if fault.code == FaultCode::WrongState => {}
            Err(fault) if passes_by_itself(&fault) => {
                service.note_what_it_waits_for(id, Some(&fault.public.en));
                tracing::info!(run = id, %fault, "a reconciliation waits");
                tokio::time::sleep(AGAIN).await;
            }
            Err(fault) => {
                tracing::warn!(run = id, %fault, "a reconciliation failed");
                match service.fail_run(id, &fault).await {
                    Ok(()) => return,
                    Err(_) => tokio::time::sleep(AGAIN).await,
                }
            }
        }
    }
}

/// Everything that is to be done of a run now.
async fn one_course(service: &Service, id: &str) -> Result<(), Fault> {
    let mut view = service.a_reconciliation(id).await?;
    if view.run.phase == Phase::Comparing {
        let comparing = service.comparing(&view).await?;
        while view.run.phase == Phase::Comparing {
            view = service.compare_on(&comparing, view).await?;
        }
    }
    while view.run.phase == Phase::Done && view.run.sending.is_some() {
        view = service.send_on(view).await?;
    }
    Ok(())
}
