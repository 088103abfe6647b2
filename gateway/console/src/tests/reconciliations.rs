//! Reconciliations on pages: lists handed over as files, runs begun, compared, sent and stopped, each once and by whoever may.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use lienthong_core::program::{Compiler as _, ProgramText};
use lienthong_engine::Configuration;
use lienthong_engine::reconcile::run::Wanted;
use lienthong_engine::reconcile::{DailySpec, ExportSpec, Fields, Found, Order, Phase, Reconciliations, Sent, Spec};
use lienthong_engine::routing::Programs;
use lienthong_engine::service::RunView;
use lienthong_formats::encoding::Encoding;

use super::world::{Browser, PASSWORD, Page, World, until};

const PATH: &str = "/console/reconciliations";
const LISTS: &str = "/console/reconciliations/lists";
const HERE: &str = "code,status\nH56.14-250115-0001,9\nH56.14-250115-0002,4\nH56.14-250115-0003,4\n";
const THERE: &str = "code,status\nH56.14-250115-0002,9\nH56.14-250115-0003,4\n";

fn export() -> ExportSpec {
    let text = ". = { \"key\": .code, \"body\": { \"code\": .code, \"status\": to_int!(.status) } }";
    let text = ProgramText { place: "row.vrl".to_owned(), text: text.to_owned() };
    let make = Programs::new().compile(&text).unwrap();
    let columns = ["code", "status"].map(str::to_owned).to_vec();
    ExportSpec { encoding: Encoding::Utf8, delimiter: b',', columns, make }
}

pub(super) fn reconciling(mut configuration: Configuration) -> Configuration {
    let ranks = ["4", "9"].map(|status| vec![status.to_owned()]).to_vec();
    let spec = Spec {
        name: "dossiers".to_owned(),
        summary: "Hồ sơ của tỉnh với Cổng".to_owned(),
        operation: "portal.sync-dossier".parse().unwrap(),
        client: "one-stop".parse().unwrap(),
        fields: Fields { status: Some("/status".to_owned()), ..Fields::default() },
        export: export(),
        there: Some(export()),
        lookup: None,
        order: Order::new(ranks).unwrap(),
        daily: Some(DailySpec {
            at: jiff::civil::time(5, 30, 0, 0),
            file: "none-{day}.csv".to_owned(),
            there: None,
            days: 1,
            wait: Duration::from_secs(3_600),
        }),
        keep: Duration::from_secs(86_400),
        most_rows: 1_000,
    };
    configuration.reconciliations = Reconciliations(Arc::new([Arc::new(spec)]));
    configuration
}

/// Hands both lists over, with the form as it was shown.
async fn hand_over(browser: &mut Browser, once: &str, here: &str) -> Page {
    let fields = [("once", once), ("name", "dossiers"), ("from", "2025-01-15"), ("to", "2025-01-15")];
    browser.post_files(LISTS, &fields, &[("here", "hồ sơ.csv", here), ("there", "cổng.csv", THERE)]).await
}

async fn runs(world: &World) -> Vec<RunView> {
    world.service.reconciliations().await.unwrap()
}

async fn over(world: &World, path: &str) -> RunView {
    let id = path.rsplit('/').next().unwrap().to_owned();
    until(async || {
        let view = world.service.a_reconciliation(&id).await.unwrap();
        (view.run.phase.is_over() && view.run.sending.is_none()).then_some(view)
    })
    .await
}

async fn found(world: &World, view: &RunView) -> Vec<Found> {
    world.service.differences(&view.id, &Wanted::default(), None, 100).await.unwrap().found
}

