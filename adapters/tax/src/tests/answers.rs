//! Answers as they are judged: both wrappings, another message's, errors in header and SOAP, bad XML, wrong encodings.

use lienthong_core::FaultKind;
use lienthong_core::fault::Retry;
use serde_json::{Value, json};

use super::server::{Server, Step};
use super::support::{Bench, bench, data, settings, soap};

const TAXPAYER: &str = include_str!("../../testdata/taxpayer.answer.soap.xml");
const LEDGER: &str = include_str!("../../testdata/ledger.answer.soap.xml");
const CODE: &str = "000.00.32.H19-250108-0001";

async fn answered(step: Step, change: impl FnOnce(&mut Value)) -> (Server, Bench) {
    let server = Server::start([step]).await;
    let mut config = settings(&server.address);
    change(&mut config);
    let bench = bench(config);
    (server, bench)
}

async fn kind_of(status: u16, body: &str) -> FaultKind {
    let (_server, bench) = answered(Step::Say(status, body.to_owned()), |_| {}).await;
    bench.find("2800000002-001").await.unwrap_err().kind
}

#[tokio::test]
async fn a_taxpayer_is_read_with_codes_as_they_stand() {
    let (_server, bench) = answered(Step::Say(200, TAXPAYER.to_owned()), |_| {}).await;
    let found = bench.find("2800000002001").await.unwrap();
    assert_eq!(
        found,
        json!({
            "taxpayers": [{
                "tax_code": "2800000002-001", "name": "CHI NHÁNH CÔNG TY TNHH MẪU", "kind_code": "0110", "number": "2801234567",
                "chapter": "754", "chapter_level": "3", "tax_office": "1054000", "registered_on": "2015-02-01", "status_code": "00"
            }],
            "addresses": [
                {
                    "text": "Số 1 đường Mẫu",
                    "area": { "province": { "code": "38TTT" }, "district": { "code": "380HH" }, "commune": { "code": "4010101" } }
                },
                { "text": "Số 2 đường Mẫu", "area": { "province": { "code": "713", "name": "Đồng Nai" } } }
            ],
            "answer": { "message_id": "GIP202501200000001", "sent_on": "2025-01-20" }
        })
    );
}

#[tokio::test]
async fn a_name_in_decomposed_unicode_is_answered_composed() {
    let decomposed = TAXPAYER.replace("MẪU", "MA\u{302}\u{303}U");
    let (_server, bench) = answered(Step::Say(200, decomposed), |_| {}).await;
    let found = bench.find("2800000002001").await.unwrap();
    assert_eq!(found["taxpayers"][0]["name"], "CHI NHÁNH CÔNG TY TNHH MẪU");
}

#[tokio::test]
async fn a_ledger_is_read_from_an_escaped_answer_of_the_other_namespace() {
    let (_server, bench) = answered(Step::Say(200, LEDGER.to_owned()), |config| {
        config["soap"] = json!({ "request": "http://gip.com/", "response": "http://gip.com/", "qualified": true });
    })
    .await;
    let input = json!({ "dossier_code": CODE, "owner_number": "038199000001" });
    let ledger = bench.call("find-land-ledger", input).await.unwrap();
    assert_eq!((&ledger["state"], &ledger["state_code"]), (&json!("owed"), &json!("01")));
    let due: Vec<&Value> =
        ledger["totals"][1]["entries"].as_array().unwrap().iter().map(|one| &one["due_date"]).collect();
    assert_eq!(due, ["2025-02-10", "2025-05-12"]);
    assert_eq!(ledger["totals"][1]["amount"], "2317000");
}

#[tokio::test]
async fn what_answers_another_question_is_not_believed() {
    for body in [
        TAXPAYER.replace("2800000002-001", "2800000019-001"),
        TAXPAYER.replace("<MSG_REFID/>", "<MSG_REFID>another</MSG_REFID>"),
        TAXPAYER.replace("http://gip.response.com/", "http://gip.com/"),
        TAXPAYER.replace("xuLyTruyVanMsgResponse", "otherResponse"),
        TAXPAYER.replace("<MST>2800000002-001</MST>", "<MST>2800000002-001</MST><MST>2800000019</MST>"),
        LEDGER.replace("http://gip.com/", "http://gip.response.com/"),
        soap(&data("", "")),
        soap(&data("", "<ROW><TYPE>00047</TYPE><SOTHUE/></ROW>")),
        soap("<OTHER/>"),
        soap(""),
    ] {
        assert_eq!(kind_of(200, &body).await, FaultKind::Unintelligible, "{body}");
    }
    let (_server, bench) = answered(Step::Say(200, TAXPAYER.to_owned()), |config| {
        config["taxpayer"] = json!({ "answer_types": ["00005"] });
    })
    .await;
    assert_eq!(bench.find("2800000002-001").await.unwrap_err().kind, FaultKind::Unintelligible);
}

