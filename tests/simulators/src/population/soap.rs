//! Reads a request's SOAP into its operation and ordered elements, and writes envelopes; it must not know what an operation means.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
pub(super) const POPULATION: &str = "http://dancuquocgia.bca";
const DEPTH: usize = 12;
const NODES: usize = 500;

/// An element of the body, children in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

impl Node {
    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of a child, where it is not blank.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }
}

/// The one element inside the SOAP body. The error says what is wrong with the document.
pub(super) fn operation(document: &[u8]) -> Result<Node, &'static str> {
    let text = std::str::from_utf8(document).map_err(|_| "not UTF-8")?;
    let mut envelope = tree(text)?;
    if envelope.name != "Envelope" || envelope.namespace != SOAP {
        return Err("not a SOAP 1.1 envelope");
    }
    let body = envelope.children.iter().position(|child| child.name == "Body" && child.namespace == SOAP);
    let mut body = envelope.children.remove(body.ok_or("no SOAP body")?);
    if body.children.len() != 1 {
        return Err("the SOAP body must hold one operation");
    }
    let operation = body.children.remove(0);
    if operation.namespace != POPULATION {
        return Err("the operation is in another namespace");
    }
    Ok(operation)
}

fn tree(text: &str) -> Result<Node, &'static str> {
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
                open.push(Node { name, namespace, ..Node::default() });
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

/// A SOAP answer around the content.
pub(super) fn envelope(content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soapenv:Envelope xmlns:soapenv=\"{SOAP}\"><soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    )
}

/// A SOAP 1.1 fault.
pub(super) fn fault(code: &str, words: &str) -> String {
    let words = escaped(words);
    envelope(&format!(
        "<soapenv:Fault><faultcode>soapenv:{code}</faultcode><faultstring>{words}</faultstring></soapenv:Fault>"
    ))
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(inner: &str) -> String {
        format!(
            "<s:Envelope xmlns:s=\"{SOAP}\" xmlns:d=\"{POPULATION}\"><s:Header/><s:Body>{inner}</s:Body></s:Envelope>"
        )
    }

    #[test]
    fn an_operation_is_read_with_its_elements_in_order() {
        let node = operation(around("<d:Op><d:B>x &amp; y</d:B><d:A/></d:Op>").as_bytes()).unwrap();
        let names: Vec<_> = node.children.iter().map(|child| child.name.as_str()).collect();
        assert_eq!((node.name.as_str(), names), ("Op", vec!["B", "A"]));
        assert_eq!((node.value("B"), node.value("A")), (Some("x & y"), None));
    }

    #[test]
    fn what_is_no_request_is_told_apart() {
        for (inner, told) in [
            ("<Op/>", "the operation is in another namespace"),
            ("", "the SOAP body must hold one operation"),
            ("<d:Op>&x;</d:Op>", "an entity"),
            ("<d:Op>", "not well-formed XML"),
        ] {
            assert_eq!(operation(around(inner).as_bytes()), Err(told), "{inner}");
        }
        assert_eq!(operation(b"<!DOCTYPE a><a/>"), Err("a DTD"));
        assert_eq!(operation(b"<a/>"), Err("not a SOAP 1.1 envelope"));
    }
}
