//! Tests of configuration: what is public has a default, every problem is told at once, at its place.

use serde_json::{Value, json};

use super::*;

fn problems(config: Value) -> Vec<String> {
    let config: TaxConfig = serde_json::from_value(config).unwrap();
    config.validate().into_iter().map(|(pointer, _)| pointer).collect()
}

fn smallest() -> Value {
    json!({
        "endpoints": [{ "name": "gip", "url": "https://esb.test/t2b/gip/request" }],
        "partner": { "code": "PARTNER" },
        "authentication": { "digest": { "username": "env:USER", "password": "env:PASSWORD" } }
    })
}

#[test]
fn the_smallest_configuration_says_where_who_and_how() {
    assert!(problems(smallest()).is_empty());
}

#[test]
fn every_problem_is_told_at_its_place() {
    let mut whole = smallest();
    whole["endpoints"][0]["url"] = json!("http://esb.test/");
    whole["active"] = json!("other");
    whole["partner"] = json!({ "code": " ", "name": "a\u{1b}b" });
    whole["soap"] = json!({ "request": "", "action": "a\"b" });
    whole["taxpayer"] = json!({ "type": "" });
    whole["ledger"] = json!({
        "type": "00109", "name": "x", "dossier_element": "SO", "owner_element": "SO", "answer_types": [],
        "nothing_owed": ["02"], "unknown": ["02"]
    });
    whole["slip"] = json!({
        "row": { "type": "00101", "name": "x", "element": "a:b" },
        "answer": { "types": ["1"], "accepted": [], "refused": ["9", "9"] },
        "unsigned": ["1A"], "max_bytes": 0
    });
    whole["phrases"] = json!({ "success": [] });
    whole["probe_tax_code"] = json!("2800000003");
    let found = problems(whole);
    for pointer in [
        "/endpoints/0/url",
        "/active",
        "/partner/code",
        "/partner/name",
        "/soap/request",
        "/soap/action",
        "/taxpayer/type",
        "/ledger/owner_element",
        "/ledger/answer_types",
        "/ledger/unknown/0",
        "/slip/row/element",
        "/slip/answer/accepted",
        "/slip/answer/refused/1",
        "/slip/unsigned/0",
        "/slip/max_bytes",
        "/phrases/success",
        "/probe_tax_code",
    ] {
        assert!(found.iter().any(|one| one == pointer), "{pointer} in {found:?}");
    }
}
