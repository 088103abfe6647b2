//! What operators do about sync errors and systems.

use lienthong_core::{Fault, FaultCode, FaultKind, FieldProblem};
use serde_json::{Value, json};

use super::world::{ADMINISTRATOR, CODE, OPERATOR, VIEWER, World};
use crate::config::Problem;

/// Parks one dossier as refused; answers the exchange.
async fn parked(world: &World, code: &str) -> Value {
    let fault = Fault::of(FaultKind::Rejected, "inner").with_system_answer(Some("-1".into()), Some("their words"));
    world.portal.next.lock().push_back(fault);
    let id = world.submitted(code).await;
    world.until(&id, "attention").await
}

#[tokio::test]
async fn sync_errors_are_grouped_shown_and_released() {
    let world = World::new().await;
    parked(&world, CODE).await;
    let other = parked(&world, "H56.14-250115-0008").await;
    let page = world.get(VIEWER, "/v1/errors?system=portal&kind=rejected").await.json;
    let group = &page["groups"][0];
    assert_eq!((page["groups"].as_array().map(Vec::len), &group["parked"]), (Some(1), &json!(2)), "{page}");
    assert_eq!(group["fault"]["system_text"], Value::Null, "viewers do not see the target's words");
    let path = format!("/v1/errors/{}", group["id"].as_str().unwrap());
    let shown = world.get(OPERATOR, &path).await.json;
    assert_eq!(shown["group"]["fault"]["system_text"], "their words");
    assert_eq!(shown["deliveries"].as_array().map(Vec::len), Some(2));
    let outcome = world.post(OPERATOR, &format!("{path}/release"), &json!({"reason": "corrected"})).await;
    assert_eq!((&outcome.json["moved"], &outcome.json["refused"]), (&json!(2), &json!([])), "{}", outcome.json);
    world.until(other["id"].as_str().unwrap(), "delivered").await;
}

#[tokio::test]
async fn giving_up_needs_a_reason() {
    let world = World::new().await;
    let exchange = parked(&world, CODE).await;
    let delivery = exchange["deliveries"][0]["id"].as_str().unwrap();
    let path = format!("/v1/deliveries/{delivery}/discard");
    world.post(OPERATOR, &path, &Value::Null).await.problem(400, "LT-REASON-MISSING");
    world.post(OPERATOR, &path, &json!({"reason": "   "})).await.problem(400, "LT-REASON-MISSING");
    let gone = world.post(OPERATOR, &path, &json!({"reason": "sent by hand"})).await;
    assert_eq!(gone.json["state"], "discarded", "{}", gone.json);
    world.post(OPERATOR, &path, &json!({"reason": "again"})).await.problem(409, "LT-WRONG-STATE");
}

#[tokio::test]
async fn one_delivery_is_released() {
    let world = World::new().await;
    let exchange = parked(&world, CODE).await;
    let path = format!("/v1/deliveries/{}/release", exchange["deliveries"][0]["id"].as_str().unwrap());
    let released = world.post(OPERATOR, &path, &json!({"reason": "corrected", "confirm": true})).await;
    assert_eq!(released.status.as_u16(), 200, "{}", released.json);
    world.until(exchange["id"].as_str().unwrap(), "delivered").await;
}

#[tokio::test]
async fn systems_are_paused_resumed_and_probed_one_or_all() {
    let world = World::new().await;
    let gate = async || world.get(VIEWER, "/v1/systems").await.json["systems"][0]["gate"].clone();
    assert_eq!(gate().await, "open");
    let paused = world.post(OPERATOR, "/v1/systems/*/pause", &json!({"reason": "works on the line"})).await;
    assert_eq!(paused.json["systems"][0]["gate"], "paused", "{}", paused.json);
    assert_eq!(paused.json["systems"][0]["reason"], "works on the line");
    let probed = world.post(OPERATOR, "/v1/systems/portal/probe", &Value::Null).await;
    assert_eq!(probed.json["results"], json!([{"system": "portal", "ok": true}]));
    world.portal.next.lock().push_back(Fault::of(FaultKind::Unreachable, "refused"));
    let probed = world.post(OPERATOR, "/v1/systems/*/probe", &Value::Null).await;
    assert_eq!(probed.json["results"][0]["fault"]["code"], "LT-UNREACHABLE");
    world.post(OPERATOR, "/v1/systems/portal/resume", &Value::Null).await;
    assert_ne!(gate().await, "paused");
    world.post(OPERATOR, "/v1/systems/land/probe", &Value::Null).await.problem(404, "LT-NO-SUCH-RECORD");
    world.post(OPERATOR, "/v1/systems/LAND/probe", &Value::Null).await.names(400, "LT-BAD-PARAMETER", "{system}");
}

