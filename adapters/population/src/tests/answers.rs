//! Answers over a socket: nobody, refusals, pages, statuses, lost connections; what was sent decides what it means.

use std::time::Duration;

use lienthong_core::{CallContext, Fault, FaultCode, FaultKind};
use serde_json::json;

use super::server::Step;
use super::support::{CITIZEN, NOBODY, REFERENCE, across_the_axis, behind_a_wrapper, name, question};

const FAULT: &str = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:CODE</faultcode><faultstring>WORDS</faultstring></s:Fault></s:Body></s:Envelope>"#;

fn soap_fault(code: &str, words: &str) -> String {
    FAULT.replace("CODE", code).replace("WORDS", words)
}

async fn found(step: Step) -> Result<serde_json::Value, Fault> {
    across_the_axis([step]).await.1.find().await
}

async fn wrapped(step: Step) -> Result<serde_json::Value, Fault> {
    behind_a_wrapper([step]).await.1.find().await
}

async fn kind(step: Step) -> FaultKind {
    found(step).await.expect_err("must be a fault").kind
}

#[tokio::test]
async fn nobody_is_status_200_with_nothing_inside_and_a_fault_for_who_asked() {
    let fault = found(Step::xml(NOBODY)).await.unwrap_err();
    assert_eq!((fault.kind, fault.code), (FaultKind::NotFound, FaultCode::NotFound));
    let fault = wrapped(Step::json(&json!({ "error_code": "0", "message": NOBODY }))).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotFound);
}

#[tokio::test]
async fn a_soap_fault_is_read_whatever_status_it_has() {
    for status in [200, 400, 422, 500] {
        let refused = Step::http(status, "text/xml", &soap_fault("Client", "Bản tin không đúng cấu trúc"));
        assert_eq!(kind(refused).await, FaultKind::Rejected, "{status}");
        let forbidden =
            Step::http(status, "text/xml", &soap_fault("Client", "Thủ tục chưa được cấp phép khai thác CSDL dân cư"));
        assert_eq!(kind(forbidden).await, FaultKind::Forbidden, "{status}");
        let server = Step::http(status, "text/xml", &soap_fault("Server", "Internal Error"));
        assert_eq!(kind(server).await, FaultKind::Unintelligible, "{status}");
    }
}

#[tokio::test]
async fn a_citizen_with_a_status_of_failure_is_no_answer() {
    for status in [400, 404, 500, 502] {
        assert_eq!(kind(Step::http(status, "text/xml", CITIZEN)).await, FaultKind::Unintelligible, "{status}");
    }
}

#[tokio::test]
async fn statuses_and_pages_are_told_apart() {
    let page = "<html><head><title>Đăng nhập</title></head></html>";
    for (status, media, body, wanted) in [
        (200, "text/html", page, FaultKind::Unintelligible),
        (200, "text/html", "<!DOCTYPE html><html><body>Hệ thống đang bảo trì</body></html>", FaultKind::Unavailable),
        (503, "text/html", page, FaultKind::Unavailable),
        (502, "text/html", page, FaultKind::Unintelligible),
        (401, "text/xml", &soap_fault("Client", "Thông tin xác thực không hợp lệ"), FaultKind::Unauthenticated),
        (403, "text/html", page, FaultKind::Forbidden),
        (429, "application/json", "{}", FaultKind::Throttled),
        (302, "text/html", "", FaultKind::Unintelligible),
        (200, "text/xml", "", FaultKind::Unintelligible),
        (200, "application/json", "{\"type\":\"Server.ClientProxy\"}", FaultKind::Unintelligible),
        (500, "application/json", "{\"type\":\"Server.ClientProxy\"}", FaultKind::Unintelligible),
    ] {
        assert_eq!(kind(Step::http(status, media, body)).await, wanted, "{status} {body}");
    }
    let fault = found(Step::http(200, "text/html", page)).await.unwrap_err();
    assert_eq!(fault.system_text.as_deref(), Some("Đăng nhập"));
}

