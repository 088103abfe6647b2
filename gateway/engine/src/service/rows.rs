//! Map and release: a missing row of a code table is tried, kept in the journal, taken into the running configuration, and what waited for it goes again. It edits no file.

use std::sync::Arc;

use async_trait::async_trait;
use lienthong_core::{Fault, FaultCode, FaultKind, FieldProblem, Fingerprint, limits};
use lienthong_journal::{Command, GroupFilter, GroupRecord, Journal, MemoChange, MemoName};

use super::Service;
use super::fault::{advising, defect, no_such, of_journal, of_refusal, refused, wrong_field};
use super::model::{GroupOutcome, OperatorAct};
use super::operate::{By, Verb};
use super::preview::{Edits, Extent, Selection, Verdict};
use crate::desk::Pace;
use crate::tables::{AddedRow, EditedRow, Laid};

/// The memos of added rows, by id.
const KIND: &str = "row";
/// Rows that operators may have added; beyond it they belong into the files.
pub const MOST_ROWS: usize = 1_000;
/// Up to so many go at once; more go in steps.
const AT_ONCE: u64 = 100;
/// Pages of error groups looked through for what waited.
const PAGES: usize = 20;

/// Whoever holds the running configuration: lays the journal's rows over its tables and swaps it.
#[async_trait]
pub trait TakesRows: Send + Sync + 'static {
    /// The configuration that runs now has every row, from the same files as before.
    async fn take_rows(&self) -> Result<(), Fault>;
}

/// What adding a row came to, or would.
#[derive(Debug, Clone, Default)]
pub struct RowOutcome {
    /// `None`: it was only tried.
    pub row: Option<AddedRow>,
    /// What waited for it: parked deliveries that would pass, and that would not, by a preview with the row.
    pub passes: u64,
    pub fails: u64,
    pub groups: Vec<Fingerprint>,
    /// What was released at once.
    pub released: GroupOutcome,
    /// Releases in steps that were begun, by id.
    pub releases: Vec<String>,
}

impl Service {
    /// Who is told of rows; the process gives it once, at its start.
    pub fn take_rows_by(&self, taker: Arc<dyn TakesRows>) {
        if self.shared.rows.set(taker).is_err() {
            tracing::warn!("a second holder of the configuration is not told of rows");
        }
    }

    /// Rows that operators added and that are kept, oldest first.
    pub async fn kept_rows(&self) -> Result<Vec<AddedRow>, Fault> {
        rows_kept(&*self.journal).await
    }

    /// The same with what became of each in the running configuration.
    pub fn added_rows(&self) -> Vec<(AddedRow, Laid)> {
        self.configuration().tables.added().to_vec()
    }

    /// Adds a dated row to a code table: tried on what waits for it, kept with author and reason, in force at once and after every
    /// start, and what waited for exactly this code goes again (at once where it is few, in steps where it is many) unless `release` is
    /// false. With `dry_run` it is only tried.
    ///
    /// `LT-BAD-PARAMETER` with what is wrong, by the rules of the table's file: overlapping rows of one code are refused.
    pub async fn add_row(
        &self,
        act: &OperatorAct,
        table: &str,
        cells: EditedRow,
        (dry_run, release): (bool, bool),
    ) -> Result<RowOutcome, Fault> {
        let by = if dry_run { By::operator(act, Verb::Release)? } else { By::operator(act, Verb::Discard)? };
        let config = self.config.load_full();
        let found = config.tables.get(table).ok_or_else(|| no_such("table", table))?;
        let read = found.added(&cells).and_then(|_| found.row_of(&cells)).map_err(unfit)?;
        if self.kept_rows().await?.len() >= MOST_ROWS {
            let detail = format!("{MOST_ROWS} rows were added; move them into the tables' files");
            return Err(refused(FaultCode::WrongState, detail));
        }
        let codes: Vec<String> = std::iter::once(read.code()).chain(read.values).collect();
        let waiting = self.waiting_for(table, &codes).await?;
        let (mut outcome, waiting) = self.tried(act, table, &cells, waiting).await?;
        if dry_run {
            return Ok(outcome);
        }
        let now = self.clock.now();
        let row = AddedRow {
            id: Self::new_id(now).to_string(),
            table: table.to_owned(),
            cells,
            by: act.operator.clone(),
            at: now,
            reason: by.reason.clone().unwrap_or_default(),
        };
        self.keep_row(&row.id, Some(&row), &by, "added").await?;
        self.take_rows().await?;
        // Somebody may have been quicker with another row of the code.
        let laid = self.added_rows().into_iter().find(|(added, _)| added.id == row.id).map(|(_, laid)| laid);
        if let Some(Laid::SetAside(why)) = laid {
            self.keep_row(&row.id, None, &by, "removed").await?;
            self.take_rows().await?;
            return Err(refused(FaultCode::WrongState, why));
        }
        outcome.row = Some(row);
        if release {
            self.release_waiting(act, &waiting, &mut outcome).await?;
        }
        Ok(outcome)
    }

    /// Takes an added row back, or clears one away that stands in the file by now.
    pub async fn remove_row(&self, act: &OperatorAct, id: &str) -> Result<(), Fault> {
        let by = By::operator(act, Verb::Discard)?;
        self.keep_row(id, None, &by, "removed").await?;
        self.take_rows().await
    }

