//! An operator's morning in a real browser: finds what fails, reads why, previews a fix, releases in steps, sees it drain; with scripts and without.

use std::time::Instant;

use super::desk::{Desk, UNMAPPED, code};
use super::driver::{Browser, Scripts, target};

/// Keeps what was measured beside what was photographed.
fn measured(what: &str, began: Instant) {
    let line = format!("{what}: {} ms\n", began.elapsed().as_millis());
    let path = target().join("browser/measured.txt");
    let mut kept = std::fs::read_to_string(&path).unwrap_or_default();
    kept.push_str(&line);
    std::fs::write(path, kept).unwrap();
}

/// From a citizen's dossier code to its error group, and what is read there.
async fn find_and_read(desk: &Desk, browser: &Browser) {
    browser.go("/console/dossier").await;
    browser.fill("main input[name=key]", &code(200)).await;
    browser.click("main form button[type=submit]").await;
    browser.says("main", "Tạm giữ").await;
    browser.click("main table a[href^='/console/exchanges/']").await;
    browser.says("main", "LT-CODE-UNMAPPED").await;
    browser.click("main a[href^='/console/errors/']").await;
    let group = format!("/console/errors/{}", desk.unmapped);
    browser.until("the group", async |this: &Browser| (this.path().await == group).then_some(())).await;
    for told in ["Mới", "Trục: sửa quy tắc hoặc bảng mã", "mã processing không có trong bảng desk-statuses"]
    {
        browser.says("#group", told).await;
    }
}

/// A row is begun for the code; its meaning is typed and tried, and is not live.
async fn preview_the_fix(desk: &Desk, browser: &Browser) {
    browser.click("#group a[href$='/preview']").await;
    browser.says("table.counts", "Vẫn lỗi").await;
    let begun = browser.value("textarea[name=rows]").await;
    assert_eq!(begun, "desk,status,valid_from,valid_to\nprocessing,,,");
    let row = begun.replace("processing,,,", "processing,supplement_required,2026-01-01,");
    browser.fill("textarea[name=rows]", &row).await;
    browser.click("button.main").await;
    browser.says("main", "chúng chưa được đưa vào sử dụng").await;
    browser.says("table.counts", &format!("Sẽ qua {UNMAPPED}")).await;
    browser.click("button[name=delivery]").await;
    browser.says("#compared", "/status processing supplement_required").await;
    assert_eq!(desk.parked(&desk.unmapped).await, UNMAPPED, "nothing was sent");
}

async fn take_the_case(browser: &Browser, group: &str) {
    browser.go(&format!("/console/errors/{group}")).await;
    browser.click("button[value=acknowledge]").await;
    browser.says("#group", "Đã xem").await;
    browser.click("button[value=mine]").await;
    browser.says("#group", "Đã giao").await;
    browser.fill("textarea[name=text]", "đã gọi Cổng, họ đã sửa").await;
    browser.click("button[value=note]").await;
    browser.says("#group", "đã gọi Cổng, họ đã sửa").await;
}

async fn begin_the_release(browser: &Browser) {
    browser.click("#group a[href$='/release']").await;
    browser.fill("input[name=steps]", "1, 3").await;
    browser.fill("textarea[name=reason]", "Cổng đã sửa").await;
    browser.click("form.act button.main").await;
    browser.says("h1", "Lần gửi lại").await;
}

async fn resolve(browser: &Browser, group: &str) {
    browser.go(&format!("/console/errors/{group}")).await;
    browser.fill("textarea[name=how]", "Cổng sửa phía họ").await;
    browser.click("button[value=resolve]").await;
    browser.says("#group", "Đã xử lý").await;
    browser.says("#group", "Cổng sửa phía họ").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_finds_reads_previews_releases_and_sees_it_drain() {
    let desk = Desk::new().await;
    let browser = desk.browser(Scripts::Run).await;
    find_and_read(&desk, &browser).await;
    preview_the_fix(&desk, &browser).await;

    // The row goes live while the group's page is open: it empties without being touched.
    browser.go(&format!("/console/errors/{}", desk.unmapped)).await;
    browser.says("#live-state", "đang cập nhật trực tiếp").await;
    desk.mend_table().await;
    desk.drained(&desk.unmapped).await;
    let began = Instant::now();
    browser.says("#group", "Đã xử lý").await;
    measured("a group's page shows that it drained after", began);

    take_the_case(&browser, &desk.refused).await;
    begin_the_release(&browser).await;
    browser.says("#release", &format!("{0} trên {0} đã xong", desk.refusals)).await;
    browser.says("#release", "Đã xong").await;
    browser.says("#live-state", "đang cập nhật trực tiếp").await;
    browser.photograph("release-done-light-wide").await;
    assert_eq!(desk.parked(&desk.refused).await, 0);
    resolve(&browser, &desk.refused).await;
    let kept = desk.bench.portal.report().stored;
    assert_eq!((kept.duplicated, kept.out_of_order), (0, 0), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_without_scripts() {
    let desk = Desk::new().await;
    let browser = desk.browser(Scripts::Off).await;
    browser.go("/console/errors").await;
    assert_eq!(browser.text("#live-state").await, "", "no script runs");
    find_and_read(&desk, &browser).await;
    preview_the_fix(&desk, &browser).await;
    take_the_case(&browser, &desk.refused).await;
    begin_the_release(&browser).await;
    let path = browser.path().await;
    desk.drained(&desk.refused).await;
    browser
        .until("the end of the release", async |this: &Browser| {
            this.go(&path).await;
            this.text("#release").await.contains("Đã xong").then_some(())
        })
        .await;
    resolve(&browser, &desk.refused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_renews_itself_when_something_happens_and_spares_what_is_being_typed() {
    let desk = Desk::new().await;
    let browser = desk.browser(Scripts::Run).await;
    browser.go(&format!("/console/errors/{}", desk.refused)).await;
    browser.says("#live-state", "đang cập nhật trực tiếp").await;
    browser.fill("textarea[name=text]", "đang gõ dở").await;
    let path = format!("/v1/errors/{}/note", desk.refused);
    let (status, answer) = desk.gateway.post(&path, &serde_json::json!({ "text": "người khác ghi" })).await;
    assert_eq!(status, 200, "{answer}");
    let began = Instant::now();
    browser.says("#group", "người khác ghi").await;
    measured("a page shows another's note after", began);
    assert_eq!(browser.value("textarea[name=text]").await, "đang gõ dở");
    // The operator has seen the other's note, so hers meets the case as it is.
    browser.click("button[value=note]").await;
    browser.says("#group", "đang gõ dở").await;
    browser.says("#group", "người khác ghi").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_pressed_twice_does_a_thing_once() {
    let desk = Desk::new().await;
    let browser = desk.browser(Scripts::Run).await;
    browser.go(&format!("/console/errors/{}", desk.refused)).await;
    browser.fill("textarea[name=text]", "chỉ một lần").await;
    browser
        .run("const b = document.querySelector('button[value=note]'); b.click(); b.click(); b.form.requestSubmit(b);")
        .await;
    browser.says("#group", "chỉ một lần").await;
    let (_, found) = desk.gateway.get(&format!("/v1/errors/{}", desk.refused)).await;
    assert_eq!(found.to_string().matches("chỉ một lần").count(), 1, "{found}");
}
