//! A platform that looks citizens up through the LGSP's JSON wrapper, with the population database behind the gateway instead.

use lienthong_simulators::population::{Citizen, Population, PopulationOptions};
use lienthong_simulators::portal::FaultProfile;
use serde_json::{Value, json};

use super::{NO_OLD_ADDRESS, TOKEN, copy_facades};
use crate::harness::{Bench, Gateway};

async fn start() -> (Bench, Population, Gateway) {
    let bench = Bench::new(FaultProfile::None).await;
    let options = PopulationOptions::default();
    let token = options.static_token.clone().unwrap();
    let population = Population::start(options).await.unwrap();
    bench.write_config();
    let config = bench.config();
    copy_facades(&config, NO_OLD_ADDRESS, "8s");
    let system = format!(
        "id: population\nadapter: population\npolicy: {{ timeout: 5s }}\nsettings:\n  endpoints:\n    - name: simulated\n      \
         address: {}/dancu\n      access:\n        wrapper:\n          token: {{ static: \"file:secrets/population\" }}\n  \
         operations: {{ find_citizen: {{ integration_code: \"037\" }} }}\n",
        population.base_url()
    );
    let route = "routes:\n  - name: citizens\n    from: any_client\n    operations: [population.find-citizen]\n    \
                 to: { operation: population.find-citizen }\n";
    std::fs::write(config.join("secrets/population"), token).unwrap();
    std::fs::write(config.join("systems/population.yaml"), system).unwrap();
    std::fs::write(config.join("routes/citizens.yaml"), route).unwrap();
    let gateway = bench.restart().await;
    (bench, population, gateway)
}

/// A question as the platform writes it.
fn question(citizen: &Citizen, number: &str, officer: &str) -> Value {
    json!({
        "HoVaTen": citizen.plain_name, "SoDinhDanh": number, "Nam": citizen.birth_year.to_string(), "MaTichHop": "037",
        "MaDVC": "1.000094", "MaCanBo": officer, "MaYeuCau": "H5612",
    })
}

async fn asked(gateway: &Gateway, question: &Value) -> (String, String) {
    let request = gateway.http.post(format!("{}/DanCu/TraCuuThongTinCongDan", gateway.base)).bearer_auth(TOKEN);
    let (status, answer) = gateway.send(request.json(question)).await;
    assert_eq!(status, 200, "{answer}");
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("error_code"), text("message"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_is_found_through_the_wrapper_the_platform_knows() {
    let (_bench, population, gateway) = start().await;
    let citizen = population.citizens()[3].clone();
    let (code, message) = asked(&gateway, &question(&citizen, &citizen.id, "canbo01")).await;
    assert_eq!(code, "0", "{message}");
    for part in [
        format!("<ns1:SoDinhDanh>{}</ns1:SoDinhDanh>", citizen.id),
        format!("<ns1:Ten>{}</ns1:Ten>", citizen.name),
        format!("<ns1:Nam>{}</ns1:Nam>", citizen.birth_year),
        "<ns1:CongdanCollection xmlns:ns1=\"http://www.mic.gov.vn/dancu/1.0\"><ns1:CongDan>".to_owned(),
    ] {
        assert!(message.contains(&part), "{part} in {message}");
    }
    // The purpose is the law's: it stands in the record.
    let (_, calls) = gateway.get("/v1/exchanges?operation=population.find-citizen").await;
    let call = &calls["exchanges"][0];
    assert_eq!((call["call"].as_bool(), call["purpose"].as_str()), (Some(true), Some("1.000094")), "{call}");
    assert_eq!(call["on_behalf_of"]["officer"], "canbo01", "{call}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_fits_is_an_answer_with_nobody_in_it_and_no_officer_is_refused() {
    let (_bench, population, gateway) = start().await;
    let citizen = population.citizens()[4].clone();
    let (code, message) = asked(&gateway, &question(&citizen, "000299999999", "canbo01")).await;
    assert_eq!((code.as_str(), message.contains("CongDan>")), ("0", false), "{message}");
    let (code, message) = asked(&gateway, &question(&citizen, &citizen.id, "")).await;
    assert_eq!(code, "-1", "{message}");
}
