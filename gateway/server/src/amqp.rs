//! AMQP 0-9-1: submissions come in from queues, each of which belongs to one client, by the same service functions as on HTTP and gRPC.

mod consumer;
mod hub;
mod link;
mod message;
mod pause;
mod publisher;
mod topology;
mod trouble;

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use consumer::Source;
pub(crate) use hub::Hub;

use consumer::Consuming;

use crate::state::AppState;

/// The broker as it is configured at present; `None` without one.
pub(crate) type Configured = watch::Receiver<Option<Arc<Hub>>>;

/// Works for the configured broker until the gateway stops; a reload that changes it ends what ran and begins anew.
pub(crate) async fn run(state: AppState, mut configured: Configured) {
    loop {
        let hub = configured.borrow_and_update().clone();
        let (stop, tasks) = (state.stopping.child_token(), TaskTracker::new());
        if let Some(hub) = &hub {
            begin(&state, hub, &stop, &tasks);
        }
        tokio::select! {
            () = state.stopping.cancelled() => {}
            changed = configured.changed() => if changed.is_err() {
                // Nobody reloads any more: what runs goes on to the end.
                state.stopping.cancelled().await;
            },
        }
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

fn begin(state: &AppState, hub: &Arc<Hub>, stop: &CancellationToken, tasks: &TaskTracker) {
    for source in &hub.sources {
        let (state, hub) = (state.clone(), Arc::clone(hub));
        let consuming = Consuming { state, hub, source: source.clone(), stop: stop.clone() };
        tasks.spawn(consuming.run());
    }
}
