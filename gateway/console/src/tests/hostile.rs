//! Hostile and endless contents on pages: shown, never obeyed, never whole at once.

use http::StatusCode;
use lienthong_core::{Fault, FaultKind, FieldProblem};
use serde_json::json;

use super::world::{KEY, World, rejected};

const SCRIPT: &str = "<script>alert(document.cookie)</script>";

#[tokio::test]
async fn what_a_system_says_is_shown_and_not_obeyed() {
    let world = World::new().await;
    let hostile = format!("{SCRIPT}\u{202e}gnp\u{0}");
    let problem = FieldProblem::new(format!("/{SCRIPT}"), "is \u{1b}[31mwrong");
    let fault = Fault::of(FaultKind::Rejected, hostile.clone())
        .with_system_answer(Some(hostile.clone()), Some(&hostile))
        .with_problem(problem);
    let (id, group) = world.parked(fault).await;
    let mut browser = world.as_user("operator").await;
    for path in [
        "/console/errors".to_owned(),
        format!("/console/errors/{group}"),
        format!("/console/errors/{group}/release"),
        format!("/console/exchanges/{id}"),
        format!("/console/dossier?key={KEY}"),
    ] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.text.contains("<script>"), "{path}");
        assert!(!page.text.contains(['\u{202e}', '\0', '\u{1b}']), "{path}");
    }
    let page = browser.get(&format!("/console/errors/{group}")).await;
    assert!(page.text.contains("&lt;script&gt;") && page.text.contains("[U+202E]"), "{}", page.text);
    let echoed = browser.get("/console/errors?operation=%3Cscript%3E").await;
    assert_eq!(echoed.status, StatusCode::BAD_REQUEST);
    assert!(!echoed.text.contains("<script>"));
}

#[tokio::test]
async fn a_content_is_masked_until_it_is_revealed_with_a_reason() {
    let world = World::new().await;
    let (id, _) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let page = browser.get(&format!("/console/exchanges/{id}")).await;
    assert!(page.text.contains("owner: &quot;•••&quot;") || page.text.contains("owner: \"•••\""), "{}", page.text);
    assert!(!page.text.contains("NGUYỄN VĂN MẪU"));
    let path = format!("/console/exchanges/{id}/reveal");
    assert_eq!(browser.post(&path, &[("reason", "")]).await.status, StatusCode::BAD_REQUEST);
    let revealed = browser.post(&path, &[("reason", "công dân hỏi")]).await;
    assert!(revealed.text.contains("NGUYỄN VĂN MẪU"), "{}", revealed.text);
    let sent = format!("sent.{id}.0.1");
    let sent = browser.post(&path, &[("reason", "công dân hỏi"), ("which", &sent)]).await;
    assert!(sent.text.contains("NGUYỄN VĂN MẪU"), "{}", sent.text);
    let other = browser.post(&path, &[("reason", "công dân hỏi"), ("which", "sent.other")]).await;
    assert_eq!(other.status, StatusCode::BAD_REQUEST);
    let acts = browser.get(&format!("/console/acts?kind=exchange&id={id}")).await;
    let of_it = acts.text.matches("revealed</bdi>").count();
    assert_eq!((of_it, acts.text.contains("công dân hỏi")), (2, true), "{}", acts.text);
    assert!(acts.text.contains(&format!("sent.{id}.0.1")) && !acts.text.contains("NGUYỄN"), "{}", acts.text);
    let file = browser.get(&format!("/console/acts.csv?kind=exchange&id={id}")).await;
    assert!(file.text.contains("công dân hỏi") && !file.text.contains("NGUYỄN"), "{}", file.text);
    let mut viewer = world.as_user("viewer").await;
    assert_eq!(viewer.get("/console/acts").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn ten_megabytes_are_shown_in_pieces() {
    let world = World::new().await;
    let endless = "Đ<b>".repeat(2_000_000);
    let id = world.submit(&json!({"code": KEY, "note": endless})).await;
    let mut browser = world.as_user("operator").await;
    let page = browser.get(&format!("/console/exchanges/{id}")).await;
    assert!(page.text.len() < 100_000, "{}", page.text.len());
    let path = format!("/console/exchanges/{id}/reveal");
    let first = browser.post(&path, &[("reason", "xem")]).await;
    assert!(first.text.len() < 400_000, "{}", first.text.len());
    assert_eq!(first.value("piece").as_deref(), Some("2"));
    let last = browser.post(&path, &[("reason", "xem"), ("piece", "100000")]).await;
    assert!(last.status.is_success() && last.value("piece").is_none());
    assert!(!last.text.contains("<b>"));
}
