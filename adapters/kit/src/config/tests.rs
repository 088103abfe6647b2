//! Tests of the network's configuration: where plain HTTP may go and what is refused. They open nothing.

use serde_json::{Value, json};

use super::*;

fn config(value: Value) -> TransportConfig {
    serde_json::from_value(value).unwrap()
}

fn problems(transport: Value, addresses: &[&str]) -> Vec<String> {
    let addresses: Vec<Address> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    let listed = addresses.iter().enumerate().map(|(place, address)| (format!("/endpoints/{place}/base"), address));
    let mut found = Problems::new();
    config(transport).check(listed, &mut found);
    found.into_iter().map(|(pointer, _)| pointer).collect()
}

#[test]
fn plain_http_goes_to_this_machine_and_to_named_places_only() {
    let everywhere = [
        "http://127.0.0.1:8080",
        "http://[::1]/x",
        "http://localhost",
        "https://anything.example",
        "http://SS.example:8080/forward",
        "http://10.20.3.4/",
        "http://10.21.3.4/",
        "http://other.example/",
    ];
    assert_eq!(
        problems(json!({"plain_http": ["ss.example", "10.20.0.0/16"]}), &everywhere),
        ["/endpoints/6/base", "/endpoints/7/base"]
    );
}

#[test]
fn a_name_whose_addresses_are_fixed_lies_where_they_are() {
    let transport = |addresses| json!({"plain_http": ["10.20.0.0/16"], "dns": {"ss.example": addresses}});
    assert!(problems(transport(json!(["10.20.0.9"])), &["http://ss.example"]).is_empty());
    assert_eq!(problems(transport(json!(["10.20.0.9", "192.0.2.1"])), &["http://ss.example"]), ["/endpoints/0/base"]);
    assert_eq!(
        problems(json!({"plain_http": ["10.20.0.0/16"]}), &["http://ss.example"]),
        ["/endpoints/0/base"],
        "a name alone may move anywhere"
    );
}

#[test]
fn every_problem_of_the_network_is_reported() {
    let transport = json!({
        "source_address": "0.0.0.0",
        "proxy": {"url": "http://proxy.example:3128", "credentials": "env:PROXY"},
        "dns": {"a.example:80": ["192.0.2.1"], "proxy.example": []}
    });
    assert_eq!(
        problems(transport, &[]),
        [
            "/transport/proxy/url",
            "/transport/source_address",
            "/transport/dns/a.example:80",
            "/transport/dns/a.example:80",
            "/transport/dns/proxy.example",
        ]
    );
}

#[test]
fn a_place_is_a_name_an_address_or_a_network() {
    for (text, written) in
        [("10.0.0.0/8", "10.0.0.0/8"), ("10.0.0.1", "10.0.0.1/32"), ("Host-1.Example", "host-1.example")]
    {
        let place: Place = text.parse().unwrap();
        assert_eq!(String::from(place), written);
    }
    for bad in ["", "http://a.example", "10.0.0.0/40", "a b", "*"] {
        assert!(bad.parse::<Place>().is_err(), "{bad}");
    }
}

#[test]
fn secrets_of_the_proxy_are_references() {
    let refused = serde_json::from_value::<TransportConfig>(
        json!({"proxy": {"url": "http://127.0.0.1:3128", "credentials": "user:hunter2"}}),
    );
    assert!(!refused.unwrap_err().to_string().contains("hunter2"));
}
