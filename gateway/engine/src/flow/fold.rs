//! From what happened to a key to where its flow stands: pure, the same for the same past, whoever asks and how often.

use lienthong_core::Timestamp;

use super::{FlowSpec, StepSpec};

/// What a message means for a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Begins,
    /// The step of this place.
    Completes(usize),
    Pauses,
    Resumes,
    /// By the way of this place.
    Ends(usize),
}

/// A message that means something, at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub at: Timestamp,
    pub role: Role,
}

/// Where a flow stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub began_at: Timestamp,
    pub ended: Option<Ended>,
    /// Time stands still since then.
    pub paused_since: Option<Timestamp>,
    /// In the order of the flow's steps.
    pub steps: Vec<StepStanding>,
}

/// How a flow was over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub at: Timestamp,
    /// The early end's name; `None` when every step was done.
    pub by: Option<String>,
}

/// Where one step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepStanding {
    pub name: String,
    pub who_acts: String,
    pub state: StepState,
    /// How often it was completed.
    pub times: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// What comes before it is not done.
    Ahead,
    /// Its turn has come.
    Waiting {
        since: Timestamp,
        due: Option<Timestamp>,
    },
    Late {
        since: Timestamp,
        due: Timestamp,
    },
    /// Its turn has come, and time stands still.
    Paused {
        since: Timestamp,
    },
    Done {
        at: Timestamp,
    },
    /// The flow went on, or ended, without it.
    Skipped,
}

/// One run of a flow, as far as it went.
struct Run {
    began_at: Timestamp,
    ended: Option<(Timestamp, usize)>,
    pauses: Vec<(Timestamp, Option<Timestamp>)>,
    /// Each step's completions, in order.
    done: Vec<Vec<Timestamp>>,
}

/// Where the flow stands at `now`, when it has begun. `marks` are in the order of their times. A beginning after the flow was over
/// begins it anew; the earlier run is history.
pub fn fold(flow: &FlowSpec, marks: &[Mark], now: Timestamp) -> Option<Standing> {
    let mut run: Option<Run> = None;
    for Mark { at, role } in marks.iter().filter(|mark| mark.at <= now) {
        match (role, &mut run) {
            (Role::Begins, Some(open)) if !open.is_over(flow) => {}
            (Role::Begins, _) => run = Some(Run::new(flow, *at)),
            (_, None) => {}
            (role, Some(open)) => open.take(flow, *at, *role),
        }
    }
    run.map(|run| run.standing(flow, now))
}

impl Run {
    fn new(flow: &FlowSpec, began_at: Timestamp) -> Self {
        Self { began_at, ended: None, pauses: Vec::new(), done: vec![Vec::new(); flow.steps.len()] }
    }

    fn take(&mut self, flow: &FlowSpec, at: Timestamp, role: Role) {
        if self.ended.is_some() {
            return;
        }
        let open = self.pauses.last_mut().filter(|pause| pause.1.is_none());
        match role {
            Role::Begins => {}
            Role::Completes(step) => {
                let repeats = flow.steps.get(step).is_some_and(|spec| spec.repeats);
                if let Some(done) = self.done.get_mut(step)
                    && (repeats || done.is_empty())
                {
                    done.push(at);
                }
            }
            Role::Pauses if open.is_none() => self.pauses.push((at, None)),
            Role::Resumes => {
                if let Some(pause) = open {
                    pause.1 = Some(at);
                }
            }
            Role::Pauses => {}
            Role::Ends(end) => self.ended = Some((at, end)),
        }
    }

    /// When the step's turn came, if it has.
    fn ready(&self, flow: &FlowSpec, step: &StepSpec) -> Option<Timestamp> {
        let before = flow.before(step);
        before.into_iter().try_fold(self.began_at, |ready, place| Some(ready.max(self.last(place)?)))
    }

    fn last(&self, step: usize) -> Option<Timestamp> {
        self.done.get(step)?.last().copied()
    }

    /// When it was done, as far as it is: one that repeats is open again when what comes before it happened again.
    fn done_at(&self, flow: &FlowSpec, place: usize, step: &StepSpec) -> Option<Timestamp> {
        let last = self.last(place)?;
        let reopened = step.repeats && self.ready(flow, step).is_some_and(|ready| ready > last);
        (!reopened).then_some(last)
    }

    /// Whether the flow went on without it: something that comes after it is done, since its turn came.
    fn is_passed(&self, flow: &FlowSpec, place: usize, step: &StepSpec) -> bool {
        let since = self.ready(flow, step);
        flow.steps.iter().enumerate().any(|(later, spec)| {
            let after = self.last(later).is_some_and(|done| since.is_none_or(|since| done > since));
            after && comes_after(flow, spec, place)
        })
    }

    /// Whether nothing of it is expected any more, and since when.
    fn over(&self, flow: &FlowSpec) -> Option<Timestamp> {
        if let Some((at, _)) = self.ended {
            return Some(at);
        }
        let mut last = self.began_at;
        for (place, step) in flow.steps.iter().enumerate() {
            match self.done_at(flow, place, step) {
                Some(at) => last = last.max(at),
                None if self.is_passed(flow, place, step) => {}
                None => return None,
            }
        }
        Some(last)
    }

    fn is_over(&self, flow: &FlowSpec) -> bool {
        self.over(flow).is_some()
    }

    fn standing(&self, flow: &FlowSpec, now: Timestamp) -> Standing {
        let steps = flow.steps.iter().enumerate().map(|(place, step)| StepStanding {
            name: step.name.clone(),
            who_acts: step.who_acts.clone(),
            state: self.state(flow, place, step, now),
            times: self.done.get(place).map_or(0, |done| u32::try_from(done.len()).unwrap_or(u32::MAX)),
        });
        let by = self.ended.and_then(|(_, end)| flow.ends.get(end)).map(|end| end.name.clone());
        Standing {
            began_at: self.began_at,
            ended: self.over(flow).map(|at| Ended { at, by }),
            paused_since: self.pauses.last().filter(|pause| pause.1.is_none()).map(|pause| pause.0),
            steps: steps.collect(),
        }
    }

    fn state(&self, flow: &FlowSpec, place: usize, step: &StepSpec, now: Timestamp) -> StepState {
        if let Some(at) = self.done_at(flow, place, step) {
            return StepState::Done { at };
        }
        if self.ended.is_some() || self.is_passed(flow, place, step) {
            return StepState::Skipped;
        }
        let Some(since) = self.ready(flow, step) else { return StepState::Ahead };
        let Some(within) = step.within else { return self.waiting(since, None) };
        match within.over(since, &self.pauses, flow.calendar.as_deref()) {
            None => StepState::Paused { since },
            Some(due) if due < now => StepState::Late { since, due },
            Some(due) => self.waiting(since, Some(due)),
        }
    }

    fn waiting(&self, since: Timestamp, due: Option<Timestamp>) -> StepState {
        let paused = self.pauses.last().is_some_and(|pause| pause.1.is_none());
        if paused { StepState::Paused { since } } else { StepState::Waiting { since, due } }
    }
}

/// Whether `step` comes, directly or not, after the step of this place.
fn comes_after(flow: &FlowSpec, step: &StepSpec, place: usize) -> bool {
    // The steps wait for no step that waits for them: checked when loaded, bounded all the same.
    let mut open = flow.before(step);
    for _bound in 0..=flow.steps.len().saturating_mul(flow.steps.len()) {
        let Some(before) = open.pop() else { return false };
        if before == place {
            return true;
        }
        open.extend(flow.steps.get(before).map(|spec| flow.before(spec)).unwrap_or_default());
    }
    false
}
