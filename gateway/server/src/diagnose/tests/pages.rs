//! The page and the JSON: whole, in both languages, with nothing that runs or loads and nothing that must not be seen.

use super::servers::nobody;
use super::*;

#[tokio::test]
async fn the_page_says_everything_in_both_languages_and_holds_nothing_foreign() {
    let address = nobody().await;
    let report = Desk::new().await.at(&format!("http://{address}")).report().await;
    let page = page(&report);
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
    for text in [
        "Kết quả kiểm tra kết nối",
        "Result of a connection check",
        "Tỉnh &lt;Mẫu&gt;",
        "Có bước không đạt.",
        "Việc cần làm",
        "Đơn vị vận hành hệ thống đích",
        "The operator of the target system",
        "Không thử vì một bước trước không đạt.",
        &format!("http://{address}"),
        "(UTC+7)",
    ] {
        assert!(page.contains(text), "{text} is missing in {page}");
    }
    for foreign in ["<script", "src=", "href=", "url(", "@import", "<Mẫu>"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    for tag in ["table", "tr", "td", "ul", "li", "h2", "p", "span", "body"] {
        let opened = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

#[tokio::test]
async fn a_page_of_a_system_that_is_well_asks_nobody_to_act() {
    let report = Desk::new().await.report().await;
    let page = page(&report);
    assert!(page.contains("Mọi bước đã thử đều đạt.") && !page.contains("Việc cần làm"));
}

#[tokio::test]
async fn programs_get_every_step_with_its_facts() {
    let report = Desk::new().await.at(&format!("http://{}", nobody().await)).report().await;
    let json = json(&report);
    assert_eq!((&json["system"], &json["ok"]), (&"portal".into(), &false.into()));
    let steps = json["endpoints"][0]["steps"].as_array().unwrap();
    let tcp = &steps[2];
    assert_eq!(
        (&tcp["step"], &tcp["outcome"], &tcp["who_acts"]),
        (&"tcp".into(), &"failed".into(), &"target_system".into())
    );
    assert!(tcp["said"]["vi"].is_string() && tcp["said"]["en"].is_string() && tcp["took_ms"].is_u64());
    assert_eq!(json["session"][0]["outcome"], "skipped");
    let (headings, rows) = table(&report);
    assert!(rows.len() == 6 && rows.iter().all(|row| row.len() == headings.len()));
}
