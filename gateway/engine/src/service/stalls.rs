//! Where dossiers stall: of every flow, how many wait at which step, how many are late there and who must act. It changes nothing.

use std::collections::BTreeMap;

use lienthong_core::{BusinessKey, Fault, Fingerprint, StateName, Timestamp};

use super::Service;
use super::fault::of_journal;
use crate::dispatch::flows::{OpenTimer, open_timers};
use crate::flow::FlowSpec;

/// Most steps that are looked at in each state.
pub const STALLS_MOST: usize = 2_000;
/// Late dossiers named of one step.
const NAMED: usize = 20;

/// All flows of the running configuration.
#[derive(Debug, Clone)]
pub struct Stalls {
    pub flows: Vec<FlowStalls>,
    /// Whether more steps are open than were looked at: the numbers are the least they can be.
    pub truncated: bool,
}

/// One flow over all keys.
#[derive(Debug, Clone)]
pub struct FlowStalls {
    pub name: String,
    pub summary: String,
    /// In the order of the flow's steps; only steps with a time limit are waited for by a timer.
    pub steps: Vec<StepStalls>,
}

/// One step over all keys.
#[derive(Debug, Clone)]
pub struct StepStalls {
    pub name: String,
    pub who_acts: String,
    /// Whether it has a time limit; without one it is not counted.
    pub limited: bool,
    /// Keys whose turn it is, in time or in a pause.
    pub waiting: u64,
    /// Keys whose turn it is, too late.
    pub late: u64,
    /// The error group of those.
    pub group: Option<Fingerprint>,
    /// Those that wait longest, at most 20.
    pub longest: Vec<LateKey>,
}

/// A key whose step is late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateKey {
    pub key: BusinessKey,
    /// When the step's turn came.
    pub since: Timestamp,
    /// When it became late, as far as the gateway noticed.
    pub late_since: Timestamp,
}

/// What the open timers of one step add up to.
#[derive(Default)]
struct Tally {
    waiting: u64,
    late: u64,
    group: Option<Fingerprint>,
    longest: Vec<LateKey>,
}

impl Service {
    /// Every flow's steps with how many keys stand there, from the flows' open timers.
    pub async fn stalls(&self) -> Result<Stalls, Fault> {
        let config = self.config.load_full();
        if config.flows.is_empty() {
            return Ok(Stalls { flows: Vec::new(), truncated: false });
        }
        let (late, more_late) =
            open_timers(&*self.journal, StateName::Parked, STALLS_MOST).await.map_err(of_journal)?;
        let (waiting, more_waiting) =
            open_timers(&*self.journal, StateName::Waiting, STALLS_MOST).await.map_err(of_journal)?;
        let mut tallies: BTreeMap<(String, String), Tally> = BTreeMap::new();
        for open in waiting {
            let tally = tallies.entry(open.step()).or_default();
            tally.waiting = tally.waiting.saturating_add(1);
        }
        for open in late {
            tallies.entry(open.step()).or_default().late(open);
        }
        let flows = config.flows.iter().map(|flow| stalls(&flow.spec, &mut tallies)).collect();
        Ok(Stalls { flows, truncated: more_late || more_waiting })
    }
}

fn stalls(flow: &FlowSpec, tallies: &mut BTreeMap<(String, String), Tally>) -> FlowStalls {
    let steps = flow.steps.iter().map(|step| {
        let tally = tallies.remove(&(flow.name.clone(), step.name.clone())).unwrap_or_default();
        let Tally { waiting, late, group, mut longest } = tally;
        longest
            .sort_by(|one, other| one.since.cmp(&other.since).then_with(|| one.key.as_str().cmp(other.key.as_str())));
        longest.truncate(NAMED);
        StepStalls {
            name: step.name.clone(),
            who_acts: step.who_acts.clone(),
            limited: step.within.is_some(),
            waiting,
            late,
            group,
            longest,
        }
    });
    FlowStalls { name: flow.name.clone(), summary: flow.summary.clone(), steps: steps.collect() }
}

impl Tally {
    fn late(&mut self, open: OpenTimer) {
        self.late = self.late.saturating_add(1);
        let since = open.since();
        let OpenTimer { key, delivery, .. } = open;
        self.group = self.group.take().or(delivery.fingerprint);
        self.longest.push(LateKey { key, since, late_since: delivery.updated_at });
    }
}
