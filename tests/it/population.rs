//! The population database through the real program: asked in each generation, and filling dossiers in, counted at both ends.

use std::time::{Duration, Instant};

use lienthong_simulators::population::{Citizen, LgspAccount, NdxpAccount, Population, PopulationOptions};
use lienthong_simulators::portal::{DossierHistory, FaultProfile};
use serde_json::{Value, json};

use crate::harness::{Bench, Gateway, PATIENCE};

/// The routes of the example, as they stand there.
const EXAMPLE: &str = include_str!("../../config/routes/60-citizens.yaml");
/// The fixture's own route for dossiers, in whose place the example's comes.
const DOSSIERS: &str = "  - name: dossiers\n    from: any_client\n    operations: [portal.sync-dossier]\n    to: { operation: portal.sync-dossier }\n";

struct World {
    bench: Bench,
    population: Population,
    gateway: Gateway,
}

/// One gateway that reaches one database in every way, once with a wrong key.
async fn start() -> World {
    let bench = Bench::new(FaultProfile::None).await;
    let population = Population::start(PopulationOptions::default()).await.unwrap();
    bench.write_config();
    let base = population.base_url();
    for (id, access) in [
        ("population", ndxp(&bench, "simulated-secret")),
        ("population-lgsp", lgsp(&bench, &base)),
        (
            "population-wrapper",
            json!({ "wrapper": { "token": { "static": secret(&bench, "token", "simulated-token") } } }),
        ),
        ("population-wrong", ndxp(&bench, "another-secret")),
    ] {
        write_system(&bench, id, &base, &access);
    }
    write_routes(&bench);
    let gateway = bench.restart().await;
    World { bench, population, gateway }
}

/// Writes a secret and gives its reference.
fn secret(bench: &Bench, name: &str, value: &str) -> String {
    let path = bench.config().join("secrets").join(format!("population-{name}-{}", value.len()));
    std::fs::write(&path, value).unwrap();
    format!("file:{}", path.display())
}

fn ndxp(bench: &Bench, key: &str) -> Value {
    let NdxpAccount { user, road_client, api_key, .. } = NdxpAccount::default();
    json!({ "ndxp": {
        "user": secret(bench, "user", &user), "secret_key": secret(bench, "key", key),
        "api_key": secret(bench, "api-key", &api_key), "road_client": road_client
    } })
}

fn lgsp(bench: &Bench, base: &str) -> Value {
    let LgspAccount { access_key, secret_key, app_name, partner_code, partner_code_cus, officers } =
        LgspAccount::default();
    let (name, password) = officers[0].clone();
    let application = json!({
        "access_key": secret(bench, "access", &access_key), "secret_key": secret(bench, "application", &secret_key),
        "app_name": app_name, "partner_code": partner_code, "partner_code_cus": partner_code_cus
    });
    let key = json!({ "name": secret(bench, "officer", &name), "password": secret(bench, "password", &password) });
    json!({ "lgsp": {
        "token": { "granted": { "address": format!("{base}/token"), "proof": { "application": application } } },
        "officers": { "canbo01": key }
    } })
}

/// JSON is YAML too.
fn write_system(bench: &Bench, id: &str, base: &str, access: &Value) {
    let code = json!({ "integration_code": "999" });
    let other = format!("{base}/other");
    let system = json!({
        "id": id, "adapter": "population",
        "policy": { "timeout": "5s", "retry": { "budget": 3, "first": "100ms", "longest": "1s" } },
        "settings": {
            "endpoints": [{
                "name": "simulated", "address": format!("{base}/XrdAdapter/RestService/dancu"), "access": access,
                "addresses": { "verify_citizen": other, "find_household": other, "confirm_marital_status": other }
            }],
            "operations": { "verify_citizen": code, "find_household": code, "confirm_marital_status": code }
        }
    });
    std::fs::write(bench.config().join(format!("systems/{id}.yaml")), system.to_string()).unwrap();
}

