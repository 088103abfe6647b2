//! Who is believed: a digest once and recent, a signature over exactly HEADER and BODY by the partner's own key.

use std::path::Path;
use std::process::Command;

use super::super::{Proof, Tax, TaxOptions};
use super::client::{data, envelope, security, security_with, send, start, taxpayer_row};

#[tokio::test]
async fn a_digest_is_believed_once() {
    let tax = start().await;
    let created = super::super::state::now().to_string();
    let body = envelope(&security_with(b"one", &created, "simulated"), &data(&taxpayer_row("1")));
    assert_eq!(send(tax.addr(), "POST", "/", &body).await.unwrap().status, 200);
    let replayed = send(tax.addr(), "POST", "/", &body).await.unwrap();
    assert_eq!(replayed.status, 500);
    assert!(replayed.body.contains("<faultcode>wsse:FailedAuthentication</faultcode>"), "{}", replayed.body);
    assert_eq!(tax.report().tally.refusals["replayed-nonce"], 1);
}

#[tokio::test]
async fn a_wrong_password_an_old_token_and_none_are_refused() {
    let tax = start().await;
    let message = data(&taxpayer_row("1"));
    let old = security_with(b"old", "2025-01-15T01:30:00Z", "simulated");
    for (header, reason) in [
        (security("other"), "wrong-digest"),
        (old, "stale-created"),
        (String::new(), "no-username-token"),
        (security("simulated").replace("PARTNER", "STRANGER"), "unknown-username"),
        (security("simulated").replace("#PasswordDigest", "#PasswordText"), "password-is-no-digest"),
    ] {
        let got = send(tax.addr(), "POST", "/", &envelope(&header, &message)).await.unwrap();
        assert_eq!((got.status, tax.report().tally.refusals[reason]), (500, 1), "{reason}");
    }
    assert!(tax.report().tally.kinds.is_empty());
}

const TEMPLATE: &str = r#"<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#WithComments"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI=""><Transforms><Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>ancestor-or-self::HEADER or ancestor-or-self::BODY</XPath></Transform></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo><SignatureValue/><KeyInfo><X509Data><X509SubjectName/><X509Certificate/></X509Data></KeyInfo></Signature>"#;

/// A key that lives as long as the test.
fn key(folder: &Path, name: &str) -> String {
    let path = |end: &str| folder.join(format!("{name}.{end}"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj"])
        .arg(format!("/CN={name}"))
        .arg("-keyout")
        .arg(path("key"))
        .arg("-out")
        .arg(path("pem"))
        .output()
        .expect("this test makes its keys with openssl");
    assert!(made.status.success());
    std::fs::read_to_string(path("pem")).unwrap()
}

/// The message signed by xmlsec1, line breaks taken out as the real clients do.
fn signed(folder: &Path, name: &str, message: &str) -> String {
    let (plain, done) = (folder.join("plain.xml"), folder.join("done.xml"));
    std::fs::write(&plain, message.replace("<SECURITY/>", &format!("<SECURITY>{TEMPLATE}</SECURITY>"))).unwrap();
    let keys = format!("{0}/{name}.key,{0}/{name}.pem", folder.display());
    let made = Command::new("xmlsec1")
        .args(["--sign", "--privkey-pem", &keys, "--output"])
        .arg(&done)
        .arg(&plain)
        .output()
        .expect("this test signs with xmlsec1");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let text = std::fs::read_to_string(done).unwrap();
    text.split_once("?>").map_or(text.as_str(), |(_, rest)| rest).replace(['\n', '\r'], "")
}

#[tokio::test]
async fn a_signature_is_verified_by_another_program_and_what_it_covers_is_compared() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = key(folder.path(), "partner");
    key(folder.path(), "stranger");
    let options = TaxOptions { proof: Proof::Signed { certificate }, ..TaxOptions::default() };
    let tax = Tax::start(options).await.unwrap();
    let ask = async |message: &str| send(tax.addr(), "POST", "/", &envelope("", message)).await.unwrap();

    let message = signed(folder.path(), "partner", &data(&taxpayer_row("2800000002")));
    assert_eq!(ask(&message).await.status, 200);

    let changed = message.replace("2800000002", "2800000019");
    let wrapped = message.replace("<BODY>", "<SPARE><BODY><ROW/></BODY></SPARE><BODY>");
    let stranger = signed(folder.path(), "stranger", &data(&taxpayer_row("2800000002")));
    let narrowed = message.replace(" or ancestor-or-self::BODY", "");
    for (message, reason) in [
        (changed, "signature-does-not-verify"),
        (wrapped, "a HEADER or BODY inside another element"),
        (stranger, "another-certificate"),
        (narrowed, "another transform"),
        (data(&taxpayer_row("2800000002")), "unsigned"),
    ] {
        assert_eq!(ask(&message).await.status, 500, "{reason}");
        assert_eq!(tax.report().tally.refusals.get(reason), Some(&1), "{:?}", tax.report().tally.refusals);
    }
}

#[tokio::test]
async fn a_certificate_that_is_none_is_told_at_the_start() {
    let options =
        TaxOptions { proof: Proof::Signed { certificate: "-----BEGIN-----".into() }, ..TaxOptions::default() };
    assert!(Tax::start(options).await.is_err());
}
