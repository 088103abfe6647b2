//! Synchronous calls: a bounded wait for admission, the intent on disk, one attempt, the answer; its record follows. Nothing is queued.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use lienthong_core::{
    Adapter, Body, ConfigVersion, DeliveryId, DeliveryState, ExchangeMeta, Fault, FaultCode, FaultKind, OperationName,
    RouteName, StateName, SystemId,
};
use lienthong_journal::{
    Acceptance, AttemptEnd, AttemptOutcome, AttemptStart, BodyId, BodyInput, Command, DeliveryRecord, DiskState, Head,
    JournalError, NewDelivery, Noted, Refusal, Transition,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::attempt::{self, Called, reference};
use super::gate::{Ticket, Verdict};
use super::line::{Core, Finished, Letter, Line, Outcome, Slot};
use super::outcome;
use super::record::{Fate, until_decided};
use super::valve::{Entry, User};
use super::{GateState, PlannedCall};
use crate::config::{Configuration, SystemPolicy};

/// A delivery's version when it is born.
const BORN: u32 = 1;
/// Its first attempt, and in all but one case its only one.
const FIRST: u32 = 1;

/// Admission, intent on disk, one attempt, outcome recorded. Ends on its own even when the caller goes away.
pub(super) async fn call(core: &Arc<Core>, call: PlannedCall) -> Result<Body, Fault> {
    let line = core.line(&call.system).ok_or_else(|| Line::unknown(&call.system))?;
    let config = core.config.load_full();
    let adapter = config.adapters.get(&call.system).ok_or_else(|| Line::unknown(&call.system))?;
    let policy = config.systems.get(&call.system).ok_or_else(|| Line::unknown(&call.system))?;
    may_call(&line)?;
    let token = core.work.token();
    let began = core.clock.monotonic();
    let timeout = call.timeout.map_or(policy.timeout, |asked| asked.min(policy.timeout));
    let slot = admitted(&line, timeout, policy).await?;
    let adapter = Arc::clone(adapter);
    let run = Run { line, adapter, config, until: began.saturating_add(timeout), slot, token };
    match tokio::spawn(run.run(call)).await {
        Ok(answer) => answer,
        Err(error) => Err(Fault::of(FaultKind::Internal, format!("the call's task ended early: {error}"))),
    }
}

fn may_call(line: &Line) -> Result<(), Fault> {
    let refuse = |code: FaultCode, detail: &str| Err(Fault::new(code.kind(), code, detail));
    if line.core.is_draining() {
        return refuse(FaultCode::ShuttingDown, "the dispatcher drains");
    }
    if line.core.journal.disk() == DiskState::Critical {
        return refuse(FaultCode::DiskFull, "nothing is sent below the second watermark");
    }
    if line.clogged.load(Ordering::Acquire) {
        return refuse(FaultCode::JournalUnavailable, "outcomes wait for the journal");
    }
    Ok(())
}

async fn admitted(line: &Arc<Line>, at_most: Duration, policy: &SystemPolicy) -> Result<Slot, Fault> {
    let entry = line.valve.lock().admit_call(line.core.now());
    match entry {
        Entry::Granted(ticket) => Ok(Slot::new(line, User::Call, ticket)),
        Entry::Shut(state) => Err(shut(line, state)),
        Entry::Full => Err(overloaded("too many calls wait already", policy)),
        Entry::Wait(receiver) => {
            line.poke.notify_one();
            let mut waiting = Waiting { line, receiver };
            let granted = tokio::time::timeout(at_most, &mut waiting.receiver).await;
            match granted {
                Ok(Ok(ticket)) => Ok(Slot::new(line, User::Call, ticket)),
                Ok(Err(_sent_away)) => {
                    let state = line.valve.lock().state();
                    Err(shut(line, state))
                }
                Err(_elapsed) => Err(overloaded("no admission within the timeout", policy)),
            }
        }
    }
}

/// Gives back what was granted to a caller who no longer waits.
struct Waiting<'a> {
    line: &'a Arc<Line>,
    receiver: oneshot::Receiver<Ticket>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.receiver.close();
        if let Ok(ticket) = self.receiver.try_recv() {
            drop(Slot::new(self.line, User::Call, ticket));
        }
    }
}

