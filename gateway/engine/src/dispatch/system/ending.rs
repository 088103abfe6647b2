//! Outcomes in a system's task: what the machine says of them, their way to disk, and the heads that come of it. It sends nothing.

use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use lienthong_core::{DeliveryState, Fault, FaultKind, Verify};
use lienthong_journal::{Command, Committed, Head, Transition};

use super::{Fates, Pending, Subject, System, Work};
use crate::dispatch::follow::FollowUps;
use crate::dispatch::gate::Verdict;
use crate::dispatch::instruments;
use crate::dispatch::line::{Finished, Outcome};
use crate::dispatch::outcome::{self, Laws};
use crate::dispatch::record::{Fate, record};
use crate::dispatch::valve::Now;

/// Outcomes committed in one batch.
pub(super) const MOST_RECORDED: usize = 512;
/// Batches of outcomes on their way to disk; what comes meanwhile goes together in the next.
const RECORDINGS: usize = 2;

impl System {
    pub(super) fn finished(&mut self, finished: Finished, now: Now) {
        let Finished { head, outcome, verdict, took, token, follow, drill } = finished;
        if !drill {
            self.count_attempt(&head, &outcome, took);
        }
        let failed = failure(&outcome).map(|fault| fault.kind);
        let draw = (self.line.core.draw)();
        let laws = Laws { config: &self.config, now: now.wall, draw, spends: verdict.spends };
        match outcome::settle(&head, outcome, &laws) {
            Ok(mut transition) => {
                let FollowUps { spawn, note, reuse } = follow;
                if transition.state == DeliveryState::Delivered {
                    transition.spawn.extend(spawn);
                    transition.note = note;
                }
                let reuse = reuse.then(|| head.delivery.operation.clone());
                let cool = self.cool_down(&head, &transition, failed, verdict, now);
                let until = transition.state.wake_at();
                let leaves = has_left(transition.state) && head.delivery.lane.is_some();
                let subject = Some(Subject { head, until, cool, leaves, reuse, _token: token });
                self.outcomes.push(Pending { command: Command::Move(Box::new(transition)), subject });
            }
            Err(illegal) => {
                tracing::error!(delivery = %head.delivery.id, %illegal, "an outcome does not fit its delivery");
                self.window.landed(&head);
                self.window.more_on_disk(head.delivery.class, &head.delivery.client);
            }
        }
    }

    /// A delivery that is ready again at once although the gate stays open (others succeed) must not spin.
    fn cool_down(
        &mut self,
        head: &Head,
        transition: &Transition,
        failed: Option<FaultKind>,
        verdict: Verdict,
        now: Now,
    ) -> Option<Duration> {
        let ready = match transition.state {
            DeliveryState::Queued => true,
            DeliveryState::Verifying { until, how: Verify::Repeat, .. } => until <= now.wall,
            DeliveryState::Verifying { how: Verify::Lookup, .. }
            | DeliveryState::Waiting { .. }
            | DeliveryState::InFlight { .. }
            | DeliveryState::Delivered
            | DeliveryState::Parked
            | DeliveryState::Cancelled
            | DeliveryState::Discarded
            | DeliveryState::Superseded => false,
        };
        let kind = failed.filter(|_| ready);
        let Some(kind) = kind else {
            self.refused.remove(&head.delivery.id);
            return None;
        };
        if !verdict.open {
            return None;
        }
        let gate = self.config.systems.get(&self.line.id).map(|policy| policy.gate).unwrap_or_default();
        let times = self.refused.entry(head.delivery.id).or_default();
        *times = times.saturating_add(1);
        if kind == FaultKind::Unauthenticated && *times == 1 {
            return None;
        }
        let wait = gate.probe_first.saturating_mul(1 << (*times - 1).min(16)).min(gate.probe_longest);
        Some(now.mono + wait)
    }

    /// Sends outcomes on their way to disk, those of one burst together.
    pub(super) fn record(&mut self) {
        while !self.outcomes.is_empty() && self.recordings.saturating_sub(self.troubled_recordings.count()) < RECORDINGS
        {
            let rest = self.outcomes.split_off(self.outcomes.len().min(MOST_RECORDED));
            let batch = std::mem::replace(&mut self.outcomes, rest);
            let (line, troubled) = (Arc::clone(&self.line), self.troubled_recordings.clone());
            self.recordings += 1;
            let work = async move {
                let together = batch.len().max(1);
                let batch = batch.into_iter().map(|pending| (pending.command, pending.subject)).collect();
                let fates = record(Arc::clone(&line.core.journal), batch, &troubled).await;
                next_recorded(fates.ready_chunks(together).boxed()).await
            };
            self.works.push(work.boxed());
        }
    }

    pub(super) fn recorded(&mut self, subject: Option<Subject>, fate: Fate) {
        let Some(Subject { head, until, cool, leaves, reuse, _token }) = subject else { return };
        let id = head.delivery.id;
        self.window.landed(&head);
        match fate {
            Fate::Known { result: Ok(Committed::Moved { head: next, spawned, .. }), .. } => {
                if leaves {
                    self.line.core.vitals.left(&self.line.id);
                }
                match (next, cool) {
                    (Some(next), Some(cool)) if next.delivery.id == id => self.window.cool(next, cool),
                    (Some(next), _) => self.window.insert(next),
                    // The next of the lane, if there is one, waits for a time nobody told.
                    (None, _) if until.is_none() && head.delivery.lane.is_some() => self.reader.timers_changed(),
                    (None, _) => {}
                }
                if let Some(until) = until {
                    self.reader.wake_by(until);
                }
                if let Some(operation) = reuse {
                    instruments::data_reused(&self.line.id, &operation);
                }
                if !spawned.is_empty() {
                    self.line.core.offer(spawned);
                }
            }
            Fate::Known { result: Err(refusal), again } => {
                if again {
                    tracing::info!(delivery = %id, %refusal, "an outcome was on disk already");
                } else {
                    tracing::warn!(delivery = %id, %refusal, "an outcome was refused: the delivery had moved");
                }
                // Whatever is next in its lane was told to nobody.
                self.window.more_on_disk(head.delivery.class, &head.delivery.client);
                self.reader.look();
            }
            Fate::Known { result: Ok(_), .. } | Fate::Unknown => {
                tracing::error!(delivery = %id, "an outcome may not be on disk; the next start settles it");
            }
        }
    }
}

fn has_left(state: DeliveryState) -> bool {
    state.name().is_final() || state == DeliveryState::Parked
}

/// The outcomes that are decided next, one burst together.
pub(super) async fn next_recorded(mut fates: Fates) -> Work {
    let decided = fates.next().await;
    Work::Recorded(decided, fates)
}

pub(super) fn failure(outcome: &Outcome) -> Option<&Fault> {
    match outcome {
        Outcome::Called { result, .. } => result.as_ref().err(),
        Outcome::LookedUp(found) => found.as_ref().err(),
        Outcome::Unfit(fault) => Some(fault),
        Outcome::Without(_) | Outcome::Passed | Outcome::Early(_) | Outcome::Expired | Outcome::Lost => None,
    }
}
