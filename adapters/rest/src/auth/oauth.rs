//! OAuth 2 client credentials as this adapter is configured: the request for a token. Fetching and keeping it is the kit's.

use http::HeaderMap;
use http::header::{ACCEPT, AUTHORIZATION};
use lienthong_core::secret::{ExposeSecret, SecretString};
use lienthong_kit::auth;
use lienthong_kit::session::Sessions;
use lienthong_kit::token::{TokenParts, TokenRequest};
use lienthong_kit::words::{Phrases, Words};

use crate::config::{ClientProof, OAuth2Config};

const JSON: http::HeaderValue = http::HeaderValue::from_static("application/json");

pub(super) fn sessions(config: &OAuth2Config, parts: TokenParts<'_>) -> Result<Sessions<SecretString>, String> {
    let OAuth2Config { token_url, client_id, client_secret, proof, scope, fields, lifetime, renew_before, timeout } =
        config;
    let (id, secret) = (parts.secrets.read(client_id)?, parts.secrets.read(client_secret)?);
    let mut form = vec![("grant_type".to_owned(), SecretString::from("client_credentials"))];
    form.extend(scope.iter().map(|scope| ("scope".to_owned(), SecretString::from(scope.as_str()))));
    form.extend(fields.iter().map(|(name, value)| (name.clone(), SecretString::from(value.as_str()))));
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, JSON);
    match proof {
        // RFC 6749 §2.3.1: both parts are form-encoded before they are put together.
        ClientProof::Basic => {
            let password = SecretString::from(encoded(secret.expose_secret()));
            let value = auth::basic(&encoded(id.expose_secret()), &password);
            headers.insert(AUTHORIZATION, value.map_err(|problem| format!("{client_secret} {problem}"))?);
        }
        ClientProof::Form => {
            form.push(("client_id".to_owned(), id));
            form.push(("client_secret".to_owned(), secret));
        }
    }
    let request = TokenRequest {
        url: token_url.url().clone(),
        headers,
        form,
        lifetime: lifetime.0,
        renew_before: renew_before.0,
    };
    Ok(request.sessions(timeout.0, parts))
}

/// Token end points are judged by status and shape; their words are nobody's standard.
pub(super) fn nothing_said() -> Words {
    let none = Vec::new;
    Words::new(&Phrases {
        success: none(),
        failure: none(),
        exists: none(),
        not_found: none(),
        session_expired: none(),
        throttled: none(),
        maintenance: none(),
        address_refused: none(),
        unreachable_file: none(),
    })
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
