//! Who must act on a difference, and why that is thought: from what was handed over here and what became of it. Pure.

use lienthong_core::ExchangeId;
use serde::{Deserialize, Serialize};

use super::compare::{Aspect, Difference, Newer};
use crate::desk::Party;

/// The newest message of a key that was handed over here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    pub exchange: ExchangeId,
    pub progress: Progress,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Whether it says what the province's list says, as far as both tell.
    pub same: bool,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    OnItsWay,
    Parked,
    Delivered,
    /// Cancelled, discarded, or replaced by a newer one.
    Closed,
}

/// Why a difference is there, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The province's system never handed this state over.
    NeverHandedOver,
    /// It handed an older state over, and not this one.
    OlderHandedOver,
    /// It is parked here: its sync error says whose turn it is.
    Parked,
    /// It is on its way.
    OnItsWay,
    /// It was delivered, and the other side does not show it.
    DeliveredNotShown,
    /// The other side holds a newer state: somebody changed it there.
    NewerThere,
    /// Nobody can tell which side is newer.
    Undecided,
    /// The province's list does not have it.
    NotInTheList,
}

impl Why {
    pub const ALL: [Self; 8] = [
        Self::NeverHandedOver,
        Self::OlderHandedOver,
        Self::Parked,
        Self::OnItsWay,
        Self::DeliveredNotShown,
        Self::NewerThere,
        Self::Undecided,
        Self::NotInTheList,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeverHandedOver => "never_handed_over",
            Self::OlderHandedOver => "older_handed_over",
            Self::Parked => "parked",
            Self::OnItsWay => "on_its_way",
            Self::DeliveredNotShown => "delivered_not_shown",
            Self::NewerThere => "newer_there",
            Self::Undecided => "undecided",
            Self::NotInTheList => "not_in_the_list",
        }
    }

    /// Whose turn it is.
    pub fn party(self) -> Party {
        match self {
            Self::NeverHandedOver | Self::OlderHandedOver | Self::NewerThere | Self::Undecided | Self::NotInTheList => {
                Party::SourceSystem
            }
            Self::Parked | Self::OnItsWay => Party::Gateway,
            Self::DeliveredNotShown => Party::TargetSystem,
        }
    }
}

/// Why the difference is there.
pub fn why(difference: &Difference, handed: Option<&Handed>) -> Why {
    if difference.aspects.contains(&Aspect::MissingHere) {
        return Why::NotInTheList;
    }
    match (difference.newer, handed) {
        (Newer::There, _) => Why::NewerThere,
        (Newer::Here | Newer::Undecided, Some(Handed { progress: Progress::Parked, same: true, .. })) => Why::Parked,
        (Newer::Here | Newer::Undecided, Some(Handed { progress: Progress::OnItsWay, same: true, .. })) => {
            Why::OnItsWay
        }
        (Newer::Here | Newer::Undecided, Some(Handed { progress: Progress::Delivered, same: true, .. })) => {
            Why::DeliveredNotShown
        }
        (Newer::Undecided, _) => Why::Undecided,
        (Newer::Here, None | Some(Handed { progress: Progress::Closed, same: true, .. })) => Why::NeverHandedOver,
        (Newer::Here, Some(Handed { same: false, .. })) => Why::OlderHandedOver,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handed(progress: Progress, same: bool) -> Handed {
        let exchange = "0199c2f0-7b1a-7c3e-9d55-0f6f1f0a2b3c".parse().unwrap();
        Handed { exchange, progress, status: None, same }
    }

    fn found(aspect: Aspect, newer: Newer) -> Difference {
        Difference { aspects: vec![aspect], newer }
    }

    #[test]
    fn whose_turn_it_is_follows_from_what_was_handed_over() {
        let missing = found(Aspect::MissingThere, Newer::Here);
        let cases = [
            (&missing, None, Why::NeverHandedOver, Party::SourceSystem),
            (&missing, Some(handed(Progress::Delivered, true)), Why::DeliveredNotShown, Party::TargetSystem),
            (&missing, Some(handed(Progress::Delivered, false)), Why::OlderHandedOver, Party::SourceSystem),
            (&missing, Some(handed(Progress::Parked, true)), Why::Parked, Party::Gateway),
            (&missing, Some(handed(Progress::OnItsWay, true)), Why::OnItsWay, Party::Gateway),
            (&missing, Some(handed(Progress::Closed, true)), Why::NeverHandedOver, Party::SourceSystem),
        ];
        for (difference, handed, expected, party) in cases {
            let why = why(difference, handed.as_ref());
            assert_eq!((why, why.party()), (expected, party));
        }
    }

    #[test]
    fn a_newer_state_there_is_the_provinces_to_look_at_whatever_was_handed_over() {
        let newer = found(Aspect::Status, Newer::There);
        assert_eq!(why(&newer, None), Why::NewerThere);
        assert_eq!(why(&newer, Some(&handed(Progress::Delivered, true))), Why::NewerThere);
        let unknown = found(Aspect::Due, Newer::Undecided);
        assert_eq!(why(&unknown, None), Why::Undecided);
        let only_there = found(Aspect::MissingHere, Newer::There);
        assert_eq!(why(&only_there, None), Why::NotInTheList);
    }
}
