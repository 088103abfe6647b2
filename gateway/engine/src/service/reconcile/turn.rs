//! The comparing itself, one piece of the province's list after the other; each piece's result is on disk before the next begins. A restart repeats a piece at most.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};
use lienthong_core::delivery::ExchangeState;
use lienthong_core::{BusinessKey, Fault, Timestamp};
use lienthong_journal::{Actor, Command, ExchangeFilter, ExchangeRecord};
use serde_json::Value;

use super::super::fault::{of_journal, refused};
use super::super::{Service, query};
use super::kept;
use super::lookup::{Answered, Doing};
use super::view::{PLACES, RunView};
use crate::reconcile::compare::difference;
use crate::reconcile::judge::{Handed, Progress, why};
use crate::reconcile::read::Row;
use crate::reconcile::run::{FoundChunk, Rows};
use crate::reconcile::spec::{begins, local_day};
use crate::reconcile::tally::{Column, Place, Tally};
use crate::reconcile::{Found, Phase, Run, Side, Spec, State};

/// Exchanges of one page of the journal's own list.
const PAGE: usize = 500;
/// Keys read at once in the journal.
const READS_AT_ONCE: usize = 16;

/// What of the lists is held in memory while a run compares.
pub(crate) struct Comparing {
    spec: Arc<Spec>,
    /// The line that counts of each key of the province's list.
    lines: HashMap<BusinessKey, Line>,
    repeated: u64,
    conflicting: u64,
    /// The other side's list, where one was given.
    there: Option<HashMap<BusinessKey, State>>,
}

struct Line {
    number: u64,
    changed: Option<Timestamp>,
    state: State,
}

/// What a list says of its keys, one row a key.
#[derive(Default)]
struct Index {
    lines: HashMap<BusinessKey, Line>,
    repeated: u64,
    conflicting: u64,
}

impl Index {
    /// Of rows of one key the one that was changed last counts, else the last.
    fn take(&mut self, row: Row) {
        let Row { line, key, state, body: _ } = row;
        let Some(known) = self.lines.get_mut(&key) else {
            self.lines.insert(key, Line { number: line, changed: state.changed, state });
            return;
        };
        if known.state == state {
            self.repeated += 1;
            return;
        }
        self.conflicting += 1;
        if known.changed.zip(state.changed).is_none_or(|(known, new)| new >= known) {
            *known = Line { number: line, changed: state.changed, state };
        }
    }
}

impl Service {
    /// Reads the lists of a run that compares.
    pub(crate) async fn comparing(&self, view: &RunView) -> Result<Comparing, Fault> {
        let spec = self.spec(&view.run.name)?;
        let here = self.indexed(&view.id, &view.run, Side::Here).await?;
        let there = match view.run.there {
            Some(_) => {
                let index = self.indexed(&view.id, &view.run, Side::There).await?;
                Some(index.lines.into_iter().map(|(key, line)| (key, line.state)).collect())
            }
            None => None,
        };
        let Index { lines, repeated, conflicting } = here;
        Ok(Comparing { spec, lines, repeated, conflicting, there })
    }

    /// All pieces of a list: they are on disk until the run is done.
    async fn indexed(&self, id: &str, run: &Run, side: Side) -> Result<Index, Fault> {
        let mut index = Index::default();
        for number in 0..run.list(side).map_or(0, |list| list.chunks) {
            let piece = self.read_piece::<Rows>(&kept::rows_name(id, side, number)).await?;
            piece.into_iter().flat_map(|(piece, _)| piece.rows).for_each(|row| index.take(row));
        }
        Ok(index)
    }

    /// Compares the next piece, or what only the other side and the journal have, and keeps the result. Answers the run as it stands then.
    pub(crate) async fn compare_on(&self, comparing: &Comparing, mut view: RunView) -> Result<RunView, Fault> {
        let number = view.run.compared;
        view.run.counts.repeated = comparing.repeated;
        view.run.counts.conflicting = comparing.conflicting;
        let mut with = Vec::new();
        if number < view.run.here.chunks {
            let rows = self.read_piece::<Rows>(&kept::rows_name(&view.id, Side::Here, number)).await?;
            let Some(chunk) =
                self.piece_compared(comparing, &mut view, rows.map_or(Rows::default(), |(rows, _)| rows)).await?
            else {
                // Somebody stopped it meanwhile.
                return self.a_reconciliation(&view.id).await;
            };
            with.extend(self.as_found(&mut view, chunk)?);
            view.run.compared = number.saturating_add(1);
        } else {
            for chunk in self.only_elsewhere(comparing, &mut view).await? {
                with.extend(self.as_found(&mut view, chunk)?);
            }
            view.run.phase = Phase::Done;
            view.run.ended = Some(self.clock.now());
        }
        view.run.because = None;
        let over = view.run.phase.is_over();
        let view = self.keep_run(view, with, ("compared", &Actor::Gateway, None)).await?;
        if over {
            self.drop_rows(&view.id).await?;
        }
        Ok(view)
    }

