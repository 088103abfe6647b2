//! The SOAP around GIP's messages: what a request carries, and how answers are wrapped; it must not read what is inside `in_msg`.

use super::options::Wrapping;
use crate::net::xml::{Node, escaped, tree};

pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// Two clients, two namespaces; each is answered in its own.
const REQUEST: &str = "http://gip.request.com/";
const PLAIN: &str = "http://gip.com/";

/// In which of the two namespaces a caller speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `http://gip.request.com/`, answered in `http://gip.response.com/`.
    Split,
    /// `http://gip.com/` both ways.
    Plain,
}

/// A request's envelope.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) dialect: Dialect,
    /// `wsse:Security`, where there is one.
    pub(super) security: Option<Node>,
    /// The text of `in_msg`, escapes and CDATA undone: what the tax office's systems get.
    pub(super) message: String,
}

/// The error says what is wrong with the document.
pub(super) fn request(document: &[u8]) -> Result<Request, &'static str> {
    let text = std::str::from_utf8(document).map_err(|_| "not UTF-8")?;
    let mut envelope = tree(text)?;
    if envelope.name != "Envelope" || envelope.namespace != SOAP {
        return Err("not a SOAP 1.1 envelope");
    }
    let part = |envelope: &mut Node, name: &str| {
        let at = envelope.children.iter().position(|child| child.name == name && child.namespace == SOAP)?;
        Some(envelope.children.remove(at))
    };
    let header = part(&mut envelope, "Header");
    let mut body = part(&mut envelope, "Body").ok_or("no SOAP body")?;
    let security = header.and_then(|header| {
        header.children.into_iter().find(|child| child.name == "Security" && child.namespace == WSSE)
    });
    let operation = match body.children.len() {
        1 => body.children.remove(0),
        _ => return Err("the SOAP body must hold one operation"),
    };
    let dialect = match (operation.name.as_str(), operation.namespace.as_str()) {
        ("xuLyTruyVanMsg", REQUEST) => Dialect::Split,
        ("xuLyTruyVanMsg", PLAIN) => Dialect::Plain,
        ("xuLyTruyVanMsg", _) => return Err("the operation is in another namespace"),
        (_, _) => return Err("no such operation"),
    };
    let message = operation.child("in_msg").ok_or("no in_msg")?;
    if !message.children.is_empty() {
        return Err("in_msg must hold text: CDATA or escaped");
    }
    Ok(Request { dialect, security, message: message.text.clone() })
}

/// The answer around `<DATA>`. `turn` decides where both wrappings are allowed.
pub(super) fn answer(dialect: Dialect, wrapping: Wrapping, turn: u64, data: &str) -> String {
    let cdata = match wrapping {
        Wrapping::Cdata => true,
        Wrapping::Escaped => false,
        Wrapping::Both => turn.is_multiple_of(2),
    };
    let inside = if cdata { format!("<![CDATA[{data}]]>") } else { escaped(data) };
    let content = match dialect {
        Dialect::Split => format!(
            "<ns0:xuLyTruyVanMsgResponse xmlns:ns0=\"http://gip.response.com/\"><return>{inside}</return></ns0:xuLyTruyVanMsgResponse>"
        ),
        Dialect::Plain => format!(
            "<xuLyTruyVanMsgResponse xmlns=\"{PLAIN}\"><return xmlns=\"\">{inside}</return></xuLyTruyVanMsgResponse>"
        ),
    };
    format!("<S:Envelope xmlns:S=\"{SOAP}\"><S:Body>{content}</S:Body></S:Envelope>")
}

/// A SOAP 1.1 fault.
pub(super) fn fault(code: &str, words: &str) -> String {
    let words = escaped(words);
    format!(
        "<S:Envelope xmlns:S=\"{SOAP}\"><S:Body><S:Fault><faultcode>{code}</faultcode><faultstring>{words}</faultstring></S:Fault></S:Body></S:Envelope>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(inner: &str) -> String {
        format!("<s:Envelope xmlns:s=\"{SOAP}\"><s:Body>{inner}</s:Body></s:Envelope>")
    }

    fn asked(namespace: &str, message: &str) -> Result<Request, &'static str> {
        let inner = format!("<g:xuLyTruyVanMsg xmlns:g=\"{namespace}\"><in_msg>{message}</in_msg></g:xuLyTruyVanMsg>");
        request(around(&inner).as_bytes())
    }

    #[test]
    fn a_message_is_the_same_in_cdata_and_escaped() {
        let one = asked(REQUEST, "<![CDATA[<DATA><A>x &amp; y</A></DATA>]]>").unwrap();
        let other = asked(PLAIN, "&lt;DATA&gt;&lt;A&gt;x &amp;amp; y&lt;/A&gt;&lt;/DATA&gt;").unwrap();
        assert_eq!(one.message, "<DATA><A>x &amp; y</A></DATA>");
        assert_eq!(one.message, other.message);
        assert_eq!((one.dialect, other.dialect), (Dialect::Split, Dialect::Plain));
    }

    #[test]
    fn what_is_no_request_is_told_apart() {
        assert_eq!(asked("http://x/", "").unwrap_err(), "the operation is in another namespace");
        assert_eq!(asked(REQUEST, "<DATA/>").unwrap_err(), "in_msg must hold text: CDATA or escaped");
        assert_eq!(request(around("<x/>").as_bytes()).unwrap_err(), "no such operation");
        assert_eq!(request(b"<a/>").unwrap_err(), "not a SOAP 1.1 envelope");
        assert_eq!(request(b"<!DOCTYPE a><a/>").unwrap_err(), "a DTD");
    }
}
