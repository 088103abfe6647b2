//! Probes: a real question where one is configured, else a knock at the door.

use lienthong_core::Adapter as _;
use serde_json::json;

use super::server::{Server, Step};
use super::support::{bench, data, settings, soap};

async fn probed(code: Option<&str>, step: Step) -> bool {
    let server = Server::start([step]).await;
    let mut config = settings(&server.address);
    if let Some(code) = code {
        config["probe_tax_code"] = json!(code);
    }
    let bench = bench(config);
    bench.tax.probe(&bench.context()).await.is_ok()
}

#[tokio::test]
async fn a_question_that_is_understood_is_service_and_a_refused_proof_is_not() {
    let found = include_str!("../../testdata/taxpayer.answer.soap.xml").to_owned();
    let unknown = soap(&data("<ERROR_CODE>01</ERROR_CODE><ERROR_DESC>Không tìm thấy</ERROR_DESC>", ""));
    let refused = "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body><S:Fault><faultcode>wsse:FailedCheck</faultcode></S:Fault></S:Body></S:Envelope>";
    assert!(probed(Some("2800000002-001"), Step::Say(200, found)).await);
    assert!(probed(Some("2800000002-001"), Step::Say(200, unknown)).await);
    assert!(!probed(Some("2800000002-001"), Step::Say(500, refused.to_owned())).await);
    assert!(!probed(Some("2800000002-001"), Step::Reset).await);
}

#[tokio::test]
async fn a_gateway_that_refuses_get_is_there_all_the_same() {
    assert!(probed(None, Step::Say(405, String::new())).await);
    assert!(probed(None, Step::Say(200, "<definitions/>".to_owned())).await);
    for status in [401, 502, 503] {
        assert!(!probed(None, Step::Say(status, String::new())).await, "{status}");
    }
}