    /// A run that cannot go on says why.
    pub async fn fail_run(&self, id: &str, fault: &Fault) -> Result<(), Fault> {
        let mut view = self.a_reconciliation(id).await?;
        let compared = view.run.phase.is_over();
        if compared {
            view.run.sending_over(self.clock.now());
        } else {
            view.run.phase = Phase::Failed;
            view.run.ended = Some(self.clock.now());
        }
        view.run.because = Some(fault.to_string());
        self.keep_run(view, Vec::new(), ("failed", &Actor::Gateway, None)).await?;
        if compared { Ok(()) } else { self.drop_rows(id).await }
    }

    fn as_found(&self, view: &mut RunView, mut chunk: FoundChunk) -> Result<Vec<Command>, Fault> {
        if chunk.found.is_empty() && chunk.cells.is_empty() {
            return Ok(Vec::new());
        }
        let number = view.run.found;
        for (place, found) in (number.saturating_mul(PLACES)..).zip(&mut chunk.found) {
            found.place = place;
            view.run.counts.count(&found.difference);
        }
        view.run.found = number.saturating_add(1);
        let name = kept::found_name(&view.id, number);
        Ok(vec![self.piece(&name, 0, Some(kept::written(&chunk)?))?])
    }

    /// `None`: it was stopped.
    async fn piece_compared(
        &self,
        comparing: &Comparing,
        view: &mut RunView,
        rows: Rows,
    ) -> Result<Option<FoundChunk>, Fault> {
        let Comparing { spec, lines, there, .. } = comparing;
        let (mut tally, mut found) = (Tally::default(), Vec::new());
        let counts = |row: &Row| lines.get(&row.key).is_some_and(|line| line.number == row.line);
        let (inside, outside): (Vec<Row>, Vec<Row>) =
            rows.rows.into_iter().filter(counts).partition(|row| view.run.covers(row.state.day));
        view.run.counts.outside += outside.len() as u64;
        let reads: Vec<_> = inside.iter().map(|row| self.handed(spec, &row.key, Some(&row.state))).collect();
        let handed: Vec<Option<(Handed, State)>> =
            futures::stream::iter(reads).buffered(READS_AT_ONCE).try_collect().await?;
        for (row, handed) in inside.into_iter().zip(handed) {
            let handed_state = handed.as_ref().map(|(_, state)| state.clone());
            let other = match (there, &spec.lookup) {
                (Some(list), _) => list.get(&row.key).cloned(),
                (None, Some(lookup)) => {
                    view.run.counts.asked += 1;
                    match self.look_up(spec, lookup, &row.key, (&view.id, Doing::Comparing)).await? {
                        None => return Ok(None),
                        Some(Answered::Has(state)) => Some(state),
                        Some(Answered::HasNot) => None,
                        Some(Answered::Nothing) => {
                            view.run.counts.unanswered += 1;
                            handed_state.clone()
                        }
                    }
                }
                (None, None) => handed_state.clone(),
            };
            view.run.counts.keys += 1;
            let handed = handed.map(|(handed, _)| handed);
            count(&mut tally, Some(&row.state), handed_state.as_ref(), other.as_ref());
            match difference(Some(&row.state), other.as_ref(), &spec.order) {
                None => view.run.counts.equal += 1,
                Some(difference) => {
                    tally.count(Place::of(&row.state, None), Column::Different);
                    found.push(Found {
                        place: 0,
                        key: row.key,
                        line: Some(row.line),
                        here: Some(row.state),
                        there: other,
                        why: why(&difference, handed.as_ref()),
                        difference,
                        handed,
                        body: row.body,
                        sent: None,
                    });
                }
            }
        }
        Ok(Some(FoundChunk { cells: tally.0.into_iter().collect(), found }))
    }

    /// The newest message of a key that was handed over, with what it says.
    pub(super) async fn handed(
        &self,
        spec: &Spec,
        key: &BusinessKey,
        here: Option<&State>,
    ) -> Result<Option<(Handed, State)>, Fault> {
        let key = self.journal.resolve(key).await.map_err(of_journal)?;
        let filter =
            ExchangeFilter { key: Some(key), operation: Some(spec.operation.clone()), ..ExchangeFilter::default() };
        let page = self.journal.exchanges(filter, None, 1).await.map_err(of_journal)?;
        match page.rows.into_iter().next() {
            None => Ok(None),
            Some(record) => self.as_handed(spec, &record, here).await.map(Some),
        }
    }

