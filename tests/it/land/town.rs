//! A simulated land office and a gateway towards it, with a one-stop desk that reads what arrived for it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lienthong_core::Timestamp;
use lienthong_server::config::KeyHash;
use lienthong_simulators::land::{Desk, Dialect, FileLink, Land, LandOptions, Push, Stepped};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{API_KEY, Gateway, PATIENCE};

const SECRET: &str = "khoa-cua-van-phong";

pub(super) struct Town {
    pub(super) land: Land,
    pub(super) gateway: Gateway,
    folder: TempDir,
}

/// A dossier as the desk hands it over.
pub(super) fn dossier(code: &str, officer: &str) -> Value {
    json!({ "operation": "land.receive-dossier", "key": code, "body": {
        "code": code,
        "area": { "province_code": "01", "commune_code": "00004" },
        "received_by": officer,
        "received_at": "2026-01-15T08:00:00+07:00",
        "due_at": "2026-02-15T17:00:00+07:00",
        "applicant": { "name": "Nguyễn Văn Mẫu", "identity_number": "001099000001", "address": "Thôn Mẫu" },
        "process": { "code": "1.012786" },
        "parcels": [{ "number": "35", "map_sheet": "45", "square_metres": "120.5" }],
        "papers": [{ "name": "Đơn đăng ký", "originals": 1, "file": { "name": "don.pdf", "data": "JVBERi0xLjQK" } }],
    }})
}

/// `ChuyenHoSo` at a time, with files by their links.
pub(super) fn forward(at: &str, links: &[String]) -> Push {
    let at: Timestamp = at.parse().unwrap();
    Push::Forward {
        from: "canbo01".to_owned(),
        to: "canbo02".to_owned(),
        status: "TD".to_owned(),
        note: "Chuyển thẩm định".to_owned(),
        at,
        until: at,
        files: links.iter().map(|link| FileLink { name: "Tờ trình".to_owned(), link: link.clone() }).collect(),
    }
}

impl Town {
    pub(super) async fn start(options: LandOptions) -> Self {
        let dialect = options.dialect;
        let land = Land::start(options).await.unwrap();
        let folder = TempDir::new().unwrap();
        write_config(folder.path(), &land, dialect);
        write_officers(folder.path(), &[("mc01", "canbo01"), ("mc07", "canbo77")]);
        let gateway = Gateway::start(&folder.path().join("config"), folder.path()).await;
        let town = Self { land, gateway, folder };
        town.land.set_desk(town.desk(SECRET));
        town
    }

