//! `check`: is this configuration one to run? It starts nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use lienthong_engine::clock::SystemClock;
use lienthong_engine::routing::{RouteCoverage, RouteTestReport};
use serde_json::{Value, json};

use super::{Failure, Out};
use crate::config::{self, Around, Loaded, Problem, Running, from_route};

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The configuration folder.
    #[arg(long, env = "LIENTHONG_CONFIG", default_value = "config", value_name = "DIR")]
    config: PathBuf,
    /// Does not read secrets and certificates: for machines that must not have them.
    #[arg(long)]
    without_secrets: bool,
    /// Prints the JSON Schemas of the configuration's files instead, or writes them into a folder, for editors.
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "absent, without a folder, and with one are three different wishes")]
    schema: Option<Option<PathBuf>>,
}

/// What was found out about a sound configuration.
struct Report {
    version: String,
    systems: usize,
    clients: usize,
    routes: usize,
    tables: usize,
    facades: usize,
    /// Examples of façades that were tried; one that fails is a problem when the configuration is loaded.
    examples: usize,
    tests: RouteTestReport,
    /// Fields of people that are marked searchable and are not, for want of a key: `operation /pointer`.
    unsearchable: Vec<String>,
}

impl Check {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        match &self.schema {
            Some(Some(folder)) => write_schemas(folder, out),
            Some(None) => {
                let schemas = config::schemas().into_iter().map(|(name, schema)| (name.to_owned(), schema));
                let shown = serde_json::to_string_pretty(&Value::Object(schemas.collect())).unwrap_or_default();
                out.line(shown);
                Ok(())
            }
            None => {
                let checked = tokio::task::spawn_blocking(move || self.checked()).await;
                let report = checked.map_err(|error| Failure::because("the check ended badly", error))??;
                show(&report, out)
            }
        }
    }

    fn checked(&self) -> Result<Report, Failure> {
        let loaded = config::load(&self.config).map_err(Failure::Configuration)?;
        let report = tried(&loaded);
        if !self.without_secrets {
            let around = Around::without_files(Arc::new(SystemClock::new()));
            config::build(loaded, &Running::default(), &around).map_err(Failure::Configuration)?;
        }
        Ok(report)
    }
}

fn tried(loaded: &Loaded) -> Report {
    Report {
        version: loaded.version.to_string(),
        systems: loaded.systems.len(),
        clients: loaded.clients.len(),
        routes: loaded.routes.iter().count(),
        tables: loaded.tables.iter().count(),
        facades: loaded.facades.len(),
        examples: loaded.facades.iter().map(|facade| facade.examples).sum(),
        tests: loaded.routes.run_tests(&loaded.catalogue, &loaded.tests),
        unsearchable: unsearchable(loaded),
    }
}

fn unsearchable(loaded: &Loaded) -> Vec<String> {
    if loaded.gateway.search.personal_key.is_some() {
        return Vec::new();
    }
    let fields = loaded.catalogue.iter().flat_map(|entry| {
        let personal = entry.searchable.fields().iter().filter(|field| field.personal);
        personal.map(|field| format!("{} {}", entry.spec.name, field.pointer))
    });
    fields.collect()
}

/// A failed route test is a problem of the configuration: what runs would do something else than its author expects.
fn show(report: &Report, out: &Out) -> Result<(), Failure> {
    let RouteTestReport { passed, failures, coverage } = &report.tests;
    let problems: Vec<Problem> = failures.iter().cloned().map(from_route).collect();
    if out.is_json() {
        let untested: Vec<Value> = report.tests.untested().map(place).collect();
        out.value(&json!({
            "version": report.version, "systems": report.systems, "clients": report.clients, "routes": report.routes,
            "tables": report.tables, "facades": report.facades, "facade_examples": report.examples, "tests_passed": passed, "tests_failed": problems.len(), "untested_routes": untested,
            "unsearchable_fields": report.unsearchable,
            "coverage": coverage.iter().map(covered).collect::<Vec<_>>(),
        }));
    } else {
        let row = |what: &str, count: usize| vec![what.to_owned(), count.to_string()];
        let missing: Vec<_> = coverage.iter().filter_map(|route| Some((route, route.missing()?))).collect();
        out.table(
            &["configuration", &report.version],
            vec![
                row("systems", report.systems),
                row("clients", report.clients),
                row("routes", report.routes),
                row("code tables", report.tables),
                row("façades", report.facades),
                row("façade examples passed", report.examples),
                row("route tests passed", *passed),
                row("route tests failed", problems.len()),
                row("routes without a test", report.tests.untested().count()),
                row("routes not tried on both sides", missing.len()),
            ],
        );
        for (route, why) in missing {
            out.note(format_args!("{}:{}: route {}: {why}", route.file, route.line, route.route));
        }
        if let Some(first) = report.unsearchable.first() {
            out.note(format_args!(
                "gateway.yaml: without search.personal_key nobody is found by name or number: {} personal fields marked searchable \
                 are not ({first}, …); make a key with `openssl rand -hex 32`",
                report.unsearchable.len()
            ));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::Configuration(problems)) }
}

fn place(route: &RouteCoverage) -> Value {
    json!({ "route": route.route.as_str(), "file": route.file, "line": route.line })
}

/// One route of the coverage list: `when_false` is null where there is no condition.
fn covered(route: &RouteCoverage) -> Value {
    let RouteCoverage { route: name, file, line, conditional, taken, passed_over } = route;
    json!({
        "route": name.as_str(), "file": file, "line": line, "tests": taken + passed_over, "when_true": *taken > 0,
        "when_false": conditional.then_some(*passed_over > 0), "missing": route.missing(),
    })
}

fn write_schemas(folder: &Path, out: &Out) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::because(&format!("{} cannot be written", folder.display()), error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    for (name, schema) in config::schemas() {
        let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        std::fs::write(folder.join(name), format!("{text}\n")).map_err(failed)?;
        out.note(format_args!("wrote {}", folder.join(name).display()));
    }
    Ok(())
}