fn shut(line: &Line, state: GateState) -> Fault {
    let view = line.valve.lock().view(line.core.now());
    let code = match state {
        GateState::Maintenance => FaultCode::Maintenance,
        GateState::Open | GateState::Probing | GateState::Closed | GateState::Paused => FaultCode::Unavailable,
    };
    let reason = view.reason.unwrap_or_default();
    let fault = Fault::new(FaultKind::Unavailable, code, format!("{} is {}: {reason}", line.id, state.as_str()));
    let wait = view.next_probe.map(|at| at.duration_since(line.core.clock.now()));
    match wait.and_then(|wait| Duration::try_from(wait).ok()) {
        Some(wait) => fault.with_retry_after(wait),
        None => fault,
    }
}

fn overloaded(detail: &str, policy: &SystemPolicy) -> Fault {
    Fault::new(FaultKind::Throttled, FaultCode::Overloaded, detail).with_retry_after(policy.gate.probe_first)
}

/// An admitted call.
struct Run {
    line: Arc<Line>,
    adapter: Arc<dyn Adapter>,
    config: Arc<Configuration>,
    /// When the caller stops waiting, monotonic.
    until: Duration,
    slot: Slot,
    token: TaskTrackerToken,
}

/// What became of an intent within the caller's time.
enum Intended {
    Written,
    Refused(Fault),
    /// Nobody knows yet; nothing is sent.
    Undecided(Deciding),
}

type Deciding = JoinHandle<Result<(), Fault>>;

/// What became of a second attempt's intent.
enum Second {
    Goes(Box<Head>, Slot),
    /// The first attempt's answer stands.
    None,
    /// So it does for the caller; the record is made when the intent is decided.
    Undecided(Deciding, Box<Head>),
}

/// What a second attempt needs of the first.
struct Again<'a> {
    line: &'a Arc<Line>,
    config: &'a Configuration,
    body: &'a Body,
}

/// How the call's latest attempt ended.
struct Tried {
    called: Called,
    verdict: Verdict,
    took: Duration,
}

impl Run {
    async fn run(self, call: PlannedCall) -> Result<Body, Fault> {
        let PlannedCall { meta, route, system, operation, received, body, noted, timeout: _ } = call;
        let id = DeliveryId { exchange: meta.id, index: 0 };
        let mut head = flying(meta.clone(), id, &system, &operation, &route, &received);
        let acceptance = acceptance(&self.line, meta, head.delivery.clone(), (received, noted), &body);
        let Self { line, adapter, config, until, slot, token } = self;
        match intend(&line, vec![Command::Accept(Box::new(acceptance))], BORN, until).await {
            Intended::Written => line.core.vitals.came_from(&head.exchange.client, line.core.clock.now()),
            Intended::Refused(fault) => return Err(fault),
            Intended::Undecided(deciding) => {
                tokio::spawn(withdraw(line, deciding, head, None, token));
                return Err(undecided());
            }
        }
        let mut tried = attempt(&line, &*adapter, &head, &body, slot, until).await;
        let again = Again { line: &line, config: &config, body: &body };
        if let Err(fault) = &tried.called.result
            && fault.kind == FaultKind::Unauthenticated
        {
            match after_login(&again, &head, fault, until).await {
                Second::Goes(next, slot) => {
                    tried = attempt(&line, &*adapter, &next, &body, slot, until).await;
                    head = next;
                }
                Second::None => {}
                Second::Undecided(deciding, next) => {
                    let stands = Some((head, fault.clone()));
                    tokio::spawn(withdraw(line, deciding, next, stands, token));
                    return tried.called.result;
                }
            }
        }
        let Tried { called: Called { result, sent, drill }, verdict, took } = tried;
        let answer = result.clone();
        let outcome = Outcome::Called { result, sent };
        let finished = Finished { drill, ..Finished::alone(head, outcome, verdict, took, token) };
        line.tell(Letter::Finished(Box::new(finished))).await;
        answer
    }
}

