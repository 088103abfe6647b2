//! Logging in and out, with what was typed into a form when its session ended. It tells nobody which names exist.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use lienthong_core::text::excerpt;
use lienthong_core::{Fault, FaultCode};
use maud::{Markup, html};
use tower::ServiceExt as _;

use crate::form::{Fields, Form, Query};
use crate::guard::{Continued, LIVE, Visit, give, is_own, read, see, set};
use crate::refused::{Answer, Refused, foreign};
use crate::session::{Session, cookie};
use crate::shown::logged;
use crate::text::{Language, fill, language_of};
use crate::throttle::Who;
use crate::users::{PASSWORD_BYTES, verify};
use crate::{Console, Peer, User, layout};

/// Passwords verified at once: each takes a core and its memory.
pub(crate) const HASHES_AT_ONCE: usize = 2;
/// Longest wait for one's turn.
const TURN: Duration = Duration::from_secs(10);
/// A login form with the largest form inside, encoded twice.
const LOGIN_BYTES: usize = 256 * 1024;
const HOME: &str = "/console";

/// What the login needs: the pages too, to go on where a form was interrupted.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) console: Console,
    pub(crate) pages: Router,
}

/// Where to go on after the login, and with which form.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    next: String,
    form: String,
}

impl Kept {
    /// The request that met no session.
    pub(crate) fn of(parts: &Parts, fields: &Fields) -> Self {
        let path = if parts.method == Method::POST {
            parts.uri.path()
        } else {
            parts.uri.path_and_query().map_or(HOME, |path| path.as_str())
        };
        Self { next: own_path(path).to_owned(), form: fields.kept() }
    }

    fn from(fields: &Fields) -> Self {
        Self { next: own_path(fields.get("next")).to_owned(), form: fields.get("kept").to_owned() }
    }
}

/// The path if it is a page of the console; its first page otherwise.
fn own_path(path: &str) -> &str {
    let below = path.strip_prefix(HOME).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let harmless = path.len() <= 2048 && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if below && harmless && !path.contains("//") { path } else { HOME }
}

/// The login page.
pub(crate) async fn show(State(door): State<Door>, headers: HeaderMap, Query(query): Query) -> Response {
    let chosen = Language::of(query.get("language"));
    let language = chosen.unwrap_or_else(|| spoken(&headers));
    let kept = Kept { next: own_path(query.get("next")).to_owned(), form: String::new() };
    let mut response = page(language, &kept, "", None);
    if let Some(chosen) = chosen {
        let limits = door.console.0.parts.sessions.load();
        set(&mut response, &chosen.cookie(limits.secure));
    }
    response
}

/// A request without a session: to the login page, or the login page itself where a form must not be lost.
pub(crate) fn wanted(_console: &Console, parts: &Parts, kept: Kept) -> Response {
    if parts.headers.contains_key(LIVE) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if parts.method != Method::POST {
        return see(&Fields::default().link("/console/login", "next", &kept.next));
    }
    let language = spoken(&parts.headers);
    let mut response = page(language, &kept, "", Some(language.words().login.ended));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response
}

/// A form that is not even looked at.
pub(crate) fn turned_away(_console: &Console, parts: &Parts, Refused(fault): Refused) -> Response {
    let language = spoken(&parts.headers);
    let status = StatusCode::from_u16(fault.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
    let content = layout::fault_text(language, &fault);
    layout::bare(language, status, language.words().refusal.title, &content)
}

/// Checks name and password; the answer is the same whatever is wrong with them.
pub(crate) async fn enter(State(door): State<Door>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !is_own(&parts.headers) {
        return turned_away(&door.console, &parts, foreign());
    }
    let fields = match read(body, LOGIN_BYTES).await {
        Ok(bytes) => Fields::read(&bytes),
        Err(refused) => return turned_away(&door.console, &parts, refused),
    };
    let language = spoken(&parts.headers);
    let (kept, words) = (Kept::from(&fields), &language.words().login);
    let name = excerpt(fields.get("name").trim(), lienthong_core::limits::NAME_BYTES);
    match admitted(&door.console, &parts, &name, fields.get("password")).await {
        Ok(Some(user)) => go_on(&door, &parts, &user, kept).await,
        Ok(None) => {
            let mut response = page(language, &kept, &name, Some(words.wrong));
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            response
        }
        Err(Held::Wait(wait)) => {
            let minutes = wait.as_secs().div_ceil(60);
            let said = fill(words.wait, &[("minutes", &minutes)]);
            let mut response = page(language, &kept, &name, Some(&said));
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
            response
        }
        Err(Held::Busy) => {
            let busy = Fault::new(FaultCode::Overloaded.kind(), FaultCode::Overloaded, "too many log in at once");
            turned_away(&door.console, &parts, busy.into())
        }
    }
}

/// Why a password was not even looked at.
enum Held {
    Wait(Duration),
    Busy,
}

async fn admitted(console: &Console, parts: &Parts, name: &str, password: &str) -> Result<Option<Arc<User>>, Held> {
    let address = parts.extensions.get::<Peer>().map(|Peer(address)| network(*address));
    let who = [Who::User(name.to_owned()), Who::Address(address)];
    let monotonic = console.0.parts.clock.monotonic();
    console.0.throttle.lock().begin(&who, monotonic).map_err(|wait| {
        tracing::warn!(target: "lienthong::audit", user = logged(name), ?address, "login held up after failures");
        Held::Wait(wait)
    })?;
    let user = console.0.parts.users.load().get(name).cloned();
    let turn = tokio::time::timeout(TURN, console.0.hashing.acquire()).await;
    let Ok(Ok(_turn)) = turn else { return Err(Held::Busy) };
    let (known, password) = (user.clone(), excerpt_bytes(password));
    let verified = tokio::task::spawn_blocking(move || verify(known.as_deref(), &password)).await.unwrap_or(false);
    let admitted = user.filter(|_| verified);
    match &admitted {
        Some(user) => {
            console.0.throttle.lock().succeeded(&who);
            tracing::info!(target: "lienthong::audit", user = user.name, ?address, "logged in");
        }
        None => tracing::warn!(target: "lienthong::audit", user = logged(name), ?address, "login failed"),
    }
    Ok(admitted)
}

/// A longer password is nobody's: only so much of it is looked at, with a mark that makes it another one.
fn excerpt_bytes(password: &str) -> String {
    if password.len() <= PASSWORD_BYTES { password.to_owned() } else { excerpt(password, PASSWORD_BYTES / 4) }
}

/// Whoever has one address of version 6 has billions: the network counts.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => v6
            .to_ipv4_mapped()
            .map_or_else(|| IpAddr::V6(Ipv6Addr::from(u128::from(v6) & (u128::MAX << 64))), IpAddr::V4),
    }
}

