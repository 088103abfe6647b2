//! `report`: what was exchanged, on time, late, failed, reused and repaired, per day or month. It counts nothing itself.

use clap::Args;
use jiff::civil::Date;
use serde_json::Value;

use super::reconcile::print_sheet;
use super::remote::Remote;
use super::show::{list, rows, text};
use super::{Failure, Out};

#[derive(Debug, Args)]
pub(crate) struct Report {
    #[command(flatten)]
    remote: Remote,
    /// The first day, yyyy-MM-dd [default: the first of the last day's month].
    #[arg(long)]
    from: Option<Date>,
    /// The last day [default: today].
    #[arg(long)]
    to: Option<Date>,
    /// One row a `day` or a `month`.
    #[arg(long, default_value = "day")]
    by: String,
    /// What rows are told apart by besides: `unit`, `procedure`, `system`, with commas between.
    #[arg(long)]
    split: Option<String>,
    #[arg(long)]
    unit: Option<String>,
    #[arg(long)]
    procedure: Option<String>,
    #[arg(long)]
    system: Option<String>,
    /// As CSV for spreadsheets.
    #[arg(long)]
    csv: bool,
}

impl Report {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        let gateway = self.remote.connect()?;
        let Self { remote: _, from, to, by, split, unit, procedure, system, csv } = self;
        let mut query = vec![("by", by)];
        let days = [("from", from), ("to", to)].map(|(name, day)| (name, day.map(|day| day.to_string())));
        let names = [("split", split), ("unit", unit), ("procedure", procedure), ("system", system)];
        query.extend(days.into_iter().chain(names).filter_map(|(name, value)| Some((name, value?))));
        if csv {
            query.push(("format", "csv".to_owned()));
            return print_sheet(&gateway, &["v1", "reports"], &query, out).await;
        }
        let report = gateway.get(&["v1", "reports"], &query).await?;
        if out.is_json() {
            out.value(&report);
            return Ok(());
        }
        let cells: [fn(&Value) -> String; 13] = [
            |row| text(row, "period"),
            |row| text(row, "unit"),
            |row| text(row, "procedure"),
            |row| text(row, "system"),
            |row| text(row, "exchanged"),
            |row| text(row, "on_time"),
            |row| text(row, "late"),
            |row| text(row, "failed"),
            |row| text(row, "given_up"),
            |row| text(row, "reused"),
            |row| text(row, "repaired"),
            |row| text(row, "repair_median_seconds"),
            |row| text(row, "repair_p90_seconds"),
        ];
        let headings = [
            "period",
            "unit",
            "procedure",
            "system",
            "exchanged",
            "on time",
            "late",
            "failed",
            "given up",
            "reused",
            "repaired",
            "median s",
            "p90 s",
        ];
        out.table(&headings, rows(list(&report, "rows"), &cells));
        Ok(())
    }
}
