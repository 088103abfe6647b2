//! Reports over gRPC: parse, call, convert; nothing else.

use lienthong_core::Fault;
use lienthong_engine::report::{Asked, Period, Split};
use lienthong_proto::v1;

use crate::grpc::desk::Desk;
use crate::grpc::parse;
use crate::http::model::ReportLine;

pub(super) async fn show(desk: Desk, asked: v1::GetReportRequest) -> Result<v1::Report, Fault> {
    let v1::GetReportRequest { from, to, by, by_unit, by_procedure, by_system, unit, procedure, system } = asked;
    let asked = Asked {
        from: parse::optional("from", &from)?,
        to: parse::optional("to", &to)?,
        by: period(&by)?,
        split: Split { unit: by_unit, procedure: by_procedure, system: by_system },
        unit: parse::text(unit),
        procedure: parse::text(procedure),
        system: parse::text(system),
    };
    let (from, to) = desk.service().report_days(&asked)?;
    let rows = desk.service().report(&asked).await?;
    Ok(v1::Report {
        from: from.to_string(),
        to: to.to_string(),
        rows: rows.into_iter().map(|row| ReportLine::from(row).into()).collect(),
    })
}

fn period(text: &str) -> Result<Period, Fault> {
    if text.is_empty() {
        return Ok(Period::default());
    }
    let known = Period::ALL.into_iter().find(|period| period.as_str() == text);
    known.ok_or_else(|| parse::bad("by", "must be day or month"))
}

impl From<ReportLine> for v1::ReportRow {
    fn from(line: ReportLine) -> Self {
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
        } = line;
        Self {
            period,
            unit: unit.unwrap_or_default(),
            procedure: procedure.unwrap_or_default(),
            system: system.unwrap_or_default(),
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
