//! Counts by unit, procedure, status and day, on each side. Pure.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::compare::State;

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Hash, Serialize, Deserialize)]
pub struct Place {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
}

/// Counts of one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cell {
    /// In the province's list.
    pub here: u64,
    /// The newest message handed over here says so.
    pub handed: u64,
    /// On the other side.
    pub there: u64,
    /// Keys of the province's list (or only of the other side) that differ.
    pub different: u64,
}

/// Counts by place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally(pub BTreeMap<Place, Cell>);

/// One side of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Here,
    Handed,
    There,
    Different,
}

impl Place {
    /// Where a state is counted; what it does not tell is as `otherwise` tells.
    pub fn of(state: &State, otherwise: Option<&State>) -> Self {
        let or = |own: &Option<String>, pick: fn(&State) -> &Option<String>| {
            own.clone().or_else(|| otherwise.and_then(|other| pick(other).clone()))
        };
        Self {
            unit: or(&state.unit, |other| &other.unit),
            procedure: or(&state.procedure, |other| &other.procedure),
            status: or(&state.status, |other| &other.status),
            day: state.day.or_else(|| otherwise.and_then(|other| other.day)),
        }
    }
}

impl Tally {
    pub fn count(&mut self, place: Place, column: Column) {
        let cell = self.0.entry(place).or_default();
        let counted = match column {
            Column::Here => &mut cell.here,
            Column::Handed => &mut cell.handed,
            Column::There => &mut cell.there,
            Column::Different => &mut cell.different,
        };
        *counted = counted.saturating_add(1);
    }

    pub fn add(&mut self, cells: impl IntoIterator<Item = (Place, Cell)>) {
        for (place, Cell { here, handed, there, different }) in cells {
            let cell = self.0.entry(place).or_default();
            cell.here = cell.here.saturating_add(here);
            cell.handed = cell.handed.saturating_add(handed);
            cell.there = cell.there.saturating_add(there);
            cell.different = cell.different.saturating_add(different);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_side_does_not_tell_is_counted_where_the_other_stands() {
        let here = State {
            unit: Some("H56.14".to_owned()),
            procedure: Some("1.000094".to_owned()),
            status: Some("returned".to_owned()),
            ..State::default()
        };
        let there = State { status: Some("finished".to_owned()), ..State::default() };
        let mut tally = Tally::default();
        tally.count(Place::of(&here, None), Column::Here);
        tally.count(Place::of(&there, Some(&here)), Column::There);
        tally.count(Place::of(&here, None), Column::Different);
        let mut twice = tally.clone();
        twice.add(tally.0.clone());
        let cells: Vec<(Option<&str>, Cell)> = twice.0.iter().map(|(at, cell)| (at.status.as_deref(), *cell)).collect();
        let finished = Cell { there: 2, ..Cell::default() };
        let returned = Cell { here: 2, different: 2, ..Cell::default() };
        assert_eq!(cells, [(Some("finished"), finished), (Some("returned"), returned)]);
        assert!(twice.0.keys().all(|place| place.unit.as_deref() == Some("H56.14")));
    }
}
