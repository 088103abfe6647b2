//! What a running bench tells beside its results: what it does now, and how far a count has grown. Results never go through it.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::ProgressBar;
use tokio::task::JoinHandle;

use crate::cli::Out;

/// How often a bar is moved, or a line written.
const DRAW: Duration = Duration::from_millis(200);
const LINE: Duration = Duration::from_secs(10);

/// Tells what is being done.
#[derive(Clone, Copy)]
pub(crate) struct Progress {
    out: Out,
}

/// A count being watched; it ends when dropped.
pub(crate) struct Watched {
    bar: ProgressBar,
    task: JoinHandle<()>,
}

impl Progress {
    pub(crate) fn new(out: Out) -> Self {
        Self { out }
    }

    /// The next thing begins.
    pub(crate) fn step(self, what: &str) {
        self.out.note(format_args!("· {what}"));
    }

    /// Shows how a counter grows to `all`: a bar on a terminal, lines otherwise.
    pub(crate) fn watch(self, what: &'static str, all: u64, count: Arc<AtomicU64>) -> Watched {
        let bar = self.out.bar(Some(all), "  {msg} {bar:40} {human_pos}/{human_len} {per_sec} {eta}");
        bar.set_message(what);
        let has_bar = !self.out.is_json() && std::io::stderr().is_terminal();
        let drawn = bar.clone();
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(if has_bar { DRAW } else { LINE });
            ticks.tick().await;
            loop {
                ticks.tick().await;
                let done = count.load(Ordering::Relaxed);
                drawn.set_position(done);
                if !has_bar {
                    self.out.note(format_args!("  {what}: {done} of {all}"));
                }
            }
        });
        Watched { bar, task }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.task.abort();
        self.bar.finish_and_clear();
    }
}
