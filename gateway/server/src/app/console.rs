//! The console over the gateway's own parts, and what a reload swaps of it. It serves nothing by itself.

use std::sync::Arc;

use arc_swap::ArcSwap;
use lienthong_console::{Console, Parts, SessionKey, Sessions, Users};
use lienthong_core::Clock;
use lienthong_engine::service::Service;
use lienthong_journal::Journal;
use lienthong_journal::files::FileFolder;
use tokio_util::sync::CancellationToken;

use super::StartError;
use crate::config::Operators;

/// Who may log in and for how long, as the running console sees it.
#[derive(Clone)]
pub(super) struct Admission {
    users: Arc<ArcSwap<Users>>,
    sessions: Arc<ArcSwap<Sessions>>,
}

impl Admission {
    /// From now on this counts. The key stays: another one takes a restart.
    pub(super) fn store(&self, Operators { users, sessions, key: _ }: Operators) {
        self.users.store(Arc::new(users));
        self.sessions.store(Arc::new(sessions));
    }
}

pub(super) fn console(
    Operators { users, sessions, key }: Operators,
    (service, journal, files): (&Service, &Arc<dyn Journal>, &FileFolder),
    clock: &Arc<dyn Clock>,
    stopping: &CancellationToken,
) -> Result<(Console, Admission), StartError> {
    let own = || SessionKey::random().map_err(|problem| StartError::Assembly(anyhow::Error::msg(problem)));
    let admission = Admission { users: super::swapped(users), sessions: super::swapped(sessions) };
    let console = Console::new(Parts {
        service: service.clone(),
        journal: Arc::clone(journal),
        clock: Arc::clone(clock),
        users: Arc::clone(&admission.users),
        sessions: Arc::clone(&admission.sessions),
        key: key.map_or_else(own, Ok)?,
        folder: files.drafts(),
        stopping: stopping.clone(),
    });
    Ok((console, admission))
}
