//! What the portal pushes: into the same journal, to the client's inbox, recognised when repeated, kept when unreadable.

use lienthong_simulators::portal::{FaultProfile, PushShape, TaxLine, TaxNotice, TaxReceipt, TermSpelling};
use serde_json::{Value, json};

use crate::harness::{Bench, Gateway};

fn notice(code: &str) -> TaxNotice {
    let line = TaxLine {
        tax_code: "2800000002".to_owned(),
        decision: "LTB2612345-TK0000001/TB-CCT".to_owned(),
        decided_on: "15-01-2026".to_owned(),
        term: "Thuế thu nhập cá nhân".to_owned(),
        amount: "4634000".to_owned(),
    };
    TaxNotice {
        day: "20260115".to_owned(),
        dossiers: vec![(code.to_owned(), vec![line])],
        spelling: TermSpelling::Joined,
    }
}

fn receipt(code: &str) -> TaxReceipt {
    TaxReceipt {
        dossier: code.to_owned(),
        payer: "NGUYỄN VĂN MẪU".to_owned(),
        payer_id: "000199000001".to_owned(),
        tax_code: "2800000002".to_owned(),
        decision: "LTB2612345-TK0000001/TB-CCT".to_owned(),
        paid_at: "20260120101500".to_owned(),
        amount: "4634000".to_owned(),
        file_url: "https://portal.example/chungtu.pdf".to_owned(),
    }
}

async fn start() -> (Bench, Gateway) {
    let bench = Bench::new(FaultProfile::None).await;
    let gateway = bench.gateway().await;
    (bench, gateway)
}

fn notices(gateway: &Gateway) -> String {
    format!("{}/in/portal/nhantbthuedvcqg", gateway.base)
}

async fn inbox(gateway: &Gateway) -> Vec<Value> {
    let (status, answer) = gateway.get("/v1/inbox?limit=50").await;
    assert_eq!(status, 200, "{answer}");
    answer["messages"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_reaches_the_inbox_and_is_gone_when_acknowledged() {
    let (bench, gateway) = start().await;
    let code = "H56.14-260115-0007";
    let reply =
        bench.portal.pusher().push_tax_notice(&notices(&gateway), &notice(code), PushShape::Correct).await.unwrap();
    assert_eq!((reply.status, reply.error_code()), (200, Some(0)), "{reply:?}");
    let messages = inbox(&gateway).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(
        (messages[0]["operation"].as_str(), messages[0]["key"].as_str()),
        (Some("portal.tax-notice-received"), Some(code))
    );
    assert!(inbox(&gateway).await.is_empty(), "leased until acknowledged or the lease ends");
    let id = messages[0]["id"].as_str().unwrap();
    let (status, answer) = gateway.post(&format!("/v1/inbox/{id}/ack"), &json!({})).await;
    assert!(matches!(status, 200 | 204), "{status} {answer}");
    let (_, timeline) = gateway.get(&format!("/v1/keys/{code}")).await;
    assert_eq!(timeline["exchanges"][0]["state"], "delivered", "{timeline}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_push_gets_the_first_answer_again_and_makes_no_second_message() {
    let (bench, gateway) = start().await;
    let code = "H56.14-260115-0008";
    let url = format!("{}/in/portal/nhanhsdvcqg", gateway.base);
    for expected in [0, 1] {
        let reply = bench.portal.pusher().push_tax_receipt(&url, &receipt(code), PushShape::Correct).await.unwrap();
        assert_eq!((reply.status, reply.error_code()), (200, Some(expected)), "{reply:?}");
    }
    assert_eq!(inbox(&gateway).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticated_push_that_cannot_be_read_is_kept_and_parked() {
    let (bench, gateway) = start().await;
    for shape in [PushShape::Unreadable, PushShape::Broken, PushShape::Entity, PushShape::NoData] {
        let code = format!("H56.14-260115-01{:02}", shape as u8);
        let reply = bench.portal.pusher().push_tax_notice(&notices(&gateway), &notice(&code), shape).await.unwrap();
        assert_eq!((reply.status, reply.error_code()), (200, Some(-1)), "{shape:?}: {reply:?}");
    }
    let (_, parked) = gateway.get("/v1/exchanges?state=parked&limit=50").await;
    assert_eq!(parked["exchanges"].as_array().unwrap().len(), 4, "{parked}");
    assert!(inbox(&gateway).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_with_the_wrong_key_leaves_nothing_behind() {
    let (bench, gateway) = start().await;
    let reply = bench
        .portal
        .pusher()
        .push_tax_notice(&notices(&gateway), &notice("H56.14-260115-0009"), PushShape::WrongKey)
        .await
        .unwrap();
    assert_ne!(reply.error_code(), Some(0), "{reply:?}");
    let (_, all) = gateway.get("/v1/exchanges").await;
    assert!(all["exchanges"].as_array().unwrap().is_empty(), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_survives_a_restart() {
    let (bench, gateway) = start().await;
    bench
        .portal
        .pusher()
        .push_tax_notice(&notices(&gateway), &notice("H56.14-260115-0010"), PushShape::Correct)
        .await
        .unwrap();
    gateway.kill();
    let gateway = bench.restart().await;
    assert_eq!(inbox(&gateway).await.len(), 1);
}
