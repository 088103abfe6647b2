//! Systems that are well and systems that are broken in one way each: every step tells the truth and names who must act.

mod pages;
mod servers;
mod steps;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{Clock, SignedDuration, SystemId, Timestamp};
use lienthong_engine::clock::SystemClock;
use lienthong_simulators::portal::{Portal, PortalOptions};

use super::step::Who;
use super::*;
use crate::config::{Around, build_system, load};
use crate::fixture::Fixture;

/// A clock that is wrong by so many seconds.
struct Wrong(SystemClock, i64);

impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        self.0.now() + SignedDuration::from_secs(self.1)
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
}

fn clock_off_by(seconds: i64) -> Arc<dyn Clock> {
    Arc::new(Wrong(SystemClock::new(), seconds))
}

/// A configuration towards a portal, of which a test changes the system's file.
struct Desk {
    folder: tempfile::TempDir,
    _portal: Portal,
}

impl Desk {
    async fn new() -> Self {
        let portal = Portal::start(PortalOptions::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let options = PortalOptions::default();
        let fixture = Fixture {
            listen: "127.0.0.1:0".parse().unwrap(),
            journal: folder.path().join("journal"),
            portal: portal.base_url(),
            portal_username: options.username,
            portal_password: options.password,
            security_key: options.security_key,
            api_key: "a key long enough to be one".to_owned(),
            concurrency: 4,
            timeout: "5s",
        };
        fixture.write(folder.path()).unwrap();
        Self { folder, _portal: portal }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Sends the portal's traffic to another base address.
    fn at(self, base: &str) -> Self {
        let path = self.path().join("systems/portal.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        let line = text.lines().find(|line| line.trim_start().starts_with("base:")).unwrap();
        std::fs::write(&path, text.replace(line, &format!("        base: {base}"))).unwrap();
        self
    }

    /// Puts a line of YAML (flow style) in place of the fixture's transport.
    fn with_transport(self, transport: &str) -> Self {
        let path = self.path().join("systems/portal.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        let changed = text.replace("transport: { idle_timeout: 15s }", &format!("transport: {transport}"));
        assert_ne!(changed, text);
        std::fs::write(&path, changed).unwrap();
        self
    }

    fn secret(&self, name: &str, value: &str) {
        std::fs::write(self.path().join("secrets").join(name), value).unwrap();
    }

    async fn diagnosed(&self, clock: Arc<dyn Clock>) -> Report {
        let loaded = load(self.path()).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let system = SystemId::new("portal").unwrap();
        let around = Around::without_files(Arc::clone(&clock));
        let adapter = build_system(&loaded, &system, &around).unwrap().unwrap();
        let subject = Subject { organisation: "Tỉnh <Mẫu>".to_owned(), system, adapter };
        diagnose(subject, &clock, Duration::from_secs(10)).await
    }

    async fn report(&self) -> Report {
        self.diagnosed(clock_off_by(0)).await
    }
}

/// Name and outcome of every step, for comparison.
fn outcomes(report: &Report) -> Vec<(&'static str, &'static str)> {
    report.steps().map(|step| (step.name.called().key, step.outcome.called().key)).collect()
}

fn failed(report: &Report) -> Vec<(StepName, Option<Who>)> {
    report.steps().filter(|step| step.outcome == Outcome::Failed).map(|step| (step.name, step.who)).collect()
}

fn step(report: &Report, name: StepName) -> &Step {
    report.steps().find(|step| step.name == name).unwrap()
}

fn seen<'a>(step: &'a Step, key: &str) -> &'a str {
    let found = step.seen.iter().find(|seen| seen.label.called().key == key);
    found.map_or_else(|| panic!("no {key} in {step:?}"), |seen| &seen.value)
}
