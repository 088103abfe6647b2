//! The SOAP around messages: written for both known clients' namespaces, and read back as the text the other side gets. It reads no message.

use lienthong_formats::xml::{self, Element, Limits, XmlError};

use super::request::escape;
use crate::config::{SoapConfig, Wrapping};

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const OPERATION: &str = "xuLyTruyVanMsg";
const ANSWER: &str = "xuLyTruyVanMsgResponse";

/// What a document is not that it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unread {
    #[error(transparent)]
    Xml(#[from] XmlError),
    #[error("{0}")]
    Shape(String),
}

impl Unread {
    pub(crate) fn shape(what: impl Into<String>) -> Self {
        Self::Shape(what.into())
    }
}

/// An answer's envelope.
pub(crate) enum Envelope {
    /// The text of `return`, escapes and CDATA undone.
    Message(String),
    Fault(SoapFault),
}

/// A SOAP 1.1 fault.
pub(crate) struct SoapFault {
    /// Without its prefix.
    pub(crate) code: String,
    pub(crate) words: String,
}

/// A question: `security` is markup for the SOAP header, `message` the text the other side is to read.
pub(crate) fn question(soap: &SoapConfig, security: &str, message: &str) -> String {
    let SoapConfig { request, response: _, qualified, wrapping, action: _ } = soap;
    let mut namespace = String::new();
    escape_attribute(request, &mut namespace);
    let (declared, open, close) = match qualified {
        false => (format!(" xmlns:gip=\"{namespace}\""), format!("<gip:{OPERATION}>"), format!("</gip:{OPERATION}>")),
        true => (String::new(), format!("<{OPERATION} xmlns=\"{namespace}\">"), format!("</{OPERATION}>")),
    };
    let mut out = String::with_capacity(message.len().saturating_add(2048));
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope");
    out.push_str(&declared);
    out.push_str(&format!(
        " xmlns:soapenv=\"{SOAP}\"><soapenv:Header>{security}</soapenv:Header><soapenv:Body>{open}<in_msg>"
    ));
    carry(message, *wrapping, &mut out);
    out.push_str(&format!("</in_msg>{close}</soapenv:Body></soapenv:Envelope>"));
    out
}

/// The text so that a reader gets exactly it. CDATA can hold neither its own end nor a carriage return that survives reading.
fn carry(message: &str, wrapping: Wrapping, out: &mut String) {
    match wrapping {
        Wrapping::Cdata if !message.contains("]]>") && !message.contains('\r') => {
            out.push_str("<![CDATA[");
            out.push_str(message);
            out.push_str("]]>");
        }
        Wrapping::Cdata | Wrapping::Escaped => escape(message, out),
    }
}

fn escape_attribute(text: &str, out: &mut String) {
    let mut escaped = String::new();
    escape(text, &mut escaped);
    out.push_str(&escaped.replace('"', "&quot;"));
}

/// The text of `in_msg` as a receiver reads it.
pub(crate) fn message_in(envelope: &str) -> Result<String, Unread> {
    let root = xml::read(envelope.as_bytes(), &Limits::CARRIER)?;
    let message = root.at(&["Body", OPERATION, "in_msg"]).ok_or_else(|| Unread::shape("no in_msg"))?;
    Ok(message.text.clone())
}

/// An answer's envelope, in the namespace it must have.
pub(crate) fn answer(document: &[u8], soap: &SoapConfig) -> Result<Envelope, Unread> {
    let root = xml::read(document, &Limits::CARRIER)?;
    if root.name != "Envelope" || !is_soap(&root) {
        return Err(Unread::shape("is no SOAP 1.1 envelope"));
    }
    let mut bodies = root.children.iter().filter(|child| child.name == "Body" && is_soap(child));
    let (Some(body), None) = (bodies.next(), bodies.next()) else {
        return Err(Unread::shape("does not hold one SOAP body"));
    };
    let [inside] = body.children.as_slice() else {
        return Err(Unread::shape("does not hold one thing in its SOAP body"));
    };
    if inside.name == "Fault" && is_soap(inside) {
        let code = inside.child_text("faultcode").unwrap_or_default();
        let code = code.rsplit(':').next().unwrap_or_default().to_owned();
        return Ok(Envelope::Fault(SoapFault {
            code,
            words: inside.child_text("faultstring").unwrap_or_default().to_owned(),
        }));
    }
    if inside.name != ANSWER || inside.namespace.as_deref() != Some(soap.response.as_str()) {
        return Err(Unread::shape("holds another answer, or one in another namespace than configured"));
    }
    match inside.children.as_slice() {
        [message] if message.name == "return" && message.children.is_empty() => {
            Ok(Envelope::Message(message.text.clone()))
        }
        _other => Err(Unread::shape("does not hold one return with a text")),
    }
}

fn is_soap(element: &Element) -> bool {
    element.namespace.as_deref() == Some(SOAP)
}
