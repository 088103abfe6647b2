//! Releases on pages: begun as the group was seen, followed, paused, stopped; single deliveries; and previews that send nothing.

use http::StatusCode;
use lienthong_core::StateName;
use lienthong_engine::desk::Going;

use super::world::{Browser, Page, World, rejected, until};

/// The release page of a group, sent as it was shown.
async fn begin(browser: &mut Browser, group: &str, asked: &Page, more: &[(&str, &str)]) -> Page {
    let [release, seen, parked] = ["release", "seen", "parked"].map(|name| asked.value(name).unwrap());
    let shown = [("release", release.as_str()), ("seen", seen.as_str()), ("parked", parked.as_str())];
    let fields: Vec<(&str, &str)> = shown.into_iter().chain(more.iter().copied()).collect();
    browser.post(&format!("/console/errors/{group}/release"), &fields).await
}

#[tokio::test]
async fn a_release_is_begun_once_followed_paused_and_stopped() {
    let world = World::new().await;
    let (id, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let asked = browser.get(&format!("/console/errors/{group}/release")).await;
    world.hold_releases();
    let begun = begin(&mut browser, &group, &asked, &[("steps", "1, 5"), ("per_second", "3")]).await;
    let path = begun.header("location").to_owned();
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    assert_eq!(begin(&mut browser, &group, &asked, &[]).await.header("location"), path, "sent twice, begun once");
    assert_eq!(world.service.releases().await.unwrap().len(), 1);
    let page = browser.get(&path).await;
    for told in ["Đang chạy", "0 trên 1 đã xong", "1, 5; tối đa 3/giây", "<svg"] {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    let group_page = browser.get(&format!("/console/errors/{group}")).await;
    assert!(group_page.text.contains(&path) && group_page.text.contains("Đang gửi lại"), "{}", group_page.text);
    assert!(browser.get(&format!("/console/errors/{group}/release")).await.text.contains("đang được gửi lại"));
    let going = async || world.service.a_release(path.rsplit('/').next().unwrap()).await.unwrap().release.going;
    for (verb, state) in [("pause", Going::Paused), ("pause", Going::Paused), ("resume", Going::Running)] {
        assert_eq!(browser.post(&format!("{path}/{verb}"), &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(going().await, state);
    }
    assert!(browser.get(&format!("{path}/stop")).await.text.contains("vẫn đi tiếp"));
    browser.post(&format!("{path}/stop"), &[]).await;
    assert_eq!((going().await, world.state(id).await), (Going::Stopped, StateName::Parked));
    assert!(browser.get("/console/releases").await.text.contains("Đã dừng hẳn"));
    assert!(browser.get("/console/releases.csv").await.text.contains("Đã dừng hẳn"));
    assert_eq!(browser.post(&format!("{path}/explode"), &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_group_that_changed_under_a_release_is_told_and_nothing_typed_is_lost() {
    let world = World::new().await;
    let (_, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let asked = browser.get(&format!("/console/errors/{group}/release")).await;
    world.another_parked(rejected(), 2).await;
    let told = begin(&mut browser, &group, &asked, &[("steps", "1,2"), ("reason", "đã \"sửa\"")]).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.text.contains("1 lượt tạm giữ khi đó, bây giờ 2"), "{}", told.text);
    assert!(
        told.text.contains("đã &quot;sửa&quot;</textarea>") && told.text.contains("value=\"1,2\""),
        "{}",
        told.text
    );
    assert!(world.service.releases().await.unwrap().is_empty());
    let bad = begin(&mut browser, &group, &told, &[("steps", "0")]).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    assert_eq!(begin(&mut browser, &group, &told, &[]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_came_after_the_page_was_opened_is_not_given_up() {
    let world = World::new().await;
    let (id, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let path = format!("/console/errors/{group}/discard");
    let looked_at = browser.get(&path).await.value("looked_at").unwrap();
    let later = world.another_parked(rejected(), 2).await;
    let fields = [("looked_at", looked_at.as_str()), ("reason", "gửi nhầm"), ("confirmed", "yes")];
    let done = browser.post(&path, &fields).await;
    assert!(
        done.text.contains("Đã thực hiện: 1 lượt gửi.") && done.text.contains("1 lượt gửi bị tạm giữ sau"),
        "{}",
        done.text
    );
    assert_eq!((world.state(id).await, world.state(later).await), (StateName::Discarded, StateName::Parked));
}

#[tokio::test]
async fn one_delivery_is_released_as_it_was_seen() {
    let world = World::new().await;
    let (id, _) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let message = browser.get(&format!("/console/exchanges/{id}")).await;
    let path = format!("/console/deliveries/{id}.0/release");
    assert!(message.text.contains(&path), "{}", message.text);
    let version = browser.get(&path).await.value("version").unwrap();
    let stale = browser.post(&path, &[("version", "1"), ("reason", "gõ \"dài\"")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(
        stale.text.contains("vừa thay đổi") && stale.text.contains("gõ &quot;dài&quot;</textarea>"),
        "{}",
        stale.text
    );
    let done = browser.post(&path, &[("version", &version)]).await;
    assert_eq!(done.header("location"), format!("/console/exchanges/{id}"), "{}", done.text);
    until(async || (world.state(id).await == StateName::Delivered).then_some(())).await;
    assert_eq!(browser.post(&path, &[("version", &version)]).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn one_delivery_is_given_up_with_a_tick_and_a_reason() {
    let world = World::new().await;
    let (id, _) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let path = format!("/console/deliveries/{id}.0/discard");
    let version = browser.get(&path).await.value("version").unwrap();
    let unticked = browser.post(&path, &[("version", &version), ("reason", "nhầm")]).await;
    assert_eq!(unticked.status, StatusCode::UNPROCESSABLE_ENTITY);
    let silent = browser.post(&path, &[("version", &version), ("confirmed", "yes")]).await;
    assert_eq!((silent.status, world.state(id).await), (StatusCode::BAD_REQUEST, StateName::Parked));
    let done = browser.post(&path, &[("version", &version), ("reason", "nhầm"), ("confirmed", "yes")]).await;
    assert_eq!((done.status, world.state(id).await), (StatusCode::SEE_OTHER, StateName::Discarded));
}

#[tokio::test]
async fn what_a_release_would_come_to_is_shown_and_nothing_is_sent() {
    let world = World::new().await;
    let (id, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let path = format!("/console/errors/{group}/preview");
    let page = browser.get(&path).await;
    assert!(page.text.contains("Sẽ qua") && page.text.contains("Đã thử 1 trên 1"), "{}", page.text);
    let transform = ".owner = \"NGUYỄN VĂN KHÁC\"\n.note = \"sửa\"";
    let one = format!("{id}.0");
    let edited = [("route", "dossiers"), ("transform", transform), ("delivery", one.as_str())];
    let hidden = browser.post(&path, &edited).await;
    for told in ["Có áp dụng các thay đổi", "/owner", "/note", "sửa"] {
        assert!(hidden.text.contains(told), "{told}: {}", hidden.text);
    }
    let wrong = browser.post(&path, &[("route", "dossiers"), ("transform", ".owner = ")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(
        wrong.text.contains(".owner = </textarea>") && wrong.text.contains("/edits/transforms/dossiers"),
        "{}",
        wrong.text
    );
    let unreasoned = [edited[0], edited[1], edited[2], ("reveal", "yes")];
    assert_eq!(browser.post(&path, &unreasoned).await.status, StatusCode::BAD_REQUEST);
    let loaded = browser.post(&path, &[("route", "dossiers"), ("load", "yes")]).await;
    assert_eq!(loaded.status, StatusCode::OK);
    assert_eq!(world.state(id).await, StateName::Parked);
    let single = browser.get(&format!("/console/deliveries/{id}.0/preview")).await;
    assert!(single.text.contains("Đã thử 1 lượt gửi"), "{}", single.text);
    assert_eq!(world.as_user("viewer").await.get(&path).await.status, StatusCode::FORBIDDEN);
}
