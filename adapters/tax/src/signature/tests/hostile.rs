//! Tests of documents that are bad input before any signature counts: DTDs, entities, depth, size, other algorithms, references elsewhere.

use super::*;

fn refused(document: &str) -> Unverified {
    let now = "2026-03-02T01:00:00Z".parse().unwrap();
    verify(document, DOSSIER, &Rules::default(), now).unwrap_err()
}

fn slip() -> String {
    include_str!("../../../testdata/slip.signed.xml").to_owned()
}

#[test]
fn a_dtd_an_entity_depth_and_size_are_refused_before_anything_else() {
    let dtd = slip().replace("<PhieuChuyen ", "<!DOCTYPE a [<!ENTITY b \"c\">]><PhieuChuyen ");
    let entity = slip().replace("Thửa 35", "&b;");
    let deep = slip().replace("Thửa 35", &format!("{}{}", "<a>".repeat(40), "</a>".repeat(40)));
    let attribute = slip().replace("<SoThua>", &format!("<SoThua a=\"{}\">", "x".repeat(5000)));
    let attributes =
        slip().replace("<SoThua>", &format!("<SoThua {}>", (0..40).map(|n| format!("a{n}=\"\" ")).collect::<String>()));
    let encoding = slip().replace("UTF-8", "windows-1258");
    for document in [dtd, entity, deep, attribute, attributes, encoding, "x".into(), String::new(), "<a>".into()] {
        assert!(matches!(refused(&document), Unverified::Xml(_)), "{document:.80}");
    }
}

#[test]
fn what_is_not_signed_or_half_signed_is_told_so() {
    assert_eq!(refused("<Phieu/>"), Unverified::Unsigned);
    let start = slip().find("<SignedInfo>").unwrap();
    let end = slip().find("</SignedInfo>").unwrap() + "</SignedInfo>".len();
    let gutted = format!("{}{}", &slip()[..start], &slip()[end..]);
    assert_eq!(refused(&gutted), Unverified::Shape("has a signature that is not whole"));
}

#[test]
fn algorithms_references_and_transforms_that_are_not_taken_are_refused() {
    for (from, to) in [
        ("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"),
        ("URI=\"\"", "URI=\"file:///etc/passwd\""),
        ("URI=\"\"", "URI=\"Cargo.toml\""),
        ("URI=\"\"", "URI=\"#xpointer(/)\""),
        ("URI=\"\"", "URI=\"#nobody\""),
        ("<Reference URI=\"\">", "<Reference>"),
        ("http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        ("http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/2000/09/xmldsig#base64"),
    ] {
        let problem = refused(&slip().replace(from, to));
        assert!(matches!(problem, Unverified::Shape(_)), "{to}: {problem}");
    }
}
