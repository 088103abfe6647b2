//! Route tests: what passes, what fails and how the difference reads, and which routes nobody tried.

use serde_json::json;

use super::*;
use crate::routing::RouteSpec;
use crate::routing::fixture::{NOW, catalogue, dossier, dossiers, program, route, table};

fn test(expect: RouteExpectation) -> RouteTest {
    RouteTest {
        name: "a dossier".to_owned(),
        file: "tests.yaml".to_owned(),
        line: 3,
        source: Source::Client("one-stop".parse().unwrap()),
        operation: "portal.sync-dossier".parse().unwrap(),
        key: "H56.14-250115-0007".parse().unwrap(),
        body: dossier(),
        call: false,
        purpose: None,
        on_behalf_of: None,
        due_at: None,
        class: Class::Live,
        received_at: NOW.parse().unwrap(),
        answers: BTreeMap::new(),
        expect,
    }
}

fn delivery(route: &str, body: Option<Value>) -> ExpectedDelivery {
    ExpectedDelivery {
        route: route.parse().unwrap(),
        to: None,
        order_key: None,
        body,
        stages: None,
        asks: None,
        children: None,
    }
}

fn changed() -> RouteSpec {
    let mut spec = dossiers("changed");
    spec.transform = program(".status = .status + 1 ?? null\n.owner = null\ndel(.fees)");
    spec
}

fn run(specs: Vec<RouteSpec>, tests: &[RouteTest]) -> RouteTestReport {
    table(specs).run_tests(&catalogue(), tests)
}

fn failure_of(specs: Vec<RouteSpec>, test: RouteTest) -> String {
    let report = run(specs, &[test]);
    let [failure] = report.failures.as_slice() else { panic!("{report:#?}") };
    assert_eq!((failure.file.as_str(), failure.line, report.passed), ("tests.yaml", 3, 0));
    failure.problem.clone()
}

#[test]
fn a_test_that_holds_passes_and_covers_its_routes() {
    let body = json!({"code": "H56.14-250115-0007", "status": 5, "owner": null});
    let mut first = delivery("changed", Some(body));
    first.to = Some(RouteTarget::Operation("portal.sync-dossier".parse().unwrap()));
    first.order_key = Some("H56.14-250115-0007".parse().unwrap());
    let expect = RouteExpectation::Deliveries(vec![first, delivery("as-is", None)]);
    let mut off = dossiers("off");
    off.enabled = false;
    let specs = vec![changed(), dossiers("as-is"), route("steps", "portal.add-step", "portal.add-step"), off];
    let report = run(specs, &[test(expect)]);
    assert_eq!((report.passed, report.failures.as_slice()), (1, [].as_slice()));
    let told: Vec<_> =
        report.coverage.iter().map(|route| (route.route.as_str(), route.taken, route.missing())).collect();
    let untaken = Some("no test has a message it takes");
    assert_eq!(
        told,
        [("changed", 1, None), ("as-is", 1, None), ("steps", 0, untaken)],
        "a disabled route needs no test"
    );
}

#[test]
fn a_difference_reads_field_by_field() {
    let expected = json!({"code": "H56.14-250115-0007", "status": 4, "due": "2025-02-01", "fees": [{"amount": 1}]});
    let mut first = delivery("changed", Some(expected));
    first.order_key = Some("other".parse().unwrap());
    first.to = Some(RouteTarget::Inbox("land".parse().unwrap()));
    let text = failure_of(vec![changed()], test(RouteExpectation::Deliveries(vec![first])));
    assert_eq!(
        text,
        "route test \"a dossier\" failed\n\
         delivery 1 (route changed): expected the inbox of land, it goes to operation portal.sync-dossier\n\
         delivery 1 (route changed): expected the order key other, got H56.14-250115-0007\n\
         delivery 1 (route changed): the body differs\n  \
           /due: expected \"2025-02-01\", it is missing\n  \
           /fees: expected [{\"amount\":1}], it is missing\n  \
           /status: expected 4, got 5\n  \
           /owner: not expected, got null"
    );
}

#[test]
fn deliveries_too_many_or_too_few_are_told() {
    let expect = |names: &[&str]| RouteExpectation::Deliveries(names.iter().map(|name| delivery(name, None)).collect());
    let specs = || vec![dossiers("a"), dossiers("b")];
    let told = failure_of(specs(), test(expect(&["a"])));
    assert!(told.ends_with("delivery 2: expected none, got route b"), "{told}");
    let told = failure_of(specs(), test(expect(&["b", "a", "c"])));
    assert!(told.contains("delivery 1: expected route b, got route a"), "{told}");
    assert!(told.ends_with("delivery 3: expected route c, got none"), "{told}");
}

