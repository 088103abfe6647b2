//! Whether a signature covers everything that is sent: nothing may stand outside of it but what is named, and nothing unsigned inside of it. It checks no digest.

use bergshamra::xml::uppsala::{Document, NodeId, NodeKind};

use super::Unverified;
use super::reference::{NAMESPACE, Target, targets};

/// A signature whose references cover the document.
#[derive(Debug)]
pub(super) struct Covered {
    pub(super) signature: NodeId,
    pub(super) targets: Vec<Target>,
    /// DER of the certificates it shows, in order.
    pub(super) certificates: Vec<Vec<u8>>,
    root: NodeId,
}

/// Finds the one signature and what it covers. `unsigned`: children of the document's element that need not be covered.
pub(super) fn check(doc: &Document<'_>, unsigned: &[String]) -> Result<Covered, Unverified> {
    let root = doc.document_element().ok_or(Unverified::Unsigned)?;
    refuse_comments(doc)?;
    let signatures: Vec<NodeId> = all(doc, root).into_iter().filter(|node| is_dsig(doc, *node, "Signature")).collect();
    let [signature] = signatures.as_slice() else {
        return Err(match signatures.len() {
            0 => Unverified::Unsigned,
            _several => Unverified::Shape("holds more than one signature: which of them counts cannot be told"),
        });
    };
    let signature = *signature;
    if signature == root {
        return Err(Unverified::Shape("is nothing but a signature"));
    }
    let targets = targets(doc, root, signature)?;
    let covered = Covered { signature, certificates: certificates(doc, signature)?, targets, root };
    covered.check_inside(doc)?;
    if !covered.targets.contains(&Target::Document) {
        covered.check_outside(doc, unsigned)?;
    }
    Ok(covered)
}

impl Covered {
    /// Every part of the document's element is covered, holds the signature alone, or is named as unsigned.
    fn check_outside(&self, doc: &Document<'_>, unsigned: &[String]) -> Result<(), Unverified> {
        if doc.element(self.root).is_some_and(|root| !root.attributes.is_empty()) || has_own_text(doc, self.root) {
            return Err(Unverified::Shape("holds attributes or text that its signature does not cover"));
        }
        if self.targets.contains(&Target::HeaderAndBody) {
            self.check_header_and_body(doc)?;
        }
        for child in children(doc, self.root) {
            let name = local_name(doc, child);
            let free = unsigned.iter().any(|one| one == name);
            if !(free || self.covers(doc, child) || holds_only(doc, child, self.signature)) {
                return Err(Unverified::Uncovered(shown(name)));
            }
        }
        Ok(())
    }

    /// The two stand below the document's element, without namespace, and nowhere else: names alone decide what was signed.
    fn check_header_and_body(&self, doc: &Document<'_>) -> Result<(), Unverified> {
        for name in ["HEADER", "BODY"] {
            let found: Vec<NodeId> =
                all(doc, self.root).into_iter().filter(|node| local_name(doc, *node) == name).collect();
            let [only] = found.as_slice() else {
                return Err(Unverified::Shape("must hold one HEADER and one BODY, since these are signed by name"));
            };
            let bare = doc
                .element(*only)
                .is_some_and(|element| element.name.namespace_uri.as_deref().unwrap_or("").is_empty());
            if doc.parent(*only) != Some(self.root) || !bare {
                return Err(Unverified::Shape("holds HEADER or BODY in another place than they belong"));
            }
        }
        Ok(())
    }

    fn covers(&self, doc: &Document<'_>, child: NodeId) -> bool {
        self.targets.iter().any(|target| match target {
            Target::Document => true,
            Target::HeaderAndBody => matches!(local_name(doc, child), "HEADER" | "BODY"),
            Target::Element(node) => *node == child,
        })
    }

    /// Nothing stands inside the signature that it does not cover, but keys and certificates; and what it refers to by id
    /// is inside of it or a child of the document's element.
    fn check_inside(&self, doc: &Document<'_>) -> Result<(), Unverified> {
        for child in children(doc, self.signature) {
            let known = ["SignedInfo", "SignatureValue", "KeyInfo"].iter().any(|name| is_dsig(doc, child, name));
            let object = is_dsig(doc, child, "Object") && self.covers_within(doc, child);
            if !known && !object {
                return Err(Unverified::Shape("holds something inside its signature that is not signed"));
            }
            let foreign = |node: &NodeId| {
                doc.element(*node).is_some_and(|one| one.name.namespace_uri.as_deref() != Some(NAMESPACE))
            };
            if is_dsig(doc, child, "KeyInfo") && all(doc, child).iter().any(foreign) {
                return Err(Unverified::Shape("holds something inside its signature that is not signed"));
            }
        }
        for target in &self.targets {
            if let Target::Element(node) = target
                && doc.parent(*node) != Some(self.root)
                && !doc.ancestors(*node).contains(&self.signature)
            {
                return Err(Unverified::Shape("has a signature of an element deep inside of it"));
            }
        }
        Ok(())
    }

