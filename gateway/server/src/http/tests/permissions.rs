//! Who may do what: 401 for strangers, 403 for what is not permitted, 404 for what is another's.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::world::{ADMINISTRATOR, CODE, LAND, ONE_STOP, OPERATOR, READER, VIEWER, World, get, post, submission};
use crate::security::{CertificateMatch, ClientDirectory, PeerCertificate};

#[tokio::test]
async fn strangers_are_asked_for_credentials() {
    let world = World::new().await;
    let bare = || Request::get("/v1/exchanges");
    let requests = [
        bare(),
        bare().header("authorization", "Bearer nobody"),
        bare().header("authorization", "Basic b25lLXN0b3A6"),
        bare().header("x-api-key", "nobody"),
        bare().header("authorization", "Bearer disabled"),
        bare().header("authorization", "Bearer one-stop").header("authorization", "Bearer one-stop"),
    ];
    for request in requests {
        let answer = world.ask(request.body(Body::empty()).unwrap()).await;
        answer.problem(401, "LT-NO-CREDENTIALS");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"lienthong\"");
    }
    let by_header = bare().header("x-api-key", ONE_STOP).body(Body::empty()).unwrap();
    assert_eq!(world.ask(by_header).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_operation_outside_a_clients_patterns_is_not_permitted_whether_it_exists_or_not() {
    let world = World::new().await;
    world.ask(submission(READER, CODE, "k")).await.problem(403, "LT-NOT-PERMITTED");
    world.ask(submission(VIEWER, CODE, "k")).await.problem(403, "LT-NOT-PERMITTED");
    let input = json!({"code": CODE});
    for operation in ["portal.sync-dossier", "tax.find-notice"] {
        let call = world.post(READER, &format!("/v1/operations/{operation}/call"), &input).await;
        call.problem(403, "LT-NOT-PERMITTED");
    }
    let call = world.post(READER, "/v1/operations/portal.find-dossier/call", &input).await;
    assert_eq!(call.status, StatusCode::OK);
    assert_eq!(world.kept().await, 1, "only the call that was permitted is on record");
}

#[tokio::test]
async fn what_is_anothers_does_not_exist() {
    let world = World::new().await;
    let id = world.submitted(CODE).await;
    let paths = [format!("/v1/exchanges/{id}"), format!("/v1/exchanges/{id}/body"), format!("/v1/keys/{CODE}")];
    for path in &paths {
        assert_eq!(world.get(ONE_STOP, path).await.status, StatusCode::OK, "{path}");
        world.get(LAND, path).await.problem(404, "LT-NO-SUCH-RECORD");
    }
    let strangers = world.get(LAND, &paths[0]).await;
    let nobodys = world.get(LAND, "/v1/exchanges/0199c2f0-7b1a-7c3e-9d55-0f6f1f0a2b3c").await;
    assert_eq!(strangers.json["detail"], nobodys.json["detail"], "the answers do not differ");
    for act in ["cancel", "resend"] {
        let answer = world.post(LAND, &format!("/v1/exchanges/{id}/{act}"), &Value::Null).await;
        answer.problem(404, "LT-NO-SUCH-RECORD");
        let seen = world.post(VIEWER, &format!("/v1/exchanges/{id}/{act}"), &Value::Null).await;
        seen.problem(403, "LT-NOT-PERMITTED");
    }
}

#[tokio::test]
async fn lists_are_confined_to_ones_own() {
    let world = World::new().await;
    world.submitted(CODE).await;
    let count = |answer: &super::world::Answer| answer.json["exchanges"].as_array().map(Vec::len);
    assert_eq!(count(&world.get(ONE_STOP, "/v1/exchanges").await), Some(1));
    assert_eq!(count(&world.get(LAND, "/v1/exchanges").await), Some(0));
    assert_eq!(count(&world.get(LAND, &format!("/v1/exchanges?key={CODE}")).await), Some(0));
    assert_eq!(count(&world.get(VIEWER, "/v1/exchanges?client=one-stop").await), Some(1));
    world.get(LAND, "/v1/exchanges?client=one-stop").await.problem(403, "LT-NOT-PERMITTED");
    world.get(LAND, "/v1/exchanges?client=nobody").await.problem(403, "LT-NOT-PERMITTED");
}

#[tokio::test]
async fn roles_open_what_they_are_for() {
    let world = World::new().await;
    let group = format!("1-{}", "a".repeat(32));
    let delivery = "0199c2f0-7b1a-7c3e-9d55-0f6f1f0a2b3c.0";
    for path in ["/v1/errors".to_owned(), format!("/v1/errors/{group}"), "/v1/systems".to_owned()] {
        world.get(ONE_STOP, &path).await.problem(403, "LT-NOT-PERMITTED");
        assert_ne!(world.get(VIEWER, &path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let acts = [
        format!("/v1/errors/{group}/release"),
        format!("/v1/errors/{group}/discard"),
        format!("/v1/deliveries/{delivery}/release"),
        format!("/v1/deliveries/{delivery}/discard"),
        "/v1/systems/portal/pause".to_owned(),
        "/v1/systems/portal/resume".to_owned(),
        "/v1/systems/*/probe".to_owned(),
    ];
    for path in &acts {
        let reason = json!({"reason": "a test"});
        world.post(VIEWER, path, &reason).await.problem(403, "LT-NOT-PERMITTED");
        assert_ne!(world.post(OPERATOR, path, &reason).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let reload = "/v1/configuration/reload";
    world.post(OPERATOR, reload, &Value::Null).await.problem(403, "LT-NOT-PERMITTED");
    assert_eq!(world.post(ADMINISTRATOR, reload, &Value::Null).await.status, StatusCode::OK);
}

#[tokio::test]
async fn operations_are_shown_to_those_who_can_use_them() {
    let world = World::new().await;
    let names = |json: &Value| -> Vec<String> {
        let all = json["operations"].as_array().unwrap();
        all.iter().map(|operation| operation["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&world.get(READER, "/v1/operations").await.json), ["portal.find-dossier"]);
    assert_eq!(names(&world.get(VIEWER, "/v1/operations").await.json).len(), 3);
    let path = "/v1/operations/portal.sync-dossier";
    world.get(READER, path).await.problem(403, "LT-NOT-PERMITTED");
    let shown = world.get(ONE_STOP, path).await;
    assert_eq!((shown.json["effect"].as_str(), shown.json["callable"].as_bool()), (Some("upsert"), Some(false)));
    assert_eq!(shown.json["example"]["code"], CODE);
    assert!(shown.json["input"]["properties"]["code"].is_object());
    world.get(ONE_STOP, "/v1/operations/portal.fly-away").await.problem(404, "LT-UNKNOWN-OPERATION");
}

#[tokio::test]
async fn an_operator_reads_a_body_only_with_a_reason() {
    let world = World::new().await;
    let id = world.submitted(CODE).await;
    let path = format!("/v1/exchanges/{id}/body");
    let own = world.get(ONE_STOP, &path).await;
    assert_eq!(own.bytes, r#"{"code":"H56.14-250115-0007","status":4}"#);
    assert_eq!(own.header("content-type"), "application/json");
    world.get(VIEWER, &path).await.problem(403, "LT-NOT-PERMITTED");
    world.get(OPERATOR, &path).await.names(400, "LT-REASON-MISSING", "?reason");
    assert_eq!(world.get(OPERATOR, &format!("{path}?reason=repair")).await.bytes, own.bytes);
    let acts = world.get(OPERATOR, &format!("/v1/acts?kind=exchange&id={id}")).await.json;
    let [act] = acts["acts"].as_array().unwrap().as_slice() else { panic!("{acts}") };
    assert_eq!(
        (&act["verb"], &act["reason"], &act["after"]),
        (&"revealed".into(), &"repair".into(), &r#"{"shown":"received"}"#.into())
    );
}

#[tokio::test]
async fn a_reloaded_directory_counts_at_once() {
    let world = World::new().await;
    assert_eq!(world.send(get(ONE_STOP, "/v1/exchanges")).await.status(), StatusCode::OK);
    world.state.directory.store(std::sync::Arc::default());
    let refused = world.send(post(ONE_STOP, "/v1/exchanges", &Value::Null)).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_client_certificate_opens_what_its_client_may() {
    let world = World::new().await;
    let certificate = rcgen::generate_simple_self_signed(vec!["one-stop.test".to_owned()]).unwrap();
    let peer = PeerCertificate::from_der(certificate.cert.der());
    let mut entry = (**world.state.directory.load().get(&ONE_STOP.parse().unwrap()).unwrap()).clone();
    entry.certificates.push(CertificateMatch::Sha256(peer.sha256()));
    world.state.directory.store(std::sync::Arc::new(ClientDirectory::new([entry])));
    let mut request = submission(ONE_STOP, CODE, "k");
    request.headers_mut().remove("authorization");
    request.extensions_mut().insert(peer);
    let answer = world.ask(request).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.json);
}