#[tokio::test]
async fn a_wrappers_refusal_is_read_whatever_status_it_has() {
    let refusal =
        json!({ "error_code": "-1", "message": "Thủ tục chưa được cấp phép khai thác CSDL dân cư" }).to_string();
    for status in [200, 400, 422] {
        let fault = wrapped(Step::http(status, "application/json", &refusal)).await.unwrap_err();
        assert_eq!((fault.kind, fault.system_code.as_deref()), (FaultKind::Forbidden, Some("-1")), "{status}");
    }
    let success = json!({ "error_code": "0", "message": CITIZEN }).to_string();
    for (status, wanted) in [(400, FaultKind::Rejected), (500, FaultKind::Unintelligible)] {
        assert_eq!(
            wrapped(Step::http(status, "application/json", &success)).await.unwrap_err().kind,
            wanted,
            "{status}"
        );
    }
    assert_eq!(wrapped(Step::http(200, "text/xml", CITIZEN)).await.unwrap_err().kind, FaultKind::Unintelligible);
}

#[tokio::test]
async fn a_fault_repeats_neither_the_question_nor_a_secret() {
    let asked = "NGUYENVANMAU, Nguyễn Văn Mẫu, 038199000001, 19990102";
    let by_hash = ["secret-USER", "secret-KEY", "secret-APIKEY"];
    let by_token = ["secret-CLIENT", "secret-CLIENTSECRET", "token-1"];
    let words = |secrets: [&str; 3]| format!("sai {asked}, {}", secrets.join(", "));
    let soap = Step::http(500, "text/xml", &soap_fault("Client", &words(by_hash)));
    let json = Step::json(&json!({ "error_code": "-1", "message": words(by_token) }));
    for (fault, secrets) in [(found(soap).await, by_hash), (wrapped(json).await, by_token)] {
        let told = format!("{:?}", fault.unwrap_err());
        for hidden in asked.split(", ").chain(secrets) {
            assert!(!told.contains(hidden), "{hidden} in {told}");
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_a_refused_connection_is_not() {
    let (_server, bench) = across_the_axis([Step::Reset, Step::Hang]).await;
    let cx = bench.context();
    assert_eq!(bench.call_in(&cx, "find-citizen", question()).await.unwrap_err().kind, FaultKind::Interrupted);
    assert!(cx.was_sent());
    let cx = CallContext::new(REFERENCE, Duration::from_millis(100), bench.clock.clone());
    assert_eq!(bench.call_in(&cx, "find-citizen", question()).await.unwrap_err().kind, FaultKind::Timeout);
    assert!(cx.was_sent());
}

#[tokio::test]
async fn an_input_that_breaks_the_rules_sends_nothing() {
    let (server, bench) = across_the_axis([]).await;
    for (input, pointer) in [
        (json!({ "name": "A", "identity_number": "038199000001" }), "/purpose"),
        (
            json!({ "purpose": { "procedure_code": "1.000094" }, "name": "A", "identity_number": "038199000001" }),
            "/purpose/officer",
        ),
        (json!({ "purpose": { "procedure_code": "VPCP", "officer": "a" }, "name": "A" }), "/identity_number"),
        (json!({ "purpose": { "procedure_code": "VPCP", "officer": "a" }, "name": "A", "ho_ten": "B" }), "/ho_ten"),
    ] {
        let cx = bench.context();
        let fault = bench.call_in(&cx, "find-citizen", input.clone()).await.unwrap_err();
        assert_eq!((fault.kind, fault.problems[0].pointer.as_str()), (FaultKind::Invalid, pointer), "{input}");
        assert!(!cx.was_sent());
        use lienthong_core::Adapter as _;
        assert_eq!(bench.population.check(&name("find-citizen"), &input).unwrap_err().kind, FaultKind::Invalid);
    }
    assert!(server.calls().is_empty());
}
