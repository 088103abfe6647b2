//! XML-DSig in `<SECURITY>`, verified by the program `xmlsec1` with the partner's certificate; here only what is signed and by whom is compared. It must not trust a key that comes with a message.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use tempfile::NamedTempFile;

use super::options::Proof;
use crate::net::xml::{Node, tree};

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const CANONICAL: &str = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";
const METHOD: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const TRANSFORM: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";
const XPATH: &str = "ancestor-or-self::HEADER or ancestor-or-self::BODY";
const DIGEST: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// Verifies by one certificate.
pub(super) struct Verifier {
    file: NamedTempFile,
    /// The certificate's base64 without its frame and line breaks.
    certificate: String,
}

impl Verifier {
    /// `None` where no signature is wanted.
    pub(super) fn of(proof: &Proof) -> anyhow::Result<Option<Self>> {
        let Proof::Signed { certificate } = proof else { return Ok(None) };
        let found = Command::new("xmlsec1").arg("--version").output();
        let works = found.context("signatures are verified by the program xmlsec1; install it")?.status.success();
        ensure!(works, "xmlsec1 does not run");
        let mut file = NamedTempFile::new().context("no room for the certificate")?;
        file.write_all(certificate.as_bytes()).context("the certificate cannot be written")?;
        file.flush().context("the certificate cannot be written")?;
        let certificate = unframed(certificate);
        ensure!(!certificate.is_empty(), "the partner's certificate is not PEM");
        Ok(Some(Self { file, certificate }))
    }

    /// Whether the message is signed as agreed, by the partner. Blocks while `xmlsec1` runs. The error says what is wrong.
    pub(super) fn verify(&self, message: &str) -> Result<(), &'static str> {
        let root = tree(message).map_err(|_| "unsigned: not readable")?;
        self.shape(&root)?;
        let mut file = NamedTempFile::new().map_err(|_| "no room to verify")?;
        file.write_all(message.as_bytes()).and_then(|()| file.flush()).map_err(|_| "no room to verify")?;
        let status = Command::new("xmlsec1")
            .args(["--verify", "--pubkey-cert-pem"])
            .arg(self.file.path())
            .arg(file.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|_| "xmlsec1 does not run")?;
        if status.success() { Ok(()) } else { Err("signature-does-not-verify") }
    }

    /// One HEADER, one BODY, one signature in its place that covers exactly these two, by the algorithms agreed on, with the
    /// certificate we know: what verifies and means something else is refused.
    fn shape(&self, root: &Node) -> Result<(), &'static str> {
        let only = |node: &'_ Node, name: &str| node.children.iter().filter(|child| child.name == name).count() == 1;
        if root.name != "DATA" || !only(root, "HEADER") || !only(root, "BODY") {
            return Err("not one HEADER and one BODY");
        }
        let (header, body) = (count(root, "HEADER"), count(root, "BODY"));
        if header != 1 || body != 1 {
            return Err("a HEADER or BODY inside another element");
        }
        let security = root.child("SECURITY").ok_or("unsigned")?;
        let signature = security.child("Signature").filter(|found| found.namespace == DSIG).ok_or("unsigned")?;
        if count(root, "Signature") != 1 {
            return Err("more than one signature");
        }
        let info = signature.child("SignedInfo").ok_or("unsigned")?;
        let algorithm = |node: &Node, name: &str| {
            node.child(name).and_then(|child| child.attribute("Algorithm")).map(str::to_owned).unwrap_or_default()
        };
        if algorithm(info, "CanonicalizationMethod") != CANONICAL || algorithm(info, "SignatureMethod") != METHOD {
            return Err("another algorithm");
        }
        if count(info, "Reference") != 1 {
            return Err("not one reference");
        }
        let reference = info.child("Reference").ok_or("not one reference")?;
        if reference.attribute("URI") != Some("") || algorithm(reference, "DigestMethod") != DIGEST {
            return Err("another reference");
        }
        let transforms = reference.child("Transforms").ok_or("no transform")?;
        let [transform] = transforms.children.as_slice() else { return Err("not one transform") };
        let path = transform.value("XPath").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        if transform.attribute("Algorithm") != Some(TRANSFORM) || path.as_deref() != Some(XPATH) {
            return Err("another transform");
        }
        let shown = find(signature, "X509Certificate").map(|node| unframed(&node.text)).unwrap_or_default();
        if shown == self.certificate { Ok(()) } else { Err("another-certificate") }
    }
}

fn count(node: &Node, name: &str) -> usize {
    usize::from(node.name == name) + node.children.iter().map(|child| count(child, name)).sum::<usize>()
}

fn find<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    if node.name == name { Some(node) } else { node.children.iter().find_map(|child| find(child, name)) }
}

/// Base64 alone: without lines that frame it and without blanks.
fn unframed(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).flat_map(str::split_whitespace).collect()
}
