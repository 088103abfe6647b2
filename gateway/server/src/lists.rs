//! Lists that lie as files: begins the daily reconciliations that are due and hands their files over once they are there and whole. It compares nothing.

mod seen;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lienthong_core::{Fault, FaultCode, FaultKind};
use lienthong_engine::reconcile::parts::Parts;
use lienthong_engine::reconcile::{DailySpec, Phase, Side};
use lienthong_engine::service::{ListGiven, OperatorAct, RunView, Service, passes_by_itself};
use tokio_util::sync::CancellationToken;

use seen::{Seen, Standing};

/// How often is looked for what is due.
const LOOK: Duration = Duration::from_secs(2);

/// Runs until `stopping`. A run that was being read then is read again at the next start: parts that were taken are taken no second time.
pub(crate) async fn run(service: Service, root: PathBuf, stopping: CancellationToken) {
    let mut seen = Seen::default();
    loop {
        if let Err(fault) = look(&service, &root, &mut seen).await {
            tracing::warn!(%fault, "lists are looked for again");
        }
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn look(service: &Service, root: &Path, seen: &mut Seen) -> Result<(), Fault> {
    service.begin_due_reconciliations().await?;
    let waits = |view: &RunView| view.run.from_files && view.run.phase == Phase::Receiving;
    seen.next_look();
    for view in service.reconciliations().await?.into_iter().filter(waits) {
        match read(service, root, &view, seen).await {
            Ok(()) => {}
            // Somebody stopped it, or it passes by itself.
            Err(fault) if fault.code == FaultCode::WrongState || passes_by_itself(&fault) => {}
            Err(fault) => {
                tracing::warn!(run = view.id, %fault, "a list could not be taken");
                service.fail_run(&view.id, &fault).await?;
            }
        }
    }
    Ok(())
}

async fn read(service: &Service, root: &Path, view: &RunView, seen: &mut Seen) -> Result<(), Fault> {
    let spec = service.spec(&view.run.name)?;
    let Some(daily) = &spec.daily else {
        return Err(Fault::of(FaultKind::Invalid, "the reconciliation has no files any more"));
    };
    let DailySpec { file, there, at: _, days: _, wait } = daily;
    let day = view.run.to.to_string();
    let named = |file: &String| root.join(file.replace("{day}", &day));
    let lists = [(Side::Here, Some(named(file))), (Side::There, there.as_ref().map(named))];
    // Each is looked at, so that each is known to be whole when the last one comes.
    let mut wanting = None;
    for path in lists.iter().filter_map(|(_, path)| path.as_ref()) {
        let told = match seen.standing(path) {
            Standing::Whole => continue,
            Standing::Missing => format!("the list {} is not there", path.display()),
            Standing::Growing => format!("the list {} is still being written", path.display()),
        };
        wanting = wanting.or(Some((path, told)));
    }
    if let Some((path, told)) = wanting {
        if service.has_waited(&view.run, *wait) {
            return service.end_without_file(&view.id, &path.display().to_string(), &told).await;
        }
        service.note_what_it_waits_for(&view.id, Some(&told));
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
