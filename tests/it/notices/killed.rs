//! `kill -9` while files of notices are split and wait for their dossiers: each notice is told or parked once, whatever the instant.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lienthong_formats::xml::{self, Limits};
use lienthong_simulators::tax::{NoticeBatch, NoticeFile};

use super::Province;

/// Files pushed, each with a kill while it is worked on.
const FILES: usize = 5;
/// Kills afterwards, while what waited is let go.
const MORE_KILLS: usize = 2;
const DOSSIERS: usize = 16;
const NOTICES: usize = 60;
/// One of each kind that the simulator knows.
const BAD: usize = 4;

/// A notice by what makes it one: dossier, decision, instalment.
type Notice = (String, String, i64);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn notices_are_told_or_parked_once_whatever_instant_the_process_is_killed_at() {
    let mut province = Province::start().await;
    let mut expected = BTreeSet::new();
    for number in 0..FILES {
        let dossiers: Vec<String> = (0..DOSSIERS).map(|place| super::code(1000 * number + place)).collect();
        let file = batch(number, &dossiers);
        expected.extend(readable(&file));
        let (there, late) = dossiers.split_at(DOSSIERS / 2);
        for dossier in there {
            province.dossier(dossier, "received").await;
        }
        province = pushed_through_a_kill(province, &file).await;
        // These notices wait by now, or will find it there: either way each goes once.
        for dossier in late {
            province.dossier(dossier, "received").await;
        }
    }
    for _ in 0..MORE_KILLS {
        tokio::time::sleep(some_time(200)).await;
        province = province.killed_and_restarted().await;
    }
    let told: BTreeMap<_, _> = province.notices(expected.len()).await;
    let told: Vec<Notice> = told
        .iter()
        .flat_map(|(dossier, notices)| {
            notices.iter().map(|notice| {
                let number = notice["decision_number"].as_str().unwrap().to_owned();
                (dossier.clone(), number, notice["instalment"].as_i64().unwrap())
            })
        })
        .collect();
    assert_eq!(told.len(), expected.len(), "none is told twice");
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), expected, "none is lost");
    let bad = ["/amount", "/code", "/decision_date", "/notices/0/decision_number"];
    let parked = bad.map(|pointer| (pointer.to_owned(), FILES as u64));
    assert_eq!(province.errors().await, parked, "what cannot be read is parked once, and nothing else is");
    for state in ["queued", "waiting", "verifying", "in_flight"] {
        let (status, open) = province.gateway.get(&format!("/v1/exchanges?state={state}&limit=5")).await;
        assert_eq!((status, open["exchanges"].as_array().map(Vec::len)), (200, Some(0)), "{state}: {open}");
    }
    assert_eq!(province.gateway.terminate(), 0);
}

/// Decisions are of one file alone: a number leads to one dossier.
fn batch(number: usize, dossiers: &[String]) -> NoticeFile {
    let mut file = NoticeBatch {
        dossiers: dossiers.to_vec(),
        notices: NOTICES,
        duplicates: 1,
        unknown: 0,
        bad: BAD,
        instalments: 2,
        ..NoticeBatch::default()
    }
    .file();
    file.xml = file.xml.replace("LTB2512345", &format!("LTB25123{number:02}"));
    file
}

/// Pushes as the portal does, again until it is answered; meanwhile the gateway is killed.
async fn pushed_through_a_kill(province: Province, file: &NoticeFile) -> Province {
    let pusher = province.bench.portal.pusher();
    let (address, xml) = (format!("{}/in/portal/nhantbthuedvcqg", province.gateway.base), file.xml.clone());
    let first = tokio::spawn(async move { pusher.push_tax_file(&address, "20260115", xml.as_bytes()).await });
    tokio::time::sleep(some_time(700)).await;
    let province = province.killed_and_restarted().await;
    let answered = first.await.unwrap().is_ok_and(|reply| reply.error_code() == Some(0));
    if !answered {
        let address = format!("{}/in/portal/nhantbthuedvcqg", province.gateway.base);
        let pusher = province.bench.portal.pusher();
        let reply = pusher.push_tax_file(&address, "20260115", file.xml.as_bytes()).await.unwrap();
        assert!(matches!(reply.error_code(), Some(0 | 1)), "{reply:?}");
    }
    province
}

/// Anything below that many milliseconds, differing from run to run: the counts must hold at all instants.
fn some_time(most: u128) -> Duration {
    Duration::from_millis(u64::try_from(uuid::Uuid::new_v4().as_u128() % most).unwrap())
}

/// What of a file can be read, straight from its XML: rows with a number, a day that exists and an amount, of a named dossier.
fn readable(file: &NoticeFile) -> BTreeSet<Notice> {
    let document = xml::read(file.xml.as_bytes(), &Limits::MESSAGE).unwrap();
    let mut found = BTreeSet::new();
    for entry in document.at(&["BODY"]).unwrap().children_named("ROW_LIST") {
        let dossier = entry.child_text("MA_HSO").unwrap_or_default();
        let mut counted: BTreeMap<&str, i64> = BTreeMap::new();
        for row in entry.children_named("LIST") {
            let text = |name| row.child_text(name).unwrap_or_default();
            let instalment = counted.entry(text("SO_QUYET_DINH")).or_default();
            *instalment += 1;
            let bad = dossier.is_empty()
                || text("SO_QUYET_DINH").is_empty()
                || text("NGAY_QUYET_DINH").starts_with("30-02")
                || text("SO_TIEN").bytes().any(|byte| !byte.is_ascii_digit());
            if !bad {
                found.insert((dossier.to_owned(), text("SO_QUYET_DINH").to_owned(), *instalment));
            }
        }
    }
    found
}