#[tokio::test]
async fn lists_are_handed_over_as_files_compared_and_only_what_is_chosen_is_sent_once() {
    let world = World::reconciling().await;
    let mut browser = world.as_user("operator").await;
    let page = browser.get(PATH).await;
    assert!(page.text.contains("enctype=\"multipart/form-data\"") && page.text.contains("64 MiB"), "{}", page.text);
    let once = page.value("once").unwrap();
    let begun = hand_over(&mut browser, &once, HERE).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    let path = begun.header("location").to_owned();
    let again = hand_over(&mut browser, &once, HERE).await;
    assert_eq!((again.header("location"), runs(&world).await.len()), (path.as_str(), 1), "sent twice, begun once");

    let view = over(&world, &path).await;
    let counts = view.run.counts;
    assert_eq!((view.run.phase, view.run.by.as_str()), (Phase::Done, "operator"));
    assert_eq!((counts.keys, counts.equal, counts.missing_there, counts.newer_there), (3, 1, 1, 1));
    let page = browser.get(&path).await;
    for told in ["H56.14-250115-0001", "Bên kia thiếu", "bên kia có trạng thái mới hơn", "name=\"place\" value=\"0\""]
    {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    assert!(!page.text.contains("H56.14-250115-0003"), "what is equal is no difference");

    let asked = browser.get(&format!("{path}/send?place=0")).await;
    let once = asked.value("once").unwrap();
    let places = asked.value("places").unwrap();
    let form = [("once", once.as_str()), ("places", places.as_str()), ("reason", "Cổng chưa có")];
    for _ in 0..2 {
        let sent = browser.post(&format!("{path}/send"), &form).await;
        assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, path.as_str()), "{}", sent.text);
        over(&world, &path).await;
    }
    let view = over(&world, &path).await;
    let sendings: Vec<(u64, u64, &str)> =
        view.run.sent.iter().map(|sending| (sending.sent, sending.not_sent, sending.reason.as_str())).collect();
    assert_eq!(sendings, [(1, 0, "Cổng chưa có")], "sent twice, done once");
    let sent: Vec<bool> = found(&world, &view).await.iter().map(|one| matches!(one.sent, Some(Sent::As(_)))).collect();
    assert_eq!(sent, [true, false], "what was not chosen was not touched");
}

#[tokio::test]
async fn what_the_other_side_may_hold_newer_goes_only_with_a_tick() {
    let world = World::reconciling().await;
    let mut browser = world.as_user("operator").await;
    let path = hand_over(&mut browser, "one", HERE).await.header("location").to_owned();
    over(&world, &path).await;
    let send = format!("{path}/send");
    assert_eq!(browser.post(&send, &[("places", "1")]).await.status, StatusCode::BAD_REQUEST, "without a reason");
    browser.post(&send, &[("places", "1"), ("reason", "Mở lại")]).await;
    let view = over(&world, &path).await;
    assert!(matches!(&found(&world, &view).await[1].sent, Some(Sent::Not(why)) if why.contains("confirms")));
    browser.post(&send, &[("places", "1"), ("reason", "Mở lại"), ("confirmed", "yes")]).await;
    let view = over(&world, &path).await;
    assert!(matches!(found(&world, &view).await[1].sent, Some(Sent::As(_))));
}

#[tokio::test]
async fn a_run_over_the_daily_files_is_begun_and_stopped_once() {
    let world = World::reconciling().await;
    let mut browser = world.as_user("operator").await;
    let once = browser.get(PATH).await.value("once").unwrap();
    let form = [("once", once.as_str()), ("name", "dossiers"), ("from", "2025-01-15"), ("to", "2025-01-15")];
    let path = browser.post(PATH, &form).await.header("location").to_owned();
    assert_eq!(browser.post(PATH, &form).await.header("location"), path);
    let all = runs(&world).await;
    assert_eq!((all.len(), all[0].run.phase, all[0].run.from_files), (1, Phase::Receiving, true));
    let once = browser.get(&path).await.value("once").unwrap();
    for _ in 0..2 {
        let stopped = browser.post(&format!("{path}/stop"), &[("once", &once)]).await;
        assert_eq!((stopped.status, stopped.header("location")), (StatusCode::SEE_OTHER, path.as_str()));
    }
    let view = world.service.a_reconciliation(&all[0].id).await.unwrap();
    assert_eq!((view.run.phase, view.run.because.as_deref()), (Phase::Stopped, Some("stopped by operator")));
}