    /// Kills the gateway and starts it again on what is there, at another port.
    pub(super) async fn killed_and_restarted(self) -> Self {
        let Self { land, gateway, folder } = self;
        gateway.kill();
        let gateway = Gateway::start(&folder.path().join("config"), folder.path()).await;
        let town = Self { land, gateway, folder };
        town.land.set_desk(town.desk(SECRET));
        town
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    pub(super) fn desk(&self, secret: &str) -> Desk {
        Desk { base: format!("{}/in/land", self.gateway.base), secret: secret.to_owned() }
    }

    pub(super) fn write_officers(&self, rows: &[(&str, &str)]) {
        write_officers(self.folder.path(), rows);
    }

    pub(super) async fn reload(&self) {
        let (status, answer) = self.gateway.post("/v1/configuration/reload", &json!({})).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Waits until the land office has the dossier, as the gateway tells it.
    pub(super) async fn delivered(&self, code: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (_, found) =
                self.gateway.get(&format!("/v1/exchanges?key={code}&operation=land.receive-dossier")).await;
            let states: Vec<&str> =
                found["exchanges"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
            if !states.is_empty() && states.iter().all(|state| *state == "delivered") {
                return;
            }
            assert!(Instant::now() < deadline, "{found}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What of this operation came in about a key, in order.
    pub(super) async fn messages(&self, code: &str, operation: &str) -> Vec<Value> {
        let path = format!("/v1/exchanges?key={code}&operation={operation}&limit=50");
        let (status, found) = self.gateway.get(&path).await;
        assert_eq!(status, 200, "{found}");
        found["exchanges"].as_array().unwrap().clone()
    }

    /// Waits until something of this operation came in about a key.
    pub(super) async fn arrives(&self, code: &str, operation: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.messages(code, operation).await.is_empty() {
            assert!(Instant::now() < deadline, "no {operation} of {code}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The body of the first message of this operation about a key, once it is in the desk's inbox.
    pub(super) async fn message(&self, code: &str, operation: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (status, inbox) = self.gateway.get("/v1/inbox?limit=50").await;
            assert_eq!(status, 200, "{inbox}");
            for message in inbox["messages"].as_array().unwrap() {
                let id = message["id"].as_str().unwrap();
                let (acknowledged, _) = self.gateway.post(&format!("/v1/inbox/{id}/ack"), &json!({})).await;
                assert!(matches!(acknowledged, 200 | 204));
                if message["key"] == code && message["operation"] == operation {
                    return message["body"].clone();
                }
            }
            assert!(Instant::now() < deadline, "no {operation} of {code} in the inbox");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What the pulled list of the other side says about a code table, once it was pulled.
    pub(super) async fn observed(&self, table: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (status, found) = self.gateway.get(&format!("/v1/tables/{table}")).await;
            assert_eq!(status, 200, "{found}");
            if found["observed"].is_object() {
                return found["observed"].clone();
            }
            assert!(Instant::now() < deadline, "{found}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Takes steps of the office's script; each is pushed and answered with success.
    pub(super) async fn steps(&self, code: &str, count: usize) {
        for _ in 0..count {
            match self.land.step(code).await.unwrap() {
                Stepped::Pushed(record) => assert_eq!(record.result(), Some(1), "{record:?}"),
                other => panic!("{other:?}"),
            }
        }
    }

    pub(super) async fn supplement(&self, code: &str, note: &str) {
        let body = json!({ "code": code, "note": note, "papers": [{ "name": "Giấy bổ sung", "originals": 1 }] });
        let envelope = json!({ "operation": "land.supplement-dossier", "key": code, "body": body });
        let (_, exchange) = self.gateway.submit_and_wait(&uuid::Uuid::new_v4().to_string(), &envelope).await;
        assert_eq!(exchange["state"], "delivered", "{exchange}");
    }
}

fn write_officers(folder: &Path, rows: &[(&str, &str)]) {
    let mut text = String::from("officer,account\n");
    for (officer, account) in rows {
        text.push_str(&format!("{officer},{account}\n"));
    }
    std::fs::write(folder.join("config/tables/land-officers.csv"), text).unwrap();
}

fn write_config(folder: &Path, land: &Land, dialect: Dialect) {
    let config = folder.join("config");
    for part in ["secrets", "clients", "systems", "routes", "tables"] {
        std::fs::create_dir_all(config.join(part)).unwrap();
    }
    let defaults = LandOptions::default();
    let account = defaults.account;
    for (name, value) in [
        ("inbound", SECRET),
        ("list-code", defaults.security_code.as_str()),
        ("username", &account.username),
        ("password", &account.password),
        ("client-id", &account.client_id),
        ("client-secret", &account.client_secret),
    ] {
        std::fs::write(config.join("secrets").join(name), value).unwrap();
    }
    let gateway = format!(
        "organisation: H56\nlisten: {{ address: 127.0.0.1:0 }}\njournal: {{ folder: {}, accept_above: 256MiB, send_above: 64MiB }}\n\
         telemetry: {{ format: readable, level: warn }}\nshutdown: {{ drain: 10s }}\n",
        quoted(&folder.join("journal"))
    );
    std::fs::write(config.join("gateway.yaml"), gateway).unwrap();
    let client = format!(
        "id: one-stop\ndescription: A provincial one-stop platform.\nkeys: [\"{}\"]\noperations: [\"*\"]\n\
         roles: [viewer, operator, administrator]\n",
        KeyHash::of(API_KEY)
    );
    std::fs::write(config.join("clients/one-stop.yaml"), client).unwrap();
    std::fs::write(config.join("systems/land.yaml"), system(&config.join("secrets"), land, dialect)).unwrap();
    std::fs::write(config.join("tables/tables.yaml"), TABLES).unwrap();
    std::fs::write(config.join("routes/land.yaml"), ROUTES).unwrap();
}

fn system(secrets: &Path, land: &Land, dialect: Dialect) -> String {
    let secret = |name: &str| format!("\"file:{}\"", secrets.join(name).display());
    let base = land.base_url();
    let oauth = match dialect {
        Dialect::Vbdlis => String::new(),
        Dialect::Ilis => format!(
            "      oauth:\n        token_url: {base}/token\n        username: {}\n        password: {}\n        \
             client_id: {}\n        client_secret: {}\n",
            secret("username"),
            secret("password"),
            secret("client-id"),
            secret("client-secret"),
        ),
    };
    format!(
        "id: land\nadapter: land\npolicy:\n  concurrency: 8\n  timeout: 2s\n  \
         retry: {{ budget: 8, first: 50ms, longest: 500ms }}\n  \
         gate: {{ failures: 3, probe_first: 100ms, probe_longest: 500ms, ramp_every: 2 }}\nsettings:\n  \
         dialect: {dialect}\n  endpoints:\n    - name: simulated\n      base: {base}/api\n{oauth}  \
         phrases: {{ throttled: [\"đang quá tải\"], maintenance: [\"đang bảo trì\"] }}\n  \
         tables: {{ officers: land-officers }}\n  files: {{ base: {base}, max_bytes: 1048576 }}\n  \
         lists:\n    security_code: {}\n    \
         officers: {{ path: GetDanhMucNguoiDung, code: TenDangNhap, name: HoTen }}\n  \
         inbound: {{ secret: {} }}\n",
        secret("list-code"),
        secret("inbound"),
    )
}

fn quoted(path: &Path) -> String {
    Value::from(path.display().to_string()).to_string()
}

const TABLES: &str = "\
tables:
  - name: land-officers
    file: land-officers.csv
    description: The desk's officers and their accounts at the land office.
    key: [officer]
    values: [account]
    observed:
      operation: land.list-received
      when: { pointer: /list, is: officers }
      items: /entries
      code: /code
      column: account
";

const ROUTES: &str = "\
routes:
  - name: dossiers
    from: any_client
    operations: [land.receive-dossier]
    transform: |
      .received_by = lookup!(\"land-officers\", .received_by, at: .received_at)
    to: { operation: land.receive-dossier }
  - name: supplements
    from: any_client
    operations: [land.supplement-dossier]
    to: { operation: land.supplement-dossier }
  - name: results
    from: any_client
    operations: [land.return-result]
    to: { operation: land.return-result }
  - name: counterparts
    from: any_client
    operations: [land.check-counterparts]
    to: { operation: land.check-counterparts }
  - name: reports
    from: { system: land }
    operations:
      - land.dossier-forwarded
      - land.supplement-requested
      - land.supplement-received
      - land.tax-result-received
      - land.dossier-finished
      - land.list-received
    to: { inbox: one-stop }
  - name: files
    from: { system: land }
    operations: [land.dossier-forwarded]
    when: length(array!(.files)) > 0
    transform: |
      . = { \"code\": .code, \"link\": .files[0].link }
    to: { operation: land.fetch-file }
";
