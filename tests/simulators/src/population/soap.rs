//! Finds the operation in a request's SOAP, and writes envelopes; it must not know what an operation means.

pub(super) use crate::net::xml::{Node, escaped};

use crate::net::xml::tree;

pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
pub(super) const POPULATION: &str = "http://dancuquocgia.bca";
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
