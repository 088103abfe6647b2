//! Files by link: pulled after the push was answered, kept by their content, and a clear fault for what is too long, elsewhere or none.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lienthong_simulators::land::{Fault, FileKind, LandOptions, bytes_of};
use serde_json::Value;

use super::town::{Town, forward};
use crate::harness::PATIENCE;

/// Pushes a message with one link; the delivery that fetched it, once it is over.
async fn fetched(town: &Town, code: &str, link: String) -> Value {
    let record = town.land.push(code, forward("2026-01-16T01:30:00Z", &[link])).await.unwrap();
    assert_eq!(record.result(), Some(1), "{record:?}");
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (_, found) = town.gateway.get(&format!("/v1/exchanges?key={code}&system=land")).await;
        let id = found["exchanges"][0]["id"].as_str().unwrap().to_owned();
        let (_, exchange) = town.gateway.get(&format!("/v1/exchanges/{id}")).await;
        let deliveries = exchange["deliveries"].as_array().unwrap();
        let fetch = deliveries.iter().find(|delivery| delivery["system"] == "land").unwrap();
        if matches!(fetch["state"].as_str(), Some("delivered" | "parked")) {
            return fetch.clone();
        }
        assert!(Instant::now() < deadline, "{exchange}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Every whole file beside the journal.
fn kept(town: &Town) -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).map(|all| all.map(|one| one.unwrap().path()).collect()).unwrap_or_default()
    };
    list(&town.journal().join("files")).iter().flat_map(|folder| list(folder)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_linked_file_is_kept_once_whoever_refers_to_it() {
    let town = Town::start(LandOptions::default()).await;
    // The first try breaks off in the middle: nothing of it is kept.
    assert!(town.land.inject_on("files", Fault::ResetAfterStore, 1));
    for code in ["H56.14-260115-0301", "H56.14-260115-0302"] {
        let delivery = fetched(&town, code, town.land.link(FileKind::Whole, "gcn.pdf")).await;
        assert_eq!(delivery["state"], "delivered", "{delivery}");
    }
    let files = kept(&town);
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(std::fs::read(&files[0]).unwrap(), bytes_of("gcn.pdf"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_four_gibibytes_or_another_host_is_a_clear_fault_and_nothing_is_kept() {
    let town = Town::start(LandOptions::default()).await;
    for (number, (kind, fault, words)) in [
        (FileKind::Huge, "rejected", "longer than the limit"),
        (FileKind::Endless, "rejected", "longer than the limit"),
        (FileKind::Moved, "rejected", "redirects are not followed"),
        (FileKind::OtherHost, "invalid", "host that is not allowed"),
        (FileKind::Missing, "not_found", "not there"),
    ]
    .into_iter()
    .enumerate()
    {
        let code = format!("H56.14-260115-{:04}", 310 + number);
        let began = Instant::now();
        let delivery = fetched(&town, &code, town.land.link(kind, "gcn.pdf")).await;
        assert_eq!((&delivery["state"], &delivery["fault"]["kind"]), (&"parked".into(), &fault.into()), "{delivery}");
        let problem = &delivery["fault"]["field_problems"][0];
        assert_eq!(problem["pointer"], "/link", "{kind:?}: {delivery}");
        assert!(problem["problem"].as_str().unwrap().contains(words), "{kind:?}: {problem}");
        assert!(began.elapsed() < Duration::from_secs(60), "{kind:?} was read to its end");
    }
    assert!(kept(&town).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_page_or_an_empty_answer_in_a_files_place_is_never_kept() {
    let town = Town::start(LandOptions::default()).await;
    for (number, kind) in [FileKind::Page, FileKind::Empty].into_iter().enumerate() {
        let code = format!("H56.14-260115-{:04}", 320 + number);
        let delivery = fetched(&town, &code, town.land.link(kind, "gcn.pdf")).await;
        assert_eq!(delivery["fault"]["kind"], "unintelligible", "{kind:?}: {delivery}");
    }
    assert!(kept(&town).is_empty());
}
