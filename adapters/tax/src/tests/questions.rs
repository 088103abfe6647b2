//! Questions as they leave: header in its order, both wrappings, both namespaces, both proofs; and inputs that never leave.

use lienthong_core::FaultKind;
use serde_json::json;

use super::server::{Server, Step};
use super::support::{REFERENCE, Secrets, bench, bench_at, element, in_msg, settings};
use crate::signature::tests::workshop::Workshop;

const TAXPAYER: &str = include_str!("../../testdata/taxpayer.answer.soap.xml");

fn answer() -> Step {
    Step::Say(200, TAXPAYER.to_owned())
}

#[tokio::test]
async fn a_question_is_the_header_in_its_order_and_one_row() {
    let server = Server::start([answer()]).await;
    bench(settings(&server.address)).find("2800000002001").await.unwrap();
    assert_eq!(in_msg(&server), include_str!("../../testdata/taxpayer.question.xml").trim_end());
    let head = server.last().head.to_lowercase();
    assert!(head.starts_with("post /t2b/gip/request "), "{head}");
    assert!(head.contains("soapaction: \"\"") && head.contains("content-type: text/xml; charset=utf-8"), "{head}");
}

#[tokio::test]
async fn data_stands_in_cdata_or_escaped_and_in_the_namespaces_of_either_client() {
    let mut other = settings("");
    other["soap"] = json!({
        "request": "http://gip.com/", "response": "http://gip.com/", "qualified": true, "wrapping": "escaped", "action": "urn:x"
    });
    other["header"] = json!({ "message_id": "digits", "send_date": "named_month" });
    other["taxpayer"] = json!({ "branch_hyphen": false, "tran_code": "46001" });
    for (config, namespace, wrapped) in
        [(settings(""), "http://gip.request.com/", "<![CDATA[<DATA>"), (other, "http://gip.com/", "&lt;DATA&gt;")]
    {
        let text = TAXPAYER.replace(
            "http://gip.response.com/",
            if namespace.contains("request") { "http://gip.response.com/" } else { namespace },
        );
        let server = Server::start([Step::Say(200, text)]).await;
        let mut config = config;
        config["endpoints"][0]["url"] = json!(server.address);
        bench(config).find("2800000002-001").await.unwrap();
        let sent = server.last().body;
        assert!(sent.contains(wrapped), "{sent}");
        let root = element(&sent);
        let operation = root.at(&["Body", "xuLyTruyVanMsg"]).unwrap();
        assert_eq!(operation.namespace.as_deref(), Some(namespace));
        let inside = operation.child("in_msg").unwrap().namespace.as_deref();
        assert_eq!(inside, (namespace == "http://gip.com/").then_some(namespace));
        let data = element(&in_msg(&server));
        assert_eq!(data.at(&["HEADER", "RECEIVER_NAME"]).unwrap().text, "Hệ Thống GIP");
    }
}

#[tokio::test]
async fn the_other_clients_habits_are_configuration() {
    let mut config = settings("");
    config["header"] = json!({ "message_id": "digits", "send_date": "named_month" });
    config["taxpayer"] = json!({ "branch_hyphen": false, "tran_code": "46001" });
    let server = Server::start([answer()]).await;
    config["endpoints"][0]["url"] = json!(server.address);
    bench(config).find("2800000002-001").await.unwrap();
    let data = element(&in_msg(&server));
    let header = data.child("HEADER").unwrap();
    assert_eq!(header.child_text("SEND_DATE"), Some("15-Jan-2025 08:30:00"));
    assert_eq!(header.child_text("TRAN_CODE"), Some("46001"));
    assert_eq!(header.child_text("MSG_ID").map(str::len), Some(22));
    assert_eq!(data.at(&["BODY", "ROW", "TRUYVAN", "MST"]).unwrap().text, "2800000002001");
}