fn write_routes(bench: &Bench) {
    let portal = bench.config().join("routes/portal.yaml");
    let own = std::fs::read_to_string(&portal).unwrap();
    assert!(own.contains(DOSSIERS));
    std::fs::write(&portal, own.replace(DOSSIERS, "")).unwrap();
    let example = EXAMPLE.replace("enabled: false", "enabled: true");
    std::fs::write(bench.config().join("routes/citizens.yaml"), example).unwrap();
    let straight = |operation: &str| json!({ "name": operation.replace('.', "-"), "from": "any_client", "operations": [operation], "to": { "operation": operation } });
    let more: Vec<Value> = [
        "population.verify-citizen",
        "population.find-household",
        "population.confirm-marital-status",
        "population-lgsp.find-citizen",
        "population-wrapper.find-citizen",
        "population-wrong.find-citizen",
    ]
    .map(straight)
    .to_vec();
    std::fs::write(bench.config().join("routes/questions.yaml"), json!({ "routes": more }).to_string()).unwrap();
}

impl World {
    async fn ask(&self, operation: &str, question: &Value) -> (u16, Value) {
        self.gateway.post(&format!("/v1/operations/{operation}/call"), question).await
    }

    /// Somebody who once had an old card.
    fn citizen(&self) -> Citizen {
        self.population.citizens().iter().find(|one| one.old_id.is_some()).unwrap().clone()
    }

