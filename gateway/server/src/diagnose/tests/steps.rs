//! One broken thing at a time, against the simulated portal and against bare sockets.

use super::servers::{authority, date, encrypted, nobody, proxy, silent};
use super::*;

#[tokio::test]
async fn a_system_that_is_well_passes_every_step() {
    let report = Desk::new().await.report().await;
    let all = ["name", "route", "tcp", "clock", "login", "read"].map(|name| (name, "ok"));
    let found = outcomes(&report);
    // The simulated portal may tell no date.
    let found: Vec<_> =
        found.into_iter().map(|(name, outcome)| if name == "clock" { (name, "ok") } else { (name, outcome) }).collect();
    assert_eq!(found, all, "{}", json(&report));
    assert!(report.is_ok());
    assert_eq!(seen(step(&report, StepName::Route), "source_address"), "127.0.0.1");
    assert!(step(&report, StepName::Connect).took.is_some());
    assert!(step(&report, StepName::Login).took.is_some());
}

#[tokio::test]
async fn a_wrong_password_is_our_configuration_and_the_read_is_not_tried() {
    let desk = Desk::new().await;
    desk.secret("password", "not-the-password");
    let report = desk.report().await;
    assert_eq!(failed(&report), [(StepName::Login, Some(Who::Configuration))], "{}", json(&report));
    assert_eq!(step(&report, StepName::Read).outcome, Outcome::Skipped);
    assert_eq!(seen(step(&report, StepName::Login), "fault"), "LT-SESSION-REFUSED");
    let whole = format!("{}{}", json(&report), page(&report));
    assert!(!whole.contains("not-the-password") && !whole.contains(&PortalOptions::default().username));
}

#[tokio::test]
async fn where_nothing_listens_the_operator_of_the_system_must_act_and_the_rest_is_skipped() {
    let desk = Desk::new().await.at(&format!("http://{}", nobody().await));
    let report = desk.report().await;
    let expected = [("name", "ok"), ("route", "ok"), ("tcp", "failed")];
    let rest = ["clock", "login", "read"].map(|name| (name, "skipped"));
    assert_eq!(outcomes(&report), [&expected[..], &rest[..]].concat());
    assert_eq!(failed(&report), [(StepName::Connect, Some(Who::Target))]);
}

#[tokio::test]
async fn a_name_without_addresses_is_the_networks_and_a_fixed_address_is_used_instead() {
    let desk = Desk::new().await.at("https://system.invalid");
    assert_eq!(failed(&desk.report().await), [(StepName::Name, Some(Who::Network))]);
    let here = authority("system.invalid", 2020..2099);
    let addr = encrypted(&here, date(0), None).await;
    desk.secret("ca", &here.pem);
    let ca = desk.path().join("secrets/ca");
    let transport = format!("{{ dns: {{ system.invalid: [127.0.0.1] }}, ca: 'file:{}' }}", ca.display());
    let report = desk.at(&format!("https://system.invalid:{}", addr.port())).with_transport(&transport).report().await;
    assert_eq!(seen(step(&report, StepName::Name), "fixed_addresses"), "127.0.0.1");
    let tls = step(&report, StepName::Tls);
    assert_eq!(tls.outcome, Outcome::Ok, "{tls:?}");
    assert!(seen(tls, "version").starts_with("TLS"));
    assert_eq!(seen(tls, "subject"), "CN=system.invalid");
    assert!(seen(tls, "issuer").contains("Co quan chung thuc mau"));
    assert_eq!(seen(tls, "names"), "system.invalid");
    assert!(seen(tls, "days_left").parse::<i64>().unwrap() > 10_000);
    assert_eq!(seen(tls, "authorities"), "transport.ca");
    assert_eq!(step(&report, StepName::Clock).outcome, Outcome::Ok);
}

