//! A message is amended through pages: opened for a reason, its changes seen before it goes, nothing typed lost, and by two persons where that is asked for.

use http::StatusCode;
use lienthong_core::StateName;

use super::world::{Browser, KEY, World, rejected, until};

async fn opened(browser: &mut Browser, path: &str) -> String {
    let silent = browser.post(path, &[("reason", " ")]).await;
    assert_eq!(silent.status, StatusCode::BAD_REQUEST);
    assert!(!silent.text.contains("MẪU"), "nothing is shown without a reason");
    let page = browser.post(path, &[("reason", "sai tên")]).await;
    assert!(page.text.contains("NGUYỄN VĂN MẪU"), "{}", page.text);
    page.value("version").unwrap()
}

fn content(name: &str) -> String {
    format!("{{\"code\": \"{KEY}\", \"owner\": \"{name}\"}}")
}

#[tokio::test]
async fn a_message_is_amended_once_its_changes_were_seen() {
    let world = World::new().await;
    let (id, _) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let path = format!("/console/deliveries/{id}.0/amend");
    assert!(browser.get(&format!("/console/exchanges/{id}")).await.text.contains(&path));
    let asked = browser.get(&path).await;
    assert!(asked.status == StatusCode::OK && !asked.text.contains("MẪU"));
    let version = opened(&mut browser, &path).await;

    let mended = content("TRẦN THỊ MẪU");
    let base = [("version", version.as_str()), ("reason", "đã hỏi phường")];
    let unseen = browser.post(&path, &[base[0], base[1], ("body", &mended), ("do", "send")]).await;
    assert_eq!(world.state(id).await, StateName::Parked, "its changes were not seen");
    let tried = unseen.value("tried").unwrap();
    let broken = browser.post(&path, &[base[0], base[1], ("body", "{\"code\": "), ("do", "try")]).await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    assert!(broken.text.contains("{&quot;code&quot;: </textarea>"), "what was typed is still there: {}", broken.text);
    let other = content("KHÁC");
    browser.post(&path, &[base[0], base[1], ("body", &other), ("tried", &tried), ("do", "send")]).await;
    assert_eq!(world.state(id).await, StateName::Parked, "it is not what was seen");
    let sent = browser.post(&path, &[base[0], base[1], ("body", &mended), ("tried", &tried), ("do", "send")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    until(async || (world.state(id).await == StateName::Delivered).then_some(())).await;
    // A second tab of the same person, or another one, comes too late and loses nothing.
    let late = browser.post(&path, &[base[0], base[1], ("body", &mended), ("tried", &tried), ("do", "try")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("TRẦN THỊ MẪU"), "{}", late.text);
}

#[tokio::test]
async fn an_amendment_outlives_its_session_and_is_not_carried_out_by_the_login() {
    let world = World::new().await;
    let (id, _) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let path = format!("/console/deliveries/{id}.0/amend");
    let version = opened(&mut browser, &path).await;
    world.pass(7200);
    let mended = content("LÊ \"MẪU\" & <b>");
    let typed = [("version", version.as_str()), ("reason", "vì"), ("body", mended.as_str()), ("do", "send")];
    let login = browser.post(&path, &typed).await;
    assert_eq!(login.status, StatusCode::UNAUTHORIZED);
    let (next, kept) = (login.value("next").unwrap(), login.value("kept").unwrap());
    let fields = [("name", "operator"), ("password", super::world::PASSWORD), ("next", &next), ("kept", &kept)];
    let page = browser.post_as("/console/login", &fields, "http://gw.example").await;
    assert!(page.text.contains("LÊ \\") || page.text.contains("LÊ &quot;MẪU&quot; &amp; &lt;b&gt;"), "{}", page.text);
    assert_eq!(world.state(id).await, StateName::Parked);
}

#[tokio::test]
async fn a_second_person_sees_what_changes_and_approves_or_refuses() {
    let world = World::new().await;
    world.by_two();
    let (id, _) = world.parked(rejected()).await;
    let mut operator = world.as_user("operator").await;
    let path = format!("/console/deliveries/{id}.0/amend");
    let propose = async |browser: &mut Browser, name: &str| {
        let version = opened(browser, &path).await;
        let mended = content(name);
        let fields = [("version", version.as_str()), ("reason", "đã hỏi"), ("body", mended.as_str())];
        let tried =
            browser.post(&path, &[fields[0], fields[1], fields[2], ("do", "try")]).await.value("tried").unwrap();
        let all = [fields[0], fields[1], fields[2], ("tried", tried.as_str()), ("do", "send")];
        assert_eq!(browser.post(&path, &all).await.status, StatusCode::SEE_OTHER);
    };
    propose(&mut operator, "TRẦN MẪU").await;
    assert_eq!(world.state(id).await, StateName::Parked);
    let first = format!("/console/deliveries/{id}.0/amendments/1");
    let own = operator.get(&first).await;
    assert!(own.text.contains("/owner") && !own.text.contains(&format!("{first}/approve")), "{}", own.text);
    assert_eq!(operator.post(&format!("{first}/approve"), &[]).await.status, StatusCode::FORBIDDEN);

    let mut approver = world.as_user("approver").await;
    assert!(approver.get("/console/errors").await.text.contains("/console/amendments"));
    assert!(approver.get("/console/amendments").await.text.contains(&first));
    approver.get(&first).await;
    let silent = approver.post(&format!("{first}/refuse"), &[("reason", "")]).await;
    assert_eq!(silent.status, StatusCode::BAD_REQUEST);
    let refused = approver.post(&format!("{first}/refuse"), &[("reason", "sai giấy tờ")]).await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER, "{}", refused.text);
    propose(&mut operator, "PHẠM MẪU").await;
    let second = format!("/console/deliveries/{id}.0/amendments/2");
    approver.get(&second).await;
    let approved = approver.post(&format!("{second}/approve"), &[]).await;
    assert_eq!(approved.status, StatusCode::SEE_OTHER, "{}", approved.text);
    until(async || (world.state(id).await == StateName::Delivered).then_some(())).await;
    assert_eq!(approver.post(&format!("{second}/approve"), &[]).await.status, StatusCode::NOT_FOUND);
}
