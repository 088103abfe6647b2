//! What the parts of the dispatcher share: the core, one line per external system, slots and letters between tasks. It makes no decisions.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use lienthong_core::{Body, Class, ClientId, Clock, Fault, FaultCode, FaultKind, Lookup, SystemId, Timestamp};
use lienthong_journal::{Head, Journal};
use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::drills::Drills;
use super::follow::FollowUps;
use super::gate::{Ticket, Verdict};
use super::settled::Registry;
use super::valve::{Now, User, Valve};
use super::window::INLINE_BYTES;
use crate::config::{Configuration, SystemPolicy};
use crate::desk::window::{self, Open};
use crate::service::Windows;
use crate::vitals::Vitals;

/// Letters a system's task may have unread; heads offered beyond are found on disk.
const LETTERS: usize = 4096;

/// What all systems share.
pub(super) struct Core {
    pub(super) journal: Arc<dyn Journal>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) config: Arc<ArcSwap<Configuration>>,
    pub(super) lines: ArcSwap<HashMap<SystemId, Arc<Line>>>,
    pub(super) settled: Arc<Registry>,
    /// Counts what is in flight or not yet recorded.
    pub(super) work: TaskTracker,
    pub(super) draining: AtomicBool,
    /// Systems an operator paused, with the reason; also such as are not configured now.
    pub(super) paused: Mutex<HashMap<SystemId, Option<String>>>,
    /// Operators' maintenance windows, as they are in force.
    pub(super) windows: ArcSwap<Windows>,
    /// What is measured on the way.
    pub(super) vitals: Arc<Vitals>,
    /// Systems that fail for a test key.
    pub(super) drills: Drills,
    /// A number in `0.0..1.0`, for jitter.
    pub(super) draw: fn() -> f64,
}

impl Core {
    pub(super) fn now(&self) -> Now {
        Now { wall: self.clock.now(), mono: self.clock.monotonic() }
    }

    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    pub(super) fn line(&self, system: &SystemId) -> Option<Arc<Line>> {
        self.lines.load().get(system).cloned()
    }

    /// Gives heads to their systems' tasks; what has no task here (inboxes) is nobody's to send.
    pub(super) fn offer(&self, heads: Vec<Head>) {
        let lines = self.lines.load();
        let mut heads = heads.into_iter().peekable();
        while let Some(first) = heads.next() {
            let Some(line) = lines.get(&first.delivery.system) else { continue };
            let mut together = vec![first];
            while let Some(next) = heads.next_if(|head| head.delivery.system == line.id) {
                together.push(next);
            }
            line.offer(together);
        }
    }
}

/// One external system, as callers and its own tasks see it.
pub(super) struct Line {
    pub(super) id: SystemId,
    pub(super) core: Arc<Core>,
    pub(super) valve: Mutex<Valve>,
    letters: mpsc::Sender<Letter>,
    /// Wakes the system's task without a letter.
    pub(super) poke: Notify,
    /// Heads may be on disk that nobody offered.
    pub(super) look: AtomicBool,
    /// Timers may be on disk that nobody told of.
    pub(super) timers: AtomicBool,
    /// Outcomes wait for a journal that does not take them: nothing new is sent.
    pub(super) clogged: AtomicBool,
}

/// What a system's task is told.
pub(super) enum Letter {
    Offered(Vec<Head>),
    Finished(Box<Finished>),
    /// A launch has sent or given back all it took.
    Launched,
    /// Given back: the journal could not be read just now.
    Later(Box<Head>),
    /// Not this version any more: the journal refused the intent.
    Gone(Box<Head>),
    /// How many open deliveries of a class each client has on disk.
    Backlog(Vec<(Class, ClientId, u64)>),
}

/// An attempt, a lookup or a refusal to send, ready to be recorded.
pub(super) struct Finished {
    pub(super) head: Box<Head>,
    pub(super) outcome: Outcome,
    pub(super) verdict: Verdict,
    pub(super) took: Duration,
    pub(super) token: TaskTrackerToken,
    /// Stored with the outcome.
    pub(super) follow: FollowUps,
    /// Nothing of it says anything about the system.
    pub(super) drill: bool,
}

