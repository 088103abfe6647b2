//! Tests of wrapping: a signature that holds, of something else than what is sent and read, is no signature of it.

use super::*;

const FORGED: &str = "H56.14-250115-6666";

fn refused(document: &str, officer: &workshop::Person) -> Unverified {
    verify(document, DOSSIER, &Rules::default(), officer.now()).unwrap_err()
}

#[test]
fn a_signed_slip_inside_a_forged_one_is_not_the_slip() {
    let workshop = Workshop::new();
    let officer = workshop.person("officer");
    let signed = workshop
        .signed(&format!("<Phieu Id=\"goc\"><Ma>{DOSSIER}</Ma>{}</Phieu>", template(&enveloped("#goc"))), &officer);
    let root = signed.split_once("?>").map_or(signed.as_str(), |(_, root)| root).trim();
    let forged = format!("<Phieu><Ma>{FORGED}</Ma>{root}</Phieu>");
    assert!(
        workshop.xmlsec1_verifies(&forged, &officer),
        "the other program verifies it, and so would whoever asks only that"
    );
    assert!(matches!(refused(&forged, &officer), Unverified::Uncovered(name) if name == "Ma"));
}

#[test]
fn a_signed_part_beside_an_unsigned_one_covers_itself_alone() {
    let workshop = Workshop::new();
    let officer = workshop.person("officer");
    let one = format!("<Phieu><Than Id=\"b\">{DOSSIER}</Than>{}</Phieu>", template(&reference("#b", "")));
    let signed = workshop.signed(&one, &officer);
    assert_eq!(verify(&signed, DOSSIER, &Rules::default(), officer.now()), Ok(()));
    let beside = signed.replace("<Than ", &format!("<Dau>{FORGED}</Dau><Than "));
    assert!(workshop.xmlsec1_verifies(&beside, &officer));
    assert!(matches!(refused(&beside, &officer), Unverified::Uncovered(name) if name == "Dau"));
    let allowed = Rules { unsigned: vec!["Dau".into()], ..Rules::default() };
    assert_eq!(verify(&beside, DOSSIER, &allowed, officer.now()), Ok(()), "where it is configured to be free");
    let named = Rules { dossier_element: Some("Dau".into()), ..allowed };
    let unsigned_name = Err(Unverified::NoDossier("Dau".into()));
    assert_eq!(
        verify(&beside, DOSSIER, &named, officer.now()),
        unsigned_name,
        "what is read must be signed all the same"
    );
    for more in ["<Phieu ghi=\"1\">", "<Phieu>chữ ", "<Phieu><?x y?>"] {
        let altered = signed.replace("<Phieu>", more);
        assert!(workshop.xmlsec1_verifies(&altered, &officer), "{more}");
        assert!(matches!(refused(&altered, &officer), Unverified::Shape(_)), "{more}");
    }
}

#[test]
fn header_and_body_count_in_their_place_alone() {
    let workshop = Workshop::new();
    let officer = workshop.person("officer");
    let signed = workshop.signed(&gip(&template(&by_path())), &officer);
    let moved = signed.replace("<BODY>", "<Cu><BODY>").replace("</BODY>", "</BODY></Cu>");
    let foreign = signed.replace("<BODY>", "<BODY xmlns=\"urn:x\">");
    let beside = signed.replace("<SECURITY>", &format!("<MA_HS>{FORGED}</MA_HS><SECURITY>"));
    let within = signed.replace("<SECURITY>", &format!("<SECURITY><MA_HS>{FORGED}</MA_HS>"));
    let object = signed.replace("</KeyInfo>", &format!("</KeyInfo><Object><MA_HS>{FORGED}</MA_HS></Object>"));
    let keys = signed.replace("</X509Data>", &format!("</X509Data><MA_HS xmlns=\"\">{FORGED}</MA_HS>"));
    for (name, document) in
        [("beside", &beside), ("within", &within), ("object", &object), ("keys", &keys), ("moved", &moved)]
    {
        assert!(workshop.xmlsec1_verifies(document, &officer), "{name}: the other program sees nothing wrong");
    }
    for (name, document) in [
        ("moved", &moved),
        ("foreign", &foreign),
        ("beside", &beside),
        ("within", &within),
        ("object", &object),
        ("keys", &keys),
    ] {
        let problem = refused(document, &officer);
        assert!(!matches!(problem, Unverified::Signature), "{name}: refused for its shape, {problem}");
    }
}

#[test]
fn a_comment_put_in_afterwards_is_seen_though_no_digest_does() {
    let workshop = Workshop::new();
    let officer = workshop.person("officer");
    let signed = workshop.signed(&gip(&template(&by_path())), &officer);
    let cut = signed.replace("-250115-", "-2501<!---->15-");
    assert!(workshop.xmlsec1_verifies(&cut, &officer));
    assert_eq!(refused(&cut, &officer), Unverified::Shape("holds a comment, which no signature covers"));
}

#[test]
fn two_signatures_two_ids_and_deep_parts_are_not_chosen_among() {
    let workshop = Workshop::new();
    let officer = workshop.person("officer");
    let whole = format!("<Phieu><Ma>{DOSSIER}</Ma>{}</Phieu>", template(&enveloped("")));
    let signed = workshop.signed(&whole, &officer);
    let start = signed.find("<Signature").unwrap();
    let signature = signed[start..signed.find("</Signature>").unwrap() + "</Signature>".len()].to_owned();
    assert!(matches!(refused(&signed.replace(&signature, &signature.repeat(2)), &officer), Unverified::Shape(_)));
    let deep = format!(
        "<Phieu><Ma>{FORGED}</Ma><Giua><Trong Id=\"c\">{DOSSIER}</Trong></Giua>{}</Phieu>",
        template(&reference("#c", ""))
    );
    assert!(matches!(refused(&workshop.signed(&deep, &officer), &officer), Unverified::Shape(_)));
    let part = format!("<Phieu><Than Id=\"b\">{DOSSIER}</Than>{}</Phieu>", template(&reference("#b", "")));
    let twice =
        workshop.signed(&part, &officer).replace("</Phieu>", &format!("<Than Id=\"b\">{FORGED}</Than></Phieu>"));
    assert!(matches!(refused(&twice, &officer), Unverified::Shape(_)));
}
