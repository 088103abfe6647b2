//! The program against the simulated tax gateway: taxpayers by both proofs, the land ledger, slips byte for byte, and a secret that is wrong.

use std::path::{Path, PathBuf};
use std::process::Command;

use lienthong_simulators::portal::FaultProfile;
use lienthong_simulators::tax::{Debt, Fault, NotFound, Proof, Tax, TaxOptions};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::harness::{Bench, Gateway};

const SLIP: &str = include_str!("../../adapters/tax/testdata/slip.signed.xml");
const DOSSIER: &str = "H56.14-250115-0007";

const ROUTES: &str = "\
routes:
  - name: taxpayers
    from: any_client
    operations: [tax.find-taxpayer]
    to: { operation: tax.find-taxpayer }
  - name: land-ledger
    from: any_client
    operations: [tax.find-land-ledger]
    to: { operation: tax.find-land-ledger }
  - name: land-obligations
    from: any_client
    operations: [tax.submit-land-obligation]
    to: { operation: tax.submit-land-obligation }
";

struct World {
    tax: Tax,
    gateway: Gateway,
    _bench: Bench,
}

/// A gateway towards a simulated tax gateway of its own. `secrets`: files by name; `authentication`: YAML on one line.
async fn world(options: TaxOptions, secrets: &[(&str, &str)], authentication: &str) -> World {
    let tax = Tax::start(options).await.unwrap();
    let bench = Bench::new(FaultProfile::None).await;
    bench.write_config();
    let folder = bench.config();
    for (name, value) in secrets {
        std::fs::write(folder.join("secrets").join(name), value).unwrap();
    }
    let at = |name: &str| folder.join("secrets").join(name).display().to_string();
    let authentication = authentication.replace("{key}", &at("key")).replace("{other}", &at("other"));
    let system = format!(
        "id: tax\nadapter: tax\npolicy:\n  timeout: 20s\n  retry: {{ budget: 4, first: 100ms, longest: 1s }}\n  \
         gate: {{ failures: 3, probe_first: 200ms, probe_longest: 1s, ramp_every: 2 }}\nsettings:\n  \
         endpoints: [{{ name: simulated, url: \"{}/t2b/gip/request\" }}]\n  partner: {{ code: PARTNER }}\n  \
         authentication: {authentication}\n  taxpayer: {{ empty_answer: not_found }}\n  \
         ledger: {{ type: \"00109\", name: x, dossier_element: MA_HS, owner_element: SO, nothing_owed: [\"02\"], unknown: [\"03\"] }}\n  \
         slip: {{ answer: {{ types: [\"00101\"], accepted: [\"01\"] }}, dossier_element: SoBienNhan }}\n",
        tax.base_url()
    );
    std::fs::write(folder.join("systems/tax.yaml"), system).unwrap();
    std::fs::write(folder.join("routes/tax.yaml"), ROUTES).unwrap();
    let gateway = bench.restart().await;
    World { tax, gateway, _bench: bench }
}

const DIGEST: &str = "{ digest: { username: \"file:{key}\", password: \"file:{other}\" } }";

async fn by_digest(password: &str) -> World {
    world(TaxOptions::default(), &[("key", "PARTNER"), ("other", password)], DIGEST).await
}

impl World {
    async fn call(&self, operation: &str, input: Value) -> (u16, Value) {
        self.gateway.post(&format!("/v1/operations/tax.{operation}/call"), &input).await
    }

    async fn submit_slip(&self, key: &str, slip: &str) -> (u16, Value) {
        let body = json!({ "dossier_code": DOSSIER, "slip": lienthong_formats::base64::encode(slip.as_bytes()) });
        let envelope = json!({ "operation": "tax.submit-land-obligation", "key": DOSSIER, "body": body });
        self.gateway.submit_and_wait(key, &envelope).await
    }

