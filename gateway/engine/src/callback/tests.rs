//! Tests of what a message may name as its callback's address.

use proptest::prelude::*;

use super::*;

fn policy(prefixes: &[&str]) -> CallbackPolicy {
    let (system, operation) = CallbackPolicy::names(&ClientId::new("one-stop").unwrap()).unwrap();
    CallbackPolicy {
        system,
        operation,
        url: None,
        prefixes: prefixes.iter().map(|prefix| Url::parse(prefix).unwrap()).collect(),
        events: CallbackEvent::ALL.into(),
    }
}

#[test]
fn an_address_lies_below_a_prefix_or_is_refused() {
    let policy = policy(&["https://one-stop.example/hooks", "http://10.1.2.3:8080/in/"]);
    for fine in [
        "https://one-stop.example/hooks",
        "https://one-stop.example/hooks/a?b=c",
        "https://ONE-STOP.example:443/hooks/",
        "http://10.1.2.3:8080/in/x",
    ] {
        assert!(policy.permitted(fine).is_ok(), "{fine}");
    }
    for refused in [
        "https://one-stop.example/hooksworse",
        "https://one-stop.example/hooks/../admin",
        "https://one-stop.example/hooks/%2e%2e/admin",
        "https://one-stop.example/hooks/..%2fadmin",
        "https://one-stop.example/hooks/..%5Cadmin",
        "https://one-stop.example.evil.example/hooks/",
        "https://one-stop.example@evil.example/hooks/",
        "https://user:word@one-stop.example/hooks/",
        "https://one-stop.example:444/hooks/",
        "http://one-stop.example/hooks/",
        "https://one-stop.example/hooks#part",
        "http://10.1.2.3/in/x",
        "ftp://one-stop.example/hooks/",
        "//one-stop.example/hooks/",
        "/hooks",
        "",
    ] {
        assert!(policy.permitted(refused).is_err(), "{refused}");
    }
}

#[test]
fn a_client_whose_name_cannot_name_an_operation_has_no_callbacks() {
    assert!(CallbackPolicy::names(&ClientId::new("a.b").unwrap()).is_err());
    assert!(CallbackPolicy::names(&ClientId::new(&"x".repeat(60)).unwrap()).is_err());
}

proptest! {
    #[test]
    fn whatever_is_permitted_has_the_prefixes_origin_and_path(path in "[a-z./%25#?@:\\\\-]{0,24}") {
        let policy = policy(&["https://one-stop.example/hooks/"]);
        if let Ok(url) = policy.permitted(&format!("https://one-stop.example/hooks/{path}")) {
            prop_assert_eq!(url.host_str(), Some("one-stop.example"));
            prop_assert!(url.path().starts_with("/hooks/") && !url.path().contains("/../"));
        }
    }
}
