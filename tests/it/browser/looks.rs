//! Every page as people see it: photographed, and held against the rules of accessibility, dark and light, on a desk and in a hand.

use std::path::PathBuf;

use serde_json::Value;

use super::desk::{Desk, code};
use super::driver::{Browser, Screen, Scripts, target};

const SCREENS: [Screen; 4] = [
    Screen { name: "light-wide", width: 1366, height: 768, dark: false },
    Screen { name: "dark-wide", width: 1366, height: 768, dark: true },
    Screen { name: "light-phone", width: 390, height: 844, dark: false },
    Screen { name: "dark-phone", width: 390, height: 844, dark: true },
];

/// The pages to be looked at: a name for the photograph, a path. A new page is one line here.
fn pages(desk: &Desk, exchange: &str, release: &str, run: &str) -> Vec<(&'static str, String)> {
    let (refused, unmapped) = (&desk.refused, &desk.unmapped);
    let paths = [
        ("overview", "/console".to_owned()),
        ("errors", "/console/errors".to_owned()),
        ("group", format!("/console/errors/{refused}")),
        ("group-unmapped", format!("/console/errors/{unmapped}")),
        ("release", format!("/console/errors/{unmapped}/release")),
        ("release-busy", format!("/console/errors/{refused}/release")),
        ("discard", format!("/console/errors/{refused}/discard")),
        ("preview", format!("/console/errors/{unmapped}/preview")),
        ("preview-one", format!("/console/deliveries/{exchange}.0/preview")),
        ("releases", "/console/releases".to_owned()),
        ("release-in-steps", format!("/console/releases/{release}")),
        ("release-stop", format!("/console/releases/{release}/stop")),
        ("exchanges", "/console/exchanges".to_owned()),
        ("exchange", format!("/console/exchanges/{exchange}")),
        ("exchange-differences", format!("/console/exchanges/{exchange}/differences")),
        ("exchange-reveal", format!("/console/exchanges/{exchange}/reveal")),
        ("delivery-release", format!("/console/deliveries/{exchange}.0/release")),
        ("delivery-discard", format!("/console/deliveries/{exchange}.0/discard")),
        ("delivery-amend", format!("/console/deliveries/{exchange}.0/amend")),
        ("amendments", "/console/amendments".to_owned()),
        ("dossier", format!("/console/dossier?key={}", code(200))),
        ("search", "/console/search".to_owned()),
        ("flows", "/console/flows".to_owned()),
        ("reconciliations", "/console/reconciliations".to_owned()),
        ("reconciliation", format!("/console/reconciliations/{run}")),
        ("reconciliation-send", format!("/console/reconciliations/{run}/send?place=0")),
        ("reports", "/console/reports".to_owned()),
        ("acts", "/console/acts".to_owned()),
        ("alerts", "/console/alerts".to_owned()),
        ("drills", "/console/drills".to_owned()),
        ("systems", "/console/systems".to_owned()),
        ("system", "/console/systems/portal".to_owned()),
        ("system-windows", "/console/systems/portal/windows".to_owned()),
        ("system-pause", "/console/systems/portal/pause".to_owned()),
        ("tables", "/console/tables".to_owned()),
        ("settings", "/console/settings".to_owned()),
        ("nowhere", "/console/nowhere".to_owned()),
    ];
    paths.into()
}

/// The rules, as their makers publish them.
fn rules() -> String {
    let named = std::env::var_os("LIENTHONG_TEST_AXE").map(PathBuf::from);
    let path = named.unwrap_or_else(|| target().join("axe/node_modules/axe-core/axe.min.js"));
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; tests/run installs axe-core there", path.display()))
}

/// What the rules find, gravest first: rule, how grave, where.
async fn breaches(browser: &Browser, rules: &str) -> Vec<String> {
    browser.run(rules).await;
    let found = browser
        .run_async(
            "const done = arguments[arguments.length - 1];
             axe.run(document, { resultTypes: ['violations'] }).then((found) => done(found.violations.map((one) =>
               ({ id: one.id, impact: one.impact, at: one.nodes.slice(0, 3).map((node) => node.html + ' ' + node.failureSummary) }))))",
        )
        .await;
    let grave = |one: &&Value| matches!(one["impact"].as_str(), Some("serious" | "critical"));
    found.as_array().unwrap().iter().filter(grave).map(ToString::to_string).collect()
}

