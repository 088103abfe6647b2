//! The case of an error group: who has it, what was said of it, what fixed it before. Pure: a case and an act in, the next case out.

use lienthong_core::Timestamp;
use lienthong_journal::GroupRecord;
use serde::{Deserialize, Serialize};

/// Notes kept of one case; older ones stay in the record of acts.
pub const MOST_NOTES: usize = 100;
/// Fixes remembered of one case.
pub const MOST_FIXES: usize = 20;

/// Where an error group stands with the people who mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseState {
    /// Nobody has looked at it.
    New,
    Acknowledged,
    /// Somebody has it.
    Assigned,
    /// What was parked is being sent again.
    Releasing,
    /// Nothing of it is open.
    Resolved,
    /// It came back, and nobody has looked at it since.
    Reopened,
}

impl CaseState {
    pub const ALL: [Self; 6] =
        [Self::New, Self::Acknowledged, Self::Assigned, Self::Releasing, Self::Resolved, Self::Reopened];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Acknowledged => "acknowledged",
            Self::Assigned => "assigned",
            Self::Releasing => "releasing",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
        }
    }
}

/// Something an operator wrote down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub at: Timestamp,
    pub who: String,
    pub text: String,
}

/// What closed it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    pub at: Timestamp,
    pub who: String,
    pub how: String,
}

/// What people added to an error group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Case {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// How often the group had come back when somebody last looked; `None` when nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<u64>,
    /// Oldest first.
    pub notes: Vec<Note>,
    /// Oldest first.
    pub fixes: Vec<Fix>,
}

/// What is done to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    Acknowledge,
    /// To a person or unit; `None` gives it back.
    Assign(Option<String>),
    Note(String),
    /// What fixed it, remembered for the next time.
    Resolve(String),
}

impl Deed {
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledged",
            Self::Assign(Some(_)) => "assigned",
            Self::Assign(None) => "unassigned",
            Self::Note(_) => "noted",
            Self::Resolve(_) => "resolved",
        }
    }
}

impl Case {
    /// The case after a deed.
    #[must_use]
    pub fn after(mut self, deed: &Deed, who: &str, at: Timestamp, group: &GroupRecord) -> Self {
        let who = who.to_owned();
        match deed {
            Deed::Acknowledge => self.looked_at = Some(group.reopened),
            Deed::Assign(owner) => {
                self.owner.clone_from(owner);
                self.looked_at = Some(group.reopened);
            }
            Deed::Note(text) => {
                self.notes.push(Note { at, who, text: text.clone() });
                let over = self.notes.len().saturating_sub(MOST_NOTES);
                self.notes.drain(..over);
            }
            Deed::Resolve(how) => {
                self.fixes.push(Fix { at, who, how: how.clone() });
                let over = self.fixes.len().saturating_sub(MOST_FIXES);
                self.fixes.drain(..over);
                self.owner = None;
                self.looked_at = Some(group.reopened);
            }
        }
        self
    }

    /// Where it stands beside what the journal knows of the group.
    pub fn state(&self, group: &GroupRecord, releasing: bool) -> CaseState {
        if releasing {
            return CaseState::Releasing;
        }
        if !is_open(group) {
            return CaseState::Resolved;
        }
        match self.looked_at {
            Some(looked_at) if looked_at >= group.reopened => match &self.owner {
                Some(_) => CaseState::Assigned,
                None => CaseState::Acknowledged,
            },
            Some(_) | None if group.reopened > 0 => CaseState::Reopened,
            Some(_) | None => CaseState::New,
        }
    }

    pub fn last_fix(&self) -> Option<&Fix> {
        self.fixes.last()
    }
}

/// Whether anything of a group is parked, waiting or being verified.
pub fn is_open(group: &GroupRecord) -> bool {
    group.parked > 0 || group.waiting > 0
}

#[cfg(test)]
mod tests {
    use lienthong_core::{DeliveryId, ExchangeId, Fault, FaultKind, OperationName, SystemId};

    use super::*;

    fn group(parked: u64, reopened: u64) -> GroupRecord {
        let at = Timestamp::UNIX_EPOCH;
        GroupRecord {
            fingerprint: "1-00000000000000000000000000000000".parse().unwrap(),
            system: SystemId::new("portal").unwrap(),
            operation: OperationName::new("portal.sync-dossier").unwrap(),
            first_seen: at,
            last_seen: at,
            seen: 1,
            parked,
            waiting: 0,
            held_behind: 0,
            sample: Fault::of(FaultKind::Rejected, "x"),
            sample_delivery: DeliveryId { exchange: ExchangeId(uuid::Uuid::nil()), index: 0 },
            opened_at: at,
            reopened,
        }
    }

    fn did(case: Case, deed: &Deed, group: &GroupRecord) -> Case {
        case.after(deed, "lan", Timestamp::UNIX_EPOCH, group)
    }

    #[test]
    fn a_case_goes_from_new_to_resolved_and_comes_back_until_somebody_looks() {
        let (open, closed, back) = (group(3, 0), group(0, 0), group(1, 1));
        let case = Case::default();
        assert_eq!(case.state(&open, false), CaseState::New);
        let case = did(case, &Deed::Acknowledge, &open);
        assert_eq!(case.state(&open, false), CaseState::Acknowledged);
        let case = did(case, &Deed::Assign(Some("lan".into())), &open);
        assert_eq!(case.state(&open, false), CaseState::Assigned);
        assert_eq!(case.state(&open, true), CaseState::Releasing);
        let case = did(case, &Deed::Resolve("bổ sung mã".into()), &closed);
        assert_eq!(case.state(&closed, false), CaseState::Resolved);
        assert_eq!(case.state(&back, false), CaseState::Reopened);
        assert_eq!(case.last_fix().unwrap().how, "bổ sung mã");
        assert_eq!(did(case, &Deed::Acknowledge, &back).state(&back, false), CaseState::Acknowledged);
    }

    #[test]
    fn what_came_back_before_anybody_looked_is_reopened_too() {
        assert_eq!(Case::default().state(&group(1, 2), false), CaseState::Reopened);
    }

    #[test]
    fn notes_are_bounded_and_the_newest_stay() {
        let group = group(1, 0);
        let case = (0..MOST_NOTES + 5).fold(Case::default(), |case, n| did(case, &Deed::Note(n.to_string()), &group));
        assert_eq!((case.notes.len(), case.notes.last().unwrap().text.as_str()), (MOST_NOTES, "104"));
        assert_eq!(case.state(&group, false), CaseState::New);
    }
}
