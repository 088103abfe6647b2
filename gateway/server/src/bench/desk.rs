//! What operators wait for among a million exchanges: the overview, a preview, the first delivery of a release, a page's live update. It is asked over HTTP.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use http::{StatusCode, header};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::control::{Control, whole};
use super::gateway::{API_KEY, Gateway};
use super::load::{Load, Until};
use super::messages;
use super::report::Row;
use super::search::filled;
use super::stand::{Stand, sampled};

/// The slowest of a hundred overviews, in milliseconds, below.
const OVERVIEW: f64 = 50.0;
/// A preview of [`PREVIEWED`] parked deliveries, in seconds, below.
const PREVIEW: f64 = 5.0;
const PREVIEWED: u64 = 10_000;
/// From a release's request to its first delivery at the portal, in seconds, below.
const FIRST: f64 = 1.0;
/// From an operator's act to its sight on another operator's open page, the slowest, in seconds, below.
const LIVE: f64 = 1.0;
const UPDATES: u32 = 10;
const PAGES: u64 = 200;
/// Between two looks at what the portal has received.
const LOOK: Duration = Duration::from_millis(2);
/// What does not come in this time does not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// The one operator, known to this run alone.
const NAME: &str = "bench";
const PASSWORD: &str = "a password of a loopback bench";

pub(super) async fn desk(stand: &Stand, exchanges: u64) -> anyhow::Result<Vec<Row>> {
    let hash = lienthong_console::users::hash(PASSWORD).map_err(anyhow::Error::msg)?;
    let operator = format!("name: {NAME}\ndisplay: Bench\nenabled: true\npassword: \"{hash}\"\nroles: [operator]\n");
    let gateway = Gateway::with(stand, "desk", &[("operators/bench.yaml", &operator)]).await?;
    let (gateway, filled) = filled(stand, gateway, exchanges).await?;
    let mut rows = vec![Row::told("desk.exchanges", filled.exchanges, "exchanges")];
    let control = Control::towards(gateway.child.address(), Some(API_KEY))?;
    let cookie = log_in(&gateway).await?;
    rows.extend(overview(stand, &gateway, &cookie).await?);
    rows.push(preview(stand, &control).await?);
    rows.push(release(stand, &control).await?);
    rows.push(live(stand, &gateway, &control, &cookie).await?);
    rows.push(Row::told("desk.memory_peak", gateway.memory()?.peak, "MiB"));
    Ok(rows)
}

/// The session's cookie.
async fn log_in(gateway: &Gateway) -> anyhow::Result<String> {
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
    let base = format!("http://{}", gateway.child.address());
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("name", NAME), ("password", PASSWORD), ("next", "/console")])
        .finish();
    let answer = http
        .post(format!("{base}/console/login"))
        .header(header::ORIGIN, &base)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await?;
    let cookies = answer.headers().get_all(header::SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let pairs: Vec<&str> = cookies.filter_map(|cookie| cookie.split(';').next()).collect();
    if pairs.is_empty() {
        bail!("the console did not let the bench in: {}", answer.status());
    }
    Ok(pairs.join("; "))
}

async fn overview(stand: &Stand, gateway: &Gateway, cookie: &str) -> anyhow::Result<Vec<Row>> {
    stand.progress.step("the overview, one at a time");
    let make = messages::pages("/console", cookie)?;
    let (to, until) = (gateway.child.address(), Until::Count(PAGES));
    let asked = Load { to, connections: 1, until, expect: StatusCode::OK, make, progress: Arc::default() };
    let asked = sampled(&gateway.child, asked).await?;
    Ok(vec![
        Row::told("desk.overview_p50", asked.p50_ms, "ms"),
        Row::told("desk.overview_p99", asked.p99_ms, "ms").below(OVERVIEW),
    ])
}

/// The error group with the most parked deliveries.
async fn largest(control: &Control) -> anyhow::Result<(String, u64)> {
    let page = control.get("/v1/errors").await?;
    let groups = page.get("groups").and_then(Value::as_array).context("errors have groups")?;
    let parked = |group: &&Value| group.get("parked").and_then(Value::as_u64).unwrap_or_default();
    let largest = groups.iter().max_by_key(parked).context("something is parked")?;
    let id = largest.get("id").and_then(Value::as_str).context("a group has an id")?;
    Ok((id.to_owned(), parked(&largest)))
}

async fn preview(stand: &Stand, control: &Control) -> anyhow::Result<Row> {
    let (group, parked) = largest(control).await?;
    let asked = parked.min(PREVIEWED);
    stand.progress.step(&format!("a preview of {asked} parked deliveries"));
    let began = Instant::now();
    let answer = control.post(&format!("/v1/errors/{group}/preview"), &json!({ "limit": asked })).await?;
    let took = began.elapsed();
    let passes = answer.pointer("/counts/passes").and_then(Value::as_u64);
    if passes != Some(asked) {
        bail!("not all {asked} would pass: {}", answer.get("counts").unwrap_or(&Value::Null));
    }
    // Of fewer than were meant, the time is that of a part.
    let row = Row::told("desk.preview", took.as_secs_f64(), "s");
    Ok(if asked == PREVIEWED { row.below(PREVIEW) } else { row })
}

async fn release(stand: &Stand, control: &Control) -> anyhow::Result<Row> {
    stand.progress.step("from a release to its first delivery");
    let (group, _) = largest(control).await?;
    let (received, began) = (stand.received().await?, Instant::now());
    let body = json!({ "steps": [1, 5, 20, 100], "reason": "bench", "confirm": true });
    let answer = control.post(&format!("/v1/errors/{group}/releases"), &body).await?;
    while stand.received().await? == received {
        if began.elapsed() > PATIENCE {
            bail!("nothing of the release came: {answer}");
        }
        tokio::time::sleep(LOOK).await;
    }
    let took = began.elapsed();
    let id = answer.get("id").and_then(Value::as_str).context("a release has an id")?;
    control.post(&format!("/v1/releases/{id}/stop"), &json!({ "reason": "bench" })).await?;
    Ok(Row::told("desk.release_to_first_delivery", took.as_secs_f64(), "s").below(FIRST))
}

/// An open page as its script keeps it: it is told that something happened, and asks for itself again.
async fn live(stand: &Stand, gateway: &Gateway, control: &Control, cookie: &str) -> anyhow::Result<Row> {
    stand.progress.step("from an act to its sight on an open page");
    let http = reqwest::Client::builder().no_proxy().build()?;
    let base = format!("http://{}", gateway.child.address());
    let mut stream = http.get(format!("{base}/console/live")).header(header::COOKIE, cookie).send().await?;
    let mut slowest = Duration::ZERO;
    for number in 0..UPDATES {
        let reason = format!("bench update {number}");
        let began = Instant::now();
        control.post("/v1/systems/portal/pause", &json!({ "reason": reason })).await?;
        loop {
            let told = tokio::time::timeout(PATIENCE, stream.chunk()).await.context("the page is told nothing")??;
            let told = told.context("the stream of a page has ended")?;
            if !String::from_utf8_lossy(&told).contains("event: changed") {
                continue;
            }
            let page = http.get(format!("{base}/console/systems")).header(header::COOKIE, cookie).send().await?;
            if String::from_utf8_lossy(&whole(page).await?).contains(&reason) {
                break;
            }
        }
        slowest = slowest.max(began.elapsed());
        control.post("/v1/systems/portal/resume", &json!({ "reason": "bench" })).await?;
    }
    Ok(Row::told("desk.live_update", slowest.as_secs_f64(), "s").below(LIVE))
}