    async fn keep_row(&self, id: &str, row: Option<&AddedRow>, by: &By, verb: &str) -> Result<(), Fault> {
        let name = MemoName { kind: KIND, id: id.to_owned() };
        let memo = self.journal.memo(&name).await.map_err(of_journal)?;
        if memo.is_none() && row.is_none() {
            return Err(no_such("added row", id));
        }
        let text = row.map(serde_json::to_string).transpose().map_err(|error| defect(error.to_string()))?;
        let change = MemoChange {
            name,
            version: memo.map_or(0, |memo| memo.version),
            text,
            at: self.clock.now(),
            actor: by.actor.clone(),
            verb: verb.to_owned(),
            reason: by.reason.clone(),
            remember: true,
        };
        match self.commit(vec![Command::Memo(Box::new(change))]).await?.pop() {
            Some(Ok(_)) => Ok(()),
            Some(Err(refusal)) => Err(of_refusal(&refusal)),
            None => Err(defect("the journal gave no result for a row")),
        }
    }

    async fn take_rows(&self) -> Result<(), Fault> {
        let taker = self.shared.rows.get().ok_or_else(|| defect("nobody takes rows into the configuration"))?;
        taker.take_rows().await.map_err(|fault| {
            advising(
                fault,
                "Dòng đã được lưu và sẽ có hiệu lực ở lần nạp cấu hình tới.",
                "The row is kept and takes effect with the next configuration that loads.",
            )
        })
    }

    /// Error groups that failed on this very code, or on a value where that was looked up.
    async fn waiting_for(&self, table: &str, codes: &[String]) -> Result<Vec<GroupRecord>, Fault> {
        let (mut found, mut cursor) = (Vec::new(), None);
        for _ in 0..PAGES {
            let filter = GroupFilter { kind: Some(FaultKind::Mapping), brief: true, ..GroupFilter::default() };
            let page = self.journal.groups(filter, cursor, limits::PAGE_ROWS).await.map_err(of_journal)?;
            let of_code = |problem: &FieldProblem| {
                problem.table.as_deref() == Some(table)
                    && problem.value_class.as_ref().is_some_and(|class| codes.contains(class))
            };
            let missing = |group: &GroupRecord| {
                group.sample.code == FaultCode::CodeUnmapped && group.sample.problems.iter().any(of_code)
            };
            found.extend(page.rows.into_iter().filter(missing));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// What waits for it, previewed with the row; and the groups of which something passes.
    async fn tried(
        &self,
        act: &OperatorAct,
        table: &str,
        cells: &EditedRow,
        waiting: Vec<GroupRecord>,
    ) -> Result<(RowOutcome, Vec<GroupRecord>), Fault> {
        let edits = Edits { tables: [(table.to_owned(), vec![cells.clone()])].into(), ..Edits::default() };
        let (mut outcome, mut mended) = (RowOutcome::default(), Vec::new());
        for group in waiting {
            let selection = Selection::Group { group: group.fingerprint.clone(), cursor: None };
            let extent = Extent { rows: 0, ..Extent::default() };
            let act = OperatorAct { reason: None, ..act.clone() };
            let preview = self.preview(&act, selection, edits.clone(), extent).await?;
            let passing = preview.counts.get(&Verdict::Passes).copied().unwrap_or_default();
            outcome.passes = outcome.passes.saturating_add(passing);
            outcome.fails = outcome.fails.saturating_add(preview.previewed.saturating_sub(passing));
            if passing > 0 {
                outcome.groups.push(group.fingerprint.clone());
                mended.push(group);
            }
        }
        Ok((outcome, mended))
    }

    async fn release_waiting(
        &self,
        act: &OperatorAct,
        waiting: &[GroupRecord],
        outcome: &mut RowOutcome,
    ) -> Result<(), Fault> {
        for group in waiting.iter().filter(|group| group.parked > 0) {
            if group.parked > AT_ONCE {
                match self.begin_release(act, &group.fingerprint, Pace::default()).await {
                    Ok(view) => outcome.releases.push(view.id),
                    // One that runs already sends them.
                    Err(fault) if fault.code == FaultCode::WrongState => {}
                    Err(fault) => return Err(fault),
                }
                continue;
            }
            let GroupOutcome { moved, refused, refused_unlisted } = self.release_group(act, &group.fingerprint).await?;
            outcome.released.moved = outcome.released.moved.saturating_add(moved);
            outcome.released.refused.extend(refused);
            outcome.released.refused_unlisted = outcome.released.refused_unlisted.saturating_add(refused_unlisted);
        }
        Ok(())
    }
}

/// Rows that operators added and a journal keeps, oldest first.
pub async fn rows_kept(journal: &dyn Journal) -> Result<Vec<AddedRow>, Fault> {
    let memos = journal.memos(KIND, None, MOST_ROWS).await.map_err(of_journal)?;
    let read = |text: &str| {
        serde_json::from_str::<AddedRow>(text).map_err(|error| defect(format!("a row cannot be read: {error}")))
    };
    memos.iter().map(|memo| read(&memo.text)).collect()
}

/// Every problem at the row, as the table's file would have it.
fn unfit(problems: Vec<crate::tables::EditProblem>) -> Fault {
    let told =
        problems.into_iter().map(|found| FieldProblem::new("/cells", format!("{} ({})", found.problem, found.remedy)));
    wrong_field(FaultCode::BadParameter, "/cells", "does not fit the table").with_problems(told)
}
