//! Lists that lie as files: begins the daily reconciliations that are due and hands their files over, part by part. It compares nothing.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lienthong_core::{Fault, FaultCode, FaultKind, SignedDuration};
use lienthong_engine::reconcile::parts::Parts;
use lienthong_engine::reconcile::{DailySpec, Phase, Side};
use lienthong_engine::service::{ListGiven, OperatorAct, RunView, Service};
use tokio_util::sync::CancellationToken;

/// How often is looked for what is due.
const LOOK: Duration = Duration::from_secs(2);
/// How long a run waits for a file that is not there yet: exports are late at times.
const PATIENCE: SignedDuration = SignedDuration::from_hours(3);

/// Runs until `stopping`. A run that was being read then is read again at the next start: parts that were taken are taken no second time.
pub(crate) async fn run(service: Service, root: PathBuf, stopping: CancellationToken) {
    loop {
        if let Err(fault) = look(&service, &root).await {
            tracing::warn!(%fault, "lists are looked for again");
        }
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn look(service: &Service, root: &Path) -> Result<(), Fault> {
    service.begin_due_reconciliations().await?;
    let waits = |view: &RunView| view.run.from_files && view.run.phase == Phase::Receiving;
    for view in service.reconciliations().await?.into_iter().filter(waits) {
        match read(service, root, &view).await {
            Ok(()) => {}
            // Somebody stopped it, or it passes by itself.
            Err(fault)
                if fault.code == FaultCode::WrongState || lienthong_engine::service::passes_by_itself(&fault) => {}
            Err(fault) => service.fail_run(&view.id, &fault).await?,
        }
    }
    Ok(())
}

async fn read(service: &Service, root: &Path, view: &RunView) -> Result<(), Fault> {
    let spec = service.spec(&view.run.name)?;
    let Some(daily) = &spec.daily else {
        return Err(Fault::of(FaultKind::Invalid, "the reconciliation has no files any more"));
    };
    let DailySpec { file, there, at: _, days: _ } = daily;
    let day = view.run.to.to_string();
    let named = |file: &String| root.join(file.replace("{day}", &day));
    let lists = [(Side::Here, Some(named(file))), (Side::There, there.as_ref().map(named))];
    for (_, path) in &lists {
        let Some(path) = path.as_ref().filter(|path| !path.is_file()) else { continue };
        let fault = Fault::of(FaultKind::NotFound, format!("the list {} is not there", path.display()));
        if service.waited(&view.run) > PATIENCE {
            return Err(fault);
        }
        service.note_what_it_waits_for(&view.id, Some(&fault.detail));
        return Ok(());
    }
    service.note_what_it_waits_for(&view.id, None);
    for (side, path) in lists {
        if let Some(path) = path {
            let unread = |error| Fault::of(FaultKind::Invalid, format!("a list cannot be read: {error}"));
            let parts = opened(&path, Parts::are_lines(&path)).map_err(unread)?;
            service.hand_list_over(&view.id, ListGiven { side, parts }).await?;
        }
    }
    let act = OperatorAct { operator: view.run.by.clone(), reason: None, confirmed: false };
    service.compare_reconciliation(&act, &view.id).await.map(drop)
}

/// A list that lies as a file; `-` is what comes in.
pub(crate) fn opened(path: &Path, lines: bool) -> std::io::Result<Parts> {
    let source: Box<dyn Read + Send> = match path == Path::new("-") {
        true => Box::new(std::io::stdin()),
        false => Box::new(File::open(path)?),
    };
    Ok(Parts::of(source, lines))
}
