//! The gateway under measurement, as a child process on a fresh journal. It measures nothing by itself.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::child::{Child, Memory};
use super::control::Control;
use super::load::Make;
use super::stand::{ANY, CONNECTIONS, Sample, Stand};
use crate::fixture::Fixture;
use crate::telemetry::LOG_VARIABLE;

/// The one client's key, known to this run alone.
pub(crate) const API_KEY: &str = "bench-key-of-a-loopback-gateway";
/// Where it listens is logged; nothing that happens per request is.
const LOG: &str = "warn,lienthong_server::app=info";
/// Between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(10);
/// A gateway that stands still for so long has failed.
const STILL: Duration = Duration::from_secs(60);

/// A running gateway.
pub(crate) struct Gateway {
    pub(crate) child: Child,
    control: Control,
    folder: PathBuf,
}

impl Gateway {
    /// Starts one on a fresh journal.
    pub(crate) async fn start(stand: &Stand, name: &str) -> anyhow::Result<Self> {
        Self::with(stand, name, &[]).await
    }

    /// The same with more configuration: files by name, and what is added to each.
    pub(crate) async fn with(stand: &Stand, name: &str, more: &[(&str, &str)]) -> anyhow::Result<Self> {
        let folder = stand.folder(name)?;
        let fixture = Fixture {
            listen: ANY,
            journal: folder.join("journal"),
            portal: format!("http://{}", stand.portal.address()),
            portal_username: "province".to_owned(),
            portal_password: "simulated".to_owned(),
            security_key: "simulated-key".to_owned(),
            api_key: API_KEY.to_owned(),
            concurrency: u32::try_from(CONNECTIONS)?,
            timeout: "10s",
        };
        fixture.write(&folder.join("config")).context("cannot write the configuration")?;
        for (path, text) in more {
            let path = folder.join("config").join(path);
            std::fs::create_dir_all(path.parent().context("a file stands in a folder")?)?;
            let file = std::fs::File::options().create(true).append(true).open(&path);
            let written = file.and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()));
            written.with_context(|| format!("cannot write {}", path.display()))?;
        }
        let (gateway, _) = Self::serve(stand, folder).await?;
        Ok(gateway)
    }

    /// Kills it without warning and starts it on the same journal; tells how long it took to be ready.
    pub(crate) async fn restart(self, stand: &Stand) -> anyhow::Result<(Self, Duration)> {
        let Self { child, control: _, folder } = self;
        child.kill()?;
        Self::serve(stand, folder).await
    }

    /// Kills it, has its journal filled by somebody who is given its configuration and the journal's folder, and starts it again.
    pub(crate) async fn refilled(
        self,
        stand: &Stand,
        fill: impl AsyncFnOnce(PathBuf, PathBuf) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let Self { child, control: _, folder } = self;
        child.kill()?;
        fill(folder.join("config"), folder.join("journal")).await.context("the journal was not filled")?;
        Ok(Self::serve(stand, folder).await?.0)
    }

    async fn serve(stand: &Stand, folder: PathBuf) -> anyhow::Result<(Self, Duration)> {
        let began = Instant::now();
        let mut command = stand.program();
        command.arg("serve").arg("--config").arg(folder.join("config")).env(LOG_VARIABLE, LOG);
        let child = Child::start("gateway", command, &folder.join("gateway.log")).await?;
        let control = Control::towards(child.address(), Some(API_KEY))?;
        while !control.is_well("/readyz").await {
            if began.elapsed() > STILL {
                bail!("the gateway is not ready after {} s", STILL.as_secs());
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok((Self { child, control, folder }, began.elapsed()))
    }

    /// Stops sending to the portal; acceptance goes on.
    pub(crate) async fn pause(&self) -> anyhow::Result<()> {
        self.control.post("/v1/systems/portal/pause", &json!({ "reason": "bench" })).await.map(drop)
    }

    pub(crate) async fn resume(&self) -> anyhow::Result<()> {
        self.control.post("/v1/systems/portal/resume", &json!({ "reason": "bench" })).await.map(drop)
    }

    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        self.child.memory()
    }

    /// A full load of submissions for the run's time, beginning with dossier `first`.
    pub(crate) async fn submit(&self, stand: &Stand, first: u64) -> anyhow::Result<Sample> {
        let make = super::messages::submissions(API_KEY, first)?;
        self.load(stand, CONNECTIONS, StatusCode::ACCEPTED, make).await
    }

    pub(crate) async fn load(
        &self,
        stand: &Stand,
        connections: usize,
        expect: StatusCode,
        make: Make,
    ) -> anyhow::Result<Sample> {
        stand.timed(&self.child, connections, expect, make).await
    }

    /// Waits until the portal has received `count` requests and nothing is open any more; an exchange that is parked is a failure.
    pub(crate) async fn delivered(&self, stand: &Stand, count: u64) -> anyhow::Result<()> {
        let (mut seen, mut moved) = (0, Instant::now());
        loop {
            let received = stand.received().await?;
            if received > seen {
                (seen, moved) = (received, Instant::now());
            }
            if received >= count && self.open().await? == 0 {
                return Ok(());
            }
            if moved.elapsed() > STILL {
                bail!("{received} of {count} deliveries reached the portal, then nothing moved");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until the gateway itself has nothing to do any more.
    pub(crate) async fn digested(&self) -> anyhow::Result<()> {
        let (mut seen, mut moved) = (u64::MAX, Instant::now());
        loop {
            let systems = self.control.get("/v1/systems").await?;
            let open = open_in(&systems, lienthong_engine::internal::SYSTEM)?;
            if open == 0 {
                return Ok(());
            }
            if open != seen {
                (seen, moved) = (open, Instant::now());
            }
            if moved.elapsed() > STILL {
                bail!("{open} deliveries of the gateway's own do not move");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Deliveries to the portal that have no end yet.
    async fn open(&self) -> anyhow::Result<u64> {
        let systems = self.control.get("/v1/systems").await?;
        open_in(&systems, "portal")
    }
}

/// What `GET /v1/systems` says is open at this system.
fn open_in(systems: &Value, name: &str) -> anyhow::Result<u64> {
    let rows = systems.get("systems").and_then(Value::as_array);
    let named = |row: &&Value| row.get("name").and_then(Value::as_str) == Some(name);
    let system = rows.into_iter().flatten().find(named).with_context(|| format!("{name} is a system"))?;
    let count = |name: &str| system.get(name).and_then(Value::as_u64).with_context(|| format!("`{name}` is missing"));
    if count("parked")? > 0 {
        bail!("deliveries are parked: {system}");
    }
    Ok(count("queued")? + count("waiting")? + count("verifying")? + count("in_flight")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_all_that_has_no_end() {
        let row = json!({ "name": "portal", "queued": 1, "waiting": 2, "verifying": 3, "in_flight": 4, "parked": 0 });
        assert_eq!(open_in(&json!({ "systems": [row] }), "portal").unwrap(), 10);
    }

    #[test]
    fn a_parked_delivery_is_a_failed_measurement() {
        let row = json!({ "name": "portal", "queued": 0, "waiting": 0, "verifying": 0, "in_flight": 0, "parked": 1 });
        assert!(open_in(&json!({ "systems": [row] }), "portal").is_err());
        assert!(open_in(&json!({ "systems": [] }), "portal").is_err());
    }
}
