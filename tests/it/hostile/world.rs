//! The province with tax, population and a ministry beside portal and land office, and how a row of the table is sent and judged. It knows no row.

use std::path::Path;
use std::time::{Duration, Instant};

use lienthong_simulators::ministry::{Ministry, MinistryOptions};
use lienthong_simulators::population::{Population, PopulationOptions};
use lienthong_simulators::portal::PortalOptions;
use lienthong_simulators::tax::{Tax, TaxOptions};
use serde_json::{Value, json};

use crate::harness::{API_KEY, PATIENCE};
use crate::notices::{Province, SECRET, example};

/// One hostile message.
pub(super) struct Row {
    pub(super) what: &'static str,
    pub(super) way: Way,
    pub(super) ends: Ends,
}

/// How it comes in.
pub(super) enum Way {
    /// A submission of one operation about one key, with this body.
    Submitted(&'static str, &'static str, Value),
    /// A submission byte for byte.
    SubmittedBytes(Vec<u8>),
    /// A question, answered on the same connection.
    Asked(&'static str, Value),
    /// A push of the portal, byte for byte.
    ByPortal(Vec<u8>),
    /// A push of the land office: the service, and the body byte for byte.
    ByLand(&'static str, Vec<u8>),
}

/// What must become of it.
pub(super) enum Ends {
    /// Refused at the door: status, code, the field, and some of the words about it.
    Refused(u16, &'static str, &'static str, &'static str),
    /// Kept, answered with the system's word for that, and parked with the field or the place.
    Kept(&'static str, &'static str),
    /// Accepted; what it led to is parked, with the field.
    Parked(&'static str, &'static str),
    /// Delivered, normalised: the text that must be found at its receiver.
    Delivered(&'static str),
}

pub(super) struct World {
    pub(super) province: Province,
    pub(super) tax: Tax,
    pub(super) population: Population,
    pub(super) ministry: Ministry,
}

impl World {
    pub(super) async fn start() -> Self {
        let tax = Tax::start(TaxOptions::default()).await.unwrap();
        let population = Population::start(PopulationOptions::default()).await.unwrap();
        let ministry = Ministry::start(MinistryOptions::default()).await.unwrap();
        let bases = [tax.base_url(), population.base_url(), ministry.base_url()];
        let province = Province::start_with(|config| write_systems(config, &bases)).await;
        Self { province, tax, population, ministry }
    }

    /// Everything that counts at the receivers: what a refused message must not change.
    pub(super) fn received(&self) -> String {
        let Self { province, tax, population, ministry } = self;
        let (portal, land) = (province.bench.portal.report(), province.land.report());
        let ministry = ministry.report();
        format!(
            "{:?} {} {:?} {} {:?} {} {:?}",
            portal.stored,
            land.dossiers,
            land.totals,
            tax.slips().len(),
            population.report().tally,
            ministry.permits,
            ministry.calls
        )
    }

    /// Everything of a person's concern that stands parked.
    async fn parked(&self) -> Vec<Value> {
        let (status, found) = self.province.gateway.get("/v1/exchanges?state=parked&limit=500").await;
        assert_eq!(status, 200, "{found}");
        found["exchanges"].as_array().unwrap().clone()
    }

    /// The newest fault, once there is one more than before.
    async fn next_fault(&self, before: usize) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let parked = self.parked().await;
            if parked.len() > before {
                assert_eq!(parked.len(), before + 1, "one fault of one message: {parked:?}");
                let id = parked[0]["id"].as_str().unwrap();
                let (_, exchange) = self.province.gateway.get(&format!("/v1/exchanges/{id}")).await;
                let deliveries = exchange["deliveries"].as_array().unwrap();
                return deliveries.iter().find(|one| one["state"] == "parked").unwrap()["fault"].clone();
            }
            assert!(Instant::now() < deadline, "nothing was parked");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Sends a row and holds what came of it against what must.
    pub(super) async fn run(&self, row: &Row) -> Result<(), String> {
        let (before, parked) = (self.received(), self.parked().await.len());
        let (status, answer) = self.send(&row.way).await;
        let told = |fault: &Value, pointer: &str, words: &str| {
            let problems = fault["field_problems"].as_array().cloned().unwrap_or_default();
            let named = problems.iter().any(|problem| {
                problem["pointer"] == pointer && problem["problem"].as_str().is_some_and(|text| text.contains(words))
            });
            if named { Ok(()) } else { Err(format!("not {pointer} {words}: {fault}")) }
        };
        match row.ends {
            Ends::Refused(expected, code, pointer, words) => {
                if (status, answer["code"].as_str()) != (expected, Some(code)) {
                    return Err(format!("{status} {answer}"));
                }
                told(&answer, pointer, words)?;
            }
            Ends::Kept(pointer, words) => {
                if !matches!((answer["error_code"].as_i64(), answer["Result"].as_i64()), (Some(-1), _) | (_, Some(0))) {
                    return Err(format!("not said to be kept: {status} {answer}"));
                }
                told(&self.next_fault(parked).await, pointer, words)?;
            }
            Ends::Parked(pointer, words) => {
                let taken =
                    matches!((answer["error_code"].as_i64(), answer["Result"].as_i64()), (Some(0), _) | (_, Some(1)));
                if !taken && answer["state"] != "attention" {
                    return Err(format!("not accepted: {status} {answer}"));
                }
                told(&self.next_fault(parked).await, pointer, words)?;
            }
            Ends::Delivered(text) => return self.arrived(text, &answer).await,
        }
        let now = self.received();
        if now == before { Ok(()) } else { Err(format!("something arrived: {before}\n{now}")) }
    }

    async fn send(&self, way: &Way) -> (u16, Value) {
        let gateway = &self.province.gateway;
        let post = |path: &str, body: Vec<u8>| {
            let request = gateway.http.post(format!("{}{path}", gateway.base)).bearer_auth(API_KEY).body(body);
            request
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", uuid::Uuid::new_v4().to_string())
        };
        match way {
            Way::Submitted(operation, key, body) => {
                let envelope = json!({ "operation": operation, "key": key, "body": body });
                gateway.submit_and_wait(&uuid::Uuid::new_v4().to_string(), &envelope).await
            }
            Way::SubmittedBytes(bytes) => gateway.send(post("/v1/exchanges", bytes.clone())).await,
            Way::Asked(operation, input) => gateway.post(&format!("/v1/operations/{operation}/call"), input).await,
            Way::ByPortal(bytes) => gateway.send(post("/in/portal/nhantbthuedvcqg", bytes.clone())).await,
            Way::ByLand(service, bytes) => {
                gateway.send(post(&format!("/in/land/VBDLIS/{service}/{SECRET}"), bytes.clone())).await
            }
        }
    }

    /// Waits until a receiver has the text: the portal or the land office, the desk's inbox, or who asked.
    async fn arrived(&self, text: &str, answer: &Value) -> Result<(), String> {
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            let (_, inbox) = self.province.gateway.get("/v1/inbox?limit=100").await;
            for message in inbox["messages"].as_array().unwrap() {
                let id = message["id"].as_str().unwrap();
                self.province.gateway.post(&format!("/v1/inbox/{id}/ack"), &json!({})).await;
            }
            let land = self.province.land.dossiers();
            let land =
                land.iter().filter_map(|code| self.province.land.dossier(code)).map(|kept| kept.content.to_string());
            if [inbox.to_string(), answer.to_string()].into_iter().chain(land).any(|told| told.contains(text)) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        Err(format!("{text} did not arrive: {answer}"))
    }

    /// No exchange is between two states, and whoever has to may go on.
    pub(super) async fn is_at_rest(&self) {
        let gateway = &self.province.gateway;
        let deadline = Instant::now() + PATIENCE;
        for state in ["queued", "waiting", "verifying", "in_flight"] {
            loop {
                let (_, open) = gateway.get(&format!("/v1/exchanges?state={state}&limit=100")).await;
                // The timers of flows wait for their day.
                if open["exchanges"].as_array().unwrap().iter().all(|one| one["operation"] == "gateway.stalled") {
                    break;
                }
                assert!(Instant::now() < deadline, "{state}: {open}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        let ready = gateway.http.get(format!("{}/readyz", gateway.base)).send().await.unwrap();
        assert_eq!(ready.status().as_u16(), 200);
        let (_, systems) = gateway.get("/v1/systems").await;
        for system in systems["systems"].as_array().unwrap() {
            assert_eq!(system["gate"]["state"].as_str().or(system["gate"].as_str()), Some("open"), "{system}");
        }
    }

    /// The most memory the gateway ever took, in bytes.
    pub(super) fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.province.gateway.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }
}

/// As the portal pushes: its key, the service, and data.
pub(super) fn pushed(service: &str, data: &str) -> Vec<u8> {
    let key = PortalOptions::default().security_key;
    format!(r#"{{"SecurityKey":"{key}","Service":"{service}","Ngay":"20260115","IsUpdating":"False","data":{data}}}"#)
        .into()
}

fn write_systems(config: &Path, bases: &[String; 3]) {
    let secret = |name: &str, value: &str| {
        let path = config.join("secrets").join(name);
        std::fs::write(&path, value).unwrap();
        format!("file:{}", path.display())
    };
    let [tax, population, ministry] = bases;
    let digest = json!({ "digest": { "username": secret("tax-user", "PARTNER"), "password": secret("tax-password", "simulated") } });
    let tax = json!({ "id": "tax", "adapter": "tax", "settings": {
        "endpoints": [{ "name": "simulated", "url": format!("{tax}/t2b/gip/request") }], "partner": { "code": "PARTNER" },
        "authentication": digest, "taxpayer": { "empty_answer": "not_found" },
        "slip": { "answer": { "types": ["00101"], "accepted": ["01"] }, "dossier_element": "SoBienNhan" }
    }});
    let token = json!({ "wrapper": { "token": { "static": secret("population-token", "simulated-token") } } });
    let other = format!("{population}/other");
    let population = json!({ "id": "population", "adapter": "population", "settings": { "endpoints": [{
        "name": "simulated", "address": format!("{population}/XrdAdapter/RestService/dancu"), "access": token,
        "addresses": { "verify_citizen": other, "find_household": other, "confirm_marital_status": other }
    }]}});
    for (id, system) in [("tax", tax), ("population", population)] {
        std::fs::write(config.join(format!("systems/{id}.yaml")), system.to_string()).unwrap();
    }
    let permits = std::fs::read_to_string(example("systems/permits.yaml")).unwrap();
    let permits = permits
        .replace("enabled: false", "enabled: true")
        .replace("https://api.ministry.example/v2", &format!("{ministry}/v2"))
        .replace("https://api.ministry.example/oauth/token", &format!("{ministry}/oauth/token"))
        .replace("env:LIENTHONG_PERMITS_CLIENT_ID", &secret("permits-id", "province"))
        .replace("env:LIENTHONG_PERMITS_CLIENT_SECRET", &secret("permits-secret", "simulated"));
    std::fs::write(config.join("systems/permits.yaml"), permits).unwrap();
    let straight = |operation: &str| json!({ "name": operation.replace('.', "-"), "from": "any_client", "operations": [operation], "to": { "operation": operation } });
    let routes: Vec<Value> =
        ["tax.submit-land-obligation", "population.find-citizen", "permits.register-permit", "permits.find-permit"]
            .map(straight)
            .to_vec();
    std::fs::write(config.join("routes/99-hostile.yaml"), json!({ "routes": routes }).to_string()).unwrap();
    // An officer who has had an account since 2026 alone.
    let officers =
        "officer,account,valid_from,valid_to,note\ncanbo01,canbo01,,,\nmc.moi,canbo02,2026-01-01,,new this year\n";
    std::fs::write(config.join("tables/land-officers.csv"), officers).unwrap();
}
