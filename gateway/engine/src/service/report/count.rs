//! Follows the event log and counts each day while it lasts; counts and place are one commit, so that nothing is counted twice or missed. It reads contents for unit and procedure only.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use lienthong_core::exchange::AuthenticatedBy;
use lienthong_core::{
    BusinessKey, DeliveryId, Effect, ExchangeId, ExchangeMeta, Fault, OperationName, StateName, SystemId, Timestamp,
};
use lienthong_journal::{Actor, Command, EventKind, EventRecord, MemoChange, MemoName, Promise};
use serde_json::Value;

use super::super::Service;
use super::super::case::clockwork;
use super::super::fault::{defect, of_journal, of_refusal};
use crate::reconcile::Fields;
use crate::reconcile::spec::local_day;
use crate::report::{Counts, Day, Happened, Subject, Timeliness, timeliness};

/// The memos of days, `<day>/<system>`.
pub(super) const DAYS: &str = "report";
/// Parked deliveries that are not repaired yet, by id: since when.
const PARKED: &str = "report-parked";
/// Where the counting stands in the event log.
const CURSOR: &str = "reports";
/// Events looked at in one step.
const PAGE: usize = 1_000;
/// The place is kept at least once in so many events.
const CURSOR_EVERY: u64 = 10_000;
/// Exchanges whose subject is remembered.
const REMEMBERED: usize = 2_000;
/// Days and systems held in memory.
const HELD: usize = 64;

type Name = (Date, SystemId);

/// Where the counting stands, with the days at hand.
pub(crate) struct Counting {
    /// The last event looked at, and the last one kept as such.
    at: u64,
    kept: u64,
    days: BTreeMap<Name, Held>,
    /// What changed of parked deliveries since the last commit: since when, or no more.
    parked: HashMap<DeliveryId, Option<Timestamp>>,
    subjects: HashMap<ExchangeId, Known>,
}

struct Held {
    day: Day,
    version: u32,
    changed: bool,
}

#[derive(Clone)]
struct Known {
    subject: Subject,
    /// What was promised to whom, and when it was.
    promise: Option<(BusinessKey, Promise)>,
    /// Asked by the gateway itself, for a comparison: nothing was reused.
    own_question: bool,
}

impl Service {
    /// From where the last process stopped; the first ever begins with the oldest event that is kept.
    pub(crate) async fn counting(&self) -> Result<Counting, Fault> {
        let cursor = self.journal.cursor(CURSOR).await.map_err(of_journal)?;
        let at = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        Ok(Counting { at, kept: at, days: BTreeMap::new(), parked: HashMap::new(), subjects: HashMap::new() })
    }

    /// Counts the next events and keeps what was counted. Answers whether there may be more. After an error a new [`Counting`] begins where
    /// the last commit stands.
    pub(crate) async fn count_on(&self, counting: &mut Counting) -> Result<bool, Fault> {
        let events = self.journal.events(counting.at, PAGE).await.map_err(of_journal)?;
        let more = events.len() >= PAGE;
        for event in &events {
            self.count(counting, event).await?;
            counting.at = event.seq;
        }
        self.keep_counted(counting).await?;
        Ok(more)
    }

