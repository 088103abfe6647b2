//! One call into an adapter: bounded in time, panics caught, traced, and told to the gate. It retries nothing.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use lienthong_core::{
    Adapter, AttemptContext, Body, CallContext, DeliveryId, ExchangeMeta, Fault, FaultKind, Lookup, OperationName, text,
};
use lienthong_journal::Head;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tracing::Instrument;

use super::follow::{self, FollowUps};
use super::line::{Finished, Letter, Line, Outcome, Slot};

/// An adapter keeps its timeout itself; one that does not is cut off this much later.
const GRACE: Duration = Duration::from_millis(500);
const PANIC_CHARS: usize = 300;

/// A head on its way with all it holds.
pub(super) struct Flight {
    pub(super) head: Box<Head>,
    pub(super) slot: Slot,
    pub(super) token: TaskTrackerToken,
}

/// The attempt's own reference: what becomes the system's message id.
pub(super) fn reference(delivery: DeliveryId, attempt: u32) -> String {
    format!("{delivery}.{attempt}")
}

/// What an adapter is told of an attempt of this exchange.
pub(super) fn context(
    line: &Line,
    meta: &ExchangeMeta,
    delivery: DeliveryId,
    attempt: u32,
    timeout: Duration,
) -> CallContext {
    let mut cx = CallContext::new(reference(delivery, attempt), timeout, Arc::clone(&line.core.clock));
    cx.delivery = Some(delivery);
    cx.key = Some(meta.key.clone());
    cx.purpose.clone_from(&meta.purpose);
    cx.on_behalf_of.clone_from(&meta.on_behalf_of);
    cx.trace.clone_from(&meta.trace);
    cx
}

/// Sends one delivery's attempt, whose intent is on disk, and tells the system's task how it ended.
pub(super) async fn send(line: Arc<Line>, adapter: Arc<dyn Adapter>, cx: CallContext, flight: Flight, body: Body) {
    let began = line.core.clock.monotonic();
    let operation = flight.head.delivery.operation.clone();
    let Called { result, sent, drill } = call(&line, &*adapter, &cx, &operation, &body).await;
    let (outcome, follow) = followed(&line, &flight.head, &body, result, sent).await;
    drop(body);
    finish(line, flight, (outcome, drill), follow, began).await;
}

/// The outcome with all that follows from it.
async fn followed(
    line: &Line,
    head: &Head,
    body: &Body,
    result: Result<Body, Fault>,
    sent: bool,
) -> (Outcome, FollowUps) {
    let followed = match &result {
        Ok(answer) => follow::after(&line.core, head, body, answer).await,
        Err(fault) => match follow::without(&line.core, head, fault).await {
            Ok(Some(follow)) => return (Outcome::Without(fault.clone()), follow),
            Ok(None) => Ok(FollowUps::default()),
            Err(ours) => Err(ours),
        },
    };
    match followed {
        Ok(follow) => (Outcome::Called { result, sent }, follow),
        Err(ours) => (Outcome::Called { result: Err(ours), sent }, FollowUps::default()),
    }
}

/// Asks whether an earlier attempt happened.
pub(super) async fn look_up(
    line: Arc<Line>,
    adapter: Arc<dyn Adapter>,
    cx: CallContext,
    flight: Flight,
    earlier: AttemptContext,
) {
    let began = line.core.clock.monotonic();
    let operation = flight.head.delivery.operation.clone();
    let span = tracing::info_span!("lookup", system = %line.id, reference = %cx.reference);
    crate::trace::join(&span, cx.trace.as_ref());
    let (found, drill) = match line.core.drills.instead_of(&line.id, &cx) {
        Some((fault, _)) => (Err(fault), true),
        None => (guarded(&cx, adapter.lookup(&cx, &operation, &earlier)).instrument(span).await, false),
    };
    let follow = match &found {
        Ok(Lookup::Done(answer)) => follow::after(&line.core, &flight.head, &earlier.sent, answer).await,
        Ok(Lookup::NotDone | Lookup::Unknown) | Err(_) => Ok(FollowUps::default()),
    };
    let (found, follow) = match follow {
        Ok(follow) => (found, follow),
        Err(ours) => (Err(ours), FollowUps::default()),
    };
    finish(line, flight, (Outcome::LookedUp(found), drill), follow, began).await;
}

/// How a call into an adapter ended.
pub(super) struct Called {
    pub(super) result: Result<Body, Fault>,
    /// A byte may have left.
    pub(super) sent: bool,
    /// It was a fire drill: nothing left, whatever `sent` says.
    pub(super) drill: bool,
}

/// Exactly one attempt, or what a fire drill makes of it.
pub(super) async fn call(
    line: &Line,
    adapter: &dyn Adapter,
    cx: &CallContext,
    operation: &OperationName,
    body: &Body,
) -> Called {
    if let Some((fault, sent)) = line.core.drills.instead_of(&line.id, cx) {
        return Called { result: Err(fault), sent, drill: true };
    }
    let trace_id = cx.trace.as_ref().and_then(|trace| trace.trace_id()).unwrap_or_default();
    let span = tracing::info_span!(
        "attempt",
        system = %line.id,
        operation = %operation,
        reference = %cx.reference,
        trace_id = %trace_id,
    );
    crate::trace::join(&span, cx.trace.as_ref());
    let result = guarded(cx, adapter.call(cx, operation, body)).instrument(span).await;
    Called { result, sent: cx.was_sent(), drill: false }
}

/// Tries the system harmlessly.
pub(super) async fn probe(
    line: Arc<Line>,
    adapter: Arc<dyn Adapter>,
    timeout: Duration,
    slot: Slot,
) -> Result<(), Fault> {
    let cx = CallContext::new("probe", timeout, Arc::clone(&line.core.clock));
    let span = tracing::info_span!("probe", system = %line.id);
    let result = guarded(&cx, adapter.probe(&cx)).instrument(span).await;
    slot.finish(result.as_ref().err());
    line.poke.notify_one();
    result
}

async fn finish(
    line: Arc<Line>,
    flight: Flight,
    (outcome, drill): (Outcome, bool),
    follow: FollowUps,
    began: Duration,
) {
    let Flight { head, slot, token } = flight;
    let fault = match &outcome {
        Outcome::Called { result, .. } => result.as_ref().err(),
        Outcome::LookedUp(found) => found.as_ref().err(),
        Outcome::Without(_)
        | Outcome::Passed
        | Outcome::Early(_)
        | Outcome::Unfit(_)
        | Outcome::Expired
        | Outcome::Lost => None,
    };
    let verdict = if drill { slot.drilled() } else { slot.finish(fault) };
    let took = line.core.clock.monotonic().saturating_sub(began);
    line.tell(Letter::Finished(Box::new(Finished { head, outcome, verdict, took, token, follow, drill }))).await;
}

async fn guarded<T>(cx: &CallContext, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let caught = AssertUnwindSafe(work).catch_unwind();
    match tokio::time::timeout(cx.timeout.saturating_add(GRACE), caught).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(panicked("the adapter", &*panic)),
        Err(_elapsed) if cx.was_sent() => Err(Fault::of(FaultKind::Timeout, "no answer within the timeout")),
        Err(_elapsed) => Err(Fault::of(FaultKind::Unreachable, "nothing could be sent within the timeout")),
    }
}

/// The defect of whoever panicked.
pub(super) fn panicked(who: &str, panic: &(dyn Any + Send)) -> Fault {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let words = text::excerpt(words.unwrap_or("without words"), PANIC_CHARS);
    tracing::error!(who, %words, "a panic was caught");
    Fault::of(FaultKind::Internal, format!("{who} panicked: {words}"))
}
