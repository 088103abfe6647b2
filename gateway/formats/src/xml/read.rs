//! Reads a document into a tree, refusing DTDs, entities, encodings it does not declare and whatever is over the limits. It interprets nothing.

use std::borrow::Cow;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};

use super::name::{is_character, is_qualified};
use super::{Attribute, Element, Limits, XmlError};
use crate::encoding::{self, Encoding};

/// Longest declaration looked at, in bytes.
const DECLARATION: usize = 200;

/// The document's element.
pub fn read(document: &[u8], limits: &Limits) -> Result<Element, XmlError> {
    if document.len() > limits.bytes {
        return Err(XmlError::TooLarge { limit: limits.bytes });
    }
    let (encoding, text) = decoded(document)?;
    let mut reader = NsReader::from_str(&text);
    reader.config_mut().expand_empty_elements = true;
    let mut tree = Tree { limits, open: Vec::new(), root: None, elements: 0 };
    loop {
        let at = reader.buffer_position();
        match reader.read_event().map_err(|error| refused(&error, at))? {
            Event::Start(start) => {
                let element = element(&reader, &start, limits, at)?;
                tree.open(element, at)?;
            }
            Event::End(_) => tree.close(at)?,
            Event::Text(text) => tree.text(&text.xml10_content(), at)?,
            Event::CData(text) => tree.data(&text.xml10_content(), at)?,
            Event::GeneralRef(reference) => tree.reference(&reference, at)?,
            Event::Decl(declaration) => match declaration.encoding() {
                None => {}
                Some(Ok(name)) if Encoding::named(&name).is_some_and(|named| named == encoding) => {}
                Some(Ok(name)) if document.is_ascii() && Encoding::named(&name).is_some() => {}
                Some(Ok(_) | Err(_)) => return Err(XmlError::DeclaredEncoding),
            },
            Event::DocType(_) => return Err(XmlError::Dtd),
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish(),
        }
    }
}

/// The document as text. What can be read as UTF-8 is read so and in no other way, whatever it declares; a legacy encoding is read
/// where the bytes are no UTF-8 and the document declares it.
fn decoded(document: &[u8]) -> Result<(Encoding, Cow<'_, str>), XmlError> {
    match encoding::utf8(document) {
        Ok(text) => Ok((Encoding::Utf8, Cow::Borrowed(text))),
        Err(error) => match declared(document) {
            Some(Encoding::Utf8) | None => Err(error.into()),
            Some(legacy) => Ok((legacy, legacy.read(document)?)),
        },
    }
}

/// The encoding named in the declaration a document begins with.
fn declared(document: &[u8]) -> Option<Encoding> {
    let head = document.get(..DECLARATION).unwrap_or(document);
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let text = std::str::from_utf8(head.get(..end)?).ok()?.strip_prefix("<?xml")?;
    let (_, after) = text.split_once("encoding")?;
    let name = after.trim_start().strip_prefix('=')?.trim_start();
    Encoding::named(name.trim_matches(['"', '\'']).split(['"', '\'']).next()?)
}

fn refused(error: &quick_xml::Error, at: u64) -> XmlError {
    use quick_xml::errors::{Error, SyntaxError};
    match error {
        Error::Syntax(SyntaxError::UnclosedDoctype) => XmlError::Dtd,
        Error::Syntax(_) => XmlError::Cut,
        Error::Namespace(quick_xml::name::NamespaceError::UnknownPrefix(_)) => XmlError::UnboundPrefix { at },
        Error::Io(_)
        | Error::IllFormed(_)
        | Error::InvalidAttr(_)
        | Error::Encoding(_)
        | Error::Escape(_)
        | Error::Namespace(_) => XmlError::Malformed { at },
    }
}

/// The start tag as an element without content.
fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>, limits: &Limits, at: u64) -> Result<Element, XmlError> {
    let name = start.name();
    check_name(name.0, limits, at)?;
    let (resolved, local) = reader.resolver().resolve_element(name);
    Ok(Element {
        name: local.as_ref().to_owned(),
        namespace: bound(&resolved, at)?,
        prefix: name.prefix().map(|prefix| prefix.as_ref().to_owned()),
        attributes: attributes(reader, start, limits, at)?,
        ..Element::default()
    })
}

