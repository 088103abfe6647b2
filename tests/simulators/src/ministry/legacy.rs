//! The legacy dialect: forms and flat XML in, XML out, one path an action; it must not misbehave.

use hyper::Method;
use hyper::header::CONTENT_TYPE;

use super::api::{Call, applied};
use super::store::Application;
use crate::net::request::{Query, Received};

/// `None`: no such path or method.
pub(super) fn understand(received: &Received, path: &str) -> Option<Call> {
    match (&received.method, path.trim_matches('/')) {
        (&Method::POST, "TaoGiayPhep") => {
            let fields = Fields::of(received);
            Some(applied(Application {
                holder: fields.get("ChuSoHuu"),
                holder_id: fields.get("CCCD"),
                kind: fields.get("Loai"),
                request_id: fields.get("MaYeuCau"),
                scan_bytes: 0,
            }))
        }
        (&Method::GET, "TraCuuGiayPhep") => Some(match (received.query.get("so"), received.query.get("maYeuCau")) {
            (Some(number), _) => Call::Get(number.to_owned()),
            (None, Some(request)) => Call::ListOfRequest(request.to_owned()),
            (None, None) => Call::Invalid(vec![("so", "REQUIRED")]),
        }),
        (&Method::GET, "DanhSachGiayPhep") => Some(match received.query.get("cccd") {
            Some(holder) => Call::ListOfHolder(holder.to_owned()),
            None => Call::Invalid(vec![("cccd", "REQUIRED")]),
        }),
        (&Method::POST, "HuyGiayPhep") => {
            let fields = Fields::of(received);
            Some(match (fields.get("SoGiayPhep"), fields.get("LyDo")) {
                (number, reason) if number.is_empty() || reason.is_empty() => Call::Invalid(vec![("LyDo", "REQUIRED")]),
                (number, _) => Call::Cancel(number),
            })
        }
        (_, _) => None,
    }
}

/// Named texts of a form, or the children of a flat XML document.
enum Fields {
    Form(Query),
    Xml(String),
}

impl Fields {
    fn of(received: &Received) -> Self {
        let text = String::from_utf8_lossy(&received.body).into_owned();
        let xml = received.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if xml.is_some_and(|kind| kind.contains("xml")) { Self::Xml(text) } else { Self::Form(Query::parse(&text)) }
    }

    fn get(&self, name: &str) -> String {
        match self {
            Self::Form(query) => query.get(name).unwrap_or_default().to_owned(),
            Self::Xml(text) => {
                let inside =
                    text.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once(&format!("</{name}>")));
                let text = inside.map(|(inside, _)| inside).unwrap_or_default();
                text.replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&quot;", "\"")
                    .replace("&apos;", "'")
                    .replace("&amp;", "&")
            }
        }
    }
}
