//! Watches flows: follows the event log with a cursor, keeps a timer delivery for each step that may become late, and settles it when the step happens. What a flow is, it asks the pure part.

mod history;
mod open;
mod timer;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{BusinessKey, Fault, Timestamp};
use lienthong_journal::{Command, Committed, EventKind, EventRecord, Head, Journal, JournalError};
use tokio::sync::broadcast::{self, error::RecvError};

use super::line::Core;
use crate::config::Configuration;
use crate::flow::On;

pub(crate) use history::{History, history};
pub(crate) use open::{OpenTimer, open_timers};
pub(crate) use timer::is_quiet;
use timer::{Judgement, Timer, judge};

/// Where the watcher stands in the event log.
const CURSOR: &str = "flows";
/// Events read at once while catching up.
const PAGE: usize = 1_000;
/// The cursor is written at least once in so many events.
const CURSOR_EVERY: u64 = 10_000;
/// A journal that fails is asked again after this.
const AGAIN: Duration = Duration::from_secs(1);

/// Follows the log until the journal is closed. What it does is the same when it is done again, so that an old cursor does no harm.
pub(super) async fn watch(mut events: broadcast::Receiver<Arc<[EventRecord]>>, core: Arc<Core>) {
    let mut watcher = Watcher { core, at: 0, written: 0 };
    watcher.until_done(Task::Begin).await;
    loop {
        let task = match events.recv().await {
            Ok(events) => Task::Look(events),
            Err(RecvError::Lagged(_)) => Task::CatchUp,
            Err(RecvError::Closed) => return,
        };
        watcher.until_done(task).await;
    }
}

/// The first start ever says where the watcher begins, before anything can be accepted: what comes from then on is not missed.
pub(super) async fn mark(core: &Core) -> Result<(), JournalError> {
    if core.journal.cursor(CURSOR).await?.is_none() {
        let (last, at) = (core.journal.last_event().await?, core.clock.now());
        core.journal.commit(vec![Command::SetCursor { name: CURSOR.to_owned(), value: last.to_string(), at }]).await?;
    }
    Ok(())
}

struct Watcher {
    core: Arc<Core>,
    /// The last event looked at.
    at: u64,
    /// The last one the cursor says.
    written: u64,
}

enum Task {
    Begin,
    CatchUp,
    Look(Arc<[EventRecord]>),
}

