//! The use cases: submit, call, cancel, resend, release, discard, inbound pushes, inbox. HTTP and gRPC are two faces of these functions; they speak no protocol.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use lienthong_core::{ClientId, Clock, ExchangeId, Fault, FaultCode, Timestamp};
use lienthong_journal::{Command, CommandResult, Committed, DiskState, Head, Journal};

use crate::config::Configuration;
use crate::dispatch::{Dispatcher, GateState};
use crate::draft;

mod alerts;
mod amend;
mod call;
mod cancel;
mod case;
mod compare;
mod digest;
mod distinct;
mod door;
mod drill;
mod fault;
mod group;
mod health;
mod inbound;
mod inbox;
mod model;
mod operate;
mod polled;
mod preview;
mod query;
mod quota;
mod recognised;
mod reconcile;
mod release;
mod reload;
mod report;
mod reroute;
mod resend;
mod reveal;
mod rows;
mod search;
mod silence;
mod stalls;
mod submit;
mod systems;
mod tables;
#[cfg(test)]
mod tests;
mod wait;
mod window;

pub use alerts::TargetTest;
pub(crate) use amend::Waiting;
pub use amend::{Amended, Amendment, AmendmentTrial, Content, Editable, Edited, ProposalAbout, ProposalView};
pub use case::{AT_RISK_WITHIN, CaseReach, CaseView, REACH as CASE_REACH};
pub use compare::Compared;
pub use drill::DrillPlan;
pub use fault::passes_by_itself;
pub use group::GroupKeys;
pub use health::{Course, SystemHealth};
pub use inbox::INBOX_LEASE;
pub use model::{
    CallAnswer, CallSubmission, Caller, DeliveryOutcome, ExchangeDetail, FlowView, GroupId, GroupOutcome, InboxMessage,
    KeyTimeline, OperatorAct, Receipt, Submission, SystemView,
};
pub use preview::{
    Against, Cause, DIFFERENCES as PREVIEW_DIFFERENCES, Difference, Edits, Extent, FieldChange, MOST as PREVIEW_MOST,
    Preview, Previewed, ROWS as PREVIEW_ROWS, Selection, Sending, Shown, Subject, Verdict,
};
pub use query::{OPEN_MOST, TIMELINE_EXCHANGES};
pub use recognised::Door;
pub use reconcile::{FoundPage, ListGiven, MOST_PLACES, PartGiven, RunAsked, RunView};
pub use release::{MOST_RELEASES, ReleaseView};
pub use reveal::Revealed;
pub use rows::{MOST_ROWS as ADDED_ROWS, RowOutcome, TakesRows, rows_kept};
pub use search::{Found, FoundBy};
pub(crate) use silence::Listened;
pub use silence::Silence;
pub use stalls::{FlowStalls, LateKey, STALLS_MOST, Stalls, StepStalls};
pub use tables::{ObservedList, TableView, UnmappedCode, UnmappedCodes};
pub use window::{MOST_WINDOWS, WindowView};
pub(crate) use window::{Windows, in_force};

/// All use cases over one journal, dispatcher and configuration. Cheap to clone.
///
/// Who may do what to which record is decided by the server before it calls: the service knows callers by name only.
#[derive(Clone)]
pub struct Service {
    journal: Arc<dyn Journal>,
    dispatcher: Dispatcher,
    clock: Arc<dyn Clock>,
    config: Arc<ArcSwap<Configuration>>,
    shared: Arc<Shared>,
}

/// What all clones of a service share: bounded by the number of configured clients.
#[derive(Default)]
struct Shared {
    stopped: AtomicBool,
    quotas: quota::Quotas,
    inboxes: inbox::Leases,
    polls: crate::poll::Standings,
    /// Groups of which a release is not over.
    releasing: parking_lot::Mutex<std::collections::HashSet<lienthong_core::Fingerprint>>,
    /// Held while one begins: of two at once for one group the second is told of the first.
    begins: tokio::sync::Mutex<()>,
    /// Wakes whoever runs releases.
    release_begun: tokio::sync::Notify,
    previews: preview::Turn,
    /// Whose turn it is to change what windows are in force.
    windows: tokio::sync::Mutex<()>,
    /// The states that systems were seen in, and since when.
    states: health::States,
    /// Releases as whoever runs them read them last; `None` while they cannot be read.
    releases: parking_lot::Mutex<Option<Arc<[ReleaseView]>>>,
    /// What the alerts' own task last saw.
    alerts: parking_lot::Mutex<Arc<crate::alert::Board>>,
    /// Who takes added rows into the configuration.
    rows: std::sync::OnceLock<Arc<dyn rows::TakesRows>>,
    /// Wakes whoever runs reconciliations.
    reconciling: tokio::sync::Notify,
    taking_lists: reconcile::Taking,
    /// What each run waits for, of those at work.
    reconciliation_waits: parking_lot::Mutex<std::collections::HashMap<String, String>>,
}

