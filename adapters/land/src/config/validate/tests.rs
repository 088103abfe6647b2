//! Tests of configuration: what is public has a default, every problem is told at once, at its place.

use serde_json::{Value, json};

use super::*;

fn problems(config: Value) -> Vec<String> {
    let config: LandConfig = serde_json::from_value(config).unwrap();
    config.validate().into_iter().map(|(pointer, _)| pointer).collect()
}

#[test]
fn the_smallest_configuration_is_a_base() {
    let smallest = json!({ "dialect": "vbdlis", "endpoints": [{ "name": "a", "base": "https://land.test" }] });
    assert!(problems(smallest).is_empty());
}

#[test]
fn every_problem_is_told_at_its_place() {
    let found = problems(json!({
        "dialect": "ilis",
        "endpoints": [{ "name": "", "base": "http://land.test", "paths": { "return_result": "https://evil.test:1/../x?" } }],
        "active": "b",
        "phrases": { "success": [], "exists": ["a"] },
        "attachments": { "file_bytes": 0, "total_bytes": 10_000_000 },
        "files": { "base": "https://land.test", "origins": ["https://files.test/path"], "max_bytes": 0, "authorized": true },
        "lists": { "officers": { "path": "x", "rows": "data", "code": "", "name": "Ten" } }
    }));
    for pointer in [
        "/endpoints/0/name",
        "/endpoints/0/base",
        "/endpoints/0",
        "/active",
        "/phrases/success",
        "/phrases/exists/0",
        "/attachments/file_bytes",
        "/attachments/total_bytes",
        "/files/origins/0",
        "/files/max_bytes",
        "/files/authorized",
        "/lists/officers/rows",
        "/lists/officers/code",
    ] {
        assert!(found.contains(&pointer.to_owned()), "{pointer} is not in {found:?}");
    }
}

#[test]
fn unknown_keys_are_refused() {
    let config = json!({ "dialect": "vbdlis", "endpoints": [], "retries": 3 });
    assert!(serde_json::from_value::<LandConfig>(config).is_err());
}
