//! Logins and tokens of façades, in the two forms callers know. It keeps no session.

use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use super::{Facade, Outcome, Stop, unproved};
use crate::facade::proof::{Issued, Issuing, basic, refused};
use crate::http::body;
use crate::state::AppState;

/// Largest login.
const LOGIN_BYTES: usize = 16 * 1024;

/// What `mapi/login` takes; further fields mean nothing to us.
#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
}

impl Facade {
    pub(super) async fn issue(
        &self,
        state: &AppState,
        issuing: Issuing<'_>,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Response, Stop> {
        let told = Stop::told(Outcome::Refused);
        let _place = state.doors.enter_as_push().map_err(&told)?;
        let limit = LOGIN_BYTES.min(state.limits.body_bytes);
        let received = body::limited(state, headers, body, limit).await.map_err(&told)?;
        match issuing {
            Issuing::Session(issued) => session(state, issued, &received.bytes),
            Issuing::Token(issued) => {
                self.proof.lgsp_header(headers).map_err(unproved)?;
                Ok(token(state, issued, headers, &received.bytes))
            }
        }
    }
}

fn session(state: &AppState, issued: &Issued, body: &[u8]) -> Result<Response, Stop> {
    let login: Option<Login> = serde_json::from_slice(body).ok();
    match login {
        Some(login) if issued.account.is(&login.username, &login.password) => {
            let session = issued.issuer.issue(state.clock.now());
            Ok(Json(json!({ "session": session, "error_code": 0, "message": "" })).into_response())
        }
        Some(_) | None => Err(unproved(refused("the user and password of a login are not the façade's"))),
    }
}

/// As RFC 6749 has it, whatever the façade's own answers are: token clients read no other.
fn token(state: &AppState, issued: &Issued, headers: &HeaderMap, body: &[u8]) -> Response {
    let form: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    if field("grant_type") != Some("client_credentials") {
        return oauth_error(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let by_header = basic(headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()));
    let by_form = || Some((field("client_id")?.to_owned(), field("client_secret")?.to_owned()));
    match by_header.or_else(by_form) {
        Some((id, secret)) if issued.account.is(&id, &secret) => {
            let told = json!({
                "access_token": issued.issuer.issue(state.clock.now()), "token_type": "Bearer",
                "scope": field("scope").unwrap_or("default"), "expires_in": issued.issuer.lifetime().as_secs(),
            });
            Json(told).into_response()
        }
        Some(_) | None => {
            metrics::counter!("lienthong_authentication_failures_total").increment(1);
            oauth_error(StatusCode::UNAUTHORIZED, "invalid_client")
        }
    }
}

fn oauth_error(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
