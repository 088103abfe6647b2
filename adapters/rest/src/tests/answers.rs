//! Tests of answers as a whole: rules, statuses, pages, limits, and personal data that must not show.

use std::time::Duration;

use lienthong_core::{Adapter, FaultCode, FaultKind};
use serde_json::{Value, json};

use super::server::{Server, Step};
use super::support::{bench, permits};

async fn told(step: Step) -> lienthong_core::Fault {
    let server = Server::start([step]).await;
    let fault = bench(permits(&server.address)).register().await.unwrap_err();
    assert_eq!(server.calls().len(), 1, "exactly one attempt");
    fault
}

#[tokio::test]
async fn answers_are_what_their_rules_or_http_say() {
    let page = "<html><title>502</title></html>";
    for (step, kind) in [
        (Step::json(409, json!({ "code": "DUPLICATE" })), FaultKind::Conflict),
        (Step::json(200, json!({ "code": "INVALID" })), FaultKind::Rejected),
        (Step::json(400, json!({ "error": 1 })), FaultKind::Rejected),
        (Step::text(400, page), FaultKind::Unintelligible),
        (Step::text(401, ""), FaultKind::Unauthenticated),
        (Step::text(403, page), FaultKind::Forbidden),
        (Step::text(503, ""), FaultKind::Unavailable),
        (Step::text(429, ""), FaultKind::Throttled),
        (Step::json(500, json!({ "code": 0 })), FaultKind::Unintelligible),
        (Step::text(502, page), FaultKind::Unintelligible),
        (Step::text(200, page), FaultKind::Unintelligible),
        (Step::text(200, ""), FaultKind::Unintelligible),
        (Step::text(200, "{\"code\":0"), FaultKind::Unintelligible),
        (Step::json(200, json!({ "code": "?" })), FaultKind::Unintelligible),
        (Step::json(200, json!([])), FaultKind::Unintelligible),
        (Step::json(302, json!({ "code": 0 })), FaultKind::Unintelligible),
    ] {
        let fault = told(step).await;
        assert_eq!(fault.kind, kind, "{}", fault.detail);
    }
}

#[tokio::test]
async fn a_known_page_of_maintenance_comes_before_processing() {
    let page = "<html><h1>Hệ thống ĐANG  BẢO TRÌ</h1></html>";
    let step = Step::Answer(200, vec![("Retry-After", "120".into())], page.as_bytes().to_vec());
    let fault = told(step).await;
    assert_eq!((fault.kind, fault.code), (FaultKind::Unavailable, FaultCode::Maintenance));
    assert_eq!(fault.retry_after, Some(Duration::from_secs(120)));
}

#[tokio::test]
async fn the_systems_words_are_kept_without_personal_data() {
    let answer = json!({
        "code": "INVALID", "message": "Công dân NGUYỄN VĂN MẪU thiếu giấy tờ",
        "errors": [{ "field": "owner.name", "code": "TOO_LONG" }]
    });
    let fault = told(Step::json(200, answer)).await;
    assert_eq!(fault.system_code.as_deref(), Some("INVALID"));
    assert_eq!(fault.system_text.as_deref(), Some("Công dân *** thiếu giấy tờ"));
    assert_eq!(fault.problems[0].pointer, "/owner/name");
    assert_eq!(fault.problems[0].problem, "is refused by the system (TOO_LONG)");
}

#[tokio::test]
async fn a_program_that_fails_after_sending_leaves_the_outcome_unknown() {
    for (place, text) in [("map", "abort"), ("map", ".other = 1")] {
        let server = Server::start([Step::json(200, json!({ "code": 0 }))]).await;
        let mut config = permits(&server.address);
        config["operations"][1]["answer"] = json!({ place: text });
        let fault = bench(config).register().await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unintelligible, "{}", fault.detail);
    }
    let server = Server::start([Step::json(200, json!({ "code": 0 }))]).await;
    let mut config = permits(&server.address);
    config["operations"][1]["outcomes"] = json!([{ "when": { "program": "abort" }, "then": "rejected" }]);
    assert_eq!(bench(config).register().await.unwrap_err().kind, FaultKind::Unintelligible);
}

#[tokio::test]
async fn an_answer_longer_than_its_limit_is_not_read() {
    let long = json!({ "code": 0, "data": "x".repeat(3000) });
    let server = Server::start([Step::json(200, long.clone()), Step::json(200, long)]).await;
    let mut config = permits(&server.address);
    config["operations"][1]["answer"] = json!({ "limit": 1000 });
    let bench = bench(config);
    assert_eq!(bench.register().await.unwrap_err().kind, FaultKind::Unintelligible);
    bench.find().await.unwrap();
}

async fn read_as(form: Value, step: Step) -> Result<Value, lienthong_core::Fault> {
    let server = Server::start([step]).await;
    let mut config = permits(&server.address);
    config["operations"][1]["answer"] = form;
    config["outcomes"] = json!([{ "when": { "status": ["2xx"] }, "then": "success" }]);
    bench(config).register().await
}

#[tokio::test]
async fn xml_text_and_nothing_are_read_as_declared() {
    let xml = "<?xml version=\"1.0\"?><p:List xmlns:p=\"urn:x\"><p:Permit>GP-1</p:Permit></p:List>";
    let lists = json!({ "as": "xml", "lists": ["List/Permit"] });
    assert_eq!(read_as(lists.clone(), Step::text(200, xml)).await.unwrap(), json!({ "List": { "Permit": ["GP-1"] } }));
    let entity = "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>";
    assert_eq!(read_as(lists, Step::text(200, entity)).await.unwrap_err().kind, FaultKind::Unintelligible);
    assert_eq!(read_as(json!({ "as": "text" }), Step::text(200, "Đã nhận")).await.unwrap(), json!("Đã nhận"));
    let page = Step::text(200, "<html>login</html>");
    assert_eq!(read_as(json!({ "as": "text" }), page).await.unwrap_err().kind, FaultKind::Unintelligible);
    assert_eq!(read_as(json!({}), Step::Answer(204, vec![], vec![])).await.unwrap(), Value::Null);
    assert_eq!(read_as(json!({ "may_be_empty": true }), Step::text(201, "")).await.unwrap(), Value::Null);
    assert!(read_as(json!({}), Step::text(201, "")).await.is_err());
}

#[tokio::test]
async fn a_probe_is_the_configured_request_or_a_knock() {
    let cases = [
        (None, Step::text(404, "nothing here"), true),
        (None, Step::text(502, "<html></html>"), false),
        (None, Step::text(401, ""), false),
        (Some(json!({ "path": "health" })), Step::text(200, "ok"), true),
        (Some(json!({ "path": "health" })), Step::text(200, "<html>ok</html>"), false),
        (Some(json!({ "path": "health" })), Step::text(404, ""), false),
        (Some(json!({ "path": "health", "status": [404] })), Step::text(404, ""), true),
    ];
    for (probe, step, serves) in cases {
        let server = Server::start([step]).await;
        let mut config = permits(&server.address);
        config["probe"] = json!(probe);
        let bench = bench(config);
        assert_eq!(bench.rest.probe(&bench.context()).await.is_ok(), serves, "{probe:?}");
    }
}
