//! The names of what operators work with: states of cases, who must act, what a release would come to. It decides nothing.

use lienthong_engine::desk::{CaseState, Going, Party};
use lienthong_engine::service::Verdict;

use super::Words;

impl Words {
    pub(crate) fn case_state(&self, state: CaseState) -> &'static str {
        let names = &self.case_states;
        match state {
            CaseState::New => names.new,
            CaseState::Acknowledged => names.acknowledged,
            CaseState::Assigned => names.assigned,
            CaseState::Releasing => names.releasing,
            CaseState::Resolved => names.resolved,
            CaseState::Reopened => names.reopened,
        }
    }

    pub(crate) fn party(&self, party: Party) -> &'static str {
        let names = &self.parties;
        match party {
            Party::SourceSystem => names.source_system,
            Party::Mapping => names.mapping,
            Party::CodeList => names.code_list,
            Party::Network => names.network,
            Party::TargetSystem => names.target_system,
            Party::Credentials => names.credentials,
            Party::Gateway => names.gateway,
        }
    }

    pub(crate) fn verdict(&self, verdict: Verdict) -> &'static str {
        let names = &self.verdicts;
        match verdict {
            Verdict::Passes => names.passes,
            Verdict::Fails => names.fails,
            Verdict::NeedsConfirmation => names.needs_confirmation,
            Verdict::LookedUpFirst => names.looked_up_first,
            Verdict::Waits => names.waits,
            Verdict::Refused => names.refused,
            Verdict::NotPreviewed => names.not_previewed,
        }
    }

    pub(crate) fn going(&self, going: Going) -> &'static str {
        match going {
            Going::Running => self.goings.running,
            Going::Paused => self.goings.paused,
            Going::Stopped => self.goings.stopped,
            Going::Done => self.goings.done,
        }
    }
}