    async fn as_handed(
        &self,
        spec: &Spec,
        record: &ExchangeRecord,
        here: Option<&State>,
    ) -> Result<(Handed, State), Fault> {
        let body = self.journal.body(record.body).await.map_err(of_journal)?;
        let body = body.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        // A body that retention has removed, or that is none, tells nothing.
        let state = body.and_then(|body| spec.fields.state(&body).ok()).unwrap_or_default();
        let progress = match query::state(record) {
            ExchangeState::Delivered => Progress::Delivered,
            ExchangeState::InProgress => Progress::OnItsWay,
            ExchangeState::Attention => Progress::Parked,
            ExchangeState::Closed => Progress::Closed,
        };
        let same = here.is_none_or(|here| difference(Some(here), Some(&state), &spec.order).is_none());
        let handed = Handed { exchange: record.meta.id, progress, status: state.status.clone(), same };
        Ok((handed, state))
    }

    /// What the province's list does not have: of the other side's list, and of what was handed over in these days.
    async fn only_elsewhere(&self, comparing: &Comparing, view: &mut RunView) -> Result<Vec<FoundChunk>, Fault> {
        let Comparing { spec, lines, there, .. } = comparing;
        let mut seen: HashSet<BusinessKey> = lines.keys().cloned().collect();
        // The list may name a key by an alias of it.
        let reads: Vec<_> = lines.keys().map(|key| self.journal.resolve(key)).collect();
        let keys: Vec<BusinessKey> =
            futures::stream::iter(reads).buffered(READS_AT_ONCE).try_collect().await.map_err(of_journal)?;
        seen.extend(keys);
        let mut only: HashMap<BusinessKey, State> = HashMap::new();
        for (key, state) in there.iter().flatten() {
            if !seen.contains(key) && view.run.covers(state.day) {
                only.insert(key.clone(), state.clone());
            }
        }
        self.only_handed(spec, view, &seen, &mut only).await?;
        let mut keys: Vec<(BusinessKey, State)> = only.into_iter().collect();
        keys.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
        let mut chunks = Vec::new();
        for piece in keys.chunks(super::CHUNK_ROWS) {
            let (mut tally, mut found) = (Tally::default(), Vec::new());
            for (key, state) in piece {
                let handed = self.handed(spec, key, None).await?;
                let told = handed.as_ref().map(|(_, state)| state);
                view.run.counts.keys += 1;
                count(&mut tally, None, told, Some(state));
                let Some(difference) = difference(None, Some(state), &spec.order) else { continue };
                tally.count(Place::of(state, None), Column::Different);
                let handed = handed.map(|(handed, _)| handed);
                found.push(Found {
                    place: 0,
                    key: key.clone(),
                    line: None,
                    here: None,
                    there: Some(state.clone()),
                    why: why(&difference, handed.as_ref()),
                    difference,
                    handed,
                    body: None,
                    sent: None,
                });
            }
            chunks.push(FoundChunk { cells: tally.0.into_iter().collect(), found });
        }
        Ok(chunks)
    }

    /// Keys of the days that were handed over here and stand in neither list.
    async fn only_handed(
        &self,
        spec: &Spec,
        view: &RunView,
        seen: &HashSet<BusinessKey>,
        only: &mut HashMap<BusinessKey, State>,
    ) -> Result<(), Fault> {
        let after = view.run.to.tomorrow().map_or(Timestamp::MAX, begins);
        let filter = ExchangeFilter {
            operation: Some(spec.operation.clone()),
            from: Some(begins(view.run.from)),
            to: Some(after),
            ..ExchangeFilter::default()
        };
        let (mut cursor, mut looked) = (None, 0_u64);
        loop {
            let page = self.journal.exchanges(filter.clone(), cursor, PAGE).await.map_err(of_journal)?;
            for record in &page.rows {
                looked += 1;
                let key = &record.meta.key;
                if seen.contains(key) || only.contains_key(key) {
                    continue;
                }
                let (_, mut state) = self.as_handed(spec, record, None).await?;
                state.day = state.day.or_else(|| Some(local_day(record.meta.received_at)));
                if view.run.covers(state.day) {
                    only.insert(key.clone(), state);
                }
            }
            if looked > spec.most_rows {
                let detail = format!("more than {} messages were handed over in these days", spec.most_rows);
                return Err(refused(lienthong_core::FaultCode::BodyTooLarge, detail));
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }
}

fn count(tally: &mut Tally, here: Option<&State>, handed: Option<&State>, there: Option<&State>) {
    if let Some(here) = here {
        tally.count(Place::of(here, None), Column::Here);
    }
    if let Some(handed) = handed {
        tally.count(Place::of(handed, here.or(there)), Column::Handed);
    }
    if let Some(there) = there {
        tally.count(Place::of(there, here.or(handed)), Column::There);
    }
}
