//! What the writer does between groups: retention, and keeping room for outcomes. It commits no batches.

use lienthong_core::Timestamp;

use super::Answer;
use super::group::{End, Run, send};
use super::retain::{Removed, Round};
use super::store::Store;
use crate::record::{DiskState, Retention, RetentionStep};
use crate::sqlite::backup::hold_to_remove;
use crate::sqlite::fail::Fail;

impl Run {
    /// One step of retention, in a transaction of its own.
    pub(super) fn retain(
        &mut self,
        store: &mut Store<'_>,
        keep: &Retention,
        now: Timestamp,
        answer: Answer<RetentionStep>,
    ) -> Option<End> {
        let Some(_held) = hold_to_remove(&self.shared.folder).unwrap_or_default() else {
            // A copy links the files its snapshot names: nothing is removed until it is done, nor where that cannot be told.
            send(answer, Ok(RetentionStep { done: true, ..RetentionStep::default() }));
            return None;
        };
        let stepped = store.connection().execute_batch("BEGIN IMMEDIATE").map_err(Fail::from).and_then(|()| {
            let removed = store.retain(&mut self.round, keep, now)?;
            store.flush()?;
            store.connection().execute_batch("COMMIT")?;
            Ok(removed)
        });
        match stepped {
            Ok(Removed { step, files }) => {
                let named = |file: &_| store.is_named(file).unwrap_or(true);
                self.shared.bodies.remove_unused(files, named);
                send(answer, Ok(step));
            }
            Err(failed) => {
                self.round = Round::default();
                let usable = self.roll_back(store, &failed);
                send(answer, Err(failed.into()));
                return (!usable).then_some(End::Reopen);
            }
        }
        None
    }

    /// Seals the oldest full segment of terms in a transaction of its own, so that nobody's acceptance depends on it. What is not
    /// sealed is found all the same.
    pub(super) fn seal(&mut self, store: &mut Store<'_>) -> Option<End> {
        if store.closed_for_new || !store.seal_is_due() {
            return None;
        }
        let sealed = store.connection().execute_batch("BEGIN IMMEDIATE").map_err(Fail::from).and_then(|()| {
            store.seal()?;
            store.connection().execute_batch("COMMIT")?;
            Ok(())
        });
        match sealed {
            Ok(()) => None,
            Err(failed) => (!self.roll_back(store, &failed)).then_some(End::Reopen),
        }
    }

    /// The state of the disk; the reserve follows it.
    pub(super) fn look_at_disk(&mut self) -> DiskState {
        let state = self.shared.disk.state();
        match state {
            DiskState::Enough => self.reserve.hold(),
            DiskState::Low => {}
            DiskState::Critical => {
                self.reserve.release();
            }
        }
        state
    }

    /// Nothing new from here on, and the reserve to outcomes. Whether that changed anything.
    pub(super) fn meet_full_disk(&mut self) -> bool {
        let known = self.shared.disk.state() == DiskState::Critical;
        self.shared.disk.found_full();
        self.reserve.release() || !known
    }
}
