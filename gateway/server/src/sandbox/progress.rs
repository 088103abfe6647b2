//! Shows how far a run is: a bar on a terminal, a line every few seconds otherwise. Silent when only JSON is wanted.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::ProgressBar;

use crate::cli::Out;

/// Lines come this often at most.
const EVERY: Duration = Duration::from_secs(2);

pub(super) struct Progress {
    out: Out,
    bar: ProgressBar,
    lines: bool,
    told_at: Option<Duration>,
}

impl Progress {
    pub(super) fn new(out: Out) -> Self {
        let bar = out.bar(Some(0), "{bar:40} {pos}/{len} delivered  {msg}");
        Self { out, bar, lines: !out.is_json() && !std::io::stderr().is_terminal(), told_at: None }
    }

    /// `now` is the time since the run began.
    pub(super) fn tell(&mut self, now: Duration, accepted: u64, open: u64, parked: u64) {
        let done = accepted.saturating_sub(open + parked);
        self.bar.set_length(accepted);
        self.bar.set_position(done);
        self.bar.set_message(format!("{open} open, {parked} parked"));
        if self.lines && self.told_at.is_none_or(|at| now.saturating_sub(at) >= EVERY) {
            self.told_at = Some(now);
            self.out.note(format_args!("{done} of {accepted} delivered, {open} open, {parked} parked"));
        }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
