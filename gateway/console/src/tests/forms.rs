//! Forms posted as their pages show them: what each does, that the wrong role does nothing by it, and that sending it twice acts once.

use http::StatusCode;
use lienthong_core::{Clock as _, StateName, SystemId};
use lienthong_engine::tables::Laid;
use lienthong_journal::{ActFilter, ActRecord};
use serde_json::json;

use super::sheet::Sheet;
use super::world::{Browser, KEY, World, rejected, until};

async fn acts(world: &World, kind: &str) -> Vec<ActRecord> {
    let filter = ActFilter { kind: Some(kind.to_owned()), id: None };
    world.service.acts(filter, None, 50).await.unwrap().rows
}

fn portal() -> SystemId {
    "portal".parse().unwrap()
}

/// Somebody without the role gets neither the page nor anything done by its form.
async fn refused(world: &World, user: &str, path: &str, sheet: &Sheet) {
    let mut browser = world.as_user(user).await;
    assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{user} {path}");
    let own = sheet.clone().with("token", &browser.token.clone());
    assert_eq!(browser.submit(&own).await.status, StatusCode::FORBIDDEN, "{user} {}", sheet.action);
}

/// Sends it twice; both are answered the same.
async fn twice(browser: &mut Browser, sheet: &Sheet) -> String {
    let (first, second) = (browser.submit(sheet).await, browser.submit(sheet).await);
    assert!(first.status.is_success() || first.status.is_redirection(), "{}: {}", sheet.action, first.text);
    assert_eq!((first.status, &first.text), (second.status, &second.text), "{}", sheet.action);
    assert_eq!(first.header("location"), second.header("location"));
    first.text
}

