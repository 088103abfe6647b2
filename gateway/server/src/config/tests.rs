//! Whole folders: the example loads, and a folder full of mistakes tells every one of them at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;

mod alerts;
mod expiries;
mod mistakes;
mod patterns;
mod queues;
mod reconciliations;
mod search;
mod tables;

/// The example every new installation begins with.
pub(super) fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config")
}

pub(super) fn files(folder: &Path) -> BTreeMap<String, String> {
    Folder::read(folder).unwrap().files
}

/// The example with some files replaced or added.
fn altered(changes: &[(&str, &str)]) -> Folder {
    let mut files = files(&example());
    for (path, text) in changes {
        files.insert((*path).to_owned(), (*text).to_owned());
    }
    Folder::of(example(), files)
}

pub(super) fn problems(changes: &[(&str, &str)]) -> Vec<Problem> {
    match load_folder(&altered(changes)) {
        Ok(_) => Vec::new(),
        Err(problems) => problems,
    }
}

/// As `file:line problem | remedy`, for comparing without columns.
pub(super) fn told(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|p| format!("{}:{} {} | {}", p.file, p.line, p.problem, p.remedy)).collect()
}

#[test]
fn the_example_loads_and_every_route_has_a_passing_test() {
    let loaded = match load(&example()) {
        Ok(loaded) => loaded,
        Err(problems) => panic!("{:#?}", told(&problems)),
    };
    let report = loaded.routes.run_tests(&loaded.catalogue, &loaded.tests);
    let failures: Vec<_> = report.failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!(report.coverage.iter().filter(|route| route.taken == 0).count(), 0, "{:?}", report.coverage);
    assert!(report.passed >= loaded.routes.iter().count());
    assert!(loaded.version.as_str().starts_with("v-"));
}

#[test]
fn the_example_holds_no_secret() {
    for (path, text) in files(&example()) {
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            for word in ["password:", "username:", "token:", "security_key:", " key:"] {
                if let Some((_, value)) = line.split_once(word) {
                    let value = value.trim().trim_matches('"');
                    let reference = value.starts_with("env:") || value.starts_with("file:");
                    // A table's key is a list of columns.
                    let columns = path.starts_with("tables/") && value.starts_with('[');
                    // A façade's key is a business key, or where an item has it.
                    let business = path.starts_with("facades/") && word == " key:";
                    assert!(reference || columns || business || path.contains("/tests/"), "{path}: {line}");
                }
            }
        }
    }
}

#[test]
fn the_schemas_beside_the_example_are_those_of_this_program() {
    for (name, schema) in schemas() {
        let path = example().join("schema").join(name);
        let beside: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(beside, schema, "run `lienthong check --schema config/schema` to write {name} again");
    }
}

#[test]
fn settings_of_an_adapter_are_checked_where_they_stand() {
    let text = files(&example()).remove("systems/portal.yaml").unwrap();
    let wrong = text.replacen("endpoints:", "colour: red\n  progress_steps: 0\n  endpoints:", 1);
    let line = 1 + wrong.lines().position(|line| line.trim() == "colour: red").unwrap();
    let found = told(&problems(&[("systems/portal.yaml", &wrong)]));
    assert!(found.iter().any(|told| told.starts_with(&format!("systems/portal.yaml:{line} `colour`"))), "{found:#?}");
    let next = format!("systems/portal.yaml:{} `progress_steps`", line + 1);
    assert!(found.iter().any(|told| told.starts_with(&next)), "{found:#?}");
}

#[test]
fn rules_between_values_are_checked() {
    let text = files(&example()).remove("gateway.yaml").unwrap();
    let found = told(&problems(&[("gateway.yaml", &text.replacen("bodies: 90d", "bodies: 900d", 1))]));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found.iter().any(|line| line.contains("`exchanges` is shorter than `bodies`")), "{found:#?}");
    assert!(found.iter().any(|line| line.contains("`files` is shorter than `bodies`")), "{found:#?}");
}

#[test]
fn a_parked_snapshot_is_not_passed_unless_it_gives_way() {
    let routes = files(&example()).remove("routes/10-portal.yaml").unwrap();
    let passed = routes.replacen("on_parked: hold", "on_parked: skip", 1);
    let found = told(&problems(&[("routes/10-portal.yaml", &passed)]));
    assert!(found.len() == 1 && found[0].contains("route dossiers lets newer snapshots pass"), "{found:#?}");
    let gives_way = passed.replacen("supersede: false", "supersede: true", 1);
    assert!(problems(&[("routes/10-portal.yaml", &gives_way)]).is_empty());
}

#[test]
fn a_route_to_a_disabled_system_is_a_problem_and_a_disabled_route_is_none() {
    let system = files(&example()).remove("systems/portal.yaml").unwrap();
    let disabled = system.replacen("enabled: true", "enabled: false", 1);
    let found = told(&problems(&[("systems/portal.yaml", &disabled)]));
    assert!(!found.is_empty() && found.iter().all(|line| line.contains("system `portal` is disabled")), "{found:#?}");
}

#[test]
fn every_missing_secret_is_a_problem_where_its_reference_stands() {
    let around = Around::without_files(std::sync::Arc::new(lienthong_engine::clock::SystemClock::new()));
    let system = files(&example()).remove("systems/portal.yaml").unwrap();
    let system = system.replace("env:LIENTHONG_PORTAL_USERNAME", "env:LIENTHONG_TEST_SET_NOWHERE");
    let system = system.replace("env:LIENTHONG_PORTAL_PASSWORD", "file:nowhere/password");
    let line = |text: &str| 1 + system.lines().position(|line| line.contains(text) && !line.starts_with('#')).unwrap();
    let places = [line("env:LIENTHONG_TEST_SET_NOWHERE"), line("file:nowhere/password")];
    let loaded = load_folder(&altered(&[("systems/portal.yaml", &system)])).map_err(|found| told(&found)).unwrap();
    let found = match build(loaded, &Running::default(), &around) {
        Ok(_) => panic!("a secret was found that is set nowhere"),
        Err(found) => told(&found),
    };
    for (place, word) in places.iter().zip(["is not set", "cannot be read"]) {
        let start = format!("systems/portal.yaml:{place} ");
        assert!(found.iter().any(|line| line.starts_with(&start) && line.contains(word)), "{start} {word} {found:#?}");
    }
}
