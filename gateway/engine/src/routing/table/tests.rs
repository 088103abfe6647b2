//! Which routes take a message, in which order, and what is refused when they are loaded.

use std::sync::atomic::{AtomicUsize, Ordering};

use lienthong_core::{Body, SystemId};
use serde_json::json;

use super::*;
use crate::routing::fixture::{catalogue, dossier, dossiers, meta, program, route, table};
use crate::routing::route::{OrderKeySpec, RouteSource};

const SYNC: &str = "portal.sync-dossier";

fn planned(table: &RouteTable, meta: &ExchangeMeta, body: &Value) -> Vec<String> {
    let plan = table.plan(meta, body).unwrap_or_else(|fault| panic!("{fault}"));
    plan.deliveries.iter().map(|delivery| delivery.route.spec.name.to_string()).collect()
}

fn problems(specs: Vec<RouteSpec>) -> Vec<RouteProblem> {
    RouteTable::compile(specs, &catalogue()).err().unwrap()
}

fn only(spec: RouteSpec) -> String {
    let problems = problems(vec![spec]);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!((problems[0].file.as_str(), problems[0].line), ("routes.yaml", 10));
    problems[0].problem.clone()
}

fn pushed() -> ExchangeMeta {
    let mut meta = meta("system-tax", "tax.notify");
    meta.source = Source::System(SystemId::new("tax").unwrap());
    meta
}

fn to_inbox(name: &str) -> RouteSpec {
    let mut spec = route(name, "tax.notify", SYNC);
    spec.from = RouteSource::System("tax".parse().unwrap());
    spec.to = RouteTarget::Inbox("one-stop".parse().unwrap());
    spec
}

#[test]
fn every_matching_route_makes_a_delivery_in_order_until_one_stops() {
    let (mut second, mut third, mut off) = (dossiers("second"), dossiers("third"), dossiers("off"));
    second.when = program(".status == 4");
    third.stop = true;
    off.enabled = false;
    let table = table(vec![off, dossiers("first"), second, third, dossiers("fourth")]);
    let from = meta("one-stop", SYNC);
    assert_eq!(planned(&table, &from, &dossier()), ["first", "second", "third"]);
    assert_eq!(planned(&table, &from, &json!({"status": 5})), ["first", "third"]);
}

#[test]
fn a_route_takes_only_from_its_source() {
    let (mut named, mut any) = (dossiers("named"), dossiers("any"));
    named.from = RouteSource::Clients(vec!["land".parse().unwrap(), "one-stop".parse().unwrap()]);
    any.from = RouteSource::AnyClient;
    let table = table(vec![named, any, to_inbox("notices")]);
    assert_eq!(planned(&table, &meta("one-stop", SYNC), &dossier()), ["named", "any"]);
    assert_eq!(planned(&table, &meta("other", SYNC), &dossier()), ["any"]);
    assert_eq!(planned(&table, &pushed(), &json!({})), ["notices"]);
    let mut other_system = pushed();
    other_system.source = Source::System("land".parse().unwrap());
    assert!(table.plan(&other_system, &json!({})).is_err());
}

#[test]
fn no_route_is_a_fault_that_names_operation_and_client() {
    let mut conditional = dossiers("a");
    conditional.when = program(".status == 9");
    let table = table(vec![conditional]);
    for (operation, told) in [(SYNC, "1 routes take"), ("portal.add-step", "no route takes")] {
        let fault = table.plan(&meta("one-stop", operation), &dossier()).err().unwrap();
        assert_eq!((fault.kind, fault.code), (FaultKind::Forbidden, FaultCode::NoRoute));
        assert!(fault.detail.starts_with(told) && fault.detail.contains(operation), "{}", fault.detail);
        assert!(fault.detail.contains("one-stop"), "{}", fault.detail);
    }
}

#[test]
fn more_deliveries_than_the_limit_are_refused() {
    let many = |count: usize| table((0..count).map(|number| dossiers(&format!("r{number}"))).collect());
    let from = meta("one-stop", SYNC);
    assert_eq!(planned(&many(limits::DELIVERIES), &from, &dossier()).len(), limits::DELIVERIES);
    let fault = many(limits::DELIVERIES + 1).plan(&from, &dossier()).err().unwrap();
    assert_eq!(fault.code, FaultCode::Mapping);
}