async fn attempt(
    line: &Arc<Line>,
    adapter: &dyn Adapter,
    head: &Head,
    body: &Body,
    slot: Slot,
    until: Duration,
) -> Tried {
    let began = line.core.clock.monotonic();
    let delivery = &head.delivery;
    let cx = attempt::context(line, &head.exchange, delivery.id, delivery.attempts, until.saturating_sub(began));
    let called = attempt::call(line, adapter, &cx, &delivery.operation, body).await;
    let verdict = if called.drill { slot.drilled() } else { slot.finish(called.result.as_ref().err()) };
    Tried { called, verdict, took: line.core.clock.monotonic().saturating_sub(began) }
}

/// A session that had expired is no answer for the caller: a second attempt, with a new login, its intent on disk like the first.
/// None when there is no room, no time, or no journal for it.
async fn after_login(run: &Again<'_>, head: &Head, refused: &Fault, until: Duration) -> Second {
    let Again { line, config, .. } = run;
    let Some(policy) = config.systems.get(&line.id) else { return Second::None };
    let left = until.saturating_sub(line.core.clock.monotonic());
    let Ok(slot) = admitted(line, left, policy).await else { return Second::None };
    let Some((moves, head)) = second_intent(run, head, refused) else { return Second::None };
    match intend(line, moves.into(), head.delivery.version, until).await {
        Intended::Written => Second::Goes(head, slot),
        Intended::Refused(_) => Second::None,
        Intended::Undecided(deciding) => Second::Undecided(deciding, head),
    }
}

/// The first attempt's end and the second's start, and the head as it then stands.
fn second_intent(run: &Again<'_>, head: &Head, refused: &Fault) -> Option<([Command; 2], Box<Head>)> {
    let Again { line, config, body } = run;
    let now = line.core.clock.now();
    let mut head = Box::new(head.clone());
    let version = head.delivery.version;
    let queued = outcome::refused_session(config, &head, refused, now).ok()?;
    let outcome = AttemptOutcome::Failed(refused.clone());
    let end = Some(AttemptEnd { attempt: head.delivery.attempts, at: now, outcome, answer: None });
    let first = Transition { end, ..outcome::transition(&head, queued.clone(), now) };
    outcome::apply(&mut head, queued, version.saturating_add(1));
    let going = outcome::admitted(config, &head, now).ok()?;
    let start = Some(start(line, head.delivery.id, going.attempts, body, &config.version));
    let second = Transition { start, ..outcome::transition(&head, going.clone(), now) };
    outcome::apply(&mut head, going, version.saturating_add(2));
    Some(([first, second].map(|transition| Command::Move(Box::new(transition))), head))
}

/// The intent, on disk before anything leaves: tried until it is decided, of which the caller sees no more than its time allows.
async fn intend(line: &Arc<Line>, batch: Vec<Command>, ours: u32, until: Duration) -> Intended {
    let left = until.saturating_sub(line.core.clock.monotonic());
    let mut deciding = tokio::spawn(decide(Arc::clone(line), batch, ours));
    match tokio::time::timeout(left, &mut deciding).await {
        Ok(Ok(Ok(()))) => Intended::Written,
        Ok(Ok(Err(fault))) => Intended::Refused(fault),
        Ok(Err(error)) => Intended::Refused(Fault::of(FaultKind::Internal, format!("an intent's task ended: {error}"))),
        Err(_elapsed) => Intended::Undecided(deciding),
    }
}

async fn decide(line: Arc<Line>, batch: Vec<Command>, ours: u32) -> Result<(), Fault> {
    let journal = &*line.core.journal;
    let (result, again) = match journal.commit(batch.clone()).await {
        Ok(mut results) => (results.pop(), false),
        Err(error @ (JournalError::Overloaded | JournalError::Closed)) => return Err(unavailable(&error)),
        Err(error) => {
            tracing::warn!(%error, "the intent of a call may not be on disk and is tried again");
            match until_decided(journal, batch, 1).await.pop() {
                Some(Fate::Known { result, again }) => (Some(result), again),
                Some(Fate::Unknown) | None => return Err(unavailable(&error)),
            }
        }
    };
    match result {
        Some(Ok(_written)) => Ok(()),
        // Written by an earlier try that nobody answered.
        Some(Err(Refusal::Stale { version, state: StateName::InFlight })) if again && version == ours => Ok(()),
        Some(Err(refusal)) => Err(refused(&refusal)),
        None => Err(Fault::of(FaultKind::Internal, "the journal gave no result for a call")),
    }
}

