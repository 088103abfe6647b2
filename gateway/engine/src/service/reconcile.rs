//! Reconciliation as use cases: begin, hand a list over, compare, look, send what was chosen. The turns of what runs by itself are in its modules; it opens no file.

mod daily;
mod kept;
mod lists;
mod lookup;
mod send;
mod turn;
mod view;

use jiff::civil::Date;
use lienthong_core::{Fault, FaultCode, FieldProblem, Timestamp};
use lienthong_journal::Actor;

pub use lists::ListGiven;
pub(super) use lists::Taking;
pub use view::{FoundPage, RunView};

use super::Service;
use super::fault::{advising, no_such, of_journal, refused, wrong_field};
use super::model::OperatorAct;
use super::operate::{By, Verb};
use crate::reconcile::read::{self, Form, Row};
use crate::reconcile::run::{Rows, Wanted};
use crate::reconcile::spec::local_day;
use crate::reconcile::{Counts, List, Phase, Run, Sending, Side, Spec};

/// Rows of a stored piece; looked-up ones are a piece's worth of work that a restart repeats.
const CHUNK_ROWS: usize = 200;
/// Bytes of a stored piece, far below what a memo may hold.
const CHUNK_BYTES: usize = 256 * 1024;
/// Most days compared at once.
const MOST_DAYS: i32 = 400;
/// Differences chosen one by one in one act.
pub const MOST_PLACES: usize = 10_000;

/// What a run is begun with.
#[derive(Debug, Clone)]
pub struct RunAsked {
    pub name: String,
    /// The days compared, both included; yesterday where left out.
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// The gateway reads the lists from the files of its daily run, and compares.
    pub from_files: bool,
}

/// A piece of a list on its way in.
#[derive(Debug, Clone, Copy)]
pub struct PartGiven<'p> {
    pub side: Side,
    /// From 1; a part that was taken already is told so and taken no second time.
    pub number: u32,
    pub form: Form,
    pub bytes: &'p [u8],
}

impl Service {
    /// Begins a run that takes lists from now on.
    pub async fn begin_reconciliation(&self, act: &OperatorAct, asked: RunAsked) -> Result<RunView, Fault> {
        self.begin_as(&self.an_id().to_string(), act, asked, false).await
    }

    pub(super) async fn begin_as(
        &self,
        id: &str,
        act: &OperatorAct,
        asked: RunAsked,
        at_once: bool,
    ) -> Result<RunView, Fault> {
        self.accepting()?;
        let by = By::operator(act, Verb::Release)?;
        let spec = self.spec(&asked.name)?;
        let now = self.clock.now();
        let yesterday = local_day(now).yesterday().unwrap_or_else(|_| local_day(now));
        let to = asked.to.unwrap_or(yesterday);
        let from = asked.from.unwrap_or(to);
        if from > to {
            return Err(wrong_field(FaultCode::BadParameter, "/to", "is before from"));
        }
        if from.until(to).map_or(i32::MAX, |span| span.get_days()) >= MOST_DAYS {
            return Err(wrong_field(
                FaultCode::BadParameter,
                "/from",
                format!("is {MOST_DAYS} days before to, or more"),
            ));
        }
        if asked.from_files && spec.daily.is_none() {
            let problem = "names a reconciliation without files: hand a list over";
            return Err(wrong_field(FaultCode::BadParameter, "/from_files", problem));
        }
        self.forget_old_runs().await?;
        let begun = begun(asked.name, act.operator.clone(), now, (from, to), asked.from_files);
        let view = RunView { id: id.to_owned(), version: 0, run: Run { at_once, ..begun }, waits: None };
        self.keep_run(view, Vec::new(), ("began", &by.actor, by.reason.clone())).await
    }

    /// Takes one part of a list. A part that was taken before changes nothing, so that it may be handed over again when its answer
    /// was lost; one that skips a part is `LT-WRONG-STATE`.
    pub async fn add_to_reconciliation(&self, id: &str, part: PartGiven<'_>) -> Result<RunView, Fault> {
        let view = self.a_reconciliation(id).await?;
        not_at_once(&view)?;
        self.take_part(view, part).await
    }

