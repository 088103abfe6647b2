//! The portal's stories the product must survive, each named after what happens at the province.

use lienthong_simulators::portal::{Fault, FaultProfile, Matcher, WriteKind};
use serde_json::{Value, json};

use crate::harness::{Bench, Gateway};

fn dossier(code: &str, mark: u64, status: &str, more: &Value) -> Value {
    let mut body = json!({
        "code": code, "procedure_code": "1.000094.000.00.00.H56", "received_at": "2026-01-15T08:00:00+07:00",
        "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "other_information": format!("lienthong-seq={mark}"),
        "status": status,
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "operation": "portal.sync-dossier", "key": code, "body": body })
}

fn step(code: &str, mark: u64) -> Value {
    let content = format!("Thẩm định hồ sơ [#{mark}]");
    let step = json!({ "officer": "Trần Thị Mẫu", "at": "2026-01-15T08:30:00+07:00", "content": content, "status": "processing" });
    json!({ "operation": "portal.sync-progress", "key": code, "body": { "code": code, "steps": [step] } })
}

async fn start() -> (Bench, Gateway) {
    let bench = Bench::new(FaultProfile::None).await;
    let gateway = bench.gateway().await;
    (bench, gateway)
}

async fn delivered(gateway: &Gateway, key: &str, envelope: &Value) -> Value {
    let (status, exchange) = gateway.submit_and_wait(key, envelope).await;
    assert_eq!((status, exchange["state"].as_str()), (200, Some("delivered")), "{exchange}");
    exchange
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_with_an_old_prefix_keeps_it_for_life() {
    let (bench, gateway) = start().await;
    let code = "000.00.14.H56-250620-0007";
    delivered(&gateway, "a1", &dossier(code, 1, "received", &json!({}))).await;
    let returned = json!({ "returned_at": "2026-07-09T10:00:00+07:00", "finished_at": "2026-07-08T10:00:00+07:00" });
    delivered(&gateway, "a2", &dossier(code, 2, "returned", &returned)).await;
    let kept = bench.portal.dossier(code).unwrap();
    assert_eq!((kept.code.as_str(), kept.status), (code, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn supplement_asked_twice_and_returned_late_shows_what_the_desk_shows() {
    let (bench, gateway) = start().await;
    let code = "H56.14-260210-0012";
    let due = |at: &str| json!({ "due_at": at });
    let supplements = json!({
        "due_at": "2026-03-05T17:00:00+07:00",
        "supplements": [
            { "id": "BS1", "requested_at": "2026-02-11T09:00:00+07:00", "previous_due_at": "2026-02-12T17:00:00+07:00",
              "received_at": "2026-02-13T09:00:00+07:00", "new_due_at": "2026-02-24T17:00:00+07:00" },
            { "id": "BS2", "requested_at": "2026-02-25T09:00:00+07:00", "previous_due_at": "2026-02-24T17:00:00+07:00" },
        ],
    });
    let steps = [
        ("received", due("2026-02-12T17:00:00+07:00")),
        ("supplement_required", due("2026-02-12T17:00:00+07:00")),
        ("processing", due("2026-02-24T17:00:00+07:00")),
        ("supplement_required", supplements),
        ("returned", json!({ "due_at": "2026-03-05T17:00:00+07:00", "returned_at": "2026-03-09T10:00:00+07:00" })),
    ];
    for (place, (status, more)) in steps.iter().enumerate() {
        let mark = u64::try_from(place).unwrap() + 1;
        delivered(&gateway, &format!("s{place}"), &dossier(code, mark, status, more)).await;
    }
    let kept = bench.portal.dossier(code).unwrap();
    let statuses: Vec<u8> = kept.writes.iter().map(|write| write.status).collect();
    assert_eq!(statuses, [2, 5, 4, 5, 10], "no status is bent or skipped");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_lost_after_an_update_and_the_same_bytes_go_again() {
    let (bench, gateway) = start().await;
    let code = "H56.14-260115-0001";
    delivered(&gateway, "u1", &dossier(code, 1, "received", &json!({}))).await;
    let lost = Fault::ResetAfterStore;
    assert!(bench.portal.inject_on(Matcher::service("DongBoHoSoMC"), lost, 1));
    let exchange = delivered(&gateway, "u2", &dossier(code, 2, "processing", &json!({}))).await;
    assert!(exchange["deliveries"][0]["attempts"].as_u64().unwrap() > 1, "{exchange}");
    let totals = bench.portal.report().stored;
    assert_eq!((totals.duplicated, totals.out_of_order, totals.repeated_snapshots), (0, 0, 1), "{totals:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_lost_after_a_progress_step_and_a_person_decides() {
    let (bench, gateway) = start().await;
    let code = "H56.14-260115-0002";
    delivered(&gateway, "p0", &dossier(code, 1, "received", &json!({}))).await;
    assert!(bench.portal.inject_on(Matcher::service("CapNhatTienDoHoSoMC"), Fault::ResetAfterStore, 1));
    let (status, exchange) = gateway.submit_and_wait("p1", &step(code, 2)).await;
    assert_eq!((status, exchange["state"].as_str()), (200, Some("attention")), "{exchange}");
    let delivery = &exchange["deliveries"][0];
    assert_eq!(delivery["fault"]["code"], "LT-OUTCOME-UNKNOWN");
    // The dossier's own status is not held back by it.
    delivered(&gateway, "p2", &dossier(code, 3, "processing", &json!({}))).await;
    // Releasing may send it twice: that must be confirmed; the portal has it, so it is discarded with that reason.
    let id = delivery["id"].as_str().unwrap();
    let (refused, problem) =
        gateway.post(&format!("/v1/deliveries/{id}/release"), &json!({ "reason": "thử lại" })).await;
    assert_eq!((refused, problem["code"].as_str()), (409, Some("LT-CONFIRMATION-NEEDED")), "{problem}");
    let (no_reason, problem) = gateway.post(&format!("/v1/deliveries/{id}/discard"), &json!({})).await;
    assert_eq!((no_reason, problem["code"].as_str()), (400, Some("LT-REASON-MISSING")), "{problem}");
    let reason = json!({ "reason": "Cổng đã có bước này" });
    let (done, answer) = gateway.post(&format!("/v1/deliveries/{id}/discard"), &reason).await;
    assert_eq!((done, answer["state"].as_str()), (200, Some("discarded")), "{answer}");
    assert_eq!(bench.portal.steps(code).len(), 1, "one step, once");
}

#[tokio::test(flavor = "multi_thread")]
async fn not_successful_with_code_zero_is_a_failure() {
    let (bench, gateway) = start().await;
    assert!(bench.portal.inject(Fault::NotSuccessfulWithCodeZero, 1));
    let code = "H56.14-260115-0003";
    let (_, exchange) = gateway.submit_and_wait("n1", &dossier(code, 1, "received", &json!({}))).await;
    assert_eq!(exchange["state"], "attention", "{exchange}");
    assert_eq!(exchange["deliveries"][0]["fault"]["code"], "LT-REJECTED");
    assert!(bench.portal.dossier(code).is_none());
    // Repaired once: released as a group, it goes through.
    let (_, groups) = gateway.get("/v1/errors").await;
    let group = groups["groups"][0]["id"].as_str().unwrap().to_owned();
    let (status, answer) =
        gateway.post(&format!("/v1/errors/{group}/release"), &json!({ "reason": "Cổng đã sửa" })).await;
    assert_eq!((status, answer["moved"].as_u64()), (200, Some(1)), "{answer}");
    gateway.settle().await;
    assert_eq!(bench.portal.dossier(code).unwrap().status, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn eleven_steps_are_two_deliveries_in_order() {
    let (bench, gateway) = start().await;
    let code = "H56.14-260115-0004";
    delivered(&gateway, "e0", &dossier(code, 1, "received", &json!({}))).await;
    let steps: Vec<Value> = (2..13)
        .map(|mark| json!({ "officer": "Mẫu", "at": "2026-01-15T09:00:00+07:00", "content": format!("Bước [#{mark}]"), "status": "processing" }))
        .collect();
    let envelope =
        json!({ "operation": "portal.sync-progress", "key": code, "body": { "code": code, "steps": steps } });
    let exchange = delivered(&gateway, "e1", &envelope).await;
    assert_eq!(exchange["deliveries"].as_array().unwrap().len(), 2, "{exchange}");
    let marks: Vec<u64> = bench.portal.steps(code).iter().map(|write| write.seq.unwrap()).collect();
    assert_eq!(marks, (2..13).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_of_maintenance_parks_nothing_and_everything_resumes_by_itself() {
    let (bench, gateway) = start().await;
    assert!(bench.portal.inject(Fault::Maintenance { millis: 2_500, status: 503 }, 1));
    for number in 10..60 {
        let code = format!("H56.14-260115-{number:04}");
        let (status, answer) = gateway.submit(&code, &dossier(&code, 1, "received", &json!({}))).await;
        assert_eq!(status, 202, "{answer}");
    }
    gateway.settle().await;
    let report = bench.portal.report();
    assert_eq!((report.stored.dossiers, report.stored.repeated_snapshots), (50, 0));
    assert_eq!(gateway.backlog().await.4, 0, "nothing is parked");
    let asked_meanwhile = report.tally.answers.get("maintenance").copied().unwrap_or(0);
    assert!(asked_meanwhile > 0 && asked_meanwhile < 25, "the gate closed: {asked_meanwhile} calls met the page");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_session_costs_one_login_and_no_message() {
    let (bench, gateway) = start().await;
    delivered(&gateway, "x0", &dossier("H56.14-260115-0005", 1, "received", &json!({}))).await;
    bench.portal.expire_sessions();
    for number in 6..10 {
        let code = format!("H56.14-260115-{number:04}");
        delivered(&gateway, &code, &dossier(&code, 1, "received", &json!({}))).await;
    }
    let report = bench.portal.report();
    assert_eq!((report.logins, report.logins_at_once), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_in_decomposed_unicode_arrives_composed_with_its_d_bar() {
    let (bench, gateway) = start().await;
    let code = "H56.14-260115-0021";
    let decomposed =
        json!({ "owner": { "name": "ĐA\u{323}\u{306}NG THI\u{323} MA\u{302}\u{303}U", "kind": "citizen" } });
    delivered(&gateway, "d1", &dossier(code, 1, "received", &decomposed)).await;
    let composed = json!({ "owner": { "name": "ĐẶNG THỊ MẪU", "kind": "citizen" } });
    delivered(&gateway, "d2", &dossier(code, 1, "received", &composed)).await;
    let writes = bench.portal.dossier(code).unwrap().writes;
    let kinds: Vec<WriteKind> = writes.iter().map(|write| write.kind).collect();
    assert_eq!(kinds, [WriteKind::Insert, WriteKind::Update]);
    assert_eq!(writes[0].digest, writes[1].digest, "both forms are one name on the wire");
}
