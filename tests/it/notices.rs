//! Tax notices as they come: two ways, in files with everything that goes wrong in them, on the routes and flows of the example.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use lienthong_simulators::land::{Desk, Land, LandOptions, Notice, Push};
use lienthong_simulators::portal::FaultProfile;
use lienthong_simulators::tax::{NoticeBatch, NoticeFile};
use serde_json::{Value, json};

use crate::harness::{Bench, Gateway, PATIENCE};

const SECRET: &str = "khoa-cua-van-phong";
const KNOWN: usize = 190;

/// Portal, land office and a gateway with the routes, messages, flows and tables of the example.
struct Province {
    bench: Bench,
    land: Land,
    gateway: Gateway,
}

fn example(part: &str) -> PathBuf {
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
    async fn start() -> Self {
        let bench = Bench::new(FaultProfile::None).await;
        let land = Land::start(LandOptions::default()).await.unwrap();
        write_config(&bench, &land);
        let gateway = bench.restart().await;
        land.set_desk(Desk { base: format!("{}/in/land", gateway.base), secret: SECRET.to_owned() });
        Self { bench, land, gateway }
    }

    async fn dossier(&self, code: &str, status: &str) {
        let envelope = json!({ "operation": "portal.sync-dossier", "key": code, "body": {
            "code": code, "procedure_code": "1.012784", "status": status, "received_at": "2026-01-15T08:00:00+07:00",
            "owner": { "name": "Nguyễn Văn Mẫu", "kind": "citizen" },
        }});
        let (code, answer) = self.gateway.submit_and_wait(&format!("{code}-{status}"), &envelope).await;
        assert_eq!((code, &answer["state"]), (200, &json!("delivered")), "{answer}");
    }

    async fn push(&self, file: &NoticeFile) {
        let address = format!("{}/in/portal/nhantbthuedvcqg", self.gateway.base);
        let reply = self.bench.portal.pusher().push_tax_file(&address, "20260115", file.xml.as_bytes()).await.unwrap();
        assert_eq!((reply.status, reply.error_code()), (200, Some(0)), "{reply:?}");
    }

    /// Reads the inbox until `count` notices came, and gives them by dossier.
    async fn notices(&self, count: usize) -> BTreeMap<String, Vec<Value>> {
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

    async fn timeline(&self, code: &str) -> Value {
        let (status, timeline) = self.gateway.get(&format!("/v1/keys/{code}")).await;
        assert_eq!(status, 200, "{timeline}");
        timeline
    }

    /// Waits until so many copies of the dossier's notices were recognised.
    async fn copies(&self, code: &str, count: usize) {
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
    async fn errors(&self) -> Vec<(String, u64)> {
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

fn code(number: usize) -> String {
    format!("H56.14-260115-{number:04}")
}

/// "A tax file of 200 notices: one before its dossier exists, one a duplicate that also came by the other channel, two instalments
/// of one decision, one for a withdrawn dossier", and rows that cannot be read.
#[tokio::test(flavor = "multi_thread")]
async fn a_tax_file_of_200_notices_with_everything_that_goes_wrong_in_one() {
    let province = Province::start().await;
    let dossiers: Vec<String> = (1..=KNOWN).map(code).collect();
    let (early, there) = dossiers.split_last().unwrap();
    for dossier in there {
        province.dossier(dossier, "received").await;
    }
    province.dossier(&code(3), "withdrawn").await;
    // The land office told of the second dossier's notice before.
    let batch = NoticeBatch {
        dossiers: dossiers.clone(),
        notices: 200,
        duplicates: 1,
        unknown: 1,
        bad: 4,
        instalments: 1,
        ..NoticeBatch::default()
    };
    let file = batch.file();
    let number = "LTB2512345-TK0000002/TB-CCT";
    let told = |officer: &str| {
        let notice = Notice {
            owner: "Nguyễn Văn Mẫu".to_owned(),
            tax: "Lệ phí trước bạ".to_owned(),
            number: number.to_owned(),
            link: "/files/tb.pdf".to_owned(),
        };
        let at = "2026-01-15T03:00:00Z".parse().unwrap();
        Push::TaxResult { officer: officer.to_owned(), at, note: String::new(), notices: vec![notice] }
    };
    let by_land = province.land.push(&code(2), told("canbo01")).await.unwrap();
    assert_eq!(by_land.result(), Some(1), "{by_land:?}");
    assert_eq!(province.notices(1).await[&code(2)][0]["channel"], "land");

    province.push(&file).await;
    // 194 entries are right, one of them with two instalments; one is about a dossier that is not there yet.
    let found = province.notices(194).await;
    let instalments: Vec<i64> = found[&code(1)]
        .iter()
        .filter(|one| one["decision_number"] == "LTB2512345-TK0000001/TB-CCT")
        .map(|one| one["instalment"].as_i64().unwrap())
        .collect();
    assert_eq!(instalments, [1, 2], "two instalments of one decision are two notices, and their duplicate is none");
    // The duplicate of both was recognised.
    province.copies(&code(1), 2).await;
    assert_eq!(found[&code(2)][0]["amount"].as_str().map(str::is_empty), Some(false), "now with its amount");
    assert!(found.contains_key(&code(3)), "whether a withdrawn dossier still owes is for the desk to judge");
    // The land office repeats itself: a copy of what is known by now.
    province.land.push(&code(2), told("canbo02")).await.unwrap();
    province.copies(&code(2), 1).await;
    // The four bad ones: each a sync error of its own that names the field, and nobody's obstacle.
    let errors = province.errors().await;
    let expected = ["/amount", "/code", "/decision_date", "/notices/0/decision_number"];
    assert_eq!(errors, expected.map(|pointer| (pointer.to_owned(), 1)), "{errors:?}");
    // The one before its dossier waits; the dossier comes, and it goes.
    province.dossier(early, "received").await;
    assert_eq!(province.notices(1).await[early].len(), 1);
}
