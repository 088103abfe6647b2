//! Reports: what was exchanged, on time, late, failed, reused and repaired.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::Uri;
use lienthong_engine::report::{Asked, Period};
use lienthong_engine::sheet;

use super::Answer;
use super::reconciliations::{as_csv, sheet_of};
use crate::http::documented;
use crate::http::extract::Admitted;
use crate::http::model::{Report, ReportLine};
use crate::http::params::Parameters;
use crate::security::Role;
use crate::state::AppState;

const COLUMNS: [&str; 14] = [
    "period",
    "unit",
    "procedure",
    "system",
    "exchanged",
    "on_time",
    "late",
    "undated",
    "failed",
    "given_up",
    "reused",
    "repaired",
    "repair_median_seconds",
    "repair_p90_seconds",
];

/// Reports the days asked for: the present month where nothing is said. Days that are over do not change any more, and outlive what they
/// count; today is what was counted up to a second ago.
#[utoipa::path(
    get, path = "/v1/reports", tag = "reports", operation_id = "getReport",
    params(documented::ReportQuery, documented::SheetQuery),
    responses((status = 200, description = "The rows.", content((Report = "application/json"), (String = "text/csv"))))
)]
pub(crate) async fn show(State(state): State<AppState>, call: Admitted, uri: Uri) -> Answer {
    call.identity.require(Role::Viewer)?;
    let mut query = Parameters::of(&uri);
    let by = query.take_as("by", |text| {
        let known = Period::ALL.into_iter().find(|period| period.as_str() == text);
        known.ok_or_else(|| "must be day or month".to_owned())
    });
    let asked = Asked {
        from: query.take("from"),
        to: query.take("to"),
        by: by.unwrap_or_default(),
        split: query.take("split").unwrap_or_default(),
        unit: query.take("unit"),
        procedure: query.take("procedure"),
        system: query.take("system"),
    };
    let as_csv = as_csv(&mut query);
    query.finish()?;
    let (from, to) = state.service.report_days(&asked)?;
    let rows: Vec<ReportLine> = state.service.report(&asked).await?.into_iter().map(Into::into).collect();
    if as_csv {
        return Ok(sheet_of("report", sheet::csv(&COLUMNS, rows.iter().map(cells))));
    }
    Ok(Json(Report { from, to, rows }).into_response())
}

fn cells(line: &ReportLine) -> Vec<String> {
    let ReportLine {
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
    } = line.clone();
    let mut cells = vec![period];
    cells.extend([unit, procedure, system].map(Option::unwrap_or_default));
    cells
        .extend([exchanged, on_time, late, undated, failed, given_up, reused, repaired].map(|count| count.to_string()));
    let seconds = [repair_median_seconds, repair_p90_seconds];
    cells.extend(seconds.map(|seconds| seconds.map(|seconds| seconds.to_string()).unwrap_or_default()));
    cells
}
