//! What a person or program may do besides its own exchanges: one ladder for the API and the console. It checks nobody.

use serde::{Deserialize, Serialize};

/// Each role includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees all exchanges, errors and systems.
    Viewer,
    /// Also releases, discards, pauses, resumes, probes.
    Operator,
    /// Also approves what another operator has asked for.
    Approver,
    /// Also reloads the configuration.
    Administrator,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Operator, Self::Approver, Self::Administrator];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::Administrator => "administrator",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_a_ladder_in_the_order_they_are_listed() {
        assert!(Role::ALL.is_sorted());
        assert!(Role::Approver > Role::Operator && Role::Administrator > Role::Approver);
    }
}