    /// Every registered kind of code is found, and one nobody has is not.
    async fn finds_taxpayers(&self) {
        for taxpayer in self.tax.taxpayers().iter().take(4) {
            let (status, found) = self.call("find-taxpayer", json!({ "tax_code": taxpayer.tax_code })).await;
            assert_eq!((status, &found["taxpayers"][0]["name"]), (200, &json!(taxpayer.name)), "{found}");
            assert_eq!(found["taxpayers"][0]["status_code"], taxpayer.status);
            assert_eq!(found["addresses"][0]["area"]["commune"]["code"], taxpayer.commune);
        }
        let (status, problem) = self.call("find-taxpayer", json!({ "tax_code": "0100109106" })).await;
        assert_eq!((status, &problem["fault"]), (404, &json!("not_found")), "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taxpayer_is_found_with_a_password_digest() {
    let world = by_digest("simulated").await;
    world.finds_taxpayers().await;
    let (status, problem) = world.call("find-taxpayer", json!({ "tax_code": "2800000003" })).await;
    assert_eq!((status, &problem["field_problems"][0]["pointer"]), (400, &json!("/tax_code")), "{problem}");
    assert!(world.tax.report().tally.refusals.is_empty());
}

/// A key and its certificate in `folder`.
fn partner(folder: &Path) -> (String, String) {
    let path = |end: &str| -> PathBuf { folder.join(format!("partner.{end}")) };
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/C=VN/CN=partner", "-keyout"])
        .arg(path("key"))
        .arg("-out")
        .arg(path("pem"))
        .output()
        .expect("this test makes its key with openssl");
    assert!(made.status.success());
    (std::fs::read_to_string(path("key")).unwrap(), std::fs::read_to_string(path("pem")).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taxpayer_is_found_with_a_signature_that_another_program_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate) = partner(folder.path());
    let options = TaxOptions {
        proof: Proof::Signed { certificate: certificate.clone() },
        not_found: NotFound::EmptyRow,
        ..TaxOptions::default()
    };
    let signature = "{ signature: { key: \"file:{key}\", certificate: \"file:{other}\" } }";
    let world = world(options, &[("key", &key), ("other", &certificate)], signature).await;
    world.finds_taxpayers().await;
    assert!(world.tax.report().tally.refusals.is_empty(), "{:?}", world.tax.report().tally.refusals);
}

fn debt(decision: &str, due: &str) -> Debt {
    Debt {
        dossier: DOSSIER.to_owned(),
        tax_code: "2800000002".to_owned(),
        owner_number: "038199000001".to_owned(),
        owner_name: "Nguyễn Văn Mẫu".to_owned(),
        decision: decision.to_owned(),
        decided_on: "2025-01-20".to_owned(),
        item: "2801".to_owned(),
        item_name: "Lệ phí trước bạ nhà đất".to_owned(),
        amount: 1_158_500,
        due: due.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_is_read_with_one_row_and_with_instalments() {
    let world = by_digest("simulated").await;
    let asked = json!({ "dossier_code": DOSSIER, "owner_number": "038199000001" });
    let (status, problem) = world.call("find-land-ledger", asked.clone()).await;
    assert_eq!((status, &problem["fault"]), (404, &json!("not_found")), "{problem}");
    assert!(world.tax.owe(debt("LTB2512345-TK0000001/TB-CCT", "2025-02-20")));
    let (status, one) = world.call("find-land-ledger", asked.clone()).await;
    assert_eq!((status, one["totals"].as_array().map(Vec::len)), (200, Some(1)), "{one}");
    assert_eq!(one["totals"][0]["entries"].as_array().map(Vec::len), Some(1), "{one}");
    assert!(world.tax.owe(debt("LTB2512345-TK0000001/TB-CCT", "2025-05-20")));
    assert!(world.tax.owe(debt("LTB2512345-TK0000002/TB-CCT", "2025-05-20")));
    let (_, several) = world.call("find-land-ledger", asked.clone()).await;
    assert_eq!(several["totals"].as_array().map(Vec::len), Some(2), "{several}");
    let due = |at: usize| several["totals"][0]["entries"][at]["due_date"].clone();
    assert_eq!((due(0), due(1)), (json!("2025-02-20"), json!("2025-05-20")), "{several}");
    for decision in ["LTB2512345-TK0000001/TB-CCT", "LTB2512345-TK0000002/TB-CCT"] {
        world.tax.paid(DOSSIER, decision);
    }
    let (_, nothing) = world.call("find-land-ledger", asked).await;
    assert_eq!((&nothing["state"], &nothing["totals"]), (&json!("nothing_owed"), &json!([])), "{nothing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_slip_reaches_tax_byte_for_byte_and_once() {
    let world = by_digest("simulated").await;
    let (status, exchange) = world.submit_slip("slip-1", SLIP).await;
    assert_eq!((status, exchange["state"].as_str()), (200, Some("delivered")), "{exchange}");
    let slips = world.tax.slips();
    let hash: String = Sha256::digest(SLIP.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((slips.len(), slips[0].sha256.as_str(), slips[0].times), (1, hash.as_str(), 1));
    let changed = SLIP.replace("120.50", "999.50");
    let (status, problem) = world.submit_slip("slip-2", &changed).await;
    assert_eq!((status, &problem["field_problems"][0]["pointer"]), (400, &json!("/body/slip")), "{problem}");
    assert_eq!(world.tax.slips().len(), 1, "what does not verify leaves nothing behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_whose_answer_was_lost_is_parked_and_not_sent_again() {
    let world = by_digest("simulated").await;
    world.tax.inject(Fault::ResetAfterStore, 1);
    let (_, exchange) = world.submit_slip("slip-3", SLIP).await;
    assert_eq!(exchange["state"], "attention", "{exchange}");
    let (_, groups) = world.gateway.get("/v1/errors").await;
    assert_eq!(groups["groups"][0]["fault"]["code"], "LT-OUTCOME-UNKNOWN", "{groups}");
    let slips = world.tax.slips();
    assert_eq!((slips.len(), slips[0].times), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_told_as_ours_and_spends_nothing() {
    let world = by_digest("another").await;
    let (status, problem) = world.call("find-taxpayer", json!({ "tax_code": "2800000002" })).await;
    assert_eq!((status, &problem["fault"]), (502, &json!("unauthenticated")), "{problem}");
    assert!(!problem.to_string().contains("another"), "{problem}");
    assert!(world.tax.report().tally.refusals["wrong-digest"] >= 1);
    assert!(world.tax.report().tally.kinds.is_empty(), "nothing was processed");
}
