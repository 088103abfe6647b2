//! What every page passes: the session, the proof that a form is ours, and the page of a refusal. Nothing typed is lost when a session has ended.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use lienthong_core::{Fault, FaultCode, Role};

use crate::form::{Fields, Form, TOKEN};
use crate::login::{self, Kept};
use crate::once::{self, Known};
use crate::refused::{Refused, foreign, not_permitted};
use crate::session::{Session, cookie, cookie_name};
use crate::text::{Language, Words, language_of};
use crate::upload::{self, Came};
use crate::{Console, User, layout, pages};

/// Largest form: an edited transform, whatever its escapes, fits.
pub(crate) const FORM_BYTES: usize = 128 * 1024;
/// How long a form may take to come.
const FORM_WITHIN: Duration = Duration::from_secs(10);
/// The header by which the console's own script asks for a page again: it keeps no session alive.
pub(crate) const LIVE: &str = "x-console-live";

/// Who asks, for the length of one request.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) user: Arc<User>,
    pub(crate) session: Session,
    pub(crate) token: String,
    pub(crate) language: Language,
    /// What makes the forms of this page known again when they are sent twice.
    pub(crate) once: String,
    /// The page's own path.
    pub(crate) path: String,
}

impl Visit {
    pub(crate) fn words(&self) -> &'static Words {
        self.language.words()
    }

    pub(crate) fn has(&self, role: Role) -> bool {
        self.user.has(role)
    }

    pub(crate) fn require(&self, role: Role) -> Result<(), Refused> {
        if self.has(role) { Ok(()) } else { Err(not_permitted(&self.user.name, role)) }
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refused> {
        let defect = || Fault::new(FaultCode::Internal.kind(), FaultCode::Internal, "a page is outside of the guard");
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Refused::from(defect()))
    }
}

/// A form that goes on after a login, shown again and not carried out: a request extension no client can send.
#[derive(Debug, Clone)]
pub(crate) struct Continued(pub(crate) Session);

/// Wraps every page.
pub(crate) async fn guard(State(console): State<Console>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let continued = parts.extensions.remove::<Continued>();
    let posted = parts.method == Method::POST;
    if posted && continued.is_none() && !is_own(&parts.headers) {
        return login::turned_away(&console, &parts, foreign());
    }
    let Came { fields, files } = match form(&console, &parts, body, posted).await {
        Ok(came) => came,
        Err(refused) => return not_received(&console, &parts, refused),
    };
    let going_on = continued.as_ref().map(|Continued(session)| session.clone());
    let Some(visit) = visit(&console, &parts, going_on) else {
        return login::wanted(&console, &parts, Kept::of(&parts, &fields));
    };
    let ours = continued.is_none() && visit.session.is_token(&console.0.parts.key, fields.get(TOKEN));
    let unproven = posted && continued.is_none() && !ours;
    let known = (posted && ours).then(|| Known::of(&visit.session, parts.uri.path(), &fields)).flatten();
    parts.extensions.insert(if posted && ours { Form::Sent(fields) } else { Form::Again(fields) });
    parts.extensions.insert(files);
    let refreshed = parts.headers.contains_key(LIVE);
    parts.extensions.insert(visit.clone());
    let carried_out = {
        let (request, visit) = (Request::from_parts(parts, Body::empty()), visit.clone());
        async move { shown(next.run(request).await, &visit) }
    };
    let mut response = match known {
        Some(known) => once::carried_out(&console, known, carried_out).await,
        None => carried_out.await,
    };
    if unproven && response.status().is_success() {
        *response.status_mut() = StatusCode::FORBIDDEN;
    }
    if refreshed { response } else { renewed(&console, response, &visit) }
}

async fn form(console: &Console, parts: &Parts, body: Body, posted: bool) -> Result<Came, Refused> {
    if !posted {
        return Ok(Came::default());
    }
    let files = pages::files_of(parts.uri.path()).and_then(|expected| Some((expected, upload::boundary(parts)?)));
    let Some((expected, boundary)) = files else {
        let fields = Fields::read(&read(body, FORM_BYTES).await?);
        return Ok(Came { fields, ..Came::default() });
    };
    match visit(console, parts, None) {
        Some(visit) => {
            if let Err(refused) = visit.require(expected.role) {
                return Err(upload::turned_down(body, refused).await);
            }
            let ours = |fields: &Fields| visit.session.is_token(&console.0.parts.key, fields.get(TOKEN));
            upload::receive(console, body, (expected, boundary), ours).await
        }
        None => Ok(Came { fields: upload::typed(body, boundary).await, ..Came::default() }),
    }
}

