//! The drills that run now, asked just before each call into an adapter. It ends them by both clocks and starts none by itself.

use std::time::Duration;

use lienthong_core::{CallContext, Clock, Fault, SystemId};
use lienthong_journal::{Journal, JournalError};
use parking_lot::Mutex;

use crate::drill::{Drill, LONGEST};

/// The memos of drills, by system.
pub(crate) const KIND: &str = "drill";
/// Systems are fewer.
const MOST: usize = 1_000;

/// Running drills, at most one a system.
#[derive(Debug, Default)]
pub(super) struct Drills(Mutex<Vec<Running>>);

#[derive(Debug)]
struct Running {
    drill: Drill,
    /// Over then whatever the wall clock says: one that is set back must not lengthen a drill.
    until: Duration,
}

impl Drills {
    /// Those that were running when the last process ended; their time goes on.
    pub(super) async fn read(journal: &dyn Journal, clock: &dyn Clock) -> Result<Self, JournalError> {
        let drills = Self::default();
        for memo in journal.memos(KIND, None, MOST).await? {
            match serde_json::from_str::<Drill>(&memo.text) {
                Ok(drill) => drills.set(&drill.system.clone(), Some(drill), clock),
                Err(error) => tracing::error!(system = memo.id, %error, "a fire drill cannot be read: it is over"),
            }
        }
        Ok(drills)
    }

    /// The system's drill from now on; `None` ends it.
    pub(super) fn set(&self, system: &SystemId, drill: Option<Drill>, clock: &dyn Clock) {
        let now = clock.now();
        let mut running = self.0.lock();
        running.retain(|other| other.drill.system != *system);
        let Some(drill) = drill.filter(|drill| drill.is_running(now)) else { return };
        let left = Duration::try_from(drill.until.duration_since(now)).unwrap_or_default().min(LONGEST);
        running.push(Running { drill, until: clock.monotonic().saturating_add(left) });
    }

    /// What this attempt comes to instead of a call: only of the drill's own system and key.
    pub(super) fn instead_of(&self, system: &SystemId, cx: &CallContext) -> Option<(Fault, bool)> {
        let mut running = self.0.lock();
        if running.is_empty() {
            return None;
        }
        let (now, mono) = (cx.clock.now(), cx.clock.monotonic());
        running.retain(|one| one.drill.is_running(now) && mono < one.until);
        let key = cx.key.as_ref()?;
        let found = running.iter().find(|one| one.drill.system == *system && one.drill.key == *key)?;
        tracing::warn!(%system, reference = cx.reference, fails = found.drill.fails.as_str(), "a fire drill: nothing is sent");
        Some(found.drill.fails.outcome())
    }
}
