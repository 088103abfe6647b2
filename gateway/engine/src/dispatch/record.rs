//! Writing outcomes and intents so that none is lost: a commit that fails is tried again until it is decided. It never sends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::{BoxFuture, Either};
use futures::stream::{self, FuturesUnordered, Stream};
use lienthong_journal::{Command, CommandResult, Journal, JournalError};

/// Tries of a whole batch before its commands are tried one by one, so that one bad command cannot hold up the others.
const WHOLE_TRIES: u32 = 3;
/// Tries of one command whose record cannot be read: it will not become readable by itself.
const CORRUPT_TRIES: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What became of one command.
pub(super) enum Fate {
    /// The journal decided. `again`: after a try whose result nobody knows.
    Known { result: CommandResult, again: bool },
    /// The journal is closed, or cannot read the record: whether it is on disk shows at the next start.
    Unknown,
}

/// Counts the batches that are being tried one by one, so that they do not keep fresh ones waiting.
#[derive(Clone, Default)]
pub(super) struct Troubled(Arc<AtomicUsize>);

impl Troubled {
    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn enter(&self) -> Entered {
        self.0.fetch_add(1, Ordering::Relaxed);
        Entered(Arc::clone(&self.0))
    }
}

struct Entered(Arc<AtomicUsize>);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Commits until every command is decided or the journal is closed: each command's subject with its fate, as soon as it is
/// known, those known together in order.
pub(super) async fn record<T: Send + 'static>(
    journal: Arc<dyn Journal>,
    batch: Vec<(Command, T)>,
    troubled: &Troubled,
) -> impl Stream<Item = (T, Fate)> + Send + Unpin + use<T> {
    let (commands, subjects): (Vec<Command>, Vec<T>) = batch.into_iter().unzip();
    for tried in 0..WHOLE_TRIES {
        let known = match journal.commit(commands.clone()).await {
            Ok(results) => fates(results, commands.len(), tried > 0),
            Err(JournalError::Closed) => fates(Vec::new(), commands.len(), tried > 0),
            Err(error) => {
                failed(&error, commands.len(), tried).await;
                continue;
            }
        };
        return Either::Left(stream::iter(subjects.into_iter().zip(known)));
    }
    let entered = Arc::new(troubled.enter());
    let singly: FuturesUnordered<BoxFuture<'static, (T, Fate)>> = FuturesUnordered::new();
    for (command, subject) in commands.into_iter().zip(subjects) {
        let (journal, entered) = (Arc::clone(&journal), Arc::clone(&entered));
        singly.push(Box::pin(async move {
            let _entered = entered;
            let fate = until_decided(&*journal, vec![command], WHOLE_TRIES).await.pop();
            (subject, fate.unwrap_or(Fate::Unknown))
        }));
    }
    Either::Right(singly)
}

/// Commits commands that belong together, after `tried` tries whose result nobody knows: one fate each, in order.
pub(super) async fn until_decided(journal: &dyn Journal, commands: Vec<Command>, mut tried: u32) -> Vec<Fate> {
    let mut unreadable = 0;
    loop {
        match journal.commit(commands.clone()).await {
            Ok(results) => return fates(results, commands.len(), true),
            Err(JournalError::Closed) => return fates(Vec::new(), commands.len(), true),
            Err(error @ JournalError::Corrupt(_)) if unreadable + 1 >= CORRUPT_TRIES => {
                tracing::error!(%error, "a commit is given up: a record cannot be read");
                return fates(Vec::new(), commands.len(), true);
            }
            Err(error) => {
                unreadable += u32::from(matches!(error, JournalError::Corrupt(_)));
                failed(&error, commands.len(), tried).await;
            }
        }
        tried = tried.saturating_add(1);
    }
}

fn fates(results: Vec<CommandResult>, expected: usize, again: bool) -> Vec<Fate> {
    let mut fates: Vec<Fate> = results.into_iter().map(|result| Fate::Known { result, again }).collect();
    fates.resize_with(expected, || Fate::Unknown);
    fates
}

async fn failed(error: &JournalError, commands: usize, tried: u32) {
    tracing::warn!(%error, commands, tried, "a commit failed and is tried again");
    tokio::time::sleep(FIRST_WAIT.saturating_mul(1 << tried.min(8)).min(LONGEST_WAIT)).await;
}