#[test]
fn an_expected_fault_passes_by_kind_and_code_and_covers_no_route() {
    let mut refused = test(RouteExpectation::Fault { kind: FaultKind::Forbidden, code: Some(FaultCode::NoRoute) });
    refused.operation = "portal.add-step".parse().unwrap();
    let mut invalid = test(RouteExpectation::Fault { kind: FaultKind::Invalid, code: None });
    invalid.body = json!({});
    let mut unknown =
        test(RouteExpectation::Fault { kind: FaultKind::NotFound, code: Some(FaultCode::UnknownOperation) });
    unknown.operation = "portal.nothing".parse().unwrap();
    let report = run(vec![dossiers("a")], &[refused, invalid, unknown]);
    assert_eq!((report.passed, report.failures.len(), report.untested().count()), (3, 0, 1));
}

#[test]
fn another_fault_or_none_is_told() {
    let mapping = || test(RouteExpectation::Fault { kind: FaultKind::Mapping, code: None });
    let told = failure_of(vec![dossiers("a")], mapping());
    assert!(told.ends_with("expected the fault mapping, and it is delivered by a"), "{told}");
    let mut invalid = mapping();
    invalid.body = json!({"code": "H56.14-250115-0007"});
    let told = failure_of(vec![dossiers("a")], invalid);
    assert!(told.contains("expected the fault mapping, got invalid (LT-INVALID)"), "{told}");
    assert!(told.ends_with("/status: is required (missing)"), "{told}");
}

#[test]
fn a_failing_transform_fails_the_test_with_its_place() {
    let mut spec = dossiers("a");
    spec.transform = program("\n.status = int!(.code)");
    let told = failure_of(vec![spec], test(RouteExpectation::Deliveries(vec![delivery("a", None)])));
    assert!(told.contains("it is refused: mapping (LT-MAPPING): routes.yaml:21:11:"), "{told}");
    assert!(told.ends_with("/code: the program cannot use it (int) (string)"), "{told}");
}

#[test]
fn a_body_passed_on_as_received_must_fit_its_target() {
    let mut steps = test(RouteExpectation::Deliveries(vec![delivery("a", None)]));
    steps.operation = "portal.add-step".parse().unwrap();
    steps.body = json!({"step": 1});
    let told = failure_of(vec![route("a", "portal.add-step", "portal.sync-dossier")], steps);
    assert!(told.contains("what route a sends breaks its target's input schema"), "{told}");
}

#[test]
fn a_call_is_tested_as_a_call() {
    let find = |name: &str, to: &str| route(name, "portal.find-dossier", to);
    let specs = vec![find("first", "registry.find-dossier"), find("second", "portal.find-dossier")];
    let mut asked = test(RouteExpectation::Deliveries(vec![delivery("first", Some(json!({"code": "x"})))]));
    (asked.operation, asked.body, asked.call) = ("portal.find-dossier".parse().unwrap(), json!({"code": "x"}), true);
    let report = run(specs, &[asked]);
    assert_eq!((report.passed, report.untested().count()), (1, 1));
}

#[test]
fn conditions_see_what_the_test_says_of_the_exchange() {
    let mut spec = dossiers("a");
    spec.when = program(
        "%exchange.purpose == \"settle\" && %exchange.received_at == t'2025-01-15T01:02:03.5Z' && %exchange.class == \"bulk\"",
    );
    let mut told = test(RouteExpectation::Deliveries(vec![delivery("a", None)]));
    (told.purpose, told.class) = (Some("settle".to_owned()), Class::Bulk);
    assert_eq!(run(vec![spec], &[told]).passed, 1);
}

#[test]
fn a_long_difference_is_cut() {
    let many = |value: i64| -> Value { (0..100).map(|field| (format!("f{field}"), json!(value))).collect() };
    let lines = difference::fields(&many(1), &many(2));
    assert_eq!((lines.len(), lines[20].as_str()), (21, "  … and 80 more"));
    let long = difference::fields(&json!("x".repeat(1000)), &json!(1));
    assert!(long[0].chars().count() < 200);
}

#[test]
fn a_condition_has_two_sides_to_be_tried() {
    let mut urgent = dossiers("urgent");
    urgent.when = program(".status == 5");
    let specs = || vec![urgent.clone(), dossiers("as-is")];
    let missing = |tests: &[RouteTest]| run(specs(), tests).coverage[0].missing();
    let turned_away = test(RouteExpectation::Deliveries(vec![delivery("as-is", None)]));
    let mut taken = test(RouteExpectation::Deliveries(vec![delivery("urgent", None), delivery("as-is", None)]));
    taken.body["status"] = json!(5);
    assert_eq!(missing(&[]), Some("no test tries either side of its condition"));
    assert_eq!(missing(std::slice::from_ref(&turned_away)), Some("no test has a message it takes"));
    assert_eq!(missing(std::slice::from_ref(&taken)), Some("no test has a message its condition turns away"));
    assert_eq!(missing(&[taken, turned_away]), None);
}

#[test]
fn a_failed_test_covers_nothing() {
    let wrong = test(RouteExpectation::Deliveries(vec![delivery("other", None)]));
    let report = run(vec![dossiers("as-is")], &[wrong]);
    assert_eq!((report.failures.len(), report.untested().count()), (1, 1));
}
