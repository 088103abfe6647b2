//! What one reference of a signature refers to, by the forms that are taken: the whole document, HEADER and BODY, or an element by its id. It computes no digest.

use bergshamra::xml::uppsala::{Document, NodeId};

use super::Unverified;
use super::cover::{attribute, children, is_dsig, single, text};
use crate::wire::security::{DSIG, HEADER_AND_BODY, XPATH};

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const CANONICAL: [&str; 6] = [
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2006/12/xml-c14n11#WithComments",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
];
const METHODS: [&str; 5] = [
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
];
const DIGESTS: [&str; 3] = [
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
];
/// Attributes by which elements are named; the same as the verification looks at.
const IDS: [&str; 4] = ["Id", "ID", "id", "AssertionID"];

/// What a reference refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// Everything but the signature itself.
    Document,
    /// The elements HEADER and BODY, wherever they stand.
    HeaderAndBody,
    Element(NodeId),
}

/// Every target of the signature, in order, when its algorithms are among those taken.
pub(super) fn targets(doc: &Document<'_>, root: NodeId, signature: NodeId) -> Result<Vec<Target>, Unverified> {
    let info = single(doc, signature, "SignedInfo")?;
    let algorithm =
        |name: &str| single(doc, info, name).map(|node| attribute(doc, node, "Algorithm").unwrap_or_default());
    if !CANONICAL.contains(&algorithm("CanonicalizationMethod")?) || !METHODS.contains(&algorithm("SignatureMethod")?) {
        return Err(Unverified::Shape("is signed with an algorithm that is not taken"));
    }
    let references: Vec<NodeId> = children(doc, info).filter(|node| is_dsig(doc, *node, "Reference")).collect();
    if references.is_empty() {
        return Err(Unverified::Shape("has a signature that refers to nothing"));
    }
    references.into_iter().map(|reference| target(doc, root, reference)).collect()
}

fn target(doc: &Document<'_>, root: NodeId, reference: NodeId) -> Result<Target, Unverified> {
    let digest = single(doc, reference, "DigestMethod")?;
    if !DIGESTS.contains(&attribute(doc, digest, "Algorithm").unwrap_or_default()) {
        return Err(Unverified::Shape("is signed with a digest that is not taken"));
    }
    let transforms = transforms(doc, reference)?;
    let uri = attribute(doc, reference, "URI").ok_or(NOT_HERE)?;
    if uri.is_empty() {
        return match transforms {
            Transforms { enveloped: true, header_and_body: false } => Ok(Target::Document),
            Transforms { enveloped: false, header_and_body: true } => Ok(Target::HeaderAndBody),
            Transforms { .. } => Err(OTHER_PART),
        };
    }
    if transforms.header_and_body {
        return Err(OTHER_PART);
    }
    let id =
        uri.strip_prefix('#').filter(|id| !id.is_empty() && !id.contains(['(', ')', '\'', '"'])).ok_or(NOT_HERE)?;
    let node = named(doc, root, id)?;
    match (node == root, transforms.enveloped) {
        (true, true) => Ok(Target::Document),
        (true, false) => Err(OTHER_PART),
        (false, _) => Ok(Target::Element(node)),
    }
}

const NOT_HERE: Unverified = Unverified::Shape("has a signature of something outside the document");
const OTHER_PART: Unverified =
    Unverified::Shape("has a signature whose reference takes parts in a way that is not taken");

struct Transforms {
    enveloped: bool,
    header_and_body: bool,
}

/// At most one choice of parts, then at most one canonical form.
fn transforms(doc: &Document<'_>, reference: NodeId) -> Result<Transforms, Unverified> {
    let mut found = Transforms { enveloped: false, header_and_body: false };
    let Some(list) = children(doc, reference).find(|node| is_dsig(doc, *node, "Transforms")) else { return Ok(found) };
    let mut canonical = false;
    for node in children(doc, list) {
        let algorithm = attribute(doc, node, "Algorithm").unwrap_or_default();
        let chosen = found.enveloped || found.header_and_body || canonical;
        match algorithm {
            ENVELOPED if !chosen => found.enveloped = true,
            XPATH if !chosen && is_header_and_body(doc, node)? => found.header_and_body = true,
            other if CANONICAL.contains(&other) && !canonical => canonical = true,
            _other => return Err(OTHER_PART),
        }
    }
    Ok(found)
}

fn is_header_and_body(doc: &Document<'_>, transform: NodeId) -> Result<bool, Unverified> {
    let path = text(doc, single(doc, transform, "XPath")?);
    Ok(path.split_whitespace().collect::<Vec<_>>().join(" ") == HEADER_AND_BODY)
}

/// The only element with that id.
fn named(doc: &Document<'_>, root: NodeId, id: &str) -> Result<NodeId, Unverified> {
    let bears = |node: &NodeId| IDS.iter().any(|name| attribute(doc, *node, name) == Some(id));
    let mut all = super::cover::all(doc, root).into_iter().filter(bears);
    match (all.next(), all.next()) {
        (Some(node), None) => Ok(node),
        (None, _) => Err(NOT_HERE),
        (Some(_), Some(_)) => Err(Unverified::Shape("has an id that two elements bear")),
    }
}

/// The namespace of signatures, for [`is_dsig`].
pub(super) const NAMESPACE: &str = DSIG;
