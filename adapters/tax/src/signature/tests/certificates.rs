//! Tests of who signed: dates, use, strength, pinned authorities, and a certificate that is another's.

use lienthong_core::SignedDuration;

use super::*;

fn slip(workshop: &Workshop, officer: &workshop::Person) -> String {
    workshop.signed(&format!("<Phieu><Ma>{DOSSIER}</Ma>{}</Phieu>", template(&enveloped(""))), officer)
}

fn pinned(authority: &workshop::Person) -> Rules {
    let authorities = authorities(&authority.certificate.as_str().into(), "file:ca.pem").unwrap();
    Rules { authorities, ..Rules::default() }
}

#[test]
fn a_certificate_counts_within_its_dates() {
    let workshop = Workshop::new();
    let officer = workshop.person("officer");
    let signed = slip(&workshop, &officer);
    for hours in [-2, 24 * 3] {
        let then = officer.now().checked_add(SignedDuration::from_hours(hours)).unwrap();
        let problem = verify(&signed, DOSSIER, &Rules::default(), then).unwrap_err();
        assert!(matches!(problem, Unverified::Certificate(_)), "{problem}");
    }
}

#[test]
fn a_pinned_authority_must_have_issued_it() {
    let workshop = Workshop::new();
    let (authority, stranger) = (workshop.authority("co quan"), workshop.authority("la"));
    let officer = workshop.issued("officer", &authority, "digitalSignature");
    let signed = slip(&workshop, &officer);
    assert_eq!(verify(&signed, DOSSIER, &pinned(&authority), officer.now()), Ok(()));
    assert_eq!(verify(&signed, DOSSIER, &Rules::default(), officer.now()), Ok(()));
    for other in [&stranger, &officer] {
        let problem = verify(&signed, DOSSIER, &pinned(other), officer.now()).unwrap_err();
        assert!(matches!(problem, Unverified::Certificate(_)), "{problem}");
    }
}

#[test]
fn a_namesake_of_the_authority_issues_nothing() {
    let workshop = Workshop::new();
    let (authority, namesake) = (workshop.authority("co quan"), workshop.authority("co quan"));
    let officer = workshop.issued("officer", &namesake, "digitalSignature");
    let problem = verify(&slip(&workshop, &officer), DOSSIER, &pinned(&authority), officer.now()).unwrap_err();
    assert!(matches!(problem, Unverified::Certificate(_)), "{problem}");
}

#[test]
fn a_certificate_for_other_things_and_a_weak_key_sign_no_slip() {
    let workshop = Workshop::new();
    let authority = workshop.authority("co quan");
    for officer in [workshop.issued("officer", &authority, "keyEncipherment"), workshop.weakling("yeu")] {
        let problem = verify(&slip(&workshop, &officer), DOSSIER, &Rules::default(), officer.now()).unwrap_err();
        assert!(matches!(problem, Unverified::Certificate(_)), "{problem}");
    }
}

#[test]
fn the_certificate_of_somebody_else_does_not_verify() {
    let workshop = Workshop::new();
    let (officer, other) = (workshop.person("officer"), workshop.person("other"));
    let signed = slip(&workshop, &officer);
    let base64 = |pem: &str| pem.lines().filter(|line| !line.starts_with("-----")).collect::<String>();
    let start = signed.find("<X509Certificate>").unwrap() + "<X509Certificate>".len();
    let end = signed.find("</X509Certificate>").unwrap();
    let swapped = format!("{}{}{}", &signed[..start], base64(&other.certificate), &signed[end..]);
    assert_eq!(verify(&swapped, DOSSIER, &Rules::default(), officer.now()), Err(Unverified::Signature));
    for (nothing, what) in [("", "none"), ("AAAA", "no certificate"), ("?", "no base64")] {
        let without = format!("{}{nothing}{}", &signed[..start], &signed[end..]);
        let problem = verify(&without, DOSSIER, &Rules::default(), officer.now()).unwrap_err();
        assert!(matches!(problem, Unverified::Certificate(_)), "{what}: {problem}");
    }
}

#[test]
fn what_holds_no_certificate_is_no_authority() {
    assert!(authorities(&"nothing".into(), "env:CA").unwrap_err().contains("env:CA"));
}
