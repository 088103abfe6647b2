//! What the operating system says to the process: reload, or end. It stops nothing that it was not given.

use std::io;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::App;
use crate::state::Reload;

/// Runs until SIGTERM or Ctrl-C, reloading on SIGHUP, then stops the gateway. True when nothing was left in flight.
pub async fn run_until_signal(app: App, mut signals: Signals) -> bool {
    loop {
        match signals.next().await {
            // On its own: a signal to stop must be heard while a reload releases what waited for it.
            Said::Reload => drop(tokio::spawn(reload(Arc::clone(&app.state().reload)))),
            Said::End(name) => {
                tracing::info!(signal = name, "a signal asks to stop");
                return app.stop().await;
            }
        }
    }
}

enum Said {
    Reload,
    End(&'static str),
}

/// Ears for signals. Listen before the gateway starts: until then a SIGHUP ends the process.
pub struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Must be called inside a runtime.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> Said {
        tokio::select! {
            _ = self.hangup.recv() => Said::Reload,
            _ = self.terminate.recv() => Said::End("SIGTERM"),
            _ = self.interrupt.recv() => Said::End("SIGINT"),
        }
    }
}

/// The outcome is in the log: a signal has no answer.
async fn reload(running: Arc<dyn Reload>) {
    if let Err(problems) = running.reload().await {
        tracing::warn!(problems = problems.len(), "reload by signal was refused");
    }
}
