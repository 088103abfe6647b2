//! The three generations of authentication, and what does not hold in each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::state::wall_millis;
use super::super::{Population, PopulationOptions, TimestampUnit};
use super::client::{FIND, PATH, elements, ndxp, send, soap, start};

fn access_token(secret: &str) -> String {
    let told = json!({
        "AccessKey": "simulated-access", "SecretKey": secret, "AppName": "one-stop",
        "PartnerCode": "SIM", "PartnerCodeCus": "SIM01"
    });
    format!("lgspaccesstoken: {}\r\n", STANDARD.encode(told.to_string()))
}

async fn token(population: &Population, secret: &str) -> (u16, Value) {
    let headers = format!("{}Content-Type: application/x-www-form-urlencoded\r\n", access_token(secret));
    let got = send(population.addr(), "POST", "/token", &headers, "grant_type=client_credentials").await.unwrap();
    (got.status, got.json())
}

async fn ask(population: &Population, headers: &str, id: &str) -> u16 {
    let body = soap(FIND, &elements(&population.citizens()[0].clone(), id));
    send(population.addr(), "POST", PATH, headers, &body).await.unwrap().status
}

#[tokio::test]
async fn ndxp_takes_milliseconds_and_seconds_near_now() {
    let population = start().await;
    let (millis, seconds) = (wall_millis().to_string(), (wall_millis() / 1000).to_string());
    let stale = (wall_millis() - 600_000).to_string();
    for (number, (stamp, secret, status)) in [
        (millis.as_str(), "simulated-secret", 200),
        (seconds.as_str(), "simulated-secret", 200),
        (millis.as_str(), "wrong", 401),
        (stale.as_str(), "simulated-secret", 401),
        ("now", "simulated-secret", 401),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(ask(&population, &ndxp(stamp, secret), &number.to_string()).await, status, "{number}");
    }
    let tally = population.report().tally;
    assert_eq!(tally.proofs["ndxp"], 2);
    for reason in ["bad-basic", "stale-timestamp", "bad-timestamp"] {
        assert_eq!(tally.refusals[reason], 1, "{reason}");
    }
    population.stop().await;
}

#[tokio::test]
async fn a_portal_that_counts_in_seconds_refuses_milliseconds() {
    let options = PopulationOptions { timestamps: TimestampUnit::Seconds, ..PopulationOptions::default() };
    let population = Population::start(options).await.unwrap();
    assert_eq!(ask(&population, &ndxp(&wall_millis().to_string(), "simulated-secret"), "1").await, 401);
    assert_eq!(ask(&population, &ndxp(&(wall_millis() / 1000).to_string(), "simulated-secret"), "2").await, 200);
    population.stop().await;
}

#[tokio::test]
async fn every_header_of_ndxp_is_needed() {
    let population = start().await;
    for (number, missing) in ["X-Road-Client", "ApiKey", "SOAPAction", "Timestamp"].into_iter().enumerate() {
        let all = ndxp(&wall_millis().to_string(), "simulated-secret");
        let some: String = all.split_inclusive("\r\n").filter(|line| !line.starts_with(missing)).collect();
        assert_eq!(ask(&population, &some, &number.to_string()).await, 401, "{missing}");
    }
    population.stop().await;
}

#[tokio::test]
async fn the_provincial_lgsp_wants_token_access_token_and_officer() {
    let population = start().await;
    assert_eq!(token(&population, "wrong").await.0, 401);
    let (status, given) = token(&population, "simulated-secret").await;
    assert_eq!((status, given["token_type"].as_str()), (200, Some("Bearer")));
    let bearer = format!("Authorization: Bearer {}\r\n", given["access_token"].as_str().unwrap());
    let officer = format!("AuthHash: {}\r\n", STANDARD.encode("canbo01:simulated"));
    let stranger = format!("AuthHash: {}\r\n", STANDARD.encode("canbo02:simulated"));
    let (access, rest) = (access_token("simulated-secret"), "SOAPAction: \"\"\r\nContent-Type: application/xml\r\n");
    assert_eq!(ask(&population, &format!("{bearer}{access}{officer}{rest}"), "1").await, 200);
    assert_eq!(ask(&population, &format!("{bearer}{officer}{rest}"), "2").await, 401);
    assert_eq!(ask(&population, &format!("{bearer}{access}{stranger}{rest}"), "3").await, 401);
    population.expire_tokens();
    assert_eq!(ask(&population, &format!("{bearer}{access}{officer}{rest}"), "4").await, 401);
    let report = population.report();
    assert_eq!((report.tally.proofs["lgsp"], report.tokens_at_once, report.tokens_valid), (1, 1, 0));
    population.stop().await;
}

#[tokio::test]
async fn the_wrapper_answers_the_whole_soap_as_a_text() {
    let population = start().await;
    let citizen = population.citizens()[0].clone();
    let headers = "Authorization: Bearer simulated-token\r\nContent-Type: application/json\r\n";
    let mut codes = Vec::new();
    for id in ["1", "2"] {
        let body = json!({
            "HoVaTen": citizen.plain_name, "SoDinhDanh": citizen.id, "Nam": citizen.birth_year.to_string(),
            "MaTichHop": "037", "MaDVC": "VPCP", "MaCanBo": "canbo01", "MaYeuCau": id
        });
        let got = send(population.addr(), "POST", "/dancu/037", headers, &body.to_string()).await.unwrap().json();
        assert!(got["message"].as_str().unwrap().contains(&citizen.name), "{got}");
        codes.push(got["error_code"].clone());
    }
    codes.sort_by_key(Value::is_string);
    assert_eq!(codes, [json!(0), json!("0")]);
    let wrong = headers.replace("simulated-token", "other");
    let got = send(population.addr(), "POST", "/dancu/037", &wrong, "{}").await.unwrap();
    assert_eq!((got.status, got.json()["fault"]["code"].as_u64()), (401, Some(900_901)));
    let got = send(population.addr(), "POST", "/dancu/037", headers, "{\"HoTen\": \"A\"}").await.unwrap();
    assert_eq!((got.status, got.json()["error_code"].as_str()), (200, Some("-1")));
    assert_eq!(population.report().tally.refusals["unknown-element: HoTen"], 1);
    population.stop().await;
}