#[tokio::test]
async fn a_viewer_sees_runs_and_begins_hands_over_sends_and_stops_nothing() {
    let world = World::reconciling().await;
    let mut operator = world.as_user("operator").await;
    let path = hand_over(&mut operator, "one", HERE).await.header("location").to_owned();
    over(&world, &path).await;
    let mut browser = world.as_user("viewer").await;
    for page in [browser.get(PATH).await, browser.get(&path).await] {
        assert!(
            page.status == StatusCode::OK && !page.text.contains("method=\"post\" action=\"/console/reconciliations"),
            "{}",
            page.text
        );
    }
    assert_eq!(hand_over(&mut browser, "two", HERE).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.post(PATH, &[("name", "dossiers")]).await.status, StatusCode::FORBIDDEN);
    let form = [("places", "0"), ("reason", "vì")];
    for act in ["send", "stop"] {
        assert_eq!(browser.post(&format!("{path}/{act}"), &form).await.status, StatusCode::FORBIDDEN, "{act}");
    }
    let all = runs(&world).await;
    assert!(all.len() == 1 && all[0].run.sent.is_empty(), "{all:?}");
}

#[tokio::test]
async fn files_without_the_forms_proof_are_not_taken_and_what_was_typed_is_kept() {
    let world = World::reconciling().await;
    let mut browser = world.as_user("operator").await;
    browser.token = "of another session".to_owned();
    let page = hand_over(&mut browser, "one", HERE).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("value=\"2025-01-15\"") && page.text.contains("Hãy chọn lại tệp"), "{}", page.text);
    world.pass(1801);
    let page = hand_over(&mut browser, "one", HERE).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    let (kept, next) = (page.value("kept").unwrap(), page.value("next").unwrap());
    let login = [("name", "operator"), ("password", PASSWORD), ("kept", kept.as_str()), ("next", next.as_str())];
    let page = browser.post_as("/console/login", &login, "http://gw.example").await;
    assert!(page.text.contains("value=\"2025-01-15\"") && page.text.contains("Hãy chọn lại tệp"), "{}", page.text);
    assert!(runs(&world).await.is_empty());
    assert_eq!(hand_over(&mut browser, "two", HERE).await.status, StatusCode::SEE_OTHER, "chosen again it is taken");
}

#[tokio::test]
async fn lists_nobody_can_read_are_told_by_line_and_compare_nothing() {
    let world = World::reconciling().await;
    let mut browser = world.as_user("operator").await;
    let cases = [
        ("code,state\nH56.14-250115-0001,9\n", "the list has no column `status`"),
        ("code,status\nH56.14-250115-0001,chín\n", "line 2"),
        ("PK\u{3}\u{4}\u{14}", "workbook"),
        ("", "not even a header"),
    ];
    for (number, (list, told)) in cases.into_iter().enumerate() {
        let page = hand_over(&mut browser, "one", list).await;
        assert!(page.status.is_client_error() && page.text.contains(told), "{told}: {} {}", page.status, page.text);
        assert!(page.text.contains("value=\"2025-01-15\""), "what was typed is kept");
        let all = runs(&world).await;
        let view = &all[number];
        assert!(view.run.phase == Phase::Failed && view.run.because.is_some(), "{view:?}");
    }
    let page = browser.post_files(LISTS, &[("name", "dossiers")], &[("here", "", "")]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "nothing was chosen");
    // One row that cannot be read stops no other.
    let page = hand_over(&mut browser, "one", &format!("{HERE}H56.14-250115-0009,chín\n")).await;
    let path = page.header("location").to_owned();
    let view = over(&world, &path).await;
    assert_eq!((view.run.here.rows, view.run.here.refused, view.run.here.told[0].0), (3, 1, 5));
    assert!(browser.get(&path).await.text.contains("<li>5: "));
}

#[tokio::test]
async fn files_are_refused_beyond_the_limit_which_is_told_and_while_nothing_is_accepted() {
    let world = World::reconciling().await;
    let mut browser = world.as_user("operator").await;
    let large = format!("{HERE}{}", "x".repeat(64 << 20));
    let page = hand_over(&mut browser, "one", &large).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", page.text);
    assert!(page.text.contains("tối đa 64 MiB") && page.text.contains("LT-BODY-TOO-LARGE"), "{}", page.text);
    assert!(runs(&world).await.is_empty());
    // Nor while nothing new is accepted.
    world.service.stop_accepting();
    assert_eq!(hand_over(&mut browser, "two", HERE).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(runs(&world).await.is_empty());
    // Every other form stays small.
    let page = browser.post(PATH, &[("name", &"x".repeat(200 << 10))]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
}
