//! `<DATA>` as GIP reads it: the header in its order, then what is asked; a message that is no question is a slip. It must not answer.

use super::options::Texts;
use crate::net::xml::{Node, tree};

/// The header's elements, in order.
pub(super) const HEADER: [&str; 18] = [
    "VERSION",
    "SENDER_CODE",
    "SENDER_NAME",
    "RECEIVER_CODE",
    "RECEIVER_NAME",
    "TRAN_CODE",
    "MSG_ID",
    "MSG_REFID",
    "ID_LINK",
    "SEND_DATE",
    "ORIGINAL_CODE",
    "ORIGINAL_NAME",
    "ORIGINAL_DATE",
    "ERROR_CODE",
    "ERROR_DESC",
    "SPARE1",
    "SPARE2",
    "SPARE3",
];

/// Who asks, under which id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) sender: String,
    pub(super) sender_name: String,
    pub(super) message_id: String,
    pub(super) tran_code: String,
}

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Question {
    Taxpayer {
        tax_code: String,
    },
    /// How the question names its two keys is not public: they are told apart by what they look like.
    Ledger {
        dossier: String,
        owner: String,
    },
    /// Everything that is none of the questions, with the dossier it names.
    Slip {
        dossier: Option<String>,
    },
}

impl Question {
    /// The name under which the report counts it and faults wait for it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Taxpayer { .. } => "00003",
            Self::Ledger { .. } => "00109",
            Self::Slip { .. } => "slip",
        }
    }
}

/// A message that was understood.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) header: Header,
    pub(super) question: Question,
}

/// The error names the rule and, after a colon, the element.
pub(super) fn read(text: &str, texts: &Texts) -> Result<Message, String> {
    let root = tree(text.trim()).map_err(|problem| format!("bad-data: {problem}"))?;
    let header = root.child("HEADER");
    let row = root.child("BODY").and_then(|body| body.child("ROW"));
    let kind = row.and_then(|row| row.value("TYPE")).unwrap_or_default();
    let question = match (header, row, kind) {
        (Some(_), Some(row), "00003") => {
            let asked = row.child("TRUYVAN").and_then(|asked| asked.value("MST")).ok_or("missing: MST")?;
            Question::Taxpayer { tax_code: asked.to_owned() }
        }
        (Some(_), Some(row), kind) if kind == texts.ledger_question => ledger(row)?,
        // A slip has a form of its own, which is not public: it need not be GIP's message at all.
        (_, _, _) => Question::Slip { dossier: dossier_in(&root) },
    };
    let header = match (&question, header) {
        (Question::Slip { .. }, None) => Header::default(),
        (_, Some(node)) => read_header(node)?,
        (_, None) => return Err("missing: HEADER".to_owned()),
    };
    Ok(Message { header, question })
}

fn ledger(row: &Node) -> Result<Question, String> {
    let asked = row.child("TRUYVAN").ok_or("missing: TRUYVAN")?;
    let values = || asked.children.iter().map(|child| child.text.trim());
    let dossier = values().find(|text| is_dossier(text)).ok_or("missing: dossier code")?.to_owned();
    let owner = values().find(|text| matches!(text.len(), 9..=13) && text.bytes().all(|b| b.is_ascii_digit()));
    Ok(Question::Ledger { dossier, owner: owner.ok_or("missing: owner's number")?.to_owned() })
}

fn read_header(node: &Node) -> Result<Header, String> {
    let names: Vec<&str> = node.children.iter().map(|child| child.name.as_str()).collect();
    if let Some((place, wanted)) = HEADER.iter().enumerate().find(|(place, name)| names.get(*place) != Some(*name)) {
        let found = names.get(place).copied().unwrap_or("nothing");
        return Err(format!("header-order: {wanted} is wanted, {found} stands there"));
    }
    let needed = |name: &str| node.value(name).map(str::to_owned).ok_or_else(|| format!("missing: {name}"));
    if needed("RECEIVER_CODE")? != "GIP" {
        return Err("not-for-gip: RECEIVER_CODE".to_owned());
    }
    let tran_code = needed("TRAN_CODE")?;
    if tran_code.len() != 5 || !tran_code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("bad-form: TRAN_CODE".to_owned());
    }
    if !is_send_date(&needed("SEND_DATE")?) {
        return Err("bad-form: SEND_DATE".to_owned());
    }
    Ok(Header {
        sender: needed("SENDER_CODE")?,
        sender_name: node.value("SENDER_NAME").unwrap_or_default().to_owned(),
        message_id: needed("MSG_ID")?,
        tran_code,
    })
}