/// An intent that came too late is closed unsent once it is on disk; otherwise what stood before it is recorded.
async fn withdraw(
    line: Arc<Line>,
    deciding: Deciding,
    head: Box<Head>,
    stands: Option<(Box<Head>, Fault)>,
    token: TaskTrackerToken,
) {
    let written = matches!(deciding.await, Ok(Ok(())));
    let Some((head, fault)) = (if written { Some((head, undecided())) } else { stands }) else { return };
    let outcome = Outcome::Called { result: Err(fault), sent: false };
    let verdict = Verdict { spends: false, open: true };
    line.tell(Letter::Finished(Box::new(Finished::alone(head, outcome, verdict, Duration::ZERO, token)))).await;
}

fn undecided() -> Fault {
    let code = FaultCode::JournalUnavailable;
    Fault::new(code.kind(), code, "its intent was not on disk in time; nothing was sent")
}

fn refused(refusal: &Refusal) -> Fault {
    let code = match refusal {
        Refusal::DiskFull => FaultCode::DiskFull,
        Refusal::AliasTaken { .. } => FaultCode::AliasTaken,
        Refusal::IdempotencyConflict(_)
        | Refusal::Stale { .. }
        | Refusal::NoSuchDelivery
        | Refusal::ChildExists(_)
        | Refusal::MemoChanged { .. }
        | Refusal::MemoTooLarge => FaultCode::Internal,
    };
    Fault::new(code.kind(), code, refusal.to_string())
}

fn unavailable(error: &JournalError) -> Fault {
    let code = match error {
        JournalError::Overloaded => FaultCode::Overloaded,
        JournalError::Closed => FaultCode::ShuttingDown,
        JournalError::Storage(_) | JournalError::Corrupt(_) | JournalError::BadCursor => FaultCode::JournalUnavailable,
    };
    Fault::new(code.kind(), code, error.to_string())
}

/// The call's one delivery as it stands once its intent is on disk.
fn flying(
    meta: ExchangeMeta,
    id: DeliveryId,
    system: &SystemId,
    operation: &OperationName,
    route: &RouteName,
    received: &Body,
) -> Box<Head> {
    let delivery = DeliveryRecord {
        id,
        system: system.clone(),
        operation: operation.clone(),
        route: route.clone(),
        client: meta.client.clone(),
        class: meta.class,
        lane: None,
        lane_seq: 0,
        on_parked: lienthong_core::delivery::OnParked::default(),
        version: BORN,
        state: DeliveryState::InFlight { attempt: FIRST },
        attempts: FIRST,
        spent: 0,
        unsettled: None,
        fault: None,
        fingerprint: None,
        body: None,
        amended: None,
        instead: None,
        updated_at: meta.received_at,
        is_head: false,
    };
    let (content_type, body_bytes) = (received.content_type, received.bytes.len() as u64);
    Box::new(Head { delivery, exchange: Arc::new(meta), body_id: BodyId(0), content_type, body_bytes, body: None })
}

fn acceptance(
    line: &Line,
    meta: ExchangeMeta,
    delivery: DeliveryRecord,
    (received, noted): (Body, Noted),
    sent: &Body,
) -> Acceptance {
    let delivery = NewDelivery {
        system: delivery.system,
        operation: delivery.operation,
        route: delivery.route,
        client: delivery.client,
        lane: None,
        state: delivery.state,
        body: None,
        fault: None,
        attempt: Some(start(line, delivery.id, FIRST, sent, &meta.config)),
    };
    let body = BodyInput::New { content_type: received.content_type, bytes: received.bytes };
    Acceptance { exchange: meta, body, idempotency: None, deliveries: vec![delivery], noted, also: Vec::new() }
}

fn start(line: &Line, id: DeliveryId, attempt: u32, sent: &Body, config: &ConfigVersion) -> AttemptStart {
    AttemptStart {
        attempt,
        reference: reference(id, attempt),
        at: line.core.clock.now(),
        sent: BodyInput::New { content_type: sent.content_type, bytes: sent.bytes.clone() },
        config: config.clone(),
    }
}
