//! A request as it came over the wire, read whole within the limit; it must not be understood here.

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming as Body;
use hyper::header::AUTHORIZATION;
use hyper::{HeaderMap, Method, Request};

pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Query,
    pub(crate) dstcode: Option<String>,
    pub(crate) bearer: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why a request could not be read.
pub(crate) enum Unread {
    TooLarge,
    Broken,
}

impl Received {
    pub(crate) async fn read(request: Request<Body>, most: usize) -> Result<Self, Unread> {
        let (head, body) = request.into_parts();
        let body = match Limited::new(body, most).collect().await {
            Ok(whole) => whole.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(Unread::TooLarge),
            Err(_) => return Err(Unread::Broken),
        };
        let query = Query::parse(head.uri.query().unwrap_or_default());
        let header = |name: &str| text_header(&head.headers, name);
        // The axis takes its destination as a header in one client and as a query parameter in two others.
        let dstcode = header("dstcode").or_else(|| query.get("dstcode").map(str::to_owned));
        let bearer = header(AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned));
        let path = decode(head.uri.path());
        Ok(Self { method: head.method, path, query, dstcode, bearer, headers: head.headers, body })
    }
}

fn text_header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(&value.replace('+', " ")))
        });
        Self(pairs.collect())
    }

    /// The names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Percent-decoding; what is not a valid escape stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| *first == b'%').and_then(hex_byte);
        if let Some(byte) = escaped {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn a_query_is_decoded() {
        let query = Query::parse("dstcode=VN%3AGOV:000.00.00.G22:vpcp&maTTHC=1.000094&x=%zz&y=a+b");
        assert_eq!(query.get("dstcode"), Some("VN:GOV:000.00.00.G22:vpcp"));
        assert_eq!(query.get("maTTHC"), Some("1.000094"));
        assert_eq!(query.get("x"), Some("%zz"));
        assert_eq!(query.get("y"), Some("a b"));
        assert_eq!(query.get("z"), None);
    }
}