    async fn count(&self, counting: &mut Counting, event: &EventRecord) -> Result<(), Fault> {
        let (Some(id), Some(system), Some(operation)) = (event.delivery, &event.system, &event.operation) else {
            return Ok(());
        };
        if !self.is_external(system) {
            return Ok(());
        }
        let ended = match event.kind {
            EventKind::Delivered => Some(StateName::Delivered),
            EventKind::Discarded => Some(StateName::Discarded),
            EventKind::Cancelled | EventKind::Superseded => Some(StateName::Superseded),
            EventKind::Parked => None,
            EventKind::Accepted
            | EventKind::Admitted
            | EventKind::Waiting
            | EventKind::Verifying
            | EventKind::Released
            | EventKind::InboxLeased
            | EventKind::GateChanged
            | EventKind::SystemSet
            | EventKind::ConfigurationLoaded
            | EventKind::Recognised
            | EventKind::Amended
            | EventKind::MemoChanged => return Ok(()),
        };
        let since = self.parked_since(counting, id).await?;
        let known = self.known(counting, id.exchange).await?;
        let name = (local_day(event.at), system.clone());
        let mut happened = Vec::new();
        match (ended, since) {
            (None, Some(_)) => {}
            (None, None) => {
                counting.parked.insert(id, Some(event.at));
                happened.push(Happened::Failed);
            }
            (Some(_), Some(since)) => {
                counting.parked.insert(id, None);
                let took = event.at.duration_since(since);
                happened.push(Happened::Repaired(took.try_into().unwrap_or_default()));
            }
            (Some(_), None) => {}
        }
        match ended {
            Some(StateName::Delivered) if self.is_read(operation) => {
                if !known.own_question {
                    happened.push(Happened::Reused);
                }
            }
            Some(StateName::Delivered) => happened.push(Happened::Delivered(self.timeliness(&known, event.at).await?)),
            Some(StateName::Discarded) => happened.push(Happened::GivenUp),
            Some(
                StateName::Queued
                | StateName::Waiting
                | StateName::InFlight
                | StateName::Verifying
                | StateName::Parked
                | StateName::Cancelled
                | StateName::Superseded,
            )
            | None => {}
        }
        if happened.is_empty() {
            return Ok(());
        }
        let held = self.held(counting, &name).await?;
        happened.into_iter().for_each(|one| held.day.count(known.subject.clone(), one));
        held.changed = true;
        Ok(())
    }

    /// A system outside; not the gateway's own, nor what clients are told by.
    fn is_external(&self, system: &SystemId) -> bool {
        self.config.load().adapters.contains_key(system)
            && !crate::internal::is_internal(system)
            && !system.is_inbox()
            && !crate::queue::is_queue(system)
            && !crate::callback::is_callback(system)
    }

    fn is_read(&self, operation: &OperationName) -> bool {
        self.config.load().catalogue.get(operation).is_some_and(|entry| match entry.spec.effect {
            Effect::Read => true,
            Effect::Upsert | Effect::Once => false,
        })
    }

    async fn parked_since(&self, counting: &Counting, id: DeliveryId) -> Result<Option<Timestamp>, Fault> {
        if let Some(known) = counting.parked.get(&id) {
            return Ok(*known);
        }
        let memo = self.journal.memo(&parked_name(id)).await.map_err(of_journal)?;
        Ok(memo.and_then(|memo| memo.text.parse().ok()))
    }

    async fn known(&self, counting: &mut Counting, id: ExchangeId) -> Result<Known, Fault> {
        if let Some(known) = counting.subjects.get(&id) {
            return Ok(known.clone());
        }
        let known = match self.journal.exchange(id).await.map_err(of_journal)? {
            Some(record) => {
                let body = match self.config.load().reports.0.contains_key(&record.meta.operation) {
                    true => self.journal.body(record.body).await.map_err(of_journal)?,
                    false => None,
                };
                self.told(&record.meta, body.and_then(|bytes| serde_json::from_slice(&bytes).ok()).as_ref())
            }
            // Retention was faster: it counts, and nobody knows for whom.
            None => Known { subject: Subject::default(), promise: None, own_question: false },
        };
        if counting.subjects.len() >= REMEMBERED {
            counting.subjects.clear();
        }
        counting.subjects.insert(id, known.clone());
        Ok(known)
    }

    fn told(&self, meta: &ExchangeMeta, body: Option<&Value>) -> Known {
        let fields = self.config.load().reports.0.get(&meta.operation).cloned().unwrap_or_default();
        let read = Fields { unit: fields.unit, procedure: fields.procedure, ..Fields::default() };
        let state = body.and_then(|body| read.state(body).ok()).unwrap_or_default();
        let acted_for = meta.on_behalf_of.as_ref().and_then(|acted| acted.unit.as_deref());
        let subject = Subject::new(state.unit.as_deref().or(acted_for), state.procedure.as_deref());
        let own = fields.due.as_deref().and_then(|at| body?.pointer(at)?.as_str()?.parse().ok());
        let own_question = meta.call
            && match meta.authenticated_by {
                AuthenticatedBy::Gateway => true,
                AuthenticatedBy::ApiKey
                | AuthenticatedBy::ClientCertificate
                | AuthenticatedBy::SystemSecret
                | AuthenticatedBy::Broker => false,
            };
        let promise = meta.due_at.or(own).map(|due| {
            let promise = Promise { due, received_at: meta.received_at, stood: Vec::new() };
            (meta.key.clone(), promise)
        });
        Known { subject, promise, own_question }
    }