    /// How often a dossier was filled in, as the gateway counts it.
    async fn reused(&self) -> f64 {
        let text =
            self.gateway.http.get(format!("{}/metrics", self.gateway.base)).send().await.unwrap().text().await.unwrap();
        let of_ours =
            |line: &&str| line.starts_with("lienthong_data_reuse_total{") && line.contains("population.find-citizen");
        text.lines().find(of_ours).map_or(0.0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
    }

    /// The dossier at the portal once that many writes of it arrived.
    async fn at_the_portal(&self, code: &str, writes: usize) -> DossierHistory {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(dossier) = self.bench.portal.dossier(code).filter(|dossier| dossier.writes.len() >= writes) {
                return dossier;
            }
            assert!(Instant::now() < deadline, "{code} did not reach the portal");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn question(citizen: &Citizen) -> Value {
    json!({
        "purpose": { "procedure_code": "1.000094", "officer": "canbo01", "unit": "H56.14" },
        "identity_number": citizen.id, "name": citizen.name
    })
}

fn dossier(code: &str, citizen: &Citizen, identities: &Value) -> Value {
    json!({
        "operation": "portal.sync-dossier", "key": code, "on_behalf_of": { "unit": "H56.14", "officer": "canbo01" },
        "body": {
            "code": code, "procedure_code": "1.000094.000.00.00.H56", "received_at": "2026-01-15T08:00:00+07:00",
            "owner": { "name": citizen.name, "kind": "citizen", "identities": identities }, "status": "received"
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_is_found_in_each_generation_with_the_purpose_told() {
    let world = start().await;
    let citizen = world.citizen();
    for system in ["population", "population-lgsp", "population-wrapper"] {
        let (status, answer) = world.ask(&format!("{system}.find-citizen"), &question(&citizen)).await;
        assert_eq!(status, 200, "{system}: {answer}");
        assert_eq!(
            (answer["name"].as_str(), answer["identity_number"].as_str()),
            (Some(citizen.name.as_str()), Some(citizen.id.as_str()))
        );
        assert_eq!(answer["sex"], if citizen.male { "male" } else { "female" });
    }
    let tally = world.population.report().tally;
    for proof in ["ndxp", "lgsp", "bearer"] {
        assert_eq!(tally.proofs.get(proof), Some(&1), "{proof} {:?}", tally.proofs);
    }
    assert_eq!((tally.purposes["1.000094"], tally.officers["canbo01"], tally.duplicates), (3, 3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_question_of_the_catalogue_is_answered() {
    let world = start().await;
    let married = world.population.citizens().iter().find(|one| one.marital_status == 2).unwrap().clone();
    let (status, answer) = world.ask("population.verify-citizen", &question(&married)).await;
    assert_eq!((status, answer), (200, json!({ "exists": true })));
    let stranger =
        json!({ "purpose": question(&married)["purpose"], "identity_number": married.id, "name": "Người Khác" });
    let (status, answer) = world.ask("population.verify-citizen", &stranger).await;
    assert_eq!((status, answer), (200, json!({ "exists": false })));
    let (status, answer) = world.ask("population.find-household", &question(&married)).await;
    assert_eq!((status, answer["members"].as_array().map(Vec::len)), (200, Some(4)), "{answer}");
    let (status, answer) = world.ask("population.confirm-marital-status", &question(&married)).await;
    assert_eq!((status, answer["marital_status"].as_str()), (200, Some("married")), "{answer}");
    assert!(answer["spouse"]["name"].is_string() && answer.get("permanent_residence").is_none(), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_a_wrong_key_and_a_question_without_purpose_are_told_apart() {
    let world = start().await;
    let citizen = world.citizen();
    // Both ways in which the database says it.
    for _ in 0..2 {
        let stranger =
            json!({ "purpose": question(&citizen)["purpose"], "identity_number": citizen.id, "name": "Người Khác" });
        let (status, problem) = world.ask("population.find-citizen", &stranger).await;
        assert_eq!((status, problem["code"].as_str()), (404, Some("LT-NOT-FOUND")), "{problem}");
        assert!(!problem.to_string().contains(&citizen.id), "{problem}");
    }
    assert_eq!(world.population.report().tally.answers["not-found"], 2);
    let (status, problem) = world.ask("population-wrong.find-citizen", &question(&citizen)).await;
    assert_eq!((status, problem["code"].as_str()), (502, Some("LT-SESSION-REFUSED")), "{problem}");
    let before = world.population.report().requests;
    let without = json!({ "identity_number": citizen.id, "name": citizen.name });
    let (status, problem) = world.ask("population.find-citizen", &without).await;
    assert_eq!((status, problem["code"].as_str()), (400, Some("LT-INVALID")), "{problem}");
    assert!(problem["field_problems"].to_string().contains("purpose"), "{problem}");
    assert_eq!(world.population.report().requests, before, "nothing was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_with_an_old_card_goes_to_the_portal_with_the_personal_number_and_counts_as_reuse() {
    let world = start().await;
    let citizen = world.citizen();
    let old = json!({ "kind": "identity_card", "number": citizen.old_id });
    let new = json!({ "kind": "citizen_id", "number": citizen.id });
    let code = "H56.14-260115-0107";
    let (status, answer) = world.gateway.submit("filled", &dossier(code, &citizen, &json!([old]))).await;
    assert_eq!(status, 202, "{answer}");
    world.at_the_portal(code, 1).await;
    assert!((world.reused().await - 1.0).abs() < f64::EPSILON, "one dossier was filled in");
    // Typed whole it needs no filling in, and is the same to the portal.
    world.gateway.submit("typed", &dossier(code, &citizen, &json!([old, new]))).await;
    let kept = world.at_the_portal(code, 2).await;
    assert_eq!(kept.writes[0].digest, kept.writes[1].digest, "what was filled in is what would have been typed");
    let report = world.population.report();
    assert_eq!((report.tally.answers["found"], report.tally.purposes["1.000094"]), (1, 1));
    assert!((world.reused().await - 1.0).abs() < f64::EPSILON);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_whose_owner_nobody_knows_goes_on_as_it_was() {
    let world = start().await;
    let citizen = Citizen { name: "Người Khác".to_owned(), ..world.citizen() };
    let old = json!([{ "kind": "identity_card", "number": citizen.old_id }]);
    let code = "H56.14-260115-0108";
    let (status, answer) = world.gateway.submit("unknown", &dossier(code, &citizen, &old)).await;
    assert_eq!(status, 202, "{answer}");
    let kept = world.at_the_portal(code, 1).await;
    assert_eq!((kept.status, world.population.report().tally.answers["not-found"]), (2, 1));
    assert!(world.reused().await < f64::EPSILON, "nothing was used again");
}