impl Watcher {
    async fn until_done(&mut self, task: Task) {
        loop {
            let done = match &task {
                Task::Begin => self.begin().await,
                Task::CatchUp => self.catch_up().await,
                Task::Look(events) => self.look(events).await,
            };
            match done {
                Ok(()) | Err(JournalError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "flows could not be looked after and are tried again");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// From where the last process stopped; the first ever begins with what happens from now on.
    async fn begin(&mut self) -> Result<(), JournalError> {
        let cursor = self.core.journal.cursor(CURSOR).await?.and_then(|cursor| cursor.parse().ok());
        match cursor {
            Some(at) => (self.at, self.written) = (at, at),
            None => {
                self.at = self.core.journal.last_event().await?;
                self.write(Vec::new()).await?;
            }
        }
        self.catch_up().await
    }

    async fn catch_up(&mut self) -> Result<(), JournalError> {
        loop {
            let events = self.core.journal.events(self.at, PAGE).await?;
            if events.is_empty() {
                return Ok(());
            }
            self.look(&events).await?;
        }
    }

    async fn look(&mut self, events: &[EventRecord]) -> Result<(), JournalError> {
        let Some(last) = events.last().map(|event| event.seq).filter(|last| *last > self.at) else { return Ok(()) };
        let config = self.core.config.load_full();
        if !config.flows.is_empty() {
            let new = events.iter().filter(|event| event.seq > self.at);
            let keys: HashSet<BusinessKey> = new.filter_map(|event| concerned(&config, event)).collect();
            let mut commands = Vec::new();
            for key in &keys {
                commands.extend(self.reconcile(&config, key).await?);
            }
            let stale = last.saturating_sub(self.written) >= CURSOR_EVERY;
            if !commands.is_empty() || stale {
                self.at = last;
                self.write(commands).await?;
            }
        }
        self.at = last;
        Ok(())
    }

    /// What a key's timers need: new ones for steps whose turn has come, others settled or set anew.
    async fn reconcile(&self, config: &Configuration, key: &BusinessKey) -> Result<Vec<Command>, JournalError> {
        let now = self.core.clock.now();
        let history = history(&*self.core.journal, config, key).await?;
        let mut commands = Vec::new();
        for (timer, delivery) in &history.timers {
            commands.extend(timer::settled(delivery, &judge(config, &history, timer, now), now));
        }
        for flow in config.flows.iter() {
            let standing = flow.standing(history.of(&flow.spec.name), now);
            for step in standing.iter().flat_map(|standing| &standing.steps) {
                if let Some((timer, due)) = Timer::of(&flow.spec, step) {
                    commands.extend(timer.kept(config, key, due, now).map(|kept| Command::Accept(Box::new(kept))));
                }
            }
        }
        Ok(commands)
    }

    /// Commits with the cursor, all or nothing of it; a refusal is a timer that moved meanwhile, and is judged anew when it does.
    async fn write(&mut self, mut commands: Vec<Command>) -> Result<(), JournalError> {
        let at = self.core.clock.now();
        commands.push(Command::SetCursor { name: CURSOR.to_owned(), value: self.at.to_string(), at });
        let results = self.core.journal.commit(commands).await?;
        self.written = self.at;
        let heads = results.into_iter().flatten().flat_map(|committed| match committed {
            Committed::Accepted { heads, .. } => heads,
            Committed::Moved { head, .. } => head.map(|head| *head).into_iter().collect(),
            Committed::Replayed { .. } | Committed::Leased(_) | Committed::Done => Vec::new(),
        });
        self.core.offer(heads.collect());
        Ok(())
    }
}

/// The key of an event that a flow looks at.
fn concerned(config: &Configuration, event: &EventRecord) -> Option<BusinessKey> {
    let on = match event.kind {
        EventKind::Accepted => On::Accepted,
        EventKind::Delivered => On::Delivered,
        EventKind::Admitted
        | EventKind::Waiting
        | EventKind::Verifying
        | EventKind::Parked
        | EventKind::Released
        | EventKind::Discarded
        | EventKind::Cancelled
        | EventKind::Superseded
        | EventKind::InboxLeased
        | EventKind::GateChanged
        | EventKind::SystemSet
        | EventKind::ConfigurationLoaded
        | EventKind::Recognised
        | EventKind::MemoChanged
        | EventKind::Amended => return None,
    };
    let operation = event.operation.as_ref()?;
    config.flows.look_at(operation, on).then(|| event.key.clone()).flatten()
}

/// What a timer whose time has come says.
pub(super) enum Rung {
    Late(Fault),
    /// Not yet.
    Until(Timestamp),
    /// Nothing is late: why.
    Over(&'static str),
}

/// Judges a timer delivery by where its flow stands now.
pub(super) async fn rung(
    journal: &dyn Journal,
    config: &Configuration,
    head: &Head,
    now: Timestamp,
) -> Result<Rung, JournalError> {
    let body = journal.body(head.body_id).await?;
    let Some(timer) = body.and_then(|body| Timer::read(&body)) else { return Ok(Rung::Over("it cannot be read")) };
    let key = &head.exchange.key;
    let history = history(journal, config, key).await?;
    Ok(match judge(config, &history, &timer, now) {
        Judgement::Late { due, who } => Rung::Late(timer.fault(key, due, &who)),
        Judgement::Until(at) => Rung::Until(at),
        Judgement::Over => Rung::Over("the step happened, or is not waited for any more"),
    })
}
