//! Portal, land office and a gateway with the routes, messages, flows and tables of the example. It asserts nothing of notices.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use lienthong_simulators::land::{Desk, Land, LandOptions};
use lienthong_simulators::portal::FaultProfile;
use lienthong_simulators::tax::NoticeFile;
use serde_json::{Value, json};

use crate::harness::{Bench, Gateway, PATIENCE};

/// What the land office proves itself with.
pub(crate) const SECRET: &str = "khoa-cua-van-phong";

/// Portal, land office and a gateway with the routes, messages, flows and tables of the example.
pub(crate) struct Province {
    pub(crate) bench: Bench,
    pub(crate) land: Land,
    pub(crate) gateway: Gateway,
}

pub(crate) fn example(part: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(part)
}

fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn write_config(bench: &Bench, land: &Land) {
    let config = bench.config();
    bench.write_config();
    std::fs::remove_file(config.join("routes/portal.yaml")).unwrap();
    for part in ["routes", "messages", "flows", "calendars", "tables"] {
        copy_files(&example(part), &config.join(part));
    }
    // Routes of systems that take no part here.
    for entry in std::fs::read_dir(config.join("routes")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".yaml")
            && !["10-portal.yaml", "30-land.yaml", "40-obligation-notices.yaml"].contains(&name.as_str())
        {
            std::fs::remove_file(config.join("routes").join(name)).unwrap();
        }
    }
    for client in ["archive.yaml", "operations-desk.yaml"] {
        std::fs::copy(example("clients").join(client), config.join("clients").join(client)).unwrap();
    }
    let secret = config.join("secrets/land");
    std::fs::write(&secret, SECRET).unwrap();
    let (base, secret) = (land.base_url(), secret.display());
    let lists = ["officers", "procedures", "statuses"]
        .map(|list| format!("    {list}: {{ path: {list}, rows: /data, code: code, name: name }}\n"));
    let system = format!(
        "id: land\nadapter: land\nsettings:\n  dialect: vbdlis\n  endpoints: [{{ name: simulated, base: {base} }}]\n  \
         files: {{ base: {base}, origins: [], max_bytes: 1048576 }}\n  lists:\n    security_code: \"file:{secret}\"\n    \
         daily_at: \"05:00\"\n{}  inbound: {{ secret: \"file:{secret}\" }}\n",
        lists.concat()
    );
    std::fs::write(config.join("systems/land.yaml"), system).unwrap();
}

impl Province {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_config| {}).await
    }

    /// `more` adds to the configuration folder before it is read.
    pub(crate) async fn start_with(more: impl FnOnce(&Path)) -> Self {
        let bench = Bench::new(FaultProfile::None).await;
        let land = Land::start(LandOptions::default()).await.unwrap();
        write_config(&bench, &land);
        more(&bench.config());
        let gateway = bench.restart().await;
        land.set_desk(Desk { base: format!("{}/in/land", gateway.base), secret: SECRET.to_owned() });
        Self { bench, land, gateway }
    }

    /// Kills the gateway and starts it again on what is there.
    pub(crate) async fn killed_and_restarted(self) -> Self {
        let Self { bench, land, gateway } = self;
        gateway.kill();
        let gateway = bench.restart().await;
        Self { bench, land, gateway }
    }

    pub(crate) async fn dossier(&self, code: &str, status: &str) {
        let envelope = json!({ "operation": "portal.sync-dossier", "key": code, "body": {
            "code": code, "procedure_code": "1.012784", "status": status, "received_at": "2026-01-15T08:00:00+07:00",
            "owner": { "name": "Nguyễn Văn Mẫu", "kind": "citizen" },
        }});
        let (code, answer) = self.gateway.submit_and_wait(&format!("{code}-{status}"), &envelope).await;
        assert_eq!((code, &answer["state"]), (200, &json!("delivered")), "{answer}");
    }

    pub(crate) async fn push(&self, file: &NoticeFile) {
        let address = format!("{}/in/portal/nhantbthuedvcqg", self.gateway.base);
        let reply = self.bench.portal.pusher().push_tax_file(&address, "20260115", file.xml.as_bytes()).await.unwrap();
        assert_eq!((reply.status, reply.error_code()), (200, Some(0)), "{reply:?}");
    }

    /// Reads the inbox until `count` notices came, and gives them by dossier.
    pub(crate) async fn notices(&self, count: usize) -> BTreeMap<String, Vec<Value>> {
        let (deadline, mut found, mut total) = (Instant::now() + PATIENCE, BTreeMap::<String, Vec<Value>>::new(), 0);
        while total < count {
            assert!(Instant::now() < deadline, "{total} of {count} notices came");
            let (_, inbox) = self.gateway.get("/v1/inbox?limit=100").await;
            for message in inbox["messages"].as_array().unwrap() {
                assert_eq!(message["operation"], "obligation.notice", "{message}");
                let key = message["key"].as_str().unwrap().to_owned();
                found.entry(key).or_default().push(message["body"].clone());
                total += 1;
                let id = message["id"].as_str().unwrap();
                let request = self.gateway.http.post(format!("{}/v1/inbox/{id}/ack", self.gateway.base));
                let (status, _) = self.gateway.send(request.bearer_auth(crate::harness::API_KEY)).await;
                assert!((200..300).contains(&status));
            }
        }
        let (_, inbox) = self.gateway.get("/v1/inbox?limit=100").await;
        assert_eq!(inbox["messages"], json!([]), "nothing beyond what was expected");
        found
    }

    pub(crate) async fn timeline(&self, code: &str) -> Value {
        let (status, timeline) = self.gateway.get(&format!("/v1/keys/{code}")).await;
        assert_eq!(status, 200, "{timeline}");
        timeline
    }

    /// Waits until so many copies of the dossier's notices were recognised.
    pub(crate) async fn copies(&self, code: &str, count: usize) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let timeline = self.timeline(code).await;
            let found = timeline["copies"].as_array().map_or(0, Vec::len);
            if found == count {
                return;
            }
            assert!(Instant::now() < deadline, "{found} of {count} copies were recognised");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// (pointer, parked) of every error group, sorted.
    pub(crate) async fn errors(&self) -> Vec<(String, u64)> {
        let (_, groups) = self.gateway.get("/v1/errors?limit=100").await;
        let of = |group: &Value| {
            let problems = group["fault"]["field_problems"].as_array().or(group["sample"]["field_problems"].as_array());
            let pointer = problems.and_then(|all| all.first()).and_then(|one| one["pointer"].as_str()).unwrap_or("");
            (pointer.to_owned(), group["parked"].as_u64().unwrap())
        };
        let mut found: Vec<(String, u64)> = groups["groups"].as_array().unwrap().iter().map(of).collect();
        found.sort();
        found
    }
}
