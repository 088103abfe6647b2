//! Reports per day or month: a table, a picture of it, and the same as files. It counts nothing.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::routing::get;
use http::header;
use lienthong_engine::report::{Asked, Counts, Period, ReportRow};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::parts::{choice, number, systems};
use crate::export::Export;
use crate::form::{Fields, Query, bad};
use crate::guard::Visit;
use crate::refused::{Answer, Refused};
use crate::shown::cell;
use crate::text::Words;
use crate::{Console, layout};

const PATH: &str = "/console/reports";
/// Rows shown; all are in the files.
const ROWS: usize = 500;
/// Bars drawn; the newest, where there are more.
const BARS: usize = 62;
const BAR: usize = 16;
const STEP: usize = 22;
const HEIGHT: u64 = 160;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(show))
        .route("/console/reports.csv", get(csv))
        .route("/console/reports.json", get(as_json))
}

fn asked(fields: &Fields) -> Result<Asked, Refused> {
    let text = |name: &str| fields.some(name).map(str::to_owned);
    let by = match fields.some("by") {
        None => Period::default(),
        Some(text) => Period::ALL.into_iter().find(|period| period.as_str() == text).ok_or_else(|| bad("by"))?,
    };
    Ok(Asked {
        from: fields.parsed("from")?,
        to: fields.parsed("to")?,
        by,
        split: fields.parsed("split")?.unwrap_or_default(),
        unit: text("unit"),
        procedure: text("procedure"),
        system: text("system"),
    })
}

async fn show(State(console): State<Console>, visit: Visit, Query(fields): Query) -> Answer {
    let asked = asked(&fields)?;
    let (from, to) = console.service().report_days(&asked)?;
    let rows = console.service().report(&asked).await?;
    let words = visit.words();
    let content = html! {
        p { (words.report.says) }
        (filters(&console, &visit, &fields, (&from.to_string(), &to.to_string())))
        div #report data-live {
            @if rows.is_empty() { p { (words.common.nothing) } } @else {
                (picture(words, &rows))
                (table(words, rows.get(..ROWS.min(rows.len())).unwrap_or_default()))
            }
            p.below {
                a href=(fields.link("/console/reports.csv", "cursor", "")) { (words.common.csv) }
                a href=(fields.link("/console/reports.json", "cursor", "")) { (words.report.json) }
            }
        }
    };
    Ok(layout::page(&visit, words.report.title, &content))
}

fn filters(console: &Console, visit: &Visit, fields: &Fields, (from, to): (&str, &str)) -> Markup {
    let (words, common) = (&visit.words().report, &visit.words().common);
    let splits = [
        ("unit", words.unit.to_owned()),
        ("procedure", words.procedure.to_owned()),
        ("system", common.system.to_owned()),
        ("unit,procedure", format!("{}, {}", words.unit, words.procedure)),
        ("unit,procedure,system", format!("{}, {}, {}", words.unit, words.procedure, common.system)),
    ];
    let splits: Vec<(String, String)> = splits.into_iter().map(|(value, text)| (value.to_owned(), text)).collect();
    let by = fields.some("by").unwrap_or("day");
    html! {
        form.filters method="get" action=(PATH) {
            label { (words.from) input type="date" name="from" value=(fields.some("from").unwrap_or(from)); }
            label { (words.to) input type="date" name="to" value=(fields.some("to").unwrap_or(to)); }
            label { (words.by) select name="by" { @for (value, text) in [("day", words.day), ("month", words.month)] { option value=(value) selected[value == by] { (text) } } } }
            (choice("split", words.split, "—", fields.get("split"), &splits))
            (choice("system", common.system, common.all, fields.get("system"), &systems(console)))
            label { (words.unit) input name="unit" value=(fields.get("unit")) maxlength="80"; }
            label { (words.procedure) input name="procedure" value=(fields.get("procedure")) maxlength="80"; }
            button type="submit" { (common.filter) }
        }
    }
}

fn table(words: &Words, rows: &[ReportRow]) -> Markup {
    let heads = heads(words);
    html! {
        div.wide tabindex="0" role="region" aria-label=(words.report.title) { table {
            thead { tr { @for (place, head) in heads.iter().enumerate() { @if place < 4 { th scope="col" { (head) } } @else { th.number scope="col" { (head) } } } } }
            tbody { @for row in rows { tr {
                th scope="row" { (row.period) }
                @for text in [&row.unit, &row.procedure, &row.system] { td { @if let Some(text) = text { (cell(text)) } } }
                @for count in counted(&row.counts) { td.number { (number(count)) } }
                @for share in [0.5, 0.9] { td.number { (within(words, &row.counts, share)) } }
            } } }
        } }
    }
}

fn heads(words: &Words) -> [&'static str; 14] {
    let own = &words.report;
    [
        own.period,
        own.unit,
        own.procedure,
        words.common.system,
        own.exchanged,
        own.on_time,
        own.late,
        own.undated,
        own.failed,
        own.given_up,
        own.reused,
        own.repaired,
        own.median,
        own.ninety,
    ]
}

