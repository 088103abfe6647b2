//! Amendments over HTTP: who may, what is refused and where, what is shown and what is hidden.

use lienthong_core::{Fault, FaultKind};
use serde_json::{Value, json};

use super::world::{CODE, OPERATOR, VIEWER, World};

async fn parked(world: &World) -> (String, String) {
    world.portal.next.lock().push_back(Fault::of(FaultKind::Rejected, "inner"));
    let id = world.submitted(CODE).await;
    let exchange = world.until(&id, "attention").await;
    (id, exchange["deliveries"][0]["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_content_is_shown_with_its_schema_for_a_reason_and_amended() {
    let world = World::new().await;
    let (exchange, delivery) = parked(&world).await;
    let path = format!("/v1/deliveries/{delivery}");
    world.get(VIEWER, &format!("{path}/content?reason=x")).await.problem(403, "LT-NOT-PERMITTED");
    world.get(OPERATOR, &format!("{path}/content")).await.problem(400, "LT-REASON-MISSING");
    let shown = world.get(OPERATOR, &format!("{path}/content?reason=misspelt")).await.json;
    assert_eq!((&shown["content"]["code"], &shown["edited"]), (&json!(CODE), &json!("received")), "{shown}");
    assert_eq!((&shown["schema"]["type"], &shown["second_person"]), (&json!("object"), &json!(false)));
    let seen = &shown["delivery"]["version"];

    let mended = json!({"code": CODE, "status": 5, "note": "Mẫu"});
    let tried = world.post(OPERATOR, &format!("{path}/amend"), &json!({"body": mended, "dry_run": true})).await.json;
    let note = json!({"pointer": "/note", "after": "***", "hidden": true, "cut": false});
    assert_eq!(tried["outcome"], "tried", "{tried}");
    assert!(tried["difference"]["fields"].as_array().unwrap().contains(&note), "{tried}");
    let asked = json!({"body": mended, "reason": "the ward said so", "seen": seen});
    let sent = world.post(OPERATOR, &format!("{path}/amend"), &asked).await.json;
    assert_eq!((&sent["outcome"], &sent["delivery"]["amended"]), (&json!("sent"), &json!(1)), "{sent}");
    world.until(&exchange, "delivered").await;
    assert_eq!(world.portal.received.lock().last().unwrap(), &mended);
    world.post(OPERATOR, &format!("{path}/amend"), &asked).await.problem(409, "LT-WRONG-STATE");
}

#[tokio::test]
async fn what_is_wrong_with_an_amendment_is_told_where_it_stands() {
    let world = World::new().await;
    let (_, delivery) = parked(&world).await;
    let path = format!("/v1/deliveries/{delivery}/amend");
    let good = json!({"body": {"code": CODE, "status": 5}, "reason": "x"});
    world.post(VIEWER, &path, &good).await.problem(403, "LT-NOT-PERMITTED");
    let bad = async |body: Value, code: &str, pointer: &str| {
        world.post(OPERATOR, &path, &body).await.names(400, code, pointer);
    };
    bad(json!({"body": {"code": CODE, "status": "five"}, "reason": "x"}), "LT-INVALID", "/body/status").await;
    bad(json!({"body": {"status": 5}, "reason": "x"}), "LT-INVALID", "/body/code").await;
    bad(json!({"body": {"code": CODE, "status": 5}}), "LT-REASON-MISSING", "/reason").await;
    bad(json!({"reason": "x"}), "LT-BAD-PARAMETER", "/body").await;
    bad(json!({"body": {"code": CODE, "status": 5}, "dry_run": true, "reveal": true}), "LT-REASON-MISSING", "/reason")
        .await;
    let none = format!("/v1/deliveries/{delivery}/amendments/1");
    world.post(OPERATOR, &format!("{none}/approve"), &Value::Null).await.problem(403, "LT-NOT-PERMITTED");
    world.post(OPERATOR, &format!("{none}/refuse"), &json!({"reason": "x"})).await.problem(404, "LT-NO-SUCH-RECORD");
    assert_eq!(world.get(VIEWER, "/v1/amendments").await.json, json!({"proposals": []}));
}
