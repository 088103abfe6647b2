//! A request ready to go, whatever its body is. It sends nothing.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::Url;

/// One request. The body is bytes of any kind, named by its content type: JSON, XML, a form, multipart with its boundary.
#[derive(Clone)]
pub struct Outgoing {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Bytes>,
}

impl Outgoing {
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    pub fn delete(url: Url) -> Self {
        Self::new(Method::DELETE, url)
    }

    pub fn post(url: Url, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        Self::new(Method::POST, url).with_body(content_type, body)
    }

    pub fn put(url: Url, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        Self::new(Method::PUT, url).with_body(content_type, body)
    }

    /// A request without body and headers.
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: None }
    }

    #[must_use]
    pub fn with_body(mut self, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, content_type);
        self.body = Some(body.into());
        self
    }

    /// All of them, each instead of one of the same name.
    #[must_use]
    pub fn with_headers(mut self, headers: &HeaderMap) -> Self {
        for (name, value) in headers {
            self.headers.insert(name, value.clone());
        }
        self
    }

    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Nothing that a connection could be seen to read.
    pub(crate) fn has_no_body(&self) -> bool {
        self.body.as_ref().is_none_or(Bytes::is_empty)
    }
}

impl std::fmt::Debug for Outgoing {
    /// Never the content, nor the address below its host: both may name a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.body.as_ref().map_or(0, Bytes::len);
        write!(f, "Outgoing({} {}, {bytes} bytes)", self.method, self.url.host_str().unwrap_or("?"))
    }
}
