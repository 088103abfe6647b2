//! Messages that wait for what must come first: whether it has come, and who wakes them when it does. What decides is asked of the journal; a wake-up only makes it be asked.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::DeliveryState;
use lienthong_core::{BusinessKey, Fault, FaultCode, FieldProblem, OperationName, StateName, SystemId};
use lienthong_journal::{
    Actor, Command, Cursor, DeliveryRecord, EventKind, EventRecord, ExchangeFilter, ExchangeRecord, Journal,
    JournalError, Transition,
};
use tokio::sync::broadcast::{self, error::RecvError};

use super::line::Core;
use crate::config::Configuration;
use crate::internal;
use crate::routing::AwaitSpec;

/// Exchanges of a key read at once.
const PAGE: usize = 100;
/// A journal that fails is asked again after this.
const AGAIN: Duration = Duration::from_secs(1);

/// Whether one of the awaited has come with this key: was delivered, or accepted where it is pushed or made.
pub(super) async fn has_come(
    journal: &dyn Journal,
    config: &Configuration,
    awaits: &AwaitSpec,
    key: &BusinessKey,
) -> Result<bool, JournalError> {
    let filter = ExchangeFilter { key: Some(key.clone()), ..ExchangeFilter::default() };
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = journal.exchanges(filter.clone(), cursor.take(), PAGE).await?;
        if page.rows.iter().any(|row| is_it(config, awaits, row)) {
            return Ok(true);
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(false),
        }
    }
}

fn is_it(config: &Configuration, awaits: &AwaitSpec, row: &ExchangeRecord) -> bool {
    let accepted = awaits.any_of.contains(&row.meta.operation) && counts_accepted(config, &row.meta.operation);
    let delivered = |delivery: &DeliveryRecord| {
        delivery.state == DeliveryState::Delivered
            && awaits.any_of.contains(&delivery.operation)
            && !counts_accepted(config, &delivery.operation)
    };
    accepted || row.deliveries.iter().any(delivered)
}

/// What is pushed to us or made here has come when it is accepted; what we send, when it is delivered.
fn counts_accepted(config: &Configuration, operation: &OperationName) -> bool {
    config.catalogue.get(operation).is_some_and(|entry| entry.inbound || entry.message)
}

/// The fault of a message whose time to wait is over.
pub(super) fn missing(awaits: &AwaitSpec, key: &BusinessKey) -> Fault {
    let names: Vec<&str> = awaits.any_of.iter().map(OperationName::as_str).collect();
    let code = FaultCode::AwaitedMissing;
    Fault::new(code.kind(), code, format!("none of {} came for {key} in time", names.join(", ")))
        .with_problem(FieldProblem::new("", format!("came before {}", names.join(" or "))))
}

/// Wakes what waits, as things come. Begins with a look at all that waits, as it does whenever it may have missed something.
pub(super) async fn listen(mut events: broadcast::Receiver<Arc<[EventRecord]>>, core: Arc<Core>) {
    until_done(&core, || wake_all(&core)).await;
    loop {
        match events.recv().await {
            Ok(events) => until_done(&core, || wake(&core, &events)).await,
            Err(RecvError::Lagged(_)) => until_done(&core, || wake_all(&core)).await,
            Err(RecvError::Closed) => return,
        }
    }
}

