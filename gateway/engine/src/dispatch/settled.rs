//! Who waits for an exchange to settle, and the one task that tells them. It keeps nothing of exchanges nobody waits for.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use lienthong_core::{ExchangeId, StateName};
use lienthong_journal::EventRecord;
use parking_lot::Mutex;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;

use super::line::Core;

/// Most exchanges waited for by a signal; whoever comes later is told to look at this interval instead.
const MOST_WAITERS: usize = 65_536;
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The exchanges somebody waits for.
#[derive(Default)]
pub(super) struct Registry {
    waiting: Mutex<HashMap<ExchangeId, watch::Sender<()>>>,
}

/// Waits for movement of one exchange.
pub struct Settled {
    id: ExchangeId,
    registry: Arc<Registry>,
    signal: Option<watch::Receiver<()>>,
}

impl Registry {
    pub(super) fn register(self: &Arc<Self>, id: ExchangeId) -> Settled {
        let mut waiting = self.waiting.lock();
        let signal = match waiting.get(&id) {
            Some(sender) => Some(sender.subscribe()),
            None if waiting.len() >= MOST_WAITERS => None,
            None => {
                let (sender, receiver) = watch::channel(());
                waiting.insert(id, sender);
                Some(receiver)
            }
        };
        drop(waiting);
        Settled { id, registry: Arc::clone(self), signal }
    }

    fn told(&self, events: &[EventRecord]) {
        let waiting = self.waiting.lock();
        if waiting.is_empty() {
            return;
        }
        let settling = events.iter().filter(|event| event.state.is_some_and(is_settled));
        for sender in settling.filter_map(|event| waiting.get(&event.exchange?)) {
            sender.send_replace(());
        }
    }

    fn told_too_much(&self) {
        self.waiting.lock().values().for_each(|sender| {
            sender.send_replace(());
        });
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.waiting.lock().len()
    }
}

fn is_settled(state: StateName) -> bool {
    state.is_final() || state == StateName::Parked
}

impl Settled {
    /// Returns after the next settling of any delivery of the exchange, seldom without one: look at the state and wait again.
    pub async fn changed(&mut self) {
        let told = match &mut self.signal {
            Some(signal) => signal.changed().await.is_ok(),
            None => false,
        };
        if !told {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

impl Drop for Settled {
    fn drop(&mut self) {
        let Some(signal) = self.signal.take() else { return };
        let mut waiting = self.registry.waiting.lock();
        drop(signal);
        if waiting.get(&self.id).is_some_and(|sender| sender.receiver_count() == 0) {
            waiting.remove(&self.id);
        }
    }
}

/// Reads every event as it is committed: wakes waiters, and systems whose timers others have set. Ends with the journal.
pub(super) async fn listen(mut events: broadcast::Receiver<Arc<[EventRecord]>>, core: Arc<Core>) {
    loop {
        match events.recv().await {
            Ok(events) => {
                core.settled.told(&events);
                timers_set(&events, &core);
            }
            Err(RecvError::Lagged(_)) => {
                core.settled.told_too_much();
                core.lines.load().values().for_each(|line| line.look_again());
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// A message accepted for later (`not_before`) is no ready head: nobody offers it when its time comes.
fn timers_set(events: &[EventRecord], core: &Core) {
    let for_later = |event: &&EventRecord| event.state == Some(StateName::Waiting) && event.fault.is_none();
    for event in events.iter().filter(for_later) {
        if let Some(line) = event.system.as_ref().and_then(|system| core.line(system)) {
            line.timers.store(true, Ordering::Release);
            line.poke.notify_one();
        }
    }
}
