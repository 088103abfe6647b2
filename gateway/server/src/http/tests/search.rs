//! Search over HTTP: the text in the body, the conditions of the list, what is wrong named, nobody's exchanges but one's own.

use http::StatusCode;
use lienthong_core::{Fault, FaultKind, FieldProblem};
use serde_json::{Value, json};

use super::world::{Answer, CODE, LAND, ONE_STOP, OPERATOR, VIEWER, World, submitting};

async fn noted(world: &World, client: &str, code: &str, note: &str) -> String {
    let envelope = json!({"operation": "portal.sync-dossier", "key": code, "body": {"code": code, "note": note}});
    let answer = world.ask(submitting(client, code, &envelope)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.json);
    answer.json["id"].as_str().unwrap().to_owned()
}

fn ids(answer: &Answer) -> Vec<&str> {
    answer.json["exchanges"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_text_finds_what_it_means_and_the_answer_says_how() {
    let world = World::new().await;
    let first = noted(&world, ONE_STOP, CODE, "Cấp phép xây dựng").await;
    let second = noted(&world, ONE_STOP, "H56.14-250115-0008", "Cấp phép kinh doanh").await;
    for (text, found_by, want) in [
        ("cap phep", "words", vec![second.as_str(), &first]),
        ("XÂY dựng", "words", vec![&first]),
        (CODE, "key", vec![&first]),
        (&second, "id", vec![&second]),
        (&first[..23], "id_prefix", vec![&first]),
    ] {
        let answer = world.post(VIEWER, "/v1/search", &json!({"text": text})).await;
        if found_by == "id_prefix" {
            assert!(ids(&answer).contains(&first.as_str()), "{text}");
        } else {
            assert_eq!(ids(&answer), want, "{text}");
        }
        assert_eq!(answer.json["found_by"], found_by, "{text}");
    }
    let nothing = world.post(VIEWER, "/v1/search", &json!({"text": "dat dai"})).await;
    assert_eq!((ids(&nothing).len(), &nothing.json["found_by"]), (0, &Value::Null));
    let page = world.post(VIEWER, "/v1/search", &json!({"text": "cap phep", "limit": 1})).await;
    let cursor = page.json["next_cursor"].as_str().unwrap();
    let next = world.post(VIEWER, "/v1/search", &json!({"text": "cap phep", "limit": 1, "cursor": cursor})).await;
    assert_eq!((ids(&page), ids(&next)), (vec![second.as_str()], vec![first.as_str()]));
}

#[tokio::test]
async fn a_client_finds_its_own_only() {
    let world = World::new().await;
    let own = noted(&world, ONE_STOP, CODE, "xây dựng").await;
    let other = noted(&world, LAND, "H56.14-250115-0008", "xây dựng").await;
    for (client, want) in [(ONE_STOP, vec![&own]), (LAND, vec![&other]), (OPERATOR, vec![&other, &own])] {
        let answer = world.post(client, "/v1/search", &json!({"text": "xay dung"})).await;
        assert_eq!(ids(&answer), want, "{client}");
    }
    let by_id = world.post(LAND, "/v1/search", &json!({"text": own})).await;
    assert_eq!(ids(&by_id).len(), 0);
    world.post(LAND, "/v1/search", &json!({"text": "x", "client": ONE_STOP})).await.problem(403, "LT-NOT-PERMITTED");
}

#[tokio::test]
async fn lists_and_searches_take_what_a_fault_says() {
    let world = World::new().await;
    let refusal = Fault::of(FaultKind::Rejected, "x").with_problem(FieldProblem::new("/owner/name", "is empty"));
    world.portal.next.lock().push_back(refusal);
    let parked = noted(&world, ONE_STOP, CODE, "xây dựng").await;
    let shown = world.until(&parked, "attention").await;
    noted(&world, ONE_STOP, "H56.14-250115-0008", "xây dựng").await;
    let group = shown["deliveries"][0]["error_group"].as_str().unwrap();
    for (name, value) in [
        ("fault", "rejected"),
        ("code", "LT-REJECTED"),
        ("group", group),
        ("field", "/owner"),
        ("state", "parked"),
        ("id", parked.as_str()),
        ("key", CODE),
    ] {
        let listed = world.get(VIEWER, &format!("/v1/exchanges?{name}={value}")).await;
        assert_eq!(ids(&listed), [&parked], "{name}");
        let searched = world.post(VIEWER, "/v1/search", &json!({"text": "dung", name: value})).await;
        assert_eq!(ids(&searched), [&parked], "{name}");
    }
    for (name, value, rows) in [
        ("route", "portal.sync-dossier", 2),
        ("updated_since", "2020-01-01T00:00:00Z", 2),
        ("updated_since", "2090-01-01T00:00:00Z", 0),
        ("fault", "not_found", 0),
    ] {
        let listed = world.get(VIEWER, &format!("/v1/exchanges?{name}={value}")).await;
        assert_eq!(ids(&listed).len(), rows, "{name}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_where_it_stands() {
    let world = World::new().await;
    let bad = "LT-BAD-PARAMETER";
    for (body, pointer) in [
        (json!({"text": "a".repeat(201)}), "/text"),
        (json!({"text": " ?! "}), "/text"),
        (json!({"text": 7}), "/text"),
        (json!({"words": "x"}), "/words"),
        (json!({"fault": "broken"}), "/fault"),
        (json!({"code": "LT-NONE"}), "/code"),
        (json!({"id": "0199"}), "/id"),
        (json!({"limit": 501}), "/limit"),
        (json!({"field": "owner"}), "/field"),
        (json!({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}), "/to"),
    ] {
        world.post(VIEWER, "/v1/search", &body).await.names(400, bad, pointer);
    }
    world.get(VIEWER, "/v1/exchanges?field=owner").await.names(400, bad, "?field");
    world.get(VIEWER, "/v1/exchanges?group=1").await.names(400, bad, "?group");
    // What is searched for stands in no address.
    world.get(VIEWER, "/v1/exchanges?text=x").await.names(400, bad, "?text");
    world.post(VIEWER, "/v1/search", &json!({"text": "x", "cursor": "x1.2"})).await.problem(400, "LT-BAD-CURSOR");
}