impl Service {
    pub fn new(
        journal: Arc<dyn Journal>,
        dispatcher: Dispatcher,
        clock: Arc<dyn Clock>,
        config: Arc<ArcSwap<Configuration>>,
    ) -> Self {
        Self { journal, dispatcher, clock, config, shared: Arc::default() }
    }

    /// The running configuration.
    pub fn configuration(&self) -> Arc<Configuration> {
        self.config.load_full()
    }

    /// From now on submissions, calls, resends and pushes are refused with `LT-SHUTTING-DOWN`; everything else still works.
    pub fn stop_accepting(&self) {
        self.shared.stopped.store(true, Ordering::Release);
    }

    pub(crate) async fn release_begun(&self) {
        self.shared.release_begun.notified().await;
    }

    pub(crate) fn polls(&self) -> &crate::poll::Standings {
        &self.shared.polls
    }

    pub(crate) fn gate_of(&self, system: &lienthong_core::SystemId) -> Option<GateState> {
        self.dispatcher.gate(system).map(|gate| gate.state)
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The first two checks of everything that stores something new: `LT-SHUTTING-DOWN`, `LT-DISK-FULL`.
    pub fn accepting(&self) -> Result<(), Fault> {
        if self.shared.stopped.load(Ordering::Acquire) {
            return Err(fault::refused(FaultCode::ShuttingDown, "the gateway is stopping")
                .with_retry_after(fault::SHUTDOWN_RETRY_AFTER));
        }
        match self.journal.disk() {
            DiskState::Enough => Ok(()),
            DiskState::Low | DiskState::Critical => Err(fault::disk_full()),
        }
    }

    /// An id for what must be begun once: whoever asks keeps it, and asks again under it.
    pub fn an_id(&self) -> ExchangeId {
        Self::new_id(self.clock.now())
    }

    /// A UUIDv7 of the injected time; ids never order anything.
    pub(crate) fn new_id(now: Timestamp) -> ExchangeId {
        draft::new_id(now)
    }

    /// Commits, and hands what became ready to the dispatcher even when whoever asked has gone away meanwhile: a client that
    /// closes its connection must not hold up what it was about to be told. The heads are taken out of the results.
    async fn commit(&self, batch: Vec<Command>) -> Result<Vec<CommandResult>, Fault> {
        let (journal, dispatcher) = (Arc::clone(&self.journal), self.dispatcher.clone());
        let (senders, now) = (senders(&batch), self.clock.now());
        let committing = tokio::spawn(async move {
            let mut results = journal.commit(batch).await.map_err(fault::of_journal)?;
            for (client, result) in senders.iter().zip(&results) {
                if let (Some(client), Ok(Committed::Accepted { .. })) = (client, result) {
                    dispatcher.vitals().came_from(client, now);
                }
            }
            let mut ready: Vec<Head> = results.iter_mut().flatten().flat_map(take_heads).collect();
            // Inbox items wait on disk for their client.
            ready.retain(|head| !head.delivery.system.is_inbox());
            if !ready.is_empty() {
                dispatcher.offer(ready);
            }
            Ok(results)
        });
        committing.await.unwrap_or_else(|lost| Err(fault::defect(format!("a commit was lost: {lost}"))))
    }
}

/// Who sent what each command accepts.
fn senders(batch: &[Command]) -> Vec<Option<ClientId>> {
    let sender = |command: &Command| match command {
        Command::Accept(acceptance) => Some(acceptance.exchange.client.clone()),
        Command::Move(_)
        | Command::LeaseInbox { .. }
        | Command::Set(_)
        | Command::SetCursor { .. }
        | Command::Measure { .. }
        | Command::Memo(_)
        | Command::Act(_)
        | Command::Amend(_)
        | Command::Note { .. } => None,
    };
    batch.iter().map(sender).collect()
}

fn take_heads(committed: &mut Committed) -> Vec<Head> {
    match committed {
        Committed::Accepted { heads, .. } => std::mem::take(heads),
        Committed::Moved { head, spawned, .. } => {
            head.take().map(|head| *head).into_iter().chain(std::mem::take(spawned)).collect()
        }
        Committed::Replayed { .. } | Committed::Leased(_) | Committed::Done => Vec::new(),
    }
}
