//! Verifies a signed document: readable within limits, signed whole, by a certificate that is good, with digests and signature that hold. Pure; it fetches nothing.

use bergshamra::keys::loader::load_x509_cert_der;
use bergshamra::{DsigContext, KeysManager, VerifyResult};
use lienthong_core::Timestamp;
use lienthong_formats::encoding;
use lienthong_formats::xml::{self, Limits, XmlError};

use super::cover::{Covered, check};
use super::reference::Target;
use super::{Unverified, certificate};
use crate::map::check::same_dossier;

/// What is asked of a signed document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// Children of the document's element that need not be signed.
    pub(crate) unsigned: Vec<String>,
    /// The signed element that names the dossier.
    pub(crate) dossier_element: Option<String>,
    /// DER of the authorities signers' certificates must come from; empty: any.
    pub(crate) authorities: Vec<Vec<u8>>,
}

/// What a signed document may be at most: more than any slip, and nothing that makes a parser suffer.
const LIMITS: Limits = Limits { text_bytes: 8 * 1024 * 1024, ..Limits::MESSAGE };

/// Whether `document` is signed as asked, for this dossier, now.
pub(crate) fn verify(document: &str, dossier: &str, rules: &Rules, now: Timestamp) -> Result<(), Unverified> {
    // Refuses DTDs, entities, other encodings and whatever is over the limits before anything else looks at it.
    xml::read(document.as_bytes(), &LIMITS)?;
    let text = encoding::utf8(document.as_bytes()).map_err(XmlError::from)?;
    let doc = bergshamra::xml::uppsala::parse(text).map_err(|_| Unverified::Shape("is not readable"))?;
    let covered = check(&doc, &rules.unsigned)?;
    let der = certificate::signer(&covered.certificates, &rules.authorities, now)?;
    let mut keys = KeysManager::new();
    keys.add_key(
        load_x509_cert_der(der).map_err(|_| Unverified::Certificate("shows a certificate that cannot be read"))?,
    );
    // Positions are judged by `cover`, which is stricter: there the whole document must be covered.
    let context = DsigContext::new(keys).with_strict_verification(false);
    let result = bergshamra::dsig::verify::verify_document_with_source(&context, &doc, Some(text));
    if !result.is_ok_and(|result| covers_the_same(&result, &covered)) {
        return Err(Unverified::Signature);
    }
    check_dossier(&doc, &covered, dossier, rules)
}

/// Whether what was verified is what was found to cover the document.
fn covers_the_same(result: &VerifyResult, covered: &Covered) -> bool {
    let VerifyResult::Valid { signature_node, references, key_info: _ } = result else { return false };
    let same = |(verified, target): (&bergshamra::VerifiedReference, &Target)| {
        verified.digest_verified
            && match target {
                Target::Element(node) => verified.resolved_node == Some(*node),
                Target::Document | Target::HeaderAndBody => true,
            }
    };
    *signature_node == covered.signature
        && references.len() == covered.targets.len()
        && references.iter().zip(&covered.targets).all(same)
}

fn check_dossier(
    doc: &bergshamra::xml::uppsala::Document<'_>,
    covered: &Covered,
    dossier: &str,
    rules: &Rules,
) -> Result<(), Unverified> {
    let Some(name) = &rules.dossier_element else { return Ok(()) };
    let named = covered.texts(doc, name).filter(|texts| !texts.is_empty());
    let texts = named.ok_or_else(|| Unverified::NoDossier(name.clone()))?;
    if texts.iter().all(|text| same_dossier(text, dossier)) { Ok(()) } else { Err(Unverified::OtherDossier) }
}
