//! Requests read and answers told, without a port: items, conditions, outcomes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use lienthong_core::program::Program;
use lienthong_core::{Fault, FaultCode, FaultKind};
use serde_json::{Map, Value, json};

use super::answer::{Ended, Standing, event, outcome_of};
use super::items::Made;
use super::plan::{Asked, Endpoint, Place, Plan};
use super::{Facade, Facades, Migrated, Outcome, Proof};

/// Leaves what it is handed.
struct Same;

impl Program for Same {
    fn run(&self, event: Value) -> Result<Value, Fault> {
        Ok(event)
    }
}

fn endpoint(place: Place) -> Endpoint {
    Endpoint {
        name: "add".into(),
        method: Method::POST,
        path: "/ThemMoi".into(),
        query: BTreeMap::new(),
        body: BTreeMap::new(),
        operation: "portal.sync-dossier".parse().unwrap(),
        is_read: false,
        values: Map::new(),
        place,
        key: Some("/MaHoSo".into()),
        group: false,
        most: 10,
        procedure: None,
        wait: Duration::from_secs(1),
        program: Arc::new(Same),
        answers: BTreeMap::new(),
    }
}

fn facade(path: &str, endpoints: Vec<Endpoint>) -> Facade {
    let plan = Plan {
        name: "f".into(),
        client: "one-stop".parse().unwrap(),
        path: path.into(),
        body_limit: None,
        repeat_window: Duration::from_secs(900),
        migrated: Migrated::All,
        session_field: None,
        endpoints,
        answers: BTreeMap::new(),
    };
    Facade { plan, proof: Proof::default(), upstream: None }
}

fn keys(endpoint: &Endpoint, body: &Value) -> Result<Vec<(String, usize)>, FaultCode> {
    let items = endpoint.items(body).map_err(|fault| fault.code)?;
    Ok(items.into_iter().map(|item| (item.key.unwrap(), item.elements.len())).collect())
}

#[test]
fn a_path_belongs_to_a_facade_by_whole_segments() {
    let facades = Facades::new(vec![facade("/a/b", vec![]), facade("/a/bc", vec![])]);
    let below = |path: &str| facades.of(path).map(|(facade, below)| (facade.plan.path.clone(), below.to_owned()));
    assert_eq!(below("/a/b/c?"), Some(("/a/b".into(), "/c?".into())));
    assert_eq!(below("/a/b"), Some(("/a/b".into(), String::new())));
    assert_eq!(below("/a/bc/d"), Some(("/a/bc".into(), "/d".into())));
    assert_eq!(below("/a/bd"), None);
}

#[test]
fn items_stand_in_a_bare_array_in_an_envelope_or_alone() {
    let two = json!([{"MaHoSo": "a"}, {"MaHoSo": " b "}]);
    let both = [("a".to_owned(), 1), ("b".to_owned(), 1)];
    assert_eq!(keys(&endpoint(Place::Each(String::new())), &two).unwrap(), both);
    assert_eq!(keys(&endpoint(Place::Each("/data".into())), &json!({"data": two})).unwrap(), both);
    assert_eq!(keys(&endpoint(Place::One(String::new())), &two[0]).unwrap(), both[..1]);
}

#[test]
fn what_is_no_list_of_items_is_refused_with_its_place() {
    let each = endpoint(Place::Each(String::new()));
    let many: Vec<Value> = (0..11).map(|number| json!({"MaHoSo": number.to_string()})).collect();
    for body in [json!({}), json!([]), json!(null), json!(many), json!([{"MaHoSo": ""}]), json!([{"MaHoSo": 7}])] {
        assert_eq!(keys(&each, &body), Err(FaultCode::Invalid), "{body}");
    }
    let fault = each.items(&json!([{"MaHoSo": "a"}, {}])).unwrap_err();
    assert_eq!(fault.problems[0].pointer, "/1/MaHoSo");
}

