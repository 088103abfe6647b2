//! Reports in the public JSON. It decides nothing.

use jiff::civil::Date;
use lienthong_engine::report::{Counts, ReportRow};
use serde::Serialize;
use utoipa::ToSchema;

/// A report.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Report {
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    pub rows: Vec<ReportLine>,
}

/// One row of a report.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReportLine {
    /// yyyy-MM-dd, or yyyy-MM.
    #[schema(example = "2026-01-15")]
    pub period: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Delivered to the system.
    pub exchanged: u64,
    /// Of these, by the date promised, after it, and without one.
    pub on_time: u64,
    pub late: u64,
    pub undated: u64,
    /// Parked for a person.
    pub failed: u64,
    /// Given up by a person.
    pub given_up: u64,
    /// Messages filled in from another system's data, and questions answered: data nobody was asked for again.
    pub reused: u64,
    /// Parked ones that were delivered or closed.
    pub repaired: u64,
    /// From parked to delivered or closed: half of them within, and nine of ten; right within a fifth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repair_median_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repair_p90_seconds: Option<u64>,
}

impl From<ReportRow> for ReportLine {
    fn from(row: ReportRow) -> Self {
        let ReportRow { period, unit, procedure, system, counts } = row;
        let seconds = |share| counts.repaired_within(share).map(|within| within.as_secs());
        let (repair_median_seconds, repair_p90_seconds) = (seconds(0.5), seconds(0.9));
        let Counts { exchanged, on_time, late, failed, given_up, reused, repaired, repair: _ } = counts;
        let undated = exchanged.saturating_sub(on_time).saturating_sub(late);
        Self {
            period,
            unit,
            procedure,
            system,
            exchanged,
            on_time,
            late,
            undated,
            failed,
            given_up,
            reused,
            repaired,
            repair_median_seconds,
            repair_p90_seconds,
        }
    }
}