    /// By the date promised, later by the time that stood still until `done` for somebody outside; an outage of ours or of the target's
    /// excuses nobody in a report.
    async fn timeliness(&self, known: &Known, done: Timestamp) -> Result<Timeliness, Fault> {
        let Some((key, promise)) = &known.promise else { return Ok(timeliness(None, done)) };
        let stood = self.journal.standstills(key).await.map_err(of_journal)?;
        let config = self.config.load();
        let promise = Promise { stood, ..promise.clone() };
        Ok(timeliness(Some(clockwork(&config, &[], done).judge(&promise).due), done))
    }

    async fn held<'c>(&self, counting: &'c mut Counting, name: &Name) -> Result<&'c mut Held, Fault> {
        if !counting.days.contains_key(name) {
            let id = day_name(name);
            let memo = self.journal.memo(&id).await.map_err(of_journal)?;
            let held = match memo {
                Some(memo) => Held { day: read(&memo.id, &memo.text)?, version: memo.version, changed: false },
                None => Held { day: Day::default(), version: 0, changed: false },
            };
            counting.days.insert(name.clone(), held);
        }
        counting.days.get_mut(name).ok_or_else(|| defect("a day was lost while it was counted"))
    }

    /// Days, parked deliveries and the place in the log, in one transaction.
    async fn keep_counted(&self, counting: &mut Counting) -> Result<(), Fault> {
        let changed = counting.days.values().any(|held| held.changed);
        if !changed && counting.parked.is_empty() && counting.at.saturating_sub(counting.kept) < CURSOR_EVERY {
            return Ok(());
        }
        let now = self.clock.now();
        let mut batch = Vec::new();
        for (name, held) in counting.days.iter().filter(|(_, held)| held.changed) {
            batch.push(memo(day_name(name), held.version, Some(written(&held.day)?), now));
        }
        for (id, since) in &counting.parked {
            let name = parked_name(*id);
            let version = self.journal.memo(&name).await.map_err(of_journal)?.map_or(0, |memo| memo.version);
            if version > 0 || since.is_some() {
                batch.push(memo(name, version, since.map(|since| since.to_string()), now));
            }
        }
        batch.push(Command::SetCursor { name: CURSOR.to_owned(), value: counting.at.to_string(), at: now });
        for result in self.commit(batch).await? {
            result.map_err(|refusal| of_refusal(&refusal))?;
        }
        for held in counting.days.values_mut().filter(|held| held.changed) {
            held.version = held.version.saturating_add(1);
            held.changed = false;
        }
        counting.parked.clear();
        counting.kept = counting.at;
        while counting.days.len() > HELD {
            counting.days.pop_first();
        }
        Ok(())
    }
}

fn memo(name: MemoName, version: u32, text: Option<String>, at: Timestamp) -> Command {
    Command::Memo(Box::new(MemoChange {
        name,
        version,
        text,
        at,
        actor: Actor::Gateway,
        verb: "counted".to_owned(),
        reason: None,
        remember: false,
    }))
}

fn day_name((day, system): &Name) -> MemoName {
    MemoName { kind: DAYS, id: format!("{day}/{system}") }
}

fn parked_name(id: DeliveryId) -> MemoName {
    MemoName { kind: PARKED, id: id.to_string() }
}

/// Day and system of a memo.
pub(super) fn named(id: &str) -> Result<(Date, &str), Fault> {
    let parts = id.split_once('/').and_then(|(day, system)| Some((day.parse().ok()?, system)));
    parts.ok_or_else(|| defect(format!("{id} is the name of no day")))
}

pub(super) fn read(id: &str, text: &str) -> Result<Day, Fault> {
    let cells: Vec<(Subject, Counts)> =
        serde_json::from_str(text).map_err(|error| defect(format!("the report of {id} cannot be read: {error}")))?;
    Ok(Day(cells.into_iter().collect()))
}

fn written(day: &Day) -> Result<String, Fault> {
    let cells: Vec<(&Subject, &Counts)> = day.0.iter().collect();
    serde_json::to_string(&cells).map_err(|error| defect(format!("a report cannot be written: {error}")))
}
