//! How it fails on command, in both forms, and how a separate process commands it.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::super::{Fault, Population};
use super::client::{FIND, Got, PATH, elements, ndxp_now, send, soap, start};

async fn ask(population: &Population, id: &str) -> std::io::Result<Got> {
    let body = soap(FIND, &elements(&population.citizens()[0].clone(), id));
    send(population.addr(), "POST", PATH, &ndxp_now(), &body).await
}

#[tokio::test]
async fn each_commanded_fault_is_met_once_and_counted() {
    let population = start().await;
    let faults = [
        (Fault::BadGateway, 502, "502 Bad Gateway"),
        (Fault::HtmlPage, 200, "<!DOCTYPE html>"),
        (Fault::SoapFault, 500, "<faultcode>soapenv:Server</faultcode>"),
        (Fault::Throttled { retry_after: 3 }, 429, "Too Many"),
        (Fault::EmptyBody, 200, ""),
    ];
    for (number, (fault, status, says)) in faults.into_iter().enumerate() {
        assert!(population.inject(fault, 1));
        let got = ask(&population, &format!("f{number}")).await.unwrap();
        assert_eq!(got.status, status, "{fault:?}");
        assert!(got.body.contains(says), "{}", got.body);
        assert_eq!(got.head.contains("retry-after: 3"), status == 429);
        assert_eq!(population.report().tally.answers[fault.name()], 1);
    }
    assert_eq!(ask(&population, "after").await.unwrap().status, 200);
    population.stop().await;
}

#[tokio::test]
async fn half_an_answer_is_cut_in_the_middle() {
    let population = start().await;
    let whole = ask(&population, "1").await.unwrap().body;
    population.inject(Fault::TruncatedBody, 1);
    let half = ask(&population, "2").await.unwrap().body;
    assert!(whole.starts_with(&half) && half.len() < whole.len() && half.contains("CongDan"));
    population.stop().await;
}

#[tokio::test]
async fn lost_and_reset_answers_end_without_one_and_slow_ones_come_late() {
    let population = start().await;
    population.inject(Fault::Reset, 1);
    assert!(ask(&population, "1").await.is_err());
    population.inject(Fault::AnswerLost { hold_millis: 10 }, 1);
    assert!(ask(&population, "2").await.is_err());
    assert_eq!(population.report().tally.request_ids, 2, "both were processed");
    population.inject(Fault::Slow { millis: 150 }, 1);
    let begun = Instant::now();
    assert_eq!(ask(&population, "3").await.unwrap().status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(150));
    population.stop().await;
}

#[tokio::test]
async fn a_token_ends_with_the_call_that_meets_it() {
    let population = start().await;
    population.inject(Fault::TokenExpired, 1);
    assert_eq!(ask(&population, "1").await.unwrap().status, 200, "a call without a token does not meet it");
    let headers = "Authorization: Bearer simulated-token\r\nContent-Type: application/json\r\n";
    let body = json!({"MaYeuCau": "2"}).to_string();
    assert_eq!(send(population.addr(), "POST", "/x", headers, &body).await.unwrap().status, 401);
    assert_eq!(population.report().faults_waiting, 0);
    population.stop().await;
}

#[tokio::test]
async fn the_wrapper_hides_pages_and_faults_in_its_message() {
    let population = start().await;
    let headers = "Authorization: Bearer simulated-token\r\nContent-Type: application/json\r\n";
    for (fault, says) in [(Fault::HtmlPage, "<!DOCTYPE html>"), (Fault::SoapFault, "faultcode")] {
        population.inject(fault, 1);
        let got = send(population.addr(), "POST", "/x", headers, "{}").await.unwrap().json();
        assert_eq!(got["error_code"], "0");
        assert!(got["message"].as_str().unwrap().contains(says));
    }
    population.stop().await;
}

#[tokio::test]
async fn an_outage_refuses_connections_and_ends() {
    let population = start().await;
    population.inject(Fault::Outage { millis: 200 }, 1);
    while population.report().tally.outages == 0 {
        tokio::task::yield_now().await;
    }
    assert!(ask(&population, "1").await.is_err());
    while ask(&population, "2").await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    population.stop().await;
}

#[tokio::test]
async fn maintenance_and_reports_work_from_another_process() {
    let population = start().await;
    let command = json!({"kind": "maintenance", "millis": 60_000, "status": 503}).to_string();
    assert_eq!(send(population.addr(), "POST", "/_sim/fault", "", &command).await.unwrap().status, 200);
    let got = ask(&population, "1").await.unwrap();
    assert_eq!(got.status, 503);
    assert!(got.body.contains("bảo trì"));
    let report = send(population.addr(), "GET", "/_sim/report", "", "").await.unwrap().json();
    assert_eq!((report["requests"].as_u64(), report["maintenances"].as_u64()), (Some(1), Some(1)));
    let citizens = send(population.addr(), "GET", "/_sim/citizens", "", "").await.unwrap().json();
    assert_eq!(citizens[0]["id"].as_str(), Some(population.citizens()[0].id.as_str()));
    assert_eq!(send(population.addr(), "POST", "/_sim/fault", "", "{\"kind\":\"wild\"}").await.unwrap().status, 400);
    let profile = send(population.addr(), "POST", "/_sim/profile", "", "{\"profile\":\"harsh\"}").await.unwrap();
    assert_eq!((profile.status, population.report().profile.to_string().as_str()), (200, "harsh"));
    population.stop().await;
}
