//! What a transform of a whole dossier with five look-ups in code tables costs on one core. It starts no process.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow};
use lienthong_core::exchange::{AuthenticatedBy, Source};
use lienthong_core::{Body, Class, ClientId, ConfigVersion, ExchangeId, ExchangeMeta};
use lienthong_engine::routing::Route;
use tokio::time::Instant;
use uuid::Uuid;

use super::gateway::API_KEY;
use super::messages;
use super::report::Row;
use super::stand::{ANY, Stand};
use crate::config::{Folder, Loaded, load_folder};
use crate::fixture::Fixture;

/// Of a dossier of 2 KiB with five look-ups, on one core.
const MOST_MICROS: f64 = 150.0;
const ROUTE: &str = "bench-transform";
/// Runs between two looks at the clock.
const BATCH: u32 = 200;

/// The tables of the example, and a route that looks up five codes of each dossier by the day it was received.
const FILES: [(&str, &str); 4] = [
    ("tables/tables.yaml", include_str!("transform/tables.yaml")),
    ("tables/provinces.csv", include_str!("../../../../config/tables/provinces.csv")),
    ("tables/dossier-statuses.csv", include_str!("../../../../config/tables/dossier-statuses.csv")),
    ("routes/90-bench.yaml", include_str!("transform/routes.yaml")),
];

pub(super) async fn transform(stand: &Stand) -> anyhow::Result<Vec<Row>> {
    stand.progress.step("a transform of a dossier with five look-ups, one core");
    let seconds = stand.seconds.min(Duration::from_secs(5));
    let folder = stand.disk().join("transform");
    let micros = tokio::task::spawn_blocking(move || measured(&folder, seconds)).await??;
    Ok(vec![Row::told("transform.five_lookups", micros, "µs").below(MOST_MICROS)])
}

/// Microseconds of one run, over so long a time.
fn measured(folder: &Path, over: Duration) -> anyhow::Result<f64> {
    let submission = messages::submission()?;
    let received = Body::json(serde_json::to_vec(submission.get("body").context("a submission has a body")?)?);
    let (loaded, meta) = (loaded(folder)?, meta()?);
    let route = loaded.routes.route(&ROUTE.parse()?).context("the route is there")?;
    run(route, &meta, &received)?;
    let (began, mut runs) = (Instant::now(), 0.0);
    while began.elapsed() < over {
        for _ in 0..BATCH {
            black_box(run(route, &meta, &received)?);
        }
        runs += f64::from(BATCH);
    }
    Ok(began.elapsed().as_secs_f64() * 1e6 / runs)
}

fn run(route: &Route, meta: &ExchangeMeta, received: &Body) -> anyhow::Result<Body> {
    route.transform(meta, received).map_err(|fault| anyhow!("the transform failed: {fault}"))
}

/// The fixture's configuration with the tables and the route; nothing of it is started.
fn loaded(folder: &Path) -> anyhow::Result<Loaded> {
    let fixture = Fixture {
        listen: ANY,
        journal: folder.join("journal"),
        portal: "http://127.0.0.1:1".to_owned(),
        portal_username: "province".to_owned(),
        portal_password: "simulated".to_owned(),
        security_key: "simulated-key".to_owned(),
        api_key: API_KEY.to_owned(),
        concurrency: 1,
        timeout: "1s",
    };
    fixture.write(folder)?;
    let told = |problems| anyhow!("the bench's configuration has problems: {problems:?}");
    let Folder { root, files } = Folder::read(folder).map_err(told)?;
    let more = FILES.map(|(path, text)| (path.to_owned(), text.to_owned()));
    load_folder(&Folder::of(root, files.into_iter().chain(more))).map_err(told)
}

fn meta() -> anyhow::Result<ExchangeMeta> {
    let client: ClientId = "one-stop".parse()?;
    Ok(ExchangeMeta {
        id: ExchangeId(Uuid::nil()),
        client: client.clone(),
        authenticated_by: AuthenticatedBy::ApiKey,
        source: Source::Client(client),
        operation: "portal.sync-dossier".parse()?,
        key: messages::code(7).parse()?,
        aliases: Vec::new(),
        purpose: None,
        on_behalf_of: None,
        due_at: None,
        expires_at: None,
        not_before: None,
        class: Class::Live,
        trace: None,
        callback: None,
        link: None,
        descent: None,
        call: false,
        config: ConfigVersion::new("bench")?,
        received_at: "2025-01-15T02:00:00Z".parse()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_looks_five_codes_up_and_passes_the_schema() {
        let folder = tempfile::tempdir().unwrap();
        let loaded = loaded(folder.path()).unwrap();
        let received = messages::submission().unwrap();
        let received = Body::json(serde_json::to_vec(&received["body"]).unwrap());
        assert!(received.bytes.len() > 1500, "{} bytes", received.bytes.len());
        let route = loaded.routes.route(&ROUTE.parse().unwrap()).unwrap();
        let made = run(route, &meta().unwrap(), &received).unwrap();
        let made: serde_json::Value = serde_json::from_slice(&made.bytes).unwrap();
        assert_eq!(
            (&made["status"], &made["other_information"]),
            (&"received".into(), &"Yên Bái, Lào Cai, Thanh Hóa".into())
        );
    }
}