#[tokio::test]
async fn a_refused_configuration_is_told_problem_by_problem() {
    let world = World::new().await;
    let path = "/v1/configuration/reload";
    assert_eq!(world.post(ADMINISTRATOR, path, &Value::Null).await.json, json!({"version": "v2"}));
    let problem = Problem {
        file: "routes/portal.yaml".to_owned(),
        line: 7,
        column: Some(3),
        problem: "there is no system land".to_owned(),
        remedy: "add systems/land.yaml or change the route".to_owned(),
    };
    world.reload.0.lock().push(problem);
    let refused = world.post(ADMINISTRATOR, path, &Value::Null).await;
    let told = &refused.problem(409, "LT-CONFIGURATION-REFUSED")["configuration_problems"][0];
    assert_eq!((&told["file"], &told["line"], &told["column"]), (&json!("routes/portal.yaml"), &json!(7), &json!(3)));
    assert_eq!(told["remedy"], "add systems/land.yaml or change the route");
}

#[tokio::test]
async fn codes_without_a_row_are_listed_with_counts_and_tables_are_shown() {
    let world = World::new().await;
    for code in [CODE, "H56.14-250115-0008"] {
        let mut problem = FieldProblem::new("/kind", "has no row in table statuses").of_class("lost");
        problem.table = Some("statuses".to_owned());
        let fault = Fault::new(FaultKind::Mapping, FaultCode::CodeUnmapped, "inner").with_problem(problem);
        world.portal.next.lock().push_back(fault);
        let id = world.submitted(code).await;
        world.until(&id, "attention").await;
    }
    let found = world.get(VIEWER, "/v1/tables/unmapped").await.json;
    let code = &found["codes"][0];
    assert_eq!(
        (&code["table"], &code["code"], &code["parked"]),
        (&json!("statuses"), &json!("lost"), &json!(2)),
        "{found}"
    );
    assert_eq!((&code["fields"], &found["truncated"]), (&json!(["/kind"]), &json!(false)));
    let tables = world.get(VIEWER, "/v1/tables").await.json;
    assert_eq!(
        (&tables["tables"][0]["name"], &tables["tables"][0]["rows"]),
        (&json!("statuses"), &json!(1)),
        "{tables}"
    );
    let shown = world.get(VIEWER, "/v1/tables/statuses").await.json;
    assert_eq!(shown["rows"], json!([{"key": ["***"], "values": ["2"], "line": 2}]), "a personal cell is not shown");
    world.get(VIEWER, "/v1/tables/nothing").await.problem(404, "LT-NO-SUCH-RECORD");
}

