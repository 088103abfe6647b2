//! The runs of every day: when they begin, and what becomes of one whose file never comes or is never whole. It opens no file.

use std::time::Duration;

use jiff::Span;
use jiff::civil::Date;
use lienthong_core::{Fault, FaultKind};
use lienthong_journal::{Actor, Command};

use super::super::Service;
use super::super::fault::of_journal;
use super::begun;
use super::view::RunView;
use crate::flow::calendar::vietnam;
use crate::reconcile::{Phase, Run};

impl Service {
    /// Begins the daily runs that are due, each once a day, over restarts too. The last one that was due while the gateway was down
    /// begins late.
    pub async fn begin_due_reconciliations(&self) -> Result<(), Fault> {
        let now = self.clock.now();
        let here = now.to_zoned(vietnam());
        let config = self.config.load_full();
        for spec in config.reconciliations.0.iter() {
            let Some(daily) = &spec.daily else { continue };
            let cursor = format!("reconciliation/{}", spec.name);
            let last = self.journal.cursor(&cursor).await.map_err(of_journal)?;
            let today = here.time() >= daily.at;
            let day = if today { here.date() } else { before(here.date()) };
            // What never ran begins when it is its time, not for a time before it was configured.
            if last.map_or(!today, |last| last >= day.to_string()) {
                continue;
            }
            self.forget_old_runs().await?;
            let to = before(day);
            let from = to.checked_sub(Span::new().days(i64::from(daily.days.saturating_sub(1)))).unwrap_or(to);
            let run = begun(spec.name.clone(), "gateway".to_owned(), now, (from, to), true);
            let view = RunView { id: Self::new_id(now).to_string(), version: 0, run, waits: None };
            let mark = Command::SetCursor { name: cursor, value: day.to_string(), at: now };
            self.keep_run(view, vec![mark], ("began", &Actor::Gateway, None)).await?;
        }
        Ok(())
    }

    /// Whether a run has waited for its files as long as its reconciliation says.
    pub fn has_waited(&self, run: &Run, wait: Duration) -> bool {
        let until = run.began.checked_add(wait);
        until.is_ok_and(|until| self.clock.now() >= until)
    }

    /// Ends a run whose file never came: the province's system, which writes it, must act.
    pub async fn end_without_file(&self, id: &str, file: &str, why: &str) -> Result<(), Fault> {
        let advice = "the province's system has to write it; then compare again, or hand the list over";
        let fault = Fault::of(FaultKind::NotFound, format!("{why}: {advice}"));
        self.end_waiting(id, Some(file), &fault).await
    }

    /// Ends a run whose file is there and changes all the time: half of a list is not compared.
    pub async fn end_with_half_a_file(&self, id: &str, why: &str) -> Result<(), Fault> {
        let advice = "the province's system has to finish it; then compare again, or hand the list over";
        self.end_waiting(id, None, &Fault::of(FaultKind::Invalid, format!("{why}: {advice}"))).await
    }

    /// Unless somebody ended it before, or compares it.
    async fn end_waiting(&self, id: &str, missing: Option<&str>, fault: &Fault) -> Result<(), Fault> {
        let mut view = self.a_reconciliation(id).await?;
        if view.run.phase != Phase::Receiving {
            return Ok(());
        }
        tracing::warn!(run = id, %fault, "a daily reconciliation ends without its list");
        self.note_what_it_waits_for(id, None);
        view.run.phase = Phase::Failed;
        view.run.ended = Some(self.clock.now());
        view.run.missing = missing.map(str::to_owned);
        view.run.because = Some(fault.to_string());
        self.keep_run(view, Vec::new(), ("failed", &Actor::Gateway, None)).await?;
        self.drop_rows(id).await
    }
}

fn before(day: Date) -> Date {
    day.yesterday().unwrap_or(day)
}
