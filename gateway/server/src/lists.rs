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
pub(crate) const LOOK: Duration = Duration::from_secs(2);
/// Looks for which a file that is there may still change when its wait is over: ten minutes. They are counted by this process, which
/// may have begun after the wait and knows of no file at first whether it is whole.
const LATE_LOOKS: u32 = 300;

/// Runs until `stopping`. A run that was being read then is read again at the next start: parts that were taken are taken no second time.
pub(crate) async fn run(mut lists: Lists, every: Duration, stopping: CancellationToken) {
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(every) => {}
        }
        if let Err(fault) = lists.look().await {
            tracing::warn!(%fault, "lists are looked for again");
        }
    }
}

/// Whoever looks for lists, with what the files were at the last look.
pub(crate) struct Lists {
    service: Service,
    root: PathBuf,
    seen: Seen,
}

/// A list that cannot be taken yet.
struct Wanting<'p> {
    path: &'p Path,
    standing: Standing,
}

impl Lists {
    pub(crate) fn new(service: Service, root: PathBuf) -> Self {
        Self { service, root, seen: Seen::default() }
    }

    pub(crate) async fn look(&mut self) -> Result<(), Fault> {
        self.service.begin_due_reconciliations().await?;
        let waits = |view: &RunView| view.run.from_files && view.run.phase == Phase::Receiving;
        let views = self.service.reconciliations().await?;
        self.seen.next_look();
        for view in views.into_iter().filter(waits) {
            match self.read(&view).await {
                Ok(()) => {}
                // Somebody stopped it, or it passes by itself.
                Err(fault) if fault.code == FaultCode::WrongState || passes_by_itself(&fault) => {}
                Err(fault) => {
                    tracing::warn!(run = view.id, %fault, "a list could not be taken");
                    self.service.fail_run(&view.id, &fault).await?;
                }
            }
        }
        Ok(())
    }

    async fn read(&mut self, view: &RunView) -> Result<(), Fault> {
        let spec = self.service.spec(&view.run.name)?;
        let Some(daily) = &spec.daily else {
            return Err(Fault::of(FaultKind::Invalid, "the reconciliation has no files any more"));
        };
        let DailySpec { file, there, at: _, days: _, wait } = daily;
        let day = view.run.to.to_string();
        let named = |file: &String| self.root.join(file.replace("{day}", &day));
        let lists = [(Side::Here, Some(named(file))), (Side::There, there.as_ref().map(named))];
        let is_late = self.service.has_waited(&view.run, *wait);
        // Each is looked at, so that each is known to be whole when the last one comes.
        let mut wanting: Vec<Wanting<'_>> = Vec::new();
        for path in lists.iter().filter_map(|(_, path)| path.as_deref()) {
            match self.seen.standing(path, is_late) {
                Standing::Whole => {}
                standing @ (Standing::Missing | Standing::Growing { .. }) => wanting.push(Wanting { path, standing }),
            }
        }
        if !wanting.is_empty() {
            return self.wait(view, &wanting, is_late).await;
        }
        self.service.note_what_it_waits_for(&view.id, None);
        for (side, path) in lists {
            if let Some(path) = path {
                let unread = |error| Fault::of(FaultKind::Invalid, format!("a list cannot be read: {error}"));
                let parts = opened(&path, Parts::are_lines(&path)).map_err(unread)?;
                self.service.hand_list_over(&view.id, ListGiven { side, parts }).await?;
            }
        }
        let act = OperatorAct { operator: view.run.by.clone(), reason: None, confirmed: false };
        self.service.compare_reconciliation(&act, &view.id).await.map(drop)
    }

    /// A missing list is waited for until its wait is over; one that is there gets some time more to be whole.
    async fn wait(&self, view: &RunView, wanting: &[Wanting<'_>], is_late: bool) -> Result<(), Fault> {
        for Wanting { path, standing } in wanting {
            match standing {
                Standing::Missing if is_late => {
                    let why = told(path, *standing);
                    return self.service.end_without_file(&view.id, &path.display().to_string(), &why).await;
                }
                Standing::Growing { late } if *late > LATE_LOOKS => {
                    let why = format!("{} long after it was due", told(path, *standing));
                    return self.service.end_with_half_a_file(&view.id, &why).await;
                }
                Standing::Missing | Standing::Growing { .. } | Standing::Whole => {}
            }
        }
        let first = wanting.first().map(|first| told(first.path, first.standing));
        self.service.note_what_it_waits_for(&view.id, first.as_deref());
        Ok(())
    }
}

fn told(path: &Path, standing: Standing) -> String {
    let is = match standing {
        Standing::Missing => "is not there",
        Standing::Growing { .. } => "is still being written",
        Standing::Whole => "is there",
    };
    format!("the list {} {is}", path.display())
}

/// A list that lies as a file; `-` is what comes in.
pub(crate) fn opened(path: &Path, lines: bool) -> std::io::Result<Parts> {
    let source: Box<dyn Read + Send> = match path == Path::new("-") {
        true => Box::new(std::io::stdin()),
        false => Box::new(File::open(path)?),
    };
    Ok(Parts::of(source, lines))
}
