//! The task of one external system: takes letters, admits heads, records outcomes, reads from disk, sleeps until something is due. It awaits nothing else.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{BoxStream, FuturesUnordered, StreamExt};
use lienthong_core::{Class, DeliveryId, OperationName, Timestamp};
use lienthong_journal::{Actor, Command, DiskState, EventKind, Head};
use tokio::sync::mpsc;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::bucket::Bucket;
use super::calendar;
use super::instruments::Instruments;
use super::line::{Letter, Line};
use super::reader::{Found, Reader};
use super::record::{Fate, Troubled};
use super::steps::{self, StepWatch};
use super::valve::{GateChange, Now};
use super::window::Window;
use crate::config::Configuration;
use crate::desk::window::Open;

mod admit;
mod ending;
mod tally;

/// Letters read at once.
const MOST_LETTERS: usize = 512;
/// It looks around this often even when nothing happens.
const IDLE: Duration = Duration::from_secs(10);
/// The same where a calendar or a full disk may change things.
const WATCHFUL: Duration = Duration::from_secs(1);
/// What is due now and cannot be done now is no reason to spin.
const SHORTEST: Duration = Duration::from_millis(1);
/// Heads whose `expires_at` passed while the system was blocked are looked for this often.
const SWEEP_EVERY: Duration = Duration::from_secs(30);

/// The task's own state; what others need is in the [`Line`].
pub(super) struct System {
    line: Arc<Line>,
    inbox: mpsc::Receiver<Letter>,
    config: Arc<Configuration>,
    window: Window,
    reader: Reader,
    works: FuturesUnordered<BoxFuture<'static, Work>>,
    outcomes: Vec<Pending>,
    recordings: usize,
    launches: usize,
    troubled_recordings: Troubled,
    troubled_launches: Troubled,
    steps: StepWatch,
    /// Until then (monotonic) no lookup: the clock stepped ahead, perhaps while no process ran, and settle times may not be over.
    lookups_from: Duration,
    bulk_rate: Option<Bucket>,
    bulk_open: bool,
    maintenance: Option<Open>,
    calendar_at: Option<Duration>,
    /// How often in a row a delivery was refused by a system that serves others.
    refused: HashMap<DeliveryId, u32>,
    /// Heads a closed gate was tried with since it was last open: it is tried with others, then with a probe, before them.
    tried: HashSet<DeliveryId>,
    swept: Duration,
    instruments: Instruments,
}

/// Something of the task's own that ended.
enum Work {
    /// Outcomes that are decided, and those of the same batch that are not yet.
    Recorded(Option<Vec<(Option<Subject>, Fate)>>, Fates),
    Read(Found),
}

/// The fates of one batch of outcomes, as they are decided.
type Fates = BoxStream<'static, Vec<(Option<Subject>, Fate)>>;

/// A command on its way to the journal, and whose outcome it is.
struct Pending {
    command: Command,
    subject: Option<Subject>,
}

/// A delivery whose outcome is being recorded.
struct Subject {
    head: Box<Head>,
    /// When it must be looked at again, if it waits.
    until: Option<Timestamp>,
    /// Not to be sent before this (monotonic), though it is ready.
    cool: Option<Duration>,
    /// It needs the system no more.
    leaves: bool,
    /// The read operation whose answer was used again.
    reuse: Option<OperationName>,
    /// Held until the outcome is on disk.
    _token: TaskTrackerToken,
}

impl System {
    pub(super) fn new(line: Arc<Line>, inbox: mpsc::Receiver<Letter>) -> Self {
        let now = line.core.now();
        let config = line.core.config.load_full();
        let instruments = Instruments::new(&line.id);
        let lookups_from = now.mono.saturating_add(steps::longest_settle(&config, &line));
        let mut system = Self {
            line,
            inbox,
            config,
            window: Window::new(),
            reader: Reader::default(),
            works: FuturesUnordered::new(),
            outcomes: Vec::new(),
            recordings: 0,
            launches: 0,
            troubled_recordings: Troubled::default(),
            troubled_launches: Troubled::default(),
            steps: StepWatch::new(now),
            lookups_from,
            bulk_rate: None,
            bulk_open: true,
            maintenance: None,
            calendar_at: None,
            refused: HashMap::new(),
            tried: HashSet::new(),
            swept: now.mono,
            instruments,
        };
        system.retune(now);
        system
    }

    /// Runs until the process ends.
    pub(super) async fn run(mut self) {
        let mut letters = Vec::with_capacity(MOST_LETTERS);
        loop {
            let rest = self.turn();
            let line = Arc::clone(&self.line);
            tokio::select! {
                read = self.inbox.recv_many(&mut letters, MOST_LETTERS) => {
                    if read == 0 {
                        return;
                    }
                }
                Some(work) = self.works.next() => self.worked(work),
                () = line.poke.notified() => {}
                () = tokio::time::sleep(rest) => {}
            }
            while let Some(Some(work)) = self.works.next().now_or_never() {
                self.worked(work);
            }
            let now = self.line.core.now();
            for letter in letters.drain(..) {
                self.read_letter(letter, now);
            }
        }
    }

    /// Everything that can be done now; answers how long nothing more can.
    fn turn(&mut self) -> Duration {
        let now = self.line.core.now();
        self.notice(now);
        self.window.thaw(now.mono);
        self.sweep(now);
        self.admit(now);
        self.note_changes();
        self.record();
        self.read(now);
        self.show();
        self.rest(now)
    }

