//! Reads a bounded XML document into its ordered elements; it must not expand an entity, read a DTD, or know what an element means.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

const DEPTH: usize = 24;
const NODES: usize = 20_000;
const ATTRIBUTES: usize = 32;

/// An element, attributes and children in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    /// Without its prefix.
    pub(crate) name: String,
    pub(crate) namespace: String,
    /// Local names; declarations of namespaces are left out.
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
}

impl Node {
    pub(crate) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of a child, where it is not blank.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// The document's root. The error says what is wrong with it.
pub(crate) fn tree(text: &str) -> Result<Node, &'static str> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Node> = Vec::new();
    let mut seen = 0;
    loop {
        let (resolved, event) = reader.read_resolved_event().map_err(|_| "not well-formed XML")?;
        match event {
            Event::Start(start) => {
                seen += 1;
                if open.len() >= DEPTH || seen > NODES {
                    return Err("too deep or too many elements");
                }
                let namespace = match resolved {
                    ResolveResult::Bound(namespace) => namespace.0.to_owned(),
                    ResolveResult::Unbound => String::new(),
                    ResolveResult::Unknown(_) => return Err("a prefix nobody declared"),
                };
                let name = start.local_name().as_ref().to_owned();
                let attributes = attributes(&start)?;
                open.push(Node { name, namespace, attributes, ..Node::default() });
            }
            Event::End(_) => {
                let done = open.pop().ok_or("not well-formed XML")?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => return Ok(done),
                }
            }
            Event::Text(text) => add(&mut open, &text.xml10_content()),
            Event::CData(text) => add(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => add(&mut open, character.encode_utf8(&mut [0; 4])),
                Ok(None) => add(&mut open, resolve_predefined_entity(&reference).ok_or("an entity")?),
                Err(_) => return Err("a bad character reference"),
            },
            Event::DocType(_) => return Err("a DTD"),
            Event::Eof => return Err("the document breaks off"),
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
        }
    }
}

fn add(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(text);
    }
}

fn attributes(start: &BytesStart<'_>) -> Result<Vec<(String, String)>, &'static str> {
    let mut found = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| "a bad attribute")?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        if found.len() >= ATTRIBUTES {
            return Err("too many attributes");
        }
        let name = attribute.key.local_name().as_ref().to_owned();
        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(|_| "a bad attribute")?;
        found.push((name, value.into_owned()));
    }
    Ok(found)
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
