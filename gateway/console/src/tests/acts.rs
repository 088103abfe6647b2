//! What operators do through pages, and who may.

use http::StatusCode;
use lienthong_core::{Fault, FaultKind, StateName};
use lienthong_engine::dispatch::GateState;

use super::world::{World, rejected, until};

#[tokio::test]
async fn a_group_is_found_understood_and_released() {
    let world = World::new().await;
    let (id, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let list = browser.get("/console/errors").await;
    assert!(list.text.contains(&format!("/console/errors/{group}")), "{}", list.text);
    let page = browser.get(&format!("/console/errors/{group}")).await;
    assert!(page.text.contains(&id.to_string()) && page.text.contains("LT-REJECTED"), "{}", page.text);
    let dossier = format!("/console/dossier?key={}", super::world::KEY);
    let (_, concerned) = page.text.split_once("Hồ sơ bị ảnh hưởng</h2>").unwrap();
    assert!(concerned.contains(&dossier), "{concerned}");
    let path = format!("/console/errors/{group}/release");
    assert_eq!(browser.get(&path).await.status, StatusCode::OK);
    let asked = browser.get(&path).await;
    let (release, seen) = (asked.value("release").unwrap(), asked.value("seen").unwrap());
    let fields = [("release", release.as_str()), ("seen", seen.as_str()), ("reason", "đã sửa ở cổng")];
    let begun = browser.post(&path, &fields).await;
    assert_eq!(begun.header("location"), format!("/console/releases/{release}"), "{}", begun.text);
    until(async || (world.state(id).await == StateName::Delivered).then_some(())).await;
}

#[tokio::test]
async fn giving_up_needs_a_reason_and_a_tick_and_keeps_what_was_typed() {
    let world = World::new().await;
    let (id, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let path = format!("/console/errors/{group}/discard");
    browser.get(&path).await;
    let unticked = browser.post(&path, &[("reason", "gửi nhầm")]).await;
    assert_eq!(unticked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unticked.text.contains("gửi nhầm</textarea>"));
    assert_eq!(browser.post(&path, &[("reason", " "), ("confirmed", "yes")]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.state(id).await, StateName::Parked);
}

#[tokio::test]
async fn a_viewer_sees_and_does_nothing() {
    let world = World::new().await;
    let (id, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("viewer").await;
    let page = browser.get(&format!("/console/errors/{group}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("/release\"") && !page.text.contains("/case"), "{}", page.text);
    for path in [
        format!("/console/errors/{group}/release"),
        format!("/console/errors/{group}/discard"),
        format!("/console/exchanges/{id}/reveal"),
        format!("/console/deliveries/{id}.0/release"),
        format!("/console/deliveries/{id}.0/discard"),
        "/console/systems/portal/pause".to_owned(),
    ] {
        assert_eq!(browser.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
        let fields = [("reason", "vì"), ("confirmed", "yes")];
        assert_eq!(browser.post(&path, &fields).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(world.state(id).await, StateName::Parked);
}

#[tokio::test]
async fn a_system_is_paused_resumed_and_tried() {
    let world = World::new().await;
    let mut browser = world.as_user("operator").await;
    let gate = async || world.service.systems().await.unwrap()[0].gate.state;
    let paused = browser.post("/console/systems/portal/pause", &[("reason", "bảo trì")]).await;
    assert_eq!(paused.status, StatusCode::SEE_OTHER);
    until(async || (gate().await == GateState::Paused).then_some(())).await;
    let list = browser.get("/console/systems").await;
    assert!(list.text.contains("/console/systems/portal/resume") && list.text.contains("bảo trì"), "{}", list.text);
    browser.post("/console/systems/portal/resume", &[]).await;
    until(async || (gate().await != GateState::Paused).then_some(())).await;
    let reached = browser.post("/console/systems/portal/probe", &[]).await;
    assert!(reached.text.contains("portal trả lời tốt"), "{}", reached.text);
    world.portal.next.lock().push_back(Fault::of(FaultKind::Unreachable, "no route"));
    let unreached = browser.post("/console/systems/portal/probe", &[]).await;
    assert!(unreached.text.contains("LT-UNREACHABLE"), "{}", unreached.text);
    assert_eq!(browser.get("/console/systems/portal/explode").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_list_is_also_a_file() {
    let world = World::new().await;
    let (id, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("viewer").await;
    let members = format!("/console/errors/{group}/members.csv");
    let keys = format!("/console/errors/{group}/keys.csv");
    let dossier = format!("/console/dossier.csv?key={}", super::world::KEY);
    for (path, holds) in [
        ("/console/overview.csv", "portal"),
        ("/console/errors.csv?system=portal", "LT-REJECTED"),
        (members.as_str(), "one-stop"),
        (keys.as_str(), super::world::KEY),
        ("/console/exchanges.csv?state=parked", &id.to_string()),
        (dossier.as_str(), &id.to_string()),
        ("/console/systems.csv", "portal"),
        ("/console/tables.csv", "Mã"),
    ] {
        let file = browser.get(path).await;
        assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "text/csv; charset=utf-8"), "{path}");
        assert!(file.header("content-disposition").starts_with("attachment; filename="), "{path}");
        assert!(file.text.starts_with('\u{feff}') && file.text.contains(holds), "{path}: {}", file.text);
    }
    let other = browser.get("/console/exchanges.csv?state=delivered").await;
    assert!(!other.text.contains(&id.to_string()));
}