/// The TLS step towards a server with this certificate, trusting that one.
async fn tls_step(name: &str, served: &servers::Authority, trusted: &servers::Authority) -> Report {
    let addr = encrypted(served, date(0), None).await;
    let desk = Desk::new().await.at(&format!("https://{name}:{}", addr.port()));
    desk.secret("ca", &trusted.pem);
    let ca = desk.path().join("secrets/ca");
    let transport = format!("{{ dns: {{ {name}: [127.0.0.1] }}, ca: 'file:{}' }}", ca.display());
    desk.with_transport(&transport).report().await
}

#[tokio::test]
async fn a_wrong_certificate_is_told_apart_and_nothing_is_said_on_its_connection() {
    let (good, other) = (authority("system.invalid", 2020..2099), authority("system.invalid", 2020..2099));
    let report = tls_step("system.invalid", &good, &other).await;
    assert_eq!(failed(&report), [(StepName::Tls, Some(Who::Certificate))]);
    assert!(step(&report, StepName::Tls).said.as_ref().unwrap().en.contains("pinned"));
    assert_eq!(step(&report, StepName::Clock).outcome, Outcome::Skipped);
    assert_eq!(seen(step(&report, StepName::Tls), "subject"), "CN=system.invalid", "what was shown is told");
    let old = authority("system.invalid", 2020..2021);
    let report = tls_step("system.invalid", &old, &old).await;
    assert_eq!(failed(&report), [(StepName::Tls, Some(Who::Target))]);
    assert!(seen(step(&report, StepName::Tls), "days_left").starts_with('-'));
    let report = tls_step("other.invalid", &good, &good).await;
    assert_eq!(failed(&report), [(StepName::Tls, Some(Who::Certificate))]);
    assert!(step(&report, StepName::Tls).said.as_ref().unwrap().en.contains("host's name"));
}

