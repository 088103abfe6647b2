//! The frame of every page, the page of a refusal, and the headers that keep a page harmless. It knows no list and no act.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use lienthong_core::Fault;
use maud::{DOCTYPE, Markup, html};

use crate::assets::{ICON, SCRIPT, STYLE};
use crate::form::{ONCE, TOKEN};
use crate::guard::Visit;
use crate::pages::NAVIGATION;
use crate::shown::shown;
use crate::text::Language;
use crate::time;

/// Nothing inline, nothing from elsewhere, in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// On every answer of the console. With `no-referrer` browsers would not say which page sent a form.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    const SET: [(HeaderName, &str); 6] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ];
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in SET {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A page of somebody who is logged in.
pub(crate) fn page(visit: &Visit, title: &str, content: &Markup) -> Response {
    framed(visit, StatusCode::OK, title, content)
}

fn framed(visit: &Visit, status: StatusCode, title: &str, content: &Markup) -> Response {
    let words = visit.words();
    let body = html! {
        a.skip href="#content" { (words.common.skip) }
        header.top {
            a.brand href="/console" { (words.common.product) }
            nav aria-label=(words.common.navigation) {
                @for entry in NAVIGATION {
                    a href=(entry.path) aria-current=[is_below(&visit.path, entry.path).then_some("page")] { ((entry.name)(words)) }
                }
            }
            form.who method="post" action="/console/logout" {
                (token(visit))
                span { (shown(&visit.user.display)) }
                button type="submit" { (words.common.log_out) }
            }
        }
        main #content tabindex="-1" {
            h1 { (title) }
            (content)
        }
        footer.quiet { (words.common.zone) " " (time::ZONE) " · " span #live-state data-following=(words.common.live) data-stale=(words.common.stale) {} }
    };
    document(visit.language, status, title, true, &body)
}

/// Whether a page belongs to an entry of the navigation.
fn is_below(path: &str, entry: &str) -> bool {
    path == entry || (entry != "/console" && path.strip_prefix(entry).is_some_and(|rest| rest.starts_with('/')))
}

/// A page of somebody who is not logged in.
pub(crate) fn bare(language: Language, status: StatusCode, title: &str, content: &Markup) -> Response {
    let body = html! {
        main.bare #content {
            p.brand { (language.words().common.product) }
            h1 { (title) }
            (content)
        }
    };
    document(language, status, title, false, &body)
}

/// What went wrong, in the visitor's language, with the code that the documentation explains.
pub(crate) fn refusal(visit: &Visit, fault: &Fault, status: StatusCode) -> Response {
    let content = html! {
        (fault_text(visit.language, fault))
        p { a href="/console" { (visit.words().refusal.home) } }
    };
    framed(visit, status, visit.words().refusal.title, &content)
}

/// A refusal's public text and the fields it names.
pub(crate) fn fault_text(language: Language, fault: &Fault) -> Markup {
    html! {
        p.notice role="alert" { (shown(language.public(fault))) " " span.code { (fault.code.as_str()) } }
        @if !fault.problems.is_empty() {
            ul { @for problem in &fault.problems { li { span.code { (shown(&problem.pointer)) } " " (shown(&problem.problem)) } } }
        }
    }
}

fn document(language: Language, status: StatusCode, title: &str, live: bool, body: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang=(language.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (language.words().common.product) }
                link rel="stylesheet" href=(STYLE.path());
                link rel="icon" href=(ICON.path());
                @if live { script defer src=(SCRIPT.path()) {} }
            }
            body { (body) }
        }
    };
    (status, page).into_response()
}

/// The field by which a form that a browser sends twice is known again.
pub(crate) fn once(visit: &Visit) -> Markup {
    html! { input type="hidden" name=(ONCE) value=(visit.once); }
}

/// The field that proves a form to be the session's.
pub(crate) fn token(visit: &Visit) -> Markup {
    html! { input type="hidden" name=(TOKEN) value=(visit.token); }
}