    async fn take_part(&self, mut view: RunView, part: PartGiven<'_>) -> Result<RunView, Fault> {
        self.accepting()?;
        in_phase(&view, Phase::Receiving)?;
        let id = &view.id.clone();
        let spec = self.spec(&view.run.name)?;
        let how = match part.side {
            Side::Here => spec.export.clone(),
            Side::There => {
                let none = || refused(FaultCode::WrongState, format!("{} has no list of the other side", spec.name));
                spec.there.clone().ok_or_else(none)?
            }
        };
        let list = view.run.list(part.side).cloned().unwrap_or_default();
        if part.number <= list.parts {
            return Ok(view);
        }
        if part.number > list.parts.saturating_add(1) {
            let detail = format!("part {} of run {id} comes before part {}", part.number, list.parts + 1);
            return Err(refused(FaultCode::WrongState, detail));
        }
        let later = part.form == Form::Csv && list.parts > 0;
        let first = if later { list.lines } else { list.lines.saturating_add(1) };
        let read = self.read_part(&spec, how, part, first).await?;
        let taken = list.rows.saturating_add(list.refused).saturating_add(read.rows.len() as u64 + read.refused);
        if taken > spec.most_rows {
            return Err(advising(
                refused(FaultCode::BodyTooLarge, format!("the list has more than {} rows", spec.most_rows)),
                "Hãy chia nhỏ khoảng thời gian đối soát.",
                "Compare fewer days at once.",
            ));
        }
        let pieces = pieces(read.rows, part.side)?;
        let list = view.run.list_mut(part.side);
        list.parts = part.number;
        list.lines = list.lines.saturating_add(read.lines).saturating_sub(u64::from(later));
        list.refused = list.refused.saturating_add(read.refused);
        let room = read::TOLD.saturating_sub(list.told.len());
        list.told.extend(read.told.into_iter().take(room));
        let first = list.chunks;
        list.chunks = first.saturating_add(u32::try_from(pieces.len()).unwrap_or(u32::MAX));
        list.rows = list.rows.saturating_add(pieces.iter().map(|piece| piece.rows.len() as u64).sum());
        let mut commands = Vec::with_capacity(pieces.len());
        for (number, piece) in (first..).zip(&pieces) {
            let name = kept::rows_name(id, part.side, number);
            // What a part left behind that lost against another of its number.
            let version = self.journal.memo(&name).await.map_err(of_journal)?.map_or(0, |memo| memo.version);
            commands.push(self.piece(&name, version, Some(kept::written(piece)?))?);
        }
        self.keep_run(view, commands, ("received", &Actor::Gateway, None)).await
    }

    /// Nothing more is handed over: the run compares, by itself and over restarts.
    pub async fn compare_reconciliation(&self, act: &OperatorAct, id: &str) -> Result<RunView, Fault> {
        let view = self.a_reconciliation(id).await?;
        not_at_once(&view)?;
        self.compare_from_now(act, view).await
    }

    async fn compare_from_now(&self, act: &OperatorAct, mut view: RunView) -> Result<RunView, Fault> {
        let by = By::operator(act, Verb::Release)?;
        in_phase(&view, Phase::Receiving)?;
        if view.run.here.parts == 0 {
            return Err(refused(FaultCode::WrongState, format!("run {} has no list of the province yet", view.id)));
        }
        if view.run.here.rows == 0 && view.run.here.refused > 0 {
            let told = &view.run.here.told;
            let why = told.first().map_or(String::new(), |(line, why)| format!("; line {line}: {why}"));
            let lines = told.iter().map(|(line, why)| FieldProblem::new(format!("line {line}"), why));
            let fault = refused(FaultCode::Invalid, format!("no row of the list could be read{why}"));
            return Err(fault.with_problems(lines));
        }
        view.run.phase = Phase::Comparing;
        let view = self.keep_run(view, Vec::new(), ("compared", &by.actor, by.reason.clone())).await?;
        self.shared.reconciling.notify_one();
        Ok(view)
    }

    /// No further comparing and no further sending; what was sent goes on.
    pub async fn stop_reconciliation(&self, act: &OperatorAct, id: &str) -> Result<RunView, Fault> {
        let by = By::operator(act, Verb::Release)?;
        for _ in 0..16 {
            let mut view = self.a_reconciliation(id).await?;
            let now = self.clock.now();
            match (view.run.phase, &view.run.sending) {
                (Phase::Receiving | Phase::Comparing, _) => {
                    view.run.phase = Phase::Stopped;
                    view.run.ended = Some(now);
                    view.run.because = Some(format!("stopped by {}", act.operator));
                }
                (Phase::Done, Some(_)) => view.run.sending_over(now),
                (Phase::Done | Phase::Stopped | Phase::Failed, _) => {
                    let detail = format!("run {id} is {} and sends nothing", view.run.phase.as_str());
                    return Err(refused(FaultCode::WrongState, detail));
                }
            }
            // Whoever compares writes too.
            match self.keep_run(view, Vec::new(), ("stopped", &by.actor, by.reason.clone())).await {
                Err(fault) if fault.code == FaultCode::WrongState => {}
                Ok(view) if view.run.phase == Phase::Stopped => return self.drop_rows(id).await.map(|()| view),
                settled => return settled,
            }
        }
        Err(refused(FaultCode::WrongState, format!("run {id} changes too fast; try again")))
    }

