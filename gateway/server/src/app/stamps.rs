//! Small things start, reload and stop share: notes in the event log, ends of tasks. It decides nothing.

use lienthong_core::Timestamp;
use lienthong_journal::{Actor, Command, EventKind, Journal, JournalError};
use tokio::task::JoinHandle;

/// Keeps something worth knowing in the event log; when the journal cannot take it, the process's log has it.
pub(super) async fn note(journal: &dyn Journal, at: Timestamp, kind: EventKind, text: String) {
    let command = Command::Note { at, kind, system: None, actor: Actor::Gateway, text };
    if let Err(error) = journal.commit(vec![command]).await {
        tracing::warn!(%error, "an event was not recorded");
    }
}

/// When the journal's last event happened; `None` for a new journal.
pub(super) async fn last_written(journal: &dyn Journal) -> Result<Option<Timestamp>, JournalError> {
    let last = journal.last_event().await?;
    let events = journal.events(last.saturating_sub(1), 1).await?;
    Ok(events.first().map(|event| event.at))
}

/// Waits for a task that was told to end.
pub(super) async fn joined(name: &'static str, task: JoinHandle<()>) {
    if let Err(error) = task.await {
        tracing::error!(task = name, %error, "a task ended badly");
    }
}
