//! Counts of a run in the public JSON. It decides nothing.

use jiff::civil::Date;
use lienthong_engine::reconcile::{Cell, Place};
use serde::Serialize;
use utoipa::ToSchema;

/// Counts by unit, procedure, status and day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Totals {
    pub totals: Vec<TotalsRow>,
}

/// Counts of one place.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TotalsRow {
    pub unit: Option<String>,
    pub procedure: Option<String>,
    pub status: Option<String>,
    #[schema(value_type = Option<String>, format = Date)]
    pub day: Option<Date>,
    /// In the province's list.
    pub here: u64,
    /// Handed over here.
    pub handed: u64,
    /// On the other side.
    pub there: u64,
    pub different: u64,
}

impl From<(Place, Cell)> for TotalsRow {
    fn from((place, cell): (Place, Cell)) -> Self {
        let Place { unit, procedure, status, day } = place;
        let Cell { here, handed, there, different } = cell;
        Self { unit, procedure, status, day, here, handed, there, different }
    }
}