#[test]
fn the_order_key_is_the_business_key_or_a_field() {
    let mut by_owner = dossiers("owner");
    by_owner.order_key = OrderKeySpec::Pointer("/owner/id".to_owned());
    let table = table(vec![dossiers("key"), by_owner]);
    let keys = |body: &Value| -> Result<Vec<String>, Fault> {
        let plan = table.plan(&meta("one-stop", SYNC), body)?;
        Ok(plan.deliveries.iter().map(|delivery| delivery.order_key.to_string()).collect())
    };
    assert_eq!(keys(&json!({"owner": {"id": "P-1"}})).unwrap(), ["H56.14-250115-0007", "P-1"]);
    assert_eq!(keys(&json!({"owner": {"id": 77}})).unwrap(), ["H56.14-250115-0007", "77"]);
    for (owner, class) in [
        (json!({}), "missing"),
        (json!({"id": null}), "null"),
        (json!({"id": ""}), "string"),
        (json!({"id": 1.5}), "number"),
    ] {
        let fault = keys(&json!({"owner": owner})).unwrap_err();
        assert_eq!((fault.code, fault.problems[0].pointer.as_str()), (FaultCode::Mapping, "/owner/id"));
        assert_eq!(fault.problems[0].value_class.as_deref(), Some(class));
    }
}

#[test]
fn a_condition_that_fails_refuses_the_message_whole() {
    let mut failing = dossiers("failing");
    failing.when = program("int!(.status) > 3");
    let table = table(vec![dossiers("first"), failing]);
    let fault = table.plan(&meta("one-stop", SYNC), &json!({"status": "4"})).err().unwrap();
    assert_eq!(fault.code, FaultCode::Mapping);
}

#[test]
fn a_call_takes_the_first_matching_route_to_a_read_operation() {
    let find = |name: &str, to: &str| route(name, "portal.find-dossier", to);
    let mut conditional = find("conditional", "registry.find-dossier");
    conditional.when = program(".year == 2024");
    let mut inbox = find("inbox", "portal.find-dossier");
    inbox.to = RouteTarget::Inbox("one-stop".parse().unwrap());
    let table = table(vec![
        inbox,
        conditional,
        find("registry", "registry.find-dossier"),
        find("portal", "portal.find-dossier"),
    ]);
    let from = meta("one-stop", "portal.find-dossier");
    assert_eq!(table.for_call(&from, &json!({"year": 2025})).unwrap().spec.name.as_str(), "registry");
    assert_eq!(table.for_call(&from, &json!({"year": 2024})).unwrap().spec.name.as_str(), "conditional");
    let fault = table.for_call(&meta("one-stop", SYNC), &dossier()).err().unwrap();
    assert_eq!(fault.code, FaultCode::NoRoute);
}

#[test]
fn a_disabled_route_takes_nothing_and_still_serves_its_deliveries() {
    let mut off = dossiers("off");
    off.enabled = false;
    let table = table(vec![off]);
    assert!(table.plan(&meta("one-stop", SYNC), &dossier()).is_err());
    let name: RouteName = "off".parse().unwrap();
    assert_eq!(table.route(&name).unwrap().spec.name, name);
    assert!(table.route(&"none".parse().unwrap()).is_none());
    assert_eq!(table.iter().count(), 1);
}

/// Bytes that tell when someone copies them: nobody may, so they stand at the same address.
#[test]
fn a_route_without_transform_passes_the_same_bytes_on_unread() {
    let table = table(vec![dossiers("as-is")]);
    let route = table.route(&"as-is".parse().unwrap()).unwrap();
    let received = Body::json(&b"not even JSON: 92233720368547758070.10"[..]);
    let sent = route.transform(&meta("one-stop", SYNC), &received).unwrap();
    assert_eq!(sent, received);
    assert_eq!(sent.bytes.as_ptr(), received.bytes.as_ptr());
}

#[test]
fn a_transform_whose_result_breaks_the_targets_schema_is_a_mapping_fault() {
    let mut spec = dossiers("changed");
    spec.transform = program(".status = \"4\"\n.extra = 1");
    let table = table(vec![spec]);
    let route = table.route(&"changed".parse().unwrap()).unwrap();
    let received = Body::json(serde_json::to_vec(&dossier()).unwrap());
    let fault = route.transform(&meta("one-stop", SYNC), &received).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Mapping);
    assert!(fault.detail.starts_with("routes.yaml:20: "), "{}", fault.detail);
    let pointers: Vec<_> = fault.problems.iter().map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(pointers.len(), 2);
    assert!(pointers.contains(&"/status") && pointers.contains(&"/extra"));
}

