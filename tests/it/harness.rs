//! Starts the real program on a fresh folder, talks to it, ends it. Only processes started here are ended, by their id.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lienthong_server::fixture::Fixture;
use lienthong_simulators::portal::{FaultProfile, Portal, PortalOptions};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const API_KEY: &str = "one-stop-test-key";
/// Longest wait for anything a test waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
/// A route whose status is what a table of the desk says.
pub(crate) const DESK_ROUTES: &str = "\
routes:
  - name: dossiers
    from: any_client
    operations: [portal.sync-dossier]
    to: { operation: portal.sync-dossier }
    transform: |
      .status = lookup!(\"desk-statuses\", .status, at: .received_at)
";
/// That table, whose rows each test writes.
pub(crate) const DESK_TABLES: &str = "\
tables:
  - name: desk-statuses
    file: desk-statuses.csv
    description: What the desk calls a status, and the status meant.
    key: [desk]
    values: [status]
";

/// The program under test, built by the test run itself.
pub(crate) fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().unwrap().parent().unwrap().join("lienthong");
    assert!(program.exists(), "build the program first: cargo build (tests/run does)");
    program
}

/// One TLS provider for every client of the tests.
pub(crate) fn http() -> reqwest::Client {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(70)).build().unwrap()
}

/// A simulated portal and a folder for a gateway towards it.
pub(crate) struct Bench {
    pub(crate) portal: Portal,
    pub(crate) folder: TempDir,
}

impl Bench {
    pub(crate) async fn new(profile: FaultProfile) -> Self {
        let portal = Portal::start(PortalOptions { profile, seed: 11, ..PortalOptions::default() }).await.unwrap();
        let folder = TempDir::new().unwrap();
        Self { portal, folder }
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    /// Writes the configuration and starts the gateway.
    pub(crate) async fn gateway(&self) -> Gateway {
        self.write_config();
        self.restart().await
    }

    pub(crate) fn write_config(&self) {
        self.fixture().write(&self.config()).unwrap();
    }

    pub(crate) fn fixture(&self) -> Fixture {
        let options = PortalOptions::default();
        Fixture {
            listen: "127.0.0.1:0".parse().unwrap(),
            journal: self.journal(),
            portal: self.portal.base_url(),
            portal_username: options.username,
            portal_password: options.password,
            security_key: options.security_key,
            api_key: API_KEY.to_owned(),
            concurrency: 8,
            timeout: "2s",
        }
    }

    /// Starts the gateway on what is there already.
    pub(crate) async fn restart(&self) -> Gateway {
        Gateway::start(&self.config(), self.folder.path()).await
    }
}

/// A running gateway.
pub(crate) struct Gateway {
    child: Child,
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
}

impl Gateway {
    pub(crate) async fn start(config: &Path, folder: &Path) -> Self {
        Self::start_with(Command::new(program()), config, folder).await
    }

    /// `command` begins with the program, perhaps under a tracer.
    pub(crate) async fn start_with(mut command: Command, config: &Path, folder: &Path) -> Self {
        let ready = folder.join("ready");
        let _absent_is_fine = std::fs::remove_file(&ready);
        let log = std::fs::File::options().create(true).append(true).open(folder.join("gateway.log")).unwrap();
        command.arg("serve").arg("--config").arg(config).arg("--ready-file").arg(&ready);
        let child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let mut gateway = Self { child, base: String::new(), http: http() };
        gateway.base = gateway.wait_until_ready(&ready, folder).await;
        gateway
    }

    async fn wait_until_ready(&mut self, ready: &Path, folder: &Path) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(address) = std::fs::read_to_string(ready)
                && !address.trim().is_empty()
            {
                return address.trim().to_owned();
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                let log = std::fs::read_to_string(folder.join("gateway.log")).unwrap_or_default();
                panic!("the gateway ended with {status}:\n{log}");
            }
            assert!(Instant::now() < deadline, "the gateway was not ready in time");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: nothing of it runs any more.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, then its exit code.
    pub(crate) fn terminate(mut self) -> i32 {
        signal(self.child.id(), "TERM");
        self.child.wait().unwrap().code().unwrap_or(-1)
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.send(self.http.get(format!("{}{path}", self.base)).bearer_auth(API_KEY)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send(self.http.post(format!("{}{path}", self.base)).bearer_auth(API_KEY).json(body)).await
    }

    pub(crate) async fn submit(&self, idempotency_key: &str, envelope: &Value) -> (u16, Value) {
        let request = self.http.post(format!("{}/v1/exchanges", self.base)).bearer_auth(API_KEY);
        self.send(request.header("Idempotency-Key", idempotency_key).json(envelope)).await
    }

    /// The exchange as it stands when it is delivered, needs attention or is closed.
    pub(crate) async fn submit_and_wait(&self, idempotency_key: &str, envelope: &Value) -> (u16, Value) {
        let request = self.http.post(format!("{}/v1/exchanges", self.base)).bearer_auth(API_KEY);
        let request = request.header("Idempotency-Key", idempotency_key).header("Prefer", "wait=60");
        let (status, answer) = self.send(request.json(envelope)).await;
        (status, answer.get("exchange").cloned().unwrap_or(answer))
    }
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.bytes().await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Open deliveries of the portal: (queued, waiting, verifying, in flight, parked).
    pub(crate) async fn backlog(&self) -> (u64, u64, u64, u64, u64) {
        let (status, systems) = self.get("/v1/systems").await;
        assert_eq!(status, 200, "{systems}");
        let portal = systems["systems"].as_array().unwrap().iter().find(|s| s["name"] == "portal").unwrap().clone();
        let count = |name: &str| portal[name].as_u64().unwrap_or_else(|| panic!("{name} in {portal}"));
        (count("queued"), count("waiting"), count("verifying"), count("in_flight"), count("parked"))
    }

    /// Waits until nothing moves any more but what a person must see to.
    pub(crate) async fn settle(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (queued, waiting, verifying, in_flight, _parked) = self.backlog().await;
            let held = self.held_behind().await;
            if waiting + verifying + in_flight == 0 && queued == held {
                return;
            }
            assert!(Instant::now() < deadline, "still moving: {queued} {waiting} {verifying} {in_flight}, {held} held");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn held_behind(&self) -> u64 {
        let (_, groups) = self.get("/v1/errors?limit=500").await;
        groups["groups"].as_array().unwrap().iter().map(|group| group["held_behind"].as_u64().unwrap()).sum()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _gone_is_fine = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Sends a signal to one process we started.
fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status().unwrap();
    assert!(status.success());
}
