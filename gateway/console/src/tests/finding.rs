//! Finding things: search by what is in hand, and where dossiers stall.

use http::StatusCode;
use lienthong_journal::GroupFilter;

use super::world::{KEY, World, rejected, until};

#[tokio::test]
async fn an_exchange_is_found_by_what_is_in_hand_and_the_text_is_in_no_address() {
    let world = World::new().await;
    let (id, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("viewer").await;
    let page = browser.get("/console/search").await;
    assert!(page.text.contains("method=\"post\" action=\"/console/search\""), "{}", page.text);
    let link = format!("/console/exchanges/{id}");
    let start: String = id.to_string().chars().take(13).collect();
    for (text, by) in [
        (id.to_string(), "mã giao dịch"),
        (group, "nhóm lỗi"),
        (KEY.to_owned(), "mã số hồ sơ"),
        (start, "phần đầu của mã giao dịch"),
    ] {
        let found = browser.post("/console/search", &[("text", &text)]).await;
        assert!(found.text.contains(&link) && found.text.contains(by), "{text}: {}", found.text);
    }
    let narrowed = browser.post("/console/search", &[("text", KEY), ("state", "delivered")]).await;
    assert!(!narrowed.text.contains(&link) && narrowed.text.contains("Không tìm thấy."), "{}", narrowed.text);
    let nothing = browser.post("/console/search", &[("text", "--")]).await;
    assert_eq!(nothing.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_search_whose_session_ended_is_shown_again_with_what_was_typed() {
    let world = World::new().await;
    let mut browser = world.as_user("viewer").await;
    let page =
        browser.post_as("/console/search", &[("text", "Nguyễn Văn Mẫu"), ("token", "old")], "http://gw.example").await;
    assert!(page.text.contains("Nguyễn Văn Mẫu") && page.text.contains("Chưa làm gì cả"), "{}", page.text);
}

#[tokio::test]
async fn the_page_of_flows_says_at_which_step_dossiers_stand_and_which_are_late() {
    let world = World::flowing().await;
    world.parked(rejected()).await;
    let mut browser = world.as_user("viewer").await;
    let stalls = async || world.service.stalls().await.unwrap().flows.remove(0).steps.remove(1);
    until(async || (stalls().await.waiting == 1).then_some(())).await;
    let page = browser.get("/console/flows").await;
    assert!(page.text.contains("Hồ sơ đất đai") && page.text.contains("the land office"), "{}", page.text);
    assert!(page.text.contains("Bước không có thời hạn") && !page.text.contains(KEY), "{}", page.text);
    world.pass(120);
    until(async || (stalls().await.late == 1).then_some(())).await;
    let late = browser.get("/console/flows").await;
    let group = stalls().await.group.unwrap();
    assert!(late.text.contains(&format!("/console/errors/{group}")) && late.text.contains(KEY), "{}", late.text);
    let groups = world.service.groups(GroupFilter::default(), None, 10).await.unwrap().rows;
    assert!(groups.iter().any(|one| one.fingerprint == group));
    let file = browser.get("/console/flows.csv").await;
    assert!(file.text.contains("land,result,the land office,0,1"), "{}", file.text);
}

#[tokio::test]
async fn without_flows_the_page_says_so() {
    let world = World::new().await;
    let page = world.as_user("viewer").await.get("/console/flows").await;
    assert!(page.text.contains("Cấu hình chưa có quy trình nào."), "{}", page.text);
}

#[tokio::test]
async fn what_was_sent_is_compared_with_what_was_received() {
    let world = World::new().await;
    let (id, _) = world.parked(rejected()).await;
    let path = format!("/console/exchanges/{id}/differences");
    let page = world.as_user("operator").await.get(&path).await;
    assert!(page.text.contains("Lượt gửi 0, lần 1") && page.text.contains("Giống hệt từng byte"), "{}", page.text);
    assert!(!page.text.contains("NGUYỄN"), "{}", page.text);
    assert_eq!(world.as_user("viewer").await.get(&path).await.status, StatusCode::FORBIDDEN);
}
