//! Previews over HTTP: who may ask, what is refused and where, what is shown and what is hidden.

use lienthong_core::{Fault, FaultKind};
use serde_json::{Value, json};

use super::world::{CODE, OPERATOR, VIEWER, World};

/// Parks one dossier as refused; answers its delivery and its group.
async fn parked(world: &World) -> (String, String) {
    world.portal.next.lock().push_back(Fault::of(FaultKind::Rejected, "inner"));
    let id = world.submitted(CODE).await;
    let exchange = world.until(&id, "attention").await;
    let groups = world.get(VIEWER, "/v1/errors").await.json;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&exchange["deliveries"][0]["id"]), text(&groups["groups"][0]["id"]))
}

#[tokio::test]
async fn a_preview_tells_what_a_release_would_come_to_and_sends_nothing() {
    let world = World::new().await;
    let (delivery, group) = parked(&world).await;
    let sent = world.portal.received.lock().len();
    let path = format!("/v1/errors/{group}/preview");
    let plain = world.post(OPERATOR, &path, &Value::Null).await;
    assert_eq!(plain.status.as_u16(), 200, "{}", plain.json);
    let counts = &plain.json["counts"];
    assert_eq!((&counts["passes"], &counts["fails"], &plain.json["parked"]), (&json!(1), &json!(0), &json!(1)));
    assert_eq!((&plain.json["edited"], &plain.json["configuration"]), (&json!(false), &json!("v1")));

    let edits = json!({"transforms": {"portal.sync-dossier": ".status = \"seven\""}});
    let broken = world.post(OPERATOR, &path, &json!({ "edits": edits })).await.json;
    let cause = &broken["causes"][0];
    assert_eq!((&cause["verdict"], &cause["fault"]["code"]), (&json!("fails"), &json!("LT-MAPPING")), "{broken}");
    assert_eq!((&cause["sample_delivery"], &cause["count"]), (&json!(delivery), &json!(1)));

    let one = format!("/v1/deliveries/{delivery}/preview");
    let edits = json!({"transforms": {"portal.sync-dossier": ".status = 7\n.note = \"Mẫu\""}});
    let shown = world.post(OPERATOR, &one, &json!({"edits": edits, "differences": true})).await.json;
    let difference = &shown["deliveries"][0]["sends"][0]["difference"];
    assert_eq!((&difference["against"], &difference["attempt"]), (&json!("sent"), &json!(1)), "{shown}");
    let status = json!({"pointer": "/status", "before": 4, "after": 7, "hidden": false, "cut": false});
    let note = json!({"pointer": "/note", "after": "***", "hidden": true, "cut": false});
    assert_eq!(difference["fields"], json!([status, note]));
    let reveal = json!({"edits": edits, "reveal": true, "reason": "the note is disputed"});
    let revealed = world.post(OPERATOR, &one, &reveal).await.json;
    assert_eq!(revealed["deliveries"][0]["sends"][0]["difference"]["fields"][1]["after"], "Mẫu");
    let acts = world.get(OPERATOR, "/v1/acts?kind=exchange").await.json;
    assert_eq!(acts["acts"].as_array().map(Vec::len), Some(1), "{acts}");
    assert_eq!((&acts["acts"][0]["verb"], acts.to_string().contains("Mẫu")), (&json!("revealed"), false), "{acts}");

    let list = json!({"deliveries": [delivery, "0193b2a0-0000-7000-8000-000000000000.0"], "only": "not_previewed"});
    let listed = world.post(OPERATOR, "/v1/deliveries/preview", &list).await.json;
    assert_eq!((&listed["previewed"], listed["deliveries"].as_array().map(Vec::len)), (&json!(2), Some(1)), "{listed}");
    assert_eq!(listed["deliveries"][0]["fault"]["code"], "LT-NO-SUCH-RECORD");
    assert_eq!(world.portal.received.lock().len(), sent, "nothing is sent");
    let state = world.get(VIEWER, &format!("/v1/exchanges/{}", delivery.split('.').next().unwrap())).await;
    assert_eq!(state.json["state"], "attention");
}

#[tokio::test]
async fn what_is_wrong_with_a_preview_is_told_where_it_stands() {
    let world = World::new().await;
    let (delivery, group) = parked(&world).await;
    let path = format!("/v1/errors/{group}/preview");
    world.post(VIEWER, &path, &Value::Null).await.problem(403, "LT-NOT-PERMITTED");
    let bad = async |body: Value, pointer: &str| {
        world.post(OPERATOR, &path, &body).await.names(400, "LT-BAD-PARAMETER", pointer);
    };
    bad(json!({"limit": 0}), "/limit").await;
    bad(json!({"rows": 501}), "/rows").await;
    bad(json!({"only": "perhaps"}), "/only").await;
    bad(json!({"deliveries": [delivery]}), "/deliveries").await;
    bad(json!({"edits": {"tables": {"statuses": [{"word": "x", "number": 1.5}]}}}), "/edits/tables/statuses/0/number")
        .await;
    bad(json!({"edits": {"tables": {"statuses": [{"word": "x", "nombre": "1"}]}}}), "/edits/tables/statuses/0").await;
    bad(json!({"edits": {"transforms": {"portal.sync-dossier": "("}}}), "/edits/transforms/portal.sync-dossier").await;
    let silent = json!({"reveal": true});
    world.post(OPERATOR, &path, &silent).await.names(400, "LT-REASON-MISSING", "/reason");
    let list = "/v1/deliveries/preview";
    world.post(OPERATOR, list, &json!({})).await.names(400, "LT-BAD-PARAMETER", "/deliveries");
    let none = json!({"deliveries": ["x"]});
    world.post(OPERATOR, list, &none).await.names(400, "LT-BAD-PARAMETER", "/deliveries/0");
    let nobody = "/v1/errors/1-00000000000000000000000000000000/preview";
    world.post(OPERATOR, nobody, &Value::Null).await.problem(404, "LT-NO-SUCH-RECORD");
    let cursor = json!({"cursor": "nonsense"});
    world.post(OPERATOR, &path, &cursor).await.problem(400, "LT-BAD-CURSOR");
}