#[tokio::test]
async fn a_case_is_taken_noted_and_closed_and_what_was_done_is_told() {
    let world = World::new().await;
    let exchange = parked(&world, CODE).await;
    let page = world.get(VIEWER, "/v1/errors").await.json;
    let group = &page["groups"][0];
    assert_eq!((&group["case"]["state"], &group["case"]["who_must_act"]), (&json!("new"), &json!("source_system")));
    let path = format!("/v1/errors/{}", group["id"].as_str().unwrap());
    let keys = world.get(VIEWER, &format!("{path}/keys")).await.json;
    assert_eq!(keys, json!({"keys": [{"key": CODE, "parked": 1}], "more": 0, "hidden": 0, "truncated": false}));
    world.post(VIEWER, &format!("{path}/acknowledge"), &Value::Null).await.problem(403, "LT-NOT-PERMITTED");
    let assigned =
        world.post(OPERATOR, &format!("{path}/assign"), &json!({"owner": "Sở Tư pháp", "version": 0})).await.json;
    assert_eq!((&assigned["case"]["state"], &assigned["case"]["owner"]), (&json!("assigned"), &json!("Sở Tư pháp")));
    world.post(OPERATOR, &format!("{path}/assign"), &json!({"version": 0})).await.problem(409, "LT-WRONG-STATE");
    world.post(OPERATOR, &format!("{path}/note"), &json!({"text": " "})).await.problem(400, "LT-REASON-MISSING");
    world.post(OPERATOR, &format!("{path}/note"), &json!({"text": "đã gọi"})).await;
    world.post(OPERATOR, &format!("{path}/resolve"), &json!({"reason": "x"})).await.problem(409, "LT-WRONG-STATE");
    world.post(OPERATOR, &format!("{path}/release"), &Value::Null).await;
    world.until(exchange["id"].as_str().unwrap(), "delivered").await;
    world.post(OPERATOR, &format!("{path}/resolve"), &json!({"reason": "đã thu phí"})).await;
    let shown = world.get(VIEWER, &path).await.json;
    assert_eq!((&shown["notes"][0]["text"], &shown["fixes"][0]["how"]), (&json!("đã gọi"), &json!("đã thu phí")));
    assert_eq!(shown["group"]["case"]["state"], "resolved");
    let acts = world.get(OPERATOR, "/v1/acts?limit=9").await.json;
    let verbs: Vec<_> = acts["acts"].as_array().unwrap().iter().map(|act| act["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["resolved", "released", "noted", "assigned"]);
    world.get(VIEWER, "/v1/acts").await.problem(403, "LT-NOT-PERMITTED");
}

#[tokio::test]
async fn a_group_is_released_in_steps_that_are_shown() {
    let world = World::new().await;
    let exchange = parked(&world, CODE).await;
    let group = world.get(VIEWER, "/v1/errors").await.json["groups"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/errors/{group}/releases");
    world.post(VIEWER, &path, &Value::Null).await.problem(403, "LT-NOT-PERMITTED");
    world.post(OPERATOR, &path, &json!({"steps": [0]})).await.names(400, "LT-BAD-PARAMETER", "/steps");
    let begun = world.post(OPERATOR, &path, &json!({"steps": [1, 2], "reason": "đã thu phí"})).await;
    assert_eq!((begun.status.as_u16(), &begun.json["total"]), (202, &json!(1)), "{}", begun.json);
    world.post(OPERATOR, &path, &Value::Null).await.problem(409, "LT-WRONG-STATE");
    let shown = begun.header("location").to_owned();
    let paused = world.post(OPERATOR, &format!("{shown}/pause"), &json!({"reason": "chờ"})).await.json;
    assert_eq!((&paused["state"], &paused["by"]), (&json!("paused"), &begun.json["by"]));
    let case = world.get(VIEWER, &format!("/v1/errors/{group}")).await.json;
    assert_eq!(case["group"]["case"]["state"], "releasing");
    world.post(OPERATOR, &format!("{shown}/resume"), &Value::Null).await;
    let stopping = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn(lienthong_engine::release::run(world.state.service.clone(), stopping.clone()));
    world.until(exchange["id"].as_str().unwrap(), "delivered").await;
    super::world::until(async || {
        let list = world.get(VIEWER, "/v1/releases").await.json;
        (list["releases"][0]["state"] == "done").then_some(())
    })
    .await;
    stopping.cancel();
    running.await.unwrap();
    let done = world.get(VIEWER, &shown).await.json;
    assert_eq!((&done["delivered"], &done["failed"], &done["refusals"]), (&json!(1), &json!(0), &json!([])));
    world.post(OPERATOR, &format!("{shown}/stop"), &Value::Null).await.problem(409, "LT-WRONG-STATE");
    world.get(VIEWER, "/v1/releases/none").await.problem(404, "LT-NO-SUCH-RECORD");
}