impl Finished {
    /// Nothing follows from it.
    pub(super) fn alone(
        head: Box<Head>,
        outcome: Outcome,
        verdict: Verdict,
        took: Duration,
        token: TaskTrackerToken,
    ) -> Self {
        Self { head, outcome, verdict, took, token, follow: FollowUps::default(), drill: false }
    }
}

/// What came of a head that was taken up.
pub(super) enum Outcome {
    Called {
        result: Result<Body, Fault>,
        sent: bool,
    },
    LookedUp(Result<Lookup, Fault>),
    /// An explicit answer that there is nothing, which its route goes on without.
    Without(Fault),
    /// It needed no filling in, and goes on.
    Passed,
    /// It must wait for what comes first, until then.
    Early(Timestamp),
    /// It could not be made ready; nothing was sent.
    Unfit(Fault),
    /// Its time had passed.
    Expired,
    /// In flight when the process ended.
    Lost,
}

impl Line {
    pub(super) fn new(core: &Arc<Core>, id: SystemId, policy: &SystemPolicy) -> (Arc<Self>, mpsc::Receiver<Letter>) {
        let (letters, inbox) = mpsc::channel(LETTERS);
        let line = Self {
            id,
            valve: Mutex::new(Valve::new(policy, core.now())),
            core: Arc::clone(core),
            letters,
            poke: Notify::new(),
            look: AtomicBool::new(true),
            timers: AtomicBool::new(true),
            clogged: AtomicBool::new(false),
        };
        (Arc::new(line), inbox)
    }

    /// The maintenance window that is open now, if any is.
    pub(super) fn window_open(&self, policy: &SystemPolicy) -> Option<Open> {
        let windows = self.core.windows.load();
        let kept = windows.get(&self.id).map(Vec::as_slice).unwrap_or_default();
        window::open(&policy.maintenance, kept, self.core.clock.now())
    }

    pub(super) fn offer(&self, mut heads: Vec<Head>) {
        for head in &mut heads {
            // A large body would only wait in memory; it is read when it is sent.
            head.body.take_if(|body| body.len() > INLINE_BYTES);
        }
        if self.letters.try_send(Letter::Offered(heads)).is_err() {
            self.look_again();
        }
    }

    /// Heads changed on disk.
    pub(super) fn look_again(&self) {
        self.look.store(true, Ordering::Release);
        self.poke.notify_one();
    }

    pub(super) async fn tell(&self, letter: Letter) {
        if self.letters.send(letter).await.is_err() {
            tracing::debug!(system = %self.id, "the system's task has ended");
        }
    }

    /// Tells without waiting; false when there is no room.
    pub(super) fn hint(&self, letter: Letter) -> bool {
        self.letters.try_send(letter).is_ok()
    }

    pub(super) fn unknown(system: &SystemId) -> Fault {
        Fault::new(FaultKind::NotFound, FaultCode::NoSuchRecord, format!("no system {system} is configured"))
    }
}

/// Permission to use the system once; freed when dropped, whatever happens.
pub(super) struct Slot {
    line: Arc<Line>,
    user: User,
    ticket: Option<Ticket>,
}

impl Slot {
    pub(super) fn new(line: &Arc<Line>, user: User, ticket: Ticket) -> Self {
        Self { line: Arc::clone(line), user, ticket: Some(ticket) }
    }

    /// The attempt was a drill: its place is free, and the gate learns nothing from it.
    pub(super) fn drilled(self) -> Verdict {
        drop(self);
        Verdict { spends: true, open: true }
    }

    /// The attempt ended, with this fault or well.
    pub(super) fn finish(mut self, fault: Option<&Fault>) -> Verdict {
        let now = self.line.core.now();
        let draw = (self.line.core.draw)();
        match self.ticket.take() {
            Some(ticket) => self.line.valve.lock().finish(self.user, ticket, fault, now, draw),
            None => Verdict { spends: false, open: false },
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            let now = self.line.core.now();
            self.line.valve.lock().abandon(self.user, ticket, now);
            self.line.poke.notify_one();
        }
    }
}