#[tokio::test]
async fn a_certificate_that_ends_soon_is_well_with_a_warning() {
    let here = authority("system.invalid", 2020..2099);
    let addr = encrypted(&here, date(0), None).await;
    let desk = Desk::new().await.at(&format!("https://system.invalid:{}", addr.port()));
    desk.secret("ca", &here.pem);
    let ca = desk.path().join("secrets/ca");
    let desk =
        desk.with_transport(&format!("{{ dns: {{ system.invalid: [127.0.0.1] }}, ca: 'file:{}' }}", ca.display()));
    // Ten days before it ends, by our clock; the verification itself goes by the machine's.
    let end: Timestamp = "2098-12-22T12:00:00Z".parse().unwrap();
    let ahead = end.duration_since(SystemClock::new().now()).as_secs();
    let report = desk.diagnosed(clock_off_by(ahead)).await;
    let tls = step(&report, StepName::Tls);
    assert_eq!((tls.outcome, seen(tls, "days_left")), (Outcome::Ok, "9"), "{tls:?}");
    assert!(tls.said.as_ref().unwrap().en.contains("ends in 9 days"));
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_of_ours_says_so() {
    let (here, clients) = (authority("system.invalid", 2020..2099), authority("client", 2020..2099));
    let addr = encrypted(&here, date(0), Some(&clients)).await;
    let desk = Desk::new().await.at(&format!("https://system.invalid:{}", addr.port()));
    desk.secret("ca", &here.pem);
    let ca = desk.path().join("secrets/ca");
    let transport = format!("{{ dns: {{ system.invalid: [127.0.0.1] }}, ca: 'file:{}' }}", ca.display());
    let report = desk.with_transport(&transport).report().await;
    assert_eq!(seen(step(&report, StepName::Tls), "client_certificate"), "asked for, none configured");
    assert!(!report.is_ok(), "{}", json(&report));
}

#[tokio::test]
async fn what_speaks_no_tls_is_found_out() {
    let desk = Desk::new().await.at(&format!("https://{}", silent().await));
    let report = desk.with_transport("{ connect_timeout: 200ms }").report().await;
    assert_eq!(failed(&report), [(StepName::Tls, Some(Who::Target))], "{}", json(&report));
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_told_with_its_offset() {
    let here = authority("system.invalid", 2020..2099);
    let addr = encrypted(&here, date(-600), None).await;
    let desk = Desk::new().await.at(&format!("https://system.invalid:{}", addr.port()));
    desk.secret("ca", &here.pem);
    let ca = desk.path().join("secrets/ca");
    let transport = format!("{{ dns: {{ system.invalid: [127.0.0.1] }}, ca: 'file:{}' }}", ca.display());
    let report = desk.with_transport(&transport).report().await;
    let clock = step(&report, StepName::Clock);
    assert_eq!((clock.outcome, clock.who), (Outcome::Failed, Some(Who::Configuration)));
    let offset: i64 = seen(clock, "offset").trim_end_matches(" s").parse().unwrap();
    assert!((-620..=-598).contains(&offset), "{offset}");
    assert_ne!(step(&report, StepName::Login).outcome, Outcome::Skipped, "the way is open all the same");
}

#[tokio::test]
async fn a_source_address_that_is_not_ours_is_our_configuration() {
    let desk = Desk::new().await.with_transport("{ source_address: 203.0.113.9 }");
    let report = desk.report().await;
    assert_eq!(failed(&report), [(StepName::Route, Some(Who::Configuration))]);
    let desk = Desk::new().await.with_transport("{ source_address: 127.0.0.5 }");
    assert_eq!(seen(step(&desk.report().await, StepName::Route), "source_address"), "127.0.0.5");
}

#[tokio::test]
async fn the_way_leads_through_the_proxy_with_its_credentials() {
    let here = authority("system.invalid", 2020..2099);
    let to = encrypted(&here, date(0), None).await;
    // `user:pass` in Base64.
    let proxy = proxy("dXNlcjpwYXNz", to).await;
    for (credentials, outcome) in [("user:pass", Outcome::Ok), ("user:wrong", Outcome::Failed)] {
        let desk = Desk::new().await.at("https://system.invalid");
        desk.secret("ca", &here.pem);
        desk.secret("proxy", credentials);
        let (ca, proof) = (desk.path().join("secrets/ca"), desk.path().join("secrets/proxy"));
        let transport = format!(
            "{{ ca: 'file:{}', proxy: {{ url: 'http://{proxy}', credentials: 'file:{}' }} }}",
            ca.display(),
            proof.display()
        );
        let report = desk.with_transport(&transport).report().await;
        assert_eq!(report.endpoints[0].proxy.as_deref(), Some(format!("http://{proxy}").as_str()));
        assert_eq!(step(&report, StepName::Proxy).outcome, outcome, "{}", json(&report));
        if outcome == Outcome::Ok {
            assert_eq!(step(&report, StepName::Tls).outcome, Outcome::Ok);
        } else {
            assert_eq!(failed(&report), [(StepName::Proxy, Some(Who::Configuration))]);
        }
        assert!(!format!("{}{}", json(&report), page(&report)).contains(credentials));
    }
}

#[tokio::test]
async fn a_disabled_system_can_be_diagnosed_and_an_unknown_one_is_not_there() {
    let desk = Desk::new().await;
    let path = desk.path().join("systems/portal.yaml");
    let text = std::fs::read_to_string(&path).unwrap().replace("adapter: portal", "adapter: portal\nenabled: false");
    std::fs::write(&path, text).unwrap();
    std::fs::remove_file(desk.path().join("routes/portal.yaml")).unwrap();
    assert!(desk.report().await.is_ok());
    let loaded = load(desk.path()).unwrap();
    let around = Around::without_files(clock_off_by(0));
    assert!(build_system(&loaded, &SystemId::new("tax").unwrap(), &around).is_none());
    assert_eq!(loaded.all_systems().map(SystemId::as_str).collect::<Vec<_>>(), ["portal"]);
}
