//! Façades as configured: the examples load, and every mistake is told with its place.

use crate::config::tests::{example, files, problems, told};
use crate::config::{Problem, load};

const FILE: &str = "facades/one-stop-lgsp.yaml";

fn shipped() -> String {
    files(&example()).remove(FILE).unwrap()
}

fn found(text: &str) -> Vec<String> {
    told(&problems(&[(FILE, text)]))
}

/// One change of the shipped façade and what must be said of it, at the line of `at`.
fn one(from: &str, to: &str, at: &str, word: &str) {
    let text = shipped();
    assert!(text.contains(from), "{from}");
    let changed = text.replacen(from, to, 1);
    let line = 1 + changed.lines().position(|line| line.contains(at)).unwrap();
    let found = found(&changed);
    let start = format!("{FILE}:{line} ");
    assert!(found.iter().any(|told| told.starts_with(&start) && told.contains(word)), "{start} {word}\n{found:#?}");
}

#[test]
fn the_shipped_facades_load_and_their_examples_are_tried() {
    let loaded = load(&example()).map_err(|found| told(&found)).unwrap();
    assert_eq!(loaded.facades.len(), 1, "the one without secrets is enabled");
    assert!(loaded.facades.iter().map(|facade| facade.examples).sum::<usize>() >= 4);
}

#[test]
fn a_path_of_the_gateways_own_is_refused_and_so_is_one_of_another_facade() {
    one("path: /KetNoiMotCuaQuocGia\n", "path: /v1/dossiers\n", "path: /v1/dossiers", "belongs to the gateway itself");
    one("path: /KetNoiMotCuaQuocGia\n", "path: /in/portal\n", "path: /in/portal", "belongs to the gateway itself");
    one("path: /KetNoiMotCuaQuocGia\n", "path: /a/../v1\n", "path: /a/../v1", "neither . nor ..");
    let second = shipped().replacen("name: one-stop-lgsp", "name: second", 1);
    let second = second.replacen("path: /KetNoiMotCuaQuocGia\n", "path: /KetNoiMotCuaQuocGia/x\n", 1);
    let found = told(&problems(&[("facades/second.yaml", &second)]));
    assert!(found.len() == 1 && found[0].contains("overlap"), "{found:#?}");
}

#[test]
fn what_a_facade_refers_to_must_be_there() {
    one("client: one-stop\n", "client: one-shop\n", "client: one-shop", "there is no client `one-shop`");
    one("operation: portal.sync-dossier\n", "operation: portal.sync-dosier\n", "sync-dosier", "did you mean");
    one("operation: portal.sync-dossier\n", "operation: permits.find-permit\n", "permits.find", "may not ask for");
    one("{ file: dossier.vrl }", "{ file: dosier.vrl }", "dosier.vrl", "there is no file facades/dosier.vrl");
}

#[test]
fn an_example_that_ends_otherwise_is_a_problem_where_it_stands() {
    let name = "name: the least that is a dossier";
    one("status: returned", "status: finished", name, "the program leaves");
    one("TrangThaiHoSo: \"10\"", "TrangThaiHoSo: \"77\"", name, "no row");
    one(
        "message: Đồng bộ thành công, result: []",
        "message: Xong, result: []",
        "name: a dossier received online",
        "the answer",
    );
}

#[test]
fn programs_and_answers_are_checked_where_they_stand() {
    one(
        "replace(to_string(.fault.system_text)",
        "replaces(to_string(.fault.system_text)",
        "replaces",
        "undefined function",
    );
    let failing = "program: '. = {\"error_code\": \"1\", \"message\": int!(.items)}'";
    one(
        "program: '. = {\"error_code\": \"1\", \"message\": \"Đã tiếp nhận, chưa đồng bộ\", \"result\": []}'",
        failing,
        "int!(.items)",
        "answer `pending`",
    );
    one("  pending:\n    program", "  lost_too:\n    program", "lost_too", "`lost_too` is not known here");
}

#[test]
fn what_nothing_would_be_relayed_to_and_what_proves_nobody_are_problems() {
    let text = shipped();
    let without =
        text.replacen("upstream:\n  base: https://apidvc.h56.example/KetNoiMotCuaQuocGia\n  timeout: 30s\n", "", 1);
    let told = found(&without);
    assert!(told.iter().any(|told| told.contains("`upstream` is missing")), "{told:#?}");
    one("procedures: [\"1.000094\"]", "procedures: [1.000094.000.00.00.H56]", "procedures: [1.0", "no national code");
    one("base: https://apidvc", "base: http://apidvc", "base: http://apidvc", "without TLS");
    let unproved = text.replacen("  bearer:\n    - sha256:", "  # bearer:\n    # - sha256:", 1);
    let told = found(&unproved);
    assert!(told.iter().any(|told| told.contains("nothing proves a caller")), "{told:#?}");
}

#[test]
fn a_session_cannot_be_relayed_and_a_missing_password_is_told_at_its_reference() {
    let axis = files(&example()).remove("facades/axis.yaml").unwrap();
    let relaying = axis.replacen("wait: 5s", "upstream: { base: \"https://old.h56.example\" }\nwait: 5s", 1);
    let found: Vec<Problem> = problems(&[("facades/axis.yaml", &relaying)]);
    assert!(told(&found).iter().any(|told| told.contains("not known at the old address")), "{found:#?}");
}

#[test]
fn an_enabled_facade_asks_no_disabled_system() {
    let citizens = files(&example()).remove("facades/citizens.yaml").unwrap();
    let enabled = citizens.replacen("enabled: false", "enabled: true", 1);
    let found = told(&problems(&[("facades/citizens.yaml", &enabled)]));
    assert!(found.iter().any(|told| told.contains("system `population` is disabled")), "{found:#?}");
    assert!(found.iter().any(|told| told.contains("may not ask for `population.find-citizen`")), "{found:#?}");
}
