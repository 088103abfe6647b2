//! What the office breaks on command: what is kept and what is not, and how each answer looks.

use std::time::Duration;

use serde_json::json;

use super::super::{Fault, FaultProfile, Land, LandOptions};
use super::client::{CODE, get, post, receive, start};

/// Meets a fault with a dossier of its own; (the answer, whether the dossier was kept).
async fn met(land: &Land, fault: Fault, number: u32) -> (Option<super::client::Got>, bool) {
    let code = format!("H56.14-250115-{number:04}");
    assert!(land.inject_on("tiepnhan", fault, 1));
    let body = super::super::message::tests::dossier(super::super::Dialect::Vbdlis, &code);
    let got = post(land, "/tiepnhan", &body).await.ok();
    (got, land.dossier(&code).is_some())
}

#[tokio::test]
async fn what_is_lost_before_and_after_it_was_kept() {
    let land = start().await;
    for (number, (fault, kept)) in
        [(Fault::ResetBeforeStore, false), (Fault::ResetAfterStore, true), (Fault::AnswerLost { hold_millis: 5 }, true)]
            .into_iter()
            .enumerate()
    {
        let (got, was_kept) = met(&land, fault, u32::try_from(number).unwrap()).await;
        assert!(got.is_none(), "{fault:?}");
        assert_eq!(was_kept, kept, "{fault:?}");
    }
}

#[tokio::test]
async fn pages_and_statuses() {
    let land = start().await;
    for (number, (fault, status, kept)) in [
        (Fault::BadGatewayBeforeStore, 502, false),
        (Fault::BadGatewayAfterStore, 502, true),
        (Fault::HtmlPage, 200, false),
        (Fault::ServerError, 500, false),
        (Fault::Throttled { retry_after: 3 }, 429, false),
        (Fault::EmptyBody, 200, true),
        (Fault::TruncatedBody, 200, true),
    ]
    .into_iter()
    .enumerate()
    {
        let (got, was_kept) = met(&land, fault, u32::try_from(number).unwrap()).await;
        let got = got.unwrap();
        assert_eq!((got.status, was_kept), (status, kept), "{fault:?}");
        let is_json = serde_json::from_slice::<serde_json::Value>(&got.body).is_ok();
        assert_eq!(is_json, fault == Fault::ServerError, "{fault:?}");
        assert_eq!(got.head.contains("retry-after: 3"), status == 429);
    }
}

#[tokio::test]
async fn failures_that_mean_success_and_those_that_only_look_so() {
    let land = start().await;
    for (number, (fault, words, kept)) in [
        (Fault::AlreadyExists, "Số biên nhận đã tồn tại", true),
        (Fault::FileExists, "Tập tin đã tồn tại", false),
        (Fault::OtherExists, "Số biên nhận H99.99-250101-0001 đã tồn tại", false),
        (Fault::ThrottledText, "Hệ thống đang quá tải, vui lòng thử lại sau", false),
    ]
    .into_iter()
    .enumerate()
    {
        let (got, was_kept) = met(&land, fault, u32::try_from(number).unwrap()).await;
        assert_eq!((got.unwrap().said(), was_kept), ((false, words.to_owned()), kept), "{fault:?}");
    }
}

#[tokio::test]
async fn answers_that_contradict_themselves_or_have_other_types() {
    let land = start().await;
    let (got, kept) = met(&land, Fault::NotSuccessfulWithCode200, 1).await;
    assert_eq!((got.unwrap().said(), kept), ((true, "Cập nhật không thành công".to_owned()), false));
    let (got, kept) = met(&land, Fault::ContradictingData, 2).await;
    let answer = got.unwrap().json();
    assert_eq!((&answer["data"], &answer["status"]["success"], kept), (&json!(0), &json!(true), true));
    let (got, kept) = met(&land, Fault::TextsForTypes, 3).await;
    let answer = got.unwrap().json();
    assert_eq!((&answer["data"], &answer["status"]["success"], kept), (&json!("1"), &json!("true"), true));
}

#[tokio::test]
async fn half_a_list_looks_whole() {
    let land = start().await;
    assert!(land.inject(Fault::PartialList, 1));
    let asked = "/GetDanhMucNguoiDung?SecurityCode=simulated-code";
    assert_eq!(get(&land, asked).await.json()["data"].as_array().unwrap().len(), 2);
    assert_eq!(get(&land, asked).await.json()["data"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn maintenance_answers_pages_and_an_outage_refuses_connections() {
    let land = start().await;
    let command = json!({ "kind": "maintenance", "millis": 60_000, "status": 503 });
    assert_eq!(post(&land, "/_sim/fault", &command).await.unwrap().status, 200);
    let page = get(&land, "/files/a.pdf").await;
    assert_eq!(page.status, 503);
    assert!(String::from_utf8_lossy(&page.body).contains("đang bảo trì"));
    assert!(land.inject(Fault::Outage { millis: 60_000 }, 1));
    let refused = async {
        while tokio::net::TcpStream::connect(land.addr()).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), refused).await.unwrap();
    let tally = land.report().tally;
    assert_eq!((tally.maintenances, tally.outages, tally.answers["maintenance"]), (1, 1, 1));
}

#[tokio::test]
async fn a_harsh_office_loses_no_dossier_that_is_sent_again() {
    let options = LandOptions { profile: FaultProfile::Harsh, seed: 11, ..LandOptions::default() };
    let land = Land::start(options).await.unwrap();
    for number in 0..60 {
        let code = format!("H56.14-250115-{number:04}");
        let body = super::super::message::tests::dossier(super::super::Dialect::Vbdlis, &code);
        while land.dossier(&code).is_none() {
            let _answer = post(&land, "/tiepnhan", &body).await;
        }
    }
    let report = land.report();
    assert_eq!((report.dossiers, report.totals.changed, report.totals.out_of_order), (60, 0, 0));
    assert!(report.tally.answers.len() > 5, "{:?}", report.tally.answers);
    land.set_profile(FaultProfile::None);
    assert!(!receive(&land, CODE).await.1.is_empty());
}
