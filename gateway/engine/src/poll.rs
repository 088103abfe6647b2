//! Runs the pollers: each when its schedule says so, one page after another, never two of one at once. It stores nothing itself.

mod due;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use lienthong_core::poller::{Page, PollRequest, Poller};
use lienthong_core::{CallContext, Fault, FaultKind, SystemId, Timestamp};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::dispatch::GateState;
use crate::service::Service;

/// How often schedules are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// The first wait after a failure; doubles up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// One poller as operators see it.
#[derive(Debug, Clone, PartialEq)]
pub struct PollView {
    pub system: SystemId,
    pub name: String,
    /// Asked at this moment.
    pub running: bool,
    pub last_success: Option<Timestamp>,
    /// Why the last time failed; `None` once it succeeded.
    pub fault: Option<Fault>,
    /// When it is asked next; `None` before it was first looked at.
    pub next_at: Option<Timestamp>,
    /// Messages stored since the start.
    pub messages: u64,
}

type Name = (SystemId, String);

/// How all pollers stand; shared with the use cases that show it.
#[derive(Default)]
pub(crate) struct Standings(Mutex<BTreeMap<Name, Standing>>);

#[derive(Debug, Clone, Default)]
struct Standing {
    running: bool,
    known: bool,
    last_success: Option<Timestamp>,
    fault: Option<Fault>,
    failures: u32,
    next_at: Option<Timestamp>,
    messages: u64,
}

impl Standings {
    pub(crate) fn of(&self, system: &SystemId) -> Vec<PollView> {
        let standings = self.0.lock();
        let views = standings.iter().filter(|((of, _), _)| of == system);
        views.map(|((_, name), standing)| standing.view(system, name)).collect()
    }

    fn with<T>(&self, name: &Name, change: impl FnOnce(&mut Standing) -> T) -> T {
        change(self.0.lock().entry(name.clone()).or_default())
    }

    /// Those that are configured no more are forgotten; one at work goes when it is done.
    fn keep(&self, names: &[Name]) {
        self.0.lock().retain(|name, standing| standing.running || names.contains(name));
    }
}

impl Standing {
    fn view(&self, system: &SystemId, name: &str) -> PollView {
        let Self { running, known: _, last_success, fault, failures: _, next_at, messages } = self.clone();
        PollView { system: system.clone(), name: name.to_owned(), running, last_success, fault, next_at, messages }
    }
}

/// Asks until `stopping`; what is at work then is finished. The journal's folder has one process, so each poller has one runner.
pub async fn run(service: Service, stopping: CancellationToken) {
    let work = TaskTracker::new();
    loop {
        look(&service, &work).await;
        tokio::select! {
            () = stopping.cancelled() => break,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    work.close();
    work.wait().await;
}

/// Begins what is due.
async fn look(service: &Service, work: &TaskTracker) {
    let config = service.configuration();
    let named = |poller: &Arc<dyn Poller>| (poller.system().clone(), poller.name().to_owned());
    service.polls().keep(&config.pollers.iter().map(named).collect::<Vec<_>>());
    for poller in &config.pollers {
        let name = named(poller);
        if !is_due(service, &**poller, &name).await || service.gate_of(poller.system()) != Some(GateState::Open) {
            continue;
        }
        service.polls().with(&name, |standing| standing.running = true);
        let (service, poller) = (service.clone(), Arc::clone(poller));
        work.spawn(async move {
            let outcome = AssertUnwindSafe(poll(&service, &*poller)).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|_| Err(Fault::of(FaultKind::Internal, "the poller panicked")));
            ended(&service, &*poller, &name, outcome);
        });
    }
}

async fn is_due(service: &Service, poller: &dyn Poller, name: &Name) -> bool {
    let standing = service.polls().with(name, |standing| standing.clone());
    if standing.running {
        return false;
    }
    let now = service.now();
    if !standing.known {
        let Ok(stand) = service.poll_stand(poller).await else { return false };
        let next_at = due::after(poller.schedule().when, stand.polled_at, now);
        service.polls().with(name, |standing| {
            *standing =
                Standing { known: true, last_success: stand.polled_at, next_at: Some(next_at), ..Standing::default() };
        });
        return next_at <= now;
    }
    // A clock that was put back must not put off what it had set.
    let latest = due::after(poller.schedule().when, Some(now), now);
    standing.next_at.is_none_or(|next_at| next_at.min(latest) <= now)
}

/// What one time came to.
struct Polled {
    messages: u64,
    /// More pages wait than one time may take.
    more: bool,
}

async fn poll(service: &Service, poller: &dyn Poller) -> Result<Polled, Fault> {
    let mut cursor = service.poll_stand(poller).await?.cursor;
    let mut polled = Polled { messages: 0, more: false };
    for place in 0..poller.schedule().pages.max(1) {
        let cx = context(service, poller);
        let request = PollRequest { cursor: cursor.as_ref(), first: place == 0 };
        let page: Page = match tokio::time::timeout(cx.timeout, poller.poll(&cx, request)).await {
            Ok(page) => page?,
            Err(_elapsed) => return Err(Fault::of(FaultKind::Timeout, "the page did not come in time")),
        };
        polled.more = page.more;
        polled.messages += page.messages.len() as u64;
        cursor = Some(service.polled(poller, page).await?);
        if !polled.more {
            break;
        }
    }
    Ok(polled)
}

fn context(service: &Service, poller: &dyn Poller) -> CallContext {
    let timeout = service.configuration().systems.get(poller.system()).map(|policy| policy.timeout);
    let reference = Service::new_id(service.now()).to_string();
    CallContext::new(reference, timeout.unwrap_or(Duration::from_secs(30)), service.clock())
}

fn ended(service: &Service, poller: &dyn Poller, name: &Name, outcome: Result<Polled, Fault>) {
    let now = service.now();
    let outcome_name = if outcome.is_ok() { "ok" } else { "failed" };
    let (system, named) = (name.0.as_str().to_owned(), name.1.clone());
    metrics::counter!("lienthong_polls_total", "system" => system, "poller" => named, "outcome" => outcome_name)
        .increment(1);
    service.polls().with(name, |standing| {
        standing.running = false;
        match outcome {
            Ok(Polled { messages, more }) => {
                standing.failures = 0;
                standing.fault = None;
                standing.messages += messages;
                standing.last_success = Some(now);
                let next = due::after(poller.schedule().when, Some(now), now);
                standing.next_at = Some(if more { now } else { next });
            }
            Err(fault) => {
                tracing::warn!(system = %name.0, poller = name.1, code = fault.code.as_str(), "a poll failed and is tried again");
                standing.failures = standing.failures.saturating_add(1);
                let wait = FIRST_WAIT.saturating_mul(1 << (standing.failures - 1).min(16)).min(LONGEST_WAIT);
                let wait = fault.retry_after.map_or(wait, |asked| asked.max(wait));
                standing.next_at = Some(now.saturating_add(wait).unwrap_or(now));
                standing.fault = Some(fault);
            }
        }
    });
}
