//! AMQP 0-9-1: submissions come in from queues, each of which belongs to one client, by the same service functions as on HTTP and gRPC; messages and events go out.

mod consumer;
mod events;
mod hub;
mod link;
mod mailbox;
mod message;
mod pause;
mod publisher;
mod topology;
mod trouble;

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use consumer::Source;
pub(crate) use hub::Hub;
pub(crate) use mailbox::Mailbox;

use consumer::Consuming;
use events::Telling;

use crate::state::AppState;

/// The broker as it is configured at present; `None` without one.
pub(crate) type Configured = watch::Receiver<Option<Arc<Hub>>>;

/// Begins before anything can be accepted: events that are published for the first time are so from here on.
pub(crate) async fn spawn(state: AppState, configured: Configured) -> JoinHandle<()> {
    let since = last_event(&state).await;
    tokio::spawn(run(state, configured, since))
}

async fn last_event(state: &AppState) -> Option<u64> {
    let last = state.journal.last_event().await;
    last.inspect_err(|error| tracing::warn!(%error, "the journal does not tell its last event")).ok()
}

/// Works for the configured broker until the gateway stops; a reload that changes it ends what ran and begins anew.
async fn run(state: AppState, mut configured: Configured, mut since: Option<u64>) {
    loop {
        let hub = configured.borrow_and_update().clone();
        let (stop, tasks) = (state.stopping.child_token(), TaskTracker::new());
        if let Some(hub) = &hub {
            begin(&state, hub, since, (&stop, &tasks));
        }
        tokio::select! {
            () = state.stopping.cancelled() => {}
            changed = configured.changed() => if changed.is_err() {
                // Nobody reloads any more: what runs goes on to the end.
                state.stopping.cancelled().await;
            },
        }
        since = last_event(&state).await;
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        if let Some(hub) = hub {
            hub.close().await;
        }
        if state.stopping.is_cancelled() {
            return;
        }
    }
}

fn begin(state: &AppState, hub: &Arc<Hub>, since: Option<u64>, (stop, tasks): (&CancellationToken, &TaskTracker)) {
    for source in &hub.sources {
        let (state, hub) = (state.clone(), Arc::clone(hub));
        let consuming = Consuming { state, hub, source: source.clone(), stop: stop.clone() };
        tasks.spawn(consuming.run());
    }
    if let Some(exchange) = &hub.events {
        let (state, hub, exchange) = (state.clone(), Arc::clone(hub), exchange.clone());
        tasks.spawn(Telling { state, hub, exchange, since, stop: stop.clone() }.run());
    }
}
