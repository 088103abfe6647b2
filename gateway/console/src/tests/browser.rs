//! A browser of sorts, with one tab: cookies, forms, pages read whole. It runs no script.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

pub(super) const BOUNDARY: &str = "----WebKitFormBoundaryx7Lw0cTrQ1";
const DISPOSITION: &str = "Content-Disposition: form-data; name=";

/// Keeps cookies and the newest form's token, as a browser with one tab does.
pub(super) struct Browser {
    pub(super) router: Router,
    pub(super) cookies: BTreeMap<String, String>,
    pub(super) token: String,
}

/// A page read whole.
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Page {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of a hidden field or an input.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let (_, rest) = self.text.split_once(&format!("name=\"{name}\" value=\""))?;
        Some(unescaped(rest.split('"').next()?))
    }
}

pub(super) fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

pub(super) fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl Browser {
    pub(super) async fn send(&mut self, request: http::request::Builder, body: impl Into<Body>) -> Page {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(header::COOKIE, cookies.join("; ")).header(header::HOST, "gw.example");
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let page =
            Page { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() };
        for set in page.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        if let Some(token) = page.value("token") {
            self.token = token;
        }
        page
    }

    /// Another window of the same browser.
    pub(super) fn twin(&self) -> Self {
        Self { router: self.router.clone(), cookies: self.cookies.clone(), token: self.token.clone() }
    }

    /// A stream, not read.
    pub(super) async fn open(&self, path: &str) -> axum::response::Response {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::get(path).header(header::COOKIE, cookies.join("; "));
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    pub(super) async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path), String::new()).await
    }

    /// Posts a form of ours, with the token of the page seen last.
    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token.clone();
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("token", token.as_str())]).collect();
        self.post_as(path, &fields, "http://gw.example").await
    }

    /// Posts exactly these fields from a page of this origin.
    pub(super) async fn post_as(&mut self, path: &str, fields: &[(&str, &str)], origin: &str) -> Page {
        self.send(Request::post(path).header(header::ORIGIN, origin), encoded(fields)).await
    }

    /// Posts a form with files, as browsers write it: fields first, then each file by field, name and content.
    pub(super) async fn post_files(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &str)],
    ) -> Page {
        let token = self.token.clone();
        let typed = [("token", token.as_str())].into_iter().chain(fields.iter().copied());
        let typed = typed.map(|(name, value)| format!("--{BOUNDARY}\r\n{DISPOSITION}\"{name}\"\r\n\r\n{value}\r\n"));
        let files = files.iter().map(|(name, file, content)| {
            let head = format!("{DISPOSITION}\"{name}\"; filename=\"{file}\"\r\nContent-Type: text/csv");
            format!("--{BOUNDARY}\r\n{head}\r\n\r\n{content}\r\n")
        });
        let body: String = typed.chain(files).chain([format!("--{BOUNDARY}--\r\n")]).collect();
        self.post_parts(path, body).await
    }

    /// Posts the body of a form with files as it stands.
    pub(super) async fn post_parts(&mut self, path: &str, body: impl Into<Body>) -> Page {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = Request::post(path).header(header::ORIGIN, "http://gw.example");
        self.send(request.header(header::CONTENT_TYPE, kind), body).await
    }

    pub(super) async fn log_in(&mut self, name: &str, password: &str) -> Page {
        self.post_as("/console/login", &[("name", name), ("password", password)], "http://gw.example").await
    }
}
