//! Tests of signatures against another program: what is signed here verifies with xmlsec1, what xmlsec1 signs verifies here, and nothing else does.

mod certificates;
mod hostile;
mod laws;
pub(crate) mod workshop;
mod wrapping;

use workshop::{Workshop, reference, template};

use super::*;
use crate::wire::request::{Data, Header, Inside, Row};

pub(crate) const DOSSIER: &str = "H56.14-250115-0007";

/// A message of ours, with letters canonical forms must keep.
pub(super) fn data() -> Data {
    let header = Header {
        sender_code: "PARTNER",
        sender_name: "Sở Mẫu & <bạn>",
        receiver_code: "GIP",
        receiver_name: "Hệ Thống GIP",
        tran_code: "00003",
        message_id: "01994f3e-0000-7000-8000-000000000001.0.1",
        send_date: "15-01-2025 08:30:00",
    };
    let question = [("MST", "2800000002"), ("GHI_CHU", "a\r\nb > c \"d\"\t'")];
    Data::new(&header, &Row { inside: Inside::Question(&question), kind: "00003", name: "Truy vấn theo MST" })
}

/// GIP's message with a template in it.
pub(super) fn gip(inside: &str) -> String {
    format!(
        "<DATA><HEADER><MSG_ID>1</MSG_ID></HEADER><BODY><ROW><MA_HS>{DOSSIER}</MA_HS></ROW></BODY><SECURITY>{inside}</SECURITY></DATA>"
    )
}

pub(super) fn by_path() -> String {
    let path = crate::wire::security::HEADER_AND_BODY;
    reference(
        "",
        &format!("<Transform Algorithm=\"{}\"><XPath>{path}</XPath></Transform>", crate::wire::security::XPATH),
    )
}

pub(super) fn enveloped(uri: &str) -> String {
    reference(uri, "<Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>")
}

#[test]
fn a_signature_made_here_verifies_with_xmlsec1_and_here() {
    let workshop = Workshop::new();
    let partner = workshop.person("partner");
    let signer = Signer::build(&partner.key.as_str().into(), &partner.certificate.as_str().into()).unwrap();
    let data = data();
    let signature = signer.sign(&data, partner.now()).unwrap();
    assert!(!signature.contains(['\n', '\r']) && !signature.contains("&#"), "no line breaks, as the gateway wants it");
    let whole = data.whole(&signature);
    assert!(whole.contains("<X509SubjectName>CN=partner, O=Văn phòng Mẫu, C=VN</X509SubjectName>"), "{whole}");
    assert!(workshop.xmlsec1_verifies(&whole, &partner));
    assert_eq!(verify(&whole, DOSSIER, &Rules::default(), partner.now()), Ok(()));
    let changed = whole.replace("2800000002", "2800000019");
    assert!(!workshop.xmlsec1_verifies(&changed, &partner));
    assert_eq!(verify(&changed, DOSSIER, &Rules::default(), partner.now()), Err(Unverified::Signature));
}

#[test]
fn what_xmlsec1_signs_verifies_here_in_every_form_that_is_taken() {
    let workshop = Workshop::new();
    let officer = workshop.person("officer");
    let parts = |inside: &str| format!("<Phieu><Dau Id=\"a\">{DOSSIER}</Dau><Than Id=\"b\">1</Than>{inside}</Phieu>");
    let time = "<Object Id=\"t\"><SignatureProperties><SignatureProperty Target=\"#s\">x</SignatureProperty></SignatureProperties></Object>";
    let forms = [
        gip(&template(&by_path())),
        format!("<Phieu>\n  <Ma>{DOSSIER}</Ma>\n{}</Phieu>", template(&enveloped(""))),
        format!(
            "<p:Phieu xmlns:p=\"urn:p\" Id=\"goc\"><p:Ma>{DOSSIER}</p:Ma>{}</p:Phieu>",
            template(&enveloped("#goc"))
        ),
        parts(&template(&format!("{}{}", reference("#a", ""), reference("#b", "")))),
        parts(
            &template(&format!("{}{}", enveloped(""), reference("#t", "")))
                .replace("</Signature>", &format!("{time}</Signature>")),
        ),
    ];
    for form in forms {
        let signed = workshop.signed(&form, &officer);
        assert!(workshop.xmlsec1_verifies(&signed, &officer), "{signed}");
        assert_eq!(verify(&signed, DOSSIER, &Rules::default(), officer.now()), Ok(()), "{signed}");
        let changed = signed.replacen("-0007", "-0008", 1);
        assert_eq!(verify(&changed, DOSSIER, &Rules::default(), officer.now()), Err(Unverified::Signature));
    }
}

#[test]
fn a_key_and_a_certificate_that_do_not_belong_together_are_refused() {
    let workshop = Workshop::new();
    let (one, other) = (workshop.person("one"), workshop.person("other"));
    let built = |key: &str, certificate: &str| Signer::build(&key.into(), &certificate.into()).map(drop).unwrap_err();
    assert!(built(&one.key, &other.certificate).contains("not that of the key"));
    assert!(built("no key", &one.certificate).contains("not PEM"));
    assert!(built(&one.key, "no certificate").contains("not PEM"));
    let rsa = workshop.as_pkcs1(&one);
    assert!(Signer::build(&rsa.as_str().into(), &one.certificate.as_str().into()).is_ok());
}

#[test]
fn a_certificate_of_ours_that_has_ended_signs_nothing() {
    let workshop = Workshop::new();
    let partner = workshop.person("partner");
    let signer = Signer::build(&partner.key.as_str().into(), &partner.certificate.as_str().into()).unwrap();
    let later = partner.now().checked_add(lienthong_core::SignedDuration::from_hours(24 * 40)).unwrap();
    let fault = signer.sign(&data(), later).unwrap_err();
    assert_eq!(fault.kind, lienthong_core::FaultKind::Unauthenticated);
}

#[test]
fn the_slip_of_the_documentation_verifies_for_its_dossier_alone() {
    let slip = include_str!("../../testdata/slip.signed.xml");
    let rules = Rules { dossier_element: Some("SoBienNhan".into()), ..Rules::default() };
    let now = "2026-03-02T01:00:00Z".parse().unwrap();
    assert_eq!(verify(slip, DOSSIER, &rules, now), Ok(()));
    assert_eq!(verify(slip, "000.00.14.H56-250115-0007", &rules, now), Ok(()), "the other form of the code");
    assert_eq!(verify(slip, "H56.14-250115-0008", &rules, now), Err(Unverified::OtherDossier));
    let elsewhere = Rules { dossier_element: Some("MaHoSo".into()), ..Rules::default() };
    assert_eq!(verify(slip, DOSSIER, &elsewhere, now), Err(Unverified::NoDossier("MaHoSo".into())));
}
