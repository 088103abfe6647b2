//! Flows of a key, and copies of its messages, as the gRPC contract says them. It reads no journal.

use lienthong_engine::flow::{StepStanding, StepState};
use lienthong_engine::service::FlowView;
use lienthong_journal::{EventRecord, Standstill};
use lienthong_proto::v1;

use super::convert::instant;

pub(crate) fn flow(view: &FlowView) -> v1::Flow {
    let standing = &view.standing;
    v1::Flow {
        name: view.name.clone(),
        summary: view.summary.clone(),
        began_at: Some(instant(standing.began_at)),
        paused_since: standing.paused_since.map(instant),
        ended_at: standing.ended.as_ref().map(|ended| instant(ended.at)),
        ended_by: standing.ended.as_ref().and_then(|ended| ended.by.clone()).unwrap_or_default(),
        steps: standing.steps.iter().map(step).collect(),
    }
}

fn step(step: &StepStanding) -> v1::FlowStep {
    let StepStanding { name, who_acts, state, times } = step;
    let (state, since, due, done) = match state {
        StepState::Ahead => ("ahead", None, None, None),
        StepState::Waiting { since, due } => ("waiting", Some(*since), *due, None),
        StepState::Late { since, due } => ("late", Some(*since), Some(*due), None),
        StepState::Paused { since } => ("paused", Some(*since), None, None),
        StepState::Done { at } => ("done", None, None, Some(*at)),
        StepState::Skipped => ("skipped", None, None, None),
    };
    v1::FlowStep {
        name: name.clone(),
        state: state.to_owned(),
        who_acts: who_acts.clone(),
        since: since.map(instant),
        due_at: due.map(instant),
        done_at: done.map(instant),
        times: *times,
    }
}

pub(crate) fn stood_still(Standstill { since, until }: &Standstill) -> v1::StoodStill {
    v1::StoodStill { since: Some(instant(*since)), until: until.map(instant) }
}

pub(crate) fn copy(event: &EventRecord) -> v1::RecognisedCopy {
    v1::RecognisedCopy {
        at: Some(instant(event.at)),
        exchange_id: event.exchange.map(|id| id.to_string()).unwrap_or_default(),
        note: event.note.clone().unwrap_or_default(),
    }
}
