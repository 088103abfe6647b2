//! Tests of the reads on the wire, of the lookup and of splitting: what the portal tells, and what it does not.

use std::time::Duration;

use lienthong_core::{Adapter, AttemptContext, Body, FaultKind, Lookup};
use serde_json::{Value, json};

use super::server::{Server, Step};
use super::support::{axis, bench, bench_at, name};

fn zero(result: Value) -> Step {
    Step::Json(json!({"error_code": "0", "message": "", "result": result}))
}

#[tokio::test]
async fn existence_is_told_by_rows_or_by_words_and_by_nothing_else() {
    let cases = [
        (zero(json!([{"MaHoSo": "x"}])), Ok(true)),
        (zero(json!({"MaHoSo": "x"})), Ok(true)),
        (zero(json!([])), Ok(false)),
        (Step::says(json!("3"), "Hồ sơ không tồn tại"), Ok(false)),
        (Step::says(json!(0), "Hồ sơ đã tồn tại"), Ok(true)),
        (Step::says(json!(0), ""), Err(FaultKind::Unintelligible)),
        (zero(json!("có")), Err(FaultKind::Unintelligible)),
        (Step::says(json!(5), "Lỗi tham số"), Err(FaultKind::Rejected)),
    ];
    for (step, expected) in cases {
        let server = Server::start([step]).await;
        let found = bench_at(&server).call_example("find-dossier").await;
        let found = found.map(|answer| answer["exists"].as_bool().unwrap()).map_err(|fault| fault.kind);
        assert_eq!(found, expected);
        assert_eq!(server.calls()[0].json()["mahoso"], "H56.14-250115-0007");
    }
}

#[tokio::test]
async fn a_status_is_told_where_the_answer_happens_to_tell_one_of_the_ten() {
    let row = |status: Value| json!({"MaHoSo": "H56.14-250115-0007", "TrangThaiHoSo": status});
    let cases = [
        (json!([row(json!("9"))]), json!("finished")),
        (json!([row(json!(10))]), json!("returned")),
        (json!([row(json!("11"))]), Value::Null),
        (json!([row(json!(null))]), Value::Null),
        (json!([row(json!("9")), row(json!("4"))]), Value::Null),
    ];
    for (rows, expected) in cases {
        let server = Server::start([zero(rows.clone())]).await;
        let answer = bench_at(&server).call_example("find-dossier").await.unwrap();
        assert_eq!((&answer["exists"], &answer["status"]), (&json!(true), &expected), "{rows}");
    }
}

#[tokio::test]
async fn lists_are_read_whole_or_not_at_all() {
    let server = Server::start([
        zero(json!([{"MATTHC": "1.000094", "TENTTHC": "A", "MUCDO": 4}, {"MATTHC": 2}])),
        zero(json!([{"MADONVI": "000.00.00.H56", "TENDONVI": "UBND", "CAPDONVI": 1}])),
        zero(json!({"MALINHVUC": "G15-TP01", "TENLINHVUC": "Hộ tịch", "MANGANH": ""})),
        zero(json!([{"TENTTHC": "không mã"}])),
        Step::Json(json!({"error_code": 0, "message": ""})),
    ])
    .await;
    let bench = bench_at(&server);
    let procedures = bench.call("list-procedures", json!({})).await.unwrap();
    assert_eq!(
        procedures["procedures"],
        json!([{"code": "1.000094", "name": "A", "other": {"MUCDO": "4"}}, {"code": "2"}])
    );
    let agencies = bench.call("list-agencies", json!({})).await.unwrap();
    assert_eq!(agencies["agencies"], json!([{"code": "000.00.00.H56", "name": "UBND", "level": "1"}]));
    let fields = bench.call("list-fields", json!({})).await.unwrap();
    assert_eq!(fields["fields"], json!([{"code": "G15-TP01", "name": "Hộ tịch"}]));
    for _ in 0..2 {
        let fault = bench.call("list-procedures", json!({})).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unintelligible, "a row without code, then no result at all");
    }
}

#[tokio::test]
async fn one_procedure_comes_in_an_array_and_must_be_the_one_asked_for() {
    let server = Server::start([
        zero(json!([{"MATTHC": "1.000094", "TENTTHC": "A"}])),
        zero(json!([])),
        zero(json!([{"MATTHC": "1.000095"}])),
        zero(json!([{"MATTHC": "1.000094"}, {"MATTHC": "1.000094"}])),
    ])
    .await;
    let bench = bench_at(&server);
    let ask = || bench.call("get-procedure", json!({"code": "1.000094"}));
    assert_eq!(ask().await.unwrap()["procedure"]["name"], "A");
    assert_eq!(server.calls()[0].json()["maTTHC"], "1.000094");
    assert_eq!(ask().await.unwrap_err().kind, FaultKind::NotFound);
    assert_eq!(ask().await.unwrap_err().kind, FaultKind::Unintelligible);
    assert_eq!(ask().await.unwrap_err().kind, FaultKind::Unintelligible);
}

#[tokio::test]
async fn a_lookup_is_never_done_and_not_done_only_after_the_settle_time() {
    let server = Server::start([]).await;
    let mut config = axis(&server.address);
    config["settle_time"] = json!("2m");
    let settled = bench(config);
    let attempt = |operation: &str, age| AttemptContext {
        attempt: 1,
        reference: "0.0.1".into(),
        sent: Body::json(serde_json::to_vec(&settled.example(operation)).unwrap()),
        age: Duration::from_secs(age),
    };
    let cx = settled.context();
    let look = async |operation: &str, age| {
        settled.portal.lookup(&cx, &name(operation), &attempt(operation, age)).await.unwrap()
    };
    assert!(matches!(look("sync-dossier", 119).await, Lookup::Unknown));
    assert!(matches!(look("sync-progress", 500).await, Lookup::Unknown));
    assert!(server.calls().is_empty());
    server.calls_answer([zero(json!([{"MaHoSo": "x"}])), zero(json!([]))]);
    assert!(matches!(look("sync-dossier", 120).await, Lookup::Unknown), "existence does not tell which content");
    assert!(matches!(look("sync-dossier", 120).await, Lookup::NotDone));
}

#[tokio::test]
async fn eleven_progress_steps_are_two_deliveries_in_order() {
    let server = Server::start([]).await;
    let bench = bench_at(&server);
    let mut input = bench.example("sync-progress");
    let step = input["steps"][0].clone();
    let steps: Vec<Value> = (0..11)
        .map(|place| {
            let mut step = step.clone();
            step["content"] = json!(format!("Bước {place}"));
            step
        })
        .collect();
    input["steps"] = json!(steps);
    let fault = bench.call("sync-progress", input.clone()).await.unwrap_err();
    assert_eq!((fault.kind, fault.problems[0].pointer.as_str()), (FaultKind::Invalid, "/steps"));
    let body = Body::json(serde_json::to_vec(&input).unwrap());
    let parts = bench.portal.split(&name("sync-progress"), &body).unwrap();
    for part in &parts {
        bench.portal.call(&bench.context(), &name("sync-progress"), part).await.unwrap();
    }
    let sent: Vec<Vec<Value>> =
        server.calls().iter().map(|call| call.json()["data"].as_array().unwrap().clone()).collect();
    assert_eq!(sent.iter().map(Vec::len).collect::<Vec<_>>(), [10, 1]);
    let contents: Vec<&str> = sent.iter().flatten().map(|step| step["NoiDungXuLy"].as_str().unwrap()).collect();
    assert_eq!(contents, (0..11).map(|place| format!("Bước {place}")).collect::<Vec<_>>());
}