fn attributes(
    reader: &NsReader<&[u8]>,
    start: &BytesStart<'_>,
    limits: &Limits,
    at: u64,
) -> Result<Vec<Attribute>, XmlError> {
    let mut kept: Vec<Attribute> = Vec::new();
    for (place, attribute) in start.attributes().enumerate() {
        if place >= limits.attributes {
            return Err(XmlError::TooManyAttributes { limit: limits.attributes, at });
        }
        let attribute = attribute.map_err(|_| XmlError::Malformed { at })?;
        if attribute.value.len() > limits.attribute_bytes {
            return Err(XmlError::AttributeTooLong { limit: limits.attribute_bytes, at });
        }
        check_name(attribute.key.0, limits, at)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| XmlError::Entity { at })?;
        check_text(&value, at)?;
        if attribute.value.contains('<') {
            return Err(XmlError::Malformed { at });
        }
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (resolved, local) = reader.resolver().resolve_attribute(attribute.key);
        kept.push(Attribute {
            name: local.as_ref().to_owned(),
            namespace: bound(&resolved, at)?,
            prefix: attribute.key.prefix().map(|prefix| prefix.as_ref().to_owned()),
            value: value.into_owned(),
        });
    }
    Ok(kept)
}

fn bound(resolved: &ResolveResult<'_>, at: u64) -> Result<Option<String>, XmlError> {
    match resolved {
        ResolveResult::Unbound => Ok(None),
        ResolveResult::Bound(namespace) => Ok(Some(namespace.0.to_owned()).filter(|name| !name.is_empty())),
        ResolveResult::Unknown(_) => Err(XmlError::UnboundPrefix { at }),
    }
}

fn check_name(name: &str, limits: &Limits, at: u64) -> Result<(), XmlError> {
    if name.len() > limits.name_bytes {
        return Err(XmlError::NameTooLong { limit: limits.name_bytes, at });
    }
    if is_qualified(name) { Ok(()) } else { Err(XmlError::Malformed { at }) }
}

fn check_text(text: &str, at: u64) -> Result<(), XmlError> {
    if text.chars().all(is_character) { Ok(()) } else { Err(XmlError::Character { at }) }
}

/// What was read so far.
struct Tree<'a> {
    limits: &'a Limits,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Tree<'_> {
    fn open(&mut self, element: Element, at: u64) -> Result<(), XmlError> {
        if self.open.is_empty() && self.root.is_some() {
            return Err(XmlError::Malformed { at });
        }
        if self.open.len() >= self.limits.depth {
            return Err(XmlError::TooDeep { limit: self.limits.depth });
        }
        self.elements = self.elements.saturating_add(1);
        if self.elements > self.limits.elements {
            return Err(XmlError::TooManyElements { limit: self.limits.elements });
        }
        self.open.push(element);
        Ok(())
    }

    /// Text that may stand between elements; outside of them only white space may.
    fn text(&mut self, more: &str, at: u64) -> Result<(), XmlError> {
        if self.open.is_empty() {
            return if more.trim().is_empty() { Ok(()) } else { Err(XmlError::Malformed { at }) };
        }
        self.data(more, at)
    }

    fn data(&mut self, more: &str, at: u64) -> Result<(), XmlError> {
        let limit = self.limits.text_bytes;
        let Some(element) = self.open.last_mut() else { return Err(XmlError::Malformed { at }) };
        if element.text.len().saturating_add(more.len()) > limit {
            return Err(XmlError::TextTooLong { limit, at });
        }
        check_text(more, at)?;
        element.text.push_str(more);
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>, at: u64) -> Result<(), XmlError> {
        match reference.resolve_char_ref() {
            Ok(Some(character)) => self.data(character.encode_utf8(&mut [0; 4]), at),
            Ok(None) => {
                let known = quick_xml::escape::resolve_predefined_entity(reference).ok_or(XmlError::Entity { at })?;
                self.data(known, at)
            }
            Err(_) => Err(XmlError::Character { at }),
        }
    }

    fn close(&mut self, at: u64) -> Result<(), XmlError> {
        let Some(mut element) = self.open.pop() else { return Err(XmlError::Malformed { at }) };
        if !element.children.is_empty() && element.text.trim().is_empty() {
            element.text.clear();
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, XmlError> {
        if !self.open.is_empty() {
            return Err(XmlError::Cut);
        }
        self.root.ok_or(XmlError::Empty)
    }
}