async fn until_done<F: Future<Output = Result<(), JournalError>>>(core: &Core, work: impl Fn() -> F) {
    loop {
        match work().await {
            Ok(()) | Err(JournalError::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, draining = core.is_draining(), "what waits could not be woken and is tried again");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

/// The operations that any route waits for.
fn awaited(config: &Configuration) -> HashSet<&OperationName> {
    let awaits = config.routes.iter().filter_map(|route| route.spec.patterns.awaits.as_ref());
    awaits.flat_map(|awaits| &awaits.any_of).collect()
}

async fn wake(core: &Core, events: &[EventRecord]) -> Result<(), JournalError> {
    let config = core.config.load_full();
    let awaited = awaited(&config);
    if awaited.is_empty() {
        return Ok(());
    }
    let mut keys: HashSet<&BusinessKey> = HashSet::new();
    for event in events {
        let (Some(operation), Some(key)) = (&event.operation, &event.key) else { continue };
        let has_come = match event.kind {
            EventKind::Accepted => awaited.contains(operation) && counts_accepted(&config, operation),
            EventKind::Delivered => awaited.contains(operation),
            // One that begins to wait just after what it waits for has come.
            EventKind::Waiting => operation.as_str() == internal::AWAIT && event.fault.is_none(),
            EventKind::Admitted
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
            | EventKind::Amended => false,
        };
        if has_come {
            keys.insert(key);
        }
    }
    for key in keys {
        for state in [StateName::Waiting, StateName::Parked] {
            let filter = ExchangeFilter { key: Some(key.clone()), ..waiting(state)? };
            wake_these(core, &config, filter).await?;
        }
    }
    Ok(())
}

/// Everything that waits, in pages.
async fn wake_all(core: &Core) -> Result<(), JournalError> {
    let config = core.config.load_full();
    if awaited(&config).is_empty() {
        return Ok(());
    }
    for state in [StateName::Waiting, StateName::Parked] {
        wake_these(core, &config, waiting(state)?).await?;
    }
    Ok(())
}

fn waiting(state: StateName) -> Result<ExchangeFilter, JournalError> {
    let system = SystemId::new(internal::SYSTEM).map_err(|error| JournalError::Corrupt(error.to_string()))?;
    Ok(ExchangeFilter { system: Some(system), state: Some(state), ..ExchangeFilter::default() })
}

/// Wakes those of the filter for which it has come: also such as were given up for lack of it.
async fn wake_these(core: &Core, config: &Configuration, filter: ExchangeFilter) -> Result<(), JournalError> {
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = core.journal.exchanges(filter.clone(), cursor.take(), PAGE).await?;
        let mut moves = Vec::new();
        for row in &page.rows {
            for delivery in row.deliveries.iter().filter(|delivery| waits(delivery)) {
                let route = config.routes.route(&delivery.route);
                let Some(awaits) = route.and_then(|route| route.spec.patterns.awaits.as_ref()) else { continue };
                if has_come(&*core.journal, config, awaits, &row.meta.key).await? {
                    moves.push(Command::Move(Box::new(woken(core, delivery))));
                }
            }
        }
        if !moves.is_empty() {
            // A refusal is a delivery that moved by itself meanwhile.
            let results = core.journal.commit(moves).await?;
            let mut heads = Vec::new();
            for committed in results.into_iter().flatten() {
                if let lienthong_journal::Committed::Moved { head: Some(head), .. } = committed {
                    heads.push(*head);
                }
            }
            core.offer(heads);
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
}

fn waits(delivery: &DeliveryRecord) -> bool {
    let given_up = || delivery.fault.as_ref().is_some_and(|fault| fault.code == FaultCode::AwaitedMissing);
    let state = match delivery.state.name() {
        StateName::Waiting => true,
        StateName::Parked => given_up(),
        StateName::Queued
        | StateName::InFlight
        | StateName::Verifying
        | StateName::Delivered
        | StateName::Cancelled
        | StateName::Discarded
        | StateName::Superseded => false,
    };
    state && delivery.operation.as_str() == internal::AWAIT
}

fn woken(core: &Core, delivery: &DeliveryRecord) -> Transition {
    Transition {
        delivery: delivery.id,
        version: delivery.version,
        at: core.clock.now(),
        state: DeliveryState::Queued,
        attempts: delivery.attempts,
        spent: 0,
        unsettled: None,
        fault: None,
        event: EventKind::Released,
        actor: Actor::Gateway,
        note: Some("what it waited for has come".to_owned()),
        start: None,
        end: None,
        spawn: Vec::new(),
    }
}
