//! Whole gateways in this process: start, reload, backup, stop, files, and what they refuse.

mod daily;
mod expiries;
mod files;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use lienthong_core::delivery::ExchangeState;
use lienthong_core::exchange::AuthenticatedBy;
use lienthong_core::{Class, SystemId};
use lienthong_engine::service::{Caller, Receipt, Submission};
use lienthong_simulators::portal::{Portal, PortalOptions};
use serde_json::json;

use super::*;
use crate::config;
use crate::fixture::Fixture;

/// A gateway's folders, and the portal it sends to.
struct Ground {
    folder: tempfile::TempDir,
    portal: Portal,
}

impl Ground {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let portal = Portal::start(PortalOptions::default()).await.unwrap();
        let defaults = PortalOptions::default();
        let fixture = Fixture {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            journal: folder.path().join("journal"),
            portal: portal.base_url(),
            portal_username: defaults.username,
            portal_password: defaults.password,
            security_key: defaults.security_key,
            api_key: "a key long enough to be one".to_owned(),
            concurrency: 4,
            timeout: "5s",
        };
        fixture.write(folder.path()).unwrap();
        Self { folder, portal }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    async fn start(&self) -> App {
        let loaded = config::load(self.path()).unwrap();
        App::start(loaded, Options::default()).await.unwrap()
    }

    /// Replaces a part of a configuration file.
    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} does not hold {from}");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    }
}

fn dossier(number: usize, note: &str) -> Submission {
    let code = format!("H56.14-260105-{number:04}");
    let body = json!({
        "code": code, "procedure_code": "1.000094", "owner": { "name": "Nguyễn Văn Mẫu", "kind": "citizen" },
        "received_at": "2026-01-05T08:00:00+07:00", "status": "received", "extensions": { "GhiChuKhac": note },
    });
    Submission {
        operation: "portal.sync-dossier".parse().unwrap(),
        key: code.parse().unwrap(),
        body: body.to_string().into(),
        purpose: None,
        on_behalf_of: None,
        due_at: None,
        expires_at: None,
        not_before: None,
        aliases: Vec::new(),
        class: Class::Live,
        idempotency_key: Some(code),
        callback: None,
        trace: None,
    }
}

async fn submit(app: &App, submission: Submission) -> Receipt {
    let caller = Caller { client: "one-stop".parse().unwrap(), authenticated_by: AuthenticatedBy::ApiKey };
    app.state().service.submit(&caller, submission).await.unwrap()
}

async fn settled(app: &App, receipt: &Receipt) -> ExchangeState {
    app.state().service.wait(receipt.id, Duration::from_secs(30)).await.unwrap().state
}

fn portal_of(app: &App) -> Arc<dyn lienthong_core::Adapter> {
    let configuration = app.state().service.configuration();
    Arc::clone(&configuration.adapters[&SystemId::new("portal").unwrap()])
}