#[test]
fn one_compiled_program_serves_many_threads() {
    let mut spec = dossiers("shared");
    spec.transform = program(".status = to_int!(.status) + 1");
    let table = table(vec![spec]);
    let route = table.route(&"shared".parse().unwrap()).unwrap();
    let done = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for status in 1..=8 {
            let done = &done;
            scope.spawn(move || {
                let mut body = dossier();
                body["status"] = json!(status);
                let received = Body::json(serde_json::to_vec(&body).unwrap());
                for _ in 0..50 {
                    let sent = route.transform(&meta("one-stop", SYNC), &received).unwrap();
                    let sent: Value = serde_json::from_slice(&sent.bytes).unwrap();
                    assert_eq!(sent["status"], json!(status + 1));
                }
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
    });
    assert_eq!(done.into_inner(), 8);
}

#[test]
fn what_a_sender_cannot_bring_is_refused() {
    assert_eq!(only(route("a", "portal.sync-dosier", SYNC)), "there is no operation portal.sync-dosier");
    let mut from_system = dossiers("a");
    from_system.from = RouteSource::System("tax".parse().unwrap());
    assert_eq!(only(from_system), "tax pushes no portal.sync-dossier");
    let mut from_client = to_inbox("a");
    from_client.from = RouteSource::AnyClient;
    assert_eq!(only(from_client), "tax.notify is pushed by tax, no client can ask for it");
    let mut nobody = dossiers("a");
    nobody.from = RouteSource::Clients(Vec::new());
    assert_eq!(only(nobody), "route a takes from no client");
    let mut nothing = dossiers("a");
    nothing.operations.clear();
    assert_eq!(only(nothing), "route a takes no operation");
    let mut twice = dossiers("a");
    twice.operations.push(SYNC.parse().unwrap());
    assert_eq!(only(twice), "route a names portal.sync-dossier twice");
}

#[test]
fn what_cannot_be_sent_to_is_refused() {
    assert_eq!(only(route("a", SYNC, "portal.nothing")), "there is no operation portal.nothing");
    assert!(only(route("a", SYNC, "tax.notify")).starts_with("tax.notify is what tax pushes"));
    assert!(only(route("a", SYNC, "portal.find-dossier")).contains("only reads: nothing would be delivered"));
    assert!(only(route("a", "portal.find-dossier", SYNC)).contains("changes something"));
}

#[test]
fn only_snapshots_are_superseded() {
    let mut snapshot = dossiers("snapshot");
    snapshot.supersede = true;
    table(vec![snapshot]);
    let mut once = route("a", "portal.add-step", "portal.add-step");
    once.supersede = true;
    assert_eq!(only(once), "portal.add-step is no snapshot");
    let mut inbox = to_inbox("a");
    inbox.supersede = true;
    assert!(only(inbox).contains("no snapshots"));
}

#[test]
fn a_malformed_pointer_is_refused() {
    for pointer in ["", "owner/id", "/a~2b", "/a~"] {
        let mut spec = dossiers("a");
        spec.order_key = OrderKeySpec::Pointer(pointer.to_owned());
        assert!(only(spec).contains("no JSON pointer"), "{pointer}");
    }
}

#[test]
fn all_problems_of_all_routes_are_told_at_once_disabled_ones_too() {
    let mut off = dossiers("off");
    off.enabled = false;
    off.when = program("now() == t'2025-01-15T00:00:00Z'");
    let mut bad = route("off", SYNC, "portal.nothing");
    bad.line = 30;
    bad.transform = program(".a = to_int(.b)");
    bad.order_key = OrderKeySpec::Pointer("x".to_owned());
    let problems = problems(vec![off, dossiers("good"), bad]);
    let told: Vec<_> =
        problems.iter().map(|problem| (problem.line, problem.problem.split(' ').next().unwrap())).collect();
    assert_eq!(told, [(30, "route"), (20, "`now`"), (30, "there"), (30, "the"), (20, "unhandled")], "{problems:#?}");
    assert!(problems.iter().all(|problem| !problem.remedy.is_empty()));
    assert!(problems[0].problem.contains("stands already at routes.yaml:10"));
    assert!(problems[2].remedy.contains("known are portal.add-step, portal.find-dossier, portal.sync-dossier"));
}
