//! Keys, certificates and signatures made by openssl and xmlsec1: the other program. It asserts nothing of ours.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use lienthong_core::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::super::certificate::{blocks, parse};
use crate::wire::security::{DSIG, EXCLUSIVE_WITH_COMMENTS, RSA_SHA256, SHA256};

pub(crate) struct Workshop {
    folder: TempDir,
    serial: AtomicU32,
}

/// A key with its certificate, as PEM and as files.
pub(crate) struct Person {
    pub(crate) key: String,
    pub(crate) certificate: String,
    files: (PathBuf, PathBuf),
}

impl Person {
    /// A moment at which the certificate is good.
    pub(crate) fn now(&self) -> Timestamp {
        let ders = blocks(&self.certificate, "CERTIFICATE");
        let begun = parse(&ders[0]).unwrap().validity().not_before.timestamp();
        Timestamp::from_second(begun).unwrap().checked_add(SignedDuration::from_secs(60)).unwrap()
    }
}

fn ran(made: std::io::Result<Output>, what: &str) -> Vec<u8> {
    let made = made.unwrap_or_else(|error| panic!("{what} is needed by these tests: {error}"));
    assert!(made.status.success(), "{what}: {}", String::from_utf8_lossy(&made.stderr));
    made.stdout
}

impl Workshop {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), serial: AtomicU32::new(0) }
    }

    fn file(&self, end: &str) -> PathBuf {
        self.folder.path().join(format!("{}.{end}", self.serial.fetch_add(1, Ordering::Relaxed)))
    }

    /// Signs for themselves, for two days.
    pub(crate) fn person(&self, name: &str) -> Person {
        self.made(name, "rsa:2048", &["-addext", "basicConstraints=critical,CA:FALSE"])
    }

    /// May issue certificates.
    pub(crate) fn authority(&self, name: &str) -> Person {
        self.made(name, "rsa:2048", &["-addext", "basicConstraints=critical,CA:TRUE"])
    }

    pub(crate) fn weakling(&self, name: &str) -> Person {
        self.made(name, "rsa:1024", &[])
    }

    fn made(&self, name: &str, kind: &str, more: &[&str]) -> Person {
        let (key, certificate) = (self.file("key"), self.file("pem"));
        let mut command = Command::new("openssl");
        command.args(["req", "-utf8", "-x509", "-newkey", kind, "-nodes", "-days", "2", "-subj"]);
        command.arg(format!("/C=VN/O=Văn phòng Mẫu/CN={name}")).args(more);
        ran(command.arg("-keyout").arg(&key).arg("-out").arg(&certificate).output(), "openssl");
        self.taken(key, certificate)
    }

    /// With a certificate of that authority.
    pub(crate) fn issued(&self, name: &str, by: &Person, usage: &str) -> Person {
        let (key, asked, certificate, extensions) =
            (self.file("key"), self.file("csr"), self.file("pem"), self.file("ext"));
        std::fs::write(&extensions, format!("basicConstraints=CA:FALSE\nkeyUsage={usage}\n")).unwrap();
        let mut request = Command::new("openssl");
        request.args(["req", "-utf8", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", &format!("/CN={name}")]);
        ran(request.arg("-keyout").arg(&key).arg("-out").arg(&asked).output(), "openssl");
        let mut issue = Command::new("openssl");
        issue.args(["x509", "-req", "-days", "2", "-CAcreateserial", "-in"]).arg(&asked).arg("-CA").arg(&by.files.1);
        issue.arg("-CAkey").arg(&by.files.0).arg("-extfile").arg(&extensions).arg("-out").arg(&certificate);
        ran(issue.output(), "openssl");
        self.taken(key, certificate)
    }

    fn taken(&self, key: PathBuf, certificate: PathBuf) -> Person {
        let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
        Person { key: read(&key), certificate: read(&certificate), files: (key, certificate) }
    }

    /// The key in the older form.
    pub(crate) fn as_pkcs1(&self, person: &Person) -> String {
        let done = Command::new("openssl").args(["rsa", "-traditional", "-in"]).arg(&person.files.0).output();
        String::from_utf8(ran(done, "openssl")).unwrap()
    }

    /// A document with a template, signed by xmlsec1.
    pub(crate) fn signed(&self, document: &str, by: &Person) -> String {
        let (plain, done) = (self.file("xml"), self.file("xml"));
        std::fs::write(&plain, document).unwrap();
        let mut command = Command::new("xmlsec1");
        command.args(["--sign", "--privkey-pem"]).arg(format!("{},{}", by.files.0.display(), by.files.1.display()));
        ran(with_ids(command).arg("--output").arg(&done).arg(&plain).output(), "xmlsec1");
        std::fs::read_to_string(done).unwrap()
    }

    pub(crate) fn xmlsec1_verifies(&self, document: &str, by: &Person) -> bool {
        let file = self.file("xml");
        std::fs::write(&file, document).unwrap();
        let mut command = Command::new("xmlsec1");
        command.args(["--verify", "--pubkey-cert-pem"]).arg(&by.files.1);
        with_ids(command).arg(&file).output().expect("xmlsec1 is needed by these tests").status.success()
    }
}

/// xmlsec1 must be told which attributes are ids.
fn with_ids(mut command: Command) -> Command {
    for name in ["Phieu", "urn:p:Phieu", "Dau", "Than", "Giua", "Trong"] {
        command.args(["--id-attr:Id", name]);
    }
    command
}

/// One `Reference` to be filled in.
pub(crate) fn reference(uri: &str, transforms: &str) -> String {
    let transforms =
        if transforms.is_empty() { String::new() } else { format!("<Transforms>{transforms}</Transforms>") };
    format!("<Reference URI=\"{uri}\">{transforms}<DigestMethod Algorithm=\"{SHA256}\"/><DigestValue/></Reference>")
}

/// A `Signature` to be filled in, as GIP's partners make it.
pub(crate) fn template(references: &str) -> String {
    format!(
        "<Signature xmlns=\"{DSIG}\" Id=\"s\"><SignedInfo><CanonicalizationMethod Algorithm=\"{EXCLUSIVE_WITH_COMMENTS}\"/>\
         <SignatureMethod Algorithm=\"{RSA_SHA256}\"/>{references}</SignedInfo><SignatureValue/>\
         <KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo></Signature>"
    )
}
