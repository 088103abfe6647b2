//! Credentials as header values that never print themselves. It obtains none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use lienthong_core::secret::{ExposeSecret, SecretString};

/// `Authorization: Bearer …`. The text says what is wrong with the token and does not repeat it.
pub fn bearer(token: &SecretString) -> Result<HeaderValue, String> {
    sensitive(&format!("Bearer {}", token.expose_secret()))
}

/// `Authorization: Basic …` over UTF-8.
pub fn basic(user: &str, password: &SecretString) -> Result<HeaderValue, String> {
    sensitive(&format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose_secret()))))
}

/// A secret as the value of a header of its own, as an API key is.
pub fn sensitive(secret: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(secret).map_err(|_| "holds characters a header cannot have".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_written_as_headers_and_never_printed() {
        let value = basic("Aladdin", &"open sesame".into()).unwrap();
        assert_eq!(value.to_str().unwrap(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(!format!("{value:?}").contains("QWxh"));
        assert_eq!(bearer(&"abc".into()).unwrap().to_str().unwrap(), "Bearer abc");
        let refusal = bearer(&"kho\u{e1}\n".into()).unwrap_err();
        assert!(!refusal.contains("kho"), "{refusal}");
    }
}