#[tokio::test]
async fn an_answer_that_describes_nobody_means_what_is_configured() {
    let nobody = soap(&data("", "<ROW><TYPE>00004</TYPE><THONGTIN_NNT><THONGTINCHUNG/><DIACHI/></THONGTIN_NNT></ROW>"));
    assert_eq!(kind_of(200, &nobody).await, FaultKind::Unintelligible);
    let (_server, bench) = answered(Step::Say(200, nobody), |config| {
        config["taxpayer"] = json!({ "empty_answer": "not_found" });
    })
    .await;
    assert_eq!(bench.find("2800000002-001").await.unwrap_err().kind, FaultKind::NotFound);
}

#[tokio::test]
async fn errors_in_the_header_and_soap_faults_are_told_apart() {
    let header = |code: &str, words: &str| {
        soap(&data(&format!("<ERROR_CODE>{code}</ERROR_CODE><ERROR_DESC>{words}</ERROR_DESC>"), ""))
    };
    let fault = |code: &str, words: &str| {
        format!(
            "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body><S:Fault><faultcode>{code}</faultcode><faultstring>{words}</faultstring></S:Fault></S:Body></S:Envelope>"
        )
    };
    for (status, body, kind) in [
        (200, header("01", "Không tìm thấy người nộp thuế"), FaultKind::NotFound),
        (200, header("99", "Lỗi hệ thống"), FaultKind::Unintelligible),
        (500, fault("wsse:FailedAuthentication", "no"), FaultKind::Unauthenticated),
        (200, fault("wsse:InvalidSecurity", "no"), FaultKind::Unauthenticated),
        (500, fault("S:Server", "Hệ thống đang bảo trì"), FaultKind::Unavailable),
        (500, fault("S:Server", "Internal Error"), FaultKind::Unintelligible),
        (500, fault("S:Client", "bad"), FaultKind::Rejected),
        (500, TAXPAYER.to_owned(), FaultKind::Unintelligible),
        (400, TAXPAYER.to_owned(), FaultKind::Unintelligible),
    ] {
        assert_eq!(kind_of(status, &body).await, kind, "{status} {body}");
    }
}

#[tokio::test]
async fn bad_xml_is_of_unknown_outcome_and_names_its_reason_without_content() {
    let row = "<ROW><TYPE>00004</TYPE></ROW>";
    let entity = format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{}", data("", row));
    let deep = data("", &format!("<ROW>{}{}</ROW>", "<a>".repeat(40), "</a>".repeat(40)));
    let huge = data("", &format!("<ROW a=\"{}\"/>", "x".repeat(5000)));
    for inner in [entity, deep, huge, data("", "<ROW>&b;</ROW>"), data("", "<ROW>")] {
        let escaped = inner.replace('&', "&amp;").replace('<', "&lt;");
        let body = soap("MESSAGE").replace("<![CDATA[MESSAGE]]>", &escaped);
        let (_server, bench) = answered(Step::Say(200, body), |_| {}).await;
        let fault = bench.find("2800000002-001").await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unintelligible);
        let told = fault.detail.starts_with("the answer cannot be read: ") && fault.detail.len() < 120;
        assert!(told && !fault.detail.contains("xxx"), "{}", fault.detail);
    }
    let outside = TAXPAYER.replace("<S:Envelope", "<!DOCTYPE a [<!ENTITY b \"c\">]><S:Envelope");
    assert_eq!(kind_of(200, &outside).await, FaultKind::Unintelligible);
}

#[tokio::test]
async fn another_encoding_is_named_and_never_guessed() {
    let mut latin = TAXPAYER.as_bytes().to_vec();
    latin.splice(300..300, [0xd4, 0xee]);
    let utf16: Vec<u8> = TAXPAYER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let declared = TAXPAYER.replace("UTF-8", "windows-1258").into_bytes();
    for bytes in [latin, utf16, declared] {
        let (_server, bench) = answered(Step::Bytes(bytes), |_| {}).await;
        let fault = bench.find("2800000002-001").await.unwrap_err();
        assert_eq!(fault.kind.retry(), Retry::OutcomeUnknown, "{fault}");
    }
}

#[tokio::test]
async fn words_that_repeat_the_code_or_the_account_do_not_show_them() {
    let words = "MST 038199000001 của PARTNER (mat-khau-rat-bi-mat) không tồn tại";
    let body = soap(&data(&format!("<ERROR_CODE>01</ERROR_CODE><ERROR_DESC>{words}</ERROR_DESC>"), ""));
    let (_server, bench) = answered(Step::Say(200, body), |_| {}).await;
    let fault = bench.find("038199000001").await.unwrap_err();
    let shown = format!("{fault} {fault:?}");
    for secret in ["038199000001", "PARTNER", "mat-khau"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