#[test]
fn items_of_one_key_become_one_message_in_their_order() {
    let grouping = Endpoint { group: true, ..endpoint(Place::Each(String::new())) };
    let steps = json!([{"MaHoSo": "a", "n": 1}, {"MaHoSo": "b", "n": 2}, {"MaHoSo": "a", "n": 3}]);
    assert_eq!(keys(&grouping, &steps).unwrap(), [("a".to_owned(), 2), ("b".to_owned(), 1)]);
    let first = &grouping.items(&steps).unwrap()[0];
    let asked = Asked::new(&Method::POST, "/ThemMoi", None);
    assert_eq!(grouping.event(first, &asked, &steps)["items"], json!([steps[0], steps[2]]));
}

#[test]
fn an_envelope_is_what_stands_beside_the_items() {
    let each = endpoint(Place::Each("/data".into()));
    let body = json!({"session": "s", "isUpdating": "True", "data": [{"MaHoSo": "a"}]});
    let asked = Asked::new(&Method::POST, "/ThemMoi", Some("MaDinhDanhDV=H22&x=%C4%91"));
    let event = each.event(&each.items(&body).unwrap()[0], &asked, &body);
    assert_eq!(event["envelope"], json!({"session": "s", "isUpdating": "True"}));
    assert_eq!(event["query"], json!({"MaDinhDanhDV": "H22", "x": "đ"}));
    assert_eq!(event["item"], json!({"MaHoSo": "a"}));
}

#[test]
fn conditions_tell_end_points_of_one_path_apart() {
    let mut updating = endpoint(Place::Each("/data".into()));
    updating.body.insert("/service".into(), "DongBoHoSoMC".into());
    updating.query.insert("isUpdating".into(), "True".into());
    let facade = facade("/x", vec![updating]);
    let taken = |query: &str, body: &Value| {
        facade.plan.endpoint(&Asked::new(&Method::POST, "/ThemMoi", Some(query)), body).is_some()
    };
    assert!(taken("isupdating=true", &json!({"service": "dongbohosomc"})));
    assert!(!taken("isUpdating=False", &json!({"service": "DongBoHoSoMC"})));
    assert!(!taken("", &json!({"service": "DongBoHoSoMC"})));
    assert!(!taken("isUpdating=True", &json!({"service": ["DongBoHoSoMC"]})));
}

#[test]
fn a_program_leaves_a_message_or_says_what_it_left() {
    let each = endpoint(Place::One(String::new()));
    let item = &each.items(&json!({"MaHoSo": "H56-1"})).unwrap()[0];
    let asked = Asked::new(&Method::POST, "/ThemMoi", None);
    let fault = each.made(item, &asked, &json!({})).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Mapping, "the event itself is no message");
    let made: Made = serde_json::from_value(json!({"body": {}, "due_at": "2025-01-22T10:00:00Z"})).unwrap();
    assert!(made.key.is_none(), "the end point's pointer names it then");
}

fn ended(standing: Standing) -> Ended {
    Ended { key: Some("a".into()), exchange: None, standing }
}

fn fault(words: &str) -> Fault {
    Fault::of(FaultKind::Rejected, "secret detail").with_system_answer(Some("3".into()), Some(words))
}

#[test]
fn the_worst_of_several_messages_decides_what_is_told() {
    let delivered = || ended(Standing::Delivered(None));
    let pending = || ended(Standing::Pending(None));
    let failed = || ended(Standing::Failed(fault("x")));
    let refused = || ended(Standing::Refused(fault("x")));
    for (all, outcome) in [
        (vec![delivered(), delivered()], Outcome::Delivered),
        (vec![delivered(), pending()], Outcome::Pending),
        (vec![pending(), failed()], Outcome::Failed),
        (vec![delivered(), refused()], Outcome::Failed),
        (vec![refused(), refused()], Outcome::Refused),
    ] {
        assert_eq!(outcome_of(&all), outcome, "{all:?}");
    }
}

#[test]
fn templates_see_the_fault_with_the_targets_words_and_never_our_inside() {
    let all = [ended(Standing::Delivered(Some(json!({"n": 1})))), ended(Standing::Failed(fault("Mã không hợp lệ")))];
    let event = event(Outcome::Failed, &all, None, Map::new());
    assert_eq!(event["fault"]["system_text"], "Mã không hợp lệ");
    assert_eq!(event["items"][0]["answer"], json!({"n": 1}));
    assert_eq!(event["items"][1]["fault"]["code"], "LT-REJECTED");
    assert!(!event.to_string().contains("secret detail"), "{event}");
}