#[tokio::test]
async fn a_target_of_alerts_is_sent_one_test() {
    let world = World::new().await;
    let keeper = world.target("duty");
    let mut browser = world.as_user("operator").await;
    let path = "/console/alerts/targets/duty/test";
    let sheet = browser.get(path).await.form(path).with("reason", "đổi máy chủ thư");
    refused(&world, "viewer", path, &sheet).await;
    assert!(keeper.0.lock().is_empty());
    let told = twice(&mut browser, &sheet).await;
    assert!(told.contains("duty đã nhận."), "{told}");
    assert_eq!(keeper.0.lock().len(), 1);
    let acts = acts(&world, "alert-test").await;
    let told: Vec<_> = acts.iter().map(|act| (act.verb.as_str(), act.reason.as_deref())).collect();
    assert_eq!(told, [("tested", Some("đổi máy chủ thư"))]);
    assert_eq!(browser.get("/console/alerts/targets/nobody/test").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_drill_is_begun_and_ended_once() {
    let world = World::new().await;
    world.drill_with(KEY);
    let mut browser = world.as_user("operator").await;
    let path = "/console/drills";
    let blank = browser.get(path).await.form(path);
    assert_eq!(blank.value("minutes"), Some("10"));
    let sheet = blank.with("system", "portal").with("key", KEY).with("fails", "rejected").with("reason", "tập huấn");
    let mut viewer = world.as_user("viewer").await;
    assert!(!viewer.get(path).await.text.contains("name=\"fails\""), "a viewer looks at drills and begins none");
    let own = sheet.clone().with("token", &viewer.token.clone());
    assert_eq!(viewer.submit(&own).await.status, StatusCode::FORBIDDEN);
    let real = browser.submit(&sheet.clone().with("key", "H56.14-260115-0001")).await;
    assert_eq!(real.status, StatusCode::BAD_REQUEST, "no test key");
    assert_eq!(real.form(path).value("reason"), Some("tập huấn"), "what was typed is still there");
    assert!(world.service.drills().await.unwrap().is_empty());
    twice(&mut browser, &sheet).await;
    let drills = world.service.drills().await.unwrap();
    let [drill] = drills.as_slice() else { panic!("{drills:?}") };
    assert!(drill.is_running(world.clock.now()) && drill.reason == "tập huấn" && drill.by == "operator", "{drill:?}");

    let end = "/console/drills/portal/end";
    assert!(browser.get(path).await.text.contains(end));
    let sheet = browser.get(end).await.form(end).with("reason", "xong");
    refused(&world, "viewer", end, &sheet).await;
    twice(&mut browser, &sheet).await;
    assert!(!world.service.drills().await.unwrap()[0].is_running(world.clock.now()));
    let verbs: Vec<_> = acts(&world, "drill").await.into_iter().map(|act| act.verb).collect();
    assert_eq!(verbs, ["ended", "began"]);
}

#[tokio::test]
async fn a_window_is_set_changed_and_removed_once() {
    let world = World::new().await;
    let mut browser = world.as_user("operator").await;
    let path = "/console/systems/portal/windows";
    let blank = browser.get(path).await.form(path);
    let sheet = blank.with("from", "2030-03-02T22:00").with("until", "2030-03-03T05:00").with("reason", "công văn 12");
    let mut viewer = world.as_user("viewer").await;
    viewer.get(path).await;
    let own = sheet.clone().with("token", &viewer.token.clone());
    assert_eq!(viewer.submit(&own).await.status, StatusCode::FORBIDDEN);
    let backwards = browser.submit(&sheet.clone().with("until", "2030-03-01T05:00")).await;
    assert_eq!(backwards.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(backwards.form(path).value("reason"), Some("công văn 12"), "what was typed is still there");
    let windows = async || world.service.windows(Some(&portal())).await.unwrap();
    assert!(windows().await.is_empty());
    twice(&mut browser, &sheet).await;
    let set = windows().await;
    let [window] = set.as_slice() else { panic!("{set:?}") };
    let id = window.id.clone().unwrap();

    let change = format!("{path}/{id}/change");
    let shown = browser.get(&change).await.form(&change);
    assert_eq!((shown.value("from"), shown.value("version")), (Some("2030-03-02T22:00"), Some("1")));
    let longer = shown.clone().with("until", "2030-03-03T07:00");
    refused(&world, "viewer", &change, &longer).await;
    twice(&mut browser, &longer).await;
    let old = browser.submit(&shown.with("until", "2030-03-03T06:00")).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY, "changed by somebody meanwhile");
    assert_eq!(old.form(&change).value("until"), Some("2030-03-03T06:00"));
    let changed = windows().await;
    assert_eq!((changed.len(), changed[0].version), (1, 2));
    let shown = browser.get(&change).await.form(&change);
    assert_eq!(shown.value("until"), Some("2030-03-03T07:00"));

    let remove = format!("{path}/{id}/remove");
    let shown = browser.get(&remove).await.form(&remove);
    assert_eq!(browser.submit(&shown).await.status, StatusCode::UNPROCESSABLE_ENTITY, "not without a reason");
    let sheet = shown.with("reason", "hoãn");
    refused(&world, "viewer", &remove, &sheet).await;
    twice(&mut browser, &sheet).await;
    assert!(windows().await.is_empty());
    assert_eq!(browser.get(&format!("{path}/{id}/explode")).await.status, StatusCode::NOT_FOUND);
    let verbs: Vec<_> = acts(&world, "window").await.into_iter().map(|act| act.verb).collect();
    assert_eq!(verbs, ["removed", "changed", "set"]);
}

#[tokio::test]
async fn a_row_is_tried_added_and_removed_once() {
    let world = World::new().await;
    world.with_wards();
    let mut browser = world.as_user("approver").await;
    let (page, path) = ("/console/tables/wards/add?code=75", "/console/tables/wards/add");
    let blank = browser.get(page).await.form(path);
    assert_eq!(blank.value("cell.code"), Some("75"), "the code is filled in");
    let sheet = blank.with("cell.name", "Đồng Nai").with("reason", "quyết định 1234").with("do", "add");
    refused(&world, "operator", page, &sheet).await;
    browser.submit(&sheet.clone().with("do", "try")).await;
    assert!(world.service.added_rows().is_empty(), "only tried");
    let other = browser.submit(&sheet.clone().with("cell.code", "1")).await;
    assert_eq!(other.status, StatusCode::BAD_REQUEST, "the file has a row of this code");
    twice(&mut browser, &sheet).await;
    let added = world.service.added_rows();
    let [(row, Laid::InForce)] = added.as_slice() else { panic!("{added:?}") };
    assert_eq!((row.by.as_str(), row.reason.as_str()), ("approver", "quyết định 1234"));

    let (page, path) = ("/console/tables", format!("/console/rows/{}/remove", row.id));
    let sheet = browser.get(page).await.form(&path).with("reason", "đã vào tệp");
    let mut operator = world.as_user("operator").await;
    assert!(!operator.get(page).await.text.contains(&path));
    let own = sheet.clone().with("token", &operator.token.clone());
    assert_eq!(operator.submit(&own).await.status, StatusCode::FORBIDDEN);
    twice(&mut browser, &sheet).await;
    assert!(world.service.added_rows().is_empty());
    let verbs: Vec<_> = acts(&world, "row").await.into_iter().map(|act| act.verb).collect();
    assert_eq!(verbs, ["removed", "added"]);
}

#[tokio::test]
async fn an_older_message_is_released_when_somebody_confirms_it_and_once() {
    let world = World::new().await;
    world.skip_parked();
    let (id, _) = world.parked(rejected()).await;
    let newer = world.submit(&json!({"code": KEY, "status": 5})).await;
    until(async || (world.state(newer).await == StateName::Delivered).then_some(())).await;
    let mut browser = world.as_user("operator").await;
    let path = format!("/console/deliveries/{id}.0/release");
    let sheet = browser.get(&path).await.form(&path);
    assert_eq!(sheet.value("confirmed"), None, "nothing is asked for before it is needed");
    refused(&world, "viewer", &path, &sheet).await;
    let asked = browser.submit(&sheet).await;
    assert_eq!(asked.status, StatusCode::CONFLICT, "{}", asked.text);
    assert!(
        asked.text.contains("LT-CONFIRMATION-NEEDED") && asked.text.contains("name=\"confirmed\""),
        "{}",
        asked.text
    );
    assert_eq!(world.state(id).await, StateName::Parked);
    let sheet = asked.form(&path).with("confirmed", "yes").with("reason", "đã hỏi cổng");
    twice(&mut browser, &sheet).await;
    until(async || (world.state(id).await == StateName::Delivered).then_some(())).await;
    let attempts = world.service.exchange(id).await.unwrap().record.deliveries[0].attempts;
    assert_eq!(attempts, 2, "the one that was refused, and one more");
    let released = acts(&world, "delivery").await;
    let told: Vec<_> = released.iter().map(|act| (act.verb.as_str(), act.reason.as_deref())).collect();
    assert_eq!(told, [("released", Some("đã hỏi cổng"))]);
}

#[tokio::test]
async fn a_content_is_revealed_for_a_reason_that_is_kept_once() {
    let world = World::new().await;
    let (id, _) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let path = format!("/console/exchanges/{id}/reveal");
    let blank = browser.get(&path).await.form(&path);
    assert_eq!(browser.submit(&blank).await.status, StatusCode::BAD_REQUEST, "not without a reason");
    let sheet = blank.with("reason", "công dân hỏi");
    refused(&world, "viewer", &path, &sheet).await;
    assert!(acts(&world, "exchange").await.is_empty());
    let shown = twice(&mut browser, &sheet).await;
    assert!(shown.contains("NGUYỄN VĂN MẪU"), "{shown}");
    let acts = acts(&world, "exchange").await;
    let [act] = acts.as_slice() else { panic!("{acts:?}") };
    assert_eq!((act.id.clone(), act.reason.as_deref()), (id.to_string(), Some("công dân hỏi")));
    assert!(act.after.as_deref().is_some_and(|shown| shown.contains("received") && !shown.contains("MẪU")), "{act:?}");
}