/// A form that did not come whole, in the frame of whoever sent it.
fn not_received(console: &Console, parts: &Parts, refused: Refused) -> Response {
    match visit(console, parts, None) {
        Some(visit) => shown(refused.into_response(), &visit),
        None => login::turned_away(console, parts, refused),
    }
}

/// A small body within the limit and the time.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, Refused> {
    let refused = |code: FaultCode, why: &str| Refused::from(Fault::new(code.kind(), code, why));
    match tokio::time::timeout(FORM_WITHIN, Limited::new(body, limit).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(_)) => Err(refused(FaultCode::BodyTooLarge, "the form broke off or is larger than any of ours")),
        Err(_) => Err(refused(FaultCode::SlowRequest, "the form did not come in time")),
    }
}

/// Whether a form was sent by a page of ours, as far as the browser tells. The session's token is asked for besides.
pub(crate) fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = headers.get("sec-fetch-site") {
        return matches!(site.to_str(), Ok("same-origin" | "none"));
    }
    match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
    }
}

fn visit(console: &Console, parts: &Parts, going_on: Option<Session>) -> Option<Visit> {
    let limits = console.0.parts.sessions.load();
    let users = console.0.parts.users.load();
    let (user, session) = match going_on {
        Some(session) => (Arc::clone(users.get(&session.user)?), session),
        None => {
            let shown = cookie_of(&parts.headers, cookie_name(&limits))?;
            let user = Arc::clone(users.get(Session::claimed(shown)?)?);
            let session = Session::open(&console.0.parts.key, shown, &user, console.now(), &limits)?;
            (user, session)
        }
    };
    if console.0.ended.lock().holds(&session) {
        return None;
    }
    let token = session.token(&console.0.parts.key);
    let language = language_of(&parts.headers).unwrap_or(user.language);
    Some(Visit { user, session, token, language, once: once::fresh(), path: parts.uri.path().to_owned() })
}

/// A cookie's value; of several with one name the first.
pub(crate) fn cookie_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// A refusal as a page.
fn shown(mut response: Response, visit: &Visit) -> Response {
    let Some(refused) = response.extensions_mut().remove::<Refused>() else { return response };
    layout::refusal(visit, &refused.0, response.status())
}

fn renewed(console: &Console, mut response: Response, visit: &Visit) -> Response {
    let Some(session) = visit.session.renewed(console.now()) else { return response };
    // A logout has taken the cookie back already.
    if !response.headers().contains_key(header::SET_COOKIE) {
        give(console, &mut response, &session, &visit.user);
    }
    response
}

/// Sets the session's cookie.
pub(crate) fn give(console: &Console, response: &mut Response, session: &Session, user: &User) {
    let limits = console.0.parts.sessions.load();
    let value = session.seal(&console.0.parts.key, user);
    set(response, &cookie(Some(&value), &limits));
}

pub(crate) fn set(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// A redirect to a page of ours.
pub(crate) fn see(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn forms_of_other_sites_are_told_by_what_the_browser_says() {
        assert!(is_own(&headers(&[("origin", "https://gw.example:8443"), ("host", "gw.example:8443")])));
        assert!(is_own(&headers(&[("sec-fetch-site", "same-origin"), ("origin", "https://a"), ("host", "inner")])));
        assert!(!is_own(&headers(&[("origin", "https://evil.example"), ("host", "gw.example:8443")])));
        assert!(!is_own(&headers(&[("origin", "null"), ("host", "gw.example")])));
        assert!(!is_own(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(!is_own(&headers(&[("sec-fetch-site", "same-site"), ("host", "a"), ("origin", "https://a")])));
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let headers = headers(&[("cookie", "xa=0; a=1; b=2")]);
        assert_eq!((cookie_of(&headers, "a"), cookie_of(&headers, "b")), (Some("1"), Some("2")));
        assert_eq!(cookie_of(&headers, "c"), None);
    }
}