    fn read_letter(&mut self, letter: Letter, now: Now) {
        match letter {
            Letter::Offered(heads) => heads.into_iter().for_each(|head| self.window.insert(Box::new(head))),
            Letter::Finished(finished) => self.finished(*finished, now),
            Letter::Launched => self.launches = self.launches.saturating_sub(1),
            Letter::Later(head) => {
                self.window.landed(&head);
                self.window.cool(head, now.mono + WATCHFUL);
            }
            Letter::Gone(head) => {
                self.window.landed(&head);
                self.window.more_on_disk(head.delivery.class, &head.delivery.client);
            }
            Letter::Backlog(counts) => self.compare_backlog(counts),
        }
    }

    /// What changed around it: configuration, calendar, clock, and what others say of the disk.
    fn notice(&mut self, now: Now) {
        if !std::ptr::eq(Arc::as_ptr(&self.config), Arc::as_ptr(&self.line.core.config.load())) {
            self.config = self.line.core.config.load_full();
            self.retune(now);
        }
        if let Some(off) = self.steps.check(now) {
            self.clock_stepped(off, now);
        }
        if self.line.look.swap(false, Ordering::AcqRel) {
            self.reader.look();
        }
        if self.line.timers.swap(false, Ordering::AcqRel) {
            self.reader.timers_changed();
        }
        let known = self.calendar_at.is_some_and(|at| now.mono.saturating_sub(at) < WATCHFUL);
        if !known {
            self.read_calendar(now);
        }
    }

    fn read_calendar(&mut self, now: Now) {
        self.calendar_at = Some(now.mono);
        let Some(policy) = self.config.systems.get(&self.line.id) else { return };
        self.bulk_open = calendar::bulk_may_go(&policy.bulk, now.wall);
        self.maintenance = self.line.window_open(policy);
        self.line.valve.lock().set_maintenance(self.maintenance.clone(), now);
    }

    fn clock_stepped(&mut self, off: lienthong_core::SignedDuration, now: Now) {
        tracing::warn!(system = %self.line.id, %off, "the wall clock stepped");
        self.calendar_at = None;
        self.reader.stepped();
        self.reader.look();
        if off.is_negative() {
            tokio::spawn(steps::clamp_timers(Arc::clone(&self.line)));
        } else {
            self.lookups_from = now.mono + steps::longest_settle(&self.config, &self.line);
        }
    }

    /// Takes over the running configuration. A system that is not in it sends nothing and keeps nothing in memory.
    fn retune(&mut self, now: Now) {
        self.calendar_at = None;
        let config = Arc::clone(&self.config);
        let Some(policy) = config.systems.get(&self.line.id) else {
            self.window.clear();
            return;
        };
        let weights = config.clients.iter().map(|(client, policy)| (client.clone(), policy.weight.get())).collect();
        self.window.retune(policy.window, weights);
        self.line.valve.lock().retune(policy, now);
        self.bulk_rate = policy.bulk.per_hour.map(|per_hour| {
            let per_second = f64::from(per_hour.get()) / 3600.0;
            match &self.bulk_rate {
                Some(bucket) => bucket.retuned(per_second, per_second, now.mono),
                None => Bucket::new(per_second, per_second, now.mono),
            }
        });
        self.reader.look();
    }

    fn read(&mut self, now: Now) {
        if !self.config.systems.contains_key(&self.line.id) {
            return;
        }
        if let Some(look) = self.reader.next(&mut self.window, now) {
            let read = Reader::read(&self.line, look, &mut self.window, now);
            self.works.push(read.map(Work::Read).boxed());
        }
    }

    fn worked(&mut self, work: Work) {
        let now = self.line.core.now();
        match work {
            Work::Read(found) => self.reader.found(found, &mut self.window, now),
            Work::Recorded(None, _) => self.recordings = self.recordings.saturating_sub(1),
            Work::Recorded(Some(fates), rest) => {
                for (subject, fate) in fates {
                    self.recorded(subject, fate);
                }
                self.works.push(ending::next_recorded(rest).boxed());
            }
        }
    }

    /// Changes of the gate, into the log and the journal.
    fn note_changes(&mut self) {
        let changes = self.line.valve.lock().take_changes();
        for GateChange { at, to, reason } in changes {
            let why = reason.as_deref().unwrap_or_default();
            tracing::info!(system = %self.line.id, state = to.as_str(), reason = why, "gate changed");
            let text = match &reason {
                Some(reason) => format!("{}: {reason}", to.as_str()),
                None => to.as_str().to_owned(),
            };
            let system = Some(self.line.id.clone());
            let command = Command::Note { at, kind: EventKind::GateChanged, system, actor: Actor::Gateway, text };
            self.outcomes.push(Pending { command, subject: None });
        }
    }

    /// How long nothing can happen by itself.
    fn rest(&mut self, now: Now) -> Duration {
        let Some(policy) = self.config.systems.get(&self.line.id) else { return IDLE };
        let kept = self.line.core.windows.load().contains_key(&self.line.id);
        let dated =
            !policy.maintenance.is_empty() || policy.bulk.window.is_some() || kept || self.maintenance.is_some();
        let full = self.line.core.journal.disk() == DiskState::Critical;
        let idle = if full || dated { WATCHFUL } else { IDLE };
        let valve = if self.may_send() { self.line.valve.lock().wait(now) } else { None };
        let thaw = self.window.next_thaw().map(|until| until.saturating_sub(now.mono));
        let bulk = self.bulk_rate.as_ref().filter(|_| self.bulk_open && self.window.len(Class::Bulk) > 0);
        let bulk = bulk.map(|rate| rate.wait(now.mono)).filter(|wait| !wait.is_zero());
        let waits = [valve, thaw, bulk, self.reader.wait(now)];
        waits.into_iter().flatten().min().unwrap_or(idle).clamp(SHORTEST, idle)
    }
}
