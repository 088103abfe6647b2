//! Commanded and drawn failures: what the caller sees, and whether a slip was kept all the same.

use std::time::Duration;

use super::super::{Fault, FaultProfile, Tax, TaxOptions};
use super::client::{ask, data, send, slip, start, taxpayer_row};

const CODE: &str = "H56.14-250115-0007";

#[tokio::test]
async fn what_comes_before_keeps_nothing_and_what_comes_after_keeps_the_slip() {
    for (fault, kept) in [
        (Fault::ResetBeforeStore, 0),
        (Fault::BadGatewayBeforeStore, 0),
        (Fault::HtmlPage, 0),
        (Fault::SoapFault, 0),
        (Fault::ErrorHeader, 0),
        (Fault::Throttled { retry_after: 7 }, 0),
        (Fault::Unauthenticated, 0),
        (Fault::ResetAfterStore, 1),
        (Fault::BadGatewayAfterStore, 1),
        (Fault::AnswerLost { hold_millis: 1 }, 1),
        (Fault::TruncatedBody, 1),
        (Fault::TruncatedData, 1),
        (Fault::EmptyBody, 1),
        (Fault::OtherType, 1),
        (Fault::Slow { millis: 1 }, 1),
    ] {
        let tax = start().await;
        assert!(tax.inject_on("slip", fault, 1));
        let _seen = ask(&tax, &slip(CODE)).await;
        assert_eq!(tax.slips().len(), kept, "{}", fault.name());
        assert_eq!(tax.report().tally.answers[fault.name()], 1);
        ask(&tax, &slip(CODE)).await.unwrap();
        assert_eq!(tax.slips().len(), 1, "{}", fault.name());
    }
}

#[tokio::test]
async fn failures_look_as_they_should() {
    let tax = start().await;
    let question = || data(&taxpayer_row("2800000002"));
    tax.inject(Fault::Throttled { retry_after: 7 }, 1);
    let got = ask(&tax, &question()).await.unwrap();
    assert_eq!((got.status, got.head.contains("retry-after: 7")), (429, true));
    tax.inject(Fault::HtmlPage, 1);
    let got = ask(&tax, &question()).await.unwrap();
    assert_eq!((got.status, got.body.starts_with("<!DOCTYPE html>")), (200, true));
    tax.inject(Fault::ErrorHeader, 1);
    let header = ask(&tax, &question()).await.unwrap().data();
    assert_eq!(header.child("HEADER").unwrap().value("ERROR_CODE"), Some("99"));
    tax.inject(Fault::OtherType, 1);
    assert_eq!(ask(&tax, &question()).await.unwrap().row().value("TYPE"), Some("00047"));
    tax.inject(Fault::TruncatedData, 1);
    let got = ask(&tax, &question()).await.unwrap();
    assert!(crate::net::xml::tree(&got.body).is_ok(), "the SOAP is whole");
    assert!(!got.body.contains("/HEADER&gt;&lt;BODY") && !got.body.contains("</BODY>]]>"), "{}", got.body);
    tax.inject(Fault::ResetBeforeStore, 1);
    assert!(ask(&tax, &question()).await.is_err());
}

#[tokio::test]
async fn a_fault_waits_for_its_kind_of_call() {
    let tax = start().await;
    tax.inject_on("slip", Fault::EmptyBody, 1);
    assert_eq!(ask(&tax, &data(&taxpayer_row("1"))).await.unwrap().row().value("TYPE"), Some("00004"));
    assert_eq!(tax.report().faults_waiting, 1);
    assert_eq!(ask(&tax, &slip(CODE)).await.unwrap().body, "");
}

#[tokio::test]
async fn outages_refuse_and_maintenance_is_a_page() {
    let tax = start().await;
    tax.inject(Fault::Maintenance { millis: 60_000, status: 503 }, 1);
    let got = ask(&tax, &data(&taxpayer_row("1"))).await.unwrap();
    assert_eq!((got.status, got.body.contains("đang bảo trì")), (503, true));
    let tax = start().await;
    tax.inject(Fault::Outage { millis: 300 }, 1);
    while ask(&tax, &data(&taxpayer_row("1"))).await.is_ok() {
        tokio::task::yield_now().await;
    }
    while ask(&tax, &data(&taxpayer_row("1"))).await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(tax.report().tally.outages, 1);
}

#[tokio::test]
async fn a_harsh_profile_never_makes_two_slips_of_one() {
    let options = TaxOptions { profile: FaultProfile::Harsh, seed: 5, ..TaxOptions::default() };
    let tax = Tax::start(options).await.unwrap();
    for _ in 0..60 {
        let _seen = ask(&tax, &slip(CODE)).await;
    }
    let slips = tax.slips();
    assert_eq!(slips.len(), 1);
    assert!(slips[0].times < 60, "some came before anything was kept");
}

#[tokio::test]
async fn a_separate_process_commands_and_asks() {
    let tax = start().await;
    let post = |path: &'static str, body: &'static str| send(tax.addr(), "POST", path, body);
    let done = post("/_sim/fault", r#"{"kind":"empty-body","times":2,"on":"slip"}"#).await.unwrap();
    assert_eq!((done.status, tax.report().faults_waiting), (200, 2));
    assert_eq!(post("/_sim/profile", r#"{"profile":"harsh"}"#).await.unwrap().status, 200);
    assert_eq!(post("/_sim/fault", r#"{"kind":"earthquake"}"#).await.unwrap().status, 400);
    let report = send(tax.addr(), "GET", "/_sim/report", "").await.unwrap();
    assert!(report.body.contains("\"profile\":\"harsh\""), "{}", report.body);
    assert_eq!(tax.report().requests, 0, "control calls are no traffic");
}
