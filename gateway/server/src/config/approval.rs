//! What one person alone may not do: acts and the operations they need a second person for. It approves nothing.

use std::collections::HashSet;

use lienthong_core::OperationName;
use lienthong_engine::config::Approval;
use lienthong_engine::routing::Catalogue;
use schemars::JsonSchema;
use serde::Deserialize;

use super::clients::PatternModel;
use super::folder;
use super::problems::Problems;
use super::tree::Place;
use crate::security::OperationPattern;

/// Acts that a second person has to approve.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ApprovalModel {
    /// Operations whose messages are amended by two people: one proposes, another with the role approver approves.
    pub amend: Vec<PatternModel>,
}

impl ApprovalModel {
    /// The operations that the patterns mean; one that means none is a problem.
    pub(crate) fn build(&self, catalogue: &Catalogue, problems: &mut Problems) -> Approval {
        let mut amend = HashSet::new();
        for PatternModel(pattern) in &self.amend {
            let meant: Vec<OperationName> =
                catalogue.iter().map(|entry| &entry.spec.name).filter(|name| pattern.matches(name)).cloned().collect();
            if meant.is_empty() {
                let problem = format!("approval.amend: no operation is {}", shown(pattern));
                let remedy = "write an operation that is configured, all of a system's (`portal.*`), or `*`";
                problems.note(folder::GATEWAY, Place::default(), problem, remedy);
            }
            amend.extend(meant);
        }
        Approval { amend }
    }
}

fn shown(pattern: &OperationPattern) -> String {
    match pattern {
        OperationPattern::One(operation) => operation.to_string(),
        OperationPattern::System(system) => format!("{system}.*"),
        OperationPattern::Any => "*".to_owned(),
    }
}