/// To the page asked for, or to the interrupted form, filled in.
async fn go_on(door: &Door, parts: &Parts, user: &User, kept: Kept) -> Response {
    let session = Session::begin(&user.name, door.console.now());
    let mut response =
        if kept.form.is_empty() { see(&kept.next) } else { shown_again(door, parts, &session, kept).await };
    give(&door.console, &mut response, &session, user);
    response
}

async fn shown_again(door: &Door, parts: &Parts, session: &Session, kept: Kept) -> Response {
    let mut request = Request::new(Body::from(kept.form));
    *request.method_mut() = Method::POST;
    let Ok(path) = kept.next.parse() else { return see(HOME) };
    *request.uri_mut() = path;
    if let Some(cookies) = parts.headers.get(header::COOKIE) {
        request.headers_mut().insert(header::COOKIE, cookies.clone());
    }
    request.extensions_mut().insert(Continued(session.clone()));
    match door.pages.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Ends the session, for good.
pub(crate) async fn leave(State(console): State<Console>, visit: Visit, form: Form) -> Answer {
    let Form::Sent(_) = form else { return Ok(see(HOME)) };
    let limits = console.0.parts.sessions.load();
    console.0.ended.lock().add(&visit.session, &limits, console.now());
    tracing::info!(target: "lienthong::audit", user = visit.user.name, "logged out");
    let mut response = see("/console/login");
    set(&mut response, &cookie(None, &limits));
    Ok(response)
}

/// Vietnamese unless the visitor chose, or the browser asks for English and not for Vietnamese.
fn spoken(headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let prefers = if accepted.contains("en") && !accepted.contains("vi") { Language::En } else { Language::Vi };
    language_of(headers).unwrap_or(prefers)
}

fn page(language: Language, kept: &Kept, name: &str, notice: Option<&str>) -> Response {
    layout::bare(language, StatusCode::OK, language.words().login.title, &content(language, kept, name, notice))
}

fn content(language: Language, kept: &Kept, name: &str, notice: Option<&str>) -> Markup {
    let words = &language.words().login;
    let other = language.other();
    let switch = Fields::default().link("/console/login", "language", other.as_str());
    html! {
        @if let Some(notice) = notice { p.notice role="alert" { (notice) } }
        @if !kept.form.is_empty() { p.notice { (words.kept) } }
        form.narrow method="post" action="/console/login" {
            input type="hidden" name="next" value=(kept.next);
            @if !kept.form.is_empty() { input type="hidden" name="kept" value=(kept.form); }
            label { (words.name) input name="name" value=(name) required autofocus autocomplete="username" autocapitalize="none" maxlength="64"; }
            label { (words.password) input type="password" name="password" required autocomplete="current-password" maxlength="1024"; }
            button.main type="submit" { (words.submit) }
        }
        @if kept.form.is_empty() { p { a href=(switch) lang=(other.as_str()) hreflang=(other.as_str()) { (other.name()) } } }
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn after_a_login_nobody_is_sent_elsewhere() {
        assert_eq!(own_path("/console/errors?system=portal"), "/console/errors?system=portal");
        for elsewhere in
            ["//evil.example", "https://evil.example", "/consoles", "/console//evil", "/console/\\evil", ""]
        {
            assert_eq!(own_path(elsewhere), HOME, "{elsewhere}");
        }
    }

    #[test]
    fn addresses_of_one_network_count_as_one() {
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        assert_eq!(network(one), network("2001:db8::ffff:2".parse().unwrap()));
        assert_ne!(network(one), network("2001:db8:0:1::1".parse().unwrap()));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1".parse::<IpAddr>().unwrap());
    }
}