    /// Begins to send what was chosen, each once; the reason is mandatory. What may be newer on the other side is sent only where the
    /// act says that its operator knows it.
    pub async fn send_differences(&self, act: &OperatorAct, id: &str, wanted: Wanted) -> Result<RunView, Fault> {
        self.accepting()?;
        let by = By::operator(act, Verb::Release)?;
        let reason = by.reason.ok_or_else(|| wrong_field(FaultCode::ReasonMissing, "/reason", "is required"))?;
        if wanted.places.len() > MOST_PLACES {
            return Err(wrong_field(FaultCode::BadParameter, "/places", format!("has more than {MOST_PLACES}")));
        }
        let mut view = self.a_reconciliation(id).await?;
        in_phase(&view, Phase::Done)?;
        if let Some(other) = &view.run.sending {
            return Err(advising(
                refused(FaultCode::WrongState, format!("run {id} is sending what {} chose", other.by)),
                "Đợt gửi trước chưa xong; hãy chờ hoặc dừng đợt đó.",
                "Wait for that sending, or stop it.",
            ));
        }
        self.spec(&view.run.name)?;
        view.run.sending = Some(Sending {
            by: act.operator.clone(),
            reason: reason.clone(),
            confirmed: by.confirmed,
            wanted,
            began: self.clock.now(),
            ended: None,
            chunk: 0,
            sent: 0,
            not_sent: 0,
        });
        let view = self.keep_run(view, Vec::new(), ("sent", &by.actor, Some(reason))).await?;
        self.shared.reconciling.notify_one();
        Ok(view)
    }

    /// What is configured.
    pub fn spec(&self, name: &str) -> Result<std::sync::Arc<Spec>, Fault> {
        let config = self.config.load();
        config.reconciliations.get(name).cloned().ok_or_else(|| no_such("reconciliation", name))
    }

    pub(crate) async fn reconciliation_begun(&self) {
        self.shared.reconciling.notified().await;
    }

    /// Programs run on a thread of their own.
    async fn read_part(
        &self,
        spec: &std::sync::Arc<Spec>,
        how: crate::reconcile::ExportSpec,
        part: PartGiven<'_>,
        first: u64,
    ) -> Result<read::Part, Fault> {
        let (spec, bytes, form) = (std::sync::Arc::clone(spec), part.bytes.to_vec(), part.form);
        let reading = tokio::task::spawn_blocking(move || read::part(&how, &spec.fields, form, &bytes, first));
        reading.await.unwrap_or_else(|lost| Err(super::fault::defect(format!("a list was not read: {lost}"))))
    }
}

fn begun(name: String, by: String, began: Timestamp, (from, to): (Date, Date), from_files: bool) -> Run {
    Run {
        name,
        by,
        began,
        ended: None,
        from,
        to,
        phase: Phase::Receiving,
        because: None,
        from_files,
        at_once: false,
        missing: None,
        here: List::default(),
        there: None,
        compared: 0,
        found: 0,
        counts: Counts::default(),
        sending: None,
        sent: Vec::new(),
    }
}

/// Lists that are received in one act are whole or nothing: nobody else adds to them, or compares half of them.
fn not_at_once(view: &RunView) -> Result<(), Fault> {
    match view.run.at_once && view.run.phase == Phase::Receiving {
        true => Err(refused(FaultCode::WrongState, format!("the lists of run {} are being received", view.id))),
        false => Ok(()),
    }
}

fn in_phase(view: &RunView, wanted: Phase) -> Result<(), Fault> {
    match view.run.phase == wanted {
        true => Ok(()),
        false => {
            let detail = format!("run {} is {}, not {}", view.id, view.run.phase.as_str(), wanted.as_str());
            Err(refused(FaultCode::WrongState, detail))
        }
    }
}

/// Rows in pieces that a memo can hold. What is sent of the other side's list is nothing, so its messages are not kept.
fn pieces(rows: Vec<Row>, side: Side) -> Result<Vec<Rows>, Fault> {
    let mut pieces: Vec<Rows> = Vec::new();
    let (mut piece, mut bytes) = (Rows::default(), 0);
    for mut row in rows {
        if side == Side::There {
            row.body = None;
        }
        let size = serde_json::to_vec(&row).map_or(0, |text| text.len());
        if size > lienthong_journal::desk::MEMO_BYTES / 2 {
            let detail = format!("line {} is too long to be compared", row.line);
            return Err(refused(FaultCode::BodyTooLarge, detail));
        }
        if !piece.rows.is_empty() && (piece.rows.len() >= CHUNK_ROWS || bytes + size > CHUNK_BYTES) {
            pieces.push(std::mem::take(&mut piece));
            bytes = 0;
        }
        bytes += size;
        piece.rows.push(row);
    }
    if !piece.rows.is_empty() {
        pieces.push(piece);
    }
    Ok(pieces)
}
