//! `<DATA>` as it is asked: the header in its order, one row, and room for a signature. Written in canonical form, so that a signature covers just these bytes.

/// The header of a question. Everything that is not here is sent empty, as every client does.
pub(crate) struct Header<'a> {
    pub(crate) sender_code: &'a str,
    pub(crate) sender_name: &'a str,
    pub(crate) receiver_code: &'a str,
    pub(crate) receiver_name: &'a str,
    pub(crate) tran_code: &'a str,
    pub(crate) message_id: &'a str,
    pub(crate) send_date: &'a str,
}

/// What is asked, in elements of `BODY/ROW`.
pub(crate) struct Row<'a> {
    pub(crate) inside: Inside<'a>,
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
}

pub(crate) enum Inside<'a> {
    /// `TRUYVAN` with these elements.
    Question(&'a [(&'a str, &'a str)]),
    /// One element with a text: a whole document.
    Document(&'a str, &'a str),
}

/// HEADER and BODY in canonical XML, without namespaces, attributes or anything between them.
pub(crate) struct Data(String);

impl Data {
    pub(crate) fn new(header: &Header<'_>, row: &Row<'_>) -> Self {
        let mut out = String::with_capacity(1024);
        put_header(header, &mut out);
        out.push_str("<BODY><ROW>");
        match row.inside {
            Inside::Question(fields) => {
                out.push_str("<TRUYVAN>");
                fields.iter().for_each(|(name, text)| put(name, text, &mut out));
                out.push_str("</TRUYVAN>");
            }
            Inside::Document(name, text) => put(name, text, &mut out),
        }
        put("TYPE", row.kind, &mut out);
        put("NAME", row.name, &mut out);
        out.push_str("</ROW></BODY>");
        Self(out)
    }

    /// What a signature covers: canonical as it stands.
    pub(crate) fn signed_part(&self) -> &str {
        &self.0
    }

    /// The whole message. `signature` is markup.
    pub(crate) fn whole(&self, signature: &str) -> String {
        format!("<DATA>{}<SECURITY>{signature}</SECURITY></DATA>", self.0)
    }
}

fn put_header(header: &Header<'_>, out: &mut String) {
    let Header { sender_code, sender_name, receiver_code, receiver_name, tran_code, message_id, send_date } = *header;
    let fields = [
        ("VERSION", "1"),
        ("SENDER_CODE", sender_code),
        ("SENDER_NAME", sender_name),
        ("RECEIVER_CODE", receiver_code),
        ("RECEIVER_NAME", receiver_name),
        ("TRAN_CODE", tran_code),
        ("MSG_ID", message_id),
        ("MSG_REFID", ""),
        ("ID_LINK", ""),
        ("SEND_DATE", send_date),
        ("ORIGINAL_CODE", ""),
        ("ORIGINAL_NAME", ""),
        ("ORIGINAL_DATE", ""),
        ("ERROR_CODE", ""),
        ("ERROR_DESC", ""),
        ("SPARE1", ""),
        ("SPARE2", ""),
        ("SPARE3", ""),
    ];
    out.push_str("<HEADER>");
    fields.iter().for_each(|(name, text)| put(name, text, out));
    out.push_str("</HEADER>");
}

/// An element as canonical XML has it: never short, escaped no more than it must be.
fn put(name: &str, text: &str, out: &mut String) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    escape(text, out);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// The escapes of canonical XML for text. A carriage return must be one, or reading would make it a line feed.
pub(crate) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}