#[tokio::test]
async fn the_password_goes_as_a_digest_with_a_nonce_of_its_own() {
    let server = Server::start([answer(), answer()]).await;
    let bench = bench(settings(&server.address));
    let mut nonces = Vec::new();
    for _ in 0..2 {
        bench.find("2800000002-001").await.unwrap();
        let sent = server.last().body;
        assert!(!sent.contains(super::support::PASSWORD));
        let root = element(&sent);
        let token = root.at(&["Header", "Security", "UsernameToken"]).unwrap();
        assert_eq!(token.child_text("Username"), Some("PARTNER"));
        assert_eq!(token.child_text("Created"), Some("2025-01-15T01:30:00.000Z"));
        assert!(token.child("Password").unwrap().attribute("Type").unwrap().ends_with("#PasswordDigest"));
        nonces.push(token.child_text("Nonce").unwrap().to_owned());
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn a_signed_question_verifies_with_xmlsec1_as_it_arrived() {
    let workshop = Workshop::new();
    let partner = workshop.person("partner");
    let server = Server::start([answer()]).await;
    let mut config = settings(&server.address);
    config["authentication"] = json!({ "signature": { "key": "env:KEY", "certificate": "env:CERT" } });
    let secrets = Secrets(vec![("KEY", partner.key.clone()), ("CERT", partner.certificate.clone())]);
    let bench = bench_at(config, secrets, partner.now());
    bench.find("2800000002-001").await.unwrap();
    assert!(element(&server.last().body).at(&["Header", "Security"]).is_none());
    let message = in_msg(&server);
    assert!(workshop.xmlsec1_verifies(&message, &partner), "{message}");
    assert!(message.contains(REFERENCE));
}

#[tokio::test]
async fn a_key_that_is_none_is_told_when_the_adapter_is_built() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut config = settings("http://127.0.0.1:1");
    config["authentication"] = json!({ "signature": { "key": "env:USER", "certificate": "env:PASSWORD" } });
    let around = lienthong_core::Surroundings {
        secrets: &Secrets(Vec::new()),
        clock: std::sync::Arc::new(super::support::Still("2025-01-15T01:30:00Z".parse().unwrap())),
        files: std::sync::Arc::new(lienthong_core::file::NoFiles),
        programs: std::sync::Arc::new(lienthong_core::program::NoPrograms),
    };
    let system = lienthong_core::SystemId::new("tax").unwrap();
    let problem = crate::Tax::build(system, serde_json::from_value(config).unwrap(), &around).unwrap_err();
    assert!(problem.starts_with("authentication.signature:") && !problem.contains("mat-khau"), "{problem}");
}

#[tokio::test]
async fn codes_whose_checksum_fails_never_leave() {
    let server = Server::start([]).await;
    let bench = bench(settings(&server.address));
    for (code, fine) in [
        ("2800000002", true),
        ("2800000002-001", true),
        ("2800000002001", true),
        ("038199000001", true),
        ("2800000003", false),
        ("2800000002-000", false),
        ("28000000020", false),
        ("280000000A", false),
    ] {
        use lienthong_core::Adapter as _;
        let checked = bench.tax.check(&super::support::name("find-taxpayer"), &json!({ "tax_code": code }));
        assert_eq!(checked.is_ok(), fine, "{code}");
        if !fine {
            let fault = bench.find(code).await.unwrap_err();
            assert_eq!((fault.kind, fault.problems[0].pointer.as_str()), (FaultKind::Invalid, "/tax_code"), "{code}");
        }
    }
    for (code, owner, pointer) in [
        ("H56.14-250230-0007", "038199000001", "/dossier_code"),
        ("H56.14-250115-0007", "03819900000", "/owner_number"),
        ("H56.14-250115-0007", "2800000003", "/owner_number"),
    ] {
        let input = json!({ "dossier_code": code, "owner_number": owner });
        let fault = bench.call("find-land-ledger", input).await.unwrap_err();
        assert_eq!((fault.kind, fault.problems[0].pointer.as_str()), (FaultKind::Invalid, pointer));
    }
    assert!(server.received().is_empty());
}

#[test]
fn what_is_not_configured_is_not_offered() {
    let mut config = settings("http://127.0.0.1:1");
    config.as_object_mut().unwrap().remove("ledger");
    config.as_object_mut().unwrap().remove("slip");
    let config: crate::TaxConfig = serde_json::from_value(config).unwrap();
    let system = lienthong_core::SystemId::new("tax").unwrap();
    let names: Vec<String> = config.operations(&system).unwrap().iter().map(|spec| spec.name.to_string()).collect();
    assert_eq!(names, ["tax.find-taxpayer"]);
    assert!(config.inbound_operations(&system).unwrap().is_empty());
}
