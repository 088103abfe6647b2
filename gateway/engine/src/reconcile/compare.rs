//! Two sides of one key held against each other: what differs, and which side is newer. Pure; what a side cannot tell is never a difference.

use std::collections::HashMap;

use jiff::civil::Date;
use lienthong_core::Timestamp;
use serde::{Deserialize, Serialize};

/// What one side says of a key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
pub struct State {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
    /// `None` where the side cannot tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The day it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
    #[serde(default)]
    pub due: Told,
    #[serde(default)]
    pub returned: Told,
    /// When that side last changed it, by its own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Timestamp>,
}

/// A day, as far as a side tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// This side does not tell it at all.
    #[default]
    Untold,
    /// It tells that there is none.
    Never,
    On(Date),
}

impl Told {
    pub fn day(self) -> Option<Date> {
        match self {
            Self::On(day) => Some(day),
            Self::Untold | Self::Never => None,
        }
    }

    fn differs(self, other: Self) -> bool {
        match (self, other) {
            (Self::Untold, _) | (_, Self::Untold) => false,
            (Self::Never | Self::On(_), Self::Never | Self::On(_)) => self != other,
        }
    }
}

/// In what two sides differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// The province has it, the other side does not.
    MissingThere,
    /// The other side has it, the province's list does not.
    MissingHere,
    Status,
    Due,
    Returned,
}

impl Aspect {
    pub const ALL: [Self; 5] = [Self::MissingThere, Self::MissingHere, Self::Status, Self::Due, Self::Returned];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingThere => "missing_there",
            Self::MissingHere => "missing_here",
            Self::Status => "status",
            Self::Due => "due",
            Self::Returned => "returned",
        }
    }
}

/// Which side holds the newer state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Newer {
    Here,
    There,
    /// Neither times nor statuses say it.
    Undecided,
}

impl Newer {
    pub const ALL: [Self; 3] = [Self::Here, Self::There, Self::Undecided];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::There => "there",
            Self::Undecided => "undecided",
        }
    }
}

/// A difference between two sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// At least one, in the order of [`Aspect`].
    pub aspects: Vec<Aspect>,
    pub newer: Newer,
}

/// The order statuses come in. Statuses of one rank may follow each other both ways.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order(HashMap<String, usize>);

impl Order {
    /// Ranks from the first to the last; a status named twice is answered.
    pub fn new(ranks: Vec<Vec<String>>) -> Result<Self, String> {
        let mut order = HashMap::new();
        for (rank, statuses) in ranks.into_iter().enumerate() {
            for status in statuses {
                if order.insert(status.clone(), rank).is_some() {
                    return Err(status);
                }
            }
        }
        Ok(Self(order))
    }

    fn rank(&self, state: &State) -> Option<usize> {
        self.0.get(state.status.as_deref()?).copied()
    }

    /// By the sides' own clocks where both tell them, else by how far the statuses are.
    fn newer(&self, here: &State, there: &State) -> Newer {
        let clocks = here.changed.zip(there.changed).map(|(here, there)| here.cmp(&there));
        let ranks = || self.rank(here).zip(self.rank(there)).map(|(here, there)| here.cmp(&there));
        match clocks.or_else(ranks) {
            Some(std::cmp::Ordering::Greater) => Newer::Here,
            Some(std::cmp::Ordering::Less) => Newer::There,
            Some(std::cmp::Ordering::Equal) | None => Newer::Undecided,
        }
    }
}

/// In what the two sides of one key differ, if they do.
pub fn difference(here: Option<&State>, there: Option<&State>, order: &Order) -> Option<Difference> {
    let (here, there) = match (here, there) {
        (None, None) => return None,
        (Some(_), None) => return Some(Difference { aspects: vec![Aspect::MissingThere], newer: Newer::Here }),
        (None, Some(_)) => return Some(Difference { aspects: vec![Aspect::MissingHere], newer: Newer::There }),
        (Some(here), Some(there)) => (here, there),
    };
    let status = here.status.as_ref().zip(there.status.as_ref()).is_some_and(|(here, there)| here != there);
    let found = [
        (Aspect::Status, status),
        (Aspect::Due, here.due.differs(there.due)),
        (Aspect::Returned, here.returned.differs(there.returned)),
    ];
    let aspects: Vec<Aspect> = found.into_iter().filter(|(_, differs)| *differs).map(|(aspect, _)| aspect).collect();
    (!aspects.is_empty()).then(|| Difference { aspects, newer: order.newer(here, there) })
}

#[cfg(test)]
mod tests;