/// `dd-MM-yyyy HH:mm:ss` or `dd-MMM-yyyy HH:mm:ss`, on a day that exists.
fn is_send_date(text: &str) -> bool {
    ["%d-%m-%Y %H:%M:%S", "%d-%b-%Y %H:%M:%S"].iter().any(|form| jiff::civil::DateTime::strptime(form, text).is_ok())
}

/// `<organisation>-yyMMdd-<serial>`, in either order of the organisation's parts.
pub(super) fn is_dossier(text: &str) -> bool {
    let mut parts = text.rsplitn(3, '-');
    let digits = |part: Option<&str>, least: usize, most: usize| {
        part.is_some_and(|part| (least..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let root = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.'))
    };
    digits(parts.next(), 1, 12) && digits(parts.next(), 6, 6) && root(parts.next())
}

/// The first dossier code anywhere in the document.
fn dossier_in(node: &Node) -> Option<String> {
    let own = node.text.trim();
    if is_dossier(own) {
        return Some(own.to_owned());
    }
    node.children.iter().find_map(dossier_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(header: &str, row: &str) -> Result<Message, String> {
        read(&format!("<DATA><HEADER>{header}</HEADER><BODY><ROW>{row}</ROW></BODY></DATA>"), &Texts::default())
    }

    pub(crate) fn header(date: &str) -> String {
        HEADER
            .iter()
            .map(|name| match *name {
                "RECEIVER_CODE" => "<RECEIVER_CODE>GIP</RECEIVER_CODE>".to_owned(),
                "TRAN_CODE" => "<TRAN_CODE>00003</TRAN_CODE>".to_owned(),
                "SENDER_CODE" => "<SENDER_CODE>PARTNER</SENDER_CODE>".to_owned(),
                "MSG_ID" => "<MSG_ID>1</MSG_ID>".to_owned(),
                "SEND_DATE" => format!("<SEND_DATE>{date}</SEND_DATE>"),
                other => format!("<{other}/>"),
            })
            .collect()
    }

    const TAXPAYER: &str = "<TRUYVAN><MST>2800000002</MST></TRUYVAN><TYPE>00003</TYPE>";

    #[test]
    fn questions_and_slips_are_told_apart() {
        let asked = message(&header("15-01-2025 08:30:00"), TAXPAYER).unwrap();
        assert_eq!(asked.question, Question::Taxpayer { tax_code: "2800000002".into() });
        let keys = "<TRUYVAN><X>H56.14-250115-0007</X><Y>038199000001</Y></TRUYVAN><TYPE>00109</TYPE>";
        let asked = message(&header("15-Jan-2025 08:30:00"), keys).unwrap();
        let wanted = Question::Ledger { dossier: "H56.14-250115-0007".into(), owner: "038199000001".into() };
        assert_eq!(asked.question, wanted);
        let slip = read("<PhieuChuyen><ma>H56.14-250115-0007</ma></PhieuChuyen>", &Texts::default()).unwrap();
        assert_eq!(slip.question, Question::Slip { dossier: Some("H56.14-250115-0007".into()) });
    }

    #[test]
    fn the_headers_order_and_forms_are_rules() {
        let swapped = header("15-01-2025 08:30:00")
            .replace("<VERSION/><SENDER_CODE>PARTNER</SENDER_CODE>", "<SENDER_CODE>PARTNER</SENDER_CODE><VERSION/>");
        assert!(message(&swapped, TAXPAYER).unwrap_err().starts_with("header-order: VERSION"));
        for bad in ["30-02-2025 08:30:00", "2025-01-15", "15/01/2025 08:30:00"] {
            assert_eq!(message(&header(bad), TAXPAYER).unwrap_err(), "bad-form: SEND_DATE", "{bad}");
        }
    }
}
