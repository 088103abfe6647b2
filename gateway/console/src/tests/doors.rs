//! Who gets in, for how long, and what a form needs to be carried out.

use http::{Request, StatusCode};
use lienthong_core::StateName;

use super::world::{PASSWORD, World, rejected};
use crate::Users;

#[tokio::test]
async fn a_login_leads_to_the_page_that_was_asked_for() {
    let world = World::new().await;
    let mut browser = world.browser();
    let sent = browser.get("/console/errors?system=portal").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(sent.header("location"), "/console/login?next=%2Fconsole%2Ferrors%3Fsystem%3Dportal");
    let login = browser.get(sent.header("location")).await;
    let next = login.value("next").unwrap();
    let fields = [("name", "viewer"), ("password", PASSWORD), ("next", next.as_str())];
    let page = browser.post_as("/console/login", &fields, "http://gw.example").await;
    assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, "/console/errors?system=portal"));
    let cookie = page.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert_eq!(browser.get("/console/errors?system=portal").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_look_the_same() {
    let world = World::new().await;
    let mut browser = world.browser();
    let wrong = browser.log_in("viewer", "sai").await;
    let unknown = browser.log_in("nobody", "sai").await;
    assert_eq!((wrong.status, unknown.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    assert_eq!(wrong.text.replace("viewer", "nobody"), unknown.text);
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn too_many_failures_are_held_up_even_with_the_right_password() {
    let world = World::new().await;
    let mut browser = world.browser();
    for _ in 0..10 {
        assert_eq!(browser.log_in("viewer", "sai").await.status, StatusCode::UNAUTHORIZED);
    }
    let held = browser.log_in("viewer", PASSWORD).await;
    assert_eq!(held.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!held.header("retry-after").is_empty());
    assert_eq!(browser.log_in("operator", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_is_over_after_a_while_after_a_logout_and_with_another_password() {
    let world = World::new().await;
    let mut browser = world.as_user("viewer").await;
    world.pass(1799);
    assert_eq!(browser.get("/console").await.status, StatusCode::OK);
    world.pass(1799);
    assert_eq!(browser.get("/console").await.status, StatusCode::OK, "use keeps it");
    world.pass(1801);
    assert_eq!(browser.get("/console").await.status, StatusCode::SEE_OTHER);

    let mut browser = world.as_user("viewer").await;
    let stolen = browser.cookies.clone();
    assert_eq!(browser.post("/console/logout", &[]).await.status, StatusCode::SEE_OTHER);
    assert!(browser.cookies.is_empty());
    browser.cookies = stolen;
    assert_eq!(browser.get("/console").await.status, StatusCode::SEE_OTHER);

    let mut browser = world.as_user("viewer").await;
    world.users.store(Users::default().into());
    assert_eq!(browser.get("/console").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_pages_own_script_keeps_no_session_alive() {
    let world = World::new().await;
    let mut browser = world.as_user("viewer").await;
    world.pass(1000);
    let live = browser.send(Request::get("/console").header("x-console-live", "1"), String::new()).await;
    assert_eq!((live.status, live.header("set-cookie")), (StatusCode::OK, ""));
    world.pass(1000);
    let over = browser.send(Request::get("/console").header("x-console-live", "1"), String::new()).await;
    assert_eq!(over.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_form_without_its_token_or_from_elsewhere_does_nothing() {
    let world = World::new().await;
    let (id, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let path = format!("/console/errors/{group}/discard");
    let looked_at = browser.get(&path).await.value("looked_at").unwrap();
    let fields = [("reason", "nhầm"), ("confirmed", "yes"), ("looked_at", looked_at.as_str())];
    let missing = browser.post_as(&path, &fields, "http://gw.example").await;
    assert_eq!(missing.status, StatusCode::FORBIDDEN);
    assert!(missing.text.contains("nhầm"), "what was typed is shown again");
    let token = browser.token.clone();
    let [reason, confirmed, looked_at] = fields;
    let with_token = [reason, confirmed, looked_at, ("token", token.as_str())];
    let foreign = browser.post_as(&path, &with_token, "http://evil.example").await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert!(!foreign.text.contains("nhầm"));
    assert_eq!(world.state(id).await, StateName::Parked);
    assert_eq!(browser.post_as(&path, &with_token, "http://gw.example").await.status, StatusCode::OK);
    assert_eq!(world.state(id).await, StateName::Discarded);
}

#[tokio::test]
async fn a_session_that_ends_in_mid_form_loses_nothing_typed() {
    let world = World::new().await;
    let (id, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let path = format!("/console/errors/{group}/discard");
    let looked_at = browser.get(&path).await.value("looked_at").unwrap();
    world.pass(7200);
    let typed = [("reason", "Cổng đã xóa \"hồ sơ\" & <b>"), ("confirmed", "yes"), ("looked_at", looked_at.as_str())];
    let login = browser.post(&path, &typed).await;
    assert_eq!(login.status, StatusCode::UNAUTHORIZED);
    let (next, kept) = (login.value("next").unwrap(), login.value("kept").unwrap());
    let wrong = [("name", "operator"), ("password", "sai"), ("next", &next), ("kept", &kept)];
    let again = browser.post_as("/console/login", &wrong, "http://gw.example").await;
    assert_eq!(again.value("kept").unwrap(), kept, "a wrong password loses nothing either");
    let right = [("name", "operator"), ("password", PASSWORD), ("next", &next), ("kept", &kept)];
    let form = browser.post_as("/console/login", &right, "http://gw.example").await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.text.contains("Cổng đã xóa &quot;hồ sơ&quot; &amp; &lt;b&gt;</textarea>"), "{}", form.text);
    assert!(form.text.contains("name=\"confirmed\" value=\"yes\" required checked"), "{}", form.text);
    assert_eq!(world.state(id).await, StateName::Parked, "nothing was done yet");
    assert_eq!(browser.post(&path, &typed).await.status, StatusCode::OK);
    assert_eq!(world.state(id).await, StateName::Discarded);
}

#[tokio::test]
async fn every_answer_says_what_a_page_may_do() {
    let world = World::new().await;
    let mut browser = world.as_user("viewer").await;
    for path in ["/console", "/console/login", "/console/nowhere", "/assets/nothing.css", "/console/errors.csv"] {
        let page = browser.get(path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"));
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        for inline in ["<style", " style=", " onclick=", "<script>"] {
            assert!(!page.text.contains(inline), "{path} has {inline}");
        }
    }
    let page = browser.get("/console").await;
    for start in ["href=\"/assets/console.", "src=\"/assets/console.", "href=\"/assets/icon."] {
        let (_, rest) = page.text.split_once(start).unwrap();
        let name = rest.split('"').next().unwrap();
        let asset = browser.get(&format!("{}{name}", start.split('"').nth(1).unwrap())).await;
        assert_eq!(
            (asset.status, asset.header("cache-control")),
            (StatusCode::OK, "public, max-age=31536000, immutable")
        );
    }
}