/// A wide table scrolls by itself; the page never does.
async fn is_too_wide(browser: &Browser) -> bool {
    let wide = browser.run("return document.documentElement.scrollWidth > window.innerWidth + 1").await;
    wide.as_bool().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_breaks_a_serious_rule_of_accessibility_dark_or_light_on_a_desk_or_in_a_hand() {
    let desk = Desk::new().await;
    let browser = desk.browser(Scripts::Run).await;
    let (_, members) = desk.gateway.get(&format!("/v1/errors/{}", desk.unmapped)).await;
    let exchange = found_exchange(&members);
    let release = held(&desk).await;
    let run = compared(&desk).await;
    let rules = rules();
    let mut found = Vec::new();
    for (name, path) in pages(&desk, &exchange, &release, &run) {
        browser.go(&path).await;
        browser.find("h1").await;
        for screen in SCREENS {
            browser.look_with(screen).await;
            browser.photograph(&format!("{name}-{}", screen.name)).await;
            let place = format!("{path} {}", screen.name);
            found.extend(breaches(&browser, &rules).await.into_iter().map(|one| format!("{place}: {one}")));
            if is_too_wide(&browser).await {
                found.push(format!("{place}: wider than its screen"));
            }
        }
    }
    drop(browser);
    found.extend(at_the_door(&desk, &rules).await);
    assert!(found.is_empty(), "{} breaches:\n{}", found.len(), found.join("\n"));
}

/// The one page of nobody.
async fn at_the_door(desk: &Desk, rules: &str) -> Vec<String> {
    let browser = Browser::open(&desk.gateway.base, Scripts::Run).await;
    browser.go("/console/login").await;
    let mut found = Vec::new();
    for screen in SCREENS {
        browser.look_with(screen).await;
        browser.photograph(&format!("login-{}", screen.name)).await;
        found.extend(breaches(&browser, rules).await.into_iter().map(|one| format!("login {}: {one}", screen.name)));
    }
    found
}

fn found_exchange(members: &Value) -> String {
    let text = members.to_string();
    let id = text.split("\"id\":\"").filter_map(|rest| rest.split('"').next()).find(|id| id.ends_with(".0"));
    id.unwrap_or_else(|| panic!("{text}")).trim_end_matches(".0").to_owned()
}

/// A reconciliation with a difference to send and one to look at.
async fn compared(desk: &Desk) -> String {
    let asked = serde_json::json!({ "name": "portal-dossiers", "from": "2026-01-15", "to": "2026-01-15" });
    let (status, run) = desk.gateway.post("/v1/reconciliations", &asked).await;
    assert_eq!(status, 202, "{run}");
    let id = run["id"].as_str().unwrap().to_owned();
    let here =
        crate::reconcile::list_of(&[crate::reconcile::row(&code(400), 10), crate::reconcile::row(&code(401), 4)]);
    let head = "MaHoSo;MaTTHC;DonVi;TrangThai;NgayTiepNhan;NgayHenTra;NgayTra";
    let there = format!("{head}\n{};1.000094;H56.14;9;2026-01-15;2026-01-20;\n", code(401));
    for (side, list) in [("here", here), ("there", there)] {
        let path = format!("{}/v1/reconciliations/{id}/rows?side={side}", desk.gateway.base);
        let request = desk.gateway.http.post(path).bearer_auth(crate::harness::API_KEY);
        let (status, answer) = desk.gateway.send(request.header("Content-Type", "text/csv").body(list)).await;
        assert_eq!(status, 200, "{answer}");
    }
    desk.gateway.post(&format!("/v1/reconciliations/{id}/compare"), &serde_json::json!({})).await;
    crate::reconcile::until(&desk.gateway, &id, |run| run["state"] == "done").await;
    id
}

/// A release that is paused half way, so that its page shows every part.
async fn held(desk: &Desk) -> String {
    use lienthong_simulators::portal::{Fault, Matcher};
    let refuses = Matcher::service("DongBoHoSoMC");
    let faults = 2;
    let path = format!("/v1/errors/{}/releases", desk.refused);
    // The first step passes, most of the second fails again.
    assert!(desk.bench.portal.inject_on(refuses, Fault::NotSuccessfulWithCodeZero, faults));
    let (status, begun) = desk.gateway.post(&path, &serde_json::json!({ "steps": [3, 2], "stop_above": 20 })).await;
    assert_eq!(status, 202, "{begun}");
    let id = begun["id"].as_str().unwrap().to_owned();
    let deadline = std::time::Instant::now() + crate::harness::PATIENCE;
    loop {
        let (_, release) = desk.gateway.get(&format!("/v1/releases/{id}")).await;
        if release["state"] == "paused" {
            return id;
        }
        assert!(std::time::Instant::now() < deadline, "{release}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