    /// Whether everything in `object` is in one element that is referred to.
    fn covers_within(&self, doc: &Document<'_>, object: NodeId) -> bool {
        let mut node = object;
        loop {
            if self.targets.contains(&Target::Element(node)) {
                return true;
            }
            let inside: Vec<NodeId> = children(doc, node).collect();
            match inside.as_slice() {
                [only] if !has_own_text(doc, node) => node = *only,
                _other => return false,
            }
        }
    }

    /// Texts of every element of that name outside the signature; `None` when one of them is not covered.
    pub(super) fn texts(&self, doc: &Document<'_>, name: &str) -> Option<Vec<String>> {
        let outside = |node: &NodeId| !doc.ancestors(*node).contains(&self.signature);
        let found = all(doc, self.root).into_iter().filter(|node| local_name(doc, *node) == name).filter(outside);
        found.map(|node| self.covers_deep(doc, node).then(|| text(doc, node).trim().to_owned())).collect()
    }

    fn covers_deep(&self, doc: &Document<'_>, node: NodeId) -> bool {
        self.targets.contains(&Target::Document)
            || self.covers(doc, node) && doc.parent(node) == Some(self.root)
            || doc
                .ancestors(node)
                .into_iter()
                .any(|above| doc.parent(above) == Some(self.root) && self.covers(doc, above))
    }
}

/// A comment is in no digest, and may cut a text in two for a reader that is not careful.
fn refuse_comments(doc: &Document<'_>) -> Result<(), Unverified> {
    let comment = |node: NodeId| matches!(doc.node_kind(node), Some(NodeKind::Comment(_)));
    if doc.descendants(doc.root()).into_iter().any(comment) {
        return Err(Unverified::Shape("holds a comment, which no signature covers"));
    }
    Ok(())
}

fn certificates(doc: &Document<'_>, signature: NodeId) -> Result<Vec<Vec<u8>>, Unverified> {
    let shown = all(doc, signature).into_iter().filter(|node| is_dsig(doc, *node, "X509Certificate"));
    let ders = shown.map(|node| {
        let base64: String = text(doc, node).split_whitespace().collect();
        lienthong_formats::base64::decode(&base64)
            .map_err(|_| Unverified::Certificate("holds a certificate that is not base64"))
    });
    let ders: Vec<Vec<u8>> = ders.collect::<Result<_, _>>()?;
    if ders.is_empty() { Err(Unverified::Certificate("shows no certificate of its signer")) } else { Ok(ders) }
}

/// Whether `node` is `wanted`, or holds it and nothing else.
fn holds_only(doc: &Document<'_>, node: NodeId, wanted: NodeId) -> bool {
    if node == wanted {
        return true;
    }
    let bare = doc.element(node).is_some_and(|element| element.attributes.is_empty()) && !has_own_text(doc, node);
    bare && children(doc, node).collect::<Vec<_>>() == [wanted]
}

/// A text of its own beside its elements, or an instruction for some program.
fn has_own_text(doc: &Document<'_>, node: NodeId) -> bool {
    doc.children(node).into_iter().any(|child| match doc.node_kind(child) {
        Some(NodeKind::Text(text) | NodeKind::CData(text)) => !text.trim().is_empty(),
        Some(NodeKind::ProcessingInstruction(_)) => true,
        Some(NodeKind::Document | NodeKind::Element(_) | NodeKind::Comment(_) | NodeKind::Attribute(..)) | None => {
            false
        }
    })
}

/// An element and all elements below it, in their order.
pub(super) fn all(doc: &Document<'_>, node: NodeId) -> Vec<NodeId> {
    let mut found = vec![node];
    found.extend(doc.descendants(node).into_iter().filter(|one| *one != node && doc.element(*one).is_some()));
    found
}

/// The elements right below.
pub(super) fn children<'d>(doc: &'d Document<'_>, node: NodeId) -> impl Iterator<Item = NodeId> + 'd {
    doc.children(node).into_iter().filter(|child| doc.element(*child).is_some())
}

pub(super) fn is_dsig(doc: &Document<'_>, node: NodeId, name: &str) -> bool {
    doc.element(node).is_some_and(|element| element.matches_name_ns(NAMESPACE, name))
}

/// The only child of that name in the signature's namespace.
pub(super) fn single(doc: &Document<'_>, parent: NodeId, name: &str) -> Result<NodeId, Unverified> {
    let mut found = children(doc, parent).filter(|node| is_dsig(doc, *node, name));
    match (found.next(), found.next()) {
        (Some(node), None) => Ok(node),
        (_, _) => Err(Unverified::Shape("has a signature that is not whole")),
    }
}

pub(super) fn attribute<'d>(doc: &'d Document<'_>, node: NodeId, name: &str) -> Option<&'d str> {
    doc.element(node).and_then(|element| element.get_attribute(name))
}

fn local_name<'d>(doc: &'d Document<'_>, node: NodeId) -> &'d str {
    doc.element(node).map_or("", |element| &*element.name.local_name)
}

pub(super) fn text(doc: &Document<'_>, node: NodeId) -> String {
    doc.text_content_deep(node)
}

fn shown(name: &str) -> String {
    lienthong_core::text::excerpt(name, 40)
}
