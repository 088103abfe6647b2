//! Writes a tree as XML: escaped, namespaces declared where they are first needed. It checks no document type.

use super::{Attribute, Element};

/// Namespace of the prefix `xml`, which needs no declaration.
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The element as text, without declaration or indentation.
pub fn write(element: &Element) -> String {
    let mut out = String::new();
    put(element, &mut Vec::new(), &mut out);
    out
}

/// The element as a whole document, with the XML declaration.
pub fn document(element: &Element) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{}", write(element))
}

/// Prefixes in scope; the empty prefix is the default namespace, the empty namespace none.
type Scope = Vec<(String, String)>;

fn put(element: &Element, scope: &mut Scope, out: &mut String) {
    let before = scope.len();
    let namespace = element.namespace.as_deref().unwrap_or_default();
    // A prefix without a namespace would bind to nothing.
    let prefix = element.prefix.as_deref().filter(|_| !namespace.is_empty()).unwrap_or_default();
    declare(scope, prefix, namespace);
    let attributes: Vec<(String, &Attribute)> =
        element.attributes.iter().map(|attribute| (attribute_prefix(attribute, scope, before), attribute)).collect();
    let name = qualified(prefix, &element.name);
    out.push('<');
    out.push_str(&name);
    for (prefix, namespace) in scope.iter().skip(before) {
        let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
        put_attribute(&name, namespace, out);
    }
    for (prefix, attribute) in attributes {
        put_attribute(&qualified(&prefix, &attribute.name), &attribute.value, out);
    }
    if element.text.is_empty() && element.children.is_empty() {
        out.push_str("/>");
    } else {
        out.push('>');
        escape(&element.text, false, out);
        for child in &element.children {
            put(child, scope, out);
        }
        out.push_str("</");
        out.push_str(&name);
        out.push('>');
    }
    scope.truncate(before);
}

fn declare(scope: &mut Scope, prefix: &str, namespace: &str) {
    let current = lookup(scope, prefix).unwrap_or_default();
    if current != namespace && prefix != "xml" {
        scope.push((prefix.to_owned(), namespace.to_owned()));
    }
}

fn lookup<'a>(scope: &'a Scope, prefix: &str) -> Option<&'a str> {
    scope.iter().rev().find(|(known, _)| known == prefix).map(|(_, namespace)| namespace.as_str())
}

/// The prefix for an attribute: its own, unless this very element already uses that for something else; declared where needed.
fn attribute_prefix(attribute: &Attribute, scope: &mut Scope, element_from: usize) -> String {
    let Some(namespace) = attribute.namespace.as_deref().filter(|name| !name.is_empty()) else { return String::new() };
    if namespace == XML {
        return "xml".to_owned();
    }
    let wanted = attribute.prefix.as_deref().filter(|prefix| !prefix.is_empty() && *prefix != "xml");
    let taken = |scope: &Scope, prefix: &str| {
        scope.iter().skip(element_from).any(|(known, bound)| known == prefix && bound != namespace)
    };
    let made = (0..).map(|number| format!("a{number}")).find(|prefix| !taken(scope, prefix));
    let prefix = match wanted {
        Some(prefix) if !taken(scope, prefix) => prefix.to_owned(),
        Some(_) | None => made.unwrap_or_default(),
    };
    declare(scope, &prefix, namespace);
    prefix
}

fn qualified(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}:{name}") }
}

fn put_attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape(value, true, out);
    out.push('"');
}

/// Escapes what markup is made of, line breaks that reading would change, and shows characters XML cannot carry at all as the replacement character.
fn escape(text: &str, in_attribute: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if in_attribute => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' if in_attribute => out.push_str("&#10;"),
            '\t' if in_attribute => out.push_str("&#9;"),
            other if super::name::is_character(other) => out.push(other),
            _unspeakable => out.push('\u{fffd}'),
        }
    }
}