fn undated(counts: &Counts) -> u64 {
    counts.exchanged.saturating_sub(counts.on_time).saturating_sub(counts.late)
}

fn counted(counts: &Counts) -> [u64; 8] {
    let Counts { exchanged, on_time, late, failed, given_up, reused, repaired, repair: _ } = counts;
    [*exchanged, *on_time, *late, undated(counts), *failed, *given_up, *reused, *repaired]
}

/// A time to repair in words; nothing where nothing was repaired.
fn within(words: &Words, counts: &Counts, share: f64) -> String {
    let Some(within) = counts.repaired_within(share) else { return String::new() };
    let minutes = within.as_secs().div_ceil(60);
    match minutes {
        0..=119 => format!("{minutes} {}", words.report.minutes),
        _hours => format!("{} {}", minutes.div_ceil(60), words.report.hours),
    }
}

/// One bar a period: what is good below, what is bad above. The table says the same in numbers.
fn picture(words: &Words, rows: &[ReportRow]) -> Markup {
    let mut periods: Vec<(&str, Counts)> = Vec::new();
    for row in rows {
        match periods.last_mut() {
            Some((period, counts)) if *period == row.period => counts.add(&row.counts),
            Some(_) | None => periods.push((&row.period, row.counts.clone())),
        }
    }
    let shown = periods.get(periods.len().saturating_sub(BARS)..).unwrap_or_default();
    let highest =
        shown.iter().map(|(_, counts)| counts.exchanged.saturating_add(counts.failed)).max().unwrap_or(0).max(1);
    let (width, height) = (shown.len() * STEP + 10, HEIGHT + 10);
    let own = &words.report;
    html! {
        figure.journey tabindex="0" {
            svg.chart viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) role="img" aria-label=(own.picture) {
                @for (place, (period, counts)) in shown.iter().enumerate() {
                    (bar(place, highest, &[("good", own.on_time, counts.on_time), ("calm", own.undated, undated(counts)), ("warn", own.late, counts.late), ("bad", own.failed, counts.failed)], period))
                }
            }
            figcaption.quiet { (own.picture) }
        }
    }
}

fn bar(place: usize, highest: u64, parts: &[(&str, &str, u64)], period: &str) -> Markup {
    let mut below = HEIGHT + 5;
    let drawn: Vec<(String, u64, u64)> = parts
        .iter()
        .filter(|(_, _, count)| *count > 0)
        .map(|(tone, _, count)| {
            // Something is never drawn as nothing.
            let tall = (count * HEIGHT / highest).max(1);
            below = below.saturating_sub(tall);
            (format!("mark-{tone}"), below, tall)
        })
        .collect();
    let told: Vec<String> = parts
        .iter()
        .filter(|(_, _, count)| *count > 0)
        .map(|(_, name, count)| format!("{name} {}", number(*count)))
        .collect();
    html! {
        g {
            title { (period) ": " (told.join(", ")) }
            @for (class, top, tall) in drawn { rect class=(class) x=(place * STEP + 5) y=(top) width=(BAR) height=(tall) {} }
        }
    }
}

async fn csv(State(console): State<Console>, visit: Visit, Query(fields): Query) -> Answer {
    let words = visit.words();
    let mut export = Export::new(&heads(words))?;
    let mut room = true;
    for row in console.service().report(&asked(&fields)?).await? {
        let names = [&row.unit, &row.procedure, &row.system].map(|text| text.clone().unwrap_or_default());
        let counts = counted(&row.counts).map(|count| count.to_string());
        let times = [0.5, 0.9].map(|share| {
            row.counts.repaired_within(share).map_or(String::new(), |within| within.as_secs().to_string())
        });
        let cells: Vec<&str> =
            std::iter::once(&row.period).chain(&names).chain(&counts).chain(&times).map(String::as_str).collect();
        room = room && export.row(&cells)?;
    }
    export.finish("report", (!room).then_some(words.common.csv_more))
}

async fn as_json(State(console): State<Console>, _visit: Visit, Query(fields): Query) -> Answer {
    let asked = asked(&fields)?;
    let (from, to) = console.service().report_days(&asked)?;
    let rows = console.service().report(&asked).await?;
    let line = |row: &ReportRow| -> Value {
        let [exchanged, on_time, late, undated, failed, given_up, reused, repaired] = counted(&row.counts);
        let seconds = |share| row.counts.repaired_within(share).map(|within| within.as_secs());
        json!({
            "period": row.period, "unit": row.unit, "procedure": row.procedure, "system": row.system, "exchanged": exchanged,
            "on_time": on_time, "late": late, "undated": undated, "failed": failed, "given_up": given_up, "reused": reused,
            "repaired": repaired, "repair_median_seconds": seconds(0.5), "repair_p90_seconds": seconds(0.9),
        })
    };
    let report = json!({ "from": from, "to": to, "rows": rows.iter().map(line).collect::<Vec<_>>() });
    let named = [(header::CONTENT_DISPOSITION, "attachment; filename=\"lienthong-report.json\"")];
    Ok((named, Json(report)).into_response())
}
