//! Tests of configuration: what is public has a default, every problem is told at once, at its place.

use serde_json::{Value, json};

use super::*;

fn problems(config: Value) -> Vec<String> {
    let config: PopulationConfig = serde_json::from_value(config).unwrap();
    config.validate().into_iter().map(|(pointer, _)| pointer).collect()
}

fn ndxp() -> Value {
    json!({ "ndxp": { "user": "env:U", "secret_key": "env:K", "road_client": "VN/GOV/A/b" } })
}

fn granted(address: &str) -> Value {
    let application = json!({
        "access_key": "env:A", "secret_key": "env:B", "app_name": " ", "partner_code": "P", "partner_code_cus": "C"
    });
    json!({ "granted": { "address": address, "proof": { "application": application } } })
}

#[test]
fn the_smallest_configuration_is_an_address_and_a_proof() {
    let smallest = json!({ "endpoints": [{ "name": "axis", "address": "https://ss.test/dancu", "access": ndxp() }] });
    assert!(problems(smallest).is_empty());
}

#[test]
fn every_problem_is_told_at_its_place() {
    let lgsp = json!({ "lgsp": { "token": granted("http://lgsp.test/token"), "officers": {} } });
    let wrapper = json!({ "wrapper": { "token": { "static": "env:T" }, "success_codes": [] } });
    let mut road = ndxp();
    road["ndxp"]["road_client"] = json!("VN\n");
    let found = problems(json!({
        "endpoints": [
            { "name": "", "address": "http://ss.test/dancu", "access": lgsp, "headers": { "bad name": "x", "ok": "\u{1}" } },
            { "name": "w", "address": "https://w.test/37", "access": wrapper, "destination": { "dstcode": "" } },
            { "name": "n", "address": "https://n.test", "access": road, "addresses": { "find_household": "http://x.test" } }
        ],
        "active": "b",
        "operations": {
            "find_citizen": { "integration_code": "" },
            "verify_citizen": { "integration_code": "1".repeat(21), "exists": "ns:TonTai" },
            "find_household": { "integration_code": "038", "member": "" }
        },
        "unit": { "sent": "never", "default": "Sở Tư pháp" },
        "account": { "name": "", "phone": "0".repeat(16) },
        "procedures": ["1.000094.000.00.00.H56"],
        "phrases": { "forbidden": ["ab"] }
    }));
    for pointer in [
        "/endpoints/0/name",
        "/endpoints/0/address",
        "/endpoints/0/access/lgsp/token/granted/address",
        "/endpoints/0/access/lgsp/token/granted/proof/application/app_name",
        "/endpoints/0/access/lgsp/officers",
        "/endpoints/0/headers/bad name",
        "/endpoints/0/headers/ok",
        "/endpoints/1/destination/dstcode",
        "/endpoints/1/addresses/verify_citizen",
        "/endpoints/1/addresses/find_household",
        "/endpoints/1/access/wrapper/success_codes",
        "/endpoints/2/access/ndxp/road_client",
        "/endpoints/2/addresses/find_household",
        "/active",
        "/operations/find_citizen/integration_code",
        "/operations/verify_citizen/integration_code",
        "/operations/verify_citizen/exists",
        "/operations/find_household/member",
        "/unit/default",
        "/account/name",
        "/account/phone",
        "/procedures/0",
        "/phrases/forbidden/0",
    ] {
        assert!(found.contains(&pointer.to_owned()), "{pointer} is not in {found:?}");
    }
}

#[test]
fn unknown_keys_and_values_in_place_of_references_are_refused() {
    for config in [
        json!({ "endpoints": [], "retries": 3 }),
        json!({ "endpoints": [{ "name": "a", "address": "https://a.test", "access": {} }] }),
        json!({ "endpoints": [{ "name": "a", "address": "https://a.test",
            "access": { "wrapper": { "token": { "static": "the-token-itself" } } } }] }),
    ] {
        assert!(serde_json::from_value::<PopulationConfig>(config.clone()).is_err(), "{config}");
    }
}
