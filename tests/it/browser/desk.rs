//! A province with two causes of failing dossiers and an operator at the console: what the browser's stories begin with.

use std::process::Command;

use lienthong_simulators::portal::{Fault, FaultProfile, Matcher};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

use super::driver::{Browser, Scripts};
use crate::harness::{Bench, DESK_ROUTES, DESK_TABLES, Gateway, PATIENCE, program};

pub(crate) const OPERATOR: &str = "truc-ca";
/// Dossiers whose desk status has no row.
pub(crate) const UNMAPPED: u64 = 4;
/// Dossiers the portal refused, in whatever words.
const REFUSED: u32 = 9;

const ROWS: &str = "desk,status,valid_from,valid_to\nreceived,received,,\n";

/// One browser at a time: small machines have two cores.
pub(crate) static TURN: Mutex<()> = Mutex::const_new(());

/// A gateway with errors to see to.
pub(crate) struct Desk {
    pub(crate) bench: Bench,
    pub(crate) gateway: Gateway,
    /// The error group of the code without a row.
    pub(crate) unmapped: String,
    /// The error group of what the portal refused.
    pub(crate) refused: String,
    /// Parked in it.
    pub(crate) refusals: u64,
    password: String,
    _turn: MutexGuard<'static, ()>,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let turn = TURN.lock().await;
        let bench = Bench::new(FaultProfile::None).await;
        bench.write_config();
        let config = bench.config();
        let password = operator(&config);
        std::fs::create_dir_all(config.join("tables")).unwrap();
        std::fs::write(config.join("routes/portal.yaml"), DESK_ROUTES).unwrap();
        std::fs::write(config.join("tables/tables.yaml"), DESK_TABLES).unwrap();
        std::fs::write(config.join("tables/desk-statuses.csv"), ROWS).unwrap();
        crate::reconcile::configure(&config, "50");
        let gateway = bench.restart().await;
        let (unmapped, refused) = (String::new(), String::new());
        let mut desk = Self { bench, gateway, unmapped, refused, refusals: 0, password, _turn: turn };
        desk.fill().await;
        desk
    }

    async fn fill(&mut self) {
        let refuses = Matcher::service("DongBoHoSoMC");
        assert!(self.bench.portal.inject_on(refuses, Fault::NotSuccessfulWithCodeZero, REFUSED));
        for number in 0..u64::from(REFUSED) {
            self.submit(&code(100 + number), "received", "attention").await;
        }
        for number in 0..UNMAPPED {
            self.submit(&code(200 + number), "processing", "attention").await;
        }
        self.submit(&code(300), "received", "delivered").await;
        let (_, groups) = self.gateway.get("/v1/errors").await;
        // The portal has several wordings for a refusal: each is a group, and the largest is taken.
        let largest = |unmapped: bool| {
            let of = groups["groups"].as_array().unwrap().iter();
            let of = of.filter(|group| (group["fault"]["code"] == "LT-CODE-UNMAPPED") == unmapped);
            of.max_by_key(|group| group["parked"].as_u64()).unwrap_or_else(|| panic!("{groups}")).clone()
        };
        let (unmapped, refused) = (largest(true), largest(false));
        (self.unmapped, self.refused) = (id(&unmapped), id(&refused));
        self.refusals = refused["parked"].as_u64().unwrap();
    }

    /// One dossier; what becomes of it.
    pub(crate) async fn submit(&self, code: &str, status: &str, becomes: &str) -> Value {
        let body = json!({
            "code": code, "procedure_code": "1.000094.000.00.00.H56", "received_at": "2026-01-15T08:00:00+07:00",
            "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "status": status,
        });
        let envelope = json!({ "operation": "portal.sync-dossier", "key": code, "body": body });
        let (_, exchange) = self.gateway.submit_and_wait(&format!("{code}-{status}"), &envelope).await;
        assert_eq!(exchange["state"], becomes, "{exchange}");
        exchange
    }

    pub(crate) async fn browser(&self, scripts: Scripts) -> Browser {
        let browser = Browser::open(&self.gateway.base, scripts).await;
        browser.log_in(OPERATOR, &self.password).await;
        browser
    }

    /// Takes a row over that gives the desk's word its meaning.
    pub(crate) async fn mend_table(&self) {
        let rows = format!("{ROWS}processing,supplement_required,2026-01-01,\n");
        std::fs::write(self.bench.config().join("tables/desk-statuses.csv"), rows).unwrap();
        let (status, answer) = self.gateway.post("/v1/configuration/reload", &json!({})).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Parked deliveries of a group now.
    pub(crate) async fn parked(&self, group: &str) -> u64 {
        let (status, found) = self.gateway.get(&format!("/v1/errors/{group}")).await;
        assert_eq!(status, 200, "{found}");
        let group = found.get("group").unwrap_or(&found);
        group["parked"].as_u64().unwrap_or_else(|| panic!("{found}"))
    }

    /// Waits until nothing of a group is parked.
    pub(crate) async fn drained(&self, group: &str) {
        let deadline = std::time::Instant::now() + PATIENCE;
        while self.parked(group).await > 0 {
            assert!(std::time::Instant::now() < deadline, "the group never drained");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

fn id(group: &Value) -> String {
    group["id"].as_str().unwrap().to_owned()
}

pub(crate) fn code(number: u64) -> String {
    format!("H56.14-260115-{number:04}")
}

/// Writes somebody who may log in; their password.
pub(crate) fn operator(config: &std::path::Path) -> String {
    let made = Command::new(program()).args(["hash-password", "--make", "--json"]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    std::fs::create_dir_all(config.join("operators")).unwrap();
    let hash = made["hash"].as_str().unwrap();
    let text = format!("name: {OPERATOR}\ndisplay: Trực ca\npassword: \"{hash}\"\nroles: [administrator]\n");
    std::fs::write(config.join("operators/duty.yaml"), text).unwrap();
    made["password"].as_str().unwrap().to_owned()
}
