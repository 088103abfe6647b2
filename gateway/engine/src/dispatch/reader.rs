//! When and what one system reads from disk: heads that are not in memory, and the next timer. One read at a time; it decides nothing about heads.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use lienthong_core::{Class, ClientId, Timestamp};
use lienthong_journal::{Head, HeadQuery, JournalError};

use super::line::Line;
use super::valve::Now;
use super::window::Window;

/// Heads of any client read at once after a timer or a release.
const GLANCE: usize = 256;
/// Most heads of one client read at once.
const DRAUGHT: usize = 1024;
/// The next timer is asked for at most this often, and a due head that stays on disk is looked for again after it.
const TIMERS_EVERY: Duration = Duration::from_millis(500);
/// After a read that failed.
const REST: Duration = Duration::from_secs(1);

/// What is read.
#[derive(Debug, Clone)]
pub(super) enum Look {
    Anyone(Class),
    Client(Class, ClientId, usize),
    Timers,
}

/// What a read found.
pub(super) struct Found {
    look: Look,
    overflows: u64,
    result: Result<Rows, JournalError>,
}

enum Rows {
    Heads(Vec<Head>),
    Wake(Option<Timestamp>),
}

/// What one system knows of what is on disk.
#[derive(Debug, Default)]
pub(super) struct Reader {
    busy: bool,
    live: bool,
    bulk: bool,
    /// The earliest timer known.
    wake: Option<Timestamp>,
    /// There may be an earlier one.
    timers: bool,
    timers_from: Duration,
    rest_until: Duration,
}

impl Reader {
    /// Heads of anyone may be on disk.
    pub(super) fn look(&mut self) {
        self.live = true;
        self.bulk = true;
        self.timers = true;
    }

    /// Timers may be on disk that are not known.
    pub(super) fn timers_changed(&mut self) {
        self.timers = true;
    }

    pub(super) fn wake_by(&mut self, at: Timestamp) {
        self.wake = Some(self.wake.map_or(at, |wake| wake.min(at)));
    }

    /// The wall clock stepped: what was known of timers means nothing.
    pub(super) fn stepped(&mut self) {
        self.wake = None;
        self.timers = true;
        self.timers_from = Duration::ZERO;
    }

    /// The next read, when one is worth it and none is under way.
    pub(super) fn next(&mut self, window: &mut Window, now: Now) -> Option<Look> {
        if self.wake.is_some_and(|wake| wake <= now.wall) {
            self.wake = None;
            self.look();
        }
        if self.busy || now.mono < self.rest_until {
            return None;
        }
        let look = self.choose(window, now)?;
        self.busy = true;
        Some(look)
    }

    fn choose(&mut self, window: &mut Window, now: Now) -> Option<Look> {
        if std::mem::take(&mut self.live) && !window.all_thirst(Class::Live) {
            return Some(Look::Anyone(Class::Live));
        }
        if let Some((client, room)) = window.thirsty(Class::Live) {
            return Some(Look::Client(Class::Live, client, room));
        }
        if std::mem::take(&mut self.bulk) && !window.all_thirst(Class::Bulk) {
            return Some(Look::Anyone(Class::Bulk));
        }
        if let Some((client, room)) = window.thirsty(Class::Bulk) {
            return Some(Look::Client(Class::Bulk, client, room));
        }
        if self.timers && now.mono >= self.timers_from {
            self.timers = false;
            self.timers_from = now.mono + TIMERS_EVERY;
            return Some(Look::Timers);
        }
        None
    }

    /// The read itself.
    pub(super) fn read(line: &Arc<Line>, look: Look, window: &mut Window, now: Now) -> BoxFuture<'static, Found> {
        let line = Arc::clone(line);
        let Some(query) = query(&line, &look, window, now) else {
            return async move {
                let result = line.core.journal.next_wake(&line.id).await.map(Rows::Wake);
                Found { look, overflows: 0, result }
            }
            .boxed();
        };
        let overflows = window.overflows(query.class);
        async move {
            let result = line.core.journal.heads(query).await.map(Rows::Heads);
            Found { look, overflows, result }
        }
        .boxed()
    }

    /// Takes in what was found.
    pub(super) fn found(&mut self, found: Found, window: &mut Window, now: Now) {
        self.busy = false;
        let Found { look, overflows, result } = found;
        match (result, look) {
            (Ok(Rows::Heads(heads)), Look::Anyone(class)) => {
                if heads.len() < GLANCE {
                    window.nothing_more_on_disk(class, None, overflows);
                } else {
                    window.anything_on_disk(class);
                }
                insert(heads, window);
            }
            (Ok(Rows::Heads(heads)), Look::Client(class, client, room)) => {
                if heads.len() < room.min(DRAUGHT) {
                    window.nothing_more_on_disk(class, Some(&client), overflows);
                }
                insert(heads, window);
            }
            (Ok(Rows::Wake(Some(wake))), _) if wake <= now.wall => {
                // Due already: on its way, in memory, or turned away for want of room.
                self.wake_by(now.wall.saturating_add(TIMERS_EVERY).unwrap_or(now.wall));
            }
            (Ok(Rows::Wake(Some(wake))), _) => self.wake_by(wake),
            (Ok(Rows::Wake(None) | Rows::Heads(_)), _) => {}
            (Err(error), look) => {
                tracing::warn!(%error, ?look, "heads could not be read and are looked for again");
                self.rest_until = now.mono + REST;
                self.look();
            }
        }
    }

    /// How long until a read may be due.
    pub(super) fn wait(&self, now: Now) -> Option<Duration> {
        if self.busy {
            return None;
        }
        let until = |mono: Duration| mono.saturating_sub(now.mono);
        let rest = (self.live || self.bulk).then(|| until(self.rest_until));
        let timers = self.timers.then(|| until(self.timers_from.max(self.rest_until)));
        let wake = self.wake.map(|wake| Duration::try_from(wake.duration_since(now.wall)).unwrap_or_default());
        [rest, timers, wake].into_iter().flatten().min()
    }
}

fn insert(heads: Vec<Head>, window: &mut Window) {
    for head in heads {
        window.insert(Box::new(head));
    }
}

fn query(line: &Line, look: &Look, window: &mut Window, now: Now) -> Option<HeadQuery> {
    let (class, client, limit) = match look {
        Look::Anyone(class) => (*class, None, GLANCE),
        Look::Client(class, client, room) => (*class, Some(client.clone()), (*room).min(DRAUGHT)),
        Look::Timers => return None,
    };
    let skip = Arc::new(window.held(class, client.as_ref()));
    Some(HeadQuery { system: line.id.clone(), class, client, now: now.wall, limit, inline: window.inline(limit), skip })
}
