//! Which of our crates may know which. A new edge is a decision, made here.

use std::collections::BTreeMap;

use crate::tree::{none, root};

/// What an adapter may know: the core, the formats, and the tools all adapters speak with; never another adapter.
const ADAPTER: &[&str] = &["lienthong-core", "lienthong-formats", "lienthong-kit"];

/// crate folder -> our crates it may name in `[dependencies]`.
const ALLOWED: [(&str, &[&str]); 15] = [
    ("gateway/core", &[]),
    ("gateway/formats", &[]),
    ("proto", &[]),
    ("gateway/journal", &["lienthong-core"]),
    ("gateway/engine", &["lienthong-core", "lienthong-formats", "lienthong-journal"]),
    ("gateway/console", &["lienthong-core", "lienthong-journal", "lienthong-engine"]),
    ("adapters/kit", &["lienthong-core"]),
    ("adapters/portal", ADAPTER),
    ("adapters/population", ADAPTER),
    ("adapters/tax", ADAPTER),
    ("adapters/land", ADAPTER),
    ("adapters/rest", ADAPTER),
    ("tests/simulators", &[]),
    (
        "gateway/server",
        &[
            "lienthong-core",
            "lienthong-journal",
            "lienthong-engine",
            "lienthong-console",
            "lienthong-formats",
            // Relays of façades go out as adapters' calls do: once, bounded, without redirects.
            "lienthong-kit",
            "lienthong-proto",
            "lienthong-portal",
            "lienthong-population",
            "lienthong-tax",
            "lienthong-land",
            "lienthong-rest",
            "lienthong-simulators",
        ],
    ),
    ("tests", &[]),
];

#[test]
fn dependencies_point_to_the_core() {
    let mut breaches = Vec::new();
    for (folder, allowed) in ALLOWED {
        for name in ours(folder, "[dependencies]") {
            if !allowed.contains(&name.as_str()) {
                breaches.push(format!("{folder} depends on {name}"));
            }
        }
    }
    none("only the edges written down", &breaches);
}

#[test]
fn adapters_and_simulators_share_no_code_even_in_tests() {
    let mut breaches = Vec::new();
    let adapters = ALLOWED.iter().map(|(folder, _)| *folder).filter(|folder| folder.starts_with("adapters/"));
    for folder in adapters.chain(["tests/simulators"]) {
        for name in ours(folder, "[dev-dependencies]") {
            if !ADAPTER.contains(&name.as_str()) || folder.starts_with("tests") {
                breaches.push(format!("{folder} tests with {name}"));
            }
        }
    }
    none("a misreading of a protocol must not pass on both sides", &breaches);
}

#[test]
fn every_member_is_known_here() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members: Vec<&str> = manifest
        .lines()
        .skip_while(|line| !line.starts_with("members"))
        .skip(1)
        .take_while(|line| !line.starts_with(']'))
        .map(|line| line.trim().trim_matches([',', '"']))
        .collect();
    let known: BTreeMap<&str, &[&str]> = ALLOWED.into_iter().collect();
    let unknown: Vec<String> =
        members.iter().filter(|member| !known.contains_key(*member)).map(ToString::to_string).collect();
    none("every workspace member has its allowed edges written down", &unknown);
    assert_eq!(members.len(), known.len());
}

fn ours(folder: &str, section: &str) -> Vec<String> {
    let manifest = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    manifest
        .lines()
        .skip_while(|line| *line != section)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| line.starts_with("lienthong-"))
        .map(|line| line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned())
        .collect()
}