async fn answers(app: &App, path: &str) -> u16 {
    let url = format!("http://{}{path}", app.addr());
    reqwest::get(url).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_gateway_starts_answers_delivers_and_stops() {
    let ground = Ground::new().await;
    let app = ground.start().await;
    assert_eq!(
        (answers(&app, "/healthz").await, answers(&app, "/readyz").await, answers(&app, "/metrics").await),
        (200, 200, 200)
    );
    let receipt = submit(&app, dossier(1, "")).await;
    assert_eq!(settled(&app, &receipt).await, ExchangeState::Delivered);
    assert!(ground.portal.dossier("H56.14-260105-0001").is_some());
    assert!(app.stop().await);
}

#[tokio::test]
async fn two_gateways_run_in_one_process_but_not_on_one_journal() {
    let (first, second) = (Ground::new().await, Ground::new().await);
    let (one, two) = (first.start().await, second.start().await);
    assert_ne!(one.addr(), two.addr());
    let refused = App::start(config::load(first.path()).unwrap(), Options::default()).await.err().unwrap();
    assert!(matches!(&refused, StartError::Journal(OpenError::Locked { .. })), "{refused}");
    assert!(refused.to_string().contains("in use by another process"), "{refused}");
    one.stop().await;
    first.start().await.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_told_before_the_journal_is_touched() {
    let ground = Ground::new().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let options = Options { listen: taken.local_addr().ok(), ..Options::default() };
    let refused = App::start(config::load(ground.path()).unwrap(), options).await.err().unwrap();
    assert!(matches!(&refused, StartError::Listen { .. }), "{refused}");
    assert!(!ground.path().join("journal").exists());
}

#[tokio::test]
async fn a_reload_with_problems_keeps_the_old_configuration_and_says_all_of_them() {
    let ground = Ground::new().await;
    let app = ground.start().await;
    let before = app.state().service.configuration();
    ground.edit("routes/portal.yaml", "on_parked: skip", "on_parked: skipp");
    ground.edit("systems/portal.yaml", "concurrency: 4", "concurrency: none");
    let problems = app.state().reload.reload().await.unwrap_err();
    let files: Vec<_> = problems.iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(files, ["routes/portal.yaml", "systems/portal.yaml"], "{problems:?}");
    assert!(Arc::ptr_eq(&before, &app.state().service.configuration()));
    let receipt = submit(&app, dossier(1, "")).await;
    assert_eq!(settled(&app, &receipt).await, ExchangeState::Delivered);
    app.stop().await;
}

#[tokio::test]
async fn a_reload_swaps_everything_and_keeps_the_sessions_of_what_did_not_change() {
    let ground = Ground::new().await;
    let app = ground.start().await;
    let first = submit(&app, dossier(1, "")).await;
    assert_eq!(settled(&app, &first).await, ExchangeState::Delivered);
    let (version, portal) = (app.state().service.configuration().version.clone(), portal_of(&app));
    ground.edit("clients/one-stop.yaml", "id: one-stop", "id: one-stop\nweight: 3");
    let reloaded = app.state().reload.reload().await.unwrap();
    assert_ne!(reloaded, version);
    assert_eq!(app.state().service.configuration().version, reloaded);
    assert!(Arc::ptr_eq(&portal, &portal_of(&app)), "an adapter that did not change was built anew");
    let second = submit(&app, dossier(2, "")).await;
    assert_eq!(settled(&app, &second).await, ExchangeState::Delivered);
    assert_eq!(ground.portal.report().logins, 1);
    // A secret that changes makes another adapter, although the settings are the same.
    std::fs::write(ground.path().join("secrets/password"), "another").unwrap();
    app.state().reload.reload().await.unwrap();
    assert!(!Arc::ptr_eq(&portal, &portal_of(&app)), "an adapter kept an old secret");
    app.stop().await;
}

#[tokio::test]
async fn a_reload_is_refused_while_a_secret_is_missing() {
    let ground = Ground::new().await;
    let app = ground.start().await;
    std::fs::remove_file(ground.path().join("secrets/password")).unwrap();
    let problems = app.state().reload.reload().await.unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].problem.contains("secrets/password"), "{problems:?}");
    app.stop().await;
}

#[tokio::test]
async fn a_backup_made_while_it_runs_starts_as_a_gateway_with_all_bodies() {
    let ground = Ground::new().await;
    let app = ground.start().await;
    let large = "x".repeat(200 * 1024);
    let receipt = submit(&app, dossier(1, &large)).await;
    assert_eq!(settled(&app, &receipt).await, ExchangeState::Delivered);
    let copy = ground.path().join("copy");
    let (from, to) = (ground.path().join("journal"), copy.clone());
    let copied = tokio::task::spawn_blocking(move || {
        lienthong_journal::sqlite::backup_folder(&from, &to, Arc::new(|_done, _all| {}))
    });
    copied.await.unwrap().unwrap();
    submit(&app, dossier(2, "")).await;
    app.stop().await;
    let options = Options { journal: Some(copy), ..Options::default() };
    let restored = App::start(config::load(ground.path()).unwrap(), options).await.unwrap();
    let detail = restored.state().service.exchange(receipt.id).await.unwrap();
    assert_eq!(detail.state, ExchangeState::Delivered);
    let body = restored.state().journal.body(detail.record.body).await.unwrap().unwrap();
    assert!(body.len() > large.len());
    // The same submission again is the same exchange: idempotency is part of the copy.
    assert!(submit(&restored, dossier(1, &large)).await.replayed);
    restored.stop().await;
}
