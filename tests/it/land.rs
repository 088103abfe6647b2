//! Land dossiers end to end: the real program between a one-stop desk and the simulated land office, in both directions and dialects.

mod alone;
mod files;
mod town;

use lienthong_core::Timestamp;
use lienthong_simulators::land::{Dialect, Fault, FaultProfile, LandOptions, Push, Script};
use serde_json::{Value, json};

use town::{Town, dossier, forward};

/// The exchange as it stands when it is delivered, or needs somebody.
async fn received(town: &Town, code: &str, officer: &str) -> Value {
    let (status, exchange) = town.gateway.submit_and_wait(code, &dossier(code, officer)).await;
    assert_eq!(status, 200, "{exchange}");
    exchange
}

#[tokio::test(flavor = "multi_thread")]
async fn area_ids_reach_vbdlis_as_numbers_that_lost_their_zeros_and_times_as_utc() {
    let town = Town::start(LandOptions::default()).await;
    let code = "H56.14-260115-0101";
    let exchange = received(&town, code, "mc01").await;
    assert_eq!(exchange["state"], "delivered", "{exchange}");
    let kept = town.land.dossier(code).unwrap();
    assert_eq!((&kept.content["TinhId"], &kept.content["XaId"]), (&json!(1), &json!(4)));
    assert_eq!(kept.content["NguoiTiepNhan"], "canbo01", "the desk's officer is the land office's account");
    let sent: Timestamp = kept.content["NgayTiepNhan"].as_str().unwrap().parse().unwrap();
    assert_eq!(sent, "2026-01-15T08:00:00+07:00".parse().unwrap());
    assert_eq!((kept.counts.receipts, kept.counts.out_of_order), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn utc_times_with_and_without_their_mark_come_in_as_the_same_instant() {
    for (marked, code) in [(true, "H56.14-260115-0102"), (false, "H56.14-260115-0103")] {
        let town = Town::start(LandOptions { marked_times: marked, ..LandOptions::default() }).await;
        received(&town, code, "mc01").await;
        let record = town.land.push(code, forward("2026-01-16T01:30:00Z", &[])).await.unwrap();
        assert_eq!(record.result(), Some(1), "{record:?}");
        let body = town.message(code, "land.dossier-forwarded").await;
        // Half past one in UTC is half past eight on the wall in Hà Nội.
        let at: Timestamp = body["forwarded_at"].as_str().unwrap().parse().unwrap();
        assert_eq!(at, "2026-01-16T08:30:00+07:00".parse().unwrap(), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_comes_again_is_answered_the_same_and_makes_no_second_message() {
    let script = Script { repeats: Some(1000), ..Script::default() };
    let town = Town::start(LandOptions { script, ..LandOptions::default() }).await;
    let code = "H56.14-260115-0104";
    received(&town, code, "mc01").await;
    let record = town.land.push(code, forward("2026-01-16T01:30:00Z", &[])).await.unwrap();
    let results: Vec<Option<i64>> = record.answers.iter().map(|answer| answer.result).collect();
    assert_eq!(results, [Some(1), Some(1)], "{record:?}");
    assert_eq!(town.messages(code, "land.dossier-forwarded").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_with_another_secret_leaves_nothing_behind() {
    let script = Script { tries: 1, ..Script::default() };
    let town = Town::start(LandOptions { script, ..LandOptions::default() }).await;
    let code = "H56.14-260115-0105";
    town.land.set_desk(town.desk("sai-khoa"));
    let record = town.land.push(code, forward("2026-01-16T01:30:00Z", &[])).await.unwrap();
    assert_ne!(record.result(), Some(1), "{record:?}");
    let (_, all) = town.gateway.get(&format!("/v1/exchanges?key={code}")).await;
    assert!(all["exchanges"].as_array().unwrap().is_empty(), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_land_office_does_not_know_the_officers_account_it_is_mapped_and_what_waited_is_released() {
    let town = Town::start(LandOptions::default()).await;
    let [first, second, other] = ["H56.14-260115-0111", "H56.14-260115-0112", "H56.14-260115-0113"];
    for code in [first, second] {
        let exchange = received(&town, code, "mc07").await;
        assert_eq!(exchange["state"], "attention", "{exchange}");
        let fault = &exchange["deliveries"][0]["fault"];
        assert_eq!(fault["kind"], "mapping", "{fault}");
        let problem = &fault["field_problems"][0];
        assert_eq!(problem["pointer"], "/received_by");
        assert_eq!((&problem["table"], &problem["value_class"]), (&json!("land-officers"), &json!("canbo77")));
        assert!(fault["system_text"].as_str().unwrap().contains("canbo77"), "the office's own words: {fault}");
        assert!(town.land.dossier(code).is_none());
    }
    assert_eq!(received(&town, other, "mc01").await["state"], "delivered", "nobody else is held up");
    let (_, groups) = town.gateway.get("/v1/errors").await;
    assert_eq!(
        (groups["groups"].as_array().unwrap().len(), &groups["groups"][0]["parked"]),
        (1, &json!(2)),
        "{groups}"
    );
    // The administrator learns the right account and mends the table; the rest happens by itself.
    town.write_officers(&[("mc01", "canbo01"), ("mc07", "canbo02")]);
    town.reload().await;
    for code in [first, second] {
        town.delivered(code).await;
        let kept = town.land.dossier(code).unwrap();
        assert_eq!((&kept.content["NguoiTiepNhan"], kept.counts.receipts), (&json!("canbo02"), 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_the_land_office_adds_lets_a_person_release_what_waits() {
    let town = Town::start(LandOptions::default()).await;
    let code = "H56.14-260115-0114";
    assert_eq!(received(&town, code, "mc07").await["state"], "attention");
    town.land.add_officer("canbo77", "Người Mẫu");
    let (_, groups) = town.gateway.get("/v1/errors").await;
    let group = groups["groups"][0]["id"].as_str().unwrap().to_owned();
    let reason = json!({ "reason": "Văn phòng đăng ký đất đai đã mở tài khoản" });
    let (status, answer) = town.gateway.post(&format!("/v1/errors/{group}/release"), &reason).await;
    assert_eq!((status, answer["moved"].as_u64()), (200, Some(1)), "{answer}");
    town.delivered(code).await;
    assert_eq!(town.land.dossier(code).unwrap().content["NguoiTiepNhan"], "canbo77");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_that_no_row_maps_is_told_before_anything_is_sent() {
    let town = Town::start(LandOptions::default()).await;
    let code = "H56.14-260115-0115";
    let exchange = received(&town, code, "mc99").await;
    let fault = &exchange["deliveries"][0]["fault"];
    assert_eq!((&fault["code"], &exchange["state"]), (&json!("LT-CODE-UNMAPPED"), &json!("attention")), "{fault}");
    let problem = &fault["field_problems"][0];
    assert_eq!((&problem["table"], &problem["value_class"]), (&json!("land-officers"), &json!("mc99")), "{problem}");
    assert!(!town.land.report().tally.calls.contains_key("tiepnhan"));
    let (_, unmapped) = town.gateway.get("/v1/tables/unmapped").await;
    assert_eq!((&unmapped["codes"][0]["code"], &unmapped["codes"][0]["parked"]), (&json!("mc99"), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_counterpart_in_the_pulled_lists_is_shown_before_it_fails() {
    let town = Town::start(LandOptions::default()).await;
    let observed = town.observed("land-officers").await;
    assert_eq!(observed["unknown_there"], json!(["canbo77"]), "{observed}");
    assert_eq!(observed["unknown_here"], json!(["canbo02", "canbo03", "canbo04"]), "{observed}");
    let asked = json!({ "list": "officers", "codes": ["canbo01", "canbo77"] });
    let (status, answer) = town.gateway.post("/v1/operations/land.check-counterparts/call", &asked).await;
    assert_eq!((status, &answer["missing"]), (200, &json!(["canbo77"])), "{answer}");
    assert!(!town.land.report().tally.calls.contains_key("tiepnhan"), "no dossier had to fail for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_ends_in_exists_already_which_is_success() {
    let town = Town::start(LandOptions::default()).await;
    for (fault, code) in [
        (Fault::ResetAfterStore, "H56.14-260115-0121"),
        (Fault::TruncatedBody, "H56.14-260115-0122"),
        (Fault::AlreadyExists, "H56.14-260115-0123"),
    ] {
        assert!(town.land.inject_on("tiepnhan", fault, 1));
        let exchange = received(&town, code, "mc01").await;
        assert_eq!(exchange["state"], "delivered", "{fault:?}: {exchange}");
        let counts = town.land.dossier(code).unwrap().counts;
        assert_eq!(counts.changed, 0, "{fault:?}: the same bytes went again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_that_only_look_like_success_are_parked() {
    let town = Town::start(LandOptions::default()).await;
    for (fault, code, kind) in [
        (Fault::FileExists, "H56.14-260115-0131", "conflict"),
        (Fault::OtherExists, "H56.14-260115-0132", "conflict"),
        (Fault::NotSuccessfulWithCode200, "H56.14-260115-0133", "rejected"),
    ] {
        assert!(town.land.inject_on("tiepnhan", fault, 1));
        let exchange = received(&town, code, "mc01").await;
        assert_eq!(exchange["deliveries"][0]["fault"]["kind"], kind, "{fault:?}: {exchange}");
        assert!(town.land.dossier(code).is_none());
    }
    // A supplement nobody asked for, and one about a dossier nobody received.
    received(&town, "H56.14-260115-0134", "mc01").await;
    for (code, kind) in [("H56.14-260115-0134", "conflict"), ("H56.14-260115-0135", "not_found")] {
        let body = json!({ "code": code, "papers": [{ "name": "Trích đo", "originals": 1 }] });
        let envelope = json!({ "operation": "land.supplement-dossier", "key": code, "body": body });
        let (_, exchange) = town.gateway.submit_and_wait(&format!("{code}-bs"), &envelope).await;
        assert_eq!(exchange["deliveries"][0]["fault"]["kind"], kind, "{exchange}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_goes_through_the_office_and_back_in_both_dialects() {
    for (dialect, code) in [(Dialect::Vbdlis, "H56.14-260115-0141"), (Dialect::Ilis, "H56.14-260115-0142")] {
        let script = Script { supplements: 1000, forwards: 1, ..Script::default() };
        let town = Town::start(LandOptions { dialect, script, ..LandOptions::default() }).await;
        assert_eq!(received(&town, code, "mc01").await["state"], "delivered", "{dialect}");
        // An old token costs a refresh, and no message.
        town.land.expire_tokens(false);
        town.steps(code, 2).await;
        town.message(code, "land.supplement-requested").await;
        town.supplement(code, "Đã bổ sung trích đo").await;
        town.steps(code, 2).await;
        let notices = town.message(code, "land.tax-result-received").await["notices"].as_array().unwrap().clone();
        assert_eq!(notices.len(), 2);
        for notice in &notices {
            town.supplement(code, notice["notice_number"].as_str().unwrap()).await;
        }
        town.steps(code, 1).await;
        let finished = town.message(code, "land.dossier-finished").await;
        assert_eq!((&finished["end"], finished["results"].as_array().unwrap().len()), (&json!("result"), 1));
        let body = json!({ "code": code, "returned_at": "2026-03-01T09:00:00+07:00" });
        let envelope = json!({ "operation": "land.return-result", "key": code, "body": body });
        let (_, exchange) = town.gateway.submit_and_wait("tra", &envelope).await;
        assert_eq!(exchange["state"], "delivered", "{dialect}: {exchange}");
        let counts = town.land.dossier(code).unwrap().counts;
        assert_eq!((counts.receipts, counts.supplements, counts.returned), (1, 3, 1), "{dialect}");
        assert_eq!((counts.doubled, counts.out_of_order, counts.unasked, counts.refused), (0, 0, 0, 0), "{dialect}");
        let report = town.land.report();
        let logins = if dialect == Dialect::Ilis { (1, 1) } else { (0, 0) };
        assert_eq!((report.logins, report.refreshes), logins, "{dialect}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_harsh_office_gets_every_dossier_once_and_its_pushes_arrive_once() {
    let script = Script { supplements: 0, forwards: 2, ..Script::auto() };
    let options = LandOptions { profile: FaultProfile::Harsh, seed: 3, script, ..LandOptions::default() };
    let town = Town::start(options).await;
    let codes: Vec<String> = (200..230).map(|number| format!("H56.14-260115-{number:04}")).collect();
    for code in &codes {
        let (status, answer) = town.gateway.submit(code, &dossier(code, "mc01")).await;
        assert_eq!(status, 202, "{answer}");
    }
    for code in &codes {
        town.delivered(code).await;
        town.arrives(code, "land.tax-result-received").await;
    }
    let report = town.land.report();
    assert_eq!((report.dossiers, report.totals.changed, report.totals.out_of_order), (30, 0, 0), "{report:?}");
    assert_eq!((report.totals.refused, report.totals.unanswered), (0, 0), "{report:?}");
    let (_, groups) = town.gateway.get("/v1/errors").await;
    let parked: u64 = groups["groups"].as_array().unwrap().iter().map(|group| group["parked"].as_u64().unwrap()).sum();
    assert_eq!(parked, 0, "{groups}");
    for code in &codes {
        let pushes = town.land.dossier(code).unwrap().pushes;
        let forwards = pushes.iter().filter(|push| push.name == "ChuyenHoSo").count();
        assert_eq!(town.messages(code, "land.dossier-forwarded").await.len(), forwards, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_wait_for_a_gateway_that_was_killed_and_arrive_once() {
    let town = Town::start(LandOptions::default()).await;
    let code = "H56.14-260115-0151";
    received(&town, code, "mc01").await;
    let notice = Push::TaxResult {
        officer: "canbo02".to_owned(),
        at: "2026-01-25T02:00:00Z".parse().unwrap(),
        note: String::new(),
        notices: Vec::new(),
    };
    assert_eq!(town.land.push(code, notice).await.unwrap().result(), Some(1));
    let town = town.killed_and_restarted().await;
    let record = town.land.push(code, forward("2026-01-26T02:00:00Z", &[])).await.unwrap();
    assert_eq!(record.result(), Some(1), "{record:?}");
    assert_eq!(town.messages(code, "land.tax-result-received").await.len(), 1);
    assert_eq!(town.messages(code, "land.dossier-forwarded").await.len(), 1);
}
