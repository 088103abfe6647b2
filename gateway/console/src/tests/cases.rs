//! Cases of error groups on pages: seen, taken, noted, resolved; two operators at once, and a browser that posts twice.

use http::StatusCode;
use lienthong_core::StateName;
use lienthong_engine::service::OperatorAct;

use super::world::{Browser, Page, World, rejected, until};

async fn act(browser: &mut Browser, group: &str, version: &str, fields: &[(&str, &str)]) -> Page {
    let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("version", version)]).collect();
    browser.post(&format!("/console/errors/{group}/case"), &fields).await
}

#[tokio::test]
async fn a_case_is_seen_taken_noted_and_resolved_and_the_list_finds_it_by_that() {
    let world = World::new().await;
    let (id, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let path = format!("/console/errors/{group}");
    let page = browser.get(&path).await;
    for told in
        ["Mới", "Đơn vị gửi dữ liệu: sửa dữ liệu", "Hệ thống đích đã đọc dữ liệu và từ chối.", "one-stop: 1", "<svg"]
    {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    assert_eq!(act(&mut browser, &group, "0", &[("deed", "acknowledge")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(act(&mut browser, &group, "1", &[("deed", "mine")]).await.status, StatusCode::SEE_OTHER);
    let noted = act(&mut browser, &group, "2", &[("deed", "note"), ("text", "đã gọi <b>Sở</b>")]).await;
    assert_eq!(noted.status, StatusCode::SEE_OTHER);
    let page = browser.get(&path).await;
    assert!(page.text.contains("Đã giao") && page.text.contains("đã gọi &lt;b&gt;Sở&lt;/b&gt;"), "{}", page.text);
    for (filter, found) in [
        ("state=assigned", true),
        ("state=new", false),
        ("owner=operator", true),
        ("owner=-", false),
        ("party=source_system", true),
        ("party=mapping", false),
    ] {
        let list = browser.get(&format!("/console/errors?{filter}")).await;
        assert_eq!(list.text.contains(&path), found, "{filter}: {}", list.text);
        let file = browser.get(&format!("/console/errors.csv?{filter}")).await;
        assert_eq!(file.text.contains(&group), found, "{filter}: {}", file.text);
    }
    let overview = browser.get("/console").await;
    let link = r#"<a href="/console/errors?party=source_system">Đơn vị gửi dữ liệu"#;
    assert!(overview.text.contains(link), "by the unit that must act: {}", overview.text);
    let early = act(&mut browser, &group, "3", &[("deed", "resolve"), ("how", "đã thu phí")]).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert!(early.text.contains("đã thu phí</textarea>"), "what was typed stays: {}", early.text);
    let act_of_hers = OperatorAct { operator: "operator".into(), reason: None, confirmed: false };
    world.service.release_group(&act_of_hers, &group.parse().unwrap()).await.unwrap();
    until(async || (world.state(id).await == StateName::Delivered).then_some(())).await;
    let resolved = act(&mut browser, &group, "3", &[("deed", "resolve"), ("how", "đã thu phí")]).await;
    assert_eq!(resolved.status, StatusCode::SEE_OTHER, "{}", resolved.text);
    let page = browser.get(&path).await;
    assert!(page.text.contains("Đã xử lý") && page.text.contains("đã thu phí"), "{}", page.text);
    let list = browser.get("/console/errors?state=resolved").await;
    assert!(list.text.contains(&path), "{}", list.text);
}

#[tokio::test]
async fn of_two_operators_at_once_the_second_is_told_and_loses_nothing_typed() {
    let world = World::new().await;
    let (_, group) = world.parked(rejected()).await;
    let (mut one, mut other) = (world.as_user("operator").await, world.as_user("administrator").await);
    act(&mut one, &group, "0", &[("deed", "mine")]).await;
    let late = act(&mut other, &group, "0", &[("deed", "assign"), ("owner", "Sở Tư pháp")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("có người vừa thay đổi") && late.text.contains("value=\"Sở Tư pháp\""), "{}", late.text);
    assert_eq!(late.value("version").as_deref(), Some("1"), "and the page knows the case as it is now");
    let note = act(&mut other, &group, "0", &[("deed", "note"), ("text", "dài \"và\" khó gõ")]).await;
    assert_eq!(note.status, StatusCode::CONFLICT);
    assert!(note.text.contains("dài &quot;và&quot; khó gõ</textarea>"), "{}", note.text);
    let again = act(&mut other, &group, "1", &[("deed", "note"), ("text", "dài \"và\" khó gõ")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_browser_that_posts_twice_does_a_thing_once() {
    let world = World::new().await;
    let (_, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let page = browser.get(&format!("/console/errors/{group}")).await;
    let once = page.value("once").unwrap();
    let note = [("deed", "note"), ("text", "một lần"), ("once", once.as_str())];
    let (mut same, path) = (browser.twin(), format!("/console/errors/{group}/case"));
    let fields: Vec<(&str, &str)> = note.iter().copied().chain([("version", "0")]).collect();
    let (first, second) = tokio::join!(browser.post(&path, &fields), same.post(&path, &fields));
    assert_eq!((first.status, second.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    // Without the memory of a form, after a restart say, the version tells.
    let bare: Vec<(&str, &str)> = fields.iter().copied().filter(|(name, _)| *name != "once").collect();
    assert_eq!(browser.post(&path, &bare).await.status, StatusCode::SEE_OTHER, "it is done, and that is told");
    let (view, _) = world.service.case(&group.parse().unwrap()).await.unwrap();
    assert_eq!((view.case.notes.len(), view.version), (1, 1));
    let other: Vec<(&str, &str)> = vec![("deed", "note"), ("text", "khác"), ("once", once.as_str()), ("version", "1")];
    browser.post(&path, &other).await;
    let (view, _) = world.service.case(&group.parse().unwrap()).await.unwrap();
    assert_eq!(view.case.notes.len(), 2, "typed otherwise it is another form");
}
